/* SPDX-License-Identifier: MIT */
#include "json.h"
#include "source_text.h"

#include <string.h>

/* A member whose key stands with its punctuation in `key`: a string, or null. */
static void add_name(struct text *text, const char *key, const char *name) {
    text_add_string(text, key);
    if (name) {
        json_add_quoted(text, name, strlen(name));
    } else {
        text_add_string(text, "null");
    }
}

static void add_number(struct text *text, const char *key, bool known, uint64_t number) {
    text_add_string(text, key);
    if (known) {
        text_add_unsigned(text, number);
    } else {
        text_add_string(text, "null");
    }
}

static void add_address(struct text *text, uint64_t address) {
    text_add_string(text, ",\"address\":\"");
    text_add_hex(text, address);
    text_add_char(text, '"');
}

void source_to_json(const struct frame *place, struct text *text) {
    if (!place) {
        text_add_string(text, "null");
        return;
    }
    add_name(text, "{\"file\":", place->file);
    add_number(text, ",\"line\":", place->file && place->line, place->line);
    add_name(text, ",\"function\":", place->function);
    if (!place->file) {
        add_number(text, ",\"offset\":", place->function, place->offset);
        add_name(text, ",\"module\":", place->module);
        add_address(text, place->address);
    }
    text_add_char(text, '}');
}

static void frame_to_json(const struct frame *frame, bool places, struct text *text) {
    add_name(text, "{\"module\":", frame->module);
    add_name(text, ",\"function\":", frame->function);
    add_number(text, ",\"offset\":", frame->function, frame->offset);
    add_address(text, frame->address);
    if (places) {
        add_name(text, ",\"file\":", frame->file);
        add_number(text, ",\"line\":", frame->file && frame->line, frame->line);
    }
    text_add_string(text, frame->inlined ? ",\"inlined\":true}" : "}");
}

static const char *end_name(enum stack_end end) {
    switch (end) {
    case STACK_END_CUT:
        return "cut";
    case STACK_END_ELSEWHERE:
        return "elsewhere";
    case STACK_END_UNKNOWN:
        return "unknown";
    case STACK_END_NO_UNWIND:
        return "no_unwind";
    case STACK_END_BROKEN:
        return "broken";
    case STACK_END_TOO_DEEP:
        return "too_deep";
    case STACK_END_FOREIGN:
        return "foreign";
    default:
        return NULL;
    }
}

void stack_to_json(const struct call_stack *stack, bool places, struct text *text) {
    if (!stack || stack->end == STACK_END_NONE) {
        text_add_string(text, ",\"stack\":null");
        return;
    }
    text_add_string(text, ",\"stack\":[");
    for (size_t i = 0; i < stack->count; i++) {
        text_add_string(text, i ? "," : "");
        frame_to_json(&stack->frames[i], places, text);
    }
    text_add_char(text, ']');
    const char *end = end_name(stack->end);
    if (end) {
        add_name(text, ",\"stack_end\":", end);
    }
}
