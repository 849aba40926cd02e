/* SPDX-License-Identifier: MIT
 *
 * Bytes that come in one order and are read in another: each piece goes to a
 * lane, and each lane is read from its beginning. Little is kept in memory; the
 * rest is in an unlinked temporary file (include/sink.h), in blocks of one lane.
 */
#ifndef RENACER_LANES_H
#define RENACER_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane;

/* Where the blocks of all lanes are. */
struct lanes {
    int fd;             /* -1 as long as memory suffices */
    uint64_t size;      /* of the file */
    size_t held;        /* bytes of memory that all lanes have */
    struct lane *first; /* those that have any */
    int error;          /* errno of the first failure, or 0; everything after it is dropped */
};

/* Zero-initialised is empty. It stays where it is. */
struct lane {
    char *buffer; /* the last block, in the making */
    size_t used;
    size_t capacity;
    uint64_t first_block; /* offset in the file, plus 1; 0: none */
    uint64_t last_block;
    struct lane *next;
};

/* A place in a lane. Zero-initialised is its beginning. */
struct lane_place {
    bool begun;
    uint64_t block; /* as in struct lane; 0: the one in memory */
    size_t offset;  /* in that block: for the reader to move */
};

/* The block that was read last. Zero-initialised is none. */
struct lane_reader {
    char *buffer;
    size_t capacity;
    uint64_t block;
    uint64_t next;
    size_t size;
};

void lanes_init(struct lanes *lanes);
/* All lanes are finished before. */
void lanes_finish(struct lanes *lanes);
void lane_finish(struct lane *lane);
void lane_reader_finish(struct lane_reader *reader);

/* Append bytes; they are never read in two pieces. Errors are in lanes->error. */
void lane_add(struct lanes *lanes, struct lane *lane, const char *bytes, size_t size);

/* What stands from `place` on, up to the end of a block, if need be of the next one: how many bytes, at *bytes, which
 * are valid until something else is read. 0: the end of the lane, or an error, which is in lanes->error. */
size_t lane_read(struct lanes *lanes, const struct lane *lane, struct lane_place *place, struct lane_reader *reader,
                 const char **bytes);

#endif
