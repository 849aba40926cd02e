/* SPDX-License-Identifier: MIT
 *
 * How much a program looks like one of the patterns that nobody wants: a
 * thread that makes the same few calls over and over, a process that makes
 * nearly all of them. docs/budgets.md has the definitions.
 */
#ifndef RENACER_ANTI_PATTERNS_H
#define RENACER_ANTI_PATTERNS_H

#include "trace_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------- TightLoop */

enum {
    LOOP_BLOCK_MAX = 4,     /* calls that repeat */
    LOOP_CALLS_MIN = 100,   /* a shorter loop is none */
    LOOP_QUICK_MIN = 50,    /* so many calls that did not wait excuse one that took long */
    LOOP_CALLS_FULL = 1000, /* from here on a loop counts in full */
    LOOPS_KEPT = 8,         /* that are named */
    LOOP_NO_DESCRIPTOR = -1,
    LOOP_PROGRESS_BYTES = 4096,     /* a call that transfers as much gets on */
    LOOP_PROGRESS_NS = 1000 * 1000, /* so does one that waits as long */
};

/* A call as far as it counts for that. */
struct loop_step {
    const struct trace_word *name; /* NULL: not the same as any other */
    int64_t descriptor;
    bool waited; /* it took so long that it may have waited for something */
};

struct loop {
    struct loop_step block[LOOP_BLOCK_MAX];
    unsigned period;
    uint64_t calls;
    uint64_t times; /* that the block was gone through */
    uint64_t first_line, last_line;
};

/* A repetition with one length of the block, as it grows. */
struct loop_run {
    uint64_t repeats; /* calls in a row that are the same as so many calls before */
    uint64_t start;   /* number of its first call */
    uint64_t start_line;
};

/* The loops of a thread. Zero-initialised before the first call. */
struct loop_detector {
    uint64_t calls;
    uint64_t in_loops;
    uint64_t longest;
    uint64_t covered;                        /* calls up to this one are in loops that are counted */
    struct loop_step recent[LOOP_BLOCK_MAX]; /* by number of the call */
    uint64_t lines[LOOP_BLOCK_MAX];
    unsigned known; /* how many of them are of this stretch */
    unsigned quick; /* calls since the last one that waited */
    struct loop_run runs[LOOP_BLOCK_MAX];
    struct loop loops[LOOPS_KEPT]; /* most calls first */
    size_t loop_count;
};

/* The next call of the thread; one that gets on, or is the same as no other, has no name. */
void loop_detector_call(struct loop_detector *detector, const struct loop_step *step, uint64_t line);
/* There are no more. */
void loop_detector_end(struct loop_detector *detector);
/* 0 to 1. */
double loop_detector_score(const struct loop_detector *detector);

/* ------------------------------------------------------------------ GodProcess */

enum {
    BUSY_PROCESSES_KEPT = 8, /* that are named */
};

struct busy_process {
    int64_t id;
    const struct trace_word *program; /* NULL: not known */
    double calls;
    uint64_t first_line, last_line;
};

/* Who makes the calls. Zero-initialised before the first process. */
struct process_shares {
    double processes; /* that made calls */
    double calls;
    struct busy_process busiest[BUSY_PROCESSES_KEPT]; /* most first */
    size_t count;
};

void process_shares_add(struct process_shares *shares, const struct busy_process *process);
/* The share of the busiest: 0 to 1. */
double process_shares_score(const struct process_shares *shares);

#endif
