/* SPDX-License-Identifier: MIT
 *
 * The kernel's own account of the tracees: perf_event_open(2) on the
 * raw_syscalls tracepoints, inherited by children, one ring per CPU. Nothing
 * stops. Each call gives one enter and one exit sample with in-kernel times.
 *
 * An exit whose result can make a call look interrupted (-EINTR, -ERESTART*)
 * goes to an event of its own that samples the user's ip and sp as well,
 * because those registers cost more than a microsecond.
 */
#ifndef RENACER_PERF_SOURCE_H
#define RENACER_PERF_SOURCE_H

#include "kernel_event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_source;

struct perf_options {
    bool follow;       /* children too, not only threads */
    bool signals;      /* signal:signal_deliver as well */
    const char *ids;   /* kernel filter expression on `id`, or NULL for every call */
    size_t ring_bytes; /* of each CPU's ring; a power of two */
};

/* Make the rings and the events on thread `tid`; nothing is counted before
 * perf_source_enable(). 0 with *result, or -errno with a sentence in `problem`
 * that says which step failed. */
int perf_source_create(struct perf_source **result, pid_t tid, const struct perf_options *options, char *problem,
                       size_t problem_size);
/* NULL is fine. */
void perf_source_destroy(struct perf_source *source);

int perf_source_enable(struct perf_source *source);

/* Open events on a thread that lost its own (exec of a program that it may not
 * read); they run at once. 0 or -errno (-ESRCH: the thread is gone). */
int perf_source_reopen(struct perf_source *source, pid_t tid);

/* The next event older than `before`, over all rings in the order of time.
 * To be called with the same `before` until it returns false. CLOCK_MONOTONIC
 * has to be read for `before` before the first call. */
bool perf_source_next(struct perf_source *source, uint64_t before, struct kernel_event *event);

/* Tell the kernel that what perf_source_next() gave is done with. */
void perf_source_release(struct perf_source *source);

/* How full the fullest ring is, in percent, as of now. */
unsigned perf_source_fill(const struct perf_source *source);

/* Events that the kernel could not store, by its own count (PERF_FORMAT_LOST,
 * Linux 6.0; before that what PERF_RECORD_LOST records told). */
uint64_t perf_source_lost(const struct perf_source *source);

/* Descriptors, for waiting (one per ring) and for handing all to the guardian. */
size_t perf_source_rings(const struct perf_source *source);
int perf_source_ring_fd(const struct perf_source *source, size_t ring);
size_t perf_source_fds(const struct perf_source *source);
int perf_source_fd(const struct perf_source *source, size_t index);

#endif
