/* SPDX-License-Identifier: MIT
 *
 * The emitter: a thread that decodes and writes what the collector hands it,
 * through a bounded queue. While the queue is full the collector waits.
 *
 * The queue, and what the output has come to (include/output.h), are in memory
 * that is shared with processes that were forked since emitter_create(): if ours
 * dies, one of them writes what is left and closes the document.
 */
#ifndef RENACER_EMITTER_H
#define RENACER_EMITTER_H

#include "record.h"
#include "writer.h"

#include <stddef.h>
#include <stdint.h>

struct emitter;

/* `record_bound` is the most bytes of one record with its captures. 0 or -errno. */
int emitter_create(struct emitter **result, const struct writer_options *options, size_t record_bound);

/* Start the thread. 0 or -errno. */
int emitter_start(struct emitter *emitter);

/* Hand over a record, its captures and its stack (NULL: none); waits for room if it must. */
void emitter_push(struct emitter *emitter, const struct record *record, const void *captures,
                  const struct stack_sample *stack);

/* A round of pushing is over: what waits may be written now. */
void emitter_nudge(struct emitter *emitter);

/* Write the end of the document and end the thread. Returns errno of the first failed write, or 0. */
int emitter_end(struct emitter *emitter, const struct trace_summary *summary);

enum {
    EMITTER_SPOOLS = 4,
};

/* The sinks that have files of their own by now, which a process that takes over needs: how many. Of those that get one
 * later writer_options.watcher tells. */
size_t emitter_spools(struct emitter *emitter, struct sink *spools[EMITTER_SPOOLS]);

/* In a process that was forked after emitter_create(), when the one that wrote is gone: write what it has left, and
 * the end. `skip`: leave the first record that is left out. `file` as for output_resume(), of the journal's sink too.
 * errno of the first failure, or 0. */
int emitter_take_over(struct emitter *emitter, const struct trace_summary *summary, bool skip,
                      int (*file)(void *context, const struct sink *sink), void *context);

/* Whether any record was written; when the thread has ended. */
bool emitter_has_written(const struct emitter *emitter);

/* End the thread without an end of the document, and free everything. NULL is fine. */
void emitter_destroy(struct emitter *emitter);

#endif
