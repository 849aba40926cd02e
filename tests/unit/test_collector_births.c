/* SPDX-License-Identifier: MIT
 *
 * What the collector says of births, of what programs start with, and of how
 * threads are killed, where two runs and two engines have to agree.
 */
#include "unit.h"

#include "fake_collector.h"

#include "program_maps.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

static const uint32_t unreturned = CALL_HAS_ARGS | CALL_UNRETURNED;

/* What the fake says stands in a process's memory. */
static const char read_bytes[] = "read of process";

static size_t read_maps(void *context, void *to, pid_t pid) {
    (void)context;
    return (size_t)snprintf(to, PROGRAM_MAPS_BOUND, "%s %d", read_bytes, pid);
}

/* Births and maps are wanted; `reads`: the collector has to look for the latter itself. */
static void start_wanting(struct world *world, bool reads) {
    world->options.births = true;
    world->options.maps = true;
    world->read_maps = reads ? read_maps : NULL;
    start(world);
}

static void calls_once(struct world *world, int32_t tid, uint64_t time) {
    enters(world, tid, time, SYS_getpid);
    exits(world, tid, time + 1, SYS_getpid, tid);
}

static void next_start(struct world *world, int32_t tid, uint64_t time, int32_t parent) {
    const struct record *record = next_record(world, RECORD_START, tid, time);
    assert_int_equal(record->start.parent_tid, parent);
    assert_int_equal(record->start.parent_pid, parent ? process_of(parent) : 0);
}

static void next_maps(struct world *world, int32_t tid, uint64_t time, const char *bytes) {
    const struct record *record = next_record(world, RECORD_MAPS, tid, time);
    assert_int_equal(record->maps.size, strlen(bytes));
    assert_memory_equal(world->seen[world->read - 1].captures, bytes, strlen(bytes));
}

/* ------------------------------------------------------------------------- births */

static void test_nobody_asked(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 1000, ROOT);
    execs(world, CHILD, 1100);
    next_record(world, RECORD_EXEC, CHILD, 1100);
    assert_nothing_more(world);
}

static void test_each_thread_is_born_once_and_by_whom(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    calls_once(world, ROOT, 500);
    is_created(world, THREAD, 1000, ROOT);
    is_created(world, CHILD, 1010, THREAD);
    calls_once(world, CHILD, 1020);
    calls_once(world, THREAD, 1030);
    next_call(world, ROOT, 500, SYS_getpid, RETURNED, ROOT); /* made by us: not born */
    next_start(world, THREAD, 1000, ROOT);
    next_start(world, CHILD, 1010, THREAD);
    next_call(world, CHILD, 1020, SYS_getpid, RETURNED, CHILD);
    next_call(world, THREAD, 1030, SYS_getpid, RETURNED, THREAD);
}

static void test_a_note_may_come_before_its_thread_is_born(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    is_noted(world, CHILD, 1100, SYS_openat, "path");
    is_created(world, CHILD, 1000, ROOT);
    enters(world, CHILD, 1101, SYS_openat);
    exits(world, CHILD, 1102, SYS_openat, 3);
    next_start(world, CHILD, 1000, ROOT);
    next_call(world, CHILD, 1101, SYS_openat, RETURNED, 3);
    assert_captures(world, "path");
}

static void test_an_id_that_is_used_again_is_born_again(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    is_created(world, CHILD, 1000, ROOT);
    ends(world, CHILD, 1100);
    is_created(world, CHILD, 1200, THREAD);
    /* The end was not seen. */
    is_created(world, CHILD, 1300, ROOT);
    next_start(world, CHILD, 1000, ROOT);
    next_record(world, RECORD_END, CHILD, 1100);
    next_start(world, CHILD, 1200, THREAD);
    next_start(world, CHILD, 1300, ROOT);
}

static void test_a_birth_that_was_not_seen_is_told_without_a_creator(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    calls_once(world, CHILD, 1000);
    calls_once(world, CHILD, 1100);
    next_start(world, CHILD, 1000, 0);
    next_call(world, CHILD, 1000, SYS_getpid, RETURNED, CHILD);
    next_call(world, CHILD, 1100, SYS_getpid, RETURNED, CHILD);
}

static void test_without_follow_only_our_threads_are_born(void **state) {
    struct world *world = *state;
    world->options.follow = false;
    start_wanting(world, true);
    is_created(world, CHILD, 1000, ROOT);
    execs(world, CHILD, 1010);
    is_created(world, THREAD, 1020, ROOT);
    next_start(world, THREAD, 1020, ROOT);
    assert_nothing_more(world);
}

/* --------------------------------------------------------------------------- maps */

static void notes_maps(struct world *world, int32_t tid, uint64_t time, const char *bytes) {
    hand_over(world, (struct note){.kind = NOTE_MAPS, .tid = tid, .pid = process_of(tid), .time = time}, bytes);
}

/* A call that waits for the collector. */
static void waits(struct world *world, int32_t tid, uint64_t time, int64_t number) {
    struct note note = note_of(tid, time, number);
    note.kind = NOTE_CHECK;
    hand_over(world, note, "");
}

static void test_noted_maps_come_behind_their_exec(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    /* A round brings notes first, even those that are younger than its events. */
    notes_maps(world, ROOT, 1035, "the maps");
    calls_once(world, ROOT, 900);
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    exits(world, ROOT, 1040, SYS_execve, 0);
    calls_once(world, ROOT, 1100);
    next_call(world, ROOT, 900, SYS_getpid, RETURNED, ROOT);
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    next_maps(world, ROOT, 1035, "the maps");
    next_call(world, ROOT, 1100, SYS_getpid, RETURNED, ROOT);
}

static void test_two_programs_in_one_round_have_their_own_maps(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    notes_maps(world, ROOT, 1035, "first");
    notes_maps(world, ROOT, 2035, "second");
    for (uint64_t time = 1000; time <= 2000; time += 1000) {
        enters(world, ROOT, time, SYS_execve);
        execs(world, ROOT, time + 30);
        exits(world, ROOT, time + 40, SYS_execve, 0);
        next_record(world, RECORD_EXEC, ROOT, time + 30);
        next_call(world, ROOT, time, SYS_execve, RETURNED, 0);
        next_maps(world, ROOT, time + 35, time == 1000 ? "first" : "second");
    }
}

static void test_maps_are_those_of_the_leader_whoever_executed(void **state) {
    struct world *world = *state;
    start_wanting(world, false);
    enters(world, ROOT, 500, SYS_futex);
    is_created(world, THREAD, 600, ROOT);
    notes_maps(world, ROOT, 1035, "the maps");
    enters(world, THREAD, 1000, SYS_execve);
    ends(world, ROOT, 1020);
    execs(world, ROOT, 1030);
    exits(world, ROOT, 1040, SYS_execve, 0);
    next_start(world, THREAD, 600, ROOT);
    next_call(world, ROOT, 500, SYS_futex, unreturned, 0);
    assert_int_equal(next_record(world, RECORD_EXEC, ROOT, 1030)->exec.former_tid, THREAD);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    next_maps(world, ROOT, 1035, "the maps");
}

static void test_maps_are_read_in_the_first_call_of_a_program(void **state) {
    struct world *world = *state;
    start_wanting(world, true);
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    exits(world, ROOT, 1040, SYS_execve, 0);
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, 0);
    waits(world, ROOT, 1050, SYS_brk);
    assert_nothing_more(world);
    collector_settle(world->collector, 1051);
    next_maps(world, ROOT, 1050, "read of process 100");
    assert_int_equal(world->answered[0], 1050);
    enters(world, ROOT, 1060, SYS_brk);
    exits(world, ROOT, 1061, SYS_brk, 4096);
    next_call(world, ROOT, 1060, SYS_brk, RETURNED, 4096);
    /* Once. */
    waits(world, ROOT, 1100, SYS_close);
    collector_settle(world->collector, 1101);
    assert_nothing_more(world);
    assert_int_equal(world->answers, 2);
}

static void test_an_exec_that_fails_has_no_maps(void **state) {
    struct world *world = *state;
    start_wanting(world, true);
    enters(world, ROOT, 1000, SYS_execve);
    exits(world, ROOT, 1040, SYS_execve, -2);
    waits(world, ROOT, 1050, SYS_brk);
    collector_settle(world->collector, 1051);
    next_call(world, ROOT, 1000, SYS_execve, RETURNED, -2);
    assert_nothing_more(world);
    assert_int_equal(world->answers, 1);
}

static void test_a_program_that_may_not_be_read_has_maps_all_the_same(void **state) {
    struct world *world = *state;
    start_wanting(world, true);
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    ends(world, ROOT, 1031); /* its events, not the thread */
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_HAS_RESULT, 0);
    waits(world, ROOT, 1050, SYS_brk);
    collector_settle(world->collector, 1051);
    next_maps(world, ROOT, 1050, "read of process 100");
}

static void test_a_leader_that_another_threads_exec_ends_is_not_opened_again(void **state) {
    struct world *world = *state;
    /* A narrow source has not seen the first exec return. */
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1030);
    enters(world, THREAD, 2000, SYS_execve);
    ends(world, ROOT, 2020);
    execs(world, ROOT, 2030);
    assert_int_equal(world->reopens, 0);
    next_record(world, RECORD_EXEC, ROOT, 1030);
    next_call(world, ROOT, 1000, SYS_execve, unreturned, 0);
    assert_int_equal(next_record(world, RECORD_EXEC, ROOT, 2030)->exec.former_tid, THREAD);
}

/* ------------------------------------------------------------------ who is killed */

static void breaks_off(struct world *world, int32_t tid, uint64_t time) {
    enters(world, tid, time, SYS_pause);
    exits(world, tid, time + 500, SYS_pause, -KERNEL_ERESTARTNOHAND);
}

static void test_a_call_that_death_breaks_off_never_returned(void **state) {
    struct world *world = *state;
    breaks_off(world, THREAD, 1000);
    gets_signal(world, THREAD, 1501, SIGKILL); /* for another thread has called exit_group */
    assert_nothing_more(world);
    ends(world, THREAD, 1600);
    next_call(world, THREAD, 1000, SYS_pause, unreturned, 0);
    next_record(world, RECORD_END, THREAD, 1600);
}

static void test_a_call_that_a_signal_breaks_off_has_its_result(void **state) {
    struct world *world = *state;
    breaks_off(world, ROOT, 1000);
    assert_nothing_more(world);
    gets_signal(world, ROOT, 1501, SIGUSR1);
    next_call(world, ROOT, 1000, SYS_pause, RETURNED, -KERNEL_ERESTARTNOHAND);
    next_record(world, RECORD_SIGNAL, ROOT, 1501);
    /* Signals may not be told: then the next call tells. */
    breaks_off(world, ROOT, 2000);
    enters(world, ROOT, 2600, SYS_getpid);
    next_call(world, ROOT, 2000, SYS_pause, RETURNED, -KERNEL_ERESTARTNOHAND);
    breaks_off(world, ROOT, 3000);
    next_call(world, ROOT, 2600, SYS_getpid, CALL_HAS_ARGS, 0);
    collector_finish(world->collector);
    next_call(world, ROOT, 3000, SYS_pause, unreturned, 0);
}

static void is_sent(struct world *world, int32_t from, uint64_t time, int32_t to, int32_t number, int32_t code) {
    struct kernel_event event = event_of(KERNEL_SENT, from, time);
    event.signal.number = number;
    event.signal.code = code;
    event.signal.target = to;
    collector_event(world->collector, &event);
}

static void test_a_fatal_signal_is_told_of_the_thread_it_was_meant_for(void **state) {
    struct world *world = *state;
    calls_once(world, THREAD, 100);
    next_call(world, THREAD, 100, SYS_getpid, RETURNED, THREAD);
    breaks_off(world, ROOT, 900);
    is_sent(world, CHILD, 1390, ROOT, SIGTERM, SI_USER);
    gets_signal(world, THREAD, 1400, SIGKILL);
    assert_nothing_more(world);
    gets_signal(world, ROOT, 1401, SIGKILL);
    next_call(world, ROOT, 900, SYS_pause, RETURNED, -KERNEL_ERESTARTNOHAND);
    const struct record *signal = next_record(world, RECORD_SIGNAL, ROOT, 1401);
    assert_int_equal(signal->signal.number, SIGTERM);
    assert_int_equal(signal->signal.sender, CHILD);
    ends(world, THREAD, 1500);
    ends(world, ROOT, 1501);
    assert_int_equal(next_record(world, RECORD_END, THREAD, 1500)->end.code, SIGTERM);
    assert_int_equal(next_record(world, RECORD_END, ROOT, 1501)->end.code, SIGTERM);
}

static void test_signals_on_their_way_keep_their_senders(void **state) {
    struct world *world = *state;
    is_sent(world, CHILD, 1000, ROOT, SIGUSR1, SI_USER);
    is_sent(world, CHILD_THREAD, 1010, ROOT, SIGUSR2, SI_USER);
    is_sent(world, THREAD, 1020, ROOT, SIGRTMIN, SI_QUEUE);
    static const struct {
        int32_t number, code, sender;
    } expected[] = {{SIGUSR2, SI_USER, CHILD}, {64, SI_QUEUE, 0}, {SIGUSR1, SI_USER, CHILD}, {SIGUSR1, SI_USER, 0}};
    for (unsigned i = 0; i < COUNT_OF(expected); i++) {
        struct kernel_event event = event_of(KERNEL_SIGNAL, ROOT, 2000 + i);
        event.signal.number = expected[i].number;
        event.signal.code = expected[i].code;
        event.signal.handler = 2;
        collector_event(world->collector, &event);
        assert_int_equal(next_record(world, RECORD_SIGNAL, ROOT, 2000 + i)->signal.sender, expected[i].sender);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_nobody_asked),
        TEST(test_each_thread_is_born_once_and_by_whom),
        TEST(test_a_note_may_come_before_its_thread_is_born),
        TEST(test_an_id_that_is_used_again_is_born_again),
        TEST(test_a_birth_that_was_not_seen_is_told_without_a_creator),
        TEST(test_without_follow_only_our_threads_are_born),
        TEST(test_noted_maps_come_behind_their_exec),
        TEST(test_two_programs_in_one_round_have_their_own_maps),
        TEST(test_maps_are_those_of_the_leader_whoever_executed),
        TEST(test_maps_are_read_in_the_first_call_of_a_program),
        TEST(test_an_exec_that_fails_has_no_maps),
        TEST(test_a_program_that_may_not_be_read_has_maps_all_the_same),
        TEST(test_a_leader_that_another_threads_exec_ends_is_not_opened_again),
        TEST(test_a_call_that_death_breaks_off_never_returned),
        TEST(test_a_call_that_a_signal_breaks_off_has_its_result),
        TEST(test_a_fatal_signal_is_told_of_the_thread_it_was_meant_for),
        TEST(test_signals_on_their_way_keep_their_senders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
