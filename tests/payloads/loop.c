/* SPDX-License-Identifier: MIT
 * One call again and again:
 *
 *     loop getppid|access|poll|sendmsg ROUNDS
 *
 * Prints nanoseconds per call. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void call_getppid(void) {
    syscall(SYS_getppid);
}

static void call_access(void) {
    access("/", F_OK);
}

/* One structure. */
static void call_poll(void) {
    struct pollfd one = {.fd = 0, .events = POLLIN};
    syscall(SYS_poll, &one, 1, 0);
}

/* Structures that lead to others: two pieces and a descriptor, to a socket that is not there. */
static void call_sendmsg(void) {
    static char hello[] = "hello";
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec pieces[] = {{hello, 5}, {hello, 3}};
    struct msghdr message = {
        .msg_iov = pieces, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control)};
    syscall(SYS_sendmsg, -1, &message, 0);
}

static const struct {
    const char *name;
    void (*call)(void);
} calls[] = {{"getppid", call_getppid}, {"access", call_access}, {"poll", call_poll}, {"sendmsg", call_sendmsg}};

int main(int argc, char *argv[]) {
    if (argc < 3) {
        return 2;
    }
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(calls[i].name, argv[1]) == 0) {
            long rounds = atol(argv[2]);
            double start = nanoseconds();
            for (long round = 0; round < rounds; round++) {
                calls[i].call();
            }
            printf("%.1f\n", (nanoseconds() - start) / (double)rounds);
            return 0;
        }
    }
    return 2;
}
