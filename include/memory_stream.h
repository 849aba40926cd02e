/* SPDX-License-Identifier: MIT
 *
 * A stream whose text is kept in memory. open_memstream(3) loses what does not
 * fit any more without an error; this one has it.
 */
#ifndef RENACER_MEMORY_STREAM_H
#define RENACER_MEMORY_STREAM_H

#include "text.h"

#include <stdio.h>

/* Stays where it is while it is open. */
struct memory_stream {
    FILE *stream;
    struct text text; /* complete once it is closed */
};

/* 0 or -ENOMEM; then there is nothing to close. */
int memory_stream_open(struct memory_stream *memory);

/* 0, and the text is the caller's to finish (its bytes are NULL if nothing was written); or -ENOMEM. */
int memory_stream_close(struct memory_stream *memory);

#endif
