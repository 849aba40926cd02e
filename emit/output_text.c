/* SPDX-License-Identifier: MIT
 *
 * Output arguments in strace's notation, those that are not just one structure
 * or a string.
 */
#include "value.h"

#include <string.h>

static void dots_if_cut(const struct capture *capture, bool is_first, struct text *text) {
    if (capture->state != CAPTURE_WHOLE) {
        text_add_string(text, is_first ? "..." : ", ...");
    }
}

static void structures_to_text(const struct value *value, struct text *text) {
    const uint8_t *bytes = capture_bytes(value->capture);
    unsigned size = value->structure->size[value->arch];
    unsigned count = value->capture->size / size;
    text_add_char(text, '[');
    for (unsigned i = 0; i < count; i++) {
        text_add_string(text, i ? ", " : "");
        structure_to_text(value->structure, value->arch, bytes + (size_t)i * size, text);
    }
    dots_if_cut(value->capture, count == 0, text);
    text_add_char(text, ']');
}

/* Element `index` of a vector: the bytes that came, or where they would have gone. */
static void filled_element_to_text(const struct value *value, unsigned index, uint64_t base, struct text *text) {
    const struct capture *element = capture_find(value->captures, value->captures_size, value->arg, index + 1);
    bool is_there = element && (element->size || element->state == CAPTURE_WHOLE);
    if (is_there && base) {
        string_to_text(element, false, text);
    } else {
        struct value address = {.kind = VALUE_ADDRESS, .number = base};
        value_to_text(&address, NOTATION_STRACE, text);
    }
}

static void filled_to_text(const struct value *value, struct text *text) {
    uint64_t pair[2]; /* base and length: notify/capture_output.c */
    unsigned count = value->capture->size / sizeof(pair);
    text_add_char(text, '[');
    for (unsigned i = 0; i < count; i++) {
        memcpy(pair, capture_bytes(value->capture) + i * sizeof(pair), sizeof(pair));
        text_add_string(text, i ? ", {iov_base=" : "{iov_base=");
        filled_element_to_text(value, i, pair[0], text);
        text_add_string(text, ", iov_len=");
        text_add_unsigned(text, pair[1]);
        text_add_char(text, '}');
    }
    dots_if_cut(value->capture, count == 0, text);
    text_add_char(text, ']');
}

/* The number in a capture, with its sign. */
static int64_t number_in(const struct capture *capture) {
    uint64_t number = 0;
    unsigned size = capture->size < sizeof(number) ? capture->size : sizeof(number);
    memcpy(&number, capture_bytes(capture), size);
    return size == sizeof(int32_t) ? (int32_t)number : (int64_t)number;
}

/* "[16]", or both numbers with `between` them where the call has changed it. */
static void changed_to_text(const struct value *value, const char *between, struct text *text) {
    int64_t before = number_in(value->before);
    int64_t now = number_in(value->capture);
    text_add_char(text, '[');
    text_add_signed(text, before);
    if (now != before) {
        text_add_string(text, between);
        text_add_signed(text, now);
    }
    text_add_char(text, ']');
}

static void entries_to_text(const struct value *value, struct text *text) {
    address_to_text(value->number, text);
    text_add_string(text, " /* ");
    text_add_unsigned(text, value->capture->full_length);
    text_add_string(text, " entries */");
}

static void cpus_to_text(const struct value *value, struct text *text) {
    const uint8_t *bytes = capture_bytes(value->capture);
    bool is_first = true;
    text_add_char(text, '[');
    for (unsigned cpu = 0; cpu < 8 * value->capture->size; cpu++) {
        if (bytes[cpu / 8] >> cpu % 8 & 1) {
            text_add_string(text, is_first ? "" : " ");
            text_add_unsigned(text, cpu);
            is_first = false;
        }
    }
    text_add_char(text, ']');
}

void output_to_text(const struct value *value, struct text *text) {
    switch (value->kind) {
    case VALUE_STRUCTURE:
        structure_to_text(value->structure, value->arch, capture_bytes(value->capture), text);
        break;
    case VALUE_STRUCTURES:
        structures_to_text(value, text);
        break;
    case VALUE_FILLED:
        filled_to_text(value, text);
        break;
    case VALUE_LENGTH:
        changed_to_text(value, " => ", text);
        break;
    case VALUE_MOVED:
        changed_to_text(value, "] => [", text);
        break;
    case VALUE_ENTRIES:
        entries_to_text(value, text);
        break;
    case VALUE_CPUS:
        cpus_to_text(value, text);
        break;
    default:
        break;
    }
}
