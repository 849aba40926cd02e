/* SPDX-License-Identifier: MIT
 *
 * mount_setattr(2): struct mount_attr.
 */
#include "decode_files.h"

enum {
    ATTR_SIZE = 32,        /* of the first version, MOUNT_ATTR_SIZE_VER0: four numbers of 64 bits */
    ATTR_IDMAP = 0x100000, /* MOUNT_ATTR_IDMAP: users are those of a name space */
};

void decode_mount_attr(struct decoding *decoding, uint64_t address) {
    uint64_t size = referenced(decoding);
    const uint8_t *bytes = size >= ATTR_SIZE ? memory_at(decoding, address, ATTR_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    uint64_t set = take_u64(&members);
    uint64_t cleared = take_u64(&members);
    show_set(decoding, "attr_set", A_MOUNT_ATTR, set);
    show_set(decoding, "attr_clr", A_MOUNT_ATTR, cleared);
    show_set(decoding, "propagation", A_MOUNT_PROPAGATION, take_u64(&members));
    uint64_t fd = take_u64(&members);
    if (fd <= INT32_MAX && (set | cleared) & ATTR_IDMAP) {
        show_descriptor(decoding, "userns_fd", (int32_t)fd);
    } else {
        show_unsigned(decoding, "userns_fd", fd);
    }
    show_rest(decoding, address, ATTR_SIZE, size);
    show_close(decoding, "}");
}
