/* SPDX-License-Identifier: MIT */
#include "interruption.h"

#include "proc.h"

#include <errno.h>
#include <linux/elf.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

/* The registers of a tracee that has been interrupted in a call, and is about to see EINTR. */
static bool read_interrupted(pid_t tid, struct user_regs_struct *registers) {
    struct iovec data = {.iov_base = registers, .iov_len = sizeof(*registers)};
    return syscall(SYS_ptrace, PTRACE_GETREGSET, tid, NT_PRSTATUS, &data) >= 0 && data.iov_len == sizeof(*registers) &&
           (int64_t)registers->orig_rax >= 0 && (int64_t)registers->rax == -EINTR;
}

bool interruption_is_seen(pid_t tid) {
    struct user_regs_struct registers;
    return read_interrupted(tid, &registers);
}

/* Change how the tracee's call ends, unless a signal waits for it, which may have broken it off by right. */
static bool write_interrupted(pid_t tid, struct user_regs_struct *registers) {
    struct iovec data = {.iov_base = registers, .iov_len = sizeof(*registers)};
    struct proc_signals signals;
    return proc_signals(tid, &signals) == 0 && !(signals.pending & ~signals.blocked) &&
           syscall(SYS_ptrace, PTRACE_SETREGSET, tid, NT_PRSTATUS, &data) == 0;
}

bool interruption_make_again(pid_t tid) {
    enum {
        INSTRUCTION = 2, /* bytes of syscall, and of int $0x80 */
    };
    struct user_regs_struct registers;
    if (!read_interrupted(tid, &registers)) {
        return false;
    }
    registers.rax = registers.orig_rax;
    registers.orig_rax = UINT64_MAX;
    registers.rip -= INSTRUCTION;
    return write_interrupted(tid, &registers);
}

bool interruption_end(pid_t tid, int64_t result) {
    struct user_regs_struct registers;
    if (!read_interrupted(tid, &registers)) {
        return false;
    }
    registers.rax = (uint64_t)result;
    return write_interrupted(tid, &registers);
}

/* The time limit in argument `index`, in ns; negative: none. */
static int64_t limit_of(const struct tracee *tracee, const struct memory *memory, unsigned index, bool milliseconds) {
    enum {
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000,
    };
    if (milliseconds) {
        return (int64_t)(int32_t)tracee->args[index] * NS_PER_MS;
    }
    int64_t limit[2];
    if (!tracee->args[index] || memory_read_exact(memory, tracee->tid, tracee->args[index], limit, sizeof(limit)) < 0 ||
        limit[0] < 0 || limit[0] > INT64_MAX / NS_PER_S - 1) {
        return -1;
    }
    return limit[0] * NS_PER_S + limit[1];
}

bool interruption_is_out_of_time(const struct tracee *tracee, const struct memory *memory, uint64_t now,
                                 int64_t *result) {
    /* Calls that a signal breaks off whatever happens to it, and that have a limit (signal(7)). */
    static const struct {
        const char *name;
        unsigned index;
        bool milliseconds;
        int64_t result;
    } limits[] = {
        {"epoll_wait", 3, true, 0},        {"epoll_pwait", 3, true, 0},
        {"epoll_pwait2", 3, false, 0},     {"rt_sigtimedwait", 2, false, -EAGAIN},
        {"semtimedop", 3, false, -EAGAIN},
    };
    for (size_t i = 0; tracee->row && tracee->arch == ARCH_X86_64 && i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (strcmp(limits[i].name, tracee->row->name) == 0) {
            int64_t limit = limit_of(tracee, memory, limits[i].index, limits[i].milliseconds);
            *result = limits[i].result;
            return limit >= 0 && tracee->first_try && now - tracee->first_try >= (uint64_t)limit;
        }
    }
    return false;
}
