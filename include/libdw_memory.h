/* SPDX-License-Identifier: MIT
 *
 * libdw ends the process when it gets no memory. Here the work that needed it ends instead. Some of its functions abort
 * without asking anybody (its table of abbreviations): so nothing is begun unless there is some memory to spare.
 */
#ifndef RENACER_LIBDW_MEMORY_H
#define RENACER_LIBDW_MEMORY_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* From now on that is so for `dwarf`, which may then only be worked with in libdw_memory_try(). */
void libdw_memory_watch(Dwarf *dwarf);

/* Whether there is some memory to spare. For work that goes on for long. */
bool libdw_memory_is_left(void);

/* Do some work, which may do other work so. False: there was no memory. The work was then left at once: what it was
 * making is half made, and what it alone knew of is lost. */
bool libdw_memory_try(void (*work)(void *data), void *data);

#endif
