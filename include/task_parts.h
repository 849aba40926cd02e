/* SPDX-License-Identifier: MIT
 *
 * What several tasks write to one object, each in its own order. A task's part
 * goes into that of the process that waited for it; between two moments at
 * which a process has no child left, the order of what its children do counts
 * for nothing. So a shell's commands, one after another, are ordered, and
 * threads and jobs side by side are not.
 */
#ifndef RENACER_TASK_PARTS_H
#define RENACER_TASK_PARTS_H

#include "observations.h"

#include <nettle/sha2.h>

struct task_parts;

struct task_parts *task_parts_create(void); /* NULL: no memory */
void task_parts_destroy(struct task_parts *parts);

/* The object gets its first part, that of its owner so far: `content` is what that wrote, `history` what it did. */
int task_parts_begin(struct task_parts *parts, uint32_t object, struct part **first, uint32_t owner,
                     const struct sha256_ctx *content, const struct object *so_far);
/* Something happened, or bytes came, in this task. `first`: the object's list. */
int task_parts_happened(struct task_parts *parts, uint32_t object, struct part **first, const struct occasion *occasion,
                        uint64_t what);
int task_parts_wrote(struct task_parts *parts, uint32_t object, struct part **first, const struct occasion *occasion,
                     const struct written *written);

/* Which process a task belongs to. Told once for each. */
int task_parts_task(struct task_parts *parts, uint32_t task, uint32_t process);
int task_parts_process_began(struct task_parts *parts, uint32_t parent);
/* `list_of`: gives the list of an object by its number. */
int task_parts_process_ended(struct task_parts *parts, uint32_t process, uint32_t parent,
                             struct part **(*list_of)(void *context, uint32_t object), void *context);

/* The sums over a list, which is freed. */
struct task_sums task_parts_finish(struct part **first);

#endif
