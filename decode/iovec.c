/* SPDX-License-Identifier: MIT
 *
 * struct iovec[]: with the bytes that the call takes, or those that it has put there.
 */
#include "decode_files.h"

void decode_iovec(struct decoding *decoding, uint64_t address) {
    show_iovec_at(decoding, NULL, address, referenced(decoding), UINT64_MAX);
}

void decode_out_iovec(struct decoding *decoding, uint64_t address) {
    uint64_t count = referenced(decoding);
    if (decoding->result < 0) {
        show_ranges_at(decoding, NULL, address, count); /* nothing was put there */
    } else {
        show_iovec_at(decoding, NULL, address, count, (uint64_t)decoding->result);
    }
}
