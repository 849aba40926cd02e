/* SPDX-License-Identifier: MIT
 *
 * Tables of abbreviations (.debug_abbrev). libdw keeps those of each unit, also
 * where several units share one: a small file could make that more than memory.
 */
#ifndef RENACER_ABBREVIATIONS_H
#define RENACER_ABBREVIATIONS_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* Whether the tables of all units of `dwarf` are together of a size that is read. */
bool abbreviations_fit(Dwarf *dwarf);

#endif
