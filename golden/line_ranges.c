/* SPDX-License-Identifier: MIT */
#include "line_ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int line_ranges_reserve(struct line_ranges *ranges, size_t room) {
    struct line_range *more = reallocarray(ranges->ranges, room, sizeof(*more));
    if (!more) {
        return -ENOMEM;
    }
    ranges->ranges = more;
    return 0;
}

void line_ranges_finish(struct line_ranges *ranges) {
    free(ranges->ranges);
    *ranges = (struct line_ranges){0};
}

static bool goes_before(const struct line_range *a, const struct line_range *b) {
    return a->first_line != b->first_line ? a->first_line < b->first_line : a->start < b->start;
}

/* Where the range is, or would be. New ones are the last ones. */
static size_t place_of(const struct line_ranges *ranges, const struct line_range *range) {
    size_t low = 0;
    size_t high = ranges->count;
    if (high && goes_before(&ranges->ranges[high - 1], range)) {
        return high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (goes_before(&ranges->ranges[middle], range)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void line_ranges_add(struct line_ranges *ranges, const struct line_range *range) {
    struct line_range *place = ranges->ranges + place_of(ranges, range);
    memmove(place + 1, place, (size_t)(ranges->ranges + ranges->count - place) * sizeof(*place));
    *place = *range;
    ranges->count++;
}

void line_ranges_remove(struct line_ranges *ranges, const struct line_range *range) {
    struct line_range *place = ranges->ranges + place_of(ranges, range);
    struct line_range *end = ranges->ranges + ranges->count;
    if (place < end && place->start == range->start && place->first_line == range->first_line) {
        memmove(place, place + 1, (size_t)(end - place - 1) * sizeof(*place));
        ranges->count--;
    }
}

void line_ranges_edges(const struct line_ranges *ranges, struct line_edges *edges) {
    size_t count = ranges->count;
    size_t first = count < LINES_EDGE ? count : LINES_EDGE;
    size_t last = count - first < LINES_EDGE ? count - first : LINES_EDGE;
    edges->count = first + last;
    for (size_t i = 0; i < first; i++) {
        edges->ranges[i] = ranges->ranges[i];
    }
    for (size_t i = 0; i < last; i++) {
        edges->ranges[first + i] = ranges->ranges[count - last + i];
    }
}

bool line_edges_rest(const struct line_edges *edges, const struct line_range *left_out, size_t count,
                     struct line_range *rest) {
    *rest = (struct line_range){.first_line = UINT64_MAX};
    for (size_t i = 0; i < edges->count; i++) {
        const struct line_range *range = &edges->ranges[i];
        bool is_left_out = false;
        for (size_t k = 0; k < count; k++) {
            is_left_out |= left_out[k].start == range->start && left_out[k].first_line == range->first_line;
        }
        if (!is_left_out) {
            rest->first_line = range->first_line < rest->first_line ? range->first_line : rest->first_line;
            rest->last_line = range->last_line > rest->last_line ? range->last_line : rest->last_line;
        }
    }
    return rest->last_line > 0;
}
