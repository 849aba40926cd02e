/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include "cleanup.h"
#include "sink.h"

#include <errno.h>
#include <string.h>

enum {
    BLOCK_BYTES = 1 << 16, /* a lane with more goes to the file */
    HELD_BYTES = 1 << 22,  /* of all lanes; beyond it they go */
    FIRST_BYTES = 1 << 9,
};

/* In front of each block. */
struct block {
    uint64_t next; /* as in struct lane */
    uint64_t size;
};

void lanes_init(struct lanes *lanes) {
    *lanes = (struct lanes){.fd = -1};
}

void lanes_finish(struct lanes *lanes) {
    close_fd(&lanes->fd);
}

void lane_finish(struct lane *lane) {
    free(lane->buffer);
    *lane = (struct lane){0};
}

void lane_reader_finish(struct lane_reader *reader) {
    free(reader->buffer);
    *reader = (struct lane_reader){0};
}

/* ---------------------------------------------------------------------- writing */

static void write_at(struct lanes *lanes, uint64_t offset, const void *bytes, size_t size) {
    const char *from = bytes;
    while (size && !lanes->error) {
        ssize_t written = pwrite(lanes->fd, from, size, (off_t)offset);
        if (written >= 0) {
            from += written;
            offset += (uint64_t)written;
            size -= (size_t)written;
        } else if (errno != EINTR) {
            lanes->error = errno;
        }
    }
}

/* Write what the lane has in memory as a block, and free that. */
static void write_block(struct lanes *lanes, struct lane *lane) {
    if (lanes->fd < 0 && !lanes->error) {
        int file = sink_temporary_file();
        lanes->fd = file;
        lanes->error = file < 0 ? -file : 0;
    }
    uint64_t place = lanes->size + 1;
    struct block block = {.size = lane->used};
    write_at(lanes, lanes->size, &block, sizeof(block));
    write_at(lanes, lanes->size + sizeof(block), lane->buffer, lane->used);
    if (lane->last_block) {
        write_at(lanes, lane->last_block - 1, &place, sizeof(place));
    } else {
        lane->first_block = place;
    }
    lane->last_block = place;
    lanes->size += sizeof(block) + lane->used;
    lanes->held -= lane->capacity;
    free(lane->buffer);
    lane->buffer = NULL;
    lane->used = 0;
    lane->capacity = 0;
}

static void write_all(struct lanes *lanes) {
    while (lanes->first) {
        struct lane *lane = lanes->first;
        lanes->first = lane->next;
        lane->next = NULL;
        if (lane->capacity) {
            write_block(lanes, lane);
        }
    }
}

/* Room for so many more bytes. */
static bool reserve(struct lanes *lanes, struct lane *lane, size_t size) {
    size_t capacity = lane->capacity ? lane->capacity : FIRST_BYTES;
    while (capacity - lane->used < size) {
        capacity *= 2;
    }
    if (capacity == lane->capacity) {
        return true;
    }
    char *larger = realloc(lane->buffer, capacity);
    if (!larger) {
        lanes->error = ENOMEM;
        return false;
    }
    if (!lane->buffer) {
        lane->next = lanes->first;
        lanes->first = lane;
    }
    lanes->held += capacity - lane->capacity;
    lane->buffer = larger;
    lane->capacity = capacity;
    return true;
}

/* A lane whose block was written by itself is still among those that hold bytes: it may come there once more. */
static void take_out(struct lanes *lanes, struct lane *lane) {
    struct lane **link = &lanes->first;
    while (*link && *link != lane) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = lane->next;
        lane->next = NULL;
    }
}

void lane_add(struct lanes *lanes, struct lane *lane, const char *bytes, size_t size) {
    if (lanes->error || !reserve(lanes, lane, size)) {
        return;
    }
    memcpy(lane->buffer + lane->used, bytes, size);
    lane->used += size;
    if (lane->used >= BLOCK_BYTES) {
        take_out(lanes, lane);
        write_block(lanes, lane);
    }
    if (lanes->held > HELD_BYTES) {
        write_all(lanes);
    }
}

/* ---------------------------------------------------------------------- reading */

static bool read_at(struct lanes *lanes, uint64_t offset, void *bytes, size_t size) {
    char *to = bytes;
    while (size && !lanes->error) {
        ssize_t length = pread(lanes->fd, to, size, (off_t)offset);
        if (length > 0) {
            to += length;
            offset += (uint64_t)length;
            size -= (size_t)length;
        } else if (length == 0) {
            lanes->error = EIO;
        } else if (errno != EINTR) {
            lanes->error = errno;
        }
    }
    return !lanes->error;
}

static bool read_block(struct lanes *lanes, uint64_t place, struct lane_reader *reader) {
    if (reader->block == place) {
        return true;
    }
    struct block block;
    reader->block = 0;
    if (!read_at(lanes, place - 1, &block, sizeof(block))) {
        return false;
    }
    if (block.size > reader->capacity) {
        char *larger = realloc(reader->buffer, block.size);
        if (!larger) {
            lanes->error = ENOMEM;
            return false;
        }
        reader->buffer = larger;
        reader->capacity = block.size;
    }
    if (!read_at(lanes, place - 1 + sizeof(block), reader->buffer, block.size)) {
        return false;
    }
    reader->block = place;
    reader->next = block.next;
    reader->size = block.size;
    return true;
}

size_t lane_read(struct lanes *lanes, const struct lane *lane, struct lane_place *place, struct lane_reader *reader,
                 const char **bytes) {
    if (lanes->error) {
        return 0;
    }
    if (!place->begun) {
        *place = (struct lane_place){.begun = true, .block = lane->first_block};
    }
    while (place->block) {
        if (!read_block(lanes, place->block, reader)) {
            return 0;
        }
        if (place->offset < reader->size) {
            *bytes = reader->buffer + place->offset;
            return reader->size - place->offset;
        }
        *place = (struct lane_place){.begun = true, .block = reader->next};
    }
    if (place->offset >= lane->used) {
        return 0;
    }
    *bytes = lane->buffer + place->offset;
    return lane->used - place->offset;
}
