/* SPDX-License-Identifier: MIT
 *
 * ptrace(2), as it is shown: see shown.h. Where a child that is followed cannot be traced by its parent as well, only
 * what the program asks for is told.
 */
#include "shown.h"

#include <elf.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

/* The values of a structure's registers, as far as they are used here. */
#define SOME_REGISTERS                                                                                                 \
    "{r15=0x1, r14=0, r13=0, r12=0, rbp=0, rbx=0, r11=0, r10=0, r9=0, r8=0, rax=0x5, rcx=0, rdx=0, rsi=0, rdi=0, "     \
    "orig_rax=0xffffffffffffffff, rip=0, cs=0, eflags=0, rsp=0, ss=0, fs_base=0, gs_base=0, ds=0, es=0, fs=0, "        \
    "gs=0x33}"

/* What is asked of a process that is not there. */
static void asked_for(void) {
    struct user_regs_struct registers = {.r15 = 1, .rax = 5, .orig_rax = -1ULL, .gs = 0x33};
    shown(syscall(SYS_ptrace, PTRACE_SETREGS, -1, 7, &registers), "ptrace(PTRACE_SETREGS, -1, " SOME_REGISTERS ")");
    shown(syscall(SYS_ptrace, PTRACE_GETREGS, -1, 7, &registers), "ptrace(PTRACE_GETREGS, -1, %p)", (void *)&registers);
    shown(syscall(SYS_ptrace, PTRACE_SETREGS, -1, 7, 1), "ptrace(PTRACE_SETREGS, -1, 0x1)");
    struct iovec vector = {&registers, sizeof(registers)};
    shown(syscall(SYS_ptrace, PTRACE_SETREGSET, -1, NT_PRSTATUS, &vector),
          "ptrace(PTRACE_SETREGSET, -1, NT_PRSTATUS, {iov_base=" SOME_REGISTERS ", iov_len=216})");
    shown(syscall(SYS_ptrace, PTRACE_GETREGSET, -1, NT_PRSTATUS, &vector),
          "ptrace(PTRACE_GETREGSET, -1, NT_PRSTATUS, {iov_base=%p, iov_len=216})", (void *)&registers);
    vector.iov_len = 16;
    shown(syscall(SYS_ptrace, PTRACE_SETREGSET, -1, NT_PRSTATUS, &vector),
          "ptrace(PTRACE_SETREGSET, -1, NT_PRSTATUS, {iov_base={r15=0x1, r14=0}, iov_len=16})");
    shown(syscall(SYS_ptrace, PTRACE_SETREGSET, -1, NT_FPREGSET, &vector),
          "ptrace(PTRACE_SETREGSET, -1, NT_FPREGSET, {iov_base={cwd=0x1, swd=0, ftw=0, fop=0, rip=0}, iov_len=16})");
    vector.iov_len = 12;
    shown(syscall(SYS_ptrace, PTRACE_SETREGSET, -1, NT_PRSTATUS, &vector),
          "ptrace(PTRACE_SETREGSET, -1, NT_PRSTATUS, {iov_base=%p, iov_len=12})", (void *)&registers);
    shown(syscall(SYS_ptrace, PTRACE_SETREGSET, -1, 0x4e, 1), "ptrace(PTRACE_SETREGSET, -1, 0x4e /* NT_??? */, 0x1)");
    struct ptrace_peeksiginfo_args peek = {5, 3, -1};
    shown(syscall(SYS_ptrace, PTRACE_PEEKSIGINFO, -1, &peek, 1),
          "ptrace(PTRACE_PEEKSIGINFO, -1, {off=5, flags=PTRACE_PEEKSIGINFO_SHARED|0x2, nr=%u}, 0x1)", -1U);
    shown(syscall(SYS_ptrace, PTRACE_PEEKUSR, -1, 8 * 15, 1), "ptrace(PTRACE_PEEKUSER, -1, 8*ORIG_RAX, 0x1)");
    shown(syscall(SYS_ptrace, PTRACE_POKEUSR, -1, 8 * 15 + 3, 1), "ptrace(PTRACE_POKEUSER, -1, 8*ORIG_RAX+3, 0x1)");
    shown(syscall(SYS_ptrace, PTRACE_PEEKUSR, -1, offsetof(struct user, u_debugreg), 1),
          "ptrace(PTRACE_PEEKUSER, -1, offsetof(struct user, u_debugreg), 0x1)");
    shown(syscall(SYS_ptrace, PTRACE_PEEKUSR, -1, sizeof(struct user) + 1, 1), "ptrace(PTRACE_PEEKUSER, -1, %#zx, 0x1)",
          sizeof(struct user) + 1);
    uint64_t number = 7;
    shown(syscall(SYS_ptrace, PTRACE_SECCOMP_GET_METADATA, -1, 16, &number),
          "ptrace(PTRACE_SECCOMP_GET_METADATA, -1, 16, {filter_off=7})");
    shown(syscall(SYS_ptrace, PTRACE_SECCOMP_GET_METADATA, -1, 4, &number),
          "ptrace(PTRACE_SECCOMP_GET_METADATA, -1, 4, %p)", (void *)&number);
    number = 1 << (SIGUSR1 - 1);
    shown(syscall(SYS_ptrace, PTRACE_SETSIGMASK, -1, 8, &number), "ptrace(PTRACE_SETSIGMASK, -1, 8, [USR1])");
    siginfo_t info = {.si_signo = SIGUSR1};
    info.si_pid = 5;
    info.si_uid = 6;
    shown(syscall(SYS_ptrace, PTRACE_SETSIGINFO, -1, 0, &info),
          "ptrace(PTRACE_SETSIGINFO, -1, NULL, {si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=6})");
}

static void expect_stop(long child, const char *how) {
    int status;
    shown(syscall(SYS_wait4, child, &status, 0, NULL), "wait4(%ld, [{%s, 0, NULL)", child, how);
}

static void go_on(long child) {
    shown(syscall(SYS_ptrace, PTRACE_SYSCALL, child, 0, 0), "ptrace(PTRACE_SYSCALL, %ld, NULL, 0)", child);
}

/* What is told of a child that stands at its exit of a call, and before that at its entry. */
static void told_of_calls(long child) {
    struct ptrace_syscall_info info;
    go_on(child);
    expect_stop(child, "WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}]");
    long result = syscall(SYS_ptrace, PTRACE_GET_SYSCALL_INFO, child, 48, &info);
    shown(result,
          "ptrace(PTRACE_GET_SYSCALL_INFO, %ld, 48, {op=PTRACE_SYSCALL_INFO_ENTRY, arch=AUDIT_ARCH_X86_64, "
          "instruction_pointer=%#llx, stack_pointer=%#llx, entry={nr=__NR_close, args=[0x4d, 0x5]}})",
          child, (unsigned long long)info.instruction_pointer, (unsigned long long)info.stack_pointer);
    long message;
    shown(syscall(SYS_ptrace, PTRACE_GETEVENTMSG, child, 0, &message), "ptrace(PTRACE_GETEVENTMSG, %ld, NULL, [1])",
          child);
    go_on(child);
    expect_stop(child, "WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP | 0x80}]");
    result = syscall(SYS_ptrace, PTRACE_GET_SYSCALL_INFO, child, 100, &info);
    shown(result,
          "ptrace(PTRACE_GET_SYSCALL_INFO, %ld, 100, {op=PTRACE_SYSCALL_INFO_EXIT, arch=AUDIT_ARCH_X86_64, "
          "instruction_pointer=%#llx, stack_pointer=%#llx, exit={rval=-EBADF, is_error=1}})",
          child, (unsigned long long)info.instruction_pointer, (unsigned long long)info.stack_pointer);
    shown(syscall(SYS_ptrace, PTRACE_GET_SYSCALL_INFO, child, 0, &info), "ptrace(PTRACE_GET_SYSCALL_INFO, %ld, 0, %p)",
          child, (void *)&info);
}

static void told_of_child(long child) {
    expect_stop(child, "WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}]");
    shown(syscall(SYS_ptrace, PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT),
          "ptrace(PTRACE_SETOPTIONS, %ld, NULL, PTRACE_O_TRACESYSGOOD|PTRACE_O_TRACEEXIT)", child);
    struct user_regs_struct registers;
    long result = syscall(SYS_ptrace, PTRACE_GETREGS, child, 0, &registers);
    unsigned long long values[27];
    memcpy(values, &registers, sizeof(values));
    static const char *const names[] = {"r15",    "r14", "r13", "r12",     "rbp",     "rbx", "r11",      "r10", "r9",
                                        "r8",     "rax", "rcx", "rdx",     "rsi",     "rdi", "orig_rax", "rip", "cs",
                                        "eflags", "rsp", "ss",  "fs_base", "gs_base", "ds",  "es",       "fs",  "gs"};
    char told[1024] = "";
    for (unsigned i = 0; i < 27; i++) {
        sprintf(told + strlen(told), values[i] ? "%s%s=%#llx" : "%s%s=%llu", i ? ", " : "", names[i], values[i]);
    }
    shown(result, "ptrace(PTRACE_GETREGS, %ld, {%s})", child, told);
    struct iovec vector = {&registers, 512};
    result = syscall(SYS_ptrace, PTRACE_GETREGSET, child, NT_PRSTATUS, &vector);
    shown(result, "ptrace(PTRACE_GETREGSET, %ld, NT_PRSTATUS, {iov_base={%s}, iov_len=512 => 216})", child, told);
    uint64_t blocked;
    shown(syscall(SYS_ptrace, PTRACE_GETSIGMASK, child, 8, &blocked), "ptrace(PTRACE_GETSIGMASK, %ld, 8, [])", child);
    uint64_t word;
    shown(syscall(SYS_ptrace, PTRACE_PEEKUSR, child, 8 * 15, &word), "ptrace(PTRACE_PEEKUSER, %ld, 8*ORIG_RAX, [%#lx])",
          child, (unsigned long)registers.orig_rax);
    siginfo_t info;
    shown(syscall(SYS_ptrace, PTRACE_GETSIGINFO, child, 0, &info),
          "ptrace(PTRACE_GETSIGINFO, %ld, NULL, {si_signo=SIGSTOP, si_code=SI_TKILL, si_pid=%ld, si_uid=%d})", child,
          child, (int)getuid());
    struct ptrace_peeksiginfo_args peek = {0, PTRACE_PEEKSIGINFO_SHARED, 4};
    kill((pid_t)child, SIGURG);
    siginfo_t queue[4];
    shown(syscall(SYS_ptrace, PTRACE_PEEKSIGINFO, child, &peek, queue),
          "ptrace(PTRACE_PEEKSIGINFO, %ld, {off=0, flags=PTRACE_PEEKSIGINFO_SHARED, nr=4}, [{si_signo=SIGURG, "
          "si_code=SI_USER, si_pid=%d, si_uid=%d}])",
          child, getpid(), (int)getuid());
    go_on(child);
    expect_stop(child, "WIFSTOPPED(s) && WSTOPSIG(s) == SIGURG}]");
    told_of_calls(child);
    shown(syscall(SYS_ptrace, PTRACE_CONT, child, 0, 0), "ptrace(PTRACE_CONT, %ld, NULL, 0)", child);
    expect_stop(child, "WIFSTOPPED(s) && WSTOPSIG(s) == SIGTRAP}|PTRACE_EVENT_EXIT<<16]");
    shown(syscall(SYS_ptrace, PTRACE_CONT, child, 0, 0), "ptrace(PTRACE_CONT, %ld, NULL, 0)", child);
    expect_stop(child, "WIFEXITED(s) && WEXITSTATUS(s) == 4}]");
}

int main(void) {
    shown_calls("ptrace,wait4");
    asked_for();
    int ends[2];
    if (pipe(ends)) {
        return 1;
    }
    long child = fork();
    if (child == 0) {
        char traced = syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0) == 0;
        if (write(ends[1], &traced, 1) == 1 && traced) {
            raise(SIGSTOP);
            syscall(SYS_close, 77, 5);
        }
        _exit(4);
    }
    char traced = 0;
    if (read(ends[0], &traced, 1) == 1 && traced) {
        told_of_child(child);
    } else {
        siginfo_t info;
        waitid(P_PID, (id_t)child, &info, WEXITED);
    }
    return 0;
}
