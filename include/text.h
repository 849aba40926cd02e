/* SPDX-License-Identifier: MIT
 *
 * A growing piece of text. Always NUL-terminated. Memory that cannot be had is
 * remembered in `failed`, and later appends do nothing.
 */
#ifndef RENACER_TEXT_H
#define RENACER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct namer;
struct redaction;

/* Which strings are shown with all their bytes as \x.. */
enum hex_strings {
    HEX_STRINGS_NONE,
    HEX_STRINGS_NOT_ASCII, /* -x: those that hold anything but printable characters and white space */
    HEX_STRINGS_ALL,       /* -xx */
};

struct text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
    const struct namer *namer;   /* how addresses and ids that are added are shown; NULL: as they are */
    struct redaction *redaction; /* which bytes of strings are replaced; NULL: none */
    enum hex_strings hex;
    bool verbose; /* -v: structures are shown with all their members */
};

void text_finish(struct text *text);
/* Make it empty; the memory is kept. */
void text_clear(struct text *text);
/* text_reserve() where the memory that is there does not suffice. */
char *text_grow(struct text *text, size_t size);

/* A line is made of many short pieces: what adds them is inline, and so the length of a literal is no work. */

/* Room for `size` more bytes behind the end, and the NUL: where it begins, or NULL. */
static inline char *text_reserve(struct text *text, size_t size) {
    return text->length + size < text->capacity ? text->bytes + text->length : text_grow(text, size);
}

static inline void text_add(struct text *text, const char *bytes, size_t size) {
    char *to = text_reserve(text, size);
    if (to) {
        memcpy(to, bytes, size);
        to[size] = 0;
        text->length += size;
    }
}

static inline void text_add_string(struct text *text, const char *string) {
    text_add(text, string, strlen(string));
}

static inline void text_add_char(struct text *text, char character) {
    text_add(text, &character, 1);
}

void text_add_unsigned(struct text *text, uint64_t number);
void text_add_signed(struct text *text, int64_t number);
/* In decimal, with zeros in front up to `width` digits, which are at most 20. */
void text_add_zero_padded(struct text *text, uint64_t number, unsigned width);
void text_add_spaces(struct text *text, size_t count);
/* 0x... */
void text_add_hex(struct text *text, uint64_t number);
/* 0x..., or 0 */
void text_add_hex_number(struct text *text, uint64_t number);
/* 0..., at least three digits as in strace */
void text_add_octal(struct text *text, uint64_t number);
/* Bytes of a string in strace's notation: \n, \t, \", octal for the rest.
 * `quote`: whether quotation marks are escaped as well. */
void text_add_escaped(struct text *text, const uint8_t *bytes, size_t size, bool quote);
/* Whether text_add_escaped() makes \x.. of all of these bytes. */
bool text_shows_hex(const struct text *text, const uint8_t *bytes, size_t size);

/* Each byte as \x.. */
void text_add_hex_bytes(struct text *text, const uint8_t *bytes, size_t size);

/* Put the formatted text into *string, in place of what was there, which is freed. 0; or -ENOMEM, and nothing has
 * changed.
 */
int string_set(char **string, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
