/* SPDX-License-Identifier: MIT
 *
 * The stacks of calls, and what processes map, on their way through the collector.
 */
#include "unit.h"

#include "fake_collector.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void start_wanting(struct world *world) {
    world->options.stacks = true;
    start(world);
}

/* A call is entered with a stack whose pointer is `sp`. */
static void enters_with_stack(struct world *world, int32_t tid, uint64_t time, int64_t number, uint64_t sp) {
    struct {
        struct stack_sample sample;
        uint64_t words[2];
    } stack = {.sample = {.size = sizeof(stack.words)}, .words = {1, 2}};
    stack.sample.registers[STACK_REGISTER_SP] = sp;
    struct kernel_event event = event_of(KERNEL_ENTER, tid, time);
    event.enter.number = number;
    event.enter.stack = &stack.sample;
    collector_event(world->collector, &event);
    memset(&stack, 0xff, sizeof(stack)); /* it is valid no longer */
}

/* The process of a thread maps the file behind `file`. */
static void maps(struct world *world, int32_t tid, uint64_t time, const char *path, int file) {
    union {
        struct mapping mapping;
        char bytes[MAPPING_BOUND];
    } mapped = {.mapping = {.start = 0x1000, .length = 0x2000, .file = file, .path_size = (uint32_t)strlen(path) + 1}};
    strcpy(mapped.mapping.path, path);
    struct kernel_event event = event_of(KERNEL_MAPPING, tid, time);
    event.mapping = &mapped.mapping;
    collector_event(world->collector, &event);
}

static void next_with_stack(struct world *world, int32_t tid, uint64_t time, int64_t number, uint32_t flags,
                            uint64_t sp) {
    next_call(world, tid, time, number, flags, 0);
    assert_int_equal(world->seen[world->read - 1].sp, sp);
}

static bool is_open(int file) {
    return fcntl(file, F_GETFD) >= 0;
}

static void test_each_call_has_the_stack_with_which_it_was_entered(void **state) {
    struct world *world = *state;
    start_wanting(world);
    is_created(world, THREAD, 900, ROOT);
    enters_with_stack(world, ROOT, 1000, SYS_getpid, 0x1000);
    enters_with_stack(world, THREAD, 1010, SYS_getpid, 0x2000);
    exits(world, ROOT, 1020, SYS_getpid, 0);
    enters_with_stack(world, ROOT, 1030, SYS_close, 0x3000);
    exits(world, THREAD, 1040, SYS_getpid, 0);
    exits(world, ROOT, 1050, SYS_close, 0);
    enters(world, ROOT, 1060, SYS_close);
    exits(world, ROOT, 1070, SYS_close, 0);
    next_with_stack(world, ROOT, 1000, SYS_getpid, RETURNED, 0x1000);
    next_with_stack(world, THREAD, 1010, SYS_getpid, RETURNED, 0x2000);
    next_with_stack(world, ROOT, 1030, SYS_close, RETURNED, 0x3000);
    next_with_stack(world, ROOT, 1060, SYS_close, RETURNED, 0);
    assert_nothing_more(world);
}

static void test_calls_that_never_return_have_theirs(void **state) {
    struct world *world = *state;
    start_wanting(world);
    enters_with_stack(world, ROOT, 1000, SYS_exit_group, 0x1000);
    ends(world, ROOT, 1010);
    next_with_stack(world, ROOT, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0x1000);
    next_record(world, RECORD_END, ROOT, 1010);
}

static void test_an_exec_by_another_thread_takes_its_stack_along(void **state) {
    struct world *world = *state;
    start_wanting(world);
    is_created(world, THREAD, 900, ROOT);
    enters_with_stack(world, ROOT, 1000, SYS_pause, 0x1000);
    enters_with_stack(world, THREAD, 1010, SYS_execve, 0x2000);
    execs(world, ROOT, 1020);
    exits(world, ROOT, 1030, SYS_execve, 0);
    next_with_stack(world, ROOT, 1000, SYS_pause, CALL_HAS_ARGS | CALL_UNRETURNED, 0x1000);
    next_record(world, RECORD_EXEC, ROOT, 1020);
    next_with_stack(world, ROOT, 1010, SYS_execve, RETURNED, 0x2000);
}

static void test_nobody_asked(void **state) {
    struct world *world = *state;
    enters_with_stack(world, ROOT, 1000, SYS_getpid, 0x1000);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    maps(world, ROOT, 1010, "/lib/x.so", file);
    exits(world, ROOT, 1020, SYS_getpid, 0);
    assert_false(is_open(file));
    next_with_stack(world, ROOT, 1000, SYS_getpid, RETURNED, 0);
    assert_nothing_more(world);
}

static void test_mappings_go_through_in_order(void **state) {
    struct world *world = *state;
    start_wanting(world);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    enters_with_stack(world, ROOT, 1000, SYS_mmap, 0x1000);
    maps(world, ROOT, 1010, "/x", file);
    exits(world, ROOT, 1020, SYS_mmap, 0);
    assert_true(is_open(file));
    const struct record *record = next_record(world, RECORD_MAPPING, ROOT, 1010);
    assert_int_equal(record->maps.size, 56 + 8); /* padded */
    next_with_stack(world, ROOT, 1000, SYS_mmap, RETURNED, 0x1000);
    close(file);
}

static void test_those_of_processes_that_are_not_followed_do_not(void **state) {
    struct world *world = *state;
    world->options.follow = false;
    start_wanting(world);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    is_created(world, CHILD, 900, ROOT);
    maps(world, CHILD, 1000, "/lib/x.so", file);
    enters_with_stack(world, CHILD, 1010, SYS_getpid, 0x1000);
    exits(world, CHILD, 1020, SYS_getpid, 0);
    assert_false(is_open(file));
    assert_nothing_more(world);
}

static void test_after_the_end_nothing_is_kept(void **state) {
    struct world *world = *state;
    start_wanting(world);
    enters_with_stack(world, ROOT, 1000, SYS_pause, 0x1000);
    collector_finish(world->collector);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    maps(world, ROOT, 1010, "/lib/x.so", file);
    assert_false(is_open(file));
    next_with_stack(world, ROOT, 1000, SYS_pause, CALL_HAS_ARGS | CALL_UNRETURNED, 0x1000);
    assert_nothing_more(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_call_has_the_stack_with_which_it_was_entered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_calls_that_never_return_have_theirs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_exec_by_another_thread_takes_its_stack_along, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mappings_go_through_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_those_of_processes_that_are_not_followed_do_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_after_the_end_nothing_is_kept, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
