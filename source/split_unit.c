/* SPDX-License-Identifier: MIT */
#include "split_unit.h"

#include "byte_cursor.h"
#include "debug_file.h"
#include "die.h"

#include <dwarf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNITS_MAX = 1 << 16, /* of one .dwo file */
};

struct split_unit {
    struct elf_file file;
    Dwarf_Die die;
    Elf_Data *bytes;      /* of its DIEs */
    Elf_Data *addresses;  /* of the file with the skeleton: .debug_addr */
    Elf_Data *old_ranges; /* of the file with the skeleton: .debug_ranges */
    Elf_Data *new_ranges; /* .debug_rnglists.dwo */
    struct line_sections sections;
    uint64_t address_base;
    uint64_t range_base;
    uint64_t low; /* of the skeleton: what ranges are relative to */
    unsigned version;
    unsigned offset_size;
};

bool split_unit_is_skeleton(Dwarf_Die *unit) {
    uint8_t type = 0;
    return dwarf_cu_info(unit->cu, NULL, &type, NULL, NULL, NULL, NULL, NULL) == 0 && type == DW_UT_skeleton;
}

static struct byte_cursor cursor_at(const Elf_Data *data, uint64_t offset) {
    struct byte_cursor cursor = {NULL, NULL, true};
    if (data && data->d_buf && offset <= data->d_size) {
        const uint8_t *bytes = data->d_buf;
        cursor = (struct byte_cursor){bytes + offset, bytes + data->d_size, false};
    }
    return cursor;
}

static uint64_t address_at(const struct split_unit *split, uint64_t index, bool *known) {
    struct byte_cursor cursor = {NULL, NULL, true};
    if (index <= INT64_MAX / 8 && split->address_base <= INT64_MAX / 2) {
        cursor = cursor_at(split->addresses, split->address_base + index * 8);
    }
    uint64_t address = cursor_number(&cursor, 8);
    *known = !cursor.bad;
    return address;
}

/* The number that an attribute of the split unit holds, as it is written; false: of a form that is not handled here. */
static bool raw_number(const struct split_unit *split, Dwarf_Attribute *attribute, uint64_t *number) {
    const uint8_t *bytes = split->bytes->d_buf;
    struct byte_cursor cursor = {attribute->valp, bytes + split->bytes->d_size, false};
    if (cursor.at < bytes || cursor.at > cursor.end) {
        return false;
    }
    switch (dwarf_whatform(attribute)) {
    case DW_FORM_addrx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_rnglistx:
        *number = cursor_unsigned(&cursor);
        break;
    case DW_FORM_addrx1:
        *number = cursor_number(&cursor, 1);
        break;
    case DW_FORM_addrx2:
        *number = cursor_number(&cursor, 2);
        break;
    case DW_FORM_addrx3:
        *number = cursor_number(&cursor, 2);
        *number |= cursor_number(&cursor, 1) << 16;
        break;
    case DW_FORM_addrx4:
        *number = cursor_number(&cursor, 4);
        break;
    case DW_FORM_sec_offset:
        *number = cursor_number(&cursor, split->offset_size);
        break;
    case DW_FORM_addr:
        *number = cursor_number(&cursor, 8);
        break;
    default:
        return false;
    }
    return !cursor.bad;
}

static bool attribute_address(const struct split_unit *split, Dwarf_Die *die, unsigned name, uint64_t *address) {
    Dwarf_Attribute attribute;
    if (!dwarf_attr(die, name, &attribute) || !raw_number(split, &attribute, address)) {
        return false;
    }
    bool known = true;
    unsigned form = dwarf_whatform(&attribute);
    if (form != DW_FORM_addr) {
        *address = address_at(split, *address, &known);
    }
    return known && form != DW_FORM_sec_offset && form != DW_FORM_rnglistx;
}

/* .debug_ranges: pairs; with all bits set in the first one, the second is what later ones are relative to. */
static int old_ranges(const struct split_unit *split, struct die_walk *walk, uint64_t offset, range_taker *take,
                      void *data) {
    if (offset > INT64_MAX || split->range_base > INT64_MAX) {
        return 0;
    }
    struct byte_cursor cursor = cursor_at(split->old_ranges, split->range_base + offset);
    uint64_t base = split->low;
    int status = 0;
    while (status == 0 && die_walk_read_range(walk)) {
        uint64_t low = cursor_number(&cursor, 8);
        uint64_t high = cursor_number(&cursor, 8);
        if (cursor.bad || (!low && !high)) {
            break;
        }
        if (low == UINT64_MAX) {
            base = high;
        } else {
            status = take(data, base + low, base + high);
        }
    }
    return status;
}

/* One entry of .debug_rnglists; false at the end. */
static bool read_entry(const struct split_unit *split, struct byte_cursor *cursor, uint64_t *base, uint64_t *low,
                       uint64_t *high) {
    bool known = true;
    *low = *high = 0;
    switch (cursor_number(cursor, 1)) {
    case DW_RLE_base_addressx:
        *base = address_at(split, cursor_unsigned(cursor), &known);
        break;
    case DW_RLE_startx_endx:
        *low = address_at(split, cursor_unsigned(cursor), &known);
        if (known) {
            *high = address_at(split, cursor_unsigned(cursor), &known);
        }
        break;
    case DW_RLE_startx_length:
        *low = address_at(split, cursor_unsigned(cursor), &known);
        *high = *low + cursor_unsigned(cursor);
        break;
    case DW_RLE_offset_pair:
        *low = *base + cursor_unsigned(cursor);
        *high = *base + cursor_unsigned(cursor);
        break;
    case DW_RLE_base_address:
        *base = cursor_number(cursor, 8);
        break;
    case DW_RLE_start_end:
        *low = cursor_number(cursor, 8);
        *high = cursor_number(cursor, 8);
        break;
    case DW_RLE_start_length:
        *low = cursor_number(cursor, 8);
        *high = *low + cursor_unsigned(cursor);
        break;
    default: /* DW_RLE_end_of_list, and what is not known */
        return false;
    }
    return known && !cursor->bad;
}

static int new_ranges(const struct split_unit *split, struct die_walk *walk, uint64_t offset, range_taker *take,
                      void *data) {
    struct byte_cursor cursor = cursor_at(split->new_ranges, offset);
    uint64_t base = split->low;
    uint64_t low;
    uint64_t high;
    int status = 0;
    while (status == 0 && die_walk_read_range(walk) && read_entry(split, &cursor, &base, &low, &high)) {
        if (low < high) {
            status = take(data, low, high);
        }
    }
    return status;
}

/* Where a list of the table of lists begins, behind the section's header. */
static bool list_offset(const struct split_unit *split, uint64_t index, uint64_t *offset) {
    uint64_t table = split->offset_size == 8 ? 20 : 12;
    if (index > INT32_MAX) {
        return false;
    }
    struct byte_cursor cursor = cursor_at(split->new_ranges, table + index * split->offset_size);
    uint64_t entry = cursor_number(&cursor, split->offset_size);
    *offset = table + entry;
    return !cursor.bad && entry <= INT64_MAX;
}

int split_unit_ranges(struct split_unit *split, struct die_walk *walk, Dwarf_Die *die, range_taker *take, void *data) {
    Dwarf_Attribute attribute;
    Dwarf_Word size;
    uint64_t low;
    uint64_t high;
    uint64_t offset;
    if (attribute_address(split, die, DW_AT_low_pc, &low) && dwarf_attr(die, DW_AT_high_pc, &attribute)) {
        bool known = attribute_address(split, die, DW_AT_high_pc, &high);
        if (!known && dwarf_formudata(&attribute, &size) == 0) {
            high = low + size;
            known = true;
        }
        return known && low < high ? take(data, low, high) : 0;
    }
    if (!dwarf_attr(die, DW_AT_ranges, &attribute) || !raw_number(split, &attribute, &offset)) {
        return 0;
    }
    if (split->version < 5) {
        return old_ranges(split, walk, offset, take, data);
    }
    if (dwarf_whatform(&attribute) == DW_FORM_rnglistx && !list_offset(split, offset, &offset)) {
        return 0;
    }
    return new_ranges(split, walk, offset, take, data);
}

/* The file's path: in the compilation's folder, or as that was moved, beside the file with the skeleton. */
static int open_file(struct split_unit *split, Dwarf_Die *skeleton, const char *path, unsigned attempt) {
    char full[PATH_MAX];
    int length = -1;
    const char *name = die_string(skeleton, DW_AT_dwo_name, DW_AT_GNU_dwo_name);
    const char *folder = die_string(skeleton, DW_AT_comp_dir, 0);
    const char *slash = strrchr(path, '/');
    int beside = slash ? (int)(slash - path + 1) : 0;
    const char *base = name ? strrchr(name, '/') : NULL;
    if (!name || beside >= PATH_MAX) {
        return -ENOENT;
    }
    if (attempt) {
        length = snprintf(full, sizeof(full), "%.*s%s", beside, path, base ? base + 1 : name);
    } else if (name[0] == '/') {
        length = snprintf(full, sizeof(full), "%s", name);
    } else if (folder) {
        length = snprintf(full, sizeof(full), "%.*s%s/%s", folder[0] == '/' ? 0 : beside, path, folder, name);
    }
    return length > 0 && (size_t)length < sizeof(full) ? elf_file_open(&split->file, full) : -ENOENT;
}

static bool find_unit(struct split_unit *split, Dwarf_Die *skeleton) {
    uint64_t wanted;
    Dwarf_CU *unit = NULL;
    uint8_t type;
    split->file.dwarf = elf_dwarf(split->file.elf, &split->file.dwarf_bytes);
    if (!split->file.dwarf || dwarf_cu_info(skeleton->cu, NULL, NULL, NULL, NULL, &wanted, NULL, NULL) != 0) {
        return false;
    }
    for (unsigned i = 0; i < UNITS_MAX; i++) {
        uint64_t id;
        if (dwarf_get_units(split->file.dwarf, unit, &unit, NULL, &type, &split->die, NULL) != 0) {
            return false;
        }
        if (type == DW_UT_split_compile && dwarf_cu_info(unit, NULL, NULL, NULL, NULL, &id, NULL, NULL) == 0 &&
            id == wanted) {
            return true;
        }
    }
    return false;
}

static bool prepare(struct split_unit *split, Dwarf_Die *skeleton, Elf *elf) {
    Dwarf_Half version;
    uint8_t address_size;
    uint8_t offset_size;
    if (dwarf_cu_info(split->die.cu, &version, NULL, NULL, NULL, NULL, &address_size, &offset_size) != 0 ||
        address_size != 8) {
        return false;
    }
    split->version = version;
    split->offset_size = offset_size;
    split->bytes = elf_section(split->file.elf, ".debug_info.dwo");
    split->new_ranges = elf_section(split->file.elf, ".debug_rnglists.dwo");
    split->sections = (struct line_sections){elf_section(split->file.elf, ".debug_line.dwo"),
                                             elf_section(split->file.elf, ".debug_line_str.dwo"),
                                             elf_section(split->file.elf, ".debug_str.dwo")};
    split->addresses = elf_section(elf, ".debug_addr");
    split->old_ranges = elf_section(elf, ".debug_ranges");
    split->address_base = die_number(skeleton, DW_AT_addr_base, DW_AT_GNU_addr_base);
    split->range_base = die_number(skeleton, DW_AT_GNU_ranges_base, 0);
    if (dwarf_lowpc(skeleton, &split->low) != 0) {
        split->low = 0;
    }
    /* All that is needed is in memory now. */
    elf_file_detach(&split->file);
    return split->bytes;
}

int split_unit_open(struct split_unit **result, Dwarf_Die *skeleton, Elf *elf, const char *path) {
    struct split_unit *split = calloc(1, sizeof(*split));
    if (!split) {
        return -ENOMEM;
    }
    split->file.file = -1;
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        if (open_file(split, skeleton, path, attempt) == 0 && find_unit(split, skeleton) &&
            prepare(split, skeleton, elf)) {
            *result = split;
            return 0;
        }
        elf_file_close(&split->file);
    }
    free(split);
    return -ENOENT;
}

void split_unit_close(struct split_unit *split) {
    if (split) {
        elf_file_close(&split->file);
        free(split);
    }
}

Dwarf_Die *split_unit_die(struct split_unit *split) {
    return &split->die;
}

struct line_sections split_unit_sections(struct split_unit *split) {
    return split->sections;
}
