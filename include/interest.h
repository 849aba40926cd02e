/* SPDX-License-Identifier: MIT
 *
 * Which files belong to loaders, interpreters and the system rather than to
 * what a program is for: reading them is no observation.
 */
#ifndef RENACER_INTEREST_H
#define RENACER_INTEREST_H

#include <stdbool.h>
#include <stddef.h>

/* The interpreters that a process is, a bit each: 0 for a program that is none, as far as is known. */
typedef unsigned interpreters;

/* What the program at this path is. */
interpreters interpreters_of_program(const char *path);

/* What a process shows itself to be by opening this file: the library of an interpreter, or its modules. */
interpreters interpreters_shown_by(const char *path);

/* Whether reading the file counts. `path` without a slash in front is relative to where the program was started. */
bool interest_in_reading(const char *path, interpreters running);

/* Whether writing to it, making or removing it counts. */
bool interest_in_changing(const char *path);

/* Replace the part of a file name that mkstemp() and the like have drawn at random by "*", in place. Returns
 * whether there was one. To be asked of names that were made exclusively (O_EXCL) only; `is_private`: for the user
 * alone as well (mode 0600), which is how mkstemp() does it. Others must call themselves temporary. */
bool interest_mask_random(char *path, bool is_private);

#endif
