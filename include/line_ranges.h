/* SPDX-License-Identifier: MIT
 *
 * The lines of the calls that pieces of memory have come by, in their order: of
 * some of them left out it is known where the others begin and end.
 */
#ifndef RENACER_LINE_RANGES_H
#define RENACER_LINE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINES_LEFT_OUT_MAX = 4,
    LINES_EDGE = LINES_LEFT_OUT_MAX + 1, /* of so many one is there still */
};

struct line_range {
    uint64_t start; /* where the piece begins; no other has the same */
    uint64_t first_line, last_line;
};

struct line_ranges {
    struct line_range *ranges; /* by first line, then start */
    size_t count;
};

/* The first and the last ones. */
struct line_edges {
    struct line_range ranges[2 * LINES_EDGE];
    size_t count;
};

/* Room for that many, of which there are no more now. 0 or -ENOMEM. */
int line_ranges_reserve(struct line_ranges *ranges, size_t room);
void line_ranges_finish(struct line_ranges *ranges);

/* There is room for it. */
void line_ranges_add(struct line_ranges *ranges, const struct line_range *range);
/* The one that begins there and has this first line; one that is not there is none. */
void line_ranges_remove(struct line_ranges *ranges, const struct line_range *range);

void line_ranges_edges(const struct line_ranges *ranges, struct line_edges *edges);

/* The lines of all but those that are left out, which are LINES_LEFT_OUT_MAX at most. False if none is left. */
bool line_edges_rest(const struct line_edges *edges, const struct line_range *left_out, size_t count,
                     struct line_range *rest);

#endif
