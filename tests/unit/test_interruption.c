/* SPDX-License-Identifier: MIT
 *
 * What is done to the registers of real tracees whose calls were broken off.
 */
#include "interruption.h"

#include "fake_memory.h"
#include "traced_child.h"

#include "kernel_event.h"

#include <linux/audit.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/user.h>

/* --------------------------------------------------------------------- time limits */

enum {
    LIMIT = 0x5000, /* where a struct timespec lies */
    BEGUN = 1000,
    I386_RT_SIGTIMEDWAIT = 177,
    I386_EPOLL_WAIT = 256,
};

static const uint64_t no_args[SYSCALL_MAX_ARGS];

/* Whether a call with these arguments, made first at BEGUN, has no time left; *result is what it returns. */
static bool is_out_of_time(struct fake_memory *memory, uint64_t number, const uint64_t *args, uint64_t now,
                           int64_t *result) {
    struct tracee tracee = {.tid = FAKE_TID, .first_try = BEGUN};
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, number, args);
    *result = 4711;
    return interruption_is_out_of_time(&tracee, &memory->functions, now, result);
}

/* A limit of 2.5 s, just not reached and just reached. */
static void assert_limit(struct fake_memory *memory, uint64_t number, unsigned index, uint64_t limit,
                         int64_t expected) {
    const uint64_t end = BEGUN + UINT64_C(2500000000);
    uint64_t args[SYSCALL_MAX_ARGS] = {0};
    int64_t result;
    args[index] = limit;
    assert_false(is_out_of_time(memory, number, args, end - 1, &result));
    assert_true(is_out_of_time(memory, number, args, end, &result));
    assert_int_equal(result, expected);
    assert_true(is_out_of_time(memory, number, args, end + 1000000000, &result));
    assert_int_equal(result, expected);
}

static void put_limit(struct fake_memory *memory, int64_t seconds, int64_t nanoseconds) {
    fake_put_word(memory, LIMIT, (uint64_t)seconds, 8);
    fake_put_word(memory, LIMIT + 8, (uint64_t)nanoseconds, 8);
}

static struct fake_memory *memory_with_limit(void) {
    static struct fake_memory memory;
    fake_memory_init(&memory);
    fake_map(&memory, LIMIT, FAKE_PAGE);
    put_limit(&memory, 2, 500000000);
    return &memory;
}

static void test_every_call_with_a_time_limit_reaches_it(void **state) {
    (void)state;
    struct fake_memory *memory = memory_with_limit();
    assert_limit(memory, SYS_epoll_wait, 3, 2500, 0);
    assert_limit(memory, SYS_epoll_pwait, 3, 2500, 0);
    assert_limit(memory, SYS_epoll_pwait2, 3, LIMIT, 0);
    assert_limit(memory, SYS_io_getevents, 4, LIMIT, 0);
    assert_limit(memory, SYS_io_pgetevents, 4, LIMIT, 0);
    assert_limit(memory, SYS_rt_sigtimedwait, 2, LIMIT, -EAGAIN);
    assert_limit(memory, SYS_semtimedop, 3, LIMIT, -EAGAIN);
}

/* That of a ring is in a structure, which is there only if a flag says so. */
static void test_the_limit_of_a_ring(void **state) {
    (void)state;
    enum {
        MORE = LIMIT + 64,
        EXT_ARG = 8,
        ABSOLUTE = 32,
        SIZE = 24, /* struct io_uring_getevents_arg */
    };
    struct fake_memory *memory = memory_with_limit();
    uint64_t args[SYSCALL_MAX_ARGS] = {3, 0, 1, 1 | EXT_ARG, MORE, SIZE};
    int64_t result;
    fake_put_word(memory, MORE + 16, LIMIT, 8);
    assert_false(is_out_of_time(memory, SYS_io_uring_enter, args, BEGUN + 2400000000, &result));
    assert_true(is_out_of_time(memory, SYS_io_uring_enter, args, BEGUN + 2500000000, &result));
    assert_int_equal(result, -ETIME);
    args[3] |= ABSOLUTE;
    assert_false(is_out_of_time(memory, SYS_io_uring_enter, args, INT64_MAX, &result));
    args[3] = 1;
    assert_false(is_out_of_time(memory, SYS_io_uring_enter, args, INT64_MAX, &result));
}

/* That of a socket is asked of the kernel. */
static void test_the_limit_of_a_socket(void **state) {
    (void)state;
    struct timeval limit = {2, 500000};
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct tracee tracee = {.tid = getpid(), .pid = getpid(), .first_try = BEGUN};
    const uint64_t args[SYSCALL_MAX_ARGS] = {(uint64_t)ends[0]};
    int64_t result;
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, SYS_recvfrom, args);
    assert_false(interruption_is_out_of_time(&tracee, &live_memory, INT64_MAX, &result));
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    assert_false(interruption_is_out_of_time(&tracee, &live_memory, BEGUN + 2400000000, &result));
    assert_true(interruption_is_out_of_time(&tracee, &live_memory, BEGUN + 2500000000, &result));
    assert_int_equal(result, -EAGAIN);
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, SYS_sendto, args);
    assert_false(interruption_is_out_of_time(&tracee, &live_memory, INT64_MAX, &result));
    close(ends[0]);
    close(ends[1]);
}

/* Which results are left to the kernel. */
static void test_what_needs_mending(void **state) {
    (void)state;
    const struct syscall_row *full = syscall_row(ARCH_X86_64, SYS_io_pgetevents);
    const struct syscall_row *other = syscall_row(ARCH_X86_64, SYS_ppoll);
    assert_true(interruption_needs_mending(full, -EINTR));
    assert_true(interruption_needs_mending(other, -EINTR));
    assert_true(interruption_needs_mending(full, -514));
    assert_false(interruption_needs_mending(other, -514));
    assert_false(interruption_needs_mending(full, -512));
    assert_false(interruption_needs_mending(full, 0));
}

static void test_a_limit_of_nothing_is_reached_at_once(void **state) {
    (void)state;
    struct fake_memory *memory = memory_with_limit();
    const uint64_t args[SYSCALL_MAX_ARGS] = {0, 0, LIMIT, 0};
    int64_t result;
    assert_true(is_out_of_time(memory, SYS_epoll_wait, args, BEGUN, &result));
    put_limit(memory, 0, 0);
    assert_true(is_out_of_time(memory, SYS_rt_sigtimedwait, args, BEGUN, &result));
}

static void test_some_calls_wait_for_ever(void **state) {
    (void)state;
    struct fake_memory *memory = memory_with_limit();
    int64_t result;
    const uint64_t milliseconds[SYSCALL_MAX_ARGS] = {0, 0, 0, (uint32_t)-1};
    assert_false(is_out_of_time(memory, SYS_epoll_wait, milliseconds, INT64_MAX, &result));
    assert_false(is_out_of_time(memory, SYS_epoll_pwait, milliseconds, INT64_MAX, &result));
    assert_false(is_out_of_time(memory, SYS_epoll_pwait2, no_args, INT64_MAX, &result));
    assert_false(is_out_of_time(memory, SYS_rt_sigtimedwait, no_args, INT64_MAX, &result));
    assert_false(is_out_of_time(memory, SYS_semtimedop, no_args, INT64_MAX, &result));
    /* semop has none, nor has a call that the kernel makes again by itself. */
    const uint64_t args[SYSCALL_MAX_ARGS] = {0, 0, LIMIT, LIMIT};
    assert_false(is_out_of_time(memory, SYS_semop, args, INT64_MAX, &result));
    assert_false(is_out_of_time(memory, SYS_poll, args, INT64_MAX, &result));
    assert_false(is_out_of_time(memory, 100000, args, INT64_MAX, &result));
}

static void test_limits_that_make_no_sense_are_never_reached(void **state) {
    (void)state;
    static const int64_t seconds[] = {-1, INT64_MIN, INT64_MAX, INT64_MAX / 1000000000};
    struct fake_memory *memory = memory_with_limit();
    uint64_t args[SYSCALL_MAX_ARGS] = {0, 0, LIMIT};
    int64_t result;
    for (size_t i = 0; i < COUNT_OF(seconds); i++) {
        put_limit(memory, seconds[i], 0);
        assert_false(is_out_of_time(memory, SYS_rt_sigtimedwait, args, INT64_MAX, &result));
    }
    put_limit(memory, 0, 0);
    args[2] = LIMIT + FAKE_PAGE - 8; /* half of it is there */
    assert_false(is_out_of_time(memory, SYS_rt_sigtimedwait, args, INT64_MAX, &result));
    args[2] = 8;
    assert_false(is_out_of_time(memory, SYS_rt_sigtimedwait, args, INT64_MAX, &result));
}

static void test_without_a_beginning_there_is_no_end(void **state) {
    (void)state;
    struct fake_memory *memory = memory_with_limit();
    const uint64_t args[SYSCALL_MAX_ARGS] = {0, 0, 0, 1};
    struct tracee tracee = {.tid = FAKE_TID};
    int64_t result;
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, SYS_epoll_wait, args);
    assert_false(interruption_is_out_of_time(&tracee, &memory->functions, INT64_MAX, &result));
}

/* Of the other architecture those in milliseconds are known; its struct timespec has two layouts. */
static void test_limits_of_the_other_architecture(void **state) {
    (void)state;
    struct fake_memory *memory = memory_with_limit();
    const uint64_t args[SYSCALL_MAX_ARGS] = {0, 0, LIMIT, 1};
    struct tracee tracee = {.tid = FAKE_TID, .first_try = BEGUN};
    int64_t result = 4711;
    tracee_begin_call(&tracee, AUDIT_ARCH_I386, I386_EPOLL_WAIT, args);
    assert_false(interruption_is_out_of_time(&tracee, &memory->functions, BEGUN + 999999, &result));
    assert_true(interruption_is_out_of_time(&tracee, &memory->functions, BEGUN + 1000000, &result));
    assert_int_equal(result, 0);
    tracee_begin_call(&tracee, AUDIT_ARCH_I386, I386_RT_SIGTIMEDWAIT, args);
    assert_false(interruption_is_out_of_time(&tracee, &memory->functions, INT64_MAX, &result));
}

/* ------------------------------------------------------------- calls that break off */

enum {
    HAS_EVENT = 1,
    HAS_NOTHING = 2,
    HAS_EINTR = 3,
    HAS_OTHER = 4,
};

static int event_pipe[2]; /* what the tracee waits for, and the test makes happen */

static void on_signal(int number) {
    (void)number;
}

/* One epoll_wait() without a limit: how it ended. */
static int wait_for_event(void) {
    struct epoll_event event = {.events = EPOLLIN};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(epoll, EPOLL_CTL_ADD, event_pipe[0], &event);
    long count = syscall(SYS_epoll_wait, epoll, &event, 1, -1);
    if (count < 0) {
        return errno == EINTR ? HAS_EINTR : HAS_OTHER;
    }
    return count ? HAS_EVENT : HAS_NOTHING;
}

/* A tracee that has stopped because its epoll_wait() was broken off, after `signal` (0: none) was sent to it. */
static pid_t interrupt_wait(int signal) {
    assert_int_equal(pipe2(event_pipe, O_CLOEXEC), 0);
    pid_t tid = traced_start(wait_for_event, 0);
    traced_to_call(tid, SYS_epoll_wait);
    /* The call has begun; it is broken off as soon as it would wait. */
    assert_int_equal(traced_request(PTRACE_INTERRUPT, tid, 0, 0), 0);
    if (signal) {
        kill(tid, signal);
    }
    assert_int_equal(traced_go_on(tid, PTRACE_CONT), event_status(PTRACE_EVENT_STOP));
    return tid;
}

static void happen(void) {
    assert_int_equal(write(event_pipe[1], "", 1), 1);
}

static void close_event(void) {
    close(event_pipe[0]);
    close(event_pipe[1]);
}

static void test_a_stop_breaks_off_epoll_wait(void **state) {
    (void)state;
    pid_t tid = interrupt_wait(0);
    assert_true(interruption_is_seen(tid));
    assert_int_equal(traced_finish(tid), HAS_EINTR);
    close_event();
}

static void test_a_call_that_was_broken_off_is_made_again(void **state) {
    (void)state;
    pid_t tid = interrupt_wait(0);
    assert_true(interruption_make_again(tid));
    assert_false(interruption_is_seen(tid));
    struct __ptrace_syscall_info call = traced_to_call(tid, SYS_epoll_wait);
    assert_int_equal(call.entry.args[2], 1);
    assert_int_equal((int32_t)call.entry.args[3], -1);
    happen();
    assert_int_equal(traced_finish(tid), HAS_EVENT);
    close_event();
}

static void test_a_call_may_be_made_again_many_times(void **state) {
    (void)state;
    pid_t tid = interrupt_wait(0);
    for (int i = 0; i < 20; i++) {
        assert_true(interruption_make_again(tid));
        traced_to_call(tid, SYS_epoll_wait);
        assert_int_equal(traced_request(PTRACE_INTERRUPT, tid, 0, 0), 0);
        assert_int_equal(traced_go_on(tid, PTRACE_CONT), event_status(PTRACE_EVENT_STOP));
    }
    assert_int_equal(traced_finish(tid), HAS_EINTR);
    close_event();
}

static void test_a_call_that_was_broken_off_can_be_ended(void **state) {
    (void)state;
    pid_t tid = interrupt_wait(0);
    assert_true(interruption_end(tid, 0));
    assert_false(interruption_is_seen(tid));
    assert_int_equal(traced_finish(tid), HAS_NOTHING);
    close_event();
    tid = interrupt_wait(0);
    assert_true(interruption_end(tid, -EAGAIN));
    assert_int_equal(traced_finish(tid), HAS_OTHER);
    close_event();
}

/* The handler will run, and its program has to see that. */
static void test_a_call_is_not_made_again_if_a_signal_waits(void **state) {
    (void)state;
    pid_t tid = interrupt_wait(SIGUSR1);
    assert_true(interruption_is_seen(tid));
    assert_false(interruption_make_again(tid));
    assert_false(interruption_end(tid, 0));
    assert_true(interruption_is_seen(tid));
    int status = traced_go_on(tid, PTRACE_CONT);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(status >> 8, SIGUSR1);
    assert_int_equal(traced_request(PTRACE_CONT, tid, 0, SIGUSR1), 0);
    status = traced_wait(tid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), HAS_EINTR);
    close_event();
}

static void test_a_signal_that_is_blocked_does_not_count(void **state) {
    (void)state;
    pid_t tid = interrupt_wait(SIGUSR2);
    assert_true(interruption_make_again(tid));
    happen();
    assert_int_equal(traced_finish(tid), HAS_EVENT);
    close_event();
}

/* The same tracee, at the exit of its epoll_wait, after the signals were sent to it. */
static pid_t at_broken_exit(int signal, int other) {
    assert_int_equal(pipe2(event_pipe, O_CLOEXEC), 0);
    pid_t tid = traced_start(wait_for_event, 0);
    traced_to_call(tid, SYS_epoll_wait);
    kill(tid, signal);
    if (other) {
        kill(tid, other);
    }
    int status = traced_go_on(tid, PTRACE_SYSCALL);
    assert_int_equal(status >> 8, SIGTRAP | 0x80);
    assert_true(interruption_is_seen(tid));
    return tid;
}

static struct tracee tracee_in(pid_t tid, uint64_t number) {
    struct tracee tracee = {.tid = tid, .pid = tid};
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, number, no_args);
    return tracee;
}

static void test_an_ignored_signal_breaks_a_call_off(void **state) {
    (void)state;
    pid_t tid = at_broken_exit(SIGWINCH, 0);
    struct tracee tracee = tracee_in(tid, SYS_epoll_wait);
    int64_t result;
    assert_true(interruption_has_broken_off(&tracee, -EINTR, false));
    assert_true(interruption_has_broken_off(&tracee, -KERNEL_ERESTARTSYS, false));
    assert_int_equal(interruption_mend(&tracee, &live_memory, 0, &result), INTERRUPTION_AGAIN);
    assert_false(interruption_is_seen(tid));
    traced_kill(tid);
    close_event();
}

static void test_a_signal_that_is_caught_interrupts_by_right(void **state) {
    (void)state;
    pid_t tid = at_broken_exit(SIGUSR1, SIGWINCH);
    struct tracee tracee = tracee_in(tid, SYS_epoll_wait);
    int64_t result;
    assert_false(interruption_has_broken_off(&tracee, -EINTR, false));
    assert_false(interruption_has_broken_off(&tracee, -EINTR, true));
    assert_false(interruption_has_broken_off(&tracee, -KERNEL_ERESTARTSYS, true));
    assert_int_equal(interruption_mend(&tracee, &live_memory, 0, &result), INTERRUPTION_NONE);
    traced_kill(tid);
    close_event();
}

/* Another thread took the signal: of some calls that alone can be the cause, but not for ever. */
static void test_a_call_that_breaks_off_for_no_reason(void **state) {
    (void)state;
    pid_t tid = traced_start(wait_for_event, 0);
    struct tracee tracee = tracee_in(tid, SYS_epoll_wait);
    assert_true(interruption_has_broken_off(&tracee, -EINTR, false));
    unsigned times = 1;
    while (interruption_has_broken_off(&tracee, -EINTR, false)) {
        assert_true(++times < 100000);
    }
    assert_true(times > 10);
    assert_true(interruption_has_broken_off(&tracee, -EINTR, true));
    tracee = tracee_in(tid, SYS_close);
    assert_false(interruption_has_broken_off(&tracee, -EINTR, false));
    assert_true(interruption_has_broken_off(&tracee, -EINTR, true));
    assert_true(interruption_has_broken_off(&tracee, -KERNEL_ERESTARTNOINTR, false));
    traced_kill(tid);
}

static void test_other_results_are_ends(void **state) {
    (void)state;
    struct tracee tracee = tracee_in(getpid(), SYS_epoll_wait);
    assert_false(interruption_has_broken_off(&tracee, 0, true));
    assert_false(interruption_has_broken_off(&tracee, 1, true));
    assert_false(interruption_has_broken_off(&tracee, -EAGAIN, true));
    assert_false(interruption_has_broken_off(&tracee, -515, true));
}

/* The signal that broke the call off is delivered, the call is made again, and broken off by the next. */
static void break_again(pid_t tid) {
    assert_int_equal(traced_go_on(tid, PTRACE_SYSCALL) >> 8, SIGWINCH);
    traced_to_call(tid, SYS_epoll_wait);
    kill(tid, SIGWINCH);
    assert_int_equal(traced_go_on(tid, PTRACE_SYSCALL) >> 8, SIGTRAP | 0x80);
}

/* A call of which only the registers tell: how long it has waited counts from the first time. */
static void test_a_call_that_was_not_seen_to_begin(void **state) {
    (void)state;
    enum {
        MINUTE = 60000, /* ms */
    };
    static const uint64_t second = 1000000000;
    int64_t result = 4711;
    pid_t tid = at_broken_exit(SIGWINCH, 0);
    assert_true(traced_request(PTRACE_POKEUSER, tid, offsetof(struct user, regs.r10), MINUTE) == 0);
    struct tracee tracee = {.tid = tid, .pid = tid};
    assert_int_equal(interruption_mend(&tracee, &live_memory, 900 * second, &result), INTERRUPTION_AGAIN);
    /* Not known to be made again, it is another call at the same place. */
    break_again(tid);
    assert_int_equal(interruption_mend(&tracee, &live_memory, 1000 * second, &result), INTERRUPTION_AGAIN);
    tracee.again = true;
    for (unsigned seconds = 1001; seconds < 1060; seconds += 20) {
        break_again(tid);
        assert_int_equal(interruption_mend(&tracee, &live_memory, seconds * second, &result), INTERRUPTION_AGAIN);
    }
    break_again(tid);
    assert_int_equal(interruption_mend(&tracee, &live_memory, 1060 * second, &result), INTERRUPTION_ENDED);
    assert_int_equal(result, 0);
    traced_kill(tid);
    close_event();
}

static int read_event(void) {
    char byte;
    return syscall(SYS_read, event_pipe[0], &byte, 1) == 1 ? HAS_EVENT : HAS_OTHER;
}

static void test_a_call_that_the_kernel_makes_again_is_left_to_it(void **state) {
    (void)state;
    assert_int_equal(pipe2(event_pipe, O_CLOEXEC), 0);
    pid_t tid = traced_start(read_event, 0);
    traced_to_call(tid, SYS_read); /* the one that it began with */
    traced_to_call(tid, SYS_read);
    assert_int_equal(traced_request(PTRACE_INTERRUPT, tid, 0, 0), 0);
    assert_int_equal(traced_go_on(tid, PTRACE_CONT), event_status(PTRACE_EVENT_STOP));
    assert_false(interruption_is_seen(tid));
    assert_false(interruption_make_again(tid));
    assert_false(interruption_end(tid, 0));
    happen();
    assert_int_equal(traced_finish(tid), HAS_EVENT);
    close_event();
}

/* EINTR in the register, but of no call. */
static int raise_with_eintr(void) {
    long result = -EINTR;
    __asm__ volatile("int3" : "+a"(result));
    return result == -EINTR ? HAS_NOTHING : HAS_OTHER;
}

static void test_outside_of_calls_nothing_is_changed(void **state) {
    (void)state;
    pid_t tid = traced_start(raise_with_eintr, 0);
    int status = traced_go_on(tid, PTRACE_CONT);
    assert_int_equal(status, SIGTRAP << 8 | 0x7f);
    assert_false(interruption_is_seen(tid));
    assert_false(interruption_make_again(tid));
    assert_int_equal(traced_finish(tid), HAS_NOTHING);
}

static void test_somebody_who_is_gone_was_not_interrupted(void **state) {
    (void)state;
    pid_t tid = traced_start(raise_with_eintr, 0);
    traced_kill(tid);
    assert_false(interruption_is_seen(tid));
    assert_false(interruption_make_again(tid));
    assert_false(interruption_end(tid, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_call_with_a_time_limit_reaches_it),
        cmocka_unit_test(test_the_limit_of_a_ring),
        cmocka_unit_test(test_the_limit_of_a_socket),
        cmocka_unit_test(test_what_needs_mending),
        cmocka_unit_test(test_a_limit_of_nothing_is_reached_at_once),
        cmocka_unit_test(test_some_calls_wait_for_ever),
        cmocka_unit_test(test_limits_that_make_no_sense_are_never_reached),
        cmocka_unit_test(test_without_a_beginning_there_is_no_end),
        cmocka_unit_test(test_limits_of_the_other_architecture),
        cmocka_unit_test(test_a_stop_breaks_off_epoll_wait),
        cmocka_unit_test(test_a_call_that_was_broken_off_is_made_again),
        cmocka_unit_test(test_a_call_may_be_made_again_many_times),
        cmocka_unit_test(test_a_call_that_was_broken_off_can_be_ended),
        cmocka_unit_test(test_a_call_is_not_made_again_if_a_signal_waits),
        cmocka_unit_test(test_a_signal_that_is_blocked_does_not_count),
        cmocka_unit_test(test_an_ignored_signal_breaks_a_call_off),
        cmocka_unit_test(test_a_signal_that_is_caught_interrupts_by_right),
        cmocka_unit_test(test_a_call_that_breaks_off_for_no_reason),
        cmocka_unit_test(test_other_results_are_ends),
        cmocka_unit_test(test_a_call_that_was_not_seen_to_begin),
        cmocka_unit_test(test_a_call_that_the_kernel_makes_again_is_left_to_it),
        cmocka_unit_test(test_outside_of_calls_nothing_is_changed),
        cmocka_unit_test(test_somebody_who_is_gone_was_not_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
