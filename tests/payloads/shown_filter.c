/* SPDX-License-Identifier: MIT
 *
 * Filters of seccomp(2) with their instructions, as they are shown with -v: see shown.h. None is installed: their flags
 * are wrong.
 */
#include "shown.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

int main(void) {
    shown_options("-v");
    shown_calls("seccomp,prctl");
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 5),
        BPF_STMT(BPF_RET | BPF_A, 0x12345678),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 3),
        BPF_STMT(BPF_ST | 0x18, 3),
        BPF_JUMP(0xffff, 1, 2, 3),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    shown(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0x40000000, &program),
          "seccomp(SECCOMP_SET_MODE_FILTER, 0x40000000 /* SECCOMP_FILTER_FLAG_??? */, {len=9, "
          "filter=[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x4), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0xc000003e, 0, 0x1), "
          "BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x5), "
          "BPF_STMT(BPF_RET|BPF_A, 0x12340000 /* SECCOMP_RET_??? */|0x5678), BPF_STMT(BPF_MISC|BPF_TAX, 0), "
          "BPF_STMT(BPF_ALU|BPF_X|BPF_XOR, 0x3), BPF_STMT(BPF_ST|0x18 /* BPF_??? */, 0x3), "
          "BPF_JUMP(BPF_MISC|0xf8 /* BPF_??? */|0xff00 /* BPF_??? */, 0x1, 0x2, 0x3)]})");
    program.len = 0;
    shown(syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
          "prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=0, filter=[]})");
    program = (struct sock_fprog){1, (void *)8};
    shown(syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
          "prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=1, filter=0x8})");
    shown(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0x40000000, 8),
          "seccomp(SECCOMP_SET_MODE_FILTER, 0x40000000 /* SECCOMP_FILTER_FLAG_??? */, 0x8)");
    unsigned action = SECCOMP_RET_TRACE;
    shown(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action),
          "seccomp(SECCOMP_GET_ACTION_AVAIL, 0, [SECCOMP_RET_TRACE])");
    return 0;
}
