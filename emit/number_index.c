/* SPDX-License-Identifier: MIT */
#include "number_index.h"

#include <errno.h>
#include <stdlib.h>

enum {
    CAPACITY_FIRST = 64,
};

void number_index_finish(struct number_index *index) {
    free(index->slots);
    *index = (struct number_index){0};
}

/* Places are found by the low half of a hash, which is the half that is kept: capacities stay below that. */
static void put(struct number_index *index, struct number_index_slot slot) {
    size_t at = number_index_first(index, slot.hash);
    while (index->slots[at].next) {
        at = (at + 1) & (index->capacity - 1);
    }
    index->slots[at] = slot;
}

static int grow(struct number_index *index) {
    struct number_index larger = {.capacity = index->capacity ? 2 * index->capacity : CAPACITY_FIRST,
                                  .count = index->count};
    larger.slots = larger.capacity > UINT32_MAX ? NULL : calloc(larger.capacity, sizeof(*larger.slots));
    if (!larger.slots) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].next) {
            put(&larger, index->slots[i]);
        }
    }
    free(index->slots);
    *index = larger;
    return 0;
}

int number_index_add(struct number_index *index, uint64_t hash, uint32_t number) {
    /* Never more than three quarters full. */
    if (4 * (index->count + 1) > 3 * index->capacity && grow(index) < 0) {
        return -ENOMEM;
    }
    put(index, (struct number_index_slot){.hash = (uint32_t)hash, .next = number + 1});
    index->count++;
    return 0;
}
