/* SPDX-License-Identifier: MIT */
#include "object_end.h"

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void feed_string(struct object_end *end, char byte) {
    if (end->escaped) {
        end->escaped = false;
    } else if (byte == '\\') {
        end->escaped = true;
    } else if (byte == '"') {
        end->in_string = false;
    }
}

static void feed_byte(struct object_end *end, char byte) {
    if (end->in_string) {
        feed_string(end, byte);
    } else if (byte == '"') {
        end->in_string = true;
    } else if (byte == '{' || byte == '[') {
        end->depth++;
    } else if (byte == '}' || byte == ']') {
        end->depth--;
    }
    if (end->depth == 0) {
        end->state = OBJECT_ENDED;
    }
}

enum object_state object_end_feed(struct object_end *end, const char *bytes, size_t size) {
    size_t i = 0;
    while (end->state == OBJECT_AHEAD && i < size) {
        if (bytes[i] == '{') {
            end->state = OBJECT_OPEN; /* which counts it below */
        } else if (is_blank(bytes[i])) {
            i++;
        } else {
            end->state = OBJECT_NONE;
        }
    }
    for (; end->state == OBJECT_OPEN && i < size; i++) {
        feed_byte(end, bytes[i]);
    }
    return end->state;
}
