/* SPDX-License-Identifier: MIT
 *
 * Reading strace's notation back: strings with C's escapes, vectors of buffers,
 * addresses of sockets, lists of strings. The text may be anything: what is not
 * in this notation is refused, never followed beyond its end.
 */
#ifndef RENACER_NOTATION_H
#define RENACER_NOTATION_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of a text. */
struct notation {
    const char *at;
    const char *end; /* behind the last byte */
};

/* Pass over these characters if they come next; false, and nothing, if not. */
bool notation_skip(struct notation *notation, const char *characters);

/* A string in quotation marks, whose bytes are appended to `bytes`; *is_cut: "..." stands behind it. False if there is
 * none, or it has no end. */
bool notation_string(struct notation *notation, struct text *bytes, bool *is_cut);

/* Pass over one value, up to the comma or bracket behind it that does not belong to it. False if nothing is left, or a
 * bracket or quotation mark in it has no end. */
bool notation_value(struct notation *notation);

/* The value of this member of a structure that begins the text: {name=value, ...}. False if it is not there. */
bool notation_member(const char *text, size_t size, const char *name, struct notation *value);

/* A piece of a vector of buffers. */
struct notation_piece {
    uint64_t length; /* "iov_len" */
    bool seen;       /* its bytes are shown, perhaps not all of them */
};

/* The next piece of [{iov_base="...", iov_len=3}, ...]; its bytes replace those of `bytes`. Begin with
 * the whole text. False behind the last, and where the text is no such vector (any more). */
bool notation_piece(struct notation *notation, struct notation_piece *piece, struct text *bytes);

enum notation_family {
    FAMILY_OTHER,
    FAMILY_INET,
    FAMILY_UNIX,
    FAMILY_NETLINK,
};

/* Append an address {sa_family=...} as people write it: "127.0.0.1:80", "[::1]:80", "unix:/run/x", "unix:@name"; others
 * as they are. False, and nothing, if the text is no address. */
bool notation_address(const char *text, size_t size, enum notation_family *family, struct text *name);

/* Element `index` of ["a", "b"], appended to `bytes`. */
bool notation_element(const char *text, size_t size, unsigned index, struct text *bytes);

/* Whether two texts may show the same, one perhaps less of it: strings that are cut go on as those of the other. */
bool notation_compatible(const char *left, const char *right);

#endif
