/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include "cleanup.h"
#include "in_order.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

enum {
    /* A write of so much to a pipe is made whole or not at all (pipe(7)), also by a process that is killed in it. */
    SHARED_WRITE_MAX = PIPE_BUF,
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

void sink_init(struct sink *sink, int fd, bool alone) {
    struct stat info;
    sink->fd = fd;
    sink->spool = false;
    sink->error = 0;
    sink->watcher = (struct sink_watcher){0};
    sink->written = sink->start = sink->end = sink->whole = sink->skip = 0;
    /* The offset of a device tells nothing. */
    off_t offset = alone && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    sink->alone = offset >= 0;
    sink->base = offset >= 0 ? (uint64_t)offset : 0;
}

void sink_init_spool(struct sink *sink, const struct sink_watcher *watcher) {
    sink_init(sink, -1, false);
    sink->spool = true;
    sink->alone = true;
    sink->watcher = *watcher;
}

void sink_finish(struct sink *sink) {
    if (sink->spool) {
        close_fd(&sink->fd);
    }
}

static void open_spool(struct sink *sink) {
    int file = sink_temporary_file();
    sink->fd = file;
    sink->error = file < 0 ? -file : 0;
    if (file >= 0 && sink->watcher.spooled) {
        sink->watcher.spooled(sink->watcher.context, sink);
    }
}

/* How much to write at once: to what others write to as well no more than stays together, and whole lines if it can be,
 * so that theirs come between ours. */
static size_t piece_size(const struct sink *sink, const char *bytes, size_t size) {
    if (sink->alone || size <= SHARED_WRITE_MAX) {
        return size;
    }
    const char *newline = memrchr(bytes, '\n', SHARED_WRITE_MAX);
    return newline ? (size_t)(newline - bytes) + 1 : SHARED_WRITE_MAX;
}

/* Write all of it; short writes go on, and a descriptor that somebody made
 * non-blocking is waited for. */
static void write_through(struct sink *sink, const char *bytes, size_t size) {
    if (sink->spool && sink->fd < 0 && size && !sink->error) {
        open_spool(sink);
    }
    while (size && !sink->error) {
        ssize_t written = write(sink->fd, bytes, piece_size(sink, bytes, size));
        if (written >= 0) {
            sink->written += (uint64_t)written;
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
    write_through(sink, sink->buffer, sink_used(sink));
    in_order();
    sink->start = sink->end;
}

/* Make room without tearing the piece that is being written, if that can be. */
static void flush_whole(struct sink *sink) {
    size_t whole = sink->whole > sink->start ? (size_t)(sink->whole - sink->start) : 0;
    write_through(sink, sink->buffer, whole);
    in_order();
    /* Whoever resumes now finds that all that is whole has been written, and does not look into the buffer. */
    memmove(sink->buffer, sink->buffer + whole, sink_used(sink) - whole);
    in_order();
    sink->start += whole;
}

void sink_write(struct sink *sink, const char *bytes, size_t size) {
    if (sink->skip) {
        size_t known = sink->skip < size ? (size_t)sink->skip : size;
        sink->skip -= known;
        bytes += known;
        size -= known;
    }
    if (size > SINK_BYTES - sink_used(sink)) {
        flush_whole(sink);
    }
    if (size > SINK_BYTES - sink_used(sink)) {
        sink_flush(sink);
    }
    if (size >= SINK_BYTES) {
        write_through(sink, bytes, size);
        sink->start = sink->end += size;
        return;
    }
    memcpy(sink->buffer + sink_used(sink), bytes, size);
    in_order();
    sink->end += size;
}

void sink_commit(struct sink *sink) {
    in_order();
    sink->whole = sink->end;
}

void sink_append(struct sink *sink, struct sink *spool, size_t skip) {
    if (spool->fd < 0 && !spool->error) {
        if (sink_used(spool) > skip) {
            sink_write(sink, spool->buffer + skip, sink_used(spool) - skip);
        }
        return;
    }
    sink_flush(spool);
    off_t offset = (off_t)skip;
    ssize_t length = 0;
    auto_free char *piece = malloc(SINK_BYTES);
    if (!piece) {
        spool->error = ENOMEM;
    }
    while (!spool->error && (length = pread(spool->fd, piece, SINK_BYTES, offset)) != 0) {
        if (length > 0) {
            sink_write(sink, piece, (size_t)length);
            offset += length;
        } else if (errno != EINTR) {
            spool->error = errno;
        }
    }
    if (spool->error && !sink->error) {
        sink->error = spool->error;
    }
}

void sink_resume(struct sink *sink, int fd) {
    sink->fd = fd;
    sink->watcher = (struct sink_watcher){0};
    if (sink->spool && fd < 0 && sink->written) {
        sink->error = EBADF;
    }
    uint64_t reached = sink->written;
    off_t offset = sink->alone && fd >= 0 ? lseek(fd, 0, SEEK_CUR) : -1;
    if (offset >= (off_t)sink->base) {
        reached = (uint64_t)offset - sink->base;
    }
    if (reached > sink->whole && offset >= 0) {
        off_t end = (off_t)(sink->base + sink->whole);
        sink->error = ftruncate(fd, end) < 0 || lseek(fd, end, SEEK_SET) < 0 ? errno : sink->error;
        reached = sink->whole;
    }
    size_t left = reached < sink->whole ? (size_t)(sink->whole - reached) : 0;
    if (left) {
        memmove(sink->buffer, sink->buffer + (reached - sink->start), left);
    }
    sink->skip = reached + left - sink->whole;
    sink->written = sink->start = reached;
    sink->end = sink->whole = reached + left;
}
