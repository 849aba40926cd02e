/* SPDX-License-Identifier: MIT
 *
 * Stacks as one form has written them, by struct call_stack.number: a program makes
 * most of its calls from few stacks, and each takes longer to write than to copy.
 * What was written last is kept, in bounded memory.
 */
#ifndef RENACER_WRITTEN_STACKS_H
#define RENACER_WRITTEN_STACKS_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WRITTEN_STACKS = 4096,             /* that are kept at most; a power of two */
    WRITTEN_STACKS_BYTES = 1 << 24,    /* of all of them */
    WRITTEN_STACK_BYTES_MAX = 1 << 18, /* of one; longer ones are not kept */
};

struct written_stack {
    uint64_t number; /* 0: none */
    char *bytes;     /* owned, without NUL */
    size_t size;
};

/* Zero-initialised is empty. */
struct written_stacks {
    struct written_stack *stacks; /* owned; NULL before the first one */
    size_t bytes;
};

void written_stacks_finish(struct written_stacks *written);

/* Append what was kept for this number; false: nothing is. */
bool written_stacks_add(const struct written_stacks *written, uint64_t number, struct text *text);
/* Keep what the text has from `start` on. Number 0 is never kept, nor is anything without memory. */
void written_stacks_keep(struct written_stacks *written, uint64_t number, const struct text *text, size_t start);

#endif
