/* SPDX-License-Identifier: MIT */
#include "tracee.h"

#include "proc.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
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
    leader->id = caller->id;
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

/* The registers of a tracee that has been interrupted in a call, and is about to see EINTR. */
static bool read_interrupted(pid_t tid, struct user_regs_struct *registers) {
    struct iovec data = {.iov_base = registers, .iov_len = sizeof(*registers)};
    return syscall(SYS_ptrace, PTRACE_GETREGSET, tid, NT_PRSTATUS, &data) >= 0 && data.iov_len == sizeof(*registers) &&
           (int64_t)registers->orig_rax >= 0 && (int64_t)registers->rax == -EINTR;
}

bool tracee_was_interrupted(pid_t tid) {
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

bool tracee_restart_call(pid_t tid) {
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

bool tracee_end_call(pid_t tid, int64_t result) {
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

bool tracee_is_out_of_time(const struct tracee *tracee, const struct memory *memory, uint64_t now, int64_t *result) {
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

/* The register of clone's flags, by ptrace(2) with PTRACE_POKEUSER. */
static void poke_flags(pid_t tid, uint64_t flags) {
    syscall(SYS_ptrace, PTRACE_POKEUSER, tid, offsetof(struct user, regs.rdi), flags);
}

void tracee_strip_untraced(struct tracee *tracee) {
    bool is_clone = tracee->arch == ARCH_X86_64 && tracee->number == SYS_clone;
    tracee->stripped = is_clone && tracee->args[0] & CLONE_UNTRACED;
    if (tracee->stripped) {
        poke_flags(tracee->tid, tracee->args[0] & ~(uint64_t)CLONE_UNTRACED);
    }
}

void tracee_give_back_untraced(struct tracee *tracee) {
    if (tracee->stripped) {
        poke_flags(tracee->tid, tracee->args[0]);
        tracee->stripped = false;
    }
}
