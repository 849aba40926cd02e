/* SPDX-License-Identifier: MIT
 *
 * struct iovec[]: with the bytes that the call takes, or those that it has put there.
 */
#include "decode_files.h"

void decode_iovec(struct decoding *decoding, uint64_t address) {
    show_iovec_at(decoding, NULL, address, referenced(decoding), UINT64_MAX);
}

/* Nothing was put there. */
static void show_room(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct members members = members_of(decoding, element);
    show_open(decoding, NULL, "{");
    show_address(decoding, "iov_base", take_word(&members));
    show_unsigned(decoding, "iov_len", take_word(&members));
    show_close(decoding, "}");
}

void decode_out_iovec(struct decoding *decoding, uint64_t address) {
    uint64_t count = referenced(decoding);
    if (decoding->result < 0) {
        show_vector(decoding, NULL, address, count, 2 * word_bytes(decoding), show_room, NULL);
    } else {
        show_iovec_at(decoding, NULL, address, count, (uint64_t)decoding->result);
    }
}
