/* SPDX-License-Identifier: MIT
 *
 * Opening files whose paths anybody may have chosen. Nothing but a regular file is
 * opened: to open a device may do something, and to open a FIFO may wait.
 */
#ifndef RENACER_REGULAR_FILE_H
#define RENACER_REGULAR_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the path leads to, without opening it: a descriptor (O_PATH) that the caller owns, and *about it. -errno:
 * -ENOEXEC if it is no regular file. */
static inline int regular_file_find(const char *path, struct stat *about) {
    *about = (struct stat){0};
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0) {
        return -errno;
    }
    int status = fstat(place, about) < 0 ? -errno : S_ISREG(about->st_mode) ? 0 : -ENOEXEC;
    if (status < 0) {
        close(place);
        return status;
    }
    return place;
}

/* Open for reading what was found; the caller keeps `place`. A descriptor or -errno. */
static inline int regular_file_open(int place) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
    /* O_NONBLOCK: where somebody holds a lease, we do not wait for it. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return file < 0 ? -errno : file;
}

#endif
