/* SPDX-License-Identifier: MIT
 *
 * How DWARF names a function.
 */
#ifndef RENACER_FUNCTION_NAME_H
#define RENACER_FUNCTION_NAME_H

#include "die_walk.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>

struct function_name {
    const char *linked;  /* as the linker knows it; NULL: DWARF does not say */
    const char *written; /* as it stands in the source, without what is around; NULL: it has none */
    Dwarf_Die die;       /* that has the latter */
};

/* The name of a function, or of one that is inlined: its own, or that of what it is an instance of. */
void function_name_find(struct function_name *name, Dwarf_Die *function);

/* The written name with the namespaces and types around it, "a::B::c", in languages that have them. False: it has no
 * name, or a longer one than `size`. */
bool function_name_qualify(struct function_name *name, unsigned language, struct die_walk *walk, char *shown,
                           size_t size);

#endif
