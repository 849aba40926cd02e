/* SPDX-License-Identifier: MIT
 *
 * setxattrat(2), getxattrat(2): struct xattr_args.
 */
#include "decode_files.h"

#include <linux/limits.h>

enum {
    ARGS_SIZE = 16, /* of the first version: where the value is, how long, and flags */
};

/* The value, whose NUL at the end is not shown. */
static void show_attribute(struct decoding *decoding, uint64_t address, uint64_t length) {
    uint32_t have = 0;
    bool cut = false;
    uint64_t wanted = length;
    const uint8_t *bytes = NULL;
    if (length && length <= XATTR_SIZE_MAX) {
        bytes = memory_some(decoding, address, length, CAPTURE_TO_LIMIT, &have, &cut);
    }
    bool is_whole = bytes && (cut || have == wanted);
    if (is_whole) {
        bool ends_in_nul = !bytes[have - 1];
        show_bytes(decoding, "value", bytes, have - ends_in_nul);
        show_more(decoding, "%s", cut && !ends_in_nul ? "..." : "");
    } else if (address && !length) {
        show_bytes(decoding, "value", (const uint8_t *)"", 0);
    } else {
        show_address(decoding, "value", address);
    }
}

/* What is set; or, when the call has returned, as much as it found. */
void decode_xattr_args(struct decoding *decoding, uint64_t address) {
    uint64_t size = referenced(decoding);
    const uint8_t *bytes = size >= ARGS_SIZE ? memory_at(decoding, address, ARGS_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint64_t value = take_u64(&members);
    uint32_t length = take_u32(&members);
    show_open(decoding, NULL, "{");
    if (decoding->delivered && (decoding->result < 0 || !length)) {
        show_address(decoding, "value", value);
    } else {
        show_attribute(decoding, value, decoding->delivered ? (uint64_t)decoding->result : length);
    }
    show_unsigned(decoding, "size", length);
    show_set(decoding, "flags", A_XATTR_FLAGS, take_u32(&members));
    show_rest(decoding, address, ARGS_SIZE, size);
    show_close(decoding, "}");
}
