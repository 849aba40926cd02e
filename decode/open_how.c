/* SPDX-License-Identifier: MIT
 *
 * openat2(2): struct open_how.
 */
#include "decode_files.h"

#include <fcntl.h>

enum {
    HOW_SIZE = 24, /* of the first version, OPEN_HOW_SIZE_VER0: three numbers of 64 bits */
};

void decode_open_how(struct decoding *decoding, uint64_t address) {
    uint64_t size = referenced(decoding);
    const uint8_t *bytes = size >= HOW_SIZE ? memory_at(decoding, address, HOW_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint64_t flags = take_u64(&members);
    uint64_t mode = take_u64(&members);
    uint64_t resolve = take_u64(&members);
    show_open(decoding, NULL, "{");
    show_set(decoding, "flags", A_OPEN_FLAGS, flags);
    if (mode || flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
        show_octal(decoding, "mode", mode);
    }
    show_set(decoding, "resolve", A_RESOLVE, resolve);
    show_rest(decoding, address, HOW_SIZE, size);
    show_close(decoding, "}");
}
