/* SPDX-License-Identifier: MIT
 *
 * The calls and events of a trace, task by task, as numbers: equal ones are
 * equal calls. A million of them are some megabytes; texts are read again when
 * they are wanted.
 */
#ifndef RENACER_CALL_SEQUENCES_H
#define RENACER_CALL_SEQUENCES_H

#include "comparison.h"
#include "trace_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a task. */
enum sequence_kind {
    SEQUENCE_CALLS,
    SEQUENCE_EVENTS,
    SEQUENCES,
};

struct call_sequence {
    uint64_t *hashes;
    size_t count;
    size_t capacity;
};

struct task_calls; /* a thread or process with its sequences */

struct call_sequences {
    struct task_calls *known;  /* by their numbers */
    struct task_calls **tasks; /* in the order of their numbers */
    size_t task_count;
    bool is_golden;
    bool has_counts; /* of calls, by name: recorded with -c */
    bool has_events;
    bool has_end; /* how the program ended is said */
    int64_t exit_code;
    char signal[16]; /* that ended it; empty: none */
};

/* An element that is to be shown. */
struct wanted_call {
    size_t task; /* in the order of tasks */
    enum sequence_kind kind;
    uint32_t index;
    uint64_t line; /* filled in: where it stands in the file */
    char *text;    /* filled in; the caller frees it */
};

/* Read the whole trace, and add up what it cost. Zero-initialised before; to be finished even if it fails. 0, or as
 * trace_reader_next(). */
int call_sequences_read(struct call_sequences *sequences, struct trace_reader *reader, struct trace_cost *cost,
                        char *problem, size_t size);

/* A sequence of task number `task` in their order; an empty one if there is no such task. */
const struct call_sequence *call_sequences_of(const struct call_sequences *sequences, size_t task,
                                              enum sequence_kind kind);

/* Read the trace once more, as far as needed, for these, which are in the order of call_sequences_order(). */
int call_sequences_fetch(struct call_sequences *sequences, struct trace_reader *reader, struct wanted_call *wanted,
                         size_t count, char *problem, size_t size);

/* For qsort(): by task, kind and index. */
int call_sequences_order(const void *a, const void *b);

void call_sequences_finish(struct call_sequences *sequences);

#endif
