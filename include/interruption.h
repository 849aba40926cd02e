/* SPDX-License-Identifier: MIT
 *
 * Calls that being traced breaks off: stopping a thread, or telling its tracer of a
 * signal that the program ignores, ends some calls with EINTR that the kernel does not
 * restart (signal(7)). Before the thread sees that, its registers are changed. All of
 * this is for a tracee that stands in a ptrace stop of the calling thread.
 */
#ifndef RENACER_INTERRUPTION_H
#define RENACER_INTERRUPTION_H

#include "memory.h"
#include "tracee.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether the tracee is about to see a call end with EINTR. */
bool interruption_is_seen(pid_t tid);

/* Whether the tracee's call has a time limit, and has reached it `now`:
 * *result is what it returns then. */
bool interruption_is_out_of_time(const struct tracee *tracee, const struct memory *memory, uint64_t now,
                                 int64_t *result);

/* Some calls (epoll_wait, sigtimedwait, inotify's read; signal(7)) end with EINTR when
 * their thread is stopped, though no handler ran. A thread stopped by
 * PTRACE_INTERRUPT is made to make its call again, unless a signal waits for it:
 * whether it will. */
bool interruption_make_again(pid_t tid);

/* In place of that: have it return `result`. */
bool interruption_end(pid_t tid, int64_t result);

#endif
