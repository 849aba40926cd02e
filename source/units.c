/* SPDX-License-Identifier: MIT */
#include "units.h"

#include "address_ranges.h"
#include "cleanup.h"
#include "debug_file.h"
#include "die.h"
#include "die_walk.h"
#include "libdw_memory.h"
#include "plain_path.h"

#include <dwarf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNITS_MAX = 1 << 18,
    UNITS_AT_ONCE = 64,            /* until it is looked again whether memory is left */
    DEPTH_MAX = 32,                /* of namespaces, types and functions around a function */
    BLOCKS_MAX = 128,              /* of blocks in each other in a function */
    ROWS_MAX = 1 << 24,            /* of all line tables of a file */
    FUNCTION_RANGES_MAX = 1 << 23, /* of all functions of a file */
    UNITS_ALLOWANCE = 64 << 20,    /* for the ranges of all units; see die_walk.h */
    OPENING_ALLOWANCE = 256 << 10, /* for the functions of a unit, beside ... */
    OPENING_PASSES = 2,            /* ... so many times its size: lists of ranges may be long */
    LOOKUP_ALLOWANCE = 1 << 20,    /* for what is around an address */
};

struct unit {
    struct units *units;
    Dwarf_Die skeleton; /* where its lines are, and its ranges */
    Dwarf_Die die;      /* the unit with its functions, which may be in another file */
    struct split_unit *split;
    struct address_ranges functions; /* offsets of DIEs */
    struct line_table *lines;
    struct line_table *files; /* of the split unit's own; NULL: `lines` has them */
    const char *folder;
    const char *name;
    unsigned language;
    bool opened;
    bool lines_read;
    bool files_read;
};

struct units {
    Dwarf *dwarf;
    Elf *elf;
    const char *path;
    struct line_sections sections;
    size_t rows_left;
    size_t function_ranges_left;
    struct die_walk walk;
    struct unit *all;
    size_t count;
    size_t room;
    struct address_ranges ranges; /* indexes of units */
    char *libc_folder;
};

static int plain_ranges(struct die_walk *walk, Dwarf_Die *die, range_taker *take, void *data) {
    Dwarf_Addr base = 0;
    Dwarf_Addr low;
    Dwarf_Addr high;
    ptrdiff_t offset = 0;
    int status = 0;
    while (status == 0 && die_walk_read_range(walk)) {
        offset = dwarf_ranges(die, offset, &base, &low, &high);
        if (offset <= 0) {
            break;
        }
        if (low < high) {
            status = take(data, low, high);
        }
    }
    return status;
}

static int ranges_of(struct unit *unit, Dwarf_Die *die, range_taker *take, void *data) {
    struct die_walk *walk = &unit->units->walk;
    return unit->split ? split_unit_ranges(unit->split, walk, die, take, data) : plain_ranges(walk, die, take, data);
}

/* The C library tells where its source is by the file that every static program has of it: of glibc, and of musl. */
static void look_for_libc(struct units *units, const struct unit *unit) {
    static const char *const ends[] = {"/csu/libc-start.c", "/src/env/__libc_start_main.c"};
    char path[PATH_MAX];
    for (size_t i = 0; !units->libc_folder && unit->name && i < sizeof(ends) / sizeof(ends[0]); i++) {
        /* Few names are looked at more closely. */
        if (strcmp(path_base(unit->name), path_base(ends[i])) != 0 ||
            !path_join(path, sizeof(path), unit->folder, unit->name)) {
            continue;
        }
        path_simplify(path);
        size_t size = strlen(path);
        size_t end = strlen(ends[i]);
        if (path[0] == '/' && size > end && strcmp(path + size - end, ends[i]) == 0) {
            path[size - end + 1] = '\0';
            units->libc_folder = strdup(path);
        }
    }
}

struct unit_range {
    struct units *units;
    size_t index;
};

static int take_unit(void *data, uint64_t low, uint64_t high) {
    const struct unit_range *range = data;
    return address_ranges_add(&range->units->ranges, low, high, range->index);
}

static int add_unit(struct units *units, Dwarf_Die *die) {
    if (units->count == units->room) {
        size_t room = units->room ? units->room * 2 : 64;
        struct unit *larger = realloc(units->all, room * sizeof(*larger));
        if (!larger) {
            return -ENOMEM;
        }
        units->all = larger;
        units->room = room;
    }
    size_t before = units->ranges.count;
    struct unit_range range = {units, units->count};
    struct unit *unit = &units->all[units->count];
    *unit = (struct unit){.units = units, .skeleton = *die, .die = *die};
    int status = plain_ranges(&units->walk, die, take_unit, &range);
    if (units->ranges.count > before) {
        unit->folder = die_string(die, DW_AT_comp_dir, 0);
        unit->name = die_string(die, DW_AT_name, 0);
        look_for_libc(units, unit);
        units->count++;
    }
    return status;
}

static int read_units(struct units *units) {
    Dwarf_CU *cu = NULL;
    int status = 0;
    die_walk_begin(&units->walk, UNITS_ALLOWANCE);
    for (unsigned i = 0; status == 0 && i < UNITS_MAX; i++) {
        Dwarf_Half version;
        uint8_t type;
        Dwarf_Die die;
        if (i % UNITS_AT_ONCE == 0 && !libdw_memory_is_left()) {
            return -ENOMEM;
        }
        if (dwarf_get_units(units->dwarf, cu, &cu, &version, &type, &die, NULL) != 0) {
            break;
        }
        if (type == DW_UT_compile || type == DW_UT_skeleton) {
            status = add_unit(units, &die);
        }
    }
    /* So many ranges are nonsense; those that were read are what is known. */
    return status == -ENOMEM ? status : 0;
}

int units_create(struct units **result, Dwarf *dwarf, Elf *elf, const char *path) {
    struct units *units = calloc(1, sizeof(*units));
    if (!units) {
        return -ENOMEM;
    }
    *units = (struct units){
        .dwarf = dwarf,
        .elf = elf,
        .path = path,
        .sections = {elf_section(elf, ".debug_line"), elf_section(elf, ".debug_line_str"),
                     elf_section(elf, ".debug_str")},
        .rows_left = ROWS_MAX,
        .function_ranges_left = FUNCTION_RANGES_MAX,
        .walk = {.spare = DIE_WALK_SPARE},
    };
    if (read_units(units) < 0) {
        units_destroy(units);
        return -ENOMEM;
    }
    address_ranges_sort(&units->ranges);
    *result = units;
    return 0;
}

void units_destroy(struct units *units) {
    if (!units) {
        return;
    }
    for (size_t i = 0; i < units->count; i++) {
        split_unit_close(units->all[i].split);
        address_ranges_finish(&units->all[i].functions);
        line_table_destroy(units->all[i].lines);
        line_table_destroy(units->all[i].files);
    }
    address_ranges_finish(&units->ranges);
    free(units->libc_folder);
    free(units->all);
    free(units);
}

struct function_range {
    struct unit *unit;
    Dwarf_Off offset;
};

static int take_function(void *data, uint64_t low, uint64_t high) {
    const struct function_range *range = data;
    struct units *units = range->unit->units;
    if (!units->function_ranges_left) {
        return -E2BIG;
    }
    units->function_ranges_left--;
    return address_ranges_add(&range->unit->functions, low, high, range->offset);
}

static bool has_code(Dwarf_Die *die) {
    return dwarf_hasattr(die, DW_AT_low_pc) || dwarf_hasattr(die, DW_AT_ranges);
}

/* Whether functions with code may be below. Compilers of Rust and Go never write them into each other, and the DIEs
 * below a function are most of all. */
static bool may_hold_functions(const struct unit *unit, Dwarf_Die *die) {
    switch (dwarf_tag(die)) {
    case DW_TAG_subprogram:
        return unit->language != DW_LANG_Rust && unit->language != DW_LANG_Go && has_code(die);
    case DW_TAG_lexical_block:
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
        return true;
    default:
        return false;
    }
}

static void read_functions(struct unit *unit) {
    Dwarf_Die stack[DEPTH_MAX];
    size_t depth = 0;
    struct die_walk *walk = &unit->units->walk;
    if (!die_walk_may_enter(walk, &unit->die) || dwarf_child(&unit->die, &stack[0]) != 0) {
        return;
    }
    die_walk_begin(walk, OPENING_ALLOWANCE + OPENING_PASSES * die_unit_size(&unit->die));
    while (true) {
        Dwarf_Die *die = &stack[depth];
        if (dwarf_tag(die) == DW_TAG_subprogram) {
            struct function_range range = {unit, dwarf_dieoffset(die)};
            if (ranges_of(unit, die, take_function, &range) < 0) {
                break;
            }
        }
        if (depth + 1 < DEPTH_MAX && may_hold_functions(unit, die) && dwarf_child(die, &stack[depth + 1]) == 0) {
            depth++;
            continue;
        }
        if (!die_walk_on(walk, stack, &depth, 0)) {
            return;
        }
    }
}

static void open_unit(struct unit *unit) {
    Dwarf_Attribute attribute;
    Dwarf_Word language = 0;
    const struct units *units = unit->units;
    unit->opened = true;
    if (split_unit_is_skeleton(&unit->skeleton) &&
        split_unit_open(&unit->split, &unit->skeleton, units->elf, units->path) == 0) {
        unit->die = *split_unit_die(unit->split);
    }
    if (dwarf_attr(&unit->die, DW_AT_language, &attribute)) {
        dwarf_formudata(&attribute, &language);
    }
    unit->language = language <= UINT16_MAX ? (unsigned)language : 0;
    read_functions(unit);
    address_ranges_sort(&unit->functions);
}

struct unit *units_find(struct units *units, uint64_t address) {
    uint64_t index;
    if (!address_ranges_find(&units->ranges, address, &index)) {
        return NULL;
    }
    struct unit *unit = &units->all[index];
    if (!unit->opened) {
        open_unit(unit);
    }
    die_walk_begin(&units->walk, LOOKUP_ALLOWANCE);
    return unit;
}

const char *units_libc_folder(const struct units *units, size_t *size) {
    *size = units->libc_folder ? strlen(units->libc_folder) : 0;
    return units->libc_folder;
}

bool units_have_lines(const struct units *units) {
    return units->sections.lines && units->count;
}

unsigned unit_language(const struct unit *unit) {
    return unit->language;
}

const char *unit_folder(const struct unit *unit) {
    return unit->folder;
}

bool unit_shortens(struct unit *unit, bool has_folder) {
    if (!unit->name || unit->name[0] != '/') {
        return false;
    }
    /* gcc leaves out the compilation's folder alone, as DWARF 5 has it; clang whatever begins with it. */
    const char *producer = die_string(&unit->skeleton, DW_AT_producer, 0);
    return !has_folder || (producer && strstr(producer, "clang"));
}

struct die_walk *unit_walk(struct unit *unit) {
    return &unit->units->walk;
}

const struct line_table *unit_lines(struct unit *unit) {
    if (!unit->lines_read) {
        Dwarf_Attribute attribute;
        Dwarf_Word offset;
        unit->lines_read = true;
        /* Where it cannot be read, nothing is known of lines. */
        if (dwarf_attr(&unit->skeleton, DW_AT_stmt_list, &attribute) && dwarf_formudata(&attribute, &offset) == 0) {
            line_table_create(&unit->lines, &unit->units->sections, offset, &unit->units->rows_left);
        }
    }
    return unit->lines;
}

const struct line_table *unit_files(struct unit *unit) {
    struct line_sections sections = {0};
    if (unit->split && !unit->files_read) {
        sections = split_unit_sections(unit->split);
    }
    unit->files_read = true;
    if (sections.lines) {
        line_table_create(&unit->files, &sections, 0, &unit->units->rows_left);
    }
    return unit->files ? unit->files : unit_lines(unit);
}

static bool die_at(const struct unit *unit, Dwarf_Off offset, Dwarf_Die *die) {
    Dwarf *dwarf = unit->split ? dwarf_cu_getdwarf(unit->die.cu) : unit->units->dwarf;
    return dwarf && dwarf_offdie(dwarf, offset, die);
}

bool unit_function(struct unit *unit, uint64_t address, Dwarf_Die *function) {
    uint64_t offset;
    return address_ranges_find(&unit->functions, address, &offset) && die_at(unit, offset, function);
}

struct searched {
    uint64_t address;
    uint64_t low;
};

static int take_searched(void *data, uint64_t low, uint64_t high) {
    struct searched *searched = data;
    bool inside = low <= searched->address && searched->address < high;
    if (inside) {
        searched->low = low;
    }
    return inside;
}

static bool has_address(struct unit *unit, Dwarf_Die *die, uint64_t address) {
    struct searched searched = {.address = address};
    return ranges_of(unit, die, take_searched, &searched) > 0;
}

bool unit_entry(struct unit *unit, Dwarf_Die *function, uint64_t address, uint64_t *entry) {
    struct searched searched = {.address = address};
    if (ranges_of(unit, function, take_searched, &searched) <= 0) {
        return false;
    }
    *entry = searched.low;
    return true;
}

static bool is_block(Dwarf_Die *die) {
    switch (dwarf_tag(die)) {
    case DW_TAG_inlined_subroutine:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
    case DW_TAG_with_stmt:
        return true;
    default:
        return false;
    }
}

size_t unit_inlined(struct unit *unit, Dwarf_Die *function, uint64_t address, Dwarf_Die *inlined, size_t room) {
    Dwarf_Die stack[BLOCKS_MAX];
    size_t depth = 0;
    size_t base = 0; /* below, no address is in what comes after */
    size_t count = 0;
    struct die_walk *walk = &unit->units->walk;
    if (!die_walk_may_enter(walk, function) || dwarf_child(function, &stack[0]) != 0) {
        return 0;
    }
    while (true) {
        Dwarf_Die *die = &stack[depth];
        bool block = is_block(die);
        bool placed = block && has_code(die);
        bool here = placed && has_address(unit, die, address);
        if (here && dwarf_tag(die) == DW_TAG_inlined_subroutine && count < room) {
            inlined[count++] = *die;
        }
        if (block && (here || !placed) && depth + 1 < BLOCKS_MAX && dwarf_child(die, &stack[depth + 1]) == 0) {
            depth++;
            base = here ? depth : base;
            continue;
        }
        if (here || !die_walk_on(walk, stack, &depth, base)) {
            return count;
        }
    }
}
