/* SPDX-License-Identifier: MIT
 * A program that supervises a child of its own with a seccomp listener. Prints
 * what the child was answered, or why there is no listener. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    ANSWERS = 3,
};

/* Answer the first calls with errors of our own, and let the others run. */
static void *answer(void *context) {
    int listener = *(int *)context;
    for (int i = 0; i < ANSWERS; i++) {
        struct seccomp_notif asked = {0};
        struct seccomp_notif_resp given = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
            return NULL;
        }
        given.id = asked.id;
        if (i < ANSWERS - 1) {
            given.error = i == 0 ? -EXDEV : -ENOTTY;
        } else {
            given.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        }
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &given);
    }
    return context;
}

int main(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (listener < 0) {
        printf("no listener: %s\n", strerrorname_np(errno));
        return 1;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, answer, &listener);
    for (int i = 0; i < ANSWERS; i++) {
        int result = mkdir("/proc/nonexistent", 0700);
        printf("answered: %d %s\n", result, strerrorname_np(errno));
    }
    pthread_join(thread, NULL);
    return 0;
}
