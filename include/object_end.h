/* SPDX-License-Identifier: MIT
 *
 * Where a JSON object ends, found while its bytes come in. A runtime may keep
 * its end of the connection open for as long as the container runs (crun does),
 * so the end of the stream is no end of the message.
 */
#ifndef RENACER_OBJECT_END_H
#define RENACER_OBJECT_END_H

#include <stdbool.h>
#include <stddef.h>

enum object_state {
    OBJECT_AHEAD, /* nothing but blanks came yet */
    OBJECT_OPEN,
    OBJECT_ENDED, /* its last bracket is there; what comes behind it is not looked at */
    OBJECT_NONE,  /* something else came */
};

/* Zero-initialised is the beginning. */
struct object_end {
    enum object_state state;
    bool in_string;
    bool escaped; /* a backslash stands before the next byte */
    size_t depth; /* of brackets */
};

/* Take the next bytes, of any number. Only brackets and strings are looked at: whether it is JSON is the parser's to
 * say. */
enum object_state object_end_feed(struct object_end *end, const char *bytes, size_t size);

#endif
