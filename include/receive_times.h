/* SPDX-License-Identifier: MIT
 *
 * How long notifications have waited for their RECV (--profile-self).
 *
 * The kernel puts no time on a notification. But its caller goes to sleep directly
 * behind it, and context switches are among the events: of a notification that was received
 * at `time`, the caller's last event before that is what tells.
 *
 *   it was switched off its CPU   then the notification was there already, and has waited at least since then
 *   anything else                 the caller was still running: received before it could sleep
 *   nothing, or there are losses  not measured
 *
 * The first is short by what the kernel does between making the notification and switching, around a
 * microsecond, if the caller is not interrupted in between; the second counts as 0.
 */
#ifndef RENACER_RECEIVE_TIMES_H
#define RENACER_RECEIVE_TIMES_H

#include "histogram.h"
#include "kernel_event.h"

#include <stdint.h>

struct receive_times;

struct receive_counts {
    struct histogram waits; /* of all that were measured, including those that did not wait */
    uint64_t awake;         /* received before the caller slept */
    uint64_t unmeasured;
};

/* NULL: out of memory. */
struct receive_times *receive_times_create(void);
/* NULL is fine. */
void receive_times_destroy(struct receive_times *times);

/* A notification of the thread was received at `time`. Events that are older than `time` may be told before or
 * after, and so may other notifications: each receiver tells its own. */
void receive_times_note(struct receive_times *times, int32_t tid, uint64_t time);

/* Any event, in the order of time. */
void receive_times_event(struct receive_times *times, const struct kernel_event *event);

/* No event will come any more. */
void receive_times_finish(struct receive_times *times);

const struct receive_counts *receive_times_counts(const struct receive_times *times);

#endif
