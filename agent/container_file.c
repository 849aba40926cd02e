/* SPDX-License-Identifier: MIT */
#include "container_file.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

/* A trace may hold secrets: nobody else reads it. A link would lead out of the folder, and a FIFO would wait. */
static int open_locked(int folder, const char *name, int flags) {
    auto_fd fd =
        openat(folder, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, 0600);
    if (fd < 0) {
        return errno == ELOOP || errno == ENXIO ? -EEXIST : -errno;
    }
    struct stat info;
    if (fstat(fd, &info) < 0) {
        return -errno;
    }
    if (!S_ISREG(info.st_mode)) {
        return -EEXIST;
    }
    return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : steal_fd(&fd);
}

int container_file_open(int folder, const char *id, const char *ending, char *name) {
    snprintf(name, CONTAINER_FILE_NAME, "%s.%s", id, ending);
    int fd = open_locked(folder, name, 0);
    for (unsigned number = 2; fd == -EWOULDBLOCK && number < UINT_MAX; number++) {
        snprintf(name, CONTAINER_FILE_NAME, "%s.%u.%s", id, number, ending);
        fd = open_locked(folder, name, O_EXCL);
        /* One that is there already, whole or not, is somebody else's. */
        fd = fd == -EEXIST ? -EWOULDBLOCK : fd;
    }
    return fd;
}
