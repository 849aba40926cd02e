/* SPDX-License-Identifier: MIT
 *
 * pipe(2), socketpair(2): two descriptors.
 */
#include "decode_files.h"

static void show_one(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_descriptor(decoding, NULL, (int32_t)number_in(element, sizeof(int32_t)));
}

void decode_descriptors(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, 2, sizeof(int32_t), show_one, NULL);
}
