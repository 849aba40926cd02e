/* SPDX-License-Identifier: MIT
 *
 * bpf(2): the attributes of each command.
 */
#include "decode_bpf.h"

void decode_bpf_attributes(struct decoding *decoding, uint64_t address) {
    show_address(decoding, NULL, address);
}
