/* SPDX-License-Identifier: MIT
 * Marked calls: each is made in a line that the program says itself, as a line of JSON on standard output,
 *
 *     {"mark": 1, "file": "a.c", "line": 10, "function": "main", "how": "direct", "callers": []}
 *
 * before it makes the call. "callers" are functions further out, in this order; others may stand between them. What may
 * follow: "inlined" (the function is a part of the first caller), "end" (how the stack ends; null: in any way), "call"
 * and "argument" (which call it is, and its first argument). null is what there is not. Otherwise the call itself says
 * which mark it is:
 *
 *     close(-1000 - N)      or the content "mark N\n"      or a path that ends with "/mark N"
 *
 * MARK() has to stand in one line: that is the one which is meant. */
#ifndef MARKS_H
#define MARKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A function of its own in every build. */
#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noinline, noclone, noipa))
#endif
#define WITHIN static inline __attribute__((always_inline))

/* Words, as an array of strings. */
static APART void mark_words(char *array, size_t size, const char *words) {
    size_t used = 0;
    for (const char *next = words; *next && used < size; next += *next == ' ') {
        size_t length = strcspn(next, " ");
        used += (size_t)snprintf(array + used, size - used, "%s\"%.*s\"", used ? ", " : "", (int)length, next);
        next += length;
    }
    if (used >= size) {
        abort();
    }
}

/* `callers`: with a space between; `more`: further members, each with a comma before it. */
static APART void mark_say(int number, const char *file, int line, const char *function, const char *how,
                           const char *callers, const char *more) {
    char text[2048];
    char outer[512] = "", place[512] = "null, \"line\": null", name[256] = "null";
    if (file) {
        snprintf(place, sizeof(place), "\"%s\", \"line\": %d", file, line);
    }
    if (function) {
        snprintf(name, sizeof(name), "\"%s\"", function);
    }
    mark_words(outer, sizeof(outer), callers);
    int length = snprintf(text, sizeof(text),
                          "{\"mark\": %d, \"file\": %s, \"function\": %s, \"how\": \"%s\", \"callers\": [%s]%s}\n",
                          number, place, name, how, outer, more);
    if (length < 0 || (size_t)length >= sizeof(text) || write(1, text, (size_t)length) != length) {
        abort();
    }
}

/* Nothing of what follows the call may be left out, or it would be a jump. */
#define STAYS() __asm__ volatile("" ::: "memory")

#define MARK_AS(number, function, how, callers, more, call)                                                            \
    do {                                                                                                               \
        mark_say(number, __FILE__, __LINE__, function, how, callers, more), (void)(call);                              \
        STAYS();                                                                                                       \
    } while (0)
#define MARK_MORE(number, how, callers, more, call) MARK_AS(number, __func__, how, callers, more, call)
#define MARK_IN(number, how, callers, call) MARK_AS(number, __func__, how, callers, "", call)
#define INLINED ", \"inlined\": true"
/* Without caller, and without anything that says so. */
#define ANY_END ", \"end\": null"
#define CUT ", \"end\": \"cut\""
#define ELSEWHERE ", \"end\": \"elsewhere\""
#define CALLS(name, argument) ", \"call\": \"" name "\", \"argument\": \"" #argument "\""
#define MARK(number, how, call) MARK_AS(number, __func__, how, "", "", call)
#define CLOSE(number) close(-1000 - (number))
/* The instruction itself, in the line of the mark. */
#define INSTRUCTION(number)                                                                                            \
    ({                                                                                                                 \
        long close_result = 3;                                                                                         \
        __asm__ volatile("syscall" : "+a"(close_result) : "D"((long)(-1000 - (number))) : "rcx", "r11", "memory");     \
    })

#endif
