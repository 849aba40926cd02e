/* SPDX-License-Identifier: MIT
 * What is read of the memory of live processes. */
#include "unit.h"

#include "program_maps.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 1 << 30, /* no process has this id */
};

struct read_maps {
    struct start_maps start;
    char text[PROGRAM_MAPS_BOUND - sizeof(struct start_maps)];
};

/* What is read of the process, with its length behind struct start_maps. */
static struct read_maps *read_of(pid_t pid, size_t *length) {
    struct read_maps *maps = malloc(sizeof(*maps));
    assert_non_null(maps);
    *length = program_maps_read(pid, maps) - sizeof(maps->start);
    assert_in_range(*length, 0, sizeof(maps->text));
    return maps;
}

static void test_lines_and_the_stack_pointer(void **state) {
    (void)state;
    size_t length;
    struct read_maps *maps = read_of(getpid(), &length);
    assert_int_equal(maps->text[length - 1], '\n');
    maps->text[length - 1] = 0;
    assert_non_null(strstr(maps->text, "[stack]"));
    assert_non_null(strstr(maps->text, "unit_program_maps"));
    /* A program finds argc there, and its arguments above it. */
    const uint64_t *start = (const uint64_t *)(uintptr_t)maps->start.stack; // NOLINT(performance-no-int-to-ptr)
    assert_non_null(start);
    assert_int_equal(start[0], 1);
    assert_non_null(
        strstr((const char *)(uintptr_t)start[1], "unit_program_maps")); // NOLINT(performance-no-int-to-ptr)
    free(maps);
}

static void test_a_process_that_is_not_there(void **state) {
    (void)state;
    size_t length;
    struct read_maps *maps = read_of(NOBODY, &length);
    assert_int_equal(length, 0);
    assert_int_equal(maps->start.stack, 0);
    free(maps);
}

/* Two thousand mappings have more than 256 KiB of lines only if each has a long name: a file's. */
static pid_t child_with_many_maps(unsigned count) {
    char path[] = "/tmp/a-name-that-makes-the-lines-of-maps-longer-than-they-would-be-without-it-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, 8192), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool good = true;
        for (unsigned i = 0; i < count; i++) {
            /* The same page again and again: mappings that cannot be merged. */
            good = good && mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0) != MAP_FAILED;
        }
        raise(SIGSTOP);
        _exit(good ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    close(file);
    unlink(path);
    return child;
}

static void test_a_long_text_is_cut_behind_a_line(void **state) {
    (void)state;
    pid_t child = child_with_many_maps(3000);
    size_t length;
    struct read_maps *maps = read_of(child, &length);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_in_range(length, sizeof(maps->text) - 512, sizeof(maps->text));
    assert_int_equal(maps->text[length - 1], '\n');
    free(maps);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_and_the_stack_pointer),
        cmocka_unit_test(test_a_process_that_is_not_there),
        cmocka_unit_test(test_a_long_text_is_cut_behind_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
