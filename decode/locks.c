/* SPDX-License-Identifier: MIT
 *
 * fcntl(2): locks on parts of files. Who holds one is said by the kernel alone.
 */
#include "decode_files.h"

/* Of struct flock offsets are as wide as a long, of struct flock64 they have 64 bits. */
static void show_lock(struct decoding *decoding, uint64_t address, unsigned size, bool is_wide) {
    const uint8_t *bytes = memory_at(decoding, address, size);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "l_type", A_LEASE, take_u16(&members));
    show_set(decoding, "l_whence", A_WHENCE, take_u16(&members));
    show_signed(decoding, "l_start", is_wide ? take_i64(&members) : take_long(&members));
    show_signed(decoding, "l_len", is_wide ? take_i64(&members) : take_long(&members));
    if (decoding->delivered) {
        show_process(decoding, "l_pid", take_i32(&members));
    }
    show_close(decoding, "}");
}

void decode_flock(struct decoding *decoding, uint64_t address) {
    show_lock(decoding, address, decoding->arch == ARCH_I386 ? 16 : 32, false);
}

void decode_flock64(struct decoding *decoding, uint64_t address) {
    show_lock(decoding, address, decoding->arch == ARCH_I386 ? 24 : 32, true);
}

/* Of commands that are there where offsets are narrow. */
void decode_flock64_only(struct decoding *decoding, uint64_t address) {
    if (decoding->arch == ARCH_I386) {
        decode_flock64(decoding, address);
    } else {
        show_address(decoding, NULL, address);
    }
}
