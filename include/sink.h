/* SPDX-License-Identifier: MIT
 *
 * Where a trace goes: buffered bytes into a descriptor. The first error is
 * kept and reported once; everything after it is dropped, so that the program
 * that is traced goes on unharmed.
 */
#ifndef RENACER_SINK_H
#define RENACER_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink {
    int fd; /* the caller's; of a spool its own, -1 as long as the buffer suffices */
    bool spool;
    char *buffer;
    size_t used;
    int error; /* errno of the first failure, or 0 */
};

/* An unlinked temporary file in TMPDIR or /tmp: its descriptor, which is the caller's, or -errno. */
int sink_temporary_file(void);

/* A sink that writes to `fd`. 0 or -ENOMEM. */
int sink_init(struct sink *sink, int fd);
/* A sink that keeps what it gets: in memory as long as it is little, then in
 * a temporary file. 0 or -ENOMEM. */
int sink_init_spool(struct sink *sink);
void sink_finish(struct sink *sink);
void sink_write(struct sink *sink, const char *bytes, size_t size);
/* Hand what is buffered to the kernel. */
void sink_flush(struct sink *sink);
/* Append all that `spool` keeps, from its byte `skip` on. An error of the spool becomes the sink's. */
void sink_append(struct sink *sink, struct sink *spool, size_t skip);

#endif
