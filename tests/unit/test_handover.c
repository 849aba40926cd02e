/* SPDX-License-Identifier: MIT
 *
 * One collector goes on where another one has stopped.
 */
#include "handover.h"

#include "fake_collector.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

static int set_up_pair(void **state) {
    if (set_up(state) < 0) {
        return -1;
    }
    struct world *world = *state;
    struct handover *handover;
    if (handover_create(&handover) < 0) {
        return -1;
    }
    world->options.handover = handover;
    start(world);
    return 0;
}

static int tear_down_pair(void **state) {
    struct world *world = *state;
    struct handover *handover = world->options.handover;
    int status = tear_down(state);
    handover_destroy(handover);
    return status;
}

/* The first one is gone, with all that it had not written down. */
static void take_over(struct world *world) {
    world->read = world->emitted;
    world->options.midway = true;
    start(world);
}

static void exits_with_registers(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result) {
    struct kernel_event event = event_of(KERNEL_EXIT, tid, time);
    event.exit.number = number;
    event.exit.result = result;
    event.exit.has_registers = true;
    event.exit.ip = 0x401002;
    event.exit.sp = 0x7fff1000;
    collector_event(world->collector, &event);
}

static uint64_t interrupted(const struct world *world) {
    return collector_counts(world->collector)->interrupted;
}

static void test_a_call_that_had_begun_was_not_hit_before(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_wait4);
    take_over(world);
    exits_with_registers(world, ROOT, 2000, SYS_wait4, -KERNEL_ERESTARTSYS);
    assert_int_equal(interrupted(world), 0);
}

static void test_a_call_that_had_not_begun_was(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_getpid);
    exits(world, ROOT, 1010, SYS_getpid, ROOT);
    take_over(world);
    exits_with_registers(world, ROOT, 2000, SYS_pipe2, -KERNEL_ERESTARTSYS);
    assert_int_equal(interrupted(world), 1);
}

static void test_a_new_thread_is_in_no_call(void **state) {
    struct world *world = *state;
    enters(world, CHILD, 900, SYS_wait4); /* another one that had the id */
    struct kernel_event event = event_of(KERNEL_FORK, CHILD, 1000);
    event.fork.parent_pid = event.fork.parent_tid = ROOT;
    collector_event(world->collector, &event);
    take_over(world);
    exits_with_registers(world, CHILD, 2000, SYS_pipe2, -KERNEL_ERESTARTSYS);
    assert_int_equal(interrupted(world), 1);
}

/* The thread is in the handler of the signal that has hit its call. */
static void hit(struct world *world, int32_t tid) {
    exits_with_registers(world, tid, 1000, SYS_pipe2, -KERNEL_ERESTARTSYS);
}

static int remembered(const struct world *world, int32_t tid) {
    struct task task = {.tid = tid};
    handover_give(world->options.handover, &task);
    return (int)task.interruption_count;
}

static void test_interruptions_are_handed_over(void **state) {
    struct world *world = *state;
    hit(world, ROOT);
    hit(world, THREAD);
    assert_int_equal(remembered(world, ROOT), 1);
    assert_int_equal(remembered(world, THREAD), 1);
    assert_int_equal(remembered(world, OTHER_THREAD), 0);
    take_over(world);
    struct task task = {.tid = ROOT};
    handover_give(world->options.handover, &task);
    assert_int_equal(task_take_interruption(&task, 0x401002, 0x7fff1000), SYS_pipe2);
}

static void test_what_is_over_is_not(void **state) {
    struct world *world = *state;
    hit(world, ROOT);
    /* A call that ran at that place. */
    enters(world, ROOT, 2000, SYS_read);
    exits_with_registers(world, ROOT, 2010, SYS_read, -EINTR);
    assert_int_equal(remembered(world, ROOT), 0);
    hit(world, THREAD);
    struct kernel_event event = event_of(KERNEL_END, THREAD, 3000);
    collector_event(world->collector, &event);
    assert_int_equal(remembered(world, THREAD), 0);
    world->read = world->emitted;
}

static void test_more_than_there_is_room_for(void **state) {
    struct world *world = *state;
    for (int32_t tid = 1000; tid < 2000; tid++) {
        hit(world, tid);
    }
    assert_int_equal(remembered(world, 1000), 1);
    assert_int_equal(remembered(world, 1999), 0);
    take_over(world);
}

#define PAIR(function) cmocka_unit_test_setup_teardown(function, set_up_pair, tear_down_pair)

int main(void) {
    const struct CMUnitTest tests[] = {
        PAIR(test_a_call_that_had_begun_was_not_hit_before),
        PAIR(test_a_call_that_had_not_begun_was),
        PAIR(test_a_new_thread_is_in_no_call),
        PAIR(test_interruptions_are_handed_over),
        PAIR(test_what_is_over_is_not),
        PAIR(test_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
