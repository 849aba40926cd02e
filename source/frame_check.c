/* SPDX-License-Identifier: MIT */
#include "frame_check.h"

#include "byte_cursor.h"
#include "cleanup.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGISTERS_MAX = 256,  /* the numbers of x86-64 end below it */
    REMEMBERED_MAX = 64,  /* states, in an entry */
    ENTRY_MAX = 1 << 20,  /* bytes of an entry: it is run from its beginning on for each address */
    HEADER_PART = 12,     /* of .eh_frame_hdr before its table, as all linkers write it */
    TABLE_ENTRY_SIZE = 8, /* two times DW_EH_PE_sdata4 */
};

/* What a CIE says about its FDEs. */
struct cie {
    Dwarf_Off offset;
    size_t pointer_size; /* of an encoded pointer; 0: of an encoding that nobody uses */
    size_t augmentation; /* bytes in FDEs, if they are not told there */
    bool sized;          /* they are told there */
};

struct check {
    const unsigned char *ident;
    Elf_Data *data;
    bool eh_frame;
    uint8_t *fdes; /* bits by offset: one begins here */
    struct cie *known;
    size_t count;
    size_t room;
};

static bool bit(const uint8_t *bits, uint64_t at) {
    return bits[at / 8] >> at % 8 & 1;
}

static void set_bit(uint8_t *bits, uint64_t at) {
    bits[at / 8] |= (uint8_t)(1U << at % 8);
}

/* Not cursor_unsigned(): libdw makes something else of a number that does not fit, so it is wrong here. */
static uint64_t read_uleb(struct byte_cursor *cursor) {
    uint64_t value = 0;
    for (unsigned shift = 0; cursor->at < cursor->end; shift += 7) {
        uint8_t byte = *cursor->at++;
        if (shift < 64) {
            value |= (uint64_t)(byte & 0x7f) << shift;
        } else if (byte & 0x7f) {
            break;
        }
        if (!(byte & 0x80)) {
            return value;
        }
    }
    cursor->bad = true;
    return 0;
}

static void check_register(struct byte_cursor *cursor) {
    cursor->bad |= read_uleb(cursor) >= REGISTERS_MAX;
}

static void check_instruction(struct byte_cursor *cursor, const struct cie *cie, unsigned *remembered) {
    uint8_t code = *cursor->at++;
    if (code & 0xc0) {
        if ((code & 0xc0) == DW_CFA_offset) {
            read_uleb(cursor);
        }
        return;
    }
    switch (code) {
    case DW_CFA_nop:
    case DW_CFA_GNU_window_save:
        break;
    case DW_CFA_remember_state:
        cursor->bad |= ++*remembered > REMEMBERED_MAX;
        break;
    case DW_CFA_restore_state:
        *remembered -= *remembered ? 1 : 0;
        break;
    case DW_CFA_set_loc:
        cursor_skip(cursor, cie->pointer_size);
        break;
    case DW_CFA_advance_loc1:
    case DW_CFA_advance_loc2:
    case DW_CFA_advance_loc4:
        cursor_skip(cursor, UINT64_C(1) << (code - DW_CFA_advance_loc1));
        break;
    case DW_CFA_MIPS_advance_loc8:
        cursor_skip(cursor, 8);
        break;
    case DW_CFA_offset_extended:
    case DW_CFA_offset_extended_sf:
    case DW_CFA_val_offset:
    case DW_CFA_val_offset_sf:
    case DW_CFA_def_cfa:
    case DW_CFA_def_cfa_sf:
    case DW_CFA_GNU_negative_offset_extended:
        check_register(cursor);
        read_uleb(cursor);
        break;
    case DW_CFA_register:
        check_register(cursor);
        check_register(cursor);
        break;
    case DW_CFA_restore_extended:
    case DW_CFA_undefined:
    case DW_CFA_same_value:
    case DW_CFA_def_cfa_register:
        check_register(cursor);
        break;
    case DW_CFA_def_cfa_offset:
    case DW_CFA_def_cfa_offset_sf:
    case DW_CFA_GNU_args_size:
        read_uleb(cursor);
        break;
    case DW_CFA_expression:
    case DW_CFA_val_expression:
        check_register(cursor);
        cursor_skip(cursor, read_uleb(cursor));
        break;
    case DW_CFA_def_cfa_expression:
        cursor_skip(cursor, read_uleb(cursor));
        break;
    default:
        cursor->bad = true;
    }
}

static bool check_instructions(const uint8_t *from, const uint8_t *to, const struct cie *cie) {
    struct byte_cursor cursor = {.at = from, .end = to};
    unsigned remembered = 0;
    while (!cursor.bad && cursor.at < cursor.end) {
        check_instruction(&cursor, cie, &remembered);
    }
    return !cursor.bad;
}

/* 0: not one of those that are in use. */
static size_t pointer_size(uint8_t encoding) {
    if (encoding & DW_EH_PE_indirect || (encoding & 0x70) > DW_EH_PE_funcrel) {
        return 0;
    }
    switch (encoding & 0x0f) {
    case DW_EH_PE_absptr:
    case DW_EH_PE_udata8:
    case DW_EH_PE_sdata8:
        return 8;
    case DW_EH_PE_udata4:
    case DW_EH_PE_sdata4:
        return 4;
    case DW_EH_PE_udata2:
    case DW_EH_PE_sdata2:
        return 2;
    default:
        return 0;
    }
}

/* What stands in the augmentation data, by the letters of the augmentation. */
static bool read_augmentation(struct cie *cie, const Dwarf_CIE *entry) {
    const char *letter = entry->augmentation;
    struct byte_cursor cursor = {.at = entry->augmentation_data, .end = entry->initial_instructions};
    cie->pointer_size = 8;
    cie->augmentation = entry->fde_augmentation_data_size;
    cie->sized = *letter == 'z';
    if (*letter == '\0') {
        return true;
    }
    if (!cie->sized || !cursor.at || cursor.at > cursor.end) {
        return false; /* of gcc 2 */
    }
    for (letter++; *letter && !cursor.bad; letter++) {
        switch (*letter) {
        case 'L':
            cursor_skip(&cursor, 1);
            break;
        case 'R':
            cie->pointer_size = cursor.at < cursor.end ? pointer_size(*cursor.at) : 0;
            cursor_skip(&cursor, 1);
            break;
        case 'P': {
            /* Of a personality also the indirect ones. */
            size_t size = cursor.at < cursor.end ? pointer_size(*cursor.at & (uint8_t)~DW_EH_PE_indirect) : 0;
            cursor_skip(&cursor, 1 + size);
            cursor.bad |= size == 0;
            break;
        }
        case 'S':
        case 'B':
            break;
        default:
            return false;
        }
    }
    return !cursor.bad && cie->pointer_size;
}

static bool check_cie(struct check *check, Dwarf_Off offset, const Dwarf_CIE *entry) {
    struct cie cie = {.offset = offset};
    if (!read_augmentation(&cie, entry) || entry->initial_instructions > entry->initial_instructions_end ||
        !check_instructions(entry->initial_instructions, entry->initial_instructions_end, &cie)) {
        return false;
    }
    if (check->count == check->room) {
        size_t room = check->room ? 2 * check->room : 16;
        struct cie *known = realloc(check->known, room * sizeof(*known));
        if (!known) {
            return false;
        }
        check->known = known;
        check->room = room;
    }
    check->known[check->count++] = cie;
    return true;
}

/* They are in the order of their offsets. */
static const struct cie *find_cie(const struct check *check, Dwarf_Off offset) {
    size_t from = 0;
    size_t to = check->count;
    if (to && check->known[to - 1].offset == offset) {
        return &check->known[to - 1];
    }
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (check->known[middle].offset == offset) {
            return &check->known[middle];
        }
        if (check->known[middle].offset < offset) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return NULL;
}

static bool check_fde(struct check *check, Dwarf_Off offset, const Dwarf_FDE *entry) {
    const struct cie *cie = find_cie(check, entry->CIE_pointer);
    struct byte_cursor cursor = {.at = entry->start, .end = entry->end};
    if (!cie || entry->start > entry->end) {
        return false;
    }
    cursor_skip(&cursor, 2 * cie->pointer_size);
    cursor_skip(&cursor, cie->sized ? read_uleb(&cursor) : cie->augmentation);
    set_bit(check->fdes, offset);
    return !cursor.bad && check_instructions(cursor.at, cursor.end, cie);
}

static bool check_entries(struct check *check, bool ends_at_zero) {
    for (Dwarf_Off offset = 0; offset < check->data->d_size;) {
        Dwarf_Off next = 0;
        Dwarf_CFI_Entry entry;
        int status = dwarf_next_cfi(check->ident, check->data, check->eh_frame, offset, &next, &entry);
        if (status > 0 && ends_at_zero) {
            break;
        }
        if (status > 0) {
            /* A length of 0 ends it, but .eh_frame_hdr may still lead behind that. */
            offset += 4;
            continue;
        }
        if (status < 0 || next <= offset || next - offset > ENTRY_MAX ||
            !(dwarf_cfi_cie_p(&entry) ? check_cie(check, offset, &entry.cie) : check_fde(check, offset, &entry.fde))) {
            return false;
        }
        offset = next;
    }
    return true;
}

static int32_t read_s32(const uint8_t *bytes) {
    int32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

bool frame_check_pointer(const uint8_t *bytes, size_t size, uint64_t address, uint64_t *frames_address) {
    if (size < 8 || bytes[0] != 1 || bytes[1] != (DW_EH_PE_pcrel | DW_EH_PE_sdata4)) {
        return false;
    }
    *frames_address = address + 4 + (uint64_t)(int64_t)read_s32(bytes + 4);
    return true;
}

/* Every entry of its table must be of an FDE. */
static bool check_header(const struct check *check, const struct frame_header *header) {
    uint64_t frames_address;
    if (!frame_check_pointer(header->bytes, header->size, header->address, &frames_address)) {
        return false;
    }
    if (header->bytes[2] == DW_EH_PE_omit || header->bytes[3] == DW_EH_PE_omit) {
        return true;
    }
    if (header->bytes[2] != DW_EH_PE_udata4 || header->bytes[3] != (DW_EH_PE_datarel | DW_EH_PE_sdata4) ||
        header->size < HEADER_PART) {
        return false;
    }
    uint64_t count = (uint32_t)read_s32(header->bytes + 8);
    if (count > (header->size - HEADER_PART) / TABLE_ENTRY_SIZE) {
        return false;
    }
    const uint8_t *end = header->bytes + HEADER_PART + count * TABLE_ENTRY_SIZE;
    for (const uint8_t *entry = header->bytes + HEADER_PART; entry < end; entry += TABLE_ENTRY_SIZE) {
        uint64_t offset = header->address + (uint64_t)(int64_t)read_s32(entry + 4) - header->frames_address;
        if (offset >= check->data->d_size || !bit(check->fdes, offset)) {
            return false;
        }
    }
    return true;
}

bool frame_check_section(const unsigned char *ident, Elf_Data *data, bool eh_frame, const struct frame_header *header) {
    if (!data->d_buf || data->d_size == 0 || data->d_size > FRAME_SECTION_MAX) {
        return false;
    }
    auto_free uint8_t *fdes = calloc(1, data->d_size / 8 + 1);
    struct check check = {.ident = ident, .data = data, .eh_frame = eh_frame, .fdes = fdes};
    bool right = fdes && check_entries(&check, header && header->is_all) && (!header || check_header(&check, header));
    free(check.known);
    return right;
}

static bool is_debug_frame(const char *name) {
    return name && (strcmp(name, ".debug_frame") == 0 || strcmp(name, ".zdebug_frame") == 0);
}

Dwarf_CFI *frame_check_debug_frame(Dwarf *dwarf) {
    Elf *elf = dwarf_getelf(dwarf);
    const char *ident = elf ? elf_getident(elf, NULL) : NULL;
    Elf_Scn *section = NULL;
    size_t names;
    if (!ident || ident[EI_CLASS] != ELFCLASS64 || elf_getshdrstrndx(elf, &names) != 0) {
        return NULL;
    }
    /* All that have the name: which of them libdw takes depends on what else is wrong with them. */
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS ||
            !is_debug_frame(elf_strptr(elf, names, header.sh_name))) {
            continue;
        }
        /* It is not compressed any more: dwarf_begin_elf() has seen to that. */
        Elf_Data *data = header.sh_type == SHT_PROGBITS ? elf_rawdata(section, NULL) : NULL;
        if (!data || !frame_check_section((const unsigned char *)ident, data, false, NULL)) {
            return NULL;
        }
    }
    return dwarf_getcfi(dwarf);
}
