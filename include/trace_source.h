/* SPDX-License-Identifier: MIT
 *
 * The bytes of a trace that is read: a file of which every part can be read
 * again, whatever it came from.
 */
#ifndef RENACER_TRACE_SOURCE_H
#define RENACER_TRACE_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct trace_source {
    int fd;
    off_t start; /* where the trace begins in the file: standard input may have been read from before */
    char *name;  /* as messages say it */
};

/* Open the file; "-" is standard input. What cannot be read twice is copied to an unlinked temporary file.
 * 0, or -errno with a sentence in `problem`. To be finished in either case. */
int trace_source_open(struct trace_source *source, const char *path, char *problem, size_t size);

/* Read `size` bytes from `offset` on, fewer only if the file ends there: how many, or -errno. */
ssize_t trace_source_read(const struct trace_source *source, uint64_t offset, char *buffer, size_t size);

/* Line and column (in bytes) of the byte at `offset`, both from 1. It reads all that stands before: for messages. */
void trace_source_locate(const struct trace_source *source, uint64_t offset, uint64_t *line, uint64_t *column);

void trace_source_finish(struct trace_source *source);

#endif
