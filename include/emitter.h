/* SPDX-License-Identifier: MIT
 *
 * The emitter: a thread that decodes and writes what the collector hands it,
 * through a bounded queue. While the queue is full the collector waits.
 */
#ifndef RENACER_EMITTER_H
#define RENACER_EMITTER_H

#include "record.h"
#include "writer.h"

#include <stddef.h>
#include <stdint.h>

struct emitter;

/* Start the thread; `record_bound` is the most bytes of one record with its
 * captures. 0 or -errno. */
int emitter_create(struct emitter **result, const struct writer_options *options, size_t record_bound);

/* Hand over a record and its captures; waits for room if it must. */
void emitter_push(struct emitter *emitter, const struct record *record, const void *captures);

/* A round of pushing is over: what waits may be written now. */
void emitter_nudge(struct emitter *emitter);

/* Write the end of the document and end the thread. Returns errno of the first failed write, or 0. */
int emitter_end(struct emitter *emitter, const struct trace_summary *summary);

/* End the thread without an end of the document, and free everything. NULL is fine. */
void emitter_destroy(struct emitter *emitter);

#endif
