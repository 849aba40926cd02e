/* SPDX-License-Identifier: MIT
 *
 * The compilation units of one file's DWARF, by address, with the functions and
 * the line table of each, which are read when a unit is first asked.
 */
#ifndef RENACER_UNITS_H
#define RENACER_UNITS_H

#include "die_walk.h"
#include "line_table.h"
#include "split_unit.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct units;
struct unit;

/* `dwarf` is that of `elf`, a file with path `path`; all must outlive it. 0 or -ENOMEM. */
int units_create(struct units **result, Dwarf *dwarf, Elf *elf, const char *path);
/* NULL is fine. */
void units_destroy(struct units *units);

/* The unit with this address; NULL: none. What is asked of it from then on may read so much of it, and no more, until
 * the next one is asked for: what is not found by then is as if it were not there. */
struct unit *units_find(struct units *units, uint64_t address);
/* The folder of the source of the C library that was linked into the file, with its last slash; NULL: it was not, or
 * without debug information. Its size with the slash. */
const char *units_libc_folder(const struct units *units, size_t *size);

bool units_have_lines(const struct units *units);

/* DW_LANG_*; 0: not known. */
unsigned unit_language(const struct unit *unit);
/* The folder in which it was compiled; NULL: not known. */
const char *unit_folder(const struct unit *unit);
/* Whether names of files that are not absolute were, before the compiler has taken unit_folder() off them: its source's
 * name still is. `has_folder`: there is a folder in what is left. */
bool unit_shortens(struct unit *unit, bool has_folder);
/* For walks that belong to the question. */
struct die_walk *unit_walk(struct unit *unit);
/* Its lines; NULL: it has none. */
const struct line_table *unit_lines(struct unit *unit);
/* What its DIEs mean by numbers of files, which may be another table. */
const struct line_table *unit_files(struct unit *unit);
/* Its innermost physical function with the address, and where that begins; false: none. */
bool unit_function(struct unit *unit, uint64_t address, Dwarf_Die *function);
/* What is inlined in a function of it at the address, outermost first: DIEs of inlined subroutines. At most `room`. */
size_t unit_inlined(struct unit *unit, Dwarf_Die *function, uint64_t address, Dwarf_Die *inlined, size_t room);
/* The lowest address of a function's part that has `address`. */
bool unit_entry(struct unit *unit, Dwarf_Die *function, uint64_t address, uint64_t *entry);

#endif
