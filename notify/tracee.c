/* SPDX-License-Identifier: MIT */
#include "tracee.h"

#include "proc.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

struct tracee *tracee_add(struct tracee **table, pid_t tid, pid_t pid) {
    struct tracee *tracee = calloc(1, sizeof(*tracee));
    if (!tracee) {
        return NULL;
    }
    tracee->tid = tid;
    tracee->pid = pid;
    HASH_ADD(hh, *table, tid, sizeof(tracee->tid), tracee);
    return tracee;
}

struct tracee *tracee_find(struct tracee *table, pid_t tid) {
    struct tracee *tracee;
    HASH_FIND(hh, table, &tid, sizeof(tid), tracee);
    return tracee;
}

struct tracee *tracee_next(const struct tracee *tracee) {
    return tracee->hh.next;
}

unsigned tracee_count(const struct tracee *table) {
    return HASH_COUNT(table);
}

void tracee_remove(struct tracee **table, struct tracee *tracee) {
    HASH_DEL(*table, tracee);
    free(tracee);
}

void tracee_begin_call(struct tracee *tracee, uint32_t audit_arch, uint64_t number, const uint64_t *args) {
    tracee->in_call = true;
    tracee->arch = audit_arch == AUDIT_ARCH_I386 ? ARCH_I386 : ARCH_X86_64;
    tracee->number = (int32_t)number;
    tracee->row = syscall_row(tracee->arch, (int)tracee->number);
    memcpy(tracee->args, args, sizeof(tracee->args));
}

void tracee_take_over(struct tracee *leader, const struct tracee *caller) {
    leader->in_call = caller->in_call;
    leader->recorded = caller->recorded;
    leader->arch = caller->arch;
    leader->number = caller->number;
    leader->row = caller->row;
    memcpy(leader->args, caller->args, sizeof(leader->args));
}

bool tracee_has_installed_filter(const struct tracee *tracee, int64_t result) {
    if (!tracee->row || result < 0) {
        return false;
    }
    uint32_t first = (uint32_t)tracee->args[0];
    if (strcmp(tracee->row->name, "prctl") == 0) {
        return first == PR_SET_SECCOMP && (uint32_t)tracee->args[1] == SECCOMP_MODE_FILTER;
    }
    return strcmp(tracee->row->name, "seccomp") == 0 && first == SECCOMP_SET_MODE_FILTER;
}

void tracee_stop_at_all(struct tracee *table, pid_t pid) {
    for (struct tracee *tracee = table; tracee; tracee = tracee_next(tracee)) {
        if (tracee->pid == pid) {
            tracee->all_calls = true;
        }
    }
}

bool tracee_restart_call(pid_t tid) {
    struct user_regs_struct registers;
    struct iovec data = {.iov_base = &registers, .iov_len = sizeof(registers)};
    struct proc_signals signals;
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, tid, NT_PRSTATUS, &data) < 0 || data.iov_len != sizeof(registers) ||
        (int64_t)registers.orig_rax < 0 || (int64_t)registers.rax != -EINTR || proc_signals(tid, &signals) < 0 ||
        signals.pending & ~signals.blocked) {
        return false;
    }
    enum {
        INSTRUCTION = 2, /* bytes of syscall, and of int $0x80 */
    };
    registers.rax = registers.orig_rax;
    registers.orig_rax = UINT64_MAX;
    registers.rip -= INSTRUCTION;
    return syscall(SYS_ptrace, PTRACE_SETREGSET, tid, NT_PRSTATUS, &data) == 0;
}
