/* SPDX-License-Identifier: MIT
 *
 * Structures whose size the caller tells, because they may grow.
 */
#include "decode_files.h"

#include <stdio.h>

enum {
    SIZE_MAX_OF_CALL = 4096, /* a kernel takes no more than a page: copy_struct_from_user() */
};

static bool is_zero(const uint8_t *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

void show_rest(struct decoding *decoding, uint64_t address, uint64_t known, uint64_t size) {
    uint64_t end = size < SIZE_MAX_OF_CALL ? size : SIZE_MAX_OF_CALL;
    if (end <= known) {
        return;
    }
    uint64_t length = end - known;
    uint32_t have;
    bool cut;
    /* First what is shown, then all of it: what was captured of the first would answer the second as well. */
    const uint8_t *shown = memory_some(decoding, address + known, length, CAPTURE_TO_LIMIT, &have, &cut);
    const uint8_t *bytes = memory_at(decoding, address + known, length);
    if (!bytes || !shown) {
        show_words(decoding, NULL, "???");
    } else if (!is_zero(bytes, length)) {
        char range[sizeof("/* bytes 4294967295..4294967295 */ ")];
        snprintf(range, sizeof(range), "/* bytes %u..%u */ ", (unsigned)known, (unsigned)end - 1);
        show_open(decoding, NULL, range);
        show_bytes_in_hex(decoding, NULL, shown, have);
        show_close(decoding, cut ? "..." : "");
    }
}
