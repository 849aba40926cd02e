/* SPDX-License-Identifier: MIT
 *
 * What the notify engine adds to the mappings that its events tell of: their files,
 * and the mappings of programs that had no events when they were made.
 */
#ifndef RENACER_MAPPING_EVENTS_H
#define RENACER_MAPPING_EVENTS_H

#include "kernel_event.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping_events;

/* `supplies`: whether a traced program has memory, or a file system, that it supplies itself; nothing is opened then,
 * for that could wait for a program that waits for us. NULL: there is no memory. */
struct mapping_events *mapping_events_create(const atomic_bool *supplies);
/* NULL is fine. */
void mapping_events_destroy(struct mapping_events *events);

/* Open the file of a KERNEL_MAPPING, now, for it may be deleted, and its process end. What the event refers to
 * afterwards is valid until the next call of a function of this module. */
void mapping_events_open(struct mapping_events *events, struct kernel_event *event);

/* Read what thread `tid` has mapped already, if that is permitted, */
void mapping_events_read(struct mapping_events *events, pid_t tid);
/* and give it mapping by mapping, as events of this time. False: no more are left. */
bool mapping_events_next(struct mapping_events *events, uint64_t time, struct kernel_event *event);

#endif
