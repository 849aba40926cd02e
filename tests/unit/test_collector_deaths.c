/* SPDX-License-Identifier: MIT
 *
 * The collector's rules about threads that are killed before a call of theirs has run: nothing of it may be kept for
 * whoever gets the thread's id next, and nothing is made up about it.
 */
#include "fake_collector.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

static void is_cancelled(struct world *world, int32_t tid, uint64_t id) {
    hand_over(world, (struct note){.kind = NOTE_CANCELLED, .tid = tid, .id = id}, "");
}

/* The call waits for an answer of ours. */
static void waits(struct world *world, int32_t tid, uint64_t time, int64_t number, const char *captures) {
    struct note note = note_of(tid, time, number);
    note.kind = NOTE_CHECK;
    hand_over(world, note, captures);
}

static void lives_and_ends(struct world *world, int32_t tid, uint64_t time) {
    is_created(world, tid, time, ROOT);
    ends(world, tid, time + 10);
    next_record(world, RECORD_END, tid, time + 10);
}

static void test_a_call_received_of_a_dead_thread_is_forgotten(void **state) {
    struct world *world = *state;
    lives_and_ends(world, CHILD, 1000);
    is_noted(world, CHILD, 1015, SYS_access, "of the dead");
    is_cancelled(world, CHILD, 1015);
    assert_int_equal(collector_tasks(world->collector), 0);
}

/* A tracer knows the process of whoever it sees in a call. */
static void test_the_same_of_a_thread_whose_process_is_known(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    is_created(world, CHILD_THREAD, 1010, CHILD);
    ends(world, CHILD_THREAD, 1020);
    next_record(world, RECORD_END, CHILD_THREAD, 1020);
    struct note note = note_of(CHILD_THREAD, 1015, SYS_access);
    note.pid = CHILD;
    hand_over(world, note, "of the dead");
    ends(world, CHILD, 1030);
    next_record(world, RECORD_END, CHILD, 1030);
    is_cancelled(world, CHILD_THREAD, 1015);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_a_call_that_was_to_be_answered_is_forgotten(void **state) {
    struct world *world = *state;
    lives_and_ends(world, CHILD, 1000);
    world->answer_result = -ENOENT;
    waits(world, CHILD, 1015, SYS_close, "of the dead");
    assert_true(collector_settle(world->collector, 2000));
    assert_int_equal(world->answers, 1);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_the_next_thread_with_the_id_has_its_own_calls(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    is_noted(world, CHILD, 1015, SYS_access, "of the dead");
    ends(world, CHILD, 1010);
    is_noted(world, CHILD, 1025, SYS_access, "of the living");
    is_cancelled(world, CHILD, 1015);
    is_created(world, CHILD, 1020, ROOT);
    enters(world, CHILD, 1030, SYS_access);
    exits(world, CHILD, 1040, SYS_access, 0);
    next_record(world, RECORD_END, CHILD, 1010);
    next_call(world, CHILD, 1030, SYS_access, RETURNED, 0);
    assert_captures(world, "of the living");
}

static void test_a_leader_that_was_killed_ends_with_its_last_thread(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    is_created(world, CHILD_THREAD, 1010, CHILD);
    is_noted(world, CHILD, 1030, SYS_access, "");
    ends(world, CHILD, 1020);
    is_cancelled(world, CHILD, 1030);
    ends(world, CHILD_THREAD, 1040);
    next_record(world, RECORD_END, CHILD_THREAD, 1040);
    next_record(world, RECORD_END, CHILD, 1040);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_a_cancelled_call_is_no_younger_than_the_end(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    is_noted(world, CHILD, 1030, SYS_access, "not to be trusted");
    is_cancelled(world, CHILD, 1030);
    /* A thread is known: its end comes only now, although it was before the call had been received. */
    ends(world, CHILD, 1020);
    next_call(world, CHILD, 1030, SYS_access, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "");
    next_record(world, RECORD_END, CHILD, 1020);
    assert_int_equal(collector_tasks(world->collector), 0);
}

/* execve by another thread: the leader was killed in its call, and its id goes on. */
static void test_a_call_of_a_leader_that_was_replaced_never_returned(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    is_noted(world, CHILD, 1030, SYS_access, "of the leader");
    is_cancelled(world, CHILD, 1030);
    is_noted(world, CHILD, 1090, SYS_access, "of the program");
    enters(world, CHILD, 1100, SYS_access);
    exits(world, CHILD, 1110, SYS_access, 0);
    next_call(world, CHILD, 1030, SYS_access, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "");
    next_call(world, CHILD, 1100, SYS_access, RETURNED, 0);
    assert_captures(world, "of the program");
    assert_int_equal(collector_counts(world->collector)->without_result, 0);
}

static void test_a_call_that_is_not_chosen_makes_no_task(void **state) {
    struct world *world = *state;
    world->selection.all = false;
    memset(world->selection.chosen, 0, sizeof(world->selection.chosen));
    start(world);
    waits(world, CHILD, 1000, SYS_close, "");
    assert_true(collector_settle(world->collector, 2000));
    assert_int_equal(world->answers, 1);
    assert_int_equal(collector_tasks(world->collector), 0);
}

/* ------------------------------------------------- killed while a ptracer holds it */

static void start_with_outputs(struct world *world) {
    static const struct capture_options capture = {.memory = true, .outputs = true, .string_limit = 32};
    world->options.capture = &capture;
    start(world);
}

static void test_a_call_before_which_a_thread_was_killed_is_none(void **state) {
    struct world *world = *state;
    start_with_outputs(world);
    for (int noted = 0; noted < 2; noted++) {
        is_created(world, CHILD, 1000, ROOT);
        if (noted) {
            is_noted(world, CHILD, 1010, SYS_read, "");
        }
        exits(world, CHILD, 1020, SYS_read, -ENOSYS);
        assert_nothing_more(world);
        if (noted) {
            gets_signal(world, CHILD, 1025, SIGKILL);
        }
        ends(world, CHILD, 1030);
        next_record(world, RECORD_END, CHILD, 1030);
        assert_int_equal(collector_tasks(world->collector), 0);
    }
    assert_int_equal(collector_counts(world->collector)->without_args, 0);
}

static void test_a_call_that_a_filter_refused_is_one(void **state) {
    struct world *world = *state;
    start_with_outputs(world);
    exits(world, ROOT, 1000, SYS_read, -ENOSYS);
    assert_nothing_more(world);
    enters(world, ROOT, 1100, SYS_getpid);
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_RESULT, -ENOSYS);
    exits(world, ROOT, 1110, SYS_getpid, ROOT);
    next_call(world, ROOT, 1100, SYS_getpid, RETURNED, ROOT);
    exits(world, ROOT, 1200, SYS_write, -ENOSYS);
    exits(world, ROOT, 1300, SYS_read, -ENOSYS);
    next_call(world, ROOT, 1200, SYS_write, CALL_HAS_RESULT, -ENOSYS);
    collector_finish(world->collector);
    next_call(world, ROOT, 1300, SYS_read, CALL_HAS_RESULT, -ENOSYS);
}

static void test_only_a_ptracer_makes_it_doubtful(void **state) {
    struct world *world = *state;
    exits(world, ROOT, 1000, SYS_read, -ENOSYS);
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_RESULT, -ENOSYS);
    start_with_outputs(world);
    exits(world, ROOT, 2000, SYS_read, -EPERM);
    next_call(world, ROOT, 2000, SYS_read, CALL_HAS_RESULT, -EPERM);
}

/* ------------------------------------------------------------------ without events */

static void test_without_events_no_thread_is_kept(void **state) {
    struct world *world = *state;
    world->options.has_events = false;
    start(world);
    for (int32_t tid = ROOT; tid < ROOT + 20; tid++) {
        struct note note = note_of(tid, 1000 + (uint64_t)tid, SYS_access);
        note.pid = ROOT;
        hand_over(world, note, "");
        const struct record *record = next_call(world, tid, 1000 + (uint64_t)tid, SYS_access, CALL_HAS_ARGS, 0);
        assert_int_equal(record->pid, ROOT);
        assert_int_equal(record->several, tid != ROOT);
        assert_int_equal(record->threaded, tid != ROOT);
    }
    assert_int_equal(collector_tasks(world->collector), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_call_received_of_a_dead_thread_is_forgotten),
        TEST(test_the_same_of_a_thread_whose_process_is_known),
        TEST(test_a_call_that_was_to_be_answered_is_forgotten),
        TEST(test_the_next_thread_with_the_id_has_its_own_calls),
        TEST(test_a_leader_that_was_killed_ends_with_its_last_thread),
        TEST(test_a_cancelled_call_is_no_younger_than_the_end),
        TEST(test_a_call_of_a_leader_that_was_replaced_never_returned),
        TEST(test_a_call_that_is_not_chosen_makes_no_task),
        TEST(test_a_call_before_which_a_thread_was_killed_is_none),
        TEST(test_a_call_that_a_filter_refused_is_one),
        TEST(test_only_a_ptracer_makes_it_doubtful),
        TEST(test_without_events_no_thread_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
