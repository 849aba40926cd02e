/* SPDX-License-Identifier: MIT */
#include "trace_source.h"

#include "cleanup.h"
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    COPY_BYTES = 65536,
};

static int write_whole(int fd, const char *bytes, size_t size) {
    while (size) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno != EINTR) {
            return -errno;
        }
        if (written > 0) {
            bytes += written;
            size -= (size_t)written;
        }
    }
    return 0;
}

/* Put what can be read of source->fd into a temporary file, which takes its place. */
static int copy_to_file(struct trace_source *source, const char **what) {
    *what = "make a temporary file for";
    auto_fd copy = sink_temporary_file();
    if (copy < 0) {
        return copy;
    }
    auto_free char *buffer = malloc(COPY_BYTES);
    if (!buffer) {
        return -ENOMEM;
    }
    for (;;) {
        ssize_t count = read(source->fd, buffer, COPY_BYTES);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            *what = "read";
            return -errno;
        }
        if (count == 0) {
            break;
        }
        *what = "copy to a temporary file";
        int status = write_whole(copy, buffer, (size_t)count);
        if (status < 0) {
            return status;
        }
    }
    close(source->fd);
    source->fd = steal_fd(&copy);
    return 0;
}

/* `what`: what could not be done if it fails. */
static int open_source(struct trace_source *source, const char *path, const char **what) {
    bool is_input = strcmp(path, "-") == 0;
    *what = "open";
    source->name = strdup(is_input ? "standard input" : path);
    if (!source->name) {
        return -ENOMEM;
    }
    source->fd = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (source->fd < 0) {
        return -errno;
    }
    struct stat status;
    *what = "read";
    if (fstat(source->fd, &status) < 0) {
        return -errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return -EISDIR;
    }
    if (!S_ISREG(status.st_mode)) {
        return copy_to_file(source, what);
    }
    source->start = is_input ? lseek(source->fd, 0, SEEK_CUR) : 0;
    return source->start < 0 ? -errno : 0;
}

int trace_source_open(struct trace_source *source, const char *path, char *problem, size_t size) {
    *source = (struct trace_source){.fd = -1};
    const char *what;
    int result = open_source(source, path, &what);
    if (result < 0) {
        snprintf(problem, size, "cannot %s %s: %s", what, source->name ? source->name : path, strerror(-result));
    }
    return result;
}

ssize_t trace_source_read(const struct trace_source *source, uint64_t offset, char *buffer, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t count = pread(source->fd, buffer + done, size - done, source->start + (off_t)(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return -errno;
        }
        if (count == 0) {
            break;
        }
        done += (size_t)count;
    }
    return (ssize_t)done;
}

void trace_source_locate(const struct trace_source *source, uint64_t offset, uint64_t *line, uint64_t *column) {
    char buffer[4096];
    uint64_t line_start = 0;
    *line = 1;
    for (uint64_t at = 0; at < offset;) {
        size_t want = offset - at < sizeof(buffer) ? (size_t)(offset - at) : sizeof(buffer);
        ssize_t count = trace_source_read(source, at, buffer, want);
        if (count <= 0) {
            break;
        }
        for (ssize_t i = 0; i < count; i++) {
            if (buffer[i] == '\n') {
                ++*line;
                line_start = at + (uint64_t)i + 1;
            }
        }
        at += (uint64_t)count;
    }
    *column = offset - line_start + 1;
}

void trace_source_finish(struct trace_source *source) {
    close_fd(&source->fd);
    free(source->name);
    *source = (struct trace_source){.fd = -1};
}
