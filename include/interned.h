/* SPDX-License-Identifier: MIT
 *
 * Strings that are each kept once, until all of them are let go.
 */
#ifndef RENACER_INTERNED_H
#define RENACER_INTERNED_H

#include <stddef.h>
#include <stdint.h>

enum {
    INTERNED_BYTES_MAX = 64 << 20, /* of all strings; those that come after are not kept */
};

struct interned {
    char **slots; /* open addressing; a power of two of them */
    size_t room;
    size_t count;
    size_t bytes;
};

/* A string equal to the first `size` bytes of `text`, which hold no NUL. NULL: there is no memory, or too much was
 * kept. `pool` begins as zeros. */
const char *interned_text(struct interned *pool, const char *text, size_t size);
void interned_finish(struct interned *pool);

#endif
