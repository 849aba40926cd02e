/* SPDX-License-Identifier: MIT
 *
 * The environment of the program: ours, with the changes of -E.
 */
#ifndef RENACER_ENVIRONMENT_H
#define RENACER_ENVIRONMENT_H

#include <stddef.h>

/* `from` with `changes` applied in order: "NAME=VALUE" sets, "NAME" removes. The
 * strings stay where they are; the vector is malloc'd, NULL-terminated and the
 * caller's. NULL without memory. */
char **environment_with(char *const *from, char *const *changes, size_t change_count);

#endif
