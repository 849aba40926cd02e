/* SPDX-License-Identifier: MIT
 *
 * The functions that a file's table of symbols tells of, by address.
 */
#ifndef RENACER_SYMBOLS_H
#define RENACER_SYMBOLS_H

#include <gelf.h>
#include <stdint.h>

struct symbols;

struct symbol {
    uint64_t start;
    uint64_t end;     /* behind it; without a size in the table, where the next one or its section ends */
    const char *name; /* as it was linked; belongs to the Elf */
};

/* From the table of this type: SHT_SYMTAB or SHT_DYNSYM. 0, -ENOENT: there is none, or no function in it, -ENOMEM.
 * `elf` must outlive it. */
int symbols_create(struct symbols **result, Elf *elf, GElf_Word type);
/* NULL is fine. */
void symbols_destroy(struct symbols *symbols);

/* The symbol that the address is in, of several the innermost. Of those at the same address: functions before labels,
 * global ones before local ones, then that with fewer underscores in front. NULL: none. */
const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address);

#endif
