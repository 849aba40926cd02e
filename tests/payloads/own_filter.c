/* SPDX-License-Identifier: MIT
 * A program with a filter of its own that answers some calls before ours is asked. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER(number, action) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, action)

static void on_trap(int number) {
    (void)number;
}

int main(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ANSWER(SYS_mkdir, SECCOMP_RET_ERRNO | ENOTTY),
        ANSWER(SYS_getpgid, SECCOMP_RET_ERRNO | EXDEV),
        ANSWER(SYS_rmdir, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    signal(SIGSYS, on_trap);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        return 1;
    }
    int wrong = syscall(SYS_mkdir, "/nonexistent/folder", 0700) != -1 || errno != ENOTTY;
    wrong |= syscall(SYS_getpgid, 0) != -1 || errno != EXDEV;
    syscall(SYS_rmdir, "/nonexistent/folder");
    wrong |= access("/", F_OK) != 0;
    return wrong;
}
