/* SPDX-License-Identifier: MIT */
#include "die_walk.h"

enum {
    UNIT_BYTES_MAX = 64 << 20, /* the largest that compilers make are some 20 MB */
    SMALL_UNIT_BYTES = 1 << 20,
    RANGE_BYTES = 4, /* reading a range takes as long as so many bytes of DIEs */
};

void die_walk_begin(struct die_walk *walk, uint64_t allowance) {
    walk->allowance = allowance;
}

bool die_walk_read(struct die_walk *walk, uint64_t bytes) {
    if (bytes <= walk->allowance) {
        walk->allowance -= bytes;
        return true;
    }
    bytes -= walk->allowance;
    walk->allowance = 0;
    walk->spare = bytes < walk->spare ? walk->spare - bytes : 0;
    return walk->spare;
}

bool die_walk_read_range(struct die_walk *walk) {
    return die_walk_read(walk, RANGE_BYTES);
}

uint64_t die_unit_size(Dwarf_Die *die) {
    Dwarf *dwarf = dwarf_cu_getdwarf(die->cu);
    Dwarf_Off offset = dwarf_dieoffset(die) - dwarf_cuoffset(die);
    Dwarf_Off next;
    size_t header;
    if (!dwarf || dwarf_next_unit(dwarf, offset, &next, &header, NULL, NULL, NULL, NULL, NULL, NULL) != 0 ||
        next < offset) {
        return UINT64_MAX;
    }
    return next - offset;
}

bool die_walk_may_enter(const struct die_walk *walk, Dwarf_Die *die) {
    uint64_t size = die_unit_size(die);
    return size <= SMALL_UNIT_BYTES || (size <= UNIT_BYTES_MAX && walk->spare);
}

bool die_walk_next(struct die_walk *walk, Dwarf_Die *die) {
    Dwarf_Die next = {0};
    walk->end = NULL;
    if (!walk->allowance && !walk->spare) {
        return false;
    }
    const uint8_t *from = die->addr;
    int status = dwarf_siblingof(die, &next);
    /* At the last sibling libdw leaves where it has found that, but not where the unit ended before it could. */
    const uint8_t *to = next.addr;
    uint64_t bytes = to > from ? (uint64_t)(to - from) : status < 0 ? 1 : die_unit_size(die);
    if (!die_walk_read(walk, bytes) || to <= from) {
        return false;
    }
    if (status != 0) {
        walk->end = status > 0 ? to + 1 : NULL;
        return false;
    }
    *die = next;
    return true;
}

/* From a DIE whose last child was seen to its sibling, which begins behind that: libdw would go through all that is
 * below again. */
static bool follow(struct die_walk *walk, Dwarf_Die *die) {
    Dwarf_Die next;
    Dwarf_Off behind = (Dwarf_Off)(walk->end - (const uint8_t *)die->addr);
    /* Beyond the section there is none, though a unit may say that it is longer. */
    if (walk->end <= (const uint8_t *)die->addr ||
        !dwarf_offdie(dwarf_cu_getdwarf(die->cu), dwarf_dieoffset(die) + behind, &next) || next.cu != die->cu) {
        walk->end = NULL;
        return false;
    }
    if (!*walk->end) {
        walk->end++;
        return false;
    }
    *die = next;
    return true;
}

bool die_walk_on(struct die_walk *walk, Dwarf_Die *path, size_t *depth, size_t base) {
    if (die_walk_next(walk, &path[*depth])) {
        return true;
    }
    while (*depth > base && walk->end) {
        --*depth;
        if (follow(walk, &path[*depth])) {
            return true;
        }
    }
    return false;
}
