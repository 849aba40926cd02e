/* SPDX-License-Identifier: MIT
 *
 * What has to be checked of a section of CFI (.eh_frame, .debug_frame) before libdw may have it: it makes room for
 * every register that an instruction names, so a few bytes would have it take gigabytes; it copies all of them for
 * every state that is remembered; and it believes any offset that .eh_frame_hdr or an FDE gives.
 */
#ifndef RENACER_FRAME_CHECK_H
#define RENACER_FRAME_CHECK_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_SECTION_MAX = 256 << 20, /* bytes; larger ones are refused */
};

/* Of .eh_frame: what its .eh_frame_hdr says, for frame_check_section(). */
struct frame_header {
    const uint8_t *bytes;
    size_t size;
    uint64_t address; /* both as they were linked */
    uint64_t frames_address;
    bool is_all; /* nothing else tells of .eh_frame: it ends with an entry of length 0, whatever is behind that */
};

/* Whether `data`, of an ELF file with this e_ident, may be given to libdw. `header`: of .eh_frame, NULL: it has none.
 * Takes time in proportion to the section. */
bool frame_check_section(const unsigned char *ident, Elf_Data *data, bool eh_frame, const struct frame_header *header);

/* dwarf_getcfi() of what has passed frame_check_section(), else NULL. */
Dwarf_CFI *frame_check_debug_frame(Dwarf *dwarf);

/* Where .eh_frame is, from the bytes of its .eh_frame_hdr. False: it cannot be told. */
bool frame_check_pointer(const uint8_t *bytes, size_t size, uint64_t address, uint64_t *frames_address);

#endif
