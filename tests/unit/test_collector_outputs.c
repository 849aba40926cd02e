/* SPDX-License-Identifier: MIT
 *
 * The collector's rules about what comes later than a call, or together with
 * its events: outputs that are read when it returns, notes that events carry,
 * and ends and signals that tell all about themselves.
 */
#include "fake_collector.h"

#include <signal.h>
#include <sys/syscall.h>

/* Calls begin at full thousands here: a note that is read just before, and outputs that are read
 * until the next one, are of one call. */
static uint64_t id_at(uint64_t time) {
    return (time + 10) / 1000;
}

/* The call was read, and what it returns will be. */
static struct note note_with_more(int32_t tid, uint64_t time, int64_t number) {
    struct note note = note_of(tid, time, number);
    note.more = true;
    note.id = id_at(time);
    return note;
}

static void is_noted_with_more(struct world *world, int32_t tid, uint64_t time, int64_t number, const char *captures) {
    hand_over(world, note_with_more(tid, time, number), captures);
}

static struct note outputs_of(int32_t tid, uint64_t time, int64_t number) {
    struct note note = note_of(tid, time, number);
    note.kind = NOTE_OUTPUTS;
    note.id = id_at(time);
    return note;
}

/* The call has returned, and what it has written was read. */
static void has_outputs(struct world *world, int32_t tid, uint64_t time, int64_t number, const char *captures) {
    hand_over(world, outputs_of(tid, time, number), captures);
}

/* A whole call up to its exit, whose outputs are still to come. */
static void returns_without_outputs(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result) {
    is_noted_with_more(world, tid, time - 10, number, "in");
    enters(world, tid, time, number);
    exits(world, tid, time + 100, number, result);
    assert_nothing_more(world);
}

/* ---------------------------------------------------------------------- outputs */

static void test_outputs_that_came_before_the_exit_join_the_call(void **state) {
    struct world *world = *state;
    is_noted_with_more(world, ROOT, 990, SYS_read, "in");
    enters(world, ROOT, 1000, SYS_read);
    has_outputs(world, ROOT, 1110, SYS_read, "out");
    assert_nothing_more(world);
    exits(world, ROOT, 1100, SYS_read, 3);
    const struct record *record = next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_int_equal(record->call.duration_ns, 100);
    assert_captures(world, "inout");
}

static void test_a_call_that_has_returned_waits_for_its_outputs(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    collector_settle(world->collector, 2000);
    assert_nothing_more(world);
    has_outputs(world, ROOT, 1900, SYS_read, "out");
    /* Its result and its time are the exit's. */
    const struct record *record = next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_int_equal(record->call.duration_ns, 100);
    assert_int_equal(record->call.args[5], 1005);
    assert_captures(world, "inout");
    assert_int_equal(collector_counts(world->collector)->calls, 1);
}

static void test_a_call_that_has_returned_is_told_once(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    has_outputs(world, ROOT, 1110, SYS_read, "out");
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    ends(world, ROOT, 1200);
    next_record(world, RECORD_END, ROOT, 1200);
    collector_finish(world->collector);
}

static void test_outputs_may_be_all_there_is_of_a_call(void **state) {
    struct world *world = *state;
    is_noted_with_more(world, ROOT, 990, SYS_read, "");
    enters(world, ROOT, 1000, SYS_read);
    exits(world, ROOT, 1100, SYS_read, 3);
    has_outputs(world, ROOT, 1110, SYS_read, "out");
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "out");
}

static void test_outputs_may_be_empty(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, -EFAULT);
    has_outputs(world, ROOT, 1110, SYS_read, "");
    next_call(world, ROOT, 1000, SYS_read, RETURNED, -EFAULT);
    assert_captures(world, "in");
}

static void test_each_of_several_calls_gets_its_own_outputs(void **state) {
    struct world *world = *state;
    /* All were handed over before the rings were looked at. */
    is_noted_with_more(world, ROOT, 990, SYS_read, "1");
    has_outputs(world, ROOT, 1110, SYS_read, "one");
    is_noted_with_more(world, ROOT, 1990, SYS_read, "2");
    has_outputs(world, ROOT, 2110, SYS_read, "two");
    is_noted_with_more(world, ROOT, 2990, SYS_uname, "3");
    has_outputs(world, ROOT, 3110, SYS_uname, "three");
    assert_nothing_more(world);
    enters(world, ROOT, 1000, SYS_read);
    exits(world, ROOT, 1100, SYS_read, 3);
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "1one");
    enters(world, ROOT, 2000, SYS_read);
    exits(world, ROOT, 2100, SYS_read, 4);
    next_call(world, ROOT, 2000, SYS_read, RETURNED, 4);
    assert_captures(world, "2two");
    enters(world, ROOT, 3000, SYS_uname);
    exits(world, ROOT, 3100, SYS_uname, 0);
    next_call(world, ROOT, 3000, SYS_uname, RETURNED, 0);
    assert_captures(world, "3three");
}

static void test_outputs_may_be_handed_over_out_of_order(void **state) {
    struct world *world = *state;
    is_noted_with_more(world, ROOT, 990, SYS_read, "1");
    is_noted_with_more(world, ROOT, 1990, SYS_read, "2");
    has_outputs(world, ROOT, 2110, SYS_read, "two");
    has_outputs(world, ROOT, 1110, SYS_read, "one");
    enters(world, ROOT, 1000, SYS_read);
    exits(world, ROOT, 1100, SYS_read, 3);
    enters(world, ROOT, 2000, SYS_read);
    exits(world, ROOT, 2100, SYS_read, 4);
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "1one");
    next_call(world, ROOT, 2000, SYS_read, RETURNED, 4);
    assert_captures(world, "2two");
}

static void test_calls_without_more_in_their_note_take_no_outputs(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "w");
    is_noted_with_more(world, ROOT, 2990, SYS_read, "r");
    has_outputs(world, ROOT, 3110, SYS_read, "out");
    enters(world, ROOT, 1000, SYS_write);
    exits(world, ROOT, 1100, SYS_write, 1);
    next_call(world, ROOT, 1000, SYS_write, RETURNED, 1);
    assert_captures(world, "w");
    enters(world, ROOT, 2000, SYS_getpid); /* not stopped at all */
    exits(world, ROOT, 2100, SYS_getpid, ROOT);
    next_call(world, ROOT, 2000, SYS_getpid, RETURNED, ROOT);
    assert_captures(world, "");
    enters(world, ROOT, 3000, SYS_read);
    exits(world, ROOT, 3100, SYS_read, 3);
    next_call(world, ROOT, 3000, SYS_read, RETURNED, 3);
    assert_captures(world, "rout");
}

static void test_outputs_of_a_call_that_no_event_told_of_are_dropped(void **state) {
    struct world *world = *state;
    is_noted_with_more(world, ROOT, 990, SYS_read, "1");
    has_outputs(world, ROOT, 1110, SYS_read, "one");
    is_noted_with_more(world, ROOT, 1990, SYS_read, "2");
    has_outputs(world, ROOT, 2110, SYS_read, "two");
    enters(world, ROOT, 2000, SYS_read);
    exits(world, ROOT, 2100, SYS_read, 4);
    next_call(world, ROOT, 990, SYS_read, CALL_HAS_ARGS, 0);
    assert_captures(world, "1");
    next_call(world, ROOT, 2000, SYS_read, RETURNED, 4);
    assert_captures(world, "2two");
}

static void test_outputs_belong_to_their_thread(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    returns_without_outputs(world, THREAD, 1001, SYS_read, 4);
    has_outputs(world, THREAD, 1110, SYS_read, "thread");
    next_call(world, THREAD, 1001, SYS_read, RETURNED, 4);
    assert_captures(world, "inthread");
    has_outputs(world, ROOT, 1111, SYS_read, "root");
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "inroot");
}

static void test_outputs_of_somebody_unknown_are_nothing(void **state) {
    struct world *world = *state;
    has_outputs(world, CHILD, 1110, SYS_read, "out");
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_outputs_that_never_come_do_not_hold_the_next_call(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    enters(world, ROOT, 2000, SYS_getpid);
    const struct record *record = next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_int_equal(record->call.duration_ns, 100);
    assert_captures(world, "in");
    exits(world, ROOT, 2100, SYS_getpid, ROOT);
    next_call(world, ROOT, 2000, SYS_getpid, RETURNED, ROOT);
    assert_int_equal(collector_counts(world->collector)->without_result, 0);
}

/* ------------------------------------------------------------------ ends meanwhile */

static void test_a_thread_killed_in_a_call_has_no_outputs(void **state) {
    struct world *world = *state;
    is_noted_with_more(world, ROOT, 990, SYS_read, "in");
    enters(world, ROOT, 1000, SYS_read);
    ends(world, ROOT, 1100);
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "in");
    next_record(world, RECORD_END, ROOT, 1100);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_a_thread_killed_before_its_outputs_came_has_its_result(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    ends(world, ROOT, 1200);
    const struct record *record = next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_int_equal(record->call.duration_ns, 100);
    assert_captures(world, "in");
    next_record(world, RECORD_END, ROOT, 1200);
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_outputs_that_come_after_the_end_are_nothing(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    ends(world, ROOT, 1200);
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    next_record(world, RECORD_END, ROOT, 1200);
    has_outputs(world, ROOT, 1150, SYS_read, "out");
    assert_int_equal(collector_tasks(world->collector), 0);
}

static void test_an_id_that_is_used_again_has_no_outputs_of_the_former(void **state) {
    struct world *world = *state;
    is_noted_with_more(world, THREAD, 990, SYS_read, "in");
    enters(world, THREAD, 1000, SYS_read);
    has_outputs(world, THREAD, 1500, SYS_read, "old"); /* its exit was lost, and its end */
    is_created(world, THREAD, 2000, ROOT);
    is_noted_with_more(world, THREAD, 2990, SYS_read, "in");
    enters(world, THREAD, 3000, SYS_read);
    exits(world, THREAD, 3100, SYS_read, 3);
    assert_nothing_more(world);
    has_outputs(world, THREAD, 3110, SYS_read, "new");
    next_call(world, THREAD, 3000, SYS_read, RETURNED, 3);
    assert_captures(world, "innew");
}

static void test_what_waits_for_outputs_at_the_finish_has_returned(void **state) {
    struct world *world = *state;
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    collector_finish(world->collector);
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "in");
}

static void test_an_exec_by_another_thread_ends_the_wait_of_the_leader(void **state) {
    struct world *world = *state;
    is_noted(world, THREAD, 900, SYS_execve, "argv");
    enters(world, THREAD, 910, SYS_execve);
    returns_without_outputs(world, ROOT, 1000, SYS_read, 3);
    execs(world, ROOT, 1200); /* under the leader's id */
    next_call(world, ROOT, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "in");
    const struct record *record = next_record(world, RECORD_EXEC, ROOT, 1200);
    assert_int_equal(record->exec.former_tid, THREAD);
    exits(world, ROOT, 1300, SYS_execve, 0);
    next_call(world, ROOT, 910, SYS_execve, RETURNED, 0);
    assert_captures(world, "argv");
}

static void test_an_exec_by_another_thread_ends_a_call_of_the_leader_that_has_not_returned(void **state) {
    struct world *world = *state;
    enters(world, THREAD, 910, SYS_execve);
    is_noted_with_more(world, ROOT, 990, SYS_read, "in");
    enters(world, ROOT, 1000, SYS_read);
    execs(world, ROOT, 1200);
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_record(world, RECORD_EXEC, ROOT, 1200);
    exits(world, ROOT, 1300, SYS_execve, 0);
    next_call(world, ROOT, 910, SYS_execve, RETURNED, 0);
}

static void test_an_exec_of_the_leader_ends_the_wait_of_another_thread(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 900, SYS_execve);
    returns_without_outputs(world, THREAD, 1000, SYS_read, 3);
    gets_signal(world, THREAD, 1150, SIGKILL);
    ends(world, THREAD, 1160);
    next_call(world, THREAD, 1000, SYS_read, RETURNED, 3);
    assert_captures(world, "in");
    const struct record *record = next_record(world, RECORD_END, THREAD, 1160);
    assert_int_equal(record->end.manner, END_EXITED);
    execs(world, ROOT, 1200);
    next_record(world, RECORD_EXEC, ROOT, 1200);
    exits(world, ROOT, 1300, SYS_execve, 0);
    next_call(world, ROOT, 900, SYS_execve, RETURNED, 0);
}

/* -------------------------------------------------------- events that carry a note */

/* An event with a note, as a source that stops has them. */
static void happens_with(struct world *world, struct kernel_event event, struct note note, const char *captures) {
    struct note_with_bytes whole = {.note = note};
    whole.note.captures_size = (uint32_t)strlen(captures);
    memcpy(whole.bytes, captures, strlen(captures));
    event.note = &whole.note;
    collector_event(world->collector, &event);
}

static void enters_read(struct world *world, int32_t tid, uint64_t time, int64_t number, bool more,
                        const char *captures) {
    struct kernel_event event = event_of(KERNEL_ENTER, tid, time);
    event.enter.number = number;
    event.enter.args[0] = time;
    struct note note = note_of(tid, time - 1, number);
    note.more = more;
    note.id = id_at(note.time);
    happens_with(world, event, note, captures);
}

static void exits_read(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result,
                       const char *captures) {
    struct kernel_event event = event_of(KERNEL_EXIT, tid, time);
    event.exit.number = number;
    event.exit.result = result;
    happens_with(world, event, outputs_of(tid, time, number), captures);
}

static void test_an_entry_carries_its_note(void **state) {
    struct world *world = *state;
    enters_read(world, ROOT, 1000, SYS_write, false, "one");
    exits(world, ROOT, 1100, SYS_write, 3);
    const struct record *record = next_call(world, ROOT, 1000, SYS_write, RETURNED, 3);
    assert_int_equal(record->call.args[0], 1000);
    assert_captures(world, "one");
    enters(world, ROOT, 2000, SYS_write);
    exits(world, ROOT, 2100, SYS_write, 4);
    next_call(world, ROOT, 2000, SYS_write, RETURNED, 4);
    assert_captures(world, "");
}

static void test_an_exit_carries_its_outputs(void **state) {
    struct world *world = *state;
    for (uint64_t time = 1000; time < 4000; time += 1000) {
        enters_read(world, ROOT, time, SYS_read, true, "in");
        exits_read(world, ROOT, time + 100, SYS_read, 3, "out");
        next_call(world, ROOT, time, SYS_read, RETURNED, 3);
        assert_captures(world, "inout");
    }
}

static void test_the_note_of_an_entry_knows_the_architecture(void **state) {
    struct world *world = *state;
    enum {
        I386_READ = 3,
    };
    struct kernel_event event = event_of(KERNEL_ENTER, ROOT, 1000);
    event.enter.number = I386_READ;
    struct note note = note_of(ROOT, 999, I386_READ);
    note.arch = ARCH_I386;
    note.more = true;
    note.id = id_at(note.time);
    happens_with(world, event, note, "");
    exits_read(world, ROOT, 1100, I386_READ, 3, "out");
    const struct record *record = next_call(world, ROOT, 1000, I386_READ, RETURNED, 3);
    assert_int_equal(record->arch, ARCH_I386);
    assert_captures(world, "out");
}

static void test_a_call_that_carried_a_note_ends_with_its_thread(void **state) {
    struct world *world = *state;
    enters_read(world, ROOT, 1000, SYS_read, true, "in");
    ends(world, ROOT, 1100);
    next_call(world, ROOT, 1000, SYS_read, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    assert_captures(world, "in");
    next_record(world, RECORD_END, ROOT, 1100);
    assert_int_equal(collector_tasks(world->collector), 0);
}

/* -------------------------------------------- events that tell all about themselves */

static void ends_as(struct world *world, int32_t tid, uint64_t time, enum end_manner manner, int32_t code) {
    struct kernel_event event = event_of(KERNEL_END, tid, time);
    event.end.manner = (int32_t)manner;
    event.end.code = code;
    collector_event(world->collector, &event);
}

static void next_end(struct world *world, int32_t tid, uint64_t time, enum end_manner manner, int32_t code) {
    const struct record *record = next_record(world, RECORD_END, tid, time);
    assert_int_equal(record->end.manner, manner);
    assert_int_equal(record->end.code, code);
}

static void test_an_end_may_tell_how(void **state) {
    struct world *world = *state;
    is_created(world, CHILD, 900, ROOT);
    enters(world, ROOT, 1000, SYS_getpid);
    ends_as(world, CHILD, 1100, END_EXITED, 7);
    ends_as(world, ROOT, 1200, END_KILLED, SIGSEGV);
    next_end(world, CHILD, 1100, END_EXITED, 7);
    next_call(world, ROOT, 1000, SYS_getpid, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1200, END_KILLED, SIGSEGV);
}

static void test_an_end_knows_better_than_what_was_seen_before(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_exit_group); /* with 1000, of which 232 would remain */
    ends_as(world, ROOT, 1100, END_KILLED, SIGKILL);
    next_call(world, ROOT, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1100, END_KILLED, SIGKILL);
}

static void test_an_end_that_does_not_tell_is_explained_by_what_was_seen(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_exit_group);
    ends_as(world, ROOT, 1100, END_UNKNOWN, 77);
    next_call(world, ROOT, 1000, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1100, END_EXITED, 1000 & 0xff);
}

static void test_threads_tell_each_their_own_end(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_futex);
    enters(world, THREAD, 1010, SYS_exit);
    ends_as(world, THREAD, 1020, END_EXITED, 3);
    next_call(world, THREAD, 1010, SYS_exit, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, THREAD, 1020, END_EXITED, 3);
    ends_as(world, ROOT, 1100, END_KILLED, SIGTERM);
    next_call(world, ROOT, 1000, SYS_futex, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
    next_end(world, ROOT, 1100, END_KILLED, SIGTERM);
}

static void gets_signal_from(struct world *world, int32_t tid, uint64_t time, int32_t number, int32_t sender) {
    struct kernel_event event = event_of(KERNEL_SIGNAL, tid, time);
    event.signal.number = number;
    event.signal.sender = sender;
    event.signal.code = SI_USER;
    event.signal.error = 5;
    event.signal.handler = 2;
    collector_event(world->collector, &event);
}

static void test_a_signal_may_tell_its_sender(void **state) {
    struct world *world = *state;
    gets_signal_from(world, ROOT, 1000, SIGUSR1, 4321);
    const struct signal_record *signal = &next_record(world, RECORD_SIGNAL, ROOT, 1000)->signal;
    assert_int_equal(signal->number, SIGUSR1);
    assert_int_equal(signal->sender, 4321);
    assert_int_equal(signal->code, SI_USER);
    assert_int_equal(signal->error, 5);
}

static void test_a_signal_that_does_not_tell_its_sender_has_the_one_who_was_seen(void **state) {
    struct world *world = *state;
    struct kernel_event event = event_of(KERNEL_SENT, CHILD_THREAD, 900);
    event.signal.number = SIGUSR1;
    event.signal.code = SI_USER;
    event.signal.target = ROOT;
    collector_event(world->collector, &event);
    gets_signal_from(world, ROOT, 1000, SIGUSR1, 0);
    assert_int_equal(next_record(world, RECORD_SIGNAL, ROOT, 1000)->signal.sender, CHILD);
    gets_signal_from(world, ROOT, 2000, SIGUSR1, 0); /* nobody was seen who sent this one */
    assert_int_equal(next_record(world, RECORD_SIGNAL, ROOT, 2000)->signal.sender, 0);
}

/* ---------------------------------------------------------- descriptors as results */

static void look_at_descriptors(struct world *world) {
    static const struct capture_options with_paths = {.memory = true, .detail = DESCRIPTOR_PATHS, .string_limit = 32};
    world->options.capture = &with_paths;
    start(world);
}

static void test_whoever_read_the_outputs_has_described_the_result(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters_read(world, ROOT, 1000, SYS_openat, true, "path");
    exits_read(world, ROOT, 1100, SYS_openat, 7, "<7>");
    next_call(world, ROOT, 1000, SYS_openat, RETURNED, 7);
    assert_captures(world, "path<7>");
    assert_int_equal(world->descriptions, 0);
}

static void test_a_result_that_came_to_nothing_is_not_described_again(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters_read(world, ROOT, 1000, SYS_openat, true, "path");
    exits_read(world, ROOT, 1100, SYS_openat, 7, "");
    next_call(world, ROOT, 1000, SYS_openat, RETURNED, 7);
    assert_captures(world, "path");
    assert_int_equal(world->descriptions, 0);
}

static void test_results_are_described_late_where_outputs_come_late(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    returns_without_outputs(world, ROOT, 1000, SYS_openat, 7);
    assert_int_equal(world->descriptions, 0);
    has_outputs(world, ROOT, 1110, SYS_openat, "<7>");
    next_call(world, ROOT, 1000, SYS_openat, RETURNED, 7);
    assert_captures(world, "in<7>");
    assert_int_equal(world->descriptions, 0);
}

static void test_results_of_calls_without_outputs_are_described_here(void **state) {
    struct world *world = *state;
    look_at_descriptors(world);
    enters_read(world, ROOT, 1000, SYS_openat, false, "path");
    exits(world, ROOT, 1100, SYS_openat, 7);
    next_call(world, ROOT, 1000, SYS_openat, RETURNED, 7);
    assert_captures(world, "path#");
    assert_int_equal(world->descriptions, 1);
    assert_int_equal(world->described[0].fd, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_outputs_that_came_before_the_exit_join_the_call),
        TEST(test_a_call_that_has_returned_waits_for_its_outputs),
        TEST(test_a_call_that_has_returned_is_told_once),
        TEST(test_outputs_may_be_all_there_is_of_a_call),
        TEST(test_outputs_may_be_empty),
        TEST(test_each_of_several_calls_gets_its_own_outputs),
        TEST(test_outputs_may_be_handed_over_out_of_order),
        TEST(test_calls_without_more_in_their_note_take_no_outputs),
        TEST(test_outputs_of_a_call_that_no_event_told_of_are_dropped),
        TEST(test_outputs_belong_to_their_thread),
        TEST(test_outputs_of_somebody_unknown_are_nothing),
        TEST(test_outputs_that_never_come_do_not_hold_the_next_call),
        TEST(test_a_thread_killed_in_a_call_has_no_outputs),
        TEST(test_a_thread_killed_before_its_outputs_came_has_its_result),
        TEST(test_outputs_that_come_after_the_end_are_nothing),
        TEST(test_an_id_that_is_used_again_has_no_outputs_of_the_former),
        TEST(test_what_waits_for_outputs_at_the_finish_has_returned),
        TEST(test_an_exec_by_another_thread_ends_the_wait_of_the_leader),
        TEST(test_an_exec_by_another_thread_ends_a_call_of_the_leader_that_has_not_returned),
        TEST(test_an_exec_of_the_leader_ends_the_wait_of_another_thread),
        TEST(test_an_entry_carries_its_note),
        TEST(test_an_exit_carries_its_outputs),
        TEST(test_the_note_of_an_entry_knows_the_architecture),
        TEST(test_a_call_that_carried_a_note_ends_with_its_thread),
        TEST(test_an_end_may_tell_how),
        TEST(test_an_end_knows_better_than_what_was_seen_before),
        TEST(test_an_end_that_does_not_tell_is_explained_by_what_was_seen),
        TEST(test_threads_tell_each_their_own_end),
        TEST(test_a_signal_may_tell_its_sender),
        TEST(test_a_signal_that_does_not_tell_its_sender_has_the_one_who_was_seen),
        TEST(test_whoever_read_the_outputs_has_described_the_result),
        TEST(test_a_result_that_came_to_nothing_is_not_described_again),
        TEST(test_results_are_described_late_where_outputs_come_late),
        TEST(test_results_of_calls_without_outputs_are_described_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
