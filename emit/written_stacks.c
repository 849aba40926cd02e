/* SPDX-License-Identifier: MIT */
#include "written_stacks.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct written_stacks *written, struct written_stack *stack) {
    written->bytes -= stack->size;
    free(stack->bytes);
    *stack = (struct written_stack){0};
}

static void forget_all(struct written_stacks *written) {
    for (size_t i = 0; written->stacks && i < WRITTEN_STACKS; i++) {
        forget(written, &written->stacks[i]);
    }
}

void written_stacks_finish(struct written_stacks *written) {
    forget_all(written);
    free(written->stacks);
    *written = (struct written_stacks){0};
}

/* Numbers are given one after the other: those of one time have places of their own. */
static struct written_stack *place_of(const struct written_stacks *written, uint64_t number) {
    return &written->stacks[number % WRITTEN_STACKS];
}

bool written_stacks_add(const struct written_stacks *written, uint64_t number, struct text *text) {
    const struct written_stack *stack = written->stacks && number ? place_of(written, number) : NULL;
    if (!stack || stack->number != number) {
        return false;
    }
    text_add(text, stack->bytes, stack->size);
    return true;
}

void written_stacks_keep(struct written_stacks *written, uint64_t number, const struct text *text, size_t start) {
    size_t size = text->length - start;
    if (!number || text->failed || !size || size > WRITTEN_STACK_BYTES_MAX) {
        return;
    }
    if (!written->stacks) {
        written->stacks = calloc(WRITTEN_STACKS, sizeof(*written->stacks));
    }
    char *copy = written->stacks ? malloc(size) : NULL;
    if (!copy) {
        return;
    }
    if (written->bytes + size > WRITTEN_STACKS_BYTES) {
        forget_all(written);
    }
    struct written_stack *stack = place_of(written, number);
    forget(written, stack);
    *stack = (struct written_stack){.number = number, .bytes = memcpy(copy, text->bytes + start, size), .size = size};
    written->bytes += size;
}
