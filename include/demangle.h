/* SPDX-License-Identifier: MIT
 *
 * Names of functions as people wrote them, from those that are linked: C++ with
 * namespaces and without parameters, Rust without its hash.
 */
#ifndef RENACER_DEMANGLE_H
#define RENACER_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    /* Longer names are not looked into: so deep at most is the recursion, and libiberty's own limit is the same. */
    DEMANGLE_INPUT_MAX = 2048,
    /* With its NUL; what would become longer stays as it is. */
    DEMANGLE_OUTPUT_MAX = 8192,
};

/* False, with nothing in `shown`: it is not a mangled name, or not one that can be shown within `size`. */
bool demangle(const char *name, char *shown, size_t size);

#endif
