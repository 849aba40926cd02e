/* SPDX-License-Identifier: MIT
 *
 * Descriptors that calls return are described, if that was asked for.
 */
#include "fake_collector.h"

#include <fcntl.h>
#include <sys/syscall.h>

/* ------------------------------------------------------------- descriptors as results */

static const struct capture_options with_paths = {.memory = true, .detail = DESCRIPTOR_PATHS, .string_limit = 32};

static void look_at_descriptors(struct world *world) {
    world->options.capture = &with_paths;
    start(world);
}

/* The last description asked for was the `count`th, and of this descriptor. */
static void assert_described(const struct world *world, unsigned count, pid_t tid, int fd) {
    assert_int_equal(world->descriptions, count);
    assert_int_equal(world->described[count - 1].tid, tid);
    assert_int_equal(world->described[count - 1].fd, fd);
}

static void test_a_new_descriptor_is_described_behind_the_captures(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    is_noted(world, THREAD, 990, SYS_openat, "path");
    enters(world, THREAD, 1000, SYS_openat);
    assert_int_equal(world->descriptions, 0);
    exits(world, THREAD, 1010, SYS_openat, 7);
    next_call(world, THREAD, 1000, SYS_openat, RETURNED, 7);
    assert_captures(world, "path#");
    assert_described(world, 1, THREAD, 7);
}

static void test_a_new_descriptor_is_described_without_a_note(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters(world, ROOT, 1000, SYS_dup);
    exits(world, ROOT, 1010, SYS_dup, 0); /* standard input is a descriptor as well */
    next_call(world, ROOT, 1000, SYS_dup, RETURNED, 0);
    assert_captures(world, "#");
    assert_described(world, 1, ROOT, 0);
}

static void test_errors_are_no_descriptors(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters(world, ROOT, 1000, SYS_openat);
    exits(world, ROOT, 1010, SYS_openat, -ENOENT);
    next_call(world, ROOT, 1000, SYS_openat, RETURNED, -ENOENT);
    assert_captures(world, "");
    assert_int_equal(world->descriptions, 0);
}

static void test_results_that_are_not_there_are_no_descriptors(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters(world, ROOT, 1000, SYS_openat);
    ends(world, ROOT, 1010);
    next_call(world, ROOT, 1000, SYS_openat, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_END, ROOT, 1010);
    assert_int_equal(world->descriptions, 0);
}

static void test_other_results_are_no_descriptors(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters(world, ROOT, 1000, SYS_read);
    exits(world, ROOT, 1010, SYS_read, 3);
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_int_equal(world->descriptions, 0);
}

static void test_fcntl_returns_descriptors_with_some_commands(void **state) {
    static const struct {
        uint64_t command;
        bool described;
    } commands[] = {{F_DUPFD, true}, {F_GETFL, false}, {F_DUPFD_CLOEXEC, true}, {F_GETFD, false}, {F_GETOWN, false}};
    struct world *world = *state;
    look_at_descriptors(world);
    unsigned descriptions = 0;
    for (unsigned i = 0; i < COUNT_OF(commands); i++) {
        uint64_t time = 1000 + 100 * i;
        enters_with(world, ROOT, time, SYS_fcntl, 3, commands[i].command);
        exits(world, ROOT, time + 10, SYS_fcntl, 9);
        next_call(world, ROOT, time, SYS_fcntl, RETURNED, 9);
        descriptions += commands[i].described;
        assert_int_equal(world->descriptions, descriptions);
    }
    assert_described(world, 2, ROOT, 9);
}

static void test_descriptors_are_described_only_if_that_was_asked_for(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_openat);
    exits(world, ROOT, 1010, SYS_openat, 7);
    next_call(world, ROOT, 1000, SYS_openat, RETURNED, 7);
    assert_int_equal(world->descriptions, 0);
}

static void test_descriptors_of_calls_that_are_not_shown_are_not_described(void **state) {
    struct world *world = *state;
    char problem[64];
    assert_int_equal(selection_parse(&world->selection, "trace=!dup", problem, sizeof(problem)), 0);
    world->options.follow = false;
    look_at_descriptors(world);
    enters(world, ROOT, 1000, SYS_dup);
    exits(world, ROOT, 1010, SYS_dup, 7);
    enters(world, CHILD, 1000, SYS_openat);
    exits(world, CHILD, 1010, SYS_openat, 7);
    assert_int_equal(world->descriptions, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_new_descriptor_is_described_behind_the_captures),
        TEST(test_a_new_descriptor_is_described_without_a_note),
        TEST(test_errors_are_no_descriptors),
        TEST(test_results_that_are_not_there_are_no_descriptors),
        TEST(test_other_results_are_no_descriptors),
        TEST(test_fcntl_returns_descriptors_with_some_commands),
        TEST(test_descriptors_are_described_only_if_that_was_asked_for),
        TEST(test_descriptors_of_calls_that_are_not_shown_are_not_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
