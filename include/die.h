/* SPDX-License-Identifier: MIT
 *
 * Attributes of DWARF's entries, whatever the bytes of their file are.
 */
#ifndef RENACER_DIE_H
#define RENACER_DIE_H

#include <elfutils/libdw.h>
#include <stdint.h>

/* The attribute DW_AT_`name` of the DIE itself, or DW_AT_`other` if it has not got that (0: nothing else). NULL: there
 * is none that is a string; 0: none that is a number. */
const char *die_string(Dwarf_Die *die, unsigned name, unsigned other);
uint64_t die_number(Dwarf_Die *die, unsigned name, unsigned other);

#endif
