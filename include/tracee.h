/* SPDX-License-Identifier: MIT
 *
 * The tracer's table: one tracee for each thread that is traced with ptrace(2).
 */
#ifndef RENACER_TRACEE_H
#define RENACER_TRACEE_H

#include "capture.h"
#include "syscall_table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uthash.h>

struct tracee {
    pid_t tid;
    pid_t pid;           /* its process; 0: not known yet */
    bool first_stop;     /* it has stopped once */
    bool unsettled;      /* it was seized and has not stopped since */
    bool interrupted;    /* by us, since it went on last: any stop fulfils that (ptrace_stop() in kernel/signal.c) */
    bool computes;       /* it went on outside of any call, and has not stopped since */
    bool was_stopped;    /* with its process, since its last call that was seen to begin */
    bool awaits_creator; /* it stands in its first stop until its creator has told of it */
    bool begun;          /* its creator has told of it, or will not */
    bool silent;         /* its calls are not recorded; it only needs a tracer because of the filter */
    bool let_go;         /* it is detached at its first stop */
    bool all_calls;      /* it stops at all calls, for it has a filter of its own */
    /* The call that it is in: */
    bool in_call;
    bool recorded;
    uint64_t id; /* no other call of the trace has it; later calls have greater ones */
    enum arch arch;
    int64_t number;
    uint64_t args[SYSCALL_MAX_ARGS];
    uint64_t kept[CAPTURE_KEPT_MAX / sizeof(uint64_t)]; /* what was captured of its entry that its exit needs */
    uint32_t kept_size;
    uint64_t ip;                   /* behind its instruction */
    uint64_t first_try;            /* when it was made first, CLOCK_MONOTONIC; made again, it keeps that */
    bool again;                    /* it is being made again, after it has been told that it returned */
    bool returned;                 /* by right, and that has been told */
    bool broken_off;               /* it has returned `result`, and is made again unless a signal takes effect */
    int64_t result;                /* negative */
    uint64_t broken_ns;            /* when a call was broken off last for no reason to be seen */
    unsigned broken_quickly;       /* how often in a row that was soon after the last time */
    bool stripped;                 /* it is a clone without its CLONE_UNTRACED, which it gets back */
    const struct syscall_row *row; /* NULL: unknown call */
    UT_hash_handle hh;
};

/* NULL without memory. */
struct tracee *tracee_add(struct tracee **table, pid_t tid, pid_t pid);
struct tracee *tracee_find(struct tracee *table, pid_t tid);
struct tracee *tracee_next(const struct tracee *tracee);
unsigned tracee_count(const struct tracee *table);
void tracee_remove(struct tracee **table, struct tracee *tracee);

/* `audit_arch` is the architecture as <linux/audit.h> has it. */
void tracee_begin_call(struct tracee *tracee, uint32_t audit_arch, uint64_t number, const uint64_t *args);

/* Whether a call that was broken off is made again with this entry. */
bool tracee_makes_again(const struct tracee *tracee, uint32_t audit_arch, uint64_t number);

/* A child that the kernel is told not to trace would escape, or be left alone with
 * a filter that nobody serves: take that flag from a clone that begins, and give it
 * back when the call has returned, to the caller and to its child, which inherits
 * `stripped` and the first argument. clone3 is left alone. */
void tracee_strip_untraced(struct tracee *tracee);
void tracee_give_back_untraced(struct tracee *tracee);

/* The leader goes on in the place of the thread that has called execve. */
void tracee_take_over(struct tracee *leader, const struct tracee *caller);

/* Whether its call asks for seccomp's strict mode. */
bool tracee_wants_strict_mode(const struct tracee *tracee);

/* Whether the call that has returned with this result gave its process a seccomp filter. */
bool tracee_has_installed_filter(const struct tracee *tracee, int64_t result);

/* All threads of a process stop at all calls from now on. */
void tracee_stop_at_all(struct tracee *table, pid_t pid);

#endif
