/* SPDX-License-Identifier: MIT
 *
 * Security modules: what they say of a thread, and which there are.
 */
#include "decode_files.h"

enum {
    CONTEXT_SIZE = 32, /* struct lsm_ctx without the context itself */
    CONTEXTS_MAX = 64,
    ID_SIZE = 8,
};

/* One context at `address`; returns its length, 0 if it cannot be read. */
static uint64_t show_context(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, CONTEXT_SIZE);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return 0;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "id", A_LSM_ID, take_u64(&members));
    show_hex(decoding, "flags", take_u64(&members));
    uint64_t length = take_u64(&members);
    uint64_t context_length = take_u64(&members);
    show_unsigned(decoding, "len", length);
    show_unsigned(decoding, "ctx_len", context_length);
    uint32_t have;
    bool cut;
    const uint8_t *context =
        memory_some(decoding, address + CONTEXT_SIZE, context_length, CAPTURE_TO_LIMIT, &have, &cut);
    if (!context_length) {
        show_bytes(decoding, "ctx", (const uint8_t *)"", 0);
    } else if (context && (cut || have == context_length)) {
        show_bytes_in_hex(decoding, "ctx", context, have);
        show_more(decoding, "%s", cut ? "..." : "");
    } else {
        show_address(decoding, "ctx", address + CONTEXT_SIZE);
    }
    show_close(decoding, "}");
    return length;
}

/* That of lsm_set_self_attr(2), of a size that another argument says. */
void decode_lsm_context(struct decoding *decoding, uint64_t address) {
    if ((uint32_t)referenced(decoding) < CONTEXT_SIZE) {
        show_address(decoding, NULL, address);
    } else {
        show_context(decoding, address);
    }
}

/* As many as the call has found, one behind the other. */
void decode_lsm_contexts(struct decoding *decoding, uint64_t address) {
    show_open(decoding, NULL, "[");
    for (int64_t i = 0; i < decoding->result; i++) {
        if (i == CONTEXTS_MAX) {
            show_dots(decoding);
            break;
        }
        uint64_t length = show_context(decoding, address);
        if (length < CONTEXT_SIZE || address + length < address) {
            break;
        }
        address += length;
    }
    show_close(decoding, "]");
}

static void show_id_of_module(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_set(decoding, NULL, A_LSM_ID, number_in(element, ID_SIZE));
}

void decode_lsm_ids(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, (uint64_t)decoding->result, ID_SIZE, show_id_of_module, NULL);
}
