/* SPDX-License-Identifier: MIT */
#include "abbreviations.h"

#include "byte_cursor.h"
#include "debug_file.h"

#include <dwarf.h>

enum {
    TABLES_BYTES_MAX = 128 << 20, /* some ten times as much is what libdw makes of it */
    UNITS_MAX = 1 << 19,
    WEIGHTLESS_MAX = 64, /* attributes of an entry that have no bytes in it: else small ones could take very long */
};

static bool is_weightless(uint64_t form) {
    return form == DW_FORM_flag_present || form == DW_FORM_implicit_const;
}

/* How many bytes the table has that begins here; more than `limit` also if it is nonsense. */
static size_t table_size(const uint8_t *at, const uint8_t *end, size_t limit) {
    struct byte_cursor cursor = {at, end, false};
    while (cursor_unsigned(&cursor) && !cursor.bad && (size_t)(cursor.at - at) <= limit) {
        uint64_t name;
        uint64_t form;
        cursor_unsigned(&cursor); /* tag */
        cursor_number(&cursor, 1);
        unsigned weightless = 0;
        do {
            name = cursor_unsigned(&cursor);
            form = cursor_unsigned(&cursor);
            if (form == DW_FORM_implicit_const) {
                cursor_signed(&cursor);
            }
            weightless += is_weightless(form);
            if (weightless > WEIGHTLESS_MAX) {
                return SIZE_MAX;
            }
        } while ((name || form) && !cursor.bad);
    }
    return (size_t)(cursor.at - at);
}

bool abbreviations_fit(Dwarf *dwarf) {
    Elf *elf = dwarf_getelf(dwarf);
    const Elf_Data *data = elf_section(elf, ".debug_abbrev");
    data = data ? data : elf_section(elf, ".debug_abbrev.dwo");
    size_t left = TABLES_BYTES_MAX;
    Dwarf_Off offset = 0;
    Dwarf_Off next;
    Dwarf_Off table;
    size_t header;
    for (unsigned i = 0; data && i < UNITS_MAX; i++) {
        if (dwarf_next_unit(dwarf, offset, &next, &header, NULL, &table, NULL, NULL, NULL, NULL) != 0) {
            return true;
        }
        const uint8_t *bytes = data->d_buf;
        size_t size = table < data->d_size ? table_size(bytes + table, bytes + data->d_size, left) : 0;
        if (size > left || next <= offset) {
            return false;
        }
        left -= size;
        offset = next;
    }
    return false;
}
