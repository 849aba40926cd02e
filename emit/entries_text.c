/* SPDX-License-Identifier: MIT
 *
 * The entries of a directory in strace's notation: how many there are, or all of them.
 */
#include "value.h"

#include <string.h>

/* How struct linux_dirent and struct linux_dirent64 look: d_ino, d_off, d_reclen, and with 64 bits d_type, before the
 * name. The other has its type as the last byte of the entry. */
struct shape {
    size_t word;   /* bytes of d_ino and d_off */
    bool has_type; /* before the name */
};

static struct shape shape_of(const struct value *value) {
    bool is_64 = value->type == A_OUT_DIRENTS64;
    return (struct shape){.word = value->arch == ARCH_I386 && !is_64 ? 4 : 8, .has_type = is_64};
}

static uint64_t number_at(const uint8_t *bytes, size_t size) {
    uint64_t number = 0;
    memcpy(&number, bytes, size);
    return number;
}

static void member(const char *name, uint64_t number, struct text *text) {
    text_add_string(text, name);
    text_add_unsigned(text, number);
}

static void type_to_text(uint8_t type, struct text *text) {
    struct value value = {.kind = VALUE_CONSTANTS, .number = type, .set = constant_set(A_DIRENT)};
    text_add_string(text, ", d_type=");
    value_to_text(&value, NOTATION_STRACE, text);
}

/* A name of which at most `size` bytes can be there. */
static void name_to_text(const uint8_t *bytes, size_t size, struct text *text) {
    size_t length = strnlen((const char *)bytes, size);
    bool is_whole = length < size;
    length -= !is_whole && length ? 1 : 0;
    struct shown_bytes shown = {bytes, length, BYTES_NAME, !is_whole};
    text_add_string(text, ", d_name=\"");
    content_to_text(&shown, true, text);
    text_add_string(text, is_whole ? "\"" : "\"...");
}

/* An entry of `size` bytes, no fewer than stand before its name. */
static void entry_to_text(struct shape shape, const uint8_t *bytes, unsigned size, struct text *text) {
    size_t header = 2 * shape.word + sizeof(uint16_t) + shape.has_type;
    uint16_t length = (uint16_t)number_at(bytes + 2 * shape.word, sizeof(length));
    member("{d_ino=", number_at(bytes, shape.word), text);
    member(", d_off=", number_at(bytes + shape.word, shape.word), text);
    member(", d_reclen=", length, text);
    if (shape.has_type) {
        type_to_text(bytes[header - 1], text);
    }
    unsigned end = shape.has_type ? size : size - 1;
    if (end > header && size > header) {
        name_to_text(bytes + header, end - header, text);
    }
    if (!shape.has_type && size > header) {
        type_to_text(bytes[size - 1], text);
    }
    text_add_char(text, '}');
}

static void listed_to_text(const struct value *value, struct text *text) {
    const uint8_t *bytes = capture_bytes(value->capture);
    unsigned left = value->capture->size;
    struct shape shape = shape_of(value);
    size_t header = 2 * shape.word + sizeof(uint16_t) + shape.has_type;
    bool is_first = true;
    text_add_char(text, '[');
    while (left >= header) {
        uint16_t length = (uint16_t)number_at(bytes + 2 * shape.word, sizeof(length));
        bool is_sound = length >= header && length <= left;
        text_add_string(text, is_first ? "" : ", ");
        entry_to_text(shape, bytes, is_sound ? length : header, text);
        is_first = false;
        if (!is_sound) {
            break;
        }
        bytes += length;
        left -= length;
    }
    if (value->capture->state == CAPTURE_CUT) {
        text_add_string(text, is_first ? "..." : ", ...");
    }
    text_add_char(text, ']');
}

void entries_to_text(const struct value *value, struct text *text) {
    bool is_empty = !value->capture->full_length;
    if (text->verbose && (value->capture->size || is_empty)) {
        listed_to_text(value, text);
        return;
    }
    address_to_text(value->number, text);
    text_add_string(text, " /* ");
    text_add_unsigned(text, value->capture->full_length);
    text_add_string(text, " entries */");
}
