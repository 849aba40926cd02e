/* SPDX-License-Identifier: MIT
 *
 * The line table of one compilation unit (.debug_line, DWARF 2 to 5): which line
 * of which file an address is from. File names are kept as the compiler was given
 * them; libdw's tables have them with the folder before, and their memory is not
 * bounded by the size of the file.
 */
#ifndef RENACER_LINE_TABLE_H
#define RENACER_LINE_TABLE_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_table;

/* The sections that it is read from; NULL: there is none. They must outlive it. */
struct line_sections {
    const Elf_Data *lines;        /* .debug_line */
    const Elf_Data *line_strings; /* .debug_line_str */
    const Elf_Data *strings;      /* .debug_str */
};

struct source_line {
    unsigned file; /* for line_table_file() */
    unsigned line; /* 0: from no line */
};

/* The table at this offset of .debug_line. `rows_left`: how many rows there may be, of which its own are taken away.
 * 0, -EINVAL: it makes no sense or has too many rows, -ENOMEM. */
int line_table_create(struct line_table **result, const struct line_sections *sections, uint64_t offset,
                      size_t *rows_left);
/* NULL is fine. */
void line_table_destroy(struct line_table *table);

bool line_table_find(const struct line_table *table, uint64_t address, struct source_line *line);

/* A file by the number that DWARF gives it: its folder, NULL for the compilation's or when its name is absolute, and
 * its name in that. A folder that is not absolute is in the compilation's. False: there is no such file. */
bool line_table_file(const struct line_table *table, uint64_t number, const char **folder, const char **name);

#endif
