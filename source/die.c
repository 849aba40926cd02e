/* SPDX-License-Identifier: MIT */
#include "die.h"

#include "debug_file.h"

#include <dwarf.h>
#include <stdbool.h>
#include <string.h>

enum {
    STRING_BYTES_MAX = 1 << 20, /* longer ones are nonsense, and would be read again and again */
};

static bool find(Dwarf_Die *die, unsigned name, unsigned other, Dwarf_Attribute *attribute) {
    return dwarf_attr(die, name, attribute) || (other && dwarf_attr(die, other, attribute));
}

static bool holds(Dwarf *dwarf, const char *section, const char *string) {
    Elf *elf = dwarf ? dwarf_getelf(dwarf) : NULL;
    const Elf_Data *data = elf ? elf_section(elf, section) : NULL;
    const char *bytes = data ? data->d_buf : NULL;
    if (!bytes || string < bytes || string >= bytes + data->d_size) {
        return false;
    }
    size_t left = (size_t)(bytes + data->d_size - string);
    return memchr(string, 0, left < STRING_BYTES_MAX ? left : STRING_BYTES_MAX);
}

/* libdw does not always look whether a string begins, or ends, within its section. */
static bool is_string(const Dwarf_Attribute *attribute, const char *string) {
    Dwarf *dwarf = dwarf_cu_getdwarf(attribute->cu);
    switch (attribute->form) {
    case DW_FORM_string:
        return holds(dwarf, ".debug_info", string) || holds(dwarf, ".debug_info.dwo", string) ||
               holds(dwarf, ".debug_types", string);
    case DW_FORM_line_strp:
        return holds(dwarf, ".debug_line_str", string) || holds(dwarf, ".debug_line_str.dwo", string);
    case DW_FORM_GNU_strp_alt:
    case DW_FORM_strp_sup:
        return holds(dwarf_getalt(dwarf), ".debug_str", string);
    default:
        return holds(dwarf, ".debug_str", string) || holds(dwarf, ".debug_str.dwo", string);
    }
}

const char *die_string(Dwarf_Die *die, unsigned name, unsigned other) {
    Dwarf_Attribute attribute;
    const char *string = find(die, name, other, &attribute) ? dwarf_formstring(&attribute) : NULL;
    return string && is_string(&attribute, string) ? string : NULL;
}

uint64_t die_number(Dwarf_Die *die, unsigned name, unsigned other) {
    Dwarf_Attribute attribute;
    Dwarf_Word number = 0;
    return find(die, name, other, &attribute) && dwarf_formudata(&attribute, &number) == 0 ? number : 0;
}
