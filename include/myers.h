/* SPDX-License-Identifier: MIT
 *
 * What has to be taken out of one sequence and put into it to get another:
 * Myers' algorithm in linear space, with a limit on the work.
 */
#ifndef RENACER_MYERS_H
#define RENACER_MYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MYERS_LENGTH_MAX = INT32_MAX / 2, /* of a sequence */
};

/* Work that the comparison of two sequences of together `length` elements may take: enough for the shortest script
 * as long as what differs is in the thousands, and bounded, so that no input takes minutes. */
uint64_t myers_budget(uint64_t length);

/* How many words of 64 bits a set of `length` elements has. */
static inline size_t myers_words(size_t length) {
    return (length + 63) / 64;
}

static inline bool myers_has(const uint64_t *set, size_t index) {
    return set[index / 64] >> index % 64 & 1;
}

/* Set the bits of those elements of `a` that are to be deleted and those of `b` that are to be inserted; what is left
 * of both is the same. The sets are empty when it begins. As few as possible, as long as *budget lasts, from which
 * the work is taken; when it is spent there may be more. Elements are equal if their numbers are, which are
 * spread over 64 bits as those of a good hash. 0, -ENOMEM or -E2BIG. */
int myers_compare(const uint64_t *a, size_t a_length, const uint64_t *b, size_t b_length, uint64_t *deleted,
                  uint64_t *inserted, uint64_t *budget);

#endif
