/* SPDX-License-Identifier: MIT
 *
 * Which tasks of a trace are processes and which are threads, and who made
 * them: a child may make calls before the call that made it has returned, and
 * clone3 does not show what it makes, so that this takes a pass of its own.
 */
#ifndef RENACER_PARENTAGE_H
#define RENACER_PARENTAGE_H

#include "trace_reader.h"

#include <stdbool.h>
#include <stdint.h>

struct parentage;

/* Read the whole trace; the reader begins again then. 0; -EINVAL or -errno with a sentence in `problem`. */
int parentage_read(struct parentage **result, struct trace_reader *reader, char *problem, size_t size);
void parentage_destroy(struct parentage *parentage); /* NULL is fine */

/* Whether calls of a process with this id are in the trace. */
bool parentage_is_process(const struct parentage *parentage, int64_t id);

/* Whether some call has made a task with this id. */
bool parentage_is_child(const struct parentage *parentage, int64_t id);

/* The parent of the next task with this id, in the order of the trace: ids are used again. False: there is no such
 * birth. `shares_memory`: as far as is shown. */
bool parentage_take(struct parentage *parentage, int64_t child, int64_t *parent, bool *shares_memory);

/* Whether there was more than is remembered. */
bool parentage_is_cut(const struct parentage *parentage);

/* Whether the call, which has not failed, has made this task. */
bool call_makes_task(const struct trace_call *call, int64_t *child);

#endif
