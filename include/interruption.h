/* SPDX-License-Identifier: MIT
 *
 * Calls that being traced breaks off. A signal that the program ignores is not even
 * sent without a ptracer; with one it ends the call in which it finds a thread, in one of
 * two ways:
 *
 *     -ERESTART...   the kernel makes the call again (kernel_restarts()); io_pgetevents with all of its time limit
 *     -EINTR         it does not: epoll_wait, sigtimedwait and others of signal(7),
 *                    "even in the absence of signal handlers"
 *
 * So does a stop that we ask for, and so does a signal that another thread takes away
 * before this one has come to look for it: the kernel wakes a thread for a signal of
 * the process, but any of them may find it. Before the thread sees EINTR, its registers are
 * changed so that it makes its call again.
 *
 * All of this is for a tracee that stands in a ptrace stop of the calling thread.
 */
#ifndef RENACER_INTERRUPTION_H
#define RENACER_INTERRUPTION_H

#include "memory.h"
#include "tracee.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether the call of a tracee that stands at its exit with `result` has only been broken
 * off, by us (`interrupted`: it was asked to stop) or by a signal: none that does
 * anything waits for the thread. It is made again unless one comes now; if `result` is
 * -EINTR that takes interruption_mend() in a stop for PTRACE_INTERRUPT, which also tells
 * whether the whole process has been stopped. */
bool interruption_has_broken_off(struct tracee *tracee, int64_t result, bool interrupted);

/* Whether a call that was broken off with `result` will not simply go on: it shows EINTR, or the kernel makes it again
 * with the whole of its time limit, so that ignored signals would stretch that without end. */
bool interruption_needs_mending(const struct syscall_row *row, int64_t result);

/* Whether such a call may show EINTR without any stop of its thread but the one at its exit, because another thread has
 * taken the signal: wherever threads have a ptracer it has to stop. */
bool interruption_is_silent(const struct syscall_row *row);

enum interruption_outcome {
    /* The tracee does not see EINTR, or sees it by right: that was told, or a signal waits that does something. */
    INTERRUPTION_NONE,
    INTERRUPTION_AGAIN, /* it makes its call again */
    INTERRUPTION_ENDED, /* the call's time limit is over: it returns *result */
};

/* Mend a call that is about to return EINTR, behind its exit: at a stop that
 * PTRACE_INTERRUPT asked for, or at the delivery of a signal without effect. */
enum interruption_outcome interruption_mend(struct tracee *tracee, const struct memory *memory, uint64_t now,
                                            int64_t *result);

/* The pieces of that: whether the tracee is about to see EINTR; whether its
 * call (number, args, first_try) has a time limit and has reached it `now`, and what it
 * returns then; make the call again, or have it return `result`: whether that was done. */
bool interruption_is_seen(pid_t tid);
bool interruption_is_out_of_time(const struct tracee *tracee, const struct memory *memory, uint64_t now,
                                 int64_t *result);
bool interruption_make_again(pid_t tid);
bool interruption_end(pid_t tid, int64_t result);

#endif
