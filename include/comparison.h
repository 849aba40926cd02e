/* SPDX-License-Identifier: MIT
 *
 * What a comparison of two traces has found: a verdict, what it rests on, the
 * differences, and what both sides cost. The modes fill it in
 * (golden/compare_*.c), the reports write it (golden/report_*.c).
 */
#ifndef RENACER_COMPARISON_H
#define RENACER_COMPARISON_H

#include "trace_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum compare_mode {
    COMPARE_SEMANTIC,
    COMPARE_EXACT,
    COMPARE_COUNTS,
};

enum {
    DIFFERENCES_MAX = 200, /* those that are kept; more are counted */
};

enum side {
    SIDE_GOLDEN,
    SIDE_NEW,
    SIDES,
};

enum difference_kind {
    DIFFERENCE_MISSING, /* the golden trace has it, the new one has not */
    DIFFERENCE_ADDED,   /* the other way round */
    DIFFERENCE_CHANGED, /* both have it, not alike */
    DIFFERENCE_MOVED,   /* both have it, in another order */
};

/* Of what a difference is, in a semantic comparison. */
enum difference_group {
    DIFFERENCE_OUTPUT, /* bytes written to standard output or error */
    DIFFERENCE_WRITES, /* bytes written to files and peers */
    DIFFERENCE_FILES,  /* what else is done to files, and reading them */
    DIFFERENCE_OTHER,  /* programs, signals, exit status, connections */
    DIFFERENCE_GROUPS,
};

struct difference {
    enum difference_kind kind;
    enum difference_group group; /* 0 in other modes */
    char *subject;        /* what differs, in a few words: "bytes written to standard output", "file read: /etc/x" */
    char *detail[SIDES];  /* what each side has of it, escaped for a terminal; NULL: nothing */
    uint64_t line[SIDES]; /* where it stands in its file; 0: nowhere */
    char *hunk;           /* of an exact comparison, lines as a unified diff has them, to be shown in place of the
                           * details; else NULL */
};

enum {
    COST_PROCESSES = 32, /* whose breaks are known at a time */
};

/* What a side cost. */
struct trace_cost {
    uint64_t calls;
    bool has_time;
    uint64_t time_ns;      /* in the kernel, of the calls that were measured */
    uint64_t mapped_bytes; /* mmap, mremap and brk together: what was asked for, not what was in use */
    /* Where the heaps of processes ended last, by pid: only what they grow by is known from brk. */
    struct {
        int64_t pid;
        uint64_t end;
    } heaps[COST_PROCESSES];
};

struct comparison {
    enum compare_mode mode;
    uint64_t matched;   /* observations (semantic), calls (exact) or names (counts) that agree */
    uint64_t divergent; /* that do not */
    uint64_t divergent_group[DIFFERENCE_GROUPS]; /* semantic: of which group these are; else 0 */
    bool has_confidence;
    double confidence; /* 0 to 1: how much of what was compared was seen, see docs/compare.md */
    /* What it rests on. */
    uint64_t content_bytes;         /* written bytes that were seen on both sides and are equal */
    uint64_t length_bytes;          /* of which only the number was recorded, on one side at least */
    bool signals_seen;              /* both sides have recorded signals */
    struct difference *differences; /* the first DIFFERENCES_MAX, in the order of the golden trace */
    size_t difference_count;
    uint64_t differences_left_out;
    struct trace_cost cost[SIDES];
    bool half_golden;     /* exact: one trace is golden and the other is not, so that addresses differ by name */
    bool cut[SIDES];      /* the side's document ends in the middle */
    uint64_t lost[SIDES]; /* events that were lost when it was recorded */
    char *filter[SIDES];  /* which calls were asked for when it was recorded, escaped for a terminal: "trace=write";
                           * NULL: all, as far as it says */
};

static inline bool comparison_equivalent(const struct comparison *comparison) {
    return comparison->divergent == 0;
}

/* Add a difference, whose strings are copied; `golden` and `new` may be NULL. Does not change the counts. 0 or -ENOMEM.
 */
int comparison_add(struct comparison *comparison, const struct difference *difference);

/* A side was read to its end, or until something was wrong: keep what the trace says of itself. 0 or -ENOMEM. */
int comparison_take_end(struct comparison *comparison, enum side side, const struct trace_reader *reader);

/* Whether both sides were recorded with the same filter, or with none. */
bool comparison_same_filter(const struct comparison *comparison);

/* Count a call to what a side cost. */
void trace_cost_add(struct trace_cost *cost, const struct trace_call *call);

/* The word for it in reports. */
const char *difference_group_name(enum difference_group group);

void comparison_finish(struct comparison *comparison);

#endif
