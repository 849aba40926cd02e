/* SPDX-License-Identifier: MIT
 *
 * name_to_handle_at(2), open_by_handle_at(2): struct file_handle.
 */
#include "decode_files.h"

enum {
    HEADER_SIZE = 8,  /* how long the handle is, and of which type */
    HANDLE_MAX = 128, /* MAX_HANDLE_SZ */
};

/* The handle itself, of which the kernel takes no more than HANDLE_MAX bytes. */
static void show_handle(struct decoding *decoding, uint64_t address, uint32_t length) {
    uint32_t size = length < HANDLE_MAX ? length : HANDLE_MAX;
    const uint8_t *bytes = size ? memory_at(decoding, address + HEADER_SIZE, size) : (const uint8_t *)"";
    if (bytes) {
        show_bytes_in_hex(decoding, "f_handle", bytes, size);
        show_more(decoding, "%s", length > size ? "..." : "");
    } else {
        show_words(decoding, "f_handle", "???");
    }
}

/* A call that fails because there is too little room tells how much it needs. */
static void show_found(struct decoding *decoding, uint64_t address, uint32_t room) {
    const uint8_t *bytes = memory_at(decoding, address, HEADER_SIZE);
    if (!bytes) {
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint32_t length = take_u32(&members);
    if (length != room) {
        show_more(decoding, " => %u", length);
    }
    if (decoding->result >= 0) {
        show_signed(decoding, "handle_type", take_i32(&members));
        show_handle(decoding, address, length);
    }
}

void decode_file_handle(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes =
        decoding->delivered ? memory_before(decoding, address, HEADER_SIZE) : memory_at(decoding, address, HEADER_SIZE);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    uint32_t room = (uint32_t)number_in(bytes, sizeof(room));
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "handle_bytes", room);
    if (decoding->delivered) {
        show_found(decoding, address, room);
    }
    show_close(decoding, "}");
}

void decode_open_handle(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, HEADER_SIZE);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint32_t length = take_u32(&members);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "handle_bytes", length);
    show_signed(decoding, "handle_type", take_i32(&members));
    show_handle(decoding, address, length);
    show_close(decoding, "}");
}
