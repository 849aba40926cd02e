/* SPDX-License-Identifier: MIT
 *
 * readdir(2), which i386 alone has: struct old_linux_dirent.
 */
#include "decode_files.h"

enum {
    HEADER_SIZE = 10, /* d_ino, d_off, and how long the name is */
    NAME_MAX_SHOWN = 256,
};

void decode_dirent(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = decoding->result ? memory_at(decoding, address, HEADER_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "d_ino", take_word(&members));
    show_unsigned(decoding, "d_off", take_word(&members));
    uint16_t length = take_u16(&members);
    show_unsigned(decoding, "d_reclen", length);
    uint32_t have;
    bool cut;
    uint32_t size = length < NAME_MAX_SHOWN ? length : NAME_MAX_SHOWN;
    const uint8_t *name = memory_some(decoding, address + HEADER_SIZE, length, NAME_MAX_SHOWN, &have, &cut);
    if (name && have == size) {
        show_bytes(decoding, "d_name", name, size);
        show_more(decoding, "%s", cut ? "..." : "");
    } else {
        show_address(decoding, "d_name", address + HEADER_SIZE);
    }
    show_close(decoding, "}");
}
