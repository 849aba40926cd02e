/* SPDX-License-Identifier: MIT */
#include "activation.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

enum {
    FIRST_GIVEN = 3, /* SD_LISTEN_FDS_START */
    NOTIFY_SECONDS = 1,
};

/* A variable as a positive number; 0: it is none. */
static int read_number(const char *name) {
    const char *digits = getenv(name);
    if (!digits || digits[0] < '0' || digits[0] > '9') {
        return 0;
    }
    char *end;
    errno = 0;
    long number = strtol(digits, &end, 10);
    return errno || *end || number > INT_MAX ? 0 : (int)number;
}

static bool has_option(int socket, int option, int value) {
    int found = 0;
    socklen_t size = sizeof(found);
    return getsockopt(socket, SOL_SOCKET, option, &found, &size) == 0 && found == value;
}

int activation_socket(char *problem, size_t size) {
    bool is_for_us = read_number("LISTEN_PID") == getpid();
    int count = is_for_us ? read_number("LISTEN_FDS") : 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (count == 0) {
        return -ENOENT;
    }
    if (count > 1) {
        snprintf(problem, size,
                 "LISTEN_FDS has %d sockets, and an agent listens on one: leave one ListenStream= in the socket unit",
                 count);
        return -EINVAL;
    }
    if (fcntl(FIRST_GIVEN, F_SETFD, FD_CLOEXEC) < 0) {
        snprintf(problem, size, "LISTEN_FDS says that descriptor %d is a socket, but it is not open", FIRST_GIVEN);
        return -EINVAL;
    }
    if (!has_option(FIRST_GIVEN, SO_DOMAIN, AF_UNIX) || !has_option(FIRST_GIVEN, SO_TYPE, SOCK_STREAM) ||
        !has_option(FIRST_GIVEN, SO_ACCEPTCONN, 1)) {
        snprintf(problem, size,
                 "what LISTEN_FDS has is not a listening Unix stream socket: give ListenStream= a path, and Accept=no");
        return -EINVAL;
    }
    return FIRST_GIVEN;
}

/* The address of a path, or of an abstract name behind '@'; its size, or 0: it is neither. */
static socklen_t make_address(struct sockaddr_un *address, const char *name) {
    size_t length = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof(address->sun_path)) {
        return 0;
    }
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, name, length);
    if (name[0] == '@') {
        address->sun_path[0] = 0;
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void activation_notify(const char *state) {
    /* Nobody waits for ever for a manager that does not read. */
    static const struct timeval limit = {.tv_sec = NOTIFY_SECONDS};
    int saved = errno;
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t size = name ? make_address(&address, name) : 0;
    if (size) {
        auto_fd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
            ssize_t ignored = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
            (void)ignored;
        }
    }
    errno = saved;
}
