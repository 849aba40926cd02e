/* SPDX-License-Identifier: MIT
 *
 * From the bytes of a perf ring to events: perf_event_open(2) has the layout of records, tracefs that of what
 * tracepoints put into them.
 */
#ifndef RENACER_PERF_PARSE_H
#define RENACER_PERF_PARSE_H

#include "kernel_event.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PERF_RECORD_MOST = 1 << 16, /* a record is shorter: its size has 16 bits */
};

enum perf_plan_kind {
    PLAN_RAW_ENTER,
    PLAN_RAW_EXIT,
    PLAN_CALL_ENTER,
    PLAN_CALL_EXIT,
    PLAN_SIGNAL,
    PLAN_SIGNAL_SENT,
};

/* One of the events that are opened on each CPU. */
struct perf_plan {
    enum perf_plan_kind kind;
    int id;
    bool registers; /* ip and sp are sampled; */
    bool stack;     /* all registers and the stack are */
    bool widening;  /* only for threads that are widened */
    char *filter;   /* owned; NULL: everything passes */
};

/* Where that is put which events refer to. */
struct perf_room {
    struct stack_sample *stack; /* with PERF_RECORD_MOST bytes behind it; NULL if no plan has stacks */
    struct mapping *mapping;    /* MAPPING_BOUND bytes; NULL: mappings are passed over */
};

/* The record that begins at `tail` in a ring of `size` bytes, a power of two; if it crosses the ring's end, it is put
 * together in `wrapped`, which is aligned to 8. */
const struct perf_event_header *perf_record_at(const uint8_t *data, size_t size, uint64_t tail,
                                               uint8_t wrapped[PERF_RECORD_MOST]);

/* When it happened: CLOCK_MONOTONIC, ns. */
uint64_t perf_record_time(const struct perf_event_header *record);

/* Turn a record into an event, of which all but the time is filled in; false for one that says nothing to us. The file
 * of a mapping is -1. */
bool perf_parse(const struct perf_plan *plans, unsigned count, const struct perf_event_header *record,
                const struct perf_room *room, struct kernel_event *event);

#endif
