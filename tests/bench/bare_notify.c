/* SPDX-License-Identifier: MIT
 * The least that a notification can cost: a child calls access() under a filter
 * that notifies it, the parent does nothing but RECV and SEND.
 *
 *     bare_notify ROUNDS
 *
 * Prints nanoseconds per call. */
#include "listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void make_calls(int ready, int go, long rounds) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_access, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    char byte;
    if (write(ready, &listener, sizeof(listener)) < 0 || read(go, &byte, 1) < 0) {
        _exit(1);
    }
    double start = nanoseconds();
    for (long i = 0; i < rounds; i++) {
        access("/", F_OK);
    }
    printf("%.1f\n", (nanoseconds() - start) / (double)rounds);
    fflush(stdout);
    _exit(0);
}

int main(int argc, char *argv[]) {
    int ready[2];
    int go[2];
    if (argc < 2 || pipe(ready) < 0 || pipe(go) < 0) {
        return 2;
    }
    pid_t child = fork();
    if (child == 0) {
        make_calls(ready[1], go[0], atol(argv[1]));
    }
    int number;
    if (read(ready[0], &number, sizeof(number)) != (ssize_t)sizeof(number)) {
        return 1;
    }
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    int listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    if (listener < 0) {
        return 1;
    }
    listener_set_sync(listener, true);
    if (write(go[1], "", 1) != 1) {
        return 1;
    }
    union listener_notification notification;
    for (;;) {
        int status = listener_receive(listener, &notification);
        if (status == 0) {
            listener_continue(listener, notification.notif.id);
        } else if (listener_poll(listener) == -EPIPE) {
            break;
        }
    }
    waitpid(child, NULL, 0);
    return 0;
}
