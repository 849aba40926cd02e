/* SPDX-License-Identifier: MIT
 *
 * From the calls of one trace to what was observable of them: feeds a model of
 * processes (process_model.h) and what is observed (observations.h).
 */
#ifndef RENACER_OBSERVER_H
#define RENACER_OBSERVER_H

#include "comparison.h"
#include "observations.h"
#include "process_model.h"
#include "trace_reader.h"

struct observer;

struct observer_setup {
    const char *const *ignore;
    size_t ignore_count;
    const char *start_directory; /* absolute; paths below it are taken relative to it. NULL: not known */
    const struct birth *births;  /* see process_model.h */
    size_t birth_count;
    struct watcher *watcher; /* NULL: first pass */
};

/* The reader is rewound. All that the setup points to must live as long. 0 or -errno. */
int observer_create(struct observer **result, struct trace_reader *reader, const struct observer_setup *setup);
void observer_destroy(struct observer *observer); /* NULL is fine; not the reader */

/* Take the next item of the trace: 1; 0 at its end; -EINVAL or -errno with a sentence in `problem`; -ENOENT: births are
 * needed, begin anew with them. */
int observer_step(struct observer *observer, char *problem, size_t size);

/* After the end: what was needed to take calls is freed. 0 or -ENOMEM. */
int observer_finish(struct observer *observer);

struct observations *observer_observations(const struct observer *observer);

/* What was seen besides, after the end. */
struct observer_facts {
    bool has_signals; /* signals were recorded, if there were any */
    bool has_ended;   /* the trace says how the program ended */
    struct trace_cost cost;
};
const struct observer_facts *observer_facts(const struct observer *observer);

/* All births of a trace, in the order of the children; the array is the caller's, and never NULL. 0, or as
 * observer_step(). */
int observer_births(struct trace_reader *reader, struct birth **births, size_t *count, char *problem, size_t size);

/* Where the program was started, if the first calls of the trace say it: the caller's, or NULL. 0, or as above. */
int observer_start_directory(struct trace_reader *reader, char **directory, char *problem, size_t size);

#endif
