/* SPDX-License-Identifier: MIT
 *
 * Frames that were looked up before: those of an address in a module, and whole
 * stacks by their chain of addresses. Both own copies of all their strings, so that
 * modules may be closed, and forget everything when they have grown too large.
 */
#ifndef RENACER_PLACE_CACHE_H
#define RENACER_PLACE_CACHE_H

#include "call_stack.h"
#include "unwinder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The frames of one physical frame: functions inlined there first, and then the one that they are in. At least one. */
struct places {
    uint32_t count;
    bool last; /* its caller is on another stack, which was not copied, whatever the unwinder says */
    struct frame frames[];
};

/* A whole stack. */
struct chain {
    struct call_stack stack;
    /* Of stack.frames: the nearest one of the user's; else the nearest that could stand for it; else NULL. */
    const struct frame *place;
};

struct place_cache;

enum {
    PLACE_CACHE_BYTES = 1 << 26, /* of both together, about */
};

/* NULL without memory. */
struct place_cache *place_cache_create(void);
/* NULL is fine. */
void place_cache_destroy(struct place_cache *cache);

/* What is known of this frame, or NULL. Frames without a module are never kept. */
const struct places *place_cache_find(const struct place_cache *cache, const struct unwound_frame *frame);
/* Keep copies of these frames, of which there are `count`, with struct places.last; NULL without memory. */
const struct places *place_cache_add(struct place_cache *cache, const struct unwound_frame *frame,
                                     const struct frame *frames, size_t count, bool last);

/* The stack with these physical frames and this end, or NULL. */
const struct chain *place_cache_find_chain(const struct place_cache *cache, const struct unwound_frame *frames,
                                           size_t count, enum stack_end end);
/* Keep a stack under these physical frames and the end that the unwinder gave; the frames' strings are those of places
 * in this cache, which are not copied. It gets a number. NULL without memory. */
const struct chain *place_cache_add_chain(struct place_cache *cache, const struct unwound_frame *physical,
                                          size_t physical_count, enum stack_end end, const struct chain *chain);

/* Forget everything if it has grown too large: nothing that was given is valid any more. */
void place_cache_trim(struct place_cache *cache);

#endif
