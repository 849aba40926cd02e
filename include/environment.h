/* SPDX-License-Identifier: MIT
 *
 * The environment of the program: the one that we were given, with the changes of -E.
 */
#ifndef RENACER_ENVIRONMENT_H
#define RENACER_ENVIRONMENT_H

#include <stddef.h>

/* `from` with `changes` applied in order: "NAME=VALUE" sets, "NAME" removes. The
 * strings stay where they are; the vector is malloc'd, NULL-terminated and the
 * caller's. NULL without memory. */
char **environment_with(char *const *from, char *const *changes, size_t change_count);

/* The environment that our caller gave us, behind the words of argv in memory. If our file
 * has capabilities, the C library has taken out of `environ` what could harm us
 * (LD_PRELOAD, TMPDIR, ...); the program has no capabilities, and is to find it.
 * `last_word` is the last string of argv as main() gets it. The strings stay where they
 * are; the vector is malloc'd, NULL-terminated and the caller's. NULL without memory. */
char **environment_given(char *last_word);

#endif
