/* SPDX-License-Identifier: MIT */
#include "symbols.h"

#include "cleanup.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLE_BYTES_MAX = 256 << 20, /* of the table, and of its names */
    ENCLOSING_MAX = 16,          /* how many symbols back one is looked for that encloses */
    COMPARED_BYTES = 256,        /* of names of the same address: the rest may be the same for all, and long */
};

struct symbols {
    size_t count;
    struct symbol all[]; /* by start */
};

/* While the table is made. */
struct candidate {
    struct symbol symbol;
    uint64_t limit; /* the end of its section */
    unsigned rank;  /* of those at the same address, the lowest is shown */
};

struct section {
    uint64_t end;
    bool code;
};

struct table {
    Elf *elf;
    Elf_Scn *section;
    size_t names; /* section of its names */
    struct section *sections;
    size_t section_count;
};

static bool fits(const GElf_Shdr *header) {
    return header->sh_type != SHT_NOBITS && header->sh_size <= TABLE_BYTES_MAX;
}

/* libelf looks for the end of each name from the end of all on, which must not take long. */
static bool ends_names(Elf_Scn *section) {
    const Elf_Data *names = elf_rawdata(section, NULL);
    return names && names->d_buf && names->d_size && ((const char *)names->d_buf)[names->d_size - 1] == '\0';
}

static bool find_table(struct table *table, GElf_Word type) {
    GElf_Shdr header;
    while ((table->section = elf_nextscn(table->elf, table->section))) {
        if (gelf_getshdr(table->section, &header) && header.sh_type == type && fits(&header)) {
            GElf_Shdr names;
            Elf_Scn *section = elf_getscn(table->elf, header.sh_link);
            table->names = header.sh_link;
            return section && gelf_getshdr(section, &names) && names.sh_type == SHT_STRTAB && fits(&names) &&
                   ends_names(section);
        }
    }
    return false;
}

static int read_sections(struct table *table) {
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    if (elf_getshdrnum(table->elf, &table->section_count) < 0 || !table->section_count) {
        return -ENOENT;
    }
    table->sections = calloc(table->section_count, sizeof(*table->sections));
    if (!table->sections) {
        return -ENOMEM;
    }
    while ((section = elf_nextscn(table->elf, section))) {
        size_t index = elf_ndxscn(section);
        if (index < table->section_count && gelf_getshdr(section, &header) &&
            header.sh_size <= UINT64_MAX - header.sh_addr) {
            table->sections[index] = (struct section){header.sh_addr + header.sh_size, header.sh_flags & SHF_EXECINSTR};
        }
    }
    return 0;
}

static unsigned rank_of(const GElf_Sym *symbol, const char *name) {
    bool label = GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE;
    bool local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL;
    size_t underscores = strspn(name, "_");
    return label << 10 | local << 9 | (unsigned)(underscores < 256 ? underscores : 256);
}

/* Whether it stands for code, and then what is known of it. */
static bool candidate_from(struct candidate *candidate, const struct table *table, const GElf_Sym *symbol) {
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= table->section_count || !symbol->st_name) {
        return false;
    }
    const struct section *section = &table->sections[symbol->st_shndx];
    if (type != STT_FUNC && type != STT_GNU_IFUNC && (type != STT_NOTYPE || !section->code)) {
        return false;
    }
    const char *name = elf_strptr(table->elf, table->names, symbol->st_name);
    if (!name || !*name || symbol->st_value >= section->end) {
        return false;
    }
    uint64_t most = section->end - symbol->st_value;
    /* Without a size it ends where it starts, until its neighbour is known. */
    *candidate = (struct candidate){
        .symbol = {symbol->st_value, symbol->st_value + (symbol->st_size < most ? symbol->st_size : most), name},
        .limit = section->end,
        .rank = rank_of(symbol, name),
    };
    return true;
}

static int by_start(const void *one, const void *other) {
    const struct candidate *a = one;
    const struct candidate *b = other;
    if (a->symbol.start != b->symbol.start) {
        return a->symbol.start < b->symbol.start ? -1 : 1;
    }
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    int order = strncmp(a->symbol.name, b->symbol.name, COMPARED_BYTES);
    return order ? order : a->symbol.name < b->symbol.name ? -1 : a->symbol.name > b->symbol.name;
}

/* One for each address, with ends; how many they are then. */
static size_t merge(struct candidate *candidates, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct candidate *next = &candidates[i];
        struct candidate *last = kept ? &candidates[kept - 1] : NULL;
        if (last && last->symbol.start == next->symbol.start) {
            last->symbol.end = next->symbol.end > last->symbol.end ? next->symbol.end : last->symbol.end;
        } else {
            candidates[kept++] = *next;
        }
    }
    for (size_t i = 0; i < kept; i++) {
        struct candidate *candidate = &candidates[i];
        if (candidate->symbol.end == candidate->symbol.start) {
            uint64_t next = i + 1 < kept ? candidates[i + 1].symbol.start : UINT64_MAX;
            candidate->symbol.end = next < candidate->limit ? next : candidate->limit;
        }
    }
    return kept;
}

static int collect(struct symbols **result, const struct table *table) {
    Elf_Data *data = elf_getdata(table->section, NULL);
    size_t entry = gelf_fsize(table->elf, ELF_T_SYM, 1, EV_CURRENT);
    if (!data || !data->d_buf || !entry || data->d_size / entry > INT32_MAX) {
        return -ENOENT;
    }
    size_t room = data->d_size / entry;
    size_t count = 0;
    auto_free struct candidate *candidates = malloc((room + 1) * sizeof(*candidates));
    if (!candidates) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < room; i++) {
        GElf_Sym symbol;
        if (gelf_getsym(data, (int)i, &symbol) && candidate_from(&candidates[count], table, &symbol)) {
            count++;
        }
    }
    if (!count) {
        return -ENOENT;
    }
    qsort(candidates, count, sizeof(*candidates), by_start);
    count = merge(candidates, count);
    struct symbols *symbols = malloc(sizeof(*symbols) + count * sizeof(symbols->all[0]));
    if (!symbols) {
        return -ENOMEM;
    }
    symbols->count = count;
    for (size_t i = 0; i < count; i++) {
        symbols->all[i] = candidates[i].symbol;
    }
    *result = symbols;
    return 0;
}

int symbols_create(struct symbols **result, Elf *elf, GElf_Word type) {
    struct table table = {.elf = elf};
    *result = NULL;
    if (!find_table(&table, type)) {
        return -ENOENT;
    }
    int status = read_sections(&table);
    if (status == 0) {
        status = collect(result, &table);
    }
    free(table.sections);
    return status;
}

void symbols_destroy(struct symbols *symbols) {
    free(symbols);
}

const struct symbol *symbols_find(const struct symbols *symbols, uint64_t address) {
    size_t low = 0;
    size_t high = symbols->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->all[middle].start <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t back = 0; back < ENCLOSING_MAX && back < low; back++) {
        const struct symbol *symbol = &symbols->all[low - 1 - back];
        if (address < symbol->end) {
            return symbol;
        }
    }
    return NULL;
}
