/* SPDX-License-Identifier: MIT
 *
 * The collector's rules, each with the events as perf writes them.
 */
#include "fake_collector.h"
#include "handover.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

enum {
    I386_FORK = 2,
    I386_WRITE = 4,
    I386_EXECVE = 11,
    I386_CHMOD = 15,
    I386_EXIT_GROUP = 252,
    FRAME = 0x7ffd0000, /* where the signal frames of mended calls lie */
};

/* Where an interrupted call would go on. */
struct place {
    uint64_t ip;
    uint64_t sp;
};

static const struct place outer = {0x401002, 0x7fff1000};
static const struct place inner = {0x402002, 0x7fff0800};

/* A call with these first two arguments. */
static void enters_with(struct world *world, int32_t tid, uint64_t time, int64_t number, uint64_t first,
                        uint64_t second) {
    struct kernel_event event = event_of(KERNEL_ENTER, tid, time);
    event.enter.number = number;
    event.enter.args[0] = first;
    event.enter.args[1] = second;
    collector_event(world->collector, &event);
}

/* An exit whose result can make the call look interrupted comes with registers. */
static void exits_at(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result,
                     struct place place) {
    struct kernel_event event = event_of(KERNEL_EXIT, tid, time);
    event.exit.number = number;
    event.exit.result = result;
    event.exit.has_registers = true;
    event.exit.ip = place.ip;
    event.exit.sp = place.sp;
    collector_event(world->collector, &event);
}

/* A signal hit the call before it was received. */
static void is_interrupted(struct world *world, int32_t tid, uint64_t time, int64_t number, struct place place) {
    exits_at(world, tid, time, number, -KERNEL_ERESTARTSYS, place);
}

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

static void is_noted_i386(struct world *world, int32_t tid, uint64_t time, int64_t number, const char *captures) {
    struct note note = note_of(tid, time, number);
    note.arch = ARCH_I386;
    hand_over(world, note, captures);
}

static void is_cancelled(struct world *world, int32_t tid, uint64_t id) {
    hand_over(world, (struct note){.kind = NOTE_CANCELLED, .tid = tid, .id = id}, "");
}

/* A sigreturn waits, whose frame goes on at `place` with EINTR. Its id is its time. */
static void asks(struct world *world, int32_t tid, uint64_t time, struct place place) {
    if (!fake_page_of(&world->memory, FRAME)) {
        fake_map(&world->memory, FRAME, FAKE_PAGE);
    }
    fake_put_word(&world->memory, FRAME + 0x90, (uint64_t)-EINTR, 8);
    fake_put_word(&world->memory, FRAME + 0xa8, place.ip, 8);
    struct note note = note_of(tid, time, SYS_rt_sigreturn);
    note.kind = NOTE_QUESTION;
    note.frame = (struct repair_frame){.arch = ARCH_X86_64,
                                       .width = 8,
                                       .result_address = FRAME + 0x90,
                                       .ip_address = FRAME + 0xa8,
                                       .ip = place.ip,
                                       .sp = place.sp};
    hand_over(world, note, "");
}

/* The sigreturn runs, and the thread has gone back to where it was. */
static void sigreturn_runs(struct world *world, int32_t tid, uint64_t time) {
    enters(world, tid, time, SYS_rt_sigreturn);
    exits(world, tid, time + 10, -1, 0);
}

static void assert_mended(struct world *world, int64_t number, struct place place) {
    assert_int_equal(fake_word(&world->memory, FRAME + 0x90, 8), number);
    assert_int_equal(fake_word(&world->memory, FRAME + 0xa8, 8), place.ip - 2);
}

static void assert_not_mended(struct world *world, struct place place) {
    assert_int_equal(fake_word(&world->memory, FRAME + 0x90, 8), (uint64_t)-EINTR);
    assert_int_equal(fake_word(&world->memory, FRAME + 0xa8, 8), place.ip);
    assert_int_equal(world->memory.writes, 0);
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

/* ------------------------------------------------------------------- interruptions */

static void test_an_interrupted_call_never_ran(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "dropped");
    is_interrupted(world, ROOT, 1000, SYS_write, outer);
    enters(world, ROOT, 1100, SYS_getpid);
    exits(world, ROOT, 1110, SYS_getpid, ROOT);
    next_call(world, ROOT, 1100, SYS_getpid, RETURNED, ROOT);
    assert_captures(world, "");
    assert_int_equal(collector_counts(world->collector)->interrupted, 1);
    assert_int_equal(collector_counts(world->collector)->calls, 1);
}

static void test_an_interruption_drops_no_note_of_another_call(void **state) {
    struct world *world = *state;
    is_noted(world, ROOT, 990, SYS_write, "in the gap"); /* it ran, and has no events */
    is_interrupted(world, ROOT, 2000, SYS_pipe2, outer); /* before it was received: without a note */
    enters(world, ROOT, 3000, SYS_getpid);
    exits(world, ROOT, 3010, SYS_getpid, ROOT);
    next_call(world, ROOT, 990, SYS_write, CALL_HAS_ARGS, 0);
    assert_captures(world, "in the gap");
    next_call(world, ROOT, 3000, SYS_getpid, RETURNED, ROOT);
}

static void test_an_interrupted_call_runs_after_the_handler(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    asks(world, ROOT, 2000, outer);
    assert_true(collector_settle(world->collector, 2500));
    assert_mended(world, SYS_pipe2, outer);
    assert_int_equal(world->answers, 1);
    assert_int_equal(world->answered[0], 2000);
    assert_int_equal(collector_counts(world->collector)->repaired, 1);
    sigreturn_runs(world, ROOT, 3000);
    next_call(world, ROOT, 3000, SYS_rt_sigreturn, RETURNED, 0);
}

static void test_an_interrupted_sigreturn_is_left_to_the_receiver(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_rt_sigreturn, outer);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    assert_int_equal(collector_counts(world->collector)->interrupted, 1);
}

static void test_an_interrupted_i386_call_with_the_number_of_rt_sigreturn_is_mended(void **state) {
    struct world *world = *state;
    struct kernel_event event = event_of(KERNEL_EXIT, ROOT, 1000);
    event.exit.number = I386_CHMOD;
    event.exit.result = -KERNEL_ERESTARTSYS;
    event.exit.has_registers = true;
    event.exit.is_32_bit = true;
    event.exit.ip = outer.ip;
    event.exit.sp = outer.sp;
    collector_event(world->collector, &event);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_mended(world, I386_CHMOD, outer);
}

static void test_a_mend_is_made_once(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    sigreturn_runs(world, ROOT, 2600);
    world->memory.writes = 0;
    asks(world, ROOT, 4000, outer);
    collector_settle(world->collector, 4500);
    assert_not_mended(world, outer);
    assert_int_equal(world->answers, 2);
    assert_int_equal(collector_counts(world->collector)->repaired, 1);
    sigreturn_runs(world, ROOT, 4600);
    next_call(world, ROOT, 2600, SYS_rt_sigreturn, RETURNED, 0);
    next_call(world, ROOT, 4600, SYS_rt_sigreturn, RETURNED, 0);
}

static void test_a_call_that_ran_and_says_eintr_is_not_mended(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_read);
    exits_at(world, ROOT, 1500, SYS_read, -EINTR, outer);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    assert_int_equal(world->answers, 1);
    next_call(world, ROOT, 1000, SYS_read, RETURNED, -EINTR);
}

static void test_a_call_that_ran_at_an_old_interruption_is_not_mended(void **state) {
    struct world *world = *state;
    /* Its handler had SA_RESTART: the kernel itself repeated the call, and the interruption is left over. */
    is_interrupted(world, ROOT, 1000, SYS_read, outer);
    enters(world, ROOT, 1200, SYS_read);
    exits_at(world, ROOT, 1500, SYS_read, -KERNEL_ERESTARTSYS, outer);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    assert_int_equal(world->answers, 1);
    assert_int_equal(collector_counts(world->collector)->interrupted, 1);
    assert_int_equal(collector_counts(world->collector)->repaired, 0);
    next_call(world, ROOT, 1200, SYS_read, RETURNED, -KERNEL_ERESTARTSYS);
}

static void test_a_call_that_ran_elsewhere_forgets_nothing(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    enters(world, ROOT, 1200, SYS_read); /* in the handler */
    exits_at(world, ROOT, 1500, SYS_read, -EINTR, inner);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_mended(world, SYS_pipe2, outer);
    next_call(world, ROOT, 1200, SYS_read, RETURNED, -EINTR);
}

static void test_the_stack_pointer_tells_recursions_apart(void **state) {
    struct world *world = *state;
    const struct place deeper = {outer.ip, outer.sp - 512};
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    asks(world, ROOT, 2000, deeper);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, deeper);
}

static void test_the_instruction_tells_calls_of_one_function_apart(void **state) {
    struct world *world = *state;
    const struct place next = {outer.ip + 16, outer.sp};
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    asks(world, ROOT, 2000, next);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, next);
}

static void test_nested_interruptions_are_mended_from_the_inside(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    is_interrupted(world, ROOT, 1100, SYS_write, inner); /* in the first handler */
    asks(world, ROOT, 2000, inner);
    collector_settle(world->collector, 2500);
    assert_mended(world, SYS_write, inner);
    sigreturn_runs(world, ROOT, 2600);
    asks(world, ROOT, 3000, outer);
    collector_settle(world->collector, 3500);
    assert_mended(world, SYS_pipe2, outer);
    assert_int_equal(collector_counts(world->collector)->repaired, 2);
    next_call(world, ROOT, 2600, SYS_rt_sigreturn, RETURNED, 0);
}

static void test_the_latest_interruption_at_a_place_counts(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_write, outer); /* left with siglongjmp */
    is_interrupted(world, ROOT, 1500, SYS_pipe2, outer); /* the same place in syscall(3) */
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_mended(world, SYS_pipe2, outer);
    sigreturn_runs(world, ROOT, 2600);
    next_call(world, ROOT, 2600, SYS_rt_sigreturn, RETURNED, 0);
    world->memory.writes = 0;
    asks(world, ROOT, 3000, outer); /* nothing is left of the first */
    collector_settle(world->collector, 3500);
    assert_not_mended(world, outer);
}

static void test_of_too_many_interruptions_the_oldest_is_forgotten(void **state) {
    struct world *world = *state;
    enum {
        REMEMBERED = 32,
    };
    for (unsigned i = 0; i <= REMEMBERED; i++) {
        is_interrupted(world, ROOT, 1000 + i, SYS_write, (struct place){outer.ip, outer.sp - 512 * i});
    }
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    const struct place second = {outer.ip, outer.sp - 512};
    sigreturn_runs(world, ROOT, 2600);
    asks(world, ROOT, 3000, second);
    collector_settle(world->collector, 3500);
    assert_mended(world, SYS_write, second);
    next_call(world, ROOT, 2600, SYS_rt_sigreturn, RETURNED, 0);
}

static void test_exec_forgets_interruptions(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    enters(world, ROOT, 1200, SYS_execve);
    execs(world, ROOT, 1300);
    exits(world, ROOT, 1400, SYS_execve, 0);
    asks(world, ROOT, 2000, outer); /* the new program has the same addresses */
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    assert_int_equal(world->answers, 1);
    next_record(world, RECORD_EXEC, ROOT, 1300);
    next_call(world, ROOT, 1200, SYS_execve, RETURNED, 0);
}

static void test_the_end_of_a_thread_forgets_interruptions(void **state) {
    struct world *world = *state;
    world->memory.tid = THREAD;
    is_interrupted(world, THREAD, 1000, SYS_pipe2, outer);
    ends(world, THREAD, 1100);
    is_created(world, THREAD, 1200, ROOT);
    asks(world, THREAD, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    assert_int_equal(world->answers, 1);
    next_record(world, RECORD_END, THREAD, 1100);
}

static void test_the_end_of_a_thread_forgets_interruptions_even_if_a_note_came_already(void **state) {
    struct world *world = *state;
    world->memory.tid = THREAD;
    is_interrupted(world, THREAD, 1000, SYS_pipe2, outer);
    asks(world, THREAD, 2000, outer); /* the next thread of this id */
    ends(world, THREAD, 1100);
    is_created(world, THREAD, 1200, ROOT);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    next_record(world, RECORD_END, THREAD, 1100);
}

static void test_interruptions_belong_to_their_thread(void **state) {
    struct world *world = *state;
    is_interrupted(world, THREAD, 1000, SYS_pipe2, outer);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
    assert_int_equal(world->answers, 1);
}

static void test_an_interruption_of_a_call_without_registers_is_not_mended(void **state) {
    struct world *world = *state;
    exits(world, ROOT, 1000, SYS_pipe2, -KERNEL_ERESTARTSYS);
    asks(world, ROOT, 2000, (struct place){0, 0});
    collector_settle(world->collector, 2500);
    assert_int_equal(world->memory.writes, 0);
    assert_nothing_more(world);
}

static void test_a_frame_that_cannot_be_written_is_answered_all_the_same(void **state) {
    struct world *world = *state;
    is_interrupted(world, ROOT, 1000, SYS_pipe2, outer);
    asks(world, ROOT, 2000, outer);
    world->memory.read_only = true;
    collector_settle(world->collector, 2500);
    assert_int_equal(world->memory.writes, 1);
    assert_int_equal(world->answers, 1);
    assert_int_equal(collector_counts(world->collector)->repaired, 0);
}

static void test_a_question_waits_until_its_time_is_settled(void **state) {
    struct world *world = *state;
    asks(world, ROOT, 2000, outer);
    assert_false(collector_settle(world->collector, 1500));
    is_interrupted(world, ROOT, 1900, SYS_pipe2, outer); /* came late, out of another ring */
    assert_false(collector_settle(world->collector, 2000));
    assert_int_equal(world->answers, 0);
    assert_true(collector_settle(world->collector, 2001));
    assert_int_equal(world->answers, 1);
    assert_mended(world, SYS_pipe2, outer);
}

static void test_questions_are_answered_in_order_of_time(void **state) {
    struct world *world = *state;
    asks(world, ROOT, 3000, outer);
    asks(world, THREAD, 2000, outer);
    asks(world, OTHER_THREAD, 4000, outer);
    assert_false(collector_settle(world->collector, 3500));
    assert_int_equal(world->answers, 2);
    assert_int_equal(world->answered[0], 2000);
    assert_int_equal(world->answered[1], 3000);
    assert_true(collector_settle(world->collector, 4500));
    assert_int_equal(world->answered[2], 4000);
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
    enters(world, ROOT, 1000, SYS_getpid);
    exits(world, ROOT, 1010, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 1000, SYS_getpid, RETURNED, 1)->threaded, 0);

    is_created(world, CHILD, 2000, ROOT);
    is_created(world, CHILD_THREAD, 2010, CHILD);
    enters(world, ROOT, 2020, SYS_getpid);
    exits(world, ROOT, 2030, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 2020, SYS_getpid, RETURNED, 1)->threaded, 0);

    is_created(world, THREAD, 3000, ROOT);
    enters(world, ROOT, 3020, SYS_getpid);
    exits(world, ROOT, 3030, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 3020, SYS_getpid, RETURNED, 1)->threaded, 1);

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

/* ---------------------------------------------------------------------- how it ends */

/* The next record is the end of this thread. */
static void next_end(struct world *world, int32_t tid, uint64_t time, enum end_manner manner, int32_t code) {
    const struct record *record = next_record(world, RECORD_END, tid, time);
    assert_int_equal(record->end.manner, manner);
    assert_int_equal(record->end.code, code);
}

static const struct record *next_signal(struct world *world, int32_t tid, uint64_t time, int32_t number) {
    const struct record *record = next_record(world, RECORD_SIGNAL, tid, time);
    assert_int_equal(record->signal.number, number);
    return record;
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

/* ------------------------------------------------------------------- several at once */

static void test_records_say_when_several_threads_are_traced(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_getpid);
    exits(world, ROOT, 1010, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 1000, SYS_getpid, RETURNED, 1)->several, 0);
    is_created(world, THREAD, 1100, ROOT);
    enters(world, ROOT, 1200, SYS_getpid);
    exits(world, ROOT, 1210, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 1200, SYS_getpid, RETURNED, 1)->several, 1);
    enters(world, THREAD, 1300, SYS_getpid);
    exits(world, THREAD, 1310, SYS_getpid, 1);
    assert_int_equal(next_call(world, THREAD, 1300, SYS_getpid, RETURNED, 1)->several, 1);
    ends(world, THREAD, 1400);
    assert_int_equal(next_record(world, RECORD_END, THREAD, 1400)->several, 1);
    enters(world, ROOT, 1500, SYS_getpid);
    exits(world, ROOT, 1510, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 1500, SYS_getpid, RETURNED, 1)->several, 0);
    ends(world, ROOT, 1600);
    assert_int_equal(next_record(world, RECORD_END, ROOT, 1600)->several, 0);
}

/* As in strace, which writes the beginning of a line when the call begins. */
static void test_what_counts_is_how_many_there_were_when_the_call_began(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_clone);
    is_created(world, CHILD, 1005, ROOT);
    exits(world, ROOT, 1010, SYS_clone, CHILD);
    assert_int_equal(next_call(world, ROOT, 1000, SYS_clone, RETURNED, CHILD)->several, 0);
    enters(world, ROOT, 1100, SYS_wait4);
    ends(world, CHILD, 1105);
    assert_int_equal(next_record(world, RECORD_END, CHILD, 1105)->several, 1);
    gets_signal(world, ROOT, 1106, SIGCHLD);
    assert_int_equal(next_record(world, RECORD_SIGNAL, ROOT, 1106)->several, 0);
    exits(world, ROOT, 1110, SYS_wait4, CHILD);
    assert_int_equal(next_call(world, ROOT, 1100, SYS_wait4, RETURNED, CHILD)->several, 1);
}

static void test_processes_that_are_not_followed_do_not_count(void **state) {
    struct world *world = *state;
    world->options.follow = false;
    start(world);
    is_created(world, CHILD, 900, ROOT);
    enters(world, ROOT, 1000, SYS_getpid);
    exits(world, ROOT, 1010, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 1000, SYS_getpid, RETURNED, 1)->several, 0);
}

/* A receiver does not know whose thread it is. */
static void test_neither_do_those_that_are_noted_before_they_are_born(void **state) {
    struct world *world = *state;
    world->options.follow = false;
    start(world);
    is_noted(world, CHILD, 890, SYS_write, "");
    is_created(world, CHILD, 900, ROOT);
    enters(world, ROOT, 1000, SYS_getpid);
    exits(world, ROOT, 1010, SYS_getpid, 1);
    assert_int_equal(next_call(world, ROOT, 1000, SYS_getpid, RETURNED, 1)->several, 0);
}

/* ---------------------------------------------------------------------- parallelism */

static void make_noted_call(struct world *world, int32_t tid, uint64_t time) {
    is_noted(world, tid, time, SYS_write, "");
    enters(world, tid, time + 1, SYS_write);
    exits(world, tid, time + 2, SYS_write, 0);
}

static void test_threads_that_compute_between_their_calls_are_parallel(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < 32; i++) {
        make_noted_call(world, i % 2 ? THREAD : ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 1);
    assert_int_equal(collector_parallelism(world->collector), -1); /* counted anew */
    world->read = world->emitted;
}

static void test_threads_that_wait_for_each_other_are_not_parallel(void **state) {
    struct world *world = *state;
    enters(world, THREAD, 900, SYS_read);
    for (unsigned i = 0; i < 32; i++) {
        int32_t writer = i % 2 ? THREAD : ROOT;
        int32_t reader = i % 2 ? ROOT : THREAD;
        uint64_t time = 1000 + 10 * i;
        make_noted_call(world, writer, time);
        enters(world, writer, time + 3, SYS_read);
        exits(world, reader, time + 4, SYS_read, 1); /* woken by the write */
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

static void test_one_thread_alone_is_not_parallel(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < 32; i++) {
        make_noted_call(world, ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

static void test_few_calls_say_nothing_about_parallelism(void **state) {
    struct world *world = *state;
    assert_int_equal(collector_parallelism(world->collector), -1);
    for (unsigned i = 0; i < 15; i++) {
        make_noted_call(world, i % 2 ? THREAD : ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), -1);
    make_noted_call(world, ROOT, 2000);
    assert_int_equal(collector_parallelism(world->collector), 1);
    world->read = world->emitted;
}

static void test_what_the_others_do_counts_even_if_one_thread_makes_all_calls(void **state) {
    struct world *world = *state;
    make_noted_call(world, THREAD, 1000); /* and computes from then on */
    for (unsigned i = 1; i < 32; i++) {
        make_noted_call(world, ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 1);
    make_noted_call(world, THREAD, 2000);
    enters(world, THREAD, 2005, SYS_read); /* and waits */
    for (unsigned i = 1; i < 32; i++) {
        make_noted_call(world, ROOT, 2000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

static void test_a_thread_that_ended_is_no_witness_of_parallelism(void **state) {
    struct world *world = *state;
    make_noted_call(world, THREAD, 1000);
    ends(world, THREAD, 1005);
    for (unsigned i = 1; i < 32; i++) {
        make_noted_call(world, ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

/* --------------------------------------------------------------- narrow sources */

static void start_narrow(struct world *world) {
    world->options.narrow = true;
    start(world);
}

static void handler_runs(struct world *world, uint64_t time, uint64_t flags) {
    struct kernel_event event = event_of(KERNEL_SIGNAL, ROOT, time);
    event.signal.number = SIGALRM;
    event.signal.handler = 0x401000;
    event.signal.flags = flags;
    collector_event(world->collector, &event);
    next_signal(world, ROOT, time, SIGALRM);
}

static void test_a_narrow_source_keeps_an_interruption_if_the_handler_does_not_restart(void **state) {
    struct world *world = *state;
    start_narrow(world);
    is_interrupted(world, ROOT, 1000, SYS_openat, outer);
    handler_runs(world, 1010, 0);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_mended(world, SYS_openat, outer);
    sigreturn_runs(world, ROOT, 2600);
    next_call(world, ROOT, 2600, SYS_rt_sigreturn, RETURNED, 0);
    /* The kernel itself repeats the call. */
    is_interrupted(world, ROOT, 3000, SYS_openat, outer);
    handler_runs(world, 3010, SA_RESTART);
    world->memory.writes = 0;
    asks(world, ROOT, 4000, outer);
    collector_settle(world->collector, 4500);
    assert_not_mended(world, outer);
}

static void test_a_narrow_source_mends_nothing_that_no_handler_followed(void **state) {
    struct world *world = *state;
    start_narrow(world);
    is_interrupted(world, ROOT, 1000, SYS_openat, outer);
    asks(world, ROOT, 2000, outer);
    collector_settle(world->collector, 2500);
    assert_not_mended(world, outer);
}

static void is_foreign_noted(struct world *world, int32_t tid, uint64_t time, int64_t number) {
    struct note note = note_of(tid, time, number);
    note.kind = NOTE_CHECK;
    note.arch = ARCH_I386;
    hand_over(world, note, "");
    collector_settle(world->collector, time + 1);
}

static void enters_foreign(struct world *world, int32_t tid, uint64_t time, int64_t number) {
    struct kernel_event event = event_of(KERNEL_ENTER, tid, time);
    event.enter.number = number;
    event.foreign = true;
    collector_event(world->collector, &event);
}

static void exits_foreign(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result) {
    struct kernel_event event = event_of(KERNEL_EXIT, tid, time);
    event.exit.number = number;
    event.exit.result = result;
    event.foreign = true;
    collector_event(world->collector, &event);
}

static void test_a_thread_is_widened_for_its_first_call_of_another_architecture(void **state) {
    struct world *world = *state;
    start_narrow(world);
    is_foreign_noted(world, ROOT, 1000, I386_WRITE);
    assert_int_equal(world->widened, ROOT);
    assert_int_equal(world->answers, 1);
    enters_foreign(world, ROOT, 1010, I386_WRITE);
    exits_foreign(world, ROOT, 1020, I386_WRITE, 5);
    const struct record *record = next_call(world, ROOT, 1010, I386_WRITE, RETURNED, 5);
    assert_int_equal(record->arch, ARCH_I386);
    world->widened = 0;
    is_foreign_noted(world, ROOT, 1100, I386_WRITE);
    assert_int_equal(world->widened, 0);
    enters_foreign(world, ROOT, 1110, I386_WRITE);
    exits_foreign(world, ROOT, 1120, I386_WRITE, 6);
    next_call(world, ROOT, 1110, I386_WRITE, RETURNED, 6);
}

/* A widened thread that goes back to 64 bits: raw_syscalls tells its calls a second time. */
static void test_foreign_events_count_for_foreign_calls_alone(void **state) {
    struct world *world = *state;
    start_narrow(world);
    enters(world, ROOT, 1000, SYS_write);
    enters_foreign(world, ROOT, 1001, SYS_write);
    exits_foreign(world, ROOT, 1010, SYS_write, 5);
    exits(world, ROOT, 1011, SYS_write, 5);
    next_call(world, ROOT, 1000, SYS_write, RETURNED, 5);
    exits_foreign(world, ROOT, 1020, SYS_getpid, 100);
    assert_int_equal(world->read, world->emitted);
}

static void test_children_of_a_widened_thread_are_widened(void **state) {
    struct world *world = *state;
    start_narrow(world);
    is_foreign_noted(world, ROOT, 1000, I386_WRITE);
    is_created(world, CHILD, 1100, ROOT);
    world->widened = 0;
    is_foreign_noted(world, CHILD, 1200, I386_WRITE);
    assert_int_equal(world->widened, 0);
    enters_foreign(world, CHILD, 1210, I386_WRITE);
    exits_foreign(world, CHILD, 1220, I386_WRITE, 5);
    next_call(world, CHILD, 1210, I386_WRITE, RETURNED, 5);
    collector_finish(world->collector);
    next_call(world, ROOT, 1000, I386_WRITE, CALL_HAS_ARGS | CALL_UNRETURNED, 0);
}

static void test_an_exec_to_another_architecture_succeeds_unseen(void **state) {
    struct world *world = *state;
    start_narrow(world);
    enters(world, ROOT, 1000, SYS_execve);
    execs(world, ROOT, 1010);
    is_foreign_noted(world, ROOT, 1100, I386_WRITE);
    enters_foreign(world, ROOT, 1110, I386_WRITE);
    exits_foreign(world, ROOT, 1120, I386_WRITE, 5);
    next_record(world, RECORD_EXEC, ROOT, 1010);
    next_call(world, ROOT, 1000, SYS_execve, CALL_HAS_ARGS | CALL_HAS_RESULT, 0);
    next_call(world, ROOT, 1110, I386_WRITE, RETURNED, 5);
}

static void test_an_exec_from_another_architecture_is_told_once(void **state) {
    struct world *world = *state;
    start_narrow(world);
    is_foreign_noted(world, ROOT, 1000, I386_EXECVE);
    enters_foreign(world, ROOT, 1010, I386_EXECVE);
    execs(world, ROOT, 1020);
    exits_foreign(world, ROOT, 1030, SYS_execve, 0);
    exits(world, ROOT, 1031, SYS_execve, 0);
    next_record(world, RECORD_EXEC, ROOT, 1020);
    next_call(world, ROOT, 1010, I386_EXECVE, RETURNED, 0);
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
        TEST(test_an_interrupted_call_never_ran),
        TEST(test_an_interruption_drops_no_note_of_another_call),
        TEST(test_an_interrupted_call_runs_after_the_handler),
        TEST(test_an_interrupted_sigreturn_is_left_to_the_receiver),
        TEST(test_an_interrupted_i386_call_with_the_number_of_rt_sigreturn_is_mended),
        TEST(test_a_mend_is_made_once),
        TEST(test_a_call_that_ran_and_says_eintr_is_not_mended),
        TEST(test_a_call_that_ran_at_an_old_interruption_is_not_mended),
        TEST(test_a_call_that_ran_elsewhere_forgets_nothing),
        TEST(test_the_stack_pointer_tells_recursions_apart),
        TEST(test_the_instruction_tells_calls_of_one_function_apart),
        TEST(test_nested_interruptions_are_mended_from_the_inside),
        TEST(test_the_latest_interruption_at_a_place_counts),
        TEST(test_of_too_many_interruptions_the_oldest_is_forgotten),
        TEST(test_exec_forgets_interruptions),
        TEST(test_the_end_of_a_thread_forgets_interruptions),
        TEST(test_the_end_of_a_thread_forgets_interruptions_even_if_a_note_came_already),
        TEST(test_interruptions_belong_to_their_thread),
        TEST(test_an_interruption_of_a_call_without_registers_is_not_mended),
        TEST(test_a_frame_that_cannot_be_written_is_answered_all_the_same),
        TEST(test_a_question_waits_until_its_time_is_settled),
        TEST(test_questions_are_answered_in_order_of_time),
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
        TEST(test_a_narrow_source_keeps_an_interruption_if_the_handler_does_not_restart),
        TEST(test_a_narrow_source_mends_nothing_that_no_handler_followed),
        TEST(test_a_thread_is_widened_for_its_first_call_of_another_architecture),
        TEST(test_foreign_events_count_for_foreign_calls_alone),
        TEST(test_children_of_a_widened_thread_are_widened),
        TEST(test_an_exec_to_another_architecture_succeeds_unseen),
        TEST(test_an_exec_from_another_architecture_is_told_once),
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
        TEST(test_a_new_descriptor_is_described_behind_the_captures),
        TEST(test_a_new_descriptor_is_described_without_a_note),
        TEST(test_errors_are_no_descriptors),
        TEST(test_results_that_are_not_there_are_no_descriptors),
        TEST(test_other_results_are_no_descriptors),
        TEST(test_fcntl_returns_descriptors_with_some_commands),
        TEST(test_descriptors_are_described_only_if_that_was_asked_for),
        TEST(test_descriptors_of_calls_that_are_not_shown_are_not_described),
        TEST(test_records_say_when_several_threads_are_traced),
        TEST(test_what_counts_is_how_many_there_were_when_the_call_began),
        TEST(test_processes_that_are_not_followed_do_not_count),
        TEST(test_neither_do_those_that_are_noted_before_they_are_born),
        TEST(test_threads_that_compute_between_their_calls_are_parallel),
        TEST(test_threads_that_wait_for_each_other_are_not_parallel),
        TEST(test_one_thread_alone_is_not_parallel),
        TEST(test_few_calls_say_nothing_about_parallelism),
        TEST(test_what_the_others_do_counts_even_if_one_thread_makes_all_calls),
        TEST(test_a_thread_that_ended_is_no_witness_of_parallelism),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
