/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include "namer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct marked_number {
    UT_hash_handle hh;
    uint64_t key;
    uint64_t number;
};

void marks_init(struct marks *marks, const struct task_tree *tree) {
    *marks = (struct marks){.tree = tree};
}

void marks_finish(struct marks *marks) {
    struct marked_number *number;
    struct marked_number *next;
    for (size_t kind = 0; kind < MARK_KINDS; kind++) {
        HASH_ITER(hh, marks->numbers[kind], number, next) {
            HASH_DEL(marks->numbers[kind], number);
            free(number);
        }
    }
}

/* Read a mark: 0, or how many bytes it takes. */
static size_t read_mark(const char *bytes, size_t size, char *letter, uint64_t *number) {
    if (size < 3 || bytes[0] != MARK_BEGIN) {
        return 0;
    }
    *letter = bytes[1];
    *number = 0;
    size_t i = 2;
    for (; i < size && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
        *number = 10 * *number + (uint64_t)(bytes[i] - '0');
    }
    return i < size && bytes[i] == MARK_END ? i + 1 : 0;
}

uint64_t mark_at(enum mark mark, const char *line, size_t size, size_t *rest) {
    char letter;
    uint64_t number;
    *rest = read_mark(line, size, &letter, &number);
    if (!*rest || letter != (char)mark) {
        *rest = 0;
        return 0;
    }
    return number;
}

/* The number of a key, which is the next one if it appears for the first time. */
static uint64_t number_of(struct marks *marks, char letter, uint64_t key) {
    struct marked_number **numbers = &marks->numbers[letter & (MARK_KINDS - 1)];
    struct marked_number *found = NULL;
    HASH_FIND(hh, *numbers, &key, sizeof(key), found);
    if (found) {
        return found->number;
    }
    found = calloc(1, sizeof(*found));
    if (!found) {
        marks->error = ENOMEM;
        return 0;
    }
    unsigned before = HASH_COUNT(*numbers);
    uint64_t number = before + 1;
    found->key = key;
    found->number = number;
    HASH_ADD(hh, *numbers, key, sizeof(found->key), found);
    if (HASH_COUNT(*numbers) == before) {
        marks->error = ENOMEM;
        free(found);
    }
    return number;
}

static void write_mark(struct marks *marks, struct sink *sink, char letter, uint64_t number) {
    const struct golden_task *task = number < marks->tree->count ? marks->tree->tasks[number] : NULL;
    uint64_t id = !task ? 0 : marks->plain_ids ? (uint64_t)task->tid : task->number;
    char shown[48] = "";
    switch (letter) {
    case MARK_TASK:
        snprintf(shown, sizeof(shown), "%llu", (unsigned long long)id);
        break;
    case MARK_MAKER:
        if (task && task->number > 1) {
            snprintf(shown, sizeof(shown), "%llu.", (unsigned long long)task->number);
        }
        break;
    case MARK_THREAD:
        if (marks->has_threads) {
            snprintf(shown, sizeof(shown), ",\"tid\":%llu", (unsigned long long)id);
        }
        break;
    default:
        snprintf(shown, sizeof(shown), "%llu", (unsigned long long)number_of(marks, letter, number));
        break;
    }
    sink_write(sink, shown, strlen(shown));
}

void marks_write(struct marks *marks, struct sink *sink, const char *line, size_t size) {
    const char *mark;
    while (size && (mark = memchr(line, MARK_BEGIN, size))) {
        sink_write(sink, line, (size_t)(mark - line));
        size -= (size_t)(mark - line);
        char letter;
        uint64_t number;
        size_t length = read_mark(mark, size, &letter, &number);
        if (length) {
            write_mark(marks, sink, letter, number);
        }
        length = length ? length : 1;
        line = mark + length;
        size -= length;
    }
    sink_write(sink, line, size);
}
