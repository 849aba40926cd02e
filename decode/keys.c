/* SPDX-License-Identifier: MIT
 *
 * Keys: what commands of keyctl(2) take and leave behind.
 */
#include "decode_ipc.h"

#include <linux/keyctl.h>

/* Numbers that are reserved, if one of them is not 0. */
static void show_spare(struct decoding *decoding, struct members *members, unsigned count) {
    uint32_t spare[10];
    bool is_used = false;
    for (unsigned i = 0; i < count; i++) {
        spare[i] = take_u32(members);
        is_used = is_used || spare[i];
    }
    if (!is_used) {
        return;
    }
    show_open(decoding, "__spare", "[");
    for (unsigned i = 0; i < count; i++) {
        show_hex(decoding, NULL, spare[i]);
    }
    show_close(decoding, "]");
}

/* A buffer of so many bytes, which can be none. */
static void show_payload_bytes(struct decoding *decoding, const char *name, uint64_t address, uint64_t length) {
    if (address && !length) {
        show_bytes(decoding, name, (const uint8_t *)"", 0);
    } else {
        show_buffer_at(decoding, name, address, length);
    }
}

/* How many bytes a call has left in a buffer of `room` bytes. */
static uint64_t written(const struct decoding *decoding, uint64_t room) {
    return (uint64_t)decoding->result < room ? (uint64_t)decoding->result : room;
}

void decode_key_text(struct decoding *decoding, uint64_t address) {
    uint64_t length = written(decoding, argument_of(decoding, 3));
    uint32_t have = 0;
    bool cut = false;
    const uint8_t *bytes = NULL;
    if (length) {
        bytes = memory_some(decoding, address, length, CAPTURE_TO_LIMIT, &have, &cut);
    }
    /* strace does not show the NUL at its end. */
    if (bytes && !cut && have == length && !bytes[length - 1] && !shows_hex_strings(decoding)) {
        show_bytes(decoding, NULL, bytes, length - 1);
    } else {
        show_payload_bytes(decoding, NULL, address, length);
    }
}

void decode_key_capabilities(struct decoding *decoding, uint64_t address) {
    uint64_t count = written(decoding, argument_of(decoding, 2));
    uint32_t have = 0;
    bool cut = false;
    const uint8_t *bytes =
        count ? memory_some(decoding, address, count, CAPTURE_ELEMENTS(sizeof(*bytes)), &have, &cut) : NULL;
    if (count && !bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    for (uint32_t i = 0; i < have; i++) {
        if (i < 2) {
            show_set(decoding, NULL, i ? A_KEYCTL_CAPS1 : A_KEYCTL_CAPS0, bytes[i]);
        } else {
            show_hex(decoding, NULL, bytes[i]);
        }
    }
    if (cut) {
        show_dots(decoding);
    }
    show_close(decoding, "]");
}

void decode_dh_params(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct keyctl_dh_params));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "private", A_KEY_SERIAL, take_u32(&members));
    show_set(decoding, "prime", A_KEY_SERIAL, take_u32(&members));
    show_set(decoding, "base", A_KEY_SERIAL, take_u32(&members));
    show_close(decoding, "}");
}

void decode_kdf_params(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, decoding->arch == ARCH_I386 ? 44 : 56);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_string_at(decoding, "hashname", take_word(&members));
    uint64_t other = take_word(&members);
    uint32_t length = take_u32(&members);
    show_payload_bytes(decoding, "otherinfo", other, length);
    show_unsigned(decoding, "otherinfolen", length);
    show_spare(decoding, &members, 8);
    show_close(decoding, "}");
}

/* ---------------------------------------------------------------------- public keys */

void decode_pkey_query(struct decoding *decoding, uint64_t address) {
    static const char *const sizes[] = {"max_data_size", "max_sig_size", "max_enc_size", "max_dec_size"};
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct keyctl_pkey_query));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "supported_ops", A_KEYCTL_SUPPORTS, take_u32(&members));
    show_unsigned(decoding, "key_size", take_u32(&members));
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        show_unsigned(decoding, sizes[i], take_u16(&members));
    }
    show_spare(decoding, &members, 10);
    show_close(decoding, "}");
}

void decode_pkey_params(struct decoding *decoding, uint64_t address) {
    bool verifies = (uint32_t)argument_of(decoding, 0) == KEYCTL_PKEY_VERIFY;
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct keyctl_pkey_params));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "key_id", A_KEY_SERIAL, take_u32(&members));
    show_unsigned(decoding, "in_len", take_u32(&members));
    show_unsigned(decoding, verifies ? "in2_len" : "out_len", take_u32(&members));
    show_spare(decoding, &members, 7);
    show_close(decoding, "}");
}

/* A buffer whose length is a member of the parameters. */
static void show_of_params(struct decoding *decoding, uint64_t address, unsigned member) {
    const uint8_t *params = memory_at(decoding, argument_of(decoding, 1), sizeof(struct keyctl_pkey_params));
    if (params) {
        show_payload_bytes(decoding, NULL, address, number_in(params + member, sizeof(uint32_t)));
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_pkey_input(struct decoding *decoding, uint64_t address) {
    show_of_params(decoding, address,
                   decoding->index == 3 ? offsetof(struct keyctl_pkey_params, in_len)
                                        : offsetof(struct keyctl_pkey_params, in2_len));
}

void decode_pkey_output(struct decoding *decoding, uint64_t address) {
    show_of_params(decoding, address, offsetof(struct keyctl_pkey_params, out_len));
}
