/* SPDX-License-Identifier: MIT
 *
 * Split DWARF: the unit in the object's .dwo file that a skeleton unit stands for.
 * libdw would find it by itself, but maps the file, and opens whatever the path
 * names; and it alone knows how to tell the two of each other. So addresses and
 * ranges of such a unit are read here.
 */
#ifndef RENACER_SPLIT_UNIT_H
#define RENACER_SPLIT_UNIT_H

#include "die_walk.h"
#include "line_table.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct split_unit;

/* Whether the unit of this DIE is a skeleton. */
bool split_unit_is_skeleton(Dwarf_Die *unit);

/* What `skeleton`, of the file `elf` with path `path`, stands for. 0, -ENOENT: its file is not there, or is another
 * one's, or -ENOMEM. `elf` must outlive it. */
int split_unit_open(struct split_unit **result, Dwarf_Die *skeleton, Elf *elf, const char *path);
/* NULL is fine. */
void split_unit_close(struct split_unit *split);

Dwarf_Die *split_unit_die(struct split_unit *split);
/* The sections of its own list of files, for the numbers that its DIEs give; `lines` NULL: it has none, and they are
 * those of the skeleton's. */
struct line_sections split_unit_sections(struct split_unit *split);

/* What takes a range; not 0 ends it. */
typedef int range_taker(void *data, uint64_t low, uint64_t high);

/* Each range of a DIE of the unit, as far as `walk` goes. What `take` gave when it was not 0, or 0. */
int split_unit_ranges(struct split_unit *split, struct die_walk *walk, Dwarf_Die *die, range_taker *take, void *data);

#endif
