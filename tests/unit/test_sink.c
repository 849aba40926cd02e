/* SPDX-License-Identifier: MIT
 *
 * A sink whose writer dies: whoever resumes it goes on behind the last whole piece.
 */
#include "sink.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE = 100,
    TEXT = 1 << 22,
};

struct world {
    struct sink *sink; /* in shared memory */
    int fd;
    char *text;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    world->sink = mmap(NULL, sizeof(*world->sink), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    world->fd = memfd_create("sink", MFD_CLOEXEC);
    world->text = malloc(TEXT);
    *state = world;
    return world->sink != MAP_FAILED && world->fd >= 0 && world->text ? 0 : -1;
}

static int tear_down(void **state) {
    struct world *world = *state;
    sink_finish(world->sink);
    munmap(world->sink, sizeof(*world->sink));
    close(world->fd);
    free(world->text);
    free(world);
    return 0;
}

static const char *text_of(struct world *world) {
    sink_flush(world->sink);
    ssize_t length = pread(world->fd, world->text, TEXT - 1, 0);
    assert_true(length >= 0 && length < TEXT - 1);
    world->text[length] = 0;
    return world->text;
}

static void put(struct sink *sink, const char *text) {
    sink_write(sink, text, strlen(text));
}

static void test_what_was_not_whole_is_dropped(void **state) {
    struct world *world = *state;
    sink_init(world->sink, world->fd, true);
    put(world->sink, "one\n");
    sink_commit(world->sink);
    put(world->sink, "tw");
    sink_resume(world->sink, world->fd);
    put(world->sink, "three\n");
    assert_string_equal(text_of(world), "one\nthree\n");
}

static void test_what_is_in_the_file_and_was_not_whole_is_cut_off(void **state) {
    struct world *world = *state;
    sink_init(world->sink, world->fd, true);
    put(world->sink, "one\n");
    sink_commit(world->sink);
    put(world->sink, "tw");
    sink_flush(world->sink);
    sink_resume(world->sink, world->fd);
    assert_string_equal(text_of(world), "one\n");
    put(world->sink, "three\n");
    assert_string_equal(text_of(world), "one\nthree\n");
}

static void test_a_write_of_which_nobody_heard_counts(void **state) {
    struct world *world = *state;
    sink_init(world->sink, world->fd, true);
    put(world->sink, "one\ntwo\n");
    sink_commit(world->sink);
    /* It died between write(2) and what follows. */
    assert_int_equal(write(world->fd, "one\n", 4), 4);
    sink_resume(world->sink, world->fd);
    assert_string_equal(text_of(world), "one\ntwo\n");
}

static void test_the_file_may_have_had_a_beginning(void **state) {
    struct world *world = *state;
    assert_int_equal(write(world->fd, "before\n", 7), 7);
    sink_init(world->sink, world->fd, true);
    put(world->sink, "one\n");
    sink_commit(world->sink);
    sink_flush(world->sink);
    put(world->sink, "tw");
    sink_flush(world->sink);
    sink_resume(world->sink, world->fd);
    put(world->sink, "two\n");
    assert_string_equal(text_of(world), "before\none\ntwo\n");
}

static void test_a_pipe_gets_what_it_has_not(void **state) {
    struct world *world = *state;
    /* Not alone: as if it were a pipe. */
    sink_init(world->sink, world->fd, false);
    put(world->sink, "one\n");
    sink_commit(world->sink);
    put(world->sink, "tw");
    sink_flush(world->sink);
    sink_resume(world->sink, world->fd);
    /* The piece comes again. */
    put(world->sink, "t");
    put(world->sink, "wo\n");
    sink_commit(world->sink);
    assert_string_equal(text_of(world), "one\ntwo\n");
}

static void test_a_spool_without_its_file_is_an_error(void **state) {
    struct world *world = *state;
    static const struct sink_watcher nobody;
    char *much = calloc(1, SINK_BYTES + 1);
    assert_non_null(much);
    memset(much, 'x', SINK_BYTES);
    sink_init_spool(world->sink, &nobody);
    put(world->sink, "a");
    sink_commit(world->sink);
    put(world->sink, much);
    free(much);
    assert_true(world->sink->fd >= 0);
    close(world->sink->fd);
    sink_resume(world->sink, -1);
    assert_int_equal(world->sink->error, EBADF);
}

/* Pieces with their numbers, of lengths that make the buffer flush in all ways. */
static size_t make_piece(char *piece, unsigned number) {
    size_t length = number % 97 == 0 ? 3 * SINK_BYTES / 2 : PIECE + number % 7;
    int head = snprintf(piece, PIECE, "%u:%zu:", number, length);
    memset(piece + head, 'a' + (int)(number % 26), length - (size_t)head - 1);
    piece[length - 1] = '\n';
    return length;
}

static _Noreturn void write_until_killed(struct sink *sink) {
    char *piece = malloc(2 * SINK_BYTES);
    if (!piece) {
        _exit(1);
    }
    for (unsigned number = 0;; number++) {
        size_t length = make_piece(piece, number);
        /* In two, so that it may die between them. */
        sink_write(sink, piece, length / 2);
        sink_write(sink, piece + length / 2, length - length / 2);
        sink_commit(sink);
    }
}

/* All pieces up to one of them, each once and whole. Returns how many. */
static unsigned count_pieces(int fd) {
    off_t size = lseek(fd, 0, SEEK_END);
    char *found = malloc((size_t)size + 1);
    char *piece = malloc(2 * SINK_BYTES);
    assert_true(found && piece && pread(fd, found, (size_t)size, 0) == size);
    unsigned number = 0;
    for (off_t at = 0; at < size; number++) {
        size_t length = make_piece(piece, number);
        assert_true(at + (off_t)length <= size);
        assert_memory_equal(found + at, piece, length);
        at += (off_t)length;
    }
    free(found);
    free(piece);
    return number;
}

static void test_it_dies_anywhere(void **state) {
    struct world *world = *state;
    unsigned most = 0;
    for (int round = 0; round < 200; round++) {
        assert_int_equal(ftruncate(world->fd, 0), 0);
        lseek(world->fd, 0, SEEK_SET);
        sink_init(world->sink, world->fd, true);
        pid_t child = fork();
        if (child == 0) {
            write_until_killed(world->sink);
        }
        struct timespec moment = {.tv_nsec = 300000 + round * 20011L};
        nanosleep(&moment, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        sink_resume(world->sink, world->fd);
        sink_flush(world->sink);
        assert_int_equal(world->sink->error, 0);
        unsigned count = count_pieces(world->fd);
        most = count > most ? count : most;
    }
    /* The test is one only if something was written. */
    assert_true(most > 100);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_not_whole_is_dropped),
        TEST(test_what_is_in_the_file_and_was_not_whole_is_cut_off),
        TEST(test_a_write_of_which_nobody_heard_counts),
        TEST(test_the_file_may_have_had_a_beginning),
        TEST(test_a_pipe_gets_what_it_has_not),
        TEST(test_a_spool_without_its_file_is_an_error),
        TEST(test_it_dies_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
