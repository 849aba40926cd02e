/* SPDX-License-Identifier: MIT */
#include "die.h"

#include "debug_file.h"

#include <dwarf.h>
#include <stdbool.h>
#include <string.h>

static bool find(Dwarf_Die *die, unsigned name, unsigned other, Dwarf_Attribute *attribute) {
    return dwarf_attr(die, name, attribute) || (other && dwarf_attr(die, other, attribute));
}

/* libdw does not look whether a string that stands in the DIE itself ends before the section does. */
static bool ends(const Dwarf_Attribute *attribute) {
    static const char *const sections[] = {".debug_info", ".debug_info.dwo", ".debug_types"};
    Elf *elf = dwarf_getelf(dwarf_cu_getdwarf(attribute->cu));
    for (size_t i = 0; elf && i < sizeof(sections) / sizeof(sections[0]); i++) {
        const Elf_Data *data = elf_section(elf, sections[i]);
        const unsigned char *bytes = data ? data->d_buf : NULL;
        if (bytes && attribute->valp >= bytes && attribute->valp < bytes + data->d_size) {
            return memchr(attribute->valp, 0, (size_t)(bytes + data->d_size - attribute->valp));
        }
    }
    return false;
}

const char *die_string(Dwarf_Die *die, unsigned name, unsigned other) {
    Dwarf_Attribute attribute;
    if (!find(die, name, other, &attribute) || (dwarf_whatform(&attribute) == DW_FORM_string && !ends(&attribute))) {
        return NULL;
    }
    return dwarf_formstring(&attribute);
}

uint64_t die_number(Dwarf_Die *die, unsigned name, unsigned other) {
    Dwarf_Attribute attribute;
    Dwarf_Word number = 0;
    return find(die, name, other, &attribute) && dwarf_formudata(&attribute, &number) == 0 ? number : 0;
}
