/* SPDX-License-Identifier: MIT */
#include "notation.h"

#include <string.h>

enum {
    /* Brackets within brackets: what decodes a call shows far fewer. */
    DEPTH_MAX = 64,
};

bool notation_skip(struct notation *notation, const char *characters) {
    size_t size = strlen(characters);
    if ((size_t)(notation->end - notation->at) < size || memcmp(notation->at, characters, size) != 0) {
        return false;
    }
    notation->at += size;
    return true;
}

/* ------------------------------------------------------------------- strings */

static bool is_octal(char character) {
    return character >= '0' && character <= '7';
}

static int hex_value(char character) {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    char lower = (char)(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Up to three octal digits. */
static char octal_escape(struct notation *notation) {
    unsigned value = 0;
    for (int digits = 0; digits < 3 && notation->at < notation->end && is_octal(*notation->at); digits++) {
        value = value * 8 + (unsigned)(*notation->at++ - '0');
    }
    return (char)value;
}

static char hex_escape(struct notation *notation) {
    unsigned value = 0;
    for (int digits = 0; digits < 2 && notation->at < notation->end && hex_value(*notation->at) >= 0; digits++) {
        value = value * 16 + (unsigned)hex_value(*notation->at++);
    }
    return (char)value;
}

/* What stands behind a backslash; at least one character is left. */
static char escape(struct notation *notation) {
    static const char letters[] = "abfnrtv";
    static const char meant[] = "\a\b\f\n\r\t\v";
    if (is_octal(*notation->at)) {
        return octal_escape(notation);
    }
    char letter = *notation->at++;
    if (letter == 'x') {
        return hex_escape(notation);
    }
    const char *found = letter ? strchr(letters, letter) : NULL;
    return found ? meant[found - letters] : letter;
}

bool notation_string(struct notation *notation, struct text *bytes, bool *is_cut) {
    struct notation rest = *notation;
    if (!notation_skip(&rest, "\"")) {
        return false;
    }
    while (rest.at < rest.end && *rest.at != '"') {
        if (*rest.at != '\\') {
            const char *plain = rest.at;
            while (rest.at < rest.end && *rest.at != '"' && *rest.at != '\\') {
                rest.at++;
            }
            text_add(bytes, plain, (size_t)(rest.at - plain));
            continue;
        }
        if (++rest.at == rest.end) {
            return false;
        }
        text_add_char(bytes, escape(&rest));
    }
    if (!notation_skip(&rest, "\"")) {
        return false;
    }
    *is_cut = notation_skip(&rest, "...");
    *notation = rest;
    return true;
}

/* ------------------------------------------------------------------ structures */

static bool skip_string(struct notation *notation) {
    for (notation->at++; notation->at < notation->end; notation->at++) {
        if (*notation->at == '"') {
            notation->at++;
            return true;
        }
        if (*notation->at == '\\' && ++notation->at == notation->end) {
            return false;
        }
    }
    return false;
}

bool notation_value(struct notation *notation) {
    struct notation rest = *notation;
    unsigned depth = 0;
    while (rest.at < rest.end) {
        char character = *rest.at;
        if (character == '"') {
            if (!skip_string(&rest)) {
                return false;
            }
            continue;
        }
        bool opens = strchr("{[(", character) && character;
        bool closes = strchr("}])", character) && character;
        if (depth == 0 && (closes || character == ',')) {
            break;
        }
        depth += opens;
        depth -= closes;
        if (depth > DEPTH_MAX) {
            return false;
        }
        rest.at++;
    }
    if (depth || rest.at == notation->at) {
        return false;
    }
    *notation = rest;
    return true;
}

bool notation_member(const char *text, size_t size, const char *name, struct notation *value) {
    struct notation rest = {text, text + size};
    if (!notation_skip(&rest, "{")) {
        return false;
    }
    size_t length = strlen(name);
    do {
        struct notation member = rest;
        if (!notation_value(&rest)) {
            return false;
        }
        if (notation_skip(&member, name) && notation_skip(&member, "=")) {
            *value = (struct notation){member.at, rest.at};
            return value->at <= value->end && length > 0;
        }
    } while (notation_skip(&rest, ", "));
    return false;
}

/* Decimal; what does not fit is the largest that does. */
static bool number(const struct notation *value, uint64_t *result) {
    *result = 0;
    for (const char *digit = value->at; digit < value->end; digit++) {
        uint64_t more;
        if (*digit < '0' || *digit > '9') {
            return false;
        }
        if (__builtin_mul_overflow(*result, 10, &more) || __builtin_add_overflow(more, *digit - '0', result)) {
            *result = UINT64_MAX;
            return true;
        }
    }
    return value->at < value->end;
}

bool notation_piece(struct notation *notation, struct notation_piece *piece, struct text *bytes) {
    if (!notation_skip(notation, "[") && !notation_skip(notation, ", ")) {
        return false;
    }
    struct notation element = *notation;
    struct notation base;
    struct notation length;
    if (!notation_value(notation)) {
        return false;
    }
    size_t size = (size_t)(notation->at - element.at);
    bool is_cut;
    text_clear(bytes);
    if (!notation_member(element.at, size, "iov_len", &length) || !number(&length, &piece->length)) {
        return false;
    }
    piece->seen = notation_member(element.at, size, "iov_base", &base) && notation_string(&base, bytes, &is_cut);
    return true;
}

bool notation_element(const char *text, size_t size, unsigned index, struct text *bytes) {
    struct notation rest = {text, text + size};
    if (!notation_skip(&rest, "[")) {
        return false;
    }
    bool is_cut;
    for (; index; index--) {
        if (!notation_value(&rest) || !notation_skip(&rest, ", ")) {
            return false;
        }
    }
    return notation_string(&rest, bytes, &is_cut);
}

/* ------------------------------------------------------------------- addresses */

static void add_rest(struct text *name, const struct notation *value) {
    text_add(name, value->at, (size_t)(value->end - value->at));
}

/* What stands in the round brackets of call(...). */
static bool in_brackets(const struct notation *value, const char *call, struct notation *inside) {
    *inside = *value;
    if (!notation_skip(inside, call) || !notation_skip(inside, "(")) {
        return false;
    }
    const char *closing = memchr(inside->at, ')', (size_t)(inside->end - inside->at));
    inside->end = closing ? closing : inside->at;
    return closing != NULL;
}

static bool add_inet(const char *text, size_t size, struct text *name) {
    struct notation value;
    struct notation port;
    struct notation host;
    bool is_cut;
    if (!notation_member(text, size, "sin_port", &value) || !in_brackets(&value, "htons", &port) ||
        !notation_member(text, size, "sin_addr", &value) || !in_brackets(&value, "inet_addr", &host) ||
        !notation_string(&host, name, &is_cut)) {
        return false;
    }
    text_add_char(name, ':');
    add_rest(name, &port);
    return true;
}

/* Its address stands in the middle of a call: inet_pton(AF_INET6, "::1", &sin6_addr). */
static bool add_inet6(const char *text, size_t size, struct text *name) {
    static const char call[] = "inet_pton(AF_INET6, ";
    struct notation value;
    struct notation port;
    bool is_cut;
    const char *found = memmem(text, size, call, sizeof(call) - 1);
    if (!found || !notation_member(text, size, "sin6_port", &value) || !in_brackets(&value, "htons", &port)) {
        return false;
    }
    struct notation host = {found + sizeof(call) - 1, text + size};
    text_add_char(name, '[');
    if (!notation_string(&host, name, &is_cut)) {
        return false;
    }
    text_add_string(name, "]:");
    add_rest(name, &port);
    return true;
}

static bool add_unix(const char *text, size_t size, struct text *name) {
    struct notation value;
    bool is_cut;
    text_add_string(name, "unix:");
    if (!notation_member(text, size, "sun_path", &value)) {
        return true; /* not named */
    }
    if (notation_skip(&value, "@")) {
        text_add_char(name, '@');
    }
    return notation_string(&value, name, &is_cut);
}

bool notation_address(const char *text, size_t size, enum notation_family *family, struct text *name) {
    struct notation value;
    if (!notation_member(text, size, "sa_family", &value)) {
        return false;
    }
    size_t before = name->length;
    bool added = false;
    *family = FAMILY_INET;
    if (notation_skip(&value, "AF_INET6")) {
        added = add_inet6(text, size, name);
    } else if (notation_skip(&value, "AF_INET")) {
        added = add_inet(text, size, name);
    } else if (notation_skip(&value, "AF_UNIX") || notation_skip(&value, "AF_LOCAL")) {
        *family = FAMILY_UNIX;
        added = add_unix(text, size, name);
    } else {
        *family = notation_skip(&value, "AF_NETLINK") ? FAMILY_NETLINK : FAMILY_OTHER;
    }
    if (!added) {
        if (name->bytes) {
            name->length = before;
            name->bytes[before] = 0;
        }
        text_add(name, text, size);
    }
    return true;
}

/* ----------------------------------------------------------------- comparison */

/* Pass over the rest of a string, its mark of being cut as well. */
static const char *end_of_string(const char *text) {
    while (*text && *text != '"') {
        text += *text == '\\' && text[1] ? 2 : 1;
    }
    text += *text == '"';
    return strncmp(text, "...", 3) == 0 ? text + 3 : text;
}

bool notation_compatible(const char *left, const char *right) {
    bool in_string = false;
    while (*left || *right) {
        bool left_cut = in_string && strncmp(left, "\"...", 4) == 0;
        bool right_cut = in_string && strncmp(right, "\"...", 4) == 0;
        if (left_cut || right_cut) {
            left = end_of_string(left);
            right = end_of_string(right);
            in_string = false;
            continue;
        }
        if (!in_string && (strncmp(left, "...]", 4) == 0 || strncmp(right, "...]", 4) == 0)) {
            return true; /* the list goes on */
        }
        if (*left != *right) {
            return false;
        }
        if (*left == '"') {
            in_string = !in_string;
        } else if (*left == '\\' && in_string && left[1] && left[1] == right[1]) {
            left++;
            right++;
        }
        left++;
        right++;
    }
    return true;
}
