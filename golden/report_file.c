/* SPDX-License-Identifier: MIT */
#include "report_file.h"

#include "cleanup.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum {
    NAMES_MAX = 100, /* that are tried for a temporary */
};

/* The path behind all links; a path of nothing is its own. NULL: -errno in `status`. */
static char *resolve(const char *path, int *status) {
    char *resolved = realpath(path, NULL);
    if (!resolved && errno == ENOENT) {
        resolved = strdup(path);
    }
    *status = resolved ? 0 : -errno;
    return resolved;
}

/* A new file beside the path, by a name that no file has: its descriptor, or -errno. */
static int create_beside(struct report_file *file) {
    const char *slash = strrchr(file->path, '/');
    int folder = slash ? (int)(slash + 1 - file->path) : 0;
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        if (asprintf(&file->temporary, "%.*s.renacer-sv.%ld.%u", folder, file->path, (long)getpid(), i) < 0) {
            file->temporary = NULL;
            return -ENOMEM;
        }
        int fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        int status = fd < 0 ? -errno : fd;
        if (fd >= 0) {
            return fd;
        }
        free(file->temporary);
        file->temporary = NULL;
        if (status != -EEXIST) {
            return status;
        }
    }
    return -EEXIST;
}

/* Whether it is what standard output goes to, which others may have written to already. */
static bool is_standard_output(const struct stat *target) {
    struct stat output;
    return fstat(STDOUT_FILENO, &output) == 0 && output.st_dev == target->st_dev && output.st_ino == target->st_ino;
}

static int or_errno(int result) {
    return result < 0 ? -errno : result;
}

/* A descriptor to write to, or -errno. */
static int open_target(struct report_file *file) {
    struct stat old;
    bool is_there = stat(file->path, &old) == 0;
    if (!is_there && errno != ENOENT) {
        return -errno;
    }
    if (is_there && is_standard_output(&old)) {
        return or_errno(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    }
    if (is_there && !S_ISREG(old.st_mode)) {
        return or_errno(open(file->path, O_WRONLY | O_CLOEXEC));
    }
    auto_fd fd = create_beside(file);
    if (fd >= 0 && is_there && fchmod(fd, old.st_mode & 07777) < 0) {
        return -errno;
    }
    return steal_fd(&fd);
}

static int open_named(struct report_file *file, const char *path) {
    int status;
    file->is_file = true;
    file->path = resolve(path, &status);
    return file->path ? open_target(file) : status;
}

/* Nothing is left of it, the temporary neither. */
static void forget(struct report_file *file) {
    if (file->temporary) {
        unlink(file->temporary);
    }
    close_fd(&file->fd);
    free(file->temporary);
    free(file->path);
    text_finish(&file->memory.text);
    *file = (struct report_file){.fd = -1};
}

int report_file_begin(struct report_file *file, const char *path) {
    bool is_output = !path || strcmp(path, "-") == 0;
    *file = (struct report_file){.fd = -1};
    int fd = is_output ? or_errno(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)) : open_named(file, path);
    if (fd < 0) {
        forget(file);
        return fd;
    }
    file->fd = fd;
    int status = memory_stream_open(&file->memory);
    if (status < 0) {
        forget(file);
        return status;
    }
    file->stream = file->memory.stream;
    return 0;
}

/* What fails late, as over a network, fails at the end. */
static int close_target(struct report_file *file) {
    int fd = steal_fd(&file->fd);
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

static int put_in_place(struct report_file *file) {
    if (!file->temporary) {
        return 0;
    }
    if (rename(file->temporary, file->path) < 0) {
        return -errno;
    }
    free(file->temporary);
    file->temporary = NULL;
    return 0;
}

int report_file_finish(struct report_file *file) {
    int status = memory_stream_close(&file->memory);
    status = status < 0 ? status : file_write_all(file->fd, file->memory.text.bytes, file->memory.text.length);
    int closed = close_target(file);
    status = status < 0 ? status : closed;
    status = status < 0 ? status : put_in_place(file);
    forget(file);
    return status;
}

void report_file_abandon(struct report_file *file) {
    (void)memory_stream_close(&file->memory);
    forget(file);
}
