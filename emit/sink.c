/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

enum {
    BUFFER_BYTES = 1 << 16,
};

/* An unlinked temporary file: the descriptor, or -errno. */
int sink_temporary_file(void) {
    const char *folder = getenv("TMPDIR");
    if (!folder || !folder[0]) {
        folder = "/tmp";
    }
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) {
        return file;
    }
    /* A file system without O_TMPFILE. */
    auto_free char *path = NULL;
    if (asprintf(&path, "%s/renacer-sv.XXXXXX", folder) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    file = mkostemp(path, O_CLOEXEC);
    if (file < 0) {
        return -errno;
    }
    unlink(path);
    return file;
}

int sink_init(struct sink *sink, int fd) {
    *sink = (struct sink){.fd = fd, .buffer = malloc(BUFFER_BYTES)};
    return sink->buffer ? 0 : -ENOMEM;
}

int sink_init_spool(struct sink *sink) {
    *sink = (struct sink){.fd = -1, .spool = true, .buffer = malloc(BUFFER_BYTES)};
    return sink->buffer ? 0 : -ENOMEM;
}

void sink_finish(struct sink *sink) {
    free(sink->buffer);
    sink->buffer = NULL;
    if (sink->spool) {
        close_fd(&sink->fd);
    }
}

/* Write all of it; short writes go on, and a descriptor that somebody made
 * non-blocking is waited for. */
static void write_through(struct sink *sink, const char *bytes, size_t size) {
    if (sink->spool && sink->fd < 0 && size && !sink->error) {
        int file = sink_temporary_file();
        sink->fd = file;
        sink->error = file < 0 ? -file : 0;
    }
    while (size && !sink->error) {
        ssize_t written = write(sink->fd, bytes, size);
        if (written >= 0) {
            bytes += written;
            size -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = sink->fd, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            sink->error = errno;
        }
    }
}

void sink_flush(struct sink *sink) {
    write_through(sink, sink->buffer, sink->used);
    sink->used = 0;
}

void sink_write(struct sink *sink, const char *bytes, size_t size) {
    if (size > BUFFER_BYTES - sink->used) {
        sink_flush(sink);
    }
    if (size >= BUFFER_BYTES) {
        write_through(sink, bytes, size);
        return;
    }
    memcpy(sink->buffer + sink->used, bytes, size);
    sink->used += size;
}

void sink_append(struct sink *sink, struct sink *spool, size_t skip) {
    if (spool->fd < 0 && !spool->error) {
        if (spool->used > skip) {
            sink_write(sink, spool->buffer + skip, spool->used - skip);
        }
        return;
    }
    sink_flush(spool);
    sink_flush(sink);
    off_t offset = (off_t)skip;
    ssize_t length = 0;
    while (!spool->error && (length = pread(spool->fd, sink->buffer, BUFFER_BYTES, offset)) != 0) {
        if (length > 0) {
            write_through(sink, sink->buffer, (size_t)length);
            offset += length;
        } else if (errno != EINTR) {
            spool->error = errno;
        }
    }
    if (spool->error && !sink->error) {
        sink->error = spool->error;
    }
}
