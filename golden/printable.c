/* SPDX-License-Identifier: MIT */
#include "printable.h"

#include <unistr.h>

/* C1 controls, line and paragraph separators, what changes the direction of writing, and what is no character, which
 * XML forbids. */
static bool is_control(ucs4_t character) {
    return (character >= 0x80 && character <= 0x9f) || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0x200e || character == 0x200f ||
           character == 0xfeff || (character & 0xfffe) == 0xfffe;
}

/* Three digits, whatever follows. */
static void add_octal(struct text *text, uint8_t byte) {
    char digits[] = {'\\', (char)('0' + (byte >> 6)), (char)('0' + (byte >> 3 & 7)), (char)('0' + (byte & 7))};
    text_add(text, digits, sizeof(digits));
}

static void add_byte(struct text *text, uint8_t byte, bool quote) {
    static const char letters[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r'};
    char escape[] = {'\\', (char)byte};
    if (byte < sizeof(letters) && letters[byte]) {
        escape[1] = letters[byte];
        text_add(text, escape, sizeof(escape));
    } else if (byte < 0x20 || byte >= 0x7f) {
        add_octal(text, byte);
    } else if (quote && (byte == '"' || byte == '\\')) {
        text_add(text, escape, sizeof(escape));
    } else {
        text_add(text, escape + 1, 1);
    }
}

static bool is_plain(uint8_t byte, bool quote) {
    return byte >= 0x20 && byte < 0x7f && !(quote && (byte == '"' || byte == '\\'));
}

void printable_add(struct text *text, const char *bytes, size_t size, bool quote) {
    const uint8_t *at = (const uint8_t *)bytes;
    const uint8_t *end = at + size;
    while (at < end) {
        const uint8_t *plain = at;
        while (at < end && is_plain(*at, quote)) {
            at++;
        }
        text_add(text, (const char *)plain, (size_t)(at - plain));
        if (at == end) {
            return;
        }
        ucs4_t character;
        int length = *at < 0x80 ? 1 : u8_mbtoucr(&character, at, (size_t)(end - at));
        if (length > 1 && !is_control(character)) {
            text_add(text, (const char *)at, (size_t)length);
            at += length;
            continue;
        }
        for (int i = 0; i < (length > 0 ? length : 1); i++) {
            add_byte(text, *at++, quote);
        }
    }
}

void printable_add_lines(struct text *text, const char *lines) {
    size_t length = strcspn(lines, "\n");
    printable_add(text, lines, length, false);
    while (lines[length]) {
        lines += length + 1;
        length = strcspn(lines, "\n");
        text_add_char(text, '\n');
        printable_add(text, lines, length, false);
    }
}

size_t printable_cut(const char *text, size_t size, size_t most) {
    if (size <= most) {
        return size;
    }
    while (most && ((uint8_t)text[most] & 0xc0) == 0x80) {
        most--;
    }
    return most;
}
