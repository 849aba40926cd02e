/* SPDX-License-Identifier: MIT */
#include "descriptor.h"

#include "redact.h"
#include "text.h"

#include <string.h>

/* Take the bytes up to the next NUL, or all that are left, off the front of *text. */
static size_t take_field(const char **text, size_t *size, const char **field) {
    *field = *text;
    const char *nul = *size ? memchr(*text, 0, *size) : NULL;
    size_t length = nul ? (size_t)(nul - *text) : *size;
    size_t taken = nul ? length + 1 : length;
    *text += taken;
    *size -= taken;
    return length;
}

/* An octal escape, in as few digits as the byte behind it allows. */
static void bracket_to_text(char bracket, bool digit_follows, struct text *output) {
    text_add_string(output, digit_follows ? "\\0" : "\\");
    text_add_char(output, (char)('0' + (bracket >> 3)));
    text_add_char(output, (char)('0' + (bracket & 7)));
}

/* A string as strace has it, but for the brackets, which would end the description. */
static void path_to_text(const char *path, size_t size, struct text *output) {
    if (text_shows_hex(output, (const uint8_t *)path, size)) {
        text_add_hex_bytes(output, (const uint8_t *)path, size);
        return;
    }
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        if (path[i] == '<' || path[i] == '>') {
            text_add_escaped(output, (const uint8_t *)path + start, i - start, true);
            bracket_to_text(path[i], i + 1 < size && path[i + 1] >= '0' && path[i + 1] <= '7', output);
            start = i + 1;
        }
    }
    text_add_escaped(output, (const uint8_t *)path + start, size - start, true);
}

void descriptor_redact(struct redaction *redaction, const uint8_t *bytes, size_t size, struct text *output) {
    const char *text = (const char *)bytes;
    const char *field;
    while (size) {
        size_t before = size;
        size_t length = take_field(&text, &size, &field);
        struct shown_bytes shown = {(const uint8_t *)field, length, BYTES_NAME, false};
        redaction_splice(redaction, &shown, output);
        if (before > length) {
            text_add(output, "", 1);
        }
    }
}

static void description_to_text(const char *text, size_t size, struct text *output) {
    if (size == 0) {
        return;
    }
    const char *field;
    size_t length = take_field(&text, &size, &field);
    text_add_char(output, '<');
    path_to_text(field, length, output);
    length = take_field(&text, &size, &field);
    text_add(output, field, length);
    text_add_char(output, '>');
    length = take_field(&text, &size, &field);
    text_add(output, field, length);
}

void descriptor_to_text(const char *text, size_t size, struct text *output) {
    if (!output->redaction) {
        description_to_text(text, size, output);
        return;
    }
    struct text redacted = {0};
    descriptor_redact(output->redaction, (const uint8_t *)text, size, &redacted);
    description_to_text(redacted.bytes ? redacted.bytes : "", redacted.length, output);
    output->failed = output->failed || redacted.failed;
    text_finish(&redacted);
}
