/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAPACITY = 256,
    DIGITS = 24, /* enough for 64 bits in octal */
};

void text_finish(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

void text_clear(struct text *text) {
    text->length = 0;
    if (text->bytes) {
        text->bytes[0] = 0;
    }
}

char *text_grow(struct text *text, size_t size) {
    size_t need = text->length + size + 1;
    size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
    while (capacity < need) {
        capacity *= 2;
    }
    char *larger = text->failed ? NULL : realloc(text->bytes, capacity);
    if (!larger) {
        text->failed = true;
        text->capacity = 0; /* later appends come here as well */
        return NULL;
    }
    text->bytes = larger;
    text->capacity = capacity;
    return text->bytes + text->length;
}

/* At least `width` digits of `number`. */
static void add_digits(struct text *text, uint64_t number, unsigned base, unsigned width) {
    char digits[DIGITS];
    unsigned start = DIGITS;
    do {
        digits[--start] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number || DIGITS - start < width);
    text_add(text, digits + start, DIGITS - start);
}

void text_add_unsigned(struct text *text, uint64_t number) {
    add_digits(text, number, 10, 1);
}

void text_add_signed(struct text *text, int64_t number) {
    if (number < 0) {
        text_add_char(text, '-');
        add_digits(text, -(uint64_t)number, 10, 1);
    } else {
        add_digits(text, (uint64_t)number, 10, 1);
    }
}

void text_add_zero_padded(struct text *text, uint64_t number, unsigned width) {
    add_digits(text, number, 10, width);
}

void text_add_spaces(struct text *text, size_t count) {
    char *to = text_reserve(text, count);
    if (to) {
        memset(to, ' ', count);
        to[count] = 0;
        text->length += count;
    }
}

void text_add_hex(struct text *text, uint64_t number) {
    text_add(text, "0x", 2);
    add_digits(text, number, 16, 1);
}

void text_add_hex_number(struct text *text, uint64_t number) {
    if (number) {
        text_add_hex(text, number);
    } else {
        text_add_char(text, '0');
    }
}

void text_add_octal(struct text *text, uint64_t number) {
    text_add_char(text, '0');
    if (number < 010) {
        text_add_char(text, '0');
    }
    add_digits(text, number, 8, 1);
}

bool text_shows_hex(const struct text *text, const uint8_t *bytes, size_t size) {
    if (text->hex != HEX_STRINGS_NOT_ASCII) {
        return text->hex == HEX_STRINGS_ALL;
    }
    for (size_t i = 0; i < size; i++) {
        bool is_space = bytes[i] >= '\t' && bytes[i] <= '\r';
        if (!is_space && (bytes[i] < ' ' || bytes[i] >= 0x7f)) {
            return true;
        }
    }
    return false;
}

void text_add_escaped(struct text *text, const uint8_t *bytes, size_t size, bool quote) {
    if (text_shows_hex(text, bytes, size)) {
        text_add_hex_bytes(text, bytes, size);
        return;
    }
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\v'] = 'v', ['\f'] = 'f', ['\r'] = 'r'};
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = bytes[i];
        if (byte == '\\' || (quote && byte == '"')) {
            text_add_char(text, '\\');
            text_add_char(text, (char)byte);
        } else if (byte >= ' ' && byte < 0x7f) {
            text_add_char(text, (char)byte);
        } else if (byte < sizeof(letters) && letters[byte]) {
            text_add_char(text, '\\');
            text_add_char(text, letters[byte]);
        } else {
            /* As few octal digits as the byte after it allows. */
            bool digit_follows = i + 1 < size && bytes[i + 1] >= '0' && bytes[i + 1] <= '7';
            text_add_char(text, '\\');
            if (digit_follows || byte > 077) {
                text_add_char(text, (char)('0' + (byte >> 6)));
            }
            if (digit_follows || byte > 07) {
                text_add_char(text, (char)('0' + (byte >> 3 & 7)));
            }
            text_add_char(text, (char)('0' + (byte & 7)));
        }
    }
}

void text_add_hex_bytes(struct text *text, const uint8_t *bytes, size_t size) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        const char escape[] = {'\\', 'x', digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        text_add(text, escape, sizeof(escape));
    }
}

int string_set(char **string, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return -ENOMEM;
    }
    free(*string);
    *string = text;
    return 0;
}
