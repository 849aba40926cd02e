/* SPDX-License-Identifier: MIT */
#include "address_ranges.h"

#include <errno.h>
#include <stdlib.h>

enum {
    RANGES_FIRST = 64,
    RANGES_MAX = 1 << 23,
    STEPS_MAX = 256, /* how many that begin before an address are looked at: ranges that enclose others are few */
};

int address_ranges_add(struct address_ranges *ranges, uint64_t low, uint64_t high, uint64_t value) {
    if (!low || low >= high) {
        return 0;
    }
    if (ranges->count >= RANGES_MAX) {
        return -E2BIG;
    }
    if (ranges->count == ranges->room) {
        size_t room = ranges->room ? ranges->room * 2 : RANGES_FIRST;
        struct address_range *larger = realloc(ranges->all, room * sizeof(*larger));
        if (!larger) {
            return -ENOMEM;
        }
        ranges->all = larger;
        ranges->room = room;
    }
    ranges->all[ranges->count++] = (struct address_range){low, high, high, value};
    return 0;
}

/* Of those that begin at the same address the shortest comes last, and so is found first. */
static int by_address(const void *one, const void *other) {
    const struct address_range *a = one;
    const struct address_range *b = other;
    if (a->low != b->low) {
        return a->low < b->low ? -1 : 1;
    }
    if (a->high != b->high) {
        return a->high > b->high ? -1 : 1;
    }
    return a->value < b->value ? -1 : a->value > b->value;
}

void address_ranges_sort(struct address_ranges *ranges) {
    if (!ranges->count) {
        return;
    }
    qsort(ranges->all, ranges->count, sizeof(*ranges->all), by_address);
    for (size_t i = 1; i < ranges->count; i++) {
        struct address_range *range = &ranges->all[i];
        range->reach = range->high > range[-1].reach ? range->high : range[-1].reach;
    }
}

bool address_ranges_find(const struct address_ranges *ranges, uint64_t address, uint64_t *value) {
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->all[middle].low <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t step = 0; step < STEPS_MAX && low > step; step++) {
        const struct address_range *range = &ranges->all[low - 1 - step];
        if (range->reach <= address) {
            return false;
        }
        if (address < range->high) {
            *value = range->value;
            return true;
        }
    }
    return false;
}

void address_ranges_finish(struct address_ranges *ranges) {
    free(ranges->all);
    *ranges = (struct address_ranges){0};
}
