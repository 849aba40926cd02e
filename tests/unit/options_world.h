/* SPDX-License-Identifier: MIT
 *
 * Command lines for tests of what becomes of them, with what is said and printed.
 */
#ifndef RENACER_TESTS_OPTIONS_WORLD_H
#define RENACER_TESTS_OPTIONS_WORLD_H

#include "options.h"
#include "unit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    WORDS = 320,
};

struct world {
    struct options options;
    bool parsed;
    char *words[WORDS];
    char said[4096];     /* on standard error */
    char printed[32768]; /* the longest is a completion */
};

/* Until redirect_end() what goes to `fd` goes to the file that is returned. */
static inline int redirect(FILE *stream, int fd, int *saved) {
    fflush(stream);
    *saved = dup(fd);
    int file = memfd_create("redirected", MFD_CLOEXEC);
    assert_true(*saved >= 0 && file >= 0);
    assert_int_equal(dup2(file, fd), fd);
    return file;
}

static inline void redirect_end(FILE *stream, int fd, int saved, int file, char *text, size_t size) {
    fflush(stream);
    ssize_t length = pread(file, text, size - 1, 0);
    assert_in_range(length, 0, size - 2);
    text[length] = 0;
    dup2(saved, fd);
    close(saved);
    close(file);
}

static inline int set_up(void **state) {
    *state = calloc(1, sizeof(struct world));
    return *state ? 0 : -1;
}

static inline void forget(struct world *world) {
    if (world->parsed) {
        options_finish(&world->options);
    }
    world->parsed = false;
}

static inline int tear_down(void **state) {
    forget(*state);
    free(*state);
    return 0;
}

static inline enum options_verdict parse_words(struct world *world, int count) {
    int saved_error;
    int saved_output;
    forget(world);
    world->words[count] = NULL;
    int error = redirect(stderr, STDERR_FILENO, &saved_error);
    int output = redirect(stdout, STDOUT_FILENO, &saved_output);
    optind = 0; /* begin anew: getopt(3) */
    enum options_verdict verdict = options_parse(&world->options, count, world->words);
    world->parsed = true;
    redirect_end(stdout, STDOUT_FILENO, saved_output, output, world->printed, sizeof(world->printed));
    redirect_end(stderr, STDERR_FILENO, saved_error, error, world->said, sizeof(world->said));
    return verdict;
}

/* Parse "renacer-sv" and these words, up to a NULL. */
static inline enum options_verdict parse_list(struct world *world, const char *const *list) {
    int count = 0;
    world->words[count++] = (char *)(uintptr_t) "renacer-sv";
    for (; *list; list++) {
        world->words[count++] = (char *)(uintptr_t)*list;
    }
    return parse_words(world, count);
}

#define PARSE(world, ...) parse_list(world, (const char *const[]){__VA_ARGS__, NULL})

#define RUNS(world, ...)                                                                                               \
    do {                                                                                                               \
        assert_int_equal(PARSE(world, __VA_ARGS__), OPTIONS_RUN);                                                      \
        assert_string_equal((world)->said, "");                                                                        \
        assert_string_equal((world)->printed, "");                                                                     \
    } while (0)

#define BAD(world, words, ...)                                                                                         \
    do {                                                                                                               \
        assert_int_equal(PARSE(world, __VA_ARGS__), OPTIONS_BAD);                                                      \
        assert_string_equal((world)->said, "renacer-sv: " words "\n");                                                 \
        assert_string_equal((world)->printed, "");                                                                     \
    } while (0)

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
