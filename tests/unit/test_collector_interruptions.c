/* SPDX-License-Identifier: MIT
 *
 * What a signal does to calls that wait for a receiver: which are mended, where and how often.
 */
#include "fake_interruptions.h"

#include <signal.h>
#include <sys/syscall.h>

enum {
    I386_WRITE = 4,
    I386_EXECVE = 11,
    I386_CHMOD = 15,
};

/* The sigreturn runs, and the thread has gone back to where it was. */
static void sigreturn_runs(struct world *world, int32_t tid, uint64_t time) {
    enters(world, tid, time, SYS_rt_sigreturn);
    exits(world, tid, time + 10, -1, 0);
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
        TEST(test_a_narrow_source_keeps_an_interruption_if_the_handler_does_not_restart),
        TEST(test_a_narrow_source_mends_nothing_that_no_handler_followed),
        TEST(test_a_thread_is_widened_for_its_first_call_of_another_architecture),
        TEST(test_foreign_events_count_for_foreign_calls_alone),
        TEST(test_children_of_a_widened_thread_are_widened),
        TEST(test_an_exec_to_another_architecture_succeeds_unseen),
        TEST(test_an_exec_from_another_architecture_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
