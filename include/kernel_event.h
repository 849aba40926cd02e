/* SPDX-License-Identifier: MIT
 *
 * What the kernel says about a tracee without stopping it: one event of an
 * engine's event source. The perf rings give them; tests write them by hand.
 */
#ifndef RENACER_KERNEL_EVENT_H
#define RENACER_KERNEL_EVENT_H

#include "mapping.h"
#include "stack_sample.h"

#include <stdbool.h>
#include <stdint.h>

enum kernel_event_kind {
    KERNEL_ENTER,   /* a call begins (raw_syscalls:sys_enter: after seccomp let it pass) */
    KERNEL_EXIT,    /* a call ends (raw_syscalls:sys_exit) */
    KERNEL_FORK,    /* a task was created: tid and pid are the new one's */
    KERNEL_EXEC,    /* the process runs another program (COMM record with EXEC bit) */
    KERNEL_END,     /* the events of a task ended: nearly always with the task */
    KERNEL_LOST,    /* events before this one were lost */
    KERNEL_SIGNAL,  /* a signal was delivered (signal:signal_deliver) */
    KERNEL_SWITCH,  /* this task was switched onto a CPU, or off it; only if asked for */
    KERNEL_MAPPING, /* the process has mapped code; only if asked for */
    KERNEL_SENT,    /* this task has sent a signal, or got one for what it did (signal:signal_generate) */
};

struct note;

struct kernel_event {
    enum kernel_event_kind kind;
    int32_t pid; /* process (thread group) */
    int32_t tid;
    uint64_t time; /* CLOCK_MONOTONIC, ns */
    bool foreign; /* enter and exit: counts only for calls of another architecture; others have an event of their own */
    /* Of a source that stops: what was read of the call when it was entered, or when it returned; NULL: nothing. */
    const struct note *note;
    union {
        struct {
            int64_t number;
            uint64_t args[6];
            const struct stack_sample *stack; /* only if asked for; NULL: there is none. Valid as long as the event */
        } enter;
        struct {
            int64_t number;
            int64_t result;
            /* Only where the result can make a call look interrupted: */
            bool has_registers;
            bool is_32_bit; /* the code at ip is */
            uint64_t ip;    /* behind the syscall instruction */
            uint64_t sp;
        } exit;
        struct {
            int32_t parent_pid;
            int32_t parent_tid;
        } fork;
        uint64_t lost;
        const struct mapping *mapping; /* valid as long as the event; its file is the taker's */
        bool switched_off;             /* KERNEL_SWITCH */
        struct {
            int32_t number;
            int32_t error;
            int32_t code;
            uint64_t handler; /* 0: the signal's standard action; 1: it is ignored */
            int32_t target;   /* KERNEL_SENT: the task that gets it */
            uint64_t flags;   /* of sigaction(2) */
            int32_t sender;   /* KERNEL_SIGNAL: process that sent it by hand; 0: the event does not tell */
        } signal;
        struct {
            int32_t manner; /* enum end_manner of include/record.h; END_UNKNOWN: the event does not tell */
            int32_t code;
        } end;
    };
};

/* Results of the kernel that mean "interrupted" and that user space sees as
 * EINTR or not at all (include/linux/errno.h). */
enum {
    KERNEL_ERESTARTSYS = 512,
    KERNEL_ERESTARTNOINTR = 513,
    KERNEL_ERESTARTNOHAND = 514,
    KERNEL_ERESTART_RESTARTBLOCK = 516,
};

/* Whether a call with this result is made again by the kernel unless a handler runs. */
static inline bool kernel_restarts(int64_t result) {
    return result == -KERNEL_ERESTARTSYS || result == -KERNEL_ERESTARTNOINTR || result == -KERNEL_ERESTARTNOHAND ||
           result == -KERNEL_ERESTART_RESTARTBLOCK;
}

#endif
