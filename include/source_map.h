/* SPDX-License-Identifier: MIT
 *
 * The source map: from the record of a call to the place in the source that made
 * it, and to its whole stack. It takes every record in order, follows what
 * processes map, and unwinds and looks up only what is asked for, on the
 * emitter's thread. Everything found is remembered, in bounded memory.
 *
 * A mapping's file is taken over only by the process that made the map: another one that was forked from it and goes on
 * has not got that descriptor.
 */
#ifndef RENACER_SOURCE_MAP_H
#define RENACER_SOURCE_MAP_H

#include "call_stack.h"
#include "record.h"
#include "user_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct source_map;

struct source_map_counts {
    uint64_t calls;   /* that were asked about */
    uint64_t unwound; /* of them, not found among remembered chains */
    uint64_t placed;  /* of them, with a place */
    uint64_t cut; /* whose stack was cut before a place was found, or before its end, by the limit of what is copied */
};

/* `rule` must outlive it. 0 or -ENOMEM. */
int source_map_create(struct source_map **result, const struct user_rule *rule);
/* NULL is fine. */
void source_map_destroy(struct source_map *map);

/* The next record of the trace, shown or not; it becomes the current one, and has to stay valid until the next. */
void source_map_take(struct source_map *map, const struct record *record);

/* Of the current record, a call: the nearest frame of the user's own code; if there is none, the nearest one outside of
 * the C library, the loader and languages' runtimes (its `file` is NULL then, and `function` may be). NULL: neither was
 * found. Valid until the next source_map_take(). */
const struct frame *source_map_place(struct source_map *map);
/* Of the current record, a call: all frames. As above. `count` 0 if nothing is known. */
const struct call_stack *source_map_stack(struct source_map *map);

const struct source_map_counts *source_map_counts(const struct source_map *map);

/* A sentence for the user about what would have made more of it possible: debug information, if more calls lack it than
 * have a place (where only stacks were asked for: if functions have no name for that in more than a tenth of the
 * calls), else copying more of the stack. False: there is nothing to say. Names of files are in it as they are. */
bool source_map_hint(const struct source_map *map, char *hint, size_t size);

#endif
