/* SPDX-License-Identifier: MIT
 *
 * Memory for the bytes of items that are read: taken piece by piece, given
 * back all at once. What was taken stays where it is until then.
 */
#ifndef RENACER_TRACE_ARENA_H
#define RENACER_TRACE_ARENA_H

#include <stddef.h>
#include <stdlib.h>

enum {
    ARENA_BLOCK_BYTES = 65536, /* of a block; what is larger gets one of its own */
};

struct arena_block {
    struct arena_block *next; /* the one that was made before it */
    size_t size;
    size_t used;
    char bytes[];
};

/* Zero-initialised is empty. */
struct trace_arena {
    struct arena_block *newest;
};

/* `size` bytes of no particular alignment, or NULL if there is no memory. */
static inline char *trace_arena_take(struct trace_arena *arena, size_t size) {
    struct arena_block *block = arena->newest;
    if (!block || block->size - block->used < size) {
        size_t room = size < ARENA_BLOCK_BYTES ? ARENA_BLOCK_BYTES : size;
        block = (struct arena_block *)malloc(sizeof(*block) + room);
        if (!block) {
            return NULL;
        }
        *block = (struct arena_block){.next = arena->newest, .size = room};
        arena->newest = block;
    }
    char *bytes = block->bytes + block->used;
    block->used += size;
    return bytes;
}

/* Everything is given back; one block of the usual size is kept for what comes next. */
static inline void trace_arena_reset(struct trace_arena *arena) {
    struct arena_block *kept = NULL;
    for (struct arena_block *block = arena->newest; block;) {
        struct arena_block *next = block->next;
        if (!kept && block->size == ARENA_BLOCK_BYTES) {
            kept = block;
        } else {
            free(block);
        }
        block = next;
    }
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
    }
    arena->newest = kept;
}

static inline void trace_arena_finish(struct trace_arena *arena) {
    trace_arena_reset(arena);
    free(arena->newest);
    arena->newest = NULL;
}

#endif
