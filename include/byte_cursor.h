/* SPDX-License-Identifier: MIT
 *
 * A reader of bytes that may be anything. Reading behind their end gives zeros
 * and sets `bad`, which stays: it is enough to look at it once, at the end.
 * Numbers are in the byte order of this machine.
 */
#ifndef RENACER_BYTE_CURSOR_H
#define RENACER_BYTE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct byte_cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
};

static inline size_t cursor_left(const struct byte_cursor *cursor) {
    return (size_t)(cursor->end - cursor->at);
}

static inline const uint8_t *cursor_skip(struct byte_cursor *cursor, uint64_t size) {
    const uint8_t *at = cursor->at;
    if (size > cursor_left(cursor)) {
        cursor->bad = true;
        cursor->at = cursor->end;
        return NULL;
    }
    cursor->at += size;
    return at;
}

/* `size`: 1, 2, 4 or 8. */
static inline uint64_t cursor_number(struct byte_cursor *cursor, unsigned size) {
    const uint8_t *at = cursor_skip(cursor, size);
    uint8_t byte = 0;
    uint16_t half = 0;
    uint32_t word = 0;
    uint64_t whole = 0;
    if (!at) {
        return 0;
    }
    switch (size) {
    case 1:
        memcpy(&byte, at, sizeof(byte));
        return byte;
    case 2:
        memcpy(&half, at, sizeof(half));
        return half;
    case 4:
        memcpy(&word, at, sizeof(word));
        return word;
    case 8:
        memcpy(&whole, at, sizeof(whole));
        return whole;
    default:
        cursor->bad = true;
        return 0;
    }
}

/* LEB128; bits that do not fit are dropped. */
static inline uint64_t cursor_unsigned(struct byte_cursor *cursor) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint64_t byte = cursor_number(cursor, 1);
        if (shift < 64) {
            value |= (byte & 0x7f) << shift;
        }
        if (!(byte & 0x80)) {
            return value;
        }
    }
}

static inline int64_t cursor_signed(struct byte_cursor *cursor) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint64_t byte;
    do {
        byte = cursor_number(cursor, 1);
        if (shift < 64) {
            value |= (byte & 0x7f) << shift;
            shift += 7;
        }
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40)) {
        value |= ~(uint64_t)0 << shift;
    }
    return (int64_t)value;
}

/* Up to its NUL, which must be there; NULL if it is not. */
static inline const char *cursor_string(struct byte_cursor *cursor) {
    const uint8_t *end = cursor_left(cursor) ? memchr(cursor->at, 0, cursor_left(cursor)) : NULL;
    if (!end) {
        cursor->bad = true;
        cursor->at = cursor->end;
        return NULL;
    }
    const char *string = (const char *)cursor->at;
    cursor->at = end + 1;
    return string;
}

#endif
