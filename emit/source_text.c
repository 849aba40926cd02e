/* SPDX-License-Identifier: MIT */
#include "source_text.h"

#include <string.h>

/* ----------------------------------------------------------------------- places */

static bool is_plain(char byte) {
    return byte >= ' ' && byte < 0x7f && byte != '\\';
}

void source_name_to_text(const char *name, struct text *text) {
    /* -x is about strings of the program. */
    enum hex_strings hex = text->hex;
    text->hex = HEX_STRINGS_NONE;
    while (*name) {
        size_t plain = 0;
        while (is_plain(name[plain])) {
            plain++;
        }
        text_add(text, name, plain);
        name += plain;
        size_t odd = 0;
        while (name[odd] && !is_plain(name[odd])) {
            odd++;
        }
        text_add_escaped(text, (const uint8_t *)name, odd, false);
        name += odd;
    }
    text->hex = hex;
}

static void file_to_text(const struct frame *place, struct text *text) {
    source_name_to_text(place->file, text);
    if (place->line) {
        text_add_char(text, ':');
        text_add_unsigned(text, place->line);
    }
}

/* "main+0x1d"; an inlined function has no beginning that could be counted from. */
static void add_function(const struct frame *frame, struct text *text) {
    source_name_to_text(frame->function, text);
    if (!frame->inlined) {
        text_add_char(text, '+');
        text_add_hex(text, frame->offset);
    }
}

static void add_function_or_address(const struct frame *frame, struct text *text) {
    if (frame->function) {
        add_function(frame, text);
    } else {
        text_add_hex(text, frame->address);
    }
}

static void in_parentheses(const char *name, struct text *text) {
    if (name) {
        text_add_string(text, " (");
        source_name_to_text(name, text);
        text_add_char(text, ')');
    }
}

void source_to_text(const struct frame *place, const char *before, struct text *text) {
    if (!place) {
        return;
    }
    text_add_string(text, before);
    if (place->file) {
        file_to_text(place, text);
        in_parentheses(place->function, text);
    } else {
        add_function_or_address(place, text);
        in_parentheses(place->module, text);
    }
}

static void module_to_text(const struct frame *frame, struct text *text) {
    source_name_to_text(frame->module ? frame->module : "?", text);
    text_add_char(text, '(');
    if (frame->function) {
        add_function(frame, text);
    }
    text_add_char(text, ')');
}

const char *source_field_start(const char *file) {
    return file[0] && strchr("=+-@", file[0]) ? "./" : "";
}

void source_to_field(const struct frame *place, struct text *text) {
    if (!place) {
        return;
    }
    if (!place->file) {
        source_name_to_text(place->module ? place->module : "?", text);
        text_add_char(text, '(');
        add_function_or_address(place, text);
        text_add_char(text, ')');
        return;
    }
    text_add_string(text, source_field_start(place->file));
    file_to_text(place, text);
}

/* ----------------------------------------------------------------------- stacks */

/* As strace -k: " > module(function+0xoffset) [0xaddress]". */
static void frame_to_text(const struct frame *frame, bool places, struct text *text) {
    text_add_string(text, "\n > ");
    module_to_text(frame, text);
    text_add_string(text, " [");
    text_add_hex(text, frame->address);
    text_add_string(text, frame->inlined ? "] (inlined)" : "]");
    if (places && frame->file) {
        text_add_string(text, " at ");
        file_to_text(frame, text);
    }
}

/* Only if the copy was as long as it could be is there more to be had. */
static void cut_to_text(const struct stack_sample *sample, struct text *text) {
    text_add_string(text, "stack cut after ");
    text_add_unsigned(text, sample ? sample->size : 0);
    text_add_string(text, " bytes");
    if (sample && !sample->cut) {
        text_add_string(text, "; what follows was not in memory");
    } else if (sample && sample->size < STACK_SAMPLE_MOST) {
        text_add_string(text, "; --stack-limit copies more");
    }
}

void stack_end_to_text(const struct call_stack *stack, const struct stack_sample *sample, struct text *text) {
    if (stack->end == STACK_END_OUTERMOST) {
        return;
    }
    text_add_string(text, "\n > (");
    switch (stack->end) {
    case STACK_END_CUT:
        cut_to_text(sample, text);
        break;
    case STACK_END_ELSEWHERE:
        text_add_string(text, "the rest of the stack is elsewhere, and was not copied");
        break;
    case STACK_END_UNKNOWN:
        text_add_string(text, "code of no known file, such as one made at run time");
        break;
    case STACK_END_NO_UNWIND:
        text_add_string(text, "the file does not say who called this code");
        break;
    case STACK_END_BROKEN:
        text_add_string(text, "what the file says of the caller leads nowhere");
        break;
    case STACK_END_TOO_DEEP:
        text_add_string(text, "more frames than are shown");
        break;
    case STACK_END_FOREIGN:
        text_add_string(text, "code of another architecture");
        break;
    default:
        text_add_string(text, "nothing is known of its stack");
        break;
    }
    text_add_char(text, ')');
}

void stack_to_text(const struct call_stack *stack, bool places, struct text *text) {
    for (size_t i = 0; i < stack->count; i++) {
        frame_to_text(&stack->frames[i], places, text);
    }
}
