/* SPDX-License-Identifier: MIT
 *
 * Walking over DIEs with an end. A hostile unit of 60 MB may have 60 million of them, below each other or with
 * the same list of ranges a million times, so that one look at it would take minutes. What is read is counted, in bytes
 * of DIEs: in a second some 35 million are read of DIEs with one byte each, and several times as much of usual ones.
 * When it is used up the walk ends, as if there were no more.
 */
#ifndef RENACER_DIE_WALK_H
#define RENACER_DIE_WALK_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

struct die_walk {
    uint64_t allowance; /* of the current walk, in bytes */
    uint64_t spare;     /* of all walks together, for those that need more */
    const uint8_t
        *end; /* behind the siblings that were gone through last; NULL: the unit ended there, or the walk did */
};

/* All that walks in one file may need beyond their allowances. */
#define DIE_WALK_SPARE (UINT64_C(128) << 20)

/* What the current walk may read from now on. */
void die_walk_begin(struct die_walk *walk, uint64_t allowance);
/* So many bytes were read; false: no more may be. */
bool die_walk_read(struct die_walk *walk, uint64_t bytes);
/* An entry of a list of ranges was. */
bool die_walk_read_range(struct die_walk *walk);

/* How large the unit of a DIE is, in bytes; UINT64_MAX: not known. */
uint64_t die_unit_size(Dwarf_Die *die);
/* Whether the unit of a DIE is of a size that a single step of a walk may have to read. */
bool die_walk_may_enter(const struct die_walk *walk, Dwarf_Die *die);
/* Go on to the next sibling, which lies behind the DIE; false: there is none, or the walk is at its end. */
bool die_walk_next(struct die_walk *walk, Dwarf_Die *die);
/* Go on from the last DIE of a path, path[*depth], to the next one that is not below it: its sibling, or that of one
 * around it, as far as path[base]; *depth is that one's place then. False: as above. */
bool die_walk_on(struct die_walk *walk, Dwarf_Die *path, size_t *depth, size_t base);

#endif
