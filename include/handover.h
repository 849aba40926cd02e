/* SPDX-License-Identifier: MIT
 *
 * What whoever goes on in the collector's place has to know of the tasks, in
 * memory that outlives the process (include/guardian.h): without it a call that
 * ran could not be told from one that a signal hit before it was received.
 */
#ifndef RENACER_HANDOVER_H
#define RENACER_HANDOVER_H

#include "task_table.h"

#include <stdbool.h>
#include <stdint.h>

struct handover;

/* Shared with every process that is forked from now on. 0 or -errno. */
int handover_create(struct handover **result);
/* NULL is fine. */
void handover_destroy(struct handover *handover);

/* The thread has entered a call, or returned from it. */
void handover_set_call(struct handover *handover, int32_t tid, bool in_call);
/* The interruptions that are remembered of the task have changed. What finds no room is not handed over. */
void handover_keep(struct handover *handover, const struct task *task);

/* Fill in a task that is new to whoever takes over. */
void handover_give(const struct handover *handover, struct task *task);

#endif
