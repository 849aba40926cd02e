/* SPDX-License-Identifier: MIT
 *
 * The kernel's own account of the tracees: perf_event_open(2) on tracepoints,
 * inherited by children, one ring per CPU. Nothing stops. Each call gives one
 * enter and one exit sample with in-kernel times.
 *
 * Either the raw_syscalls tracepoints, which all calls pass, or (narrow) those
 * of a few calls, which cost the other calls much less. The latter do not see
 * calls of another architecture: a thread that makes such calls is widened.
 *
 * An exit whose result can make a call look interrupted (-EINTR, -ERESTART*)
 * goes to an event of its own that samples the user's ip and sp as well,
 * because those registers cost more than a microsecond. A narrow source samples
 * them at every exit: more events would make every fork dearer.
 */
#ifndef RENACER_PERF_SOURCE_H
#define RENACER_PERF_SOURCE_H

#include "kernel_event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_source;

/* The size that each CPU's ring should have, if there are so many CPUs; with stacks in it, or without. */
size_t perf_ring_bytes_wanted(size_t cpus, bool stacks);

/* A call that has tracepoints of its own. */
struct perf_call {
    const char *name;
    bool exit; /* its exit counts, not only that it was entered */
};

struct perf_options {
    bool signals;                  /* signal:signal_deliver as well; a narrow source needs it anyway */
    bool switches;                 /* KERNEL_SWITCH as well */
    const char *ids;               /* kernel filter expression on raw_syscalls' `id`, or NULL for every call */
    const struct perf_call *calls; /* narrow: these calls; NULL: all that `ids` lets through */
    size_t call_count;
    size_t ring_bytes; /* wanted for each CPU's ring, a power of two; less is taken if the kernel locks no more */
    /* Of the stack, copied with the registers whenever a call is entered, and KERNEL_MAPPING as well; 0: neither. A
     * multiple of 8, from STACK_SAMPLE_LEAST to STACK_SAMPLE_MOST; less is taken if it were more than an eighth of a
     * ring. */
    size_t stack_bytes;
};

enum {
    PERF_CALLS_MAX = 16,
    PERF_RING_BYTES_LEAST = 1 << 12, /* a page */
    PERF_RING_BYTES_MOST = 1 << 30,
};

/* Whether the tracepoints can be found at all, before there is a thread to trace:
 * 0, or -errno with a sentence in `problem`. */
int perf_source_check(char *problem, size_t problem_size);

/* Make the rings and the events on thread `tid`; nothing is counted before
 * perf_source_enable(). 0 with *result, or -errno with a sentence in `problem`
 * that says which step failed; -ENOENT for a narrow source if a call has no
 * tracepoints, or if threads could not be widened because the right to open events
 * came with our file and will be dropped (include/capability.h). */
int perf_source_create(struct perf_source **result, pid_t tid, const struct perf_options *options, char *problem,
                       size_t problem_size);
/* NULL is fine. */
void perf_source_destroy(struct perf_source *source);

int perf_source_enable(struct perf_source *source);

/* Open events on a thread that lost its own (exec of a program that it may not
 * read); they run at once. 0 or -errno (-ESRCH: the thread is gone). */
int perf_source_reopen(struct perf_source *source, pid_t tid);

bool perf_source_is_narrow(const struct perf_source *source);

/* Open raw_syscalls events on a thread of a narrow source that makes calls of
 * another architecture; what they tell is marked as foreign. 0 or -errno. */
int perf_source_widen(struct perf_source *source, pid_t tid);

/* The next event older than `before`, over all rings in the order of time. What it refers to is valid until the next
 * one, or perf_source_release().
 * To be called with the same `before` until it returns false. CLOCK_MONOTONIC
 * has to be read for `before` before the first call. */
bool perf_source_next(struct perf_source *source, uint64_t before, struct kernel_event *event);

/* Tell the kernel that what perf_source_next() gave is done with. */
void perf_source_release(struct perf_source *source);

/* How full the fullest ring is, in percent, as of now. Any thread may ask. */
unsigned perf_source_fill(const struct perf_source *source);

/* Bytes in all rings that perf_source_next() has not given yet. Any thread may ask. */
size_t perf_source_waiting(const struct perf_source *source);

/* Events that the kernel could not store, by its own count (PERF_FORMAT_LOST,
 * Linux 6.0; before that what PERF_RECORD_LOST records told). */
uint64_t perf_source_lost(const struct perf_source *source);

/* The size of each CPU's ring. */
size_t perf_source_ring_bytes(const struct perf_source *source);

/* The most that the events of one call take in a ring, all but signals. */
size_t perf_source_call_bytes(const struct perf_source *source);

/* How much of the stack is copied. */
size_t perf_source_stack_bytes(const struct perf_source *source);

/* In a process that was forked from the one that made it: map the rings again, for mappings of them are not
 * inherited. What they hold then outlives that process. 0 or -errno. */
int perf_source_map_again(struct perf_source *source);

/* Everything that the process that read before us had not done with is there: read on behind that. */
void perf_source_inherit(struct perf_source *source);

/* Descriptors, for waiting (one per ring), and for handing to the guardian all that may be the last of their
 * tracepoint: those of threads that were opened again, or widened later than others, come and go. */
size_t perf_source_rings(const struct perf_source *source);
int perf_source_ring_fd(const struct perf_source *source, size_t ring);
size_t perf_source_fds(const struct perf_source *source);
const int *perf_source_fd_list(const struct perf_source *source);

#endif
