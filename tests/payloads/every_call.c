/* SPDX-License-Identifier: MIT
 * Makes each call that there is, once and in the order of the numbers, and has none of them run: a
 * filter of its own answers with EXDEV, whatever the call. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    CALLS = 512,
    /* No filter is asked about these two, which only the kernel's own code may call. */
    URETPROBE = 335,
    UPROBE = 336,
    /* In the sixth argument of the one call that is let through. */
    LEAVE = 0x1eafe,
};

/* In assembly: the library has a will of its own with some. */
static long call_native(long number, long sixth) {
    long result = number;
    register long fourth __asm__("r10") = 0;
    register long fifth __asm__("r8") = 0;
    register long last __asm__("r9") = sixth;
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(0L), "S"(0L), "d"(0L), "r"(fourth), "r"(fifth), "r"(last)
                     : "memory", "rcx", "r11");
    return result;
}

int main(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LEAVE, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        return 1;
    }
    for (long number = 0; number < CALLS; number++) {
        if (number == URETPROBE || number == UPROBE) {
            continue;
        }
        if (call_native(number, 0) != -EXDEV) {
            __builtin_trap();
        }
    }
    call_native(SYS_exit_group, LEAVE);
}
