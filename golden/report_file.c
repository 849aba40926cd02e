/* SPDX-License-Identifier: MIT */
#include "report_file.h"

#include "cleanup.h"

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

/* A descriptor to write to, or -errno. */
static int open_target(struct report_file *file) {
    struct stat old;
    bool is_there = stat(file->path, &old) == 0;
    if (!is_there && errno != ENOENT) {
        return -errno;
    }
    if (is_there && !S_ISREG(old.st_mode)) {
        int fd = open(file->path, O_WRONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
    }
    int fd = create_beside(file);
    if (fd >= 0 && is_there && fchmod(fd, old.st_mode & 07777) < 0) {
        int status = -errno;
        close(fd);
        return status;
    }
    return fd;
}

static void forget(struct report_file *file) {
    if (file->temporary) {
        unlink(file->temporary);
    }
    free(file->temporary);
    free(file->path);
    *file = (struct report_file){0};
}

int report_file_begin(struct report_file *file, const char *path) {
    *file = (struct report_file){0};
    if (!path || strcmp(path, "-") == 0) {
        file->stream = stdout;
        return 0;
    }
    int status;
    file->path = resolve(path, &status);
    if (!file->path) {
        return status;
    }
    int fd = open_target(file);
    if (fd < 0) {
        forget(file);
        return fd;
    }
    file->stream = fdopen(fd, "w");
    if (!file->stream) {
        status = -errno;
        close(fd);
        forget(file);
    }
    return status;
}

/* 0, or -errno of the first thing that failed; EIO where the stream does not know any more what that was. */
static int close_written(FILE *stream) {
    int status = ferror(stream) ? -EIO : 0;
    errno = 0;
    if (fflush(stream) != 0) {
        status = errno ? -errno : -EIO;
    }
    if (stream != stdout && fclose(stream) != 0 && status == 0) {
        status = -errno;
    }
    return status;
}

int report_file_finish(struct report_file *file) {
    int status = close_written(file->stream);
    if (status == 0 && file->temporary) {
        if (rename(file->temporary, file->path) < 0) {
            status = -errno;
        } else {
            free(file->temporary);
            file->temporary = NULL;
        }
    }
    forget(file);
    return status;
}

void report_file_abandon(struct report_file *file) {
    if (file->stream != stdout) {
        fclose(file->stream);
    }
    forget(file);
}
