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

static void add_number(const struct capture *capture, struct text *text) {
    uint64_t number = 0;
    memcpy(&number, capture_bytes(capture), capture->size < sizeof(number) ? capture->size : sizeof(number));
    text_add_unsigned(text, number);
}

/* "[16]", or both numbers where the call has changed it. */
static void changed_to_text(const struct value *value, struct text *text) {
    const struct capture *now = value->capture;
    const struct capture *before = value->before;
    bool is_changed = now->size != before->size || memcmp(capture_bytes(now), capture_bytes(before), now->size) != 0;
    text_add_char(text, '[');
    add_number(before, text);
    if (is_changed) {
        text_add_string(text, "] => [");
        add_number(now, text);
    }
    text_add_char(text, ']');
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
    case VALUE_MOVED:
        changed_to_text(value, text);
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
