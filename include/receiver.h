/* SPDX-License-Identifier: MIT
 *
 * Receivers: threads that take notifications from the listener, read what the
 * arguments point to, queue a note and let the call run; nothing else. The
 * program's speed hangs on them, and so does the gap in which a signal can hit
 * a call that was not received yet.
 *
 * While one traced thread is at work there is one receiver, which the kernel
 * pulls to its caller's CPU (SYNC_WAKE_UP). While several are, there is one
 * for each CPU, bound to it, so that the program keeps all its CPUs.
 *
 * A full queue delays answers, and so does a ring that is half full; never the receiving: such
 * notifications wait in a list of the receiver.
 */
#ifndef RENACER_RECEIVER_H
#define RENACER_RECEIVER_H

#include "filter.h"
#include "memory.h"
#include "note.h"
#include "perf_source.h"
#include "pid_set.h"
#include "selection.h"
#include "troubles.h"
#include "unanswered.h"
#include "waker.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct receivers;

struct receivers_options {
    int listener; /* stays the caller's */
    pid_t root;
    bool follow;         /* read the calls of other processes too; without, their sigreturns are noted for mends */
    bool has_events;     /* results come from elsewhere; without, a note is all there will be */
    bool ask_after_exec; /* and the first of every program, without exception */
    bool ask_foreign;    /* calls of another architecture wait for the collector */
    const struct capture_options *capture;
    const struct memory *memory;
    atomic_bool *supplies;  /* set when a program gets hold of memory that it supplies itself */
    struct pid_set *family; /* takes the threads whose calls are not read */
    struct troubles *troubles;
    const struct seccomp_notif *first; /* already received, to be served before all others; */
    size_t first_count;
    struct unanswered *unanswered;   /* with a slot for each CPU */
    const struct perf_source *rings; /* where the events of these calls go: answers wait while one is half full; NULL */
    /* With stacks, of which a ring has no room for many: calls whose entry is an event there, so that those count that
     * were let run and have not come. NULL: none. */
    const struct selection *awaited;
    struct waker *collector; /* woken when there is something to do at once */
};

struct receiver_counts {
    uint64_t received;
    uint64_t repaired; /* interrupted sigreturns that were mended */
    uint64_t deferred; /* answers that had to wait for room in a queue */
    uint64_t switches; /* changes between one and several receivers */
    unsigned threads;
};

/* How many receivers there can be. */
unsigned receivers_max(void);

/* Start the first receiver. 0 or -errno. */
int receivers_create(struct receivers **result, const struct receivers_options *options);

/* One thread for all, or one for each CPU. */
void receivers_set_parallel(struct receivers *all, bool parallel);

/* Delay all answers, or let them go again: the collector has fallen behind. */
void receivers_hold(struct receivers *all, bool hold);

/* From now on read nothing: the trace has ended. Calls that signals hit are mended as before. */
void receivers_disregard(struct receivers *all);

/* Hand every queued note to `take`, in order for each receiver.
 * Whether a receiver still waits for room in its queue. */
bool receivers_drain(struct receivers *all, void (*take)(void *context, const struct note *note), void *context);

/* An entry was taken from the rings. For the thread that drains. */
void receivers_saw(struct receivers *all, enum arch arch, int64_t number);

/* Whether something was queued since the last drain that should not wait. To be
 * asked between waker_prepare() and waiting. */
bool receivers_are_urgent(const struct receivers *all);

/* End the threads. What they still held is answered; notes stay for receivers_drain(). */
void receivers_stop(struct receivers *all);
void receivers_destroy(struct receivers *all);

struct receiver_counts receivers_counts(const struct receivers *all);

#endif
