/* SPDX-License-Identifier: MIT
 *
 * file_getattr(2), file_setattr(2): struct file_attr.
 */
#include "decode_files.h"

enum {
    ATTR_SIZE = 24,   /* of the first version, FILE_ATTR_SIZE_VER0 */
    SIZE_MOST = 4096, /* the kernel takes no more than a page */
};

void decode_file_attr(struct decoding *decoding, uint64_t address) {
    uint64_t size = referenced(decoding);
    bool is_possible = size >= ATTR_SIZE && size <= SIZE_MOST;
    const uint8_t *bytes = is_possible ? memory_at(decoding, address, ATTR_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "fa_xflags", A_FILE_XFLAGS, take_u64(&members));
    show_unsigned(decoding, "fa_extsize", take_u32(&members));
    uint32_t extents = take_u32(&members);
    if (decoding->delivered) {
        show_unsigned(decoding, "fa_nextents", extents);
    }
    show_hex(decoding, "fa_projid", take_u32(&members));
    show_unsigned(decoding, "fa_cowextsize", take_u32(&members));
    show_rest(decoding, address, ATTR_SIZE, size);
    show_close(decoding, "}");
}
