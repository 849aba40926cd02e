/* SPDX-License-Identifier: MIT
 *
 * ELF files with DWARF from any bytes: whatever they say of the addresses in their code, the answer is one.
 */
#include "cleanup.h"
#include "debug_info.h"
#include "fuzz.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>

enum {
    ROOM = 8,
    ADDRESSES = 24, /* of each section with code */
    SECTIONS = 8,
};

static void check(struct debug_info *info, uint64_t address, size_t room) {
    struct debug_place places[ROOM];
    size_t count = debug_info_places(info, address, places, room);
    fuzz_assert(count <= room);
    for (size_t i = 0; i < count; i++) {
        fuzz_assert(places[i].inlined == (i + 1 < count));
        fuzz_assert(!places[i].function || strlen(places[i].function) > 0);
        fuzz_assert(places[i].file ? strlen(places[i].file) > 0 : !places[i].line);
        fuzz_assert(places[i].has_debug || (places[i].function && !places[i].file && count == 1));
        fuzz_assert(places[i].offset <= address);
    }
}

static void check_sections(struct debug_info *info, Elf *elf) {
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    for (unsigned i = 0; i < SECTIONS && (section = elf_nextscn(elf, section)); i++) {
        if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_EXECINSTR)) {
            i--;
            continue;
        }
        for (unsigned part = 0; part < ADDRESSES; part++) {
            check(info, header.sh_addr + header.sh_size / ADDRESSES * part, 1 + part % ROOM);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    auto_fd file = memfd_create("fuzz", MFD_CLOEXEC);
    fuzz_assert(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(file, ELF_C_READ, NULL);
    struct debug_info *info;
    GElf_Ehdr header;
    if (!elf) {
        return 0;
    }
    fuzz_assert(debug_info_open(&info, elf, "/nowhere/fuzz") == 0);
    debug_info_has_lines(info);
    debug_info_frames(info);
    if (elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &header)) {
        check(info, header.e_entry, ROOM);
        check_sections(info, elf);
    }
    check(info, 0, ROOM);
    check(info, UINT64_MAX, ROOM);
    debug_info_close(info);
    elf_end(elf);
    return 0;
}
