/* SPDX-License-Identifier: MIT */
#include "interruption.h"

#include "cleanup.h"
#include "clock.h"
#include "kernel_event.h"
#include "proc.h"
#include "registers.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    NO_LIMIT = -1,
    RING_LIMIT = -2,    /* in the struct io_uring_getevents_arg, if there is one */
    RECEIVE_LIMIT = -3, /* SO_RCVTIMEO of the socket: without one the kernel makes the call again */
    SEND_LIMIT = -4,    /* SO_SNDTIMEO */
    QUICKLY_NS = 1000000,
    QUICKLY_MOST = 64,
    RING_ABSOLUTE = 1 << 5, /* IORING_ENTER_ABS_TIMER of Linux 6.12 */
};

/* Calls that the kernel does not make again although no handler ran (signal(7), and
 * io_uring_enter and io_getevents in the kernel's source), or not as it should, and where their time limit is. */
static const struct breakable {
    const char *name;
    int limit;         /* index of the argument, or NO_LIMIT */
    bool milliseconds; /* otherwise it points to a struct timespec */
    int64_t result;    /* when the limit is over */
    bool in_full;      /* the kernel does make it again, with all of its limit */
} breakables[] = {
    {"accept", RECEIVE_LIMIT, false, -EAGAIN, false},
    {"accept4", RECEIVE_LIMIT, false, -EAGAIN, false},
    {"connect", SEND_LIMIT, false, -EINPROGRESS, false},
    {"epoll_wait", 3, true, 0, false},
    {"epoll_pwait", 3, true, 0, false},
    {"epoll_pwait2", 3, false, 0, false},
    {"io_getevents", 4, false, 0, false},
    {"io_pgetevents", 4, false, 0, true},
    {"io_uring_enter", RING_LIMIT, false, -ETIME, false},
    {"ppoll", 2, false, 0, false}, /* like pselect6 and select, if the rest of the time cannot be written back */
    {"pselect6", 4, false, 0, false},
    {"read", RECEIVE_LIMIT, false, -EAGAIN, false},
    {"readv", RECEIVE_LIMIT, false, -EAGAIN, false},
    {"recvfrom", RECEIVE_LIMIT, false, -EAGAIN, false},
    {"recvmsg", RECEIVE_LIMIT, false, -EAGAIN, false},
    {"rt_sigtimedwait", 2, false, -EAGAIN, false},
    {"select", NO_LIMIT, false, 0, false},
    {"semop", NO_LIMIT, false, 0, false},
    {"semtimedop", 3, false, -EAGAIN, false},
    {"sendmsg", SEND_LIMIT, false, -EAGAIN, false},
    {"sendto", SEND_LIMIT, false, -EAGAIN, false},
    {"write", SEND_LIMIT, false, -EAGAIN, false},
    {"writev", SEND_LIMIT, false, -EAGAIN, false},
};

static const struct breakable *breakable_row(const struct syscall_row *row) {
    for (size_t i = 0; row && i < sizeof(breakables) / sizeof(breakables[0]); i++) {
        if (strcmp(breakables[i].name, row->name) == 0) {
            return &breakables[i];
        }
    }
    return NULL;
}

static const struct breakable *breakable_of(const struct tracee *tracee) {
    return breakable_row(tracee->row);
}

/* Its first argument may be anything else, which says EINTR for reasons of its own. */
static bool is_of_socket(const struct breakable *breakable) {
    return breakable->limit == RECEIVE_LIMIT || breakable->limit == SEND_LIMIT;
}

/* The time limit of the tracee's socket in ns; negative: there is none, or it is not known. */
static int64_t limit_of_socket(const struct tracee *tracee, const struct breakable *breakable) {
    int option = breakable->limit == SEND_LIMIT ? SO_SNDTIMEO : SO_RCVTIMEO;
    enum {
        NS_PER_US = 1000,
        US_PER_S = 1000000,
    };
    struct timeval limit = {0};
    socklen_t size = sizeof(limit);
    auto_fd process = (int)syscall(SYS_pidfd_open, tracee->pid, 0);
    auto_fd copy = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, (int)tracee->args[0], 0);
    if (copy < 0 || getsockopt(copy, SOL_SOCKET, option, &limit, &size) != 0 || (!limit.tv_sec && !limit.tv_usec) ||
        limit.tv_sec > INT64_MAX / NS_PER_US / US_PER_S - 1) {
        return -1;
    }
    return ((int64_t)limit.tv_sec * US_PER_S + limit.tv_usec) * NS_PER_US;
}

bool interruption_is_silent(const struct syscall_row *row) {
    const struct breakable *breakable = breakable_row(row);
    return breakable && !is_of_socket(breakable);
}

/* A call may also be answered with EINTR by a filter of the program, for ever: that shows
 * in how often it comes. */
static bool is_broken_too_often(struct tracee *tracee) {
    uint64_t now = monotonic_now();
    tracee->broken_quickly = now - tracee->broken_ns < QUICKLY_NS ? tracee->broken_quickly + 1 : 0;
    tracee->broken_ns = now;
    return tracee->broken_quickly > QUICKLY_MOST;
}

/* Signals that are about to be delivered to a thread, and do something. */
static uint64_t effective(const struct proc_signals *signals) {
    return signals->pending & ~signals->blocked & ~proc_signals_without_effect(signals);
}

bool interruption_has_broken_off(struct tracee *tracee, int64_t result, bool interrupted) {
    struct proc_signals signals;
    if (result != -EINTR && !kernel_restarts(result)) {
        return false;
    }
    if (proc_signals(tracee->tid, &signals) < 0) {
        return interrupted;
    }
    if (effective(&signals)) {
        return false;
    }
    if (signals.pending & ~signals.blocked || interrupted || result != -EINTR) {
        return true;
    }
    /* Nothing shows why it returned: another thread may have taken the signal. */
    const struct breakable *breakable = breakable_of(tracee);
    return breakable && (!is_of_socket(breakable) || limit_of_socket(tracee, breakable) >= 0) &&
           !is_broken_too_often(tracee);
}

/* ------------------------------------------------------------------ registers */

static enum arch arch_of(const struct registers *registers) {
    return registers_are_32_bit(registers) ? ARCH_I386 : ARCH_X86_64;
}

bool interruption_needs_mending(const struct syscall_row *row, int64_t result) {
    const struct breakable *breakable = breakable_row(row);
    return result == -EINTR || (result == -KERNEL_ERESTARTNOHAND && breakable && breakable->in_full);
}

/* The registers of a tracee that has been interrupted in a call, and is about to see EINTR, or to make it again in
 * full. */
static bool read_interrupted(pid_t tid, struct registers *registers) {
    return registers_read(tid, registers) && registers_number(registers) >= 0 &&
           interruption_needs_mending(syscall_row(arch_of(registers), (int)registers_number(registers)),
                                      registers_result(registers));
}

bool interruption_is_seen(pid_t tid) {
    struct registers registers;
    return read_interrupted(tid, &registers);
}

/* Change how the tracee's call ends, unless a signal waits for it that may have broken it off by right. */
static bool write_interrupted(pid_t tid, const struct registers *registers) {
    struct proc_signals signals;
    return proc_signals(tid, &signals) == 0 && !effective(&signals) && registers_write(tid, registers);
}

bool interruption_make_again(pid_t tid) {
    struct registers registers;
    if (!read_interrupted(tid, &registers)) {
        return false;
    }
    registers_go_back(&registers);
    return write_interrupted(tid, &registers);
}

bool interruption_end(pid_t tid, int64_t result) {
    struct registers registers;
    if (!read_interrupted(tid, &registers)) {
        return false;
    }
    registers_set_result(&registers, result);
    return write_interrupted(tid, &registers);
}

/* ---------------------------------------------------------------- time limits */

/* Where the struct timespec of the tracee's call is; 0: it has none, or it is a point of time, at which the call ends
 * however often it is made. */
static uint64_t address_of_limit(const struct tracee *tracee, const struct breakable *breakable,
                                 const struct memory *memory) {
    struct io_uring_getevents_arg more;
    if (breakable->limit != RING_LIMIT) {
        return tracee->args[breakable->limit];
    }
    if (!(tracee->args[3] & IORING_ENTER_EXT_ARG) || tracee->args[3] & RING_ABSOLUTE ||
        tracee->args[5] != sizeof(more) ||
        memory_read_exact(memory, tracee->tid, tracee->args[4], &more, sizeof(more)) < 0) {
        return 0;
    }
    return more.ts;
}

/* The limit of the tracee's call in ns; negative: none. */
static int64_t limit_of(const struct tracee *tracee, const struct breakable *breakable, const struct memory *memory) {
    enum {
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000,
    };
    if (breakable->limit == NO_LIMIT) {
        return -1;
    }
    if (is_of_socket(breakable)) {
        return limit_of_socket(tracee, breakable);
    }
    if (breakable->milliseconds) {
        return (int64_t)(int32_t)tracee->args[breakable->limit] * NS_PER_MS;
    }
    int64_t limit[2];
    uint64_t address = address_of_limit(tracee, breakable, memory);
    /* i386 has two layouts of struct timespec. */
    if (tracee->arch != ARCH_X86_64 || !address ||
        memory_read_exact(memory, tracee->tid, address, limit, sizeof(limit)) < 0 || limit[0] < 0 ||
        limit[0] > INT64_MAX / NS_PER_S - 1) {
        return -1;
    }
    return limit[0] * NS_PER_S + limit[1];
}

bool interruption_is_out_of_time(const struct tracee *tracee, const struct memory *memory, uint64_t now,
                                 int64_t *result) {
    const struct breakable *breakable = breakable_of(tracee);
    int64_t limit = breakable && tracee->first_try ? limit_of(tracee, breakable, memory) : -1;
    if (limit < 0 || now - tracee->first_try < (uint64_t)limit) {
        return false;
    }
    *result = breakable->result;
    return true;
}

/* Whether the tracee's call is the one of which the registers tell. */
static bool is_its_call(const struct tracee *tracee, const struct registers *registers) {
    return tracee->ip == registers_ip(registers) && tracee->number == registers_number(registers);
}

/* Which call it is, of a tracee whose calls are not looked at: only its registers tell. From now on this call is, so
 * that one at the same place later is not taken for it. One of which the kernel's events tell was made before. */
static void learn_call(struct tracee *tracee, const struct registers *registers, uint64_t now) {
    tracee->returned = false;
    if (!tracee->again || !is_its_call(tracee, registers)) {
        tracee->first_try = now;
    }
    tracee->ip = registers_ip(registers);
    tracee->arch = arch_of(registers);
    tracee->number = registers_number(registers);
    tracee->row = syscall_row(tracee->arch, (int)tracee->number);
    registers_arguments(registers, tracee->args);
}

enum interruption_outcome interruption_mend(struct tracee *tracee, const struct memory *memory, uint64_t now,
                                            int64_t *result) {
    struct registers registers;
    if (!read_interrupted(tracee->tid, &registers)) {
        return INTERRUPTION_NONE;
    }
    if (tracee->returned && is_its_call(tracee, &registers)) {
        return INTERRUPTION_NONE;
    }
    if (!tracee->in_call) {
        learn_call(tracee, &registers, now);
    }
    if (interruption_is_out_of_time(tracee, memory, now, result)) {
        return interruption_end(tracee->tid, *result) ? INTERRUPTION_ENDED : INTERRUPTION_NONE;
    }
    return interruption_make_again(tracee->tid) ? INTERRUPTION_AGAIN : INTERRUPTION_NONE;
}
