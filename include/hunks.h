/* SPDX-License-Identifier: MIT
 *
 * The places where two sequences differ, as a person wants to read them: with
 * a few elements around, blocks that were moved named as such, and repetitions folded.
 */
#ifndef RENACER_HUNKS_H
#define RENACER_HUNKS_H

#include "comparison.h"
#include "moves.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HUNK_CONTEXT_MAX = 1000,
    HUNK_LINES_MAX = 20000, /* of all hunks together; others are only counted */
};

enum hunk_line_kind {
    HUNK_CONTEXT, /* an element of both */
    HUNK_EDITED,  /* an element of `side` alone */
    HUNK_REPEATS, /* behind edited elements: the last `count` of them come `times` more */
    HUNK_MORE,    /* `count` more edited elements that are not shown */
    HUNK_MOVED,   /* behind the first element of a block of `count` edited ones: it is at `index` on the other side */
};

struct hunk_line {
    enum hunk_line_kind kind;
    enum side side;
    uint32_t index[SIDES]; /* of an element: in its own sequence; of both, if it is one of both */
    uint32_t count;
    uint32_t times;
};

struct hunk {
    size_t stream;          /* what hunks_add() was told */
    uint32_t start[SIDES];  /* its first element, context included */
    uint32_t length[SIDES]; /* elements of each side that it covers */
    enum difference_kind kind;
    struct hunk_line *lines;
    size_t count;
    size_t capacity;
};

struct hunks {
    struct hunk *hunks; /* at most DIFFERENCES_MAX */
    size_t count;
    uint64_t left_out;
    size_t lines; /* of all of them */
};

/* Add the hunks of two aligned sequences, with this many elements of context. 0 or -ENOMEM. */
int hunks_add(struct hunks *hunks, size_t stream, const struct alignment *alignment, unsigned context);

void hunks_finish(struct hunks *hunks);

#endif
