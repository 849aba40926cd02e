/* SPDX-License-Identifier: MIT
 *
 * The collector's rules, each with the events as perf writes them.
 */
#include "fake_interruptions.h"

#include <sys/syscall.h>

enum {
    I386_FORK = 2,
    I386_WRITE = 4,
    I386_EXECVE = 11,
};

static void is_cancelled(struct world *world, int32_t tid, uint64_t id) {
    hand_over(world, (struct note){.kind = NOTE_CANCELLED, .tid = tid, .id = id}, "");
}

/* ------------------------------------------------------------------ calls and notes */

static void test_a_call_has_the_result_and_the_time_that_the_kernel_measured(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_getpid);
    assert_nothing_more(world);
    exits(world, ROOT, 1250, SYS_getpid, ROOT);
    const struct record *record = next_call(world, ROOT, 1000, SYS_getpid, RETURNED, ROOT);
    assert_int_equal(record->pid, ROOT);
    assert_int_equal(record->arch, ARCH_X86_64);
    assert_int_equal(record->threaded, 0);
    assert_int_equal(record->call.duration_ns, 250);
    assert_int_equal(record->call.args[0], 1000);
    assert_int_equal(record->call.args[5], 1005);
    assert_int_equal(record->call.captures_size, 0);
    assert_int_equal(collector_counts(world->collector)->calls, 1);
    assert_int_equal(collector_counts(world->collector)->without_result, 0);
}

static void test_a_note_joins_the_call_that_begins_after_it(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "hello");
    enters(world, ROOT, 1000, SYS_write);
    exits(world, ROOT, 1100, SYS_write, 5);
    next_call(world, ROOT, 1000, SYS_write, RETURNED, 5);
    assert_captures(world, "hello");
}

static void test_a_note_is_used_once(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "hello");
    enters(world, ROOT, 1000, SYS_write);
    exits(world, ROOT, 1100, SYS_write, 5);
    enters(world, ROOT, 1200, SYS_write);
    exits(world, ROOT, 1300, SYS_write, 6);
    next_call(world, ROOT, 1000, SYS_write, RETURNED, 5);
    assert_captures(world, "hello");
    next_call(world, ROOT, 1200, SYS_write, RETURNED, 6);
    assert_captures(world, "");
}

static void test_a_note_that_is_younger_than_the_call_waits_for_the_next(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 1150, SYS_write, "second");
    enters(world, ROOT, 1000, SYS_getpid);
    exits(world, ROOT, 1100, SYS_getpid, ROOT);
    enters(world, ROOT, 1200, SYS_write);
    exits(world, ROOT, 1300, SYS_write, 6);
    next_call(world, ROOT, 1000, SYS_getpid, RETURNED, ROOT);
    assert_captures(world, "");
    next_call(world, ROOT, 1200, SYS_write, RETURNED, 6);
    assert_captures(world, "second");
}

static void test_notes_of_one_thread_may_come_out_of_order(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 2000, SYS_write, "second"); /* the receiver of CPU 1 is quicker */
    is_noted(world, ROOT, 1000, SYS_write, "first");
    enters(world, ROOT, 1010, SYS_write);
    exits(world, ROOT, 1100, SYS_write, 5);
    enters(world, ROOT, 2010, SYS_write);
    exits(world, ROOT, 2100, SYS_write, 6);
    next_call(world, ROOT, 1010, SYS_write, RETURNED, 5);
    assert_captures(world, "first");
    next_call(world, ROOT, 2010, SYS_write, RETURNED, 6);
    assert_captures(world, "second");
}

static void test_notes_of_different_threads_do_not_mix(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 1000, SYS_write, "root");
    is_noted(world, CHILD, 1001, SYS_write, "child");
    enters(world, CHILD, 1010, SYS_write);
    enters(world, ROOT, 1011, SYS_write);
    exits(world, ROOT, 1020, SYS_write, 4);
    exits(world, CHILD, 1021, SYS_write, 5);
    next_call(world, ROOT, 1011, SYS_write, RETURNED, 4);
    assert_captures(world, "root");
    next_call(world, CHILD, 1010, SYS_write, RETURNED, 5);
    assert_captures(world, "child");
}

static void test_the_note_knows_the_architecture(void **state) {
    struct world *world = *state;
    is_noted_i386(world, ROOT, 990, I386_WRITE, "hello");
    enters(world, ROOT, 1000, I386_WRITE);
    exits(world, ROOT, 1100, I386_WRITE, 5);
    const struct record *record = next_call(world, ROOT, 1000, I386_WRITE, RETURNED, 5);
    assert_int_equal(record->arch, ARCH_I386);
    assert_captures(world, "hello");
}

static void test_a_cancelled_note_loses_its_captures(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 1000, SYS_write, "kept");
    is_noted(world, ROOT, 2000, SYS_write, "not to be trusted");
    is_cancelled(world, ROOT, 2000);
    enters(world, ROOT, 1010, SYS_write);
    exits(world, ROOT, 1100, SYS_write, 4);
    next_call(world, ROOT, 1010, SYS_write, RETURNED, 4);
    assert_captures(world, "kept");
    ends(world, ROOT, 2100); /* killed before the answer came */
    next_call(world, ROOT, 2000, SYS_write, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "");
    next_record(world, RECORD_END, ROOT, 2100);
}

static void test_a_cancellation_of_nothing_does_nothing(void **state) {
    struct world *world = *state;
    is_cancelled(world, ROOT, 4);
    assert_int_equal(collector_tasks(world->collector), 0);
}

/* ------------------------------------------------ exits that do not fit their entry */

static void test_the_first_return_of_a_child_is_no_call(void **state) {
    struct world *world = *state;
    static const int64_t numbers[] = {SYS_fork, SYS_vfork, SYS_clone, SYS_clone3, I386_FORK};
    for (unsigned i = 0; i < COUNT_OF(numbers); i++) {
        int32_t child = CHILD + (int32_t)i * 100;
        uint64_t time = 10000 * (i + 1);
        is_created(world, child, time, ROOT);
        exits(world, child, time + 10, numbers[i], 0);
        assert_nothing_more(world);
        enters(world, child, time + 20, SYS_getpid);
        exits(world, child, time + 30, SYS_getpid, child);
        next_call(world, child, time + 20, SYS_getpid, RETURNED, child);
    }
}

static void test_only_the_first_return_of_a_child_is_ignored(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    exits(world, CHILD, 1010, SYS_fork, 0);
    exits(world, CHILD, 1020, SYS_fork, 0); /* now its own call, which its own filter answered */
    next_call(world, CHILD, 1020, SYS_fork, CALL_HAS_RESULT, 0);
}

static void test_rt_sigreturn_exits_under_another_number(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_rt_sigreturn);
    exits(world, ROOT, 1010, -1, -EINTR);
    next_call(world, ROOT, 1000, SYS_rt_sigreturn, RETURNED, -EINTR);
}

static void test_an_exit_of_a_sigreturn_alone_is_nothing(void **state) {
    struct world *world = *state;
    exits(world, ROOT, 1010, -1, 0);
    assert_nothing_more(world);
}

static void test_exec_of_a_32_bit_program_exits_under_its_own_number(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_execve, "argv");
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1050);
    exits(world, ROOT, 1100, I386_EXECVE, 0);
    next_record(world, RECORD_EXEC, ROOT, 1050);
    const struct record *record = next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    assert_int_equal(record->arch, ARCH_X86_64);
    assert_captures(world, "argv");
}

static void test_a_call_that_the_programs_own_filter_refuses_has_its_error(void **state) {
    struct world *world = *state;
    exits(world, ROOT, 1100, SYS_openat, -EPERM);
    next_call(world, ROOT, 1100, SYS_openat, CALL_HAS_RESULT, -EPERM);
    assert_captures(world, "");
    assert_int_equal(collector_counts(world->collector)->without_args, 1);
    assert_int_equal(collector_counts(world->collector)->without_result, 0);
}

static void test_a_call_that_the_programs_own_filter_traps_has_no_result(void **state) {
    struct world *world = *state;
    exits(world, ROOT, 1100, SYS_openat, SYS_openat);
    next_call(world, ROOT, 1100, SYS_openat, 0, 0);
    assert_int_equal(collector_counts(world->collector)->without_args, 1);
}

static void test_nanosleep_that_is_interrupted_goes_on_as_restart_syscall(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_nanosleep);
    exits_at(world, ROOT, 1500, SYS_nanosleep, -KERNEL_ERESTART_RESTARTBLOCK, outer);
    enters(world, ROOT, 1600, SYS_restart_syscall);
    exits(world, ROOT, 2000, SYS_restart_syscall, 0);
    next_call(world, ROOT, 1000, SYS_nanosleep, RETURNED, -KERNEL_ERESTART_RESTARTBLOCK);
    next_call(world, ROOT, 1600, SYS_restart_syscall, RETURNED, 0);
    assert_int_equal(collector_counts(world->collector)->interrupted, 0);
}

static void test_exit_group_never_returns(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_exit_group);
    assert_nothing_more(world);
    ends(world, ROOT, 1100);
    next_call(world, ROOT, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_END, ROOT, 1100);
    assert_int_equal(collector_counts(world->collector)->without_result, 0);
}

static void test_a_call_whose_exit_was_lost_has_no_result(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "first");
    enters(world, ROOT, 1000, SYS_write);
    enters(world, ROOT, 2000, SYS_getpid);
    next_call(world, ROOT, 1000, SYS_write, CALL_HAS_ARGS, 0);
    assert_captures(world, "first");
    exits(world, ROOT, 2100, SYS_getpid, ROOT);
    next_call(world, ROOT, 2000, SYS_getpid, RETURNED, ROOT);
    assert_int_equal(collector_counts(world->collector)->without_result, 1);
}

static void test_a_call_whose_enter_was_lost_has_what_its_note_says(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "first");
    exits(world, ROOT, 1100, SYS_write, 5);
    const struct record *record = next_call(world, ROOT, 990, SYS_write, CALL_HAS_ARGS | CALL_HAS_RESULT, 5);
    assert_int_equal(record->call.args[1], 77);
    assert_captures(world, "first");
}

/* ------------------------------------------------------ notes that no event claims */

static void test_a_note_without_events_has_no_result(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "in the gap");
    is_noted(world, ROOT, 1990, SYS_write, "measured");
    enters(world, ROOT, 2000, SYS_write);
    const struct record *gap = next_call(world, ROOT, 990, SYS_write, CALL_HAS_ARGS, 0);
    assert_int_equal(gap->call.args[1], 77);
    assert_captures(world, "in the gap");
    exits(world, ROOT, 2100, SYS_write, 8);
    next_call(world, ROOT, 2000, SYS_write, RETURNED, 8);
    assert_captures(world, "measured");
    assert_int_equal(collector_counts(world->collector)->without_result, 1);
}

static void test_a_call_that_does_not_stop_leaves_the_note_of_another_alone(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "in the gap");
    enters(world, ROOT, 2000, SYS_getpid);
    exits(world, ROOT, 2100, SYS_getpid, ROOT);
    next_call(world, ROOT, 990, SYS_write, CALL_HAS_ARGS, 0);
    assert_captures(world, "in the gap");
    next_call(world, ROOT, 2000, SYS_getpid, RETURNED, ROOT);
    assert_captures(world, "");
}

static void test_an_exit_alone_gives_no_result_to_the_note_of_another_call(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "in the gap");
    exits(world, ROOT, 2100, SYS_read, 3); /* of a read in which the events were opened again */
    next_call(world, ROOT, 990, SYS_write, CALL_HAS_ARGS, 0);
    assert_captures(world, "in the gap");
    next_call(world, ROOT, 2100, SYS_read, CALL_HAS_RESULT, 3);
}

static void test_a_note_of_a_thread_that_ends_never_returned(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "killed");
    ends(world, ROOT, 1000);
    next_call(world, ROOT, 990, SYS_write, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "killed");
    next_record(world, RECORD_END, ROOT, 1000);
}

/* ------------------------------------------------------------------------- exec */

static void test_exec_by_another_thread_continues_under_the_leaders_id(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 500, SYS_futex); /* the leader waits in pthread_join */
    is_noted(world, THREAD, 990, SYS_execve, "argv");
    enters(world, THREAD, 1000, SYS_execve);
    exits_at(world, ROOT, 1010, SYS_futex, -KERNEL_ERESTARTNOHAND, outer);
    ends(world, ROOT, 1020);
    execs(world, ROOT, 1030);
    exits(world, ROOT, 1040, SYS_execve, 0);

    /* It was broken off, and nobody is there to whom it could return. */
    next_call(world, ROOT, 500, SYS_futex, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    const struct record *exec = next_record(world, RECORD_EXEC, ROOT, 1030);
    assert_int_equal(exec->exec.former_tid, THREAD);
    const struct record *call = next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    assert_int_equal(call->call.args[0], 1000);
    assert_int_equal(call->call.duration_ns, 40);
    assert_captures(world, "argv");
    assert_int_equal(collector_tasks(world->collector), 1);
    assert_int_equal(world->reopens, 0);
}

static void test_exec_by_the_leader_names_no_other_thread(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    exits(world, ROOT, 1040, SYS_execve, 0);
    assert_int_equal(next_record(world, RECORD_EXEC, ROOT, 1030)->exec.former_tid, ROOT);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
}

static void test_exec_that_fails_is_a_call_like_any_other(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_execve);
    exits(world, ROOT, 1040, SYS_execve, -ENOENT);
    ends(world, ROOT, 1100);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, -ENOENT);
    next_record(world, RECORD_END, ROOT, 1100);
    assert_int_equal(world->reopens, 0);
}

static void test_an_end_within_an_exec_is_not_death(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_execve, "su");
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    ends(world, ROOT, 1040);
    assert_int_equal(world->reopens, 1);
    assert_int_equal(world->reopened[0], ROOT);
    assert_int_equal(collector_tasks(world->collector), 1);
    assert_int_equal(collector_counts(world->collector)->reopened, 1);
    next_record(world, RECORD_EXEC, ROOT, 1030);
    const struct record *call = next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_HAS_RESULT, 0);
    assert_int_equal(call->call.duration_ns, 0);
    assert_captures(world, "su");

    /* The next end is one. */
    ends(world, ROOT, 2000);
    next_record(world, RECORD_END, ROOT, 2000);
    assert_int_equal(world->reopens, 1);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_an_exec_that_exits_after_its_events_were_opened_again_is_one_call(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    ends(world, ROOT, 1040);
    exits(world, ROOT, 1050, SYS_execve, 0); /* the supervisor was quick */
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_HAS_RESULT, 0);
    assert_nothing_more(world);
}

static void test_another_exit_after_the_events_were_opened_again_is_a_call(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    ends(world, ROOT, 1040);
    exits(world, ROOT, 1050, SYS_mprotect, 0); /* the supervisor was slow: it runs in the new program */
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_HAS_RESULT, 0);
    next_call(world, ROOT, 1050, SYS_mprotect, CALL_HAS_RESULT, 0);
}

static void test_an_end_within_an_exec_is_death_if_nothing_can_be_opened(void **state) {
    struct world *world = *state;
    world->reopen_result = -ESRCH;
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    ends(world, ROOT, 1040);
    assert_int_equal(world->reopens, 1);
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_END, ROOT, 1040);
    assert_int_equal(collector_tasks(world->collector), 0);
    assert_int_equal(collector_counts(world->collector)->reopened, 0);
}

/* The program must not go on before its events are opened again. */
static void test_the_first_call_after_an_exec_waits_for_what_the_events_say(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_execve, "su");
    enters(world, ROOT, 1000, SYS_execve);
    struct note check = note_of(ROOT, 2000, SYS_write);
    check.kind = NOTE_CHECK;
    hand_over(world, check, "hello");
    assert_false(collector_settle(world->collector, 1500));
    execs(world, ROOT, 1030);
    ends(world, ROOT, 1040);
    assert_false(collector_settle(world->collector, 2000));
    assert_int_equal(world->answers, 0);
    assert_int_equal(world->reopens, 1);
    assert_true(collector_settle(world->collector, 2001));
    assert_int_equal(world->answers, 1);
    assert_int_equal(world->answered[0], 2000);
    enters(world, ROOT, 3000, SYS_write);
    exits(world, ROOT, 3010, SYS_write, 5);
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_HAS_RESULT, 0);
    next_call(world, ROOT, 3000, SYS_write, RETURNED, 5);
    assert_captures(world, "hello");
    assert_int_equal(world->memory.writes, 0);
}

static void test_an_exec_is_expected_from_its_note_on(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "");
    assert_false(collector_expects_exec(world->collector));
    is_noted(world, ROOT, 1990, SYS_execve, "");
    assert_true(collector_expects_exec(world->collector));
    for (unsigned round = 0; round < 1000; round++) {
        collector_settle(world->collector, 3000 + round);
    }
    assert_false(collector_expects_exec(world->collector));
}

/* -------------------------------------------------------------- ids and their reuse */

static void test_an_id_is_used_again(void **state) {
    struct world *world = *state;
    enters(world, CHILD, 1000, SYS_exit_group);
    ends(world, CHILD, 1100);
    is_created(world, CHILD, 1200, ROOT);
    exits(world, CHILD, 1210, SYS_fork, 0);
    is_noted(world, CHILD, 1300, SYS_write, "new");
    enters(world, CHILD, 1310, SYS_write);
    exits(world, CHILD, 1320, SYS_write, 3);
    next_call(world, CHILD, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_END, CHILD, 1100);
    next_call(world, CHILD, 1310, SYS_write, RETURNED, 3);
    assert_captures(world, "new");
}

static void test_a_note_that_is_younger_than_the_end_belongs_to_the_next_thread(void **state) {
    struct world *world = *state;
    enters(world, CHILD, 1000, SYS_exit_group);
    /* Notes of a round come before its events. */
    is_noted(world, CHILD, 1300, SYS_write, "new");
    ends(world, CHILD, 1100);
    next_call(world, CHILD, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_END, CHILD, 1100);
    assert_int_equal(collector_tasks(world->collector), 1);
    is_created(world, CHILD, 1200, ROOT);
    exits(world, CHILD, 1210, SYS_fork, 0);
    enters(world, CHILD, 1310, SYS_write);
    exits(world, CHILD, 1320, SYS_write, 3);
    next_call(world, CHILD, 1310, SYS_write, RETURNED, 3);
    assert_captures(world, "new");
    ends(world, CHILD, 1400);
    next_record(world, RECORD_END, CHILD, 1400);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_a_thread_whose_creation_was_lost_lives(void **state) {
    struct world *world = *state;
    enters(world, CHILD, 1000, SYS_exit_group);
    is_noted(world, CHILD, 1300, SYS_write, "new");
    ends(world, CHILD, 1100);
    enters(world, CHILD, 1310, SYS_write);
    exits(world, CHILD, 1320, SYS_write, 3);
    next_call(world, CHILD, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_END, CHILD, 1100);
    next_call(world, CHILD, 1310, SYS_write, RETURNED, 3);
    assert_captures(world, "new");
}

static void test_an_open_call_of_a_thread_whose_end_was_lost_is_not_continued(void **state) {
    struct world *world = *state;
    enters(world, CHILD, 1000, SYS_read);
    is_created(world, CHILD, 2000, ROOT);
    exits(world, CHILD, 2010, SYS_fork, 0); /* would close the read */
    assert_nothing_more(world);
}

static void test_after_all_ends_no_task_is_left(void **state) {
    struct world *world = *state;
    static const int32_t tids[] = {THREAD, OTHER_THREAD, CHILD_THREAD, CHILD, ROOT};
    for (unsigned i = 0; i < COUNT_OF(tids); i++) {
        is_noted(world, tids[i], 1000 + i, SYS_write, "x");
        enters(world, tids[i], 1100 + i, SYS_write);
    }
    assert_int_equal(collector_tasks(world->collector), COUNT_OF(tids));
    for (unsigned i = 0; i < COUNT_OF(tids); i++) {
        exits(world, tids[i], 1200 + i, SYS_write, 1);
        next_call(world, tids[i], 1100 + i, SYS_write, RETURNED, 1);
        ends(world, tids[i], 1300 + i);
        next_record(world, RECORD_END, tids[i], 1300 + i);
    }
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_an_end_of_somebody_unknown_is_nothing(void **state) {
    struct world *world = *state;
    ends(world, CHILD, 1000);
    assert_nothing_more(world);
}

static void test_the_family_remembers_who_was_born_and_has_ended(void **state) {
    struct world *world = *state;
    struct pid_set *family = calloc(1, sizeof(*family));
    assert_non_null(family);
    world->options.follow = false; /* those that are not read belong to it as well */
    world->options.family = family;
    start(world);
    assert_false(pid_set_has(family, CHILD));
    is_created(world, CHILD, 1000, ROOT);
    assert_true(pid_set_has(family, CHILD));
    ends(world, CHILD, 1200);
    assert_true(pid_set_has(family, CHILD));
    assert_false(pid_set_has(family, CHILD + 32));
    assert_false(pid_set_has(family, -1));
    world->options.family = NULL;
    start(world);
    free(family);
}

static void test_what_is_open_at_the_finish_never_returned(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_read);
    is_noted(world, ROOT, 1500, SYS_write, "unclaimed");
    asks(world, THREAD, 2000, outer);
    collector_finish(world->collector);
    assert_int_equal(world->answers, 0); /* which needs to know what happened until then */
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_call(world, ROOT, 1500, SYS_write, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "unclaimed");
    next_call(world, THREAD, 2000, SYS_rt_sigreturn, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_int_equal(collector_tasks(world->collector), 0);
    assert_true(collector_settle(world->collector, 3000));
    assert_int_equal(world->answers, 1);
}

/* -------------------------------------------------------------------- what is shown */

/* One of each kind of record, from a thread. */
static void live_a_little(struct world *world, int32_t tid) {
    enters(world, tid, 1000, SYS_getpid);
    exits(world, tid, 1010, SYS_getpid, 1);
    gets_signal(world, tid, 1020, 10);
    execs(world, tid, 1030);
    exits(world, tid, 1040, SYS_openat, -EPERM);
    ends(world, tid, 1050);
}

static void expect_a_little(struct world *world, int32_t tid) {
    next_call(world, tid, 1000, SYS_getpid, RETURNED, 1);
    const struct record *signal = next_record(world, RECORD_SIGNAL, tid, 1020);
    assert_int_equal(signal->signal.number, 10);
    assert_int_equal(signal->signal.code, -6);
    next_record(world, RECORD_EXEC, tid, 1030);
    next_call(world, tid, 1040, SYS_openat, CALL_HAS_RESULT, -EPERM);
    next_record(world, RECORD_END, tid, 1050);
}

static void test_other_processes_are_shown_only_when_followed(void **state) {
    struct world *world = *state;
    live_a_little(world, CHILD);
    expect_a_little(world, CHILD);

    world->options.follow = false;
    start(world);
    live_a_little(world, CHILD);
    assert_nothing_more(world);
    assert_int_equal(collector_counts(world->collector)->calls, 0);
    live_a_little(world, THREAD);
    expect_a_little(world, THREAD);
    live_a_little(world, ROOT);
    expect_a_little(world, ROOT);
}

static void test_records_say_when_the_program_has_threads(void **state) {
    struct world *world = *state;
    assert_int_equal(gets_pid(world, ROOT, 1000)->threaded, 0);

    is_created(world, CHILD, 2000, ROOT);
    is_created(world, CHILD_THREAD, 2010, CHILD);
    assert_int_equal(gets_pid(world, ROOT, 2020)->threaded, 0);

    is_created(world, THREAD, 3000, ROOT);
    assert_int_equal(gets_pid(world, ROOT, 3020)->threaded, 1);

    ends(world, THREAD, 4000);
    enters(world, ROOT, 4020, SYS_getpid);
    exits(world, ROOT, 4030, SYS_getpid, 1);
    next_record(world, RECORD_END, THREAD, 4000);
    assert_int_equal(next_call(world, ROOT, 4020, SYS_getpid, RETURNED, 1)->threaded, 1);
}

static void test_only_chosen_calls_are_shown(void **state) {
    struct world *world = *state;
    char problem[128];
    assert_int_equal(selection_parse(&world->selection, "trace=write", problem, sizeof(problem)), 0);
    is_noted(world, ROOT, 990, SYS_execve, "followed, not shown");
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1005);
    exits(world, ROOT, 1010, SYS_execve, 0);
    enters(world, ROOT, 1020, SYS_write);
    exits(world, ROOT, 1030, SYS_write, 5);
    exits(world, ROOT, 1040, SYS_openat, -EPERM);
    next_record(world, RECORD_EXEC, ROOT, 1005);
    next_call(world, ROOT, 1020, SYS_write, RETURNED, 5);
    assert_int_equal(collector_counts(world->collector)->calls, 1);
}

static void test_the_selection_asks_for_the_right_architecture(void **state) {
    struct world *world = *state;
    char problem[128];
    assert_int_equal(selection_parse(&world->selection, "trace=write", problem, sizeof(problem)), 0);
    enters(world, ROOT, 1000, I386_WRITE); /* stat of x86-64 */
    exits(world, ROOT, 1010, I386_WRITE, 0);
    is_noted_i386(world, ROOT, 1090, I386_WRITE, "x");
    enters(world, ROOT, 1100, I386_WRITE);
    exits(world, ROOT, 1110, I386_WRITE, 1);
    next_call(world, ROOT, 1100, I386_WRITE, RETURNED, 1);
}

static void test_without_events_a_note_is_a_record_at_once(void **state) {
    struct world *world = *state;
    world->options.has_events = false;
    start(world);
    struct note note = note_of(THREAD, 1000, SYS_write);
    note.pid = ROOT;
    hand_over(world, note, "hello");
    const struct record *record = next_call(world, THREAD, 1000, SYS_write, CALL_HAS_ARGS, 0);
    assert_int_equal(record->pid, ROOT);
    assert_int_equal(record->threaded, 1);
    assert_int_equal(record->call.args[1], 77);
    assert_captures(world, "hello");
    assert_int_equal(collector_counts(world->collector)->without_result, 1);

    is_noted(world, ROOT, 2000, SYS_exit_group, "");
    next_call(world, ROOT, 2000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_int_equal(collector_counts(world->collector)->without_result, 1);
    collector_finish(world->collector);
}

/* A daemon. */
static void test_calls_of_whoever_lives_on_are_mended_after_the_finish(void **state) {
    struct world *world = *state;
    struct handover *handover;
    assert_int_equal(handover_create(&handover), 0);
    world->options.handover = handover;
    start(world);
    enters(world, THREAD, 1000, SYS_wait4);
    is_interrupted(world, ROOT, 1100, SYS_write, outer);
    asks(world, ROOT, 1200, outer);
    collector_finish(world->collector);
    world->read = world->emitted;
    assert_true(collector_settle(world->collector, 2000));
    assert_int_equal(world->answers, 1);
    assert_mended(world, SYS_write, outer);
    /* One that was open was not hit before it began, another one was; nobody writes it down. */
    exits_at(world, THREAD, 2100, SYS_wait4, -KERNEL_ERESTARTSYS, inner);
    asks(world, THREAD, 2200, inner);
    assert_true(collector_settle(world->collector, 3000));
    assert_int_equal(collector_counts(world->collector)->repaired, 1);
    is_interrupted(world, ROOT, 3100, SYS_close, inner);
    asks(world, ROOT, 3200, inner);
    assert_true(collector_settle(world->collector, 4000));
    assert_mended(world, SYS_close, inner);
    assert_int_equal(world->emitted, world->read);
    collector_destroy(world->collector);
    world->collector = NULL;
    handover_destroy(handover);
}

static void test_without_events_a_question_is_answered_without_a_mend(void **state) {
    struct world *world = *state;
    world->options.has_events = false;
    start(world);
    asks(world, ROOT, 2000, outer);
    next_call(world, ROOT, 2000, SYS_rt_sigreturn, CALL_HAS_ARGS, 0);
    assert_true(collector_settle(world->collector, 2001));
    assert_int_equal(world->answers, 1);
    assert_not_mended(world, outer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_call_has_the_result_and_the_time_that_the_kernel_measured),
        TEST(test_a_note_joins_the_call_that_begins_after_it),
        TEST(test_a_note_is_used_once),
        TEST(test_a_note_that_is_younger_than_the_call_waits_for_the_next),
        TEST(test_notes_of_one_thread_may_come_out_of_order),
        TEST(test_notes_of_different_threads_do_not_mix),
        TEST(test_the_note_knows_the_architecture),
        TEST(test_a_cancelled_note_loses_its_captures),
        TEST(test_a_cancellation_of_nothing_does_nothing),
        TEST(test_the_first_return_of_a_child_is_no_call),
        TEST(test_only_the_first_return_of_a_child_is_ignored),
        TEST(test_rt_sigreturn_exits_under_another_number),
        TEST(test_an_exit_of_a_sigreturn_alone_is_nothing),
        TEST(test_exec_of_a_32_bit_program_exits_under_its_own_number),
        TEST(test_a_call_that_the_programs_own_filter_refuses_has_its_error),
        TEST(test_a_call_that_the_programs_own_filter_traps_has_no_result),
        TEST(test_nanosleep_that_is_interrupted_goes_on_as_restart_syscall),
        TEST(test_exit_group_never_returns),
        TEST(test_a_call_whose_exit_was_lost_has_no_result),
        TEST(test_a_call_whose_enter_was_lost_has_what_its_note_says),
        TEST(test_a_note_without_events_has_no_result),
        TEST(test_a_call_that_does_not_stop_leaves_the_note_of_another_alone),
        TEST(test_an_exit_alone_gives_no_result_to_the_note_of_another_call),
        TEST(test_a_note_of_a_thread_that_ends_never_returned),
        TEST(test_exec_by_another_thread_continues_under_the_leaders_id),
        TEST(test_exec_by_the_leader_names_no_other_thread),
        TEST(test_exec_that_fails_is_a_call_like_any_other),
        TEST(test_an_end_within_an_exec_is_not_death),
        TEST(test_an_exec_that_exits_after_its_events_were_opened_again_is_one_call),
        TEST(test_another_exit_after_the_events_were_opened_again_is_a_call),
        TEST(test_an_end_within_an_exec_is_death_if_nothing_can_be_opened),
        TEST(test_the_first_call_after_an_exec_waits_for_what_the_events_say),
        TEST(test_an_exec_is_expected_from_its_note_on),
        TEST(test_an_id_is_used_again),
        TEST(test_a_note_that_is_younger_than_the_end_belongs_to_the_next_thread),
        TEST(test_a_thread_whose_creation_was_lost_lives),
        TEST(test_an_open_call_of_a_thread_whose_end_was_lost_is_not_continued),
        TEST(test_after_all_ends_no_task_is_left),
        TEST(test_an_end_of_somebody_unknown_is_nothing),
        TEST(test_the_family_remembers_who_was_born_and_has_ended),
        TEST(test_what_is_open_at_the_finish_never_returned),
        TEST(test_calls_of_whoever_lives_on_are_mended_after_the_finish),
        TEST(test_other_processes_are_shown_only_when_followed),
        TEST(test_records_say_when_the_program_has_threads),
        TEST(test_only_chosen_calls_are_shown),
        TEST(test_the_selection_asks_for_the_right_architecture),
        TEST(test_without_events_a_note_is_a_record_at_once),
        TEST(test_without_events_a_question_is_answered_without_a_mend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
