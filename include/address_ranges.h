/* SPDX-License-Identifier: MIT
 *
 * Ranges of addresses, each with a number, that may enclose each other: built once,
 * then asked which one an address is in.
 */
#ifndef RENACER_ADDRESS_RANGES_H
#define RENACER_ADDRESS_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_range {
    uint64_t low;
    uint64_t high;  /* behind it */
    uint64_t reach; /* the highest end of it and of all before */
    uint64_t value;
};

/* Begins as zeros. */
struct address_ranges {
    struct address_range *all;
    size_t count;
    size_t room;
};

/* An empty range, and one that begins at 0 (what the linker has dropped), is left out. 0, -ENOMEM, or -E2BIG: there are
 * too many. */
int address_ranges_add(struct address_ranges *ranges, uint64_t low, uint64_t high, uint64_t value);
/* After the last one was added. */
void address_ranges_sort(struct address_ranges *ranges);
/* The value of the one that `address` is in; of several, of the one that begins last. */
bool address_ranges_find(const struct address_ranges *ranges, uint64_t address, uint64_t *value);
void address_ranges_finish(struct address_ranges *ranges);

#endif
