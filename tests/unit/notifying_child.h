/* SPDX-License-Identifier: MIT
 *
 * A child process whose access(2), execve(2) and rt_sigreturn(2) are notified to a listener that we have.
 */
#ifndef RENACER_TESTS_NOTIFYING_CHILD_H
#define RENACER_TESTS_NOTIFYING_CHILD_H

#include "unit.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct notifying_child {
    pid_t pid;
    int pidfd;
    int listener;
    int go; /* the end of a pipe on which it waits */
};

/* The listener of a filter that notifies these, made by the calling thread. */
static inline int notifying_child_filter(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_access, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {COUNT_OF(code), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* In the child: say the listener's number, and wait until it was taken. */
static inline _Noreturn void notifying_child_run(int ready, int go, void (*run)(void)) {
    char byte;
    int listener = notifying_child_filter();
    if (listener < 0 || write(ready, &listener, sizeof(listener)) < 0 || read(go, &byte, 1) != 1) {
        _exit(1);
    }
    close(listener);
    run();
    _exit(0);
}

/* It waits for notifying_child_go(), then calls `run` and ends with status 0. */
static inline struct notifying_child notifying_child_start(void (*run)(void)) {
    int ready[2];
    int go[2];
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    struct notifying_child child = {.pid = fork(), .go = go[1]};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        notifying_child_run(ready[1], go[0], run);
    }
    int number;
    assert_int_equal(read(ready[0], &number, sizeof(number)), sizeof(number));
    child.pidfd = (int)syscall(SYS_pidfd_open, child.pid, 0);
    child.listener = (int)syscall(SYS_pidfd_getfd, child.pidfd, number, 0);
    assert_true(child.listener >= 0);
    close(ready[0]);
    close(ready[1]);
    close(go[0]);
    return child;
}

static inline void notifying_child_go(const struct notifying_child *child) {
    assert_int_equal(write(child->go, "", 1), 1);
}

static inline void notifying_child_close(const struct notifying_child *child) {
    close(child->listener);
    close(child->pidfd);
    close(child->go);
}

#endif
