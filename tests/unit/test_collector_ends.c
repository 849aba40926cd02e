/* SPDX-License-Identifier: MIT
 *
 * How processes and threads end, and what of: by themselves, by signals, by each other, by an exec.
 */
#include "fake_collector.h"

#include <signal.h>
#include <sys/syscall.h>

enum {
    I386_EXIT_GROUP = 252,
};

/* `sender` has sent it, in its own context. */
static void sends_signal(struct world *world, int32_t sender, uint64_t time, int32_t target, int32_t number) {
    struct kernel_event event = event_of(KERNEL_SENT, sender, time);
    event.signal.number = number;
    event.signal.code = -6;
    event.signal.target = target;
    collector_event(world->collector, &event);
}

/* A signal of which the program takes care. */
static void handles_signal(struct world *world, int32_t tid, uint64_t time, int32_t number) {
    struct kernel_event event = event_of(KERNEL_SIGNAL, tid, time);
    event.signal.number = number;
    event.signal.handler = 0x401000;
    collector_event(world->collector, &event);
}

/* ---------------------------------------------------------------------- how it ends */

/* The next record is the end of this thread. */
static void next_end(struct world *world, int32_t tid, uint64_t time, enum end_manner manner, int32_t code) {
    const struct record *record = next_record(world, RECORD_END, tid, time);
    assert_int_equal(record->end.manner, manner);
    assert_int_equal(record->end.code, code);
}

/* A call of this thread, so that it is known. */
static void lives(struct world *world, int32_t tid, uint64_t time) {
    enters(world, tid, time, SYS_getpid);
    exits(world, tid, time + 1, SYS_getpid, tid);
    next_call(world, tid, time, SYS_getpid, RETURNED, tid);
}

static void test_exit_group_ends_all_threads_with_its_code(void **state) {
    struct world *world = *state;
    lives(world, ROOT, 100);
    lives(world, OTHER_THREAD, 200);
    enters_with(world, THREAD, 1000, SYS_exit_group, 0x1234, 0);
    gets_signal(world, ROOT, 1010, SIGKILL); /* so the kernel ends the others */
    gets_signal(world, OTHER_THREAD, 1011, SIGKILL);
    ends(world, THREAD, 1020);
    ends(world, OTHER_THREAD, 1021);
    ends(world, ROOT, 1022);
    next_call(world, THREAD, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, THREAD, 1020, END_EXITED, 0x34);
    next_end(world, OTHER_THREAD, 1021, END_EXITED, 0x34);
    next_end(world, ROOT, 1022, END_EXITED, 0x34);
}

static void test_the_first_exit_group_counts(void **state) {
    struct world *world = *state;
    enters_with(world, THREAD, 1000, SYS_exit_group, 1, 0);
    enters_with(world, ROOT, 1001, SYS_exit_group, 2, 0);
    ends(world, ROOT, 1010);
    ends(world, THREAD, 1011);
    next_call(world, ROOT, 1001, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_call(world, THREAD, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, THREAD, 1011, END_EXITED, 1);
    next_end(world, ROOT, 1011, END_EXITED, 1);
}

/* pthread_exit(3) in main: the leader is a zombie while the others go on, and its end is that of the process. */
static void test_a_leader_that_ends_first_ends_last(void **state) {
    struct world *world = *state;
    lives(world, THREAD, 100);
    lives(world, OTHER_THREAD, 200);
    enters_with(world, ROOT, 1000, SYS_exit, 0, 0);
    ends(world, ROOT, 1010);
    next_call(world, ROOT, 1000, SYS_exit, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    enters_with(world, OTHER_THREAD, 1100, SYS_exit, 3, 0);
    ends(world, OTHER_THREAD, 1110);
    next_call(world, OTHER_THREAD, 1100, SYS_exit, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, OTHER_THREAD, 1110, END_EXITED, 3);
    enters_with(world, THREAD, 1200, SYS_exit_group, 5, 0);
    ends(world, THREAD, 1210);
    assert_true(next_call(world, THREAD, 1200, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0)->several);
    next_end(world, THREAD, 1210, END_EXITED, 5);
    next_end(world, ROOT, 1210, END_EXITED, 5);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_exit_group_of_i386(void **state) {
    struct world *world = *state;
    is_noted_i386(world, ROOT, 990, I386_EXIT_GROUP, "");
    enters_with(world, ROOT, 1000, I386_EXIT_GROUP, 9, 0);
    ends(world, ROOT, 1010);
    next_call(world, ROOT, 1000, I386_EXIT_GROUP, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1010, END_EXITED, 9);
}

static void test_exit_ends_one_thread(void **state) {
    struct world *world = *state;
    lives(world, ROOT, 100);
    enters_with(world, THREAD, 1000, SYS_exit, 3, 0);
    ends(world, THREAD, 1010);
    next_call(world, THREAD, 1000, SYS_exit, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, THREAD, 1010, END_EXITED, 3);
    enters_with(world, ROOT, 2000, SYS_exit_group, 4, 0);
    ends(world, ROOT, 2010);
    next_call(world, ROOT, 2000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 2010, END_EXITED, 4);
}

static void test_a_signal_kills_all_threads(void **state) {
    struct world *world = *state;
    lives(world, ROOT, 100);
    gets_signal(world, THREAD, 1000, SIGSEGV);
    gets_signal(world, ROOT, 1010, SIGKILL);
    ends(world, THREAD, 1020);
    ends(world, ROOT, 1021);
    next_signal(world, THREAD, 1000, SIGSEGV);
    next_end(world, THREAD, 1020, END_KILLED, SIGSEGV);
    next_end(world, ROOT, 1021, END_KILLED, SIGSEGV);
}

static void test_a_call_that_a_signal_ends_never_returned(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 900, SYS_pause);
    sends_signal(world, CHILD, 990, ROOT, SIGKILL);
    gets_signal(world, ROOT, 1000, SIGKILL);
    ends(world, ROOT, 1020);
    next_signal(world, ROOT, 1000, SIGKILL);
    next_call(world, ROOT, 900, SYS_pause, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1020, END_KILLED, SIGKILL);
}

static void test_who_is_killed_from_outside_has_no_signal(void **state) {
    struct world *world = *state;
    lives(world, ROOT, 100);
    gets_signal(world, THREAD, 1000, SIGKILL);
    gets_signal(world, ROOT, 1001, SIGKILL);
    ends(world, THREAD, 1020);
    ends(world, ROOT, 1021);
    next_end(world, THREAD, 1020, END_KILLED, 0);
    next_end(world, ROOT, 1021, END_KILLED, 0);
}

static void test_sigkill_stands_for_the_signal_that_was_sent(void **state) {
    struct world *world = *state;
    lives(world, ROOT, 100);
    lives(world, THREAD, 200);
    sends_signal(world, CHILD, 990, THREAD, SIGTERM);
    gets_signal(world, THREAD, 1000, SIGKILL);
    gets_signal(world, ROOT, 1001, SIGKILL);
    ends(world, THREAD, 1020);
    ends(world, ROOT, 1021);
    assert_int_equal(next_signal(world, THREAD, 1000, SIGTERM)->signal.sender, CHILD);
    next_end(world, THREAD, 1020, END_KILLED, SIGTERM);
    next_end(world, ROOT, 1021, END_KILLED, SIGTERM);
}

static void test_a_signal_that_is_delivered_names_its_sender(void **state) {
    struct world *world = *state;
    sends_signal(world, CHILD, 990, ROOT, SIGUSR1);
    gets_signal(world, ROOT, 1000, SIGUSR1);
    assert_int_equal(next_signal(world, ROOT, 1000, SIGUSR1)->signal.sender, CHILD);
    /* Once: the next one may come from somebody else. */
    gets_signal(world, ROOT, 1100, SIGUSR1);
    assert_int_equal(next_signal(world, ROOT, 1100, SIGUSR1)->signal.sender, 0);
    /* Another one than was sent. */
    sends_signal(world, CHILD, 1200, ROOT, SIGUSR1);
    gets_signal(world, ROOT, 1210, SIGUSR2);
    assert_int_equal(next_signal(world, ROOT, 1210, SIGUSR2)->signal.sender, 0);
}

static void test_a_signal_that_is_handled_decides_nothing(void **state) {
    struct world *world = *state;
    handles_signal(world, ROOT, 1000, SIGTERM);
    enters_with(world, ROOT, 1100, SYS_exit_group, 5, 0);
    ends(world, ROOT, 1110);
    next_signal(world, ROOT, 1000, SIGTERM);
    next_call(world, ROOT, 1100, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1110, END_EXITED, 5);
}

static void test_signals_that_do_not_kill_decide_nothing(void **state) {
    static const int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    struct world *world = *state;
    for (unsigned i = 0; i < COUNT_OF(harmless); i++) {
        gets_signal(world, ROOT, 1000 + i, harmless[i]);
        next_signal(world, ROOT, 1000 + i, harmless[i]);
    }
    enters_with(world, ROOT, 1100, SYS_exit_group, 5, 0);
    ends(world, ROOT, 1110);
    next_call(world, ROOT, 1100, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1110, END_EXITED, 5);
}

static void test_other_signals_kill(void **state) {
    static const int deadly[] = {SIGHUP, SIGTERM, SIGUSR1, SIGPIPE, SIGALRM, SIGSEGV, SIGIO, SIGPWR, SIGSYS, 34, 64};
    struct world *world = *state;
    for (unsigned i = 0; i < COUNT_OF(deadly); i++) {
        start(world);
        gets_signal(world, ROOT, 1000, deadly[i]);
        ends(world, ROOT, 1010);
        next_signal(world, ROOT, 1000, deadly[i]);
        next_end(world, ROOT, 1010, END_KILLED, deadly[i]);
    }
}

static void test_signals_after_the_decision_are_told(void **state) {
    struct world *world = *state;
    gets_signal(world, ROOT, 1000, SIGTERM);
    gets_signal(world, THREAD, 1001, SIGHUP); /* delivered at the same time */
    ends(world, ROOT, 1010);
    ends(world, THREAD, 1011);
    next_signal(world, ROOT, 1000, SIGTERM);
    next_signal(world, THREAD, 1001, SIGHUP);
    next_end(world, THREAD, 1011, END_KILLED, SIGTERM);
    next_end(world, ROOT, 1011, END_KILLED, SIGTERM);
}

static void test_an_end_without_a_cause_is_of_unknown_manner(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_read);
    ends(world, ROOT, 1010);
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1010, END_UNKNOWN, 0);
}

static void test_threads_that_die_for_an_exec_have_exited(void **state) {
    struct world *world = *state;
    lives(world, ROOT, 100);
    lives(world, OTHER_THREAD, 200);
    enters(world, THREAD, 1000, SYS_execve);
    gets_signal(world, OTHER_THREAD, 1010, SIGKILL);
    gets_signal(world, ROOT, 1011, SIGKILL);
    ends(world, OTHER_THREAD, 1020);
    ends(world, ROOT, 1021);
    execs(world, ROOT, 1030);
    exits(world, ROOT, 1040, SYS_execve, 0);
    next_end(world, OTHER_THREAD, 1020, END_EXITED, 0);
    /* The leader's id lives on. */
    assert_int_equal(next_record(world, RECORD_EXEC, ROOT, 1030)->exec.former_tid, THREAD);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    /* What comes after it is the new program's own. */
    sends_signal(world, ROOT, 1990, ROOT, SIGKILL);
    gets_signal(world, ROOT, 2000, SIGKILL);
    ends(world, ROOT, 2010);
    next_signal(world, ROOT, 2000, SIGKILL);
    next_end(world, ROOT, 2010, END_KILLED, SIGKILL);
}

static void test_an_exec_of_another_process_is_no_excuse(void **state) {
    struct world *world = *state;
    enters(world, CHILD, 1000, SYS_execve);
    gets_signal(world, ROOT, 1010, SIGKILL);
    ends(world, ROOT, 1020);
    next_end(world, ROOT, 1020, END_KILLED, 0);
}

static void test_an_exec_forgets_what_was_decided(void **state) {
    struct world *world = *state;
    gets_signal(world, ROOT, 900, SIGTERM);
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1010);
    exits(world, ROOT, 1020, SYS_execve, 0);
    enters_with(world, ROOT, 1100, SYS_exit_group, 6, 0);
    ends(world, ROOT, 1110);
    next_signal(world, ROOT, 900, SIGTERM);
    next_record(world, RECORD_EXEC, ROOT, 1010);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    next_call(world, ROOT, 1100, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1110, END_EXITED, 6);
}

static void test_an_id_that_is_used_again_has_no_fate(void **state) {
    struct world *world = *state;
    enters_with(world, CHILD, 1000, SYS_exit_group, 5, 0);
    ends(world, CHILD, 1010);
    next_call(world, CHILD, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, CHILD, 1010, END_EXITED, 5);
    is_created(world, CHILD, 2000, ROOT);
    gets_signal(world, CHILD, 2010, SIGKILL);
    ends(world, CHILD, 2020);
    next_end(world, CHILD, 2020, END_KILLED, 0);
}

static void test_a_new_thread_leaves_the_fate_of_its_process_alone(void **state) {
    struct world *world = *state;
    enters_with(world, ROOT, 1000, SYS_exit_group, 5, 0);
    is_created(world, THREAD, 1001, ROOT);
    ends(world, THREAD, 1010);
    next_end(world, THREAD, 1010, END_EXITED, 5);
    ends(world, ROOT, 1020);
    next_call(world, ROOT, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1020, END_EXITED, 5);
}

/* Fates are kept by id modulo 1024: one that is overwritten is unknown, never another's. */
static void test_fates_of_different_processes_do_not_mix(void **state) {
    enum {
        FAR = ROOT + 25 * 1024,
    };
    struct world *world = *state;
    lives(world, THREAD, 100);
    enters_with(world, ROOT, 1000, SYS_exit_group, 5, 0);
    gets_signal(world, FAR, 1001, SIGTERM);
    ends(world, THREAD, 1010);
    ends(world, ROOT, 1011);
    ends(world, FAR, 1012);
    next_signal(world, FAR, 1001, SIGTERM);
    next_end(world, THREAD, 1010, END_UNKNOWN, 0);
    next_call(world, ROOT, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1011, END_EXITED, 5);
    next_end(world, FAR, 1012, END_KILLED, SIGTERM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_exit_group_ends_all_threads_with_its_code),
        TEST(test_the_first_exit_group_counts),
        TEST(test_exit_group_of_i386),
        TEST(test_exit_ends_one_thread),
        TEST(test_a_signal_kills_all_threads),
        TEST(test_a_call_that_a_signal_ends_never_returned),
        TEST(test_a_leader_that_ends_first_ends_last),
        TEST(test_who_is_killed_from_outside_has_no_signal),
        TEST(test_sigkill_stands_for_the_signal_that_was_sent),
        TEST(test_a_signal_that_is_delivered_names_its_sender),
        TEST(test_a_signal_that_is_handled_decides_nothing),
        TEST(test_signals_that_do_not_kill_decide_nothing),
        TEST(test_other_signals_kill),
        TEST(test_signals_after_the_decision_are_told),
        TEST(test_an_end_without_a_cause_is_of_unknown_manner),
        TEST(test_threads_that_die_for_an_exec_have_exited),
        TEST(test_an_exec_of_another_process_is_no_excuse),
        TEST(test_an_exec_forgets_what_was_decided),
        TEST(test_an_id_that_is_used_again_has_no_fate),
        TEST(test_a_new_thread_leaves_the_fate_of_its_process_alone),
        TEST(test_fates_of_different_processes_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
