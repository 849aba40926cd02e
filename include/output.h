/* SPDX-License-Identifier: MIT
 *
 * What an output has come to: all that a writer must know to go on where another
 * one has stopped. It stands in memory of its own, so that it can be shared with
 * a process that takes over when the one that writes dies (include/emitter.h);
 * everything else that a writer has can be made anew.
 */
#ifndef RENACER_OUTPUT_H
#define RENACER_OUTPUT_H

#include "sink.h"
#include "tally.h"

#include <stdbool.h>
#include <stdint.h>

/* Changes with each record, and counts when the record is whole. */
struct output_progress {
    uint64_t taken; /* what is read of the records that are handed over: a position in their queue (include/queue.h) */
    uint64_t journal; /* bytes of the emitter's journal */

    uint64_t calls;
    uint64_t time_ns;
    uint64_t last_ns;    /* text, -r: time of the line before; 0: there was none */
    int32_t root_signal; /* text: the last signal to the started process that was written */
    bool root_ended;     /* text: its line has been written */
    bool begun;          /* the head has been written */
    bool any_call;       /* written so far */
    bool any_event;
    struct tally_change counted;
};

/* What there is after a whole record: all of it belongs together. */
struct output_state {
    struct output_progress progress;
    uint64_t main; /* bytes of the sinks */
    uint64_t tail;
    uint64_t events;
};

struct output {
    struct sink out;    /* to the descriptor */
    struct sink held;   /* the document, if it has to wait for the end */
    struct sink *main;  /* of the two, the one that the form writes to */
    struct sink tail;   /* calls that never returned come last */
    struct sink events; /* JSON in one document: a list of its own, behind the calls */
    struct output_progress progress;
    struct tally tally;
    /* After the last whole record, and after another one. Which is which changes in one instruction. */
    struct output_state states[2];
    unsigned last; /* the index of the last one's */
};

/* In zeroed memory. `hold`: everything waits for the end. `alone` as for sink_init(). */
void output_init(struct output *output, int fd, bool alone, bool hold, const struct sink_watcher *watcher);
void output_finish(struct output *output);

/* The record is written: all that it has changed counts from one instruction to the next. */
void output_commit(struct output *output);

/* What counts of output->progress. */
const struct output_progress *output_whole(const struct output *output);

/* The process that wrote is gone, and its descriptors with it: go on behind the last whole record. `file` says which
 * descriptor of this process stands for that of a sink. */
void output_resume(struct output *output, int (*file)(void *context, const struct sink *sink), void *context);

/* errno of the first failure, or 0. */
int output_error(const struct output *output);

#endif
