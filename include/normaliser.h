/* SPDX-License-Identifier: MIT
 *
 * The calls of a trace as text that is the same in every run. A golden trace
 * is that already; in others addresses are named by following the calls
 * that map memory, processes and threads are numbered as they appear, and times are left
 * out. One line a call, in the notation of the text form.
 */
#ifndef RENACER_NORMALISER_H
#define RENACER_NORMALISER_H

#include "text.h"
#include "trace_reader.h"

#include <stdint.h>

struct normaliser;

/* For the calls of one trace. 0 or -ENOMEM. */
int normaliser_create(struct normaliser **result);
/* NULL is fine. */
void normaliser_destroy(struct normaliser *normaliser);

/* The head of the trace, before its first call. */
void normaliser_head(struct normaliser *normaliser, const struct trace_head *head);

/* Set *text to the call, and *number to that of the thread that made it, from 1. Calls have to come in the order of
 * the trace. 0 or -ENOMEM. */
int normaliser_call(struct normaliser *normaliser, const struct trace_call *call, struct text *text, int64_t *number);

/* The same of an event. */
int normaliser_event(struct normaliser *normaliser, const struct trace_event *event, struct text *text,
                     int64_t *number);

#endif
