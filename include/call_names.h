/* SPDX-License-Identifier: MIT
 *
 * Which calls of a trace are meant, by name: the expressions of -e trace= for
 * traces that were written before.
 */
#ifndef RENACER_CALL_NAMES_H
#define RENACER_CALL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct selection;

struct call_names {
    struct selection *selection; /* NULL: all */
};

/* Choose what the expression says, as -e trace= has it: "openat,close", "%file", "/^open/", "!mmap". 0; -ENOMEM; or
 * -EINVAL with a sentence in `problem`. call_names_finish() in any case. */
int call_names_parse(struct call_names *names, const char *expression, char *problem, size_t size);
void call_names_finish(struct call_names *names);

/* Whether a call of this name is among them. Names of any architecture are known; "unknown" and "syscall_600" are
 * among all, and among those of an expression that takes something out of all. The whole table is searched: ask once
 * for each name. */
bool call_names_have(const struct call_names *names, const char *name);

#endif
