/* SPDX-License-Identifier: MIT
 *
 * Scope-bound ownership. A local declared with one of the auto_ macros is
 * released when its scope ends; steal_ hands the ownership on visibly.
 */
#ifndef RENACER_CLEANUP_H
#define RENACER_CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Close *fd if it is open, keep errno, and leave -1 behind. close(2) is never
 * retried: on Linux the descriptor is gone even when it reports EINTR. */
static inline void close_fd(int *fd) {
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
        *fd = -1;
    }
}

static inline void free_pointer(void *pointer) {
    free(*(void **)pointer);
}

static inline void close_stream(FILE **stream) {
    if (*stream) {
        fclose(*stream);
    }
}

#define auto_fd __attribute__((cleanup(close_fd), unused)) int
#define auto_free __attribute__((cleanup(free_pointer), unused))
#define auto_file __attribute__((cleanup(close_stream), unused))

/* Take the descriptor out of *fd; the caller owns it now. */
static inline int steal_fd(int *fd) {
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

#endif
