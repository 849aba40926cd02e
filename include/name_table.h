/* SPDX-License-Identifier: MIT
 *
 * Names that are kept once each, under a number: those of functions and files
 * that outlive the record that they were found for.
 */
#ifndef RENACER_NAME_TABLE_H
#define RENACER_NAME_TABLE_H

#include "number_index.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    NAME_TABLE_BYTES = 1 << 26, /* the most that all names take, each with its NUL */
};

#define NAME_NONE UINT32_MAX

/* Zeroes are an empty one. */
struct name_table {
    char *bytes;
    size_t size;
    size_t capacity;
    uint32_t *starts; /* of each name, in `bytes` */
    uint32_t count;
    uint32_t room;
    struct number_index index;
};

void name_table_finish(struct name_table *table);

/* The number of a name. 0 or -ENOMEM, also if the table is full. NULL is NAME_NONE. */
int name_table_add(struct name_table *table, const char *name, uint32_t *number);

/* The name; NULL of NAME_NONE. Valid until the next name_table_add(). */
static inline const char *name_table_get(const struct name_table *table, uint32_t number) {
    return number == NAME_NONE ? NULL : table->bytes + table->starts[number];
}

/* The order of two names, as strcmp(3); NULL comes behind all others. */
static inline int name_compare(const char *a, const char *b) {
    return a && b ? strcmp(a, b) : !a - !b;
}

#endif
