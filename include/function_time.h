/* SPDX-License-Identifier: MIT
 *
 * --function-time: what was spent in the kernel by each function and what it
 * called, and who called it.
 */
#ifndef RENACER_FUNCTION_TIME_H
#define RENACER_FUNCTION_TIME_H

#include "stack_tally.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function that has called another one directly. */
struct function_caller {
    struct stack_part part;
    uint64_t calls; /* system calls on whose stack it did */
};

/* A function, or a mark that stands where one is not known. Each stack counts once, however often a function is on it.
 */
struct function_row {
    struct stack_part part;
    uint64_t calls; /* system calls that were made in it or below it */
    uint64_t time_ns;
    uint64_t self_ns;                      /* of the calls whose nearest frame of the user's it is */
    bool same_name;                        /* another row has this name, with another module */
    const struct function_caller *callers; /* most calls first, then by name */
    size_t caller_count;
};

struct function_table {
    struct function_row *rows; /* most time first, then by name */
    size_t count;
    struct function_caller *callers; /* of all rows */
    uint64_t calls;                  /* all, each once */
    uint64_t time_ns;
};

/* Make the table of a tally by function; its strings are the tally's. 0 or -ENOMEM. */
int function_table_create(struct function_table *table, const struct stack_tally *stacks);
void function_table_finish(struct function_table *table);

/* How a row or caller is named: its name, or its module in brackets. */
void function_to_text(const struct stack_part *part, struct text *text);

/* Append the table. `measured`: whether anything measured times. */
void functions_to_text(const struct stack_tally *stacks, bool measured, struct text *text);

#endif
