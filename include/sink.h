/* SPDX-License-Identifier: MIT
 *
 * Where a trace goes: buffered bytes into a descriptor. The first error is
 * kept and reported once; everything after it is dropped, so that the program
 * that is traced goes on unharmed.
 *
 * A sink may stand in memory that another process shares: if its writer dies,
 * wherever in its work, sink_resume() goes on behind the last whole piece
 * (sink_commit()). Its members are in such an order of change that this is so
 * after every instruction.
 */
#ifndef RENACER_SINK_H
#define RENACER_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SINK_BYTES = 1 << 16,
};

struct sink;

/* Told of the file that a spool has just got; the descriptor stays the spool's. */
struct sink_watcher {
    void (*spooled)(void *context, struct sink *spool); /* NULL: nobody wants to know */
    void *context;
};

/* Positions count bytes from the sink's first. */
struct sink {
    int fd; /* the caller's; of a spool its own, -1 as long as the buffer suffices */
    bool spool;
    bool alone;    /* nobody else writes to the file: its offset tells what has been written */
    int error;     /* errno of the first failure, or 0 */
    uint64_t base; /* of a file that is written alone: the offset of the sink's first byte */
    uint64_t written;
    uint64_t start; /* of what is in the buffer */
    uint64_t end;
    uint64_t whole; /* up to here there are whole pieces only */
    uint64_t skip;  /* so many bytes of what comes next have been written already */
    struct sink_watcher watcher;
    char buffer[SINK_BYTES];
};

/* An unlinked temporary file in TMPDIR or /tmp: its descriptor, which is the caller's, or -errno. */
int sink_temporary_file(void);

/* A sink that writes to `fd`; `alone`: it is a file that nobody else writes to. The buffer need not be initialised. */
void sink_init(struct sink *sink, int fd, bool alone);
/* A sink that keeps what it gets: in memory as long as it is little, then in
 * a temporary file. */
void sink_init_spool(struct sink *sink, const struct sink_watcher *watcher);
void sink_finish(struct sink *sink);
void sink_write(struct sink *sink, const char *bytes, size_t size);
/* Hand what is buffered to the kernel. */
void sink_flush(struct sink *sink);
/* What was written so far is whole. */
void sink_commit(struct sink *sink);
/* Append all that `spool` keeps, from its byte `skip` on. An error of the spool becomes the sink's. */
void sink_append(struct sink *sink, struct sink *spool, size_t skip);
/* Bytes that are not handed to the kernel yet. */
static inline size_t sink_used(const struct sink *sink) {
    return (size_t)(sink->end - sink->start);
}

/* The process that wrote is gone: go on behind the last whole piece, with `fd` in place of its descriptor. The piece
 * that it was writing has to come again: what the kernel has got of it is cut off a file that is written alone, and
 * left out of what goes to a pipe. */
void sink_resume(struct sink *sink, int fd);

#endif
