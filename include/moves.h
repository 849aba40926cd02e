/* SPDX-License-Identifier: MIT
 *
 * Blocks that are in both sequences, but not in the same place: what was
 * deleted here and inserted there.
 */
#ifndef RENACER_MOVES_H
#define RENACER_MOVES_H

#include <stddef.h>
#include <stdint.h>

/* `length` elements, from `from` in the first sequence to `to` in the second. */
struct move {
    uint32_t from;
    uint32_t to;
    uint32_t length;
};

/* Two sequences after myers_compare(). */
struct alignment {
    const uint64_t *elements[2];
    size_t length[2];
    uint64_t *edited[2]; /* what was deleted of the first, inserted into the second */
};

/* The moves, in the order of `from`, to be freed by the caller; none is part of another. A single element is one only
 * if nothing beside it is edited. What is looked at is bounded: of sequences that share nothing in
 * its place, only the first part. 0 or -ENOMEM. */
int moves_find(struct move **result, size_t *count, const struct alignment *alignment);

#endif
