/* SPDX-License-Identifier: MIT
 *
 * An index by hash of things that are numbered from 0 and kept elsewhere: open
 * addressing, 8 bytes a place. Who looks for one compares those that have its hash:
 *
 *     for (size_t at = number_index_first(index, hash); number_index_at(index, &at, hash, &number);) {
 *         if (things[number] is the one) ...
 *     }
 */
#ifndef RENACER_NUMBER_INDEX_H
#define RENACER_NUMBER_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number_index_slot {
    uint32_t hash;
    uint32_t next; /* number + 1; 0: free */
};

/* Zeroes are an empty one. */
struct number_index {
    struct number_index_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

void number_index_finish(struct number_index *index);

/* 0 or -ENOMEM; nothing has changed then. */
int number_index_add(struct number_index *index, uint64_t hash, uint32_t number);

static inline size_t number_index_first(const struct number_index *index, uint64_t hash) {
    return index->capacity ? (size_t)hash & (index->capacity - 1) : 0;
}

/* The next number with this hash from *at on, which is moved behind it; false: there is none. */
static inline bool number_index_at(const struct number_index *index, size_t *at, uint64_t hash, uint32_t *number) {
    while (index->capacity && index->slots[*at].next) {
        const struct number_index_slot *slot = &index->slots[*at];
        *at = (*at + 1) & (index->capacity - 1);
        if (slot->hash == (uint32_t)hash) {
            *number = slot->next - 1;
            return true;
        }
    }
    return false;
}

#endif
