/* SPDX-License-Identifier: MIT */
#include "interruption.h"

#include "clock.h"
#include "kernel_event.h"
#include "proc.h"
#include "registers.h"

#include <errno.h>
#include <string.h>

enum {
    NO_LIMIT = -1,
    QUICKLY_NS = 1000000,
    QUICKLY_MOST = 64,
};

/* Calls that the kernel does not make again although no handler ran (signal(7), and
 * io_uring_enter and io_getevents in the kernel's source), and where their time limit is. */
static const struct breakable {
    const char *name;
    int limit;         /* index of the argument, or NO_LIMIT */
    bool milliseconds; /* otherwise it points to a struct timespec */
    int64_t result;    /* when the limit is over */
} breakables[] = {
    {"epoll_wait", 3, true, 0},
    {"epoll_pwait", 3, true, 0},
    {"epoll_pwait2", 3, false, 0},
    {"io_getevents", 4, false, 0},
    {"io_uring_enter", NO_LIMIT, false, 0},
    {"rt_sigtimedwait", 2, false, -EAGAIN},
    {"semop", NO_LIMIT, false, 0},
    {"semtimedop", 3, false, -EAGAIN},
};

static const struct breakable *breakable_of(const struct tracee *tracee) {
    for (size_t i = 0; tracee->row && i < sizeof(breakables) / sizeof(breakables[0]); i++) {
        if (strcmp(breakables[i].name, tracee->row->name) == 0) {
            return &breakables[i];
        }
    }
    return NULL;
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
    return breakable_of(tracee) && !is_broken_too_often(tracee);
}

/* ------------------------------------------------------------------ registers */

/* The registers of a tracee that has been interrupted in a call, and is about to see EINTR. */
static bool read_interrupted(pid_t tid, struct registers *registers) {
    return registers_read(tid, registers) && registers_number(registers) >= 0 && registers_result(registers) == -EINTR;
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

/* The limit of the tracee's call in ns; negative: none. */
static int64_t limit_of(const struct tracee *tracee, const struct breakable *breakable, const struct memory *memory) {
    enum {
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000,
    };
    if (breakable->limit == NO_LIMIT) {
        return -1;
    }
    uint64_t argument = tracee->args[breakable->limit];
    if (breakable->milliseconds) {
        return (int64_t)(int32_t)argument * NS_PER_MS;
    }
    int64_t limit[2];
    /* i386 has two layouts of struct timespec. */
    if (tracee->arch != ARCH_X86_64 || !argument ||
        memory_read_exact(memory, tracee->tid, argument, limit, sizeof(limit)) < 0 || limit[0] < 0 ||
        limit[0] > INT64_MAX / NS_PER_S - 1) {
        return -1;
    }
    return limit[0] * NS_PER_S + limit[1];
}

bool interruption_is_out_of_time(const struct tracee *tracee, const struct memory *memory, uint64_t now,
                                 int64_t *result) {
    const struct breakable *breakable = breakable_of(tracee);
    int64_t limit = breakable ? limit_of(tracee, breakable, memory) : -1;
    if (limit < 0 || !tracee->first_try || now - tracee->first_try < (uint64_t)limit) {
        return false;
    }
    *result = breakable->result;
    return true;
}

/* Whether the tracee's call is the one of which the registers tell. */
static bool is_its_call(const struct tracee *tracee, const struct registers *registers) {
    return tracee->ip == registers_ip(registers) && tracee->number == registers_number(registers);
}

/* Which call it is, of a tracee whose calls are not looked at: only its registers tell.
 * Broken off at the same place as the last time it is taken for the same call, so
 * that its limit is over one day. */
static void learn_call(struct tracee *tracee, const struct registers *registers, uint64_t now) {
    tracee->returned = false;
    if (!is_its_call(tracee, registers)) {
        tracee->first_try = now;
    }
    tracee->ip = registers_ip(registers);
    tracee->arch = registers_are_32_bit(registers) ? ARCH_I386 : ARCH_X86_64;
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
