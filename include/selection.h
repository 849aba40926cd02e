/* SPDX-License-Identifier: MIT
 *
 * Which calls are traced (-e trace=...), for each architecture.
 */
#ifndef RENACER_SELECTION_H
#define RENACER_SELECTION_H

#include "syscall_table.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    SELECTION_NUMBERS = 512,
    SELECTION_FILTER_BYTES = 4032, /* that selection_kernel_filter() needs at most */
};

struct selection {
    bool all; /* nothing was asked for: every call, known or not */
    bool chosen[ARCH_COUNT][SELECTION_NUMBERS];
};

void selection_init(struct selection *selection);

/* Narrow the selection by one -e expression: "trace=" and names, classes ("file",
 * "%file") or regular expressions ("/re/", strace's "/re") joined by commas. "!" in front
 * of one (or of the whole list, as in strace) takes it out; the first item decides whether
 * it starts from nothing or from everything. "?" in front of one: it may not exist. 0, or -EINVAL with a sentence in
 * `problem`. */
int selection_parse(struct selection *selection, const char *expression, char *problem, size_t problem_size);

/* The same for an expression that stands elsewhere: `origin` is what the sentence says in place of "-e". */
int selection_parse_from(struct selection *selection, const char *origin, const char *expression, char *problem,
                         size_t problem_size);

/* What stands behind the qualifier ("trace=") of an expression that has been parsed. */
const char *selection_list(const char *expression);

/* Whether no call is left out. */
bool selection_is_everything(const struct selection *selection);

/* Choose the calls of this name as well, on every architecture that has them. */
void selection_add(struct selection *selection, const char *name);

/* Whether the call is to be recorded. */
bool selection_has(const struct selection *selection, enum arch arch, int64_t number);

/* A kernel filter expression on the tracepoints' `id` that lets at least the
 * chosen calls through, and those that tracing itself needs; "" if every id has to pass,
 * or if `size` does not suffice. */
void selection_kernel_filter(const struct selection *selection, char *filter, size_t size);

/* The chosen calls of an architecture if they are at most `max`: their rows in
 * `chosen`, and how many; -1 if there are more or unknown numbers among them. */
int selection_few(const struct selection *selection, enum arch arch, const struct syscall_row **chosen, int max);

/* Which ids that expression lets through. */
void selection_kernel_ids(const struct selection *selection, bool passes[SELECTION_NUMBERS]);

#endif
