/* SPDX-License-Identifier: MIT
 *
 * What strace tells behind the result of a call, by the type of an argument.
 */
#include "decode_waiting.h"
#include "value.h"

static const struct {
    enum arg_type type;
    void (*show)(struct decoding *decoding, uint64_t address);
} found[] = {
    {A_TO_POLLFDS, found_pollfds},
};

void decoded_found_to_text(const struct value *value, struct text *text) {
    struct decoding decoding = decoding_of(value, text);
    for (size_t i = 0; value->delivered && i < sizeof(found) / sizeof(found[0]); i++) {
        if (found[i].type == value->type) {
            found[i].show(&decoding, value->number);
        }
    }
}
