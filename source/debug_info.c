/* SPDX-License-Identifier: MIT */
#include "debug_info.h"

#include "debug_file.h"
#include "demangle.h"
#include "die.h"
#include "frame_check.h"
#include "function_name.h"
#include "interned.h"
#include "libdw_memory.h"
#include "plain_path.h"
#include "symbols.h"
#include "units.h"
#include "user_frame.h"

#include <dwarf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    INLINED_MAX = 64, /* in one function at one address */
    SOURCE_PATH_MAX = 2 * PATH_MAX,
};

struct debug_info {
    Elf *elf;
    char *path;
    Dwarf *dwarf; /* of the file itself; NULL: it has none */
    uint64_t dwarf_bytes;
    struct elf_file debug;      /* where its DWARF is, or its symbols, if not in itself */
    struct elf_file supplement; /* of either: what dwz has taken out of several files */
    struct symbols *symbols;
    struct units *units;
    Dwarf_CFI *frames;
    struct interned strings;
    bool found;     /* all of the above were looked for */
    bool exhausted; /* there was no memory for what DWARF says: it is not looked at again */
};

int debug_info_open(struct debug_info **result, Elf *elf, const char *path) {
    struct debug_info *info = calloc(1, sizeof(*info));
    if (!info || !(info->path = strdup(path))) {
        free(info);
        return -ENOMEM;
    }
    info->elf = elf;
    info->debug.file = -1;
    info->supplement.file = -1;
    *result = info;
    return 0;
}

void debug_info_close(struct debug_info *info) {
    if (!info) {
        return;
    }
    units_destroy(info->units);
    symbols_destroy(info->symbols);
    elf_dwarf_end(info->dwarf, info->dwarf_bytes);
    elf_file_close(&info->debug);
    elf_file_close(&info->supplement);
    interned_finish(&info->strings);
    free(info->path);
    free(info);
}

/* Its own table is the best, then that of the debug file; what is for linking has the fewest names. */
static void find_symbols(struct debug_info *info) {
    if (symbols_create(&info->symbols, info->elf, SHT_SYMTAB) < 0 &&
        (!info->debug.elf || symbols_create(&info->symbols, info->debug.elf, SHT_SYMTAB) < 0)) {
        symbols_create(&info->symbols, info->elf, SHT_DYNSYM);
    }
}

/* Units of DWARF that stands in `elf`. Where it refers to another file that is not found, names and types are missing
 * from it everywhere, and libdw would look for that file itself. */
static void find_units(struct debug_info *info, Dwarf *dwarf, Elf *elf, const char *path) {
    int status = debug_file_find_supplement(&info->supplement, dwarf, path);
    if (status == 0) {
        info->supplement.dwarf = elf_dwarf(info->supplement.elf, &info->supplement.dwarf_bytes);
        if (!info->supplement.dwarf) {
            return;
        }
        elf_file_detach(&info->supplement);
        dwarf_setalt(dwarf, info->supplement.dwarf);
    }
    if (status == 0 || status == -ENODATA) {
        units_create(&info->units, dwarf, elf, path);
    }
}

static void find(void *data) {
    struct debug_info *info = data;
    if (!elf_is_plain(info->elf)) {
        return;
    }
    bool own = elf_has_dwarf(info->elf);
    info->dwarf = elf_dwarf(info->elf, &info->dwarf_bytes);
    if (!own && debug_file_find(&info->debug, info->elf, info->path) == 0) {
        info->debug.dwarf = elf_dwarf(info->debug.elf, &info->debug.dwarf_bytes);
    }
    find_symbols(info);
    elf_file_detach(&info->debug);
    if (info->dwarf) {
        info->frames = frame_check_debug_frame(info->dwarf);
    }
    if (!info->frames && info->debug.dwarf) {
        info->frames = frame_check_debug_frame(info->debug.dwarf);
    }
    if (own && info->dwarf) {
        find_units(info, info->dwarf, info->elf, info->path);
    } else if (info->debug.dwarf) {
        find_units(info, info->debug.dwarf, info->debug.elf, info->debug.path);
    }
}

static void ensure_found(struct debug_info *info) {
    if (!info->found) {
        info->found = true;
        info->exhausted = !libdw_memory_try(find, info);
    }
}

bool debug_info_has_lines(struct debug_info *info) {
    ensure_found(info);
    return info->units && !info->exhausted && units_have_lines(info->units);
}

bool debug_info_is_exhausted(const struct debug_info *info) {
    return info->exhausted;
}

Dwarf_CFI *debug_info_frames(struct debug_info *info) {
    ensure_found(info);
    return info->exhausted ? NULL : info->frames;
}

static const char *keep(struct debug_info *info, const char *text) {
    return interned_text(&info->strings, text, strnlen(text, DEMANGLE_OUTPUT_MAX - 1));
}

/* A name that was linked, as it is shown. */
static const char *shown_name(struct debug_info *info, const char *linked) {
    char shown[DEMANGLE_OUTPUT_MAX];
    return keep(info, demangle(linked, shown, sizeof(shown)) ? shown : linked);
}

struct site {
    const char *file; /* as the compiler was given it */
    unsigned line;
    char full[SOURCE_PATH_MAX];
};

static void find_file(struct debug_info *info, struct unit *unit, const struct line_table *files, uint64_t number,
                      struct site *site) {
    char given[SOURCE_PATH_MAX];
    const char *folder;
    const char *name;
    site->file = NULL;
    site->full[0] = '\0';
    if (!files || !line_table_file(files, number, &folder, &name) || !path_join(given, sizeof(given), folder, name) ||
        !path_join(site->full, sizeof(site->full), unit_folder(unit), given)) {
        return;
    }
    bool was_full = given[0] != '/' && unit_shortens(unit, folder || strchr(name, '/'));
    site->file = keep(info, was_full ? site->full : given);
    path_simplify(site->full);
}

/* Where what is inlined here was called. */
static void call_site(struct debug_info *info, struct unit *unit, Dwarf_Die *inlined, struct site *site) {
    uint64_t line = die_number(inlined, DW_AT_call_line, 0);
    site->line = line <= UINT_MAX ? (unsigned)line : 0;
    find_file(info, unit, unit_files(unit), die_number(inlined, DW_AT_call_file, 0), site);
}

static void line_site(struct debug_info *info, struct unit *unit, uint64_t address, struct site *site) {
    struct source_line line;
    const struct line_table *lines = unit_lines(unit);
    site->file = NULL;
    site->full[0] = '\0';
    site->line = 0;
    if (lines && line_table_find(lines, address, &line)) {
        site->line = line.line;
        find_file(info, unit, lines, line.file, site);
    }
}

static bool is_of_library(struct debug_info *info, struct unit *unit, const struct site *site, const char *function) {
    size_t size;
    const char *libc = units_libc_folder(info->units, &size);
    return site->file && ((libc && strncmp(site->full, libc, size) == 0) ||
                          user_rule_is_library_source(site->full, function, unit_language(unit)));
}

static void set_site(struct debug_info *info, struct unit *unit, const struct site *site, struct debug_place *place) {
    place->file = site->file;
    place->line = site->file ? site->line : 0;
    place->of_library = is_of_library(info, unit, site, place->function);
}

/* `symbol`: of the function, if that is known; C++ compilers leave names for the linker out of DWARF where nothing is
 * linked. */
static const char *function_text(struct debug_info *info, struct unit *unit, Dwarf_Die *function,
                                 const struct symbol *symbol) {
    char shown[DEMANGLE_OUTPUT_MAX];
    struct function_name name;
    function_name_find(&name, function);
    if (name.linked) {
        return shown_name(info, name.linked);
    }
    if (symbol && demangle(symbol->name, shown, sizeof(shown))) {
        return keep(info, shown);
    }
    if (function_name_qualify(&name, unit_language(unit), unit_walk(unit), shown, sizeof(shown))) {
        return keep(info, shown);
    }
    return name.written ? keep(info, name.written) : NULL;
}

/* Places are written from the innermost on; where there is no room for all, the last is that of the function. */
struct writing {
    struct debug_place *places;
    size_t room;
    size_t count;
};

static struct debug_place *next_place(struct writing *writing, bool last) {
    if (writing->count + 1 >= writing->room && !last) {
        return NULL;
    }
    return &writing->places[writing->count++];
}

static bool write_unit(struct debug_info *info, struct unit *unit, uint64_t address, const struct symbol *symbol,
                       struct writing *writing) {
    Dwarf_Die function;
    Dwarf_Die inlined[INLINED_MAX];
    struct site site;
    uint64_t entry = symbol ? symbol->start : address;
    bool has_function = unit_function(unit, address, &function);
    size_t count = has_function ? unit_inlined(unit, &function, address, inlined, INLINED_MAX) : 0;
    line_site(info, unit, address, &site);
    if (!has_function && !site.file) {
        return false;
    }
    if (!symbol && has_function) {
        unit_entry(unit, &function, address, &entry);
    }
    for (size_t i = count; i-- > 0;) {
        struct debug_place *place = next_place(writing, false);
        if (place) {
            *place = (struct debug_place){.offset = address - entry, .inlined = true, .has_debug = true};
            place->function = function_text(info, unit, &inlined[i], NULL);
            set_site(info, unit, &site, place);
        }
        call_site(info, unit, &inlined[i], &site);
    }
    struct debug_place *place = next_place(writing, true);
    *place = (struct debug_place){.offset = address - entry, .has_debug = true};
    if (has_function) {
        place->function = function_text(info, unit, &function, symbol);
    }
    if (!place->function && symbol) {
        place->function = shown_name(info, symbol->name);
    }
    set_site(info, unit, &site, place);
    return true;
}

struct question {
    struct debug_info *info;
    uint64_t address;
    const struct symbol *symbol;
    struct writing writing;
    bool answered;
};

static void ask_units(void *data) {
    struct question *question = data;
    struct debug_info *info = question->info;
    struct unit *unit = info->units ? units_find(info->units, question->address) : NULL;
    question->answered = unit && write_unit(info, unit, question->address, question->symbol, &question->writing);
}

size_t debug_info_places(struct debug_info *info, uint64_t address, struct debug_place *places, size_t room) {
    struct question question = {.info = info, .address = address, .writing = {places, room, 0}};
    ensure_found(info);
    if (!room) {
        return 0;
    }
    const struct symbol *symbol = info->symbols ? symbols_find(info->symbols, address) : NULL;
    question.symbol = symbol;
    if (!info->exhausted && !libdw_memory_try(ask_units, &question)) {
        info->exhausted = true;
    }
    if (!info->exhausted && question.answered) {
        return question.writing.count;
    }
    if (!symbol) {
        return 0;
    }
    places[0] = (struct debug_place){.function = shown_name(info, symbol->name), .offset = address - symbol->start};
    return 1;
}
