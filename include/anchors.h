/* SPDX-License-Identifier: MIT
 *
 * Places where two sequences are surely meant to be aligned: runs of elements
 * that each of them has once. What the search for the shortest script falls
 * back on where it takes too long.
 */
#ifndef RENACER_ANCHORS_H
#define RENACER_ANCHORS_H

#include <stddef.h>
#include <stdint.h>

/* A sequence, of which only the elements at some places count. */
struct sequence {
    const uint64_t *elements;
    const uint32_t *places; /* NULL: all of them */
};

static inline uint64_t sequence_at(const struct sequence *sequence, int32_t index) {
    return sequence->elements[sequence->places ? sequence->places[index] : (uint32_t)index];
}

/* A part of two sequences. */
struct box {
    int32_t a_start;
    int32_t a_end;
    int32_t b_start;
    int32_t b_end;
};

/* An element of both. */
struct anchor {
    int32_t a;
    int32_t b;
};

/* The anchors in a box, ascending in both sequences, to be freed by the caller: as many as can be aligned without
 * crossing, out of at most some ten thousand that are looked at. Returns how many, or -ENOMEM. The work grows with the
 * size of the box alone. */
int32_t anchors_find(struct anchor **result, const struct sequence *a, const struct sequence *b, const struct box *box);

#endif
