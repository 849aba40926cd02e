/* SPDX-License-Identifier: MIT */
#include "tracee.h"

#include "registers.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

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

static enum arch arch_of(uint32_t audit_arch) {
    return audit_arch == AUDIT_ARCH_I386 ? ARCH_I386 : ARCH_X86_64;
}

void tracee_begin_call(struct tracee *tracee, uint32_t audit_arch, uint64_t number, const uint64_t *args) {
    tracee->in_call = true;
    tracee->was_stopped = false;
    tracee->returned = false;
    tracee->broken_off = false;
    tracee->arch = arch_of(audit_arch);
    tracee->number = (int32_t)number;
    tracee->row = syscall_row(tracee->arch, (int)tracee->number);
    memcpy(tracee->args, args, sizeof(tracee->args));
}

bool tracee_makes_again(const struct tracee *tracee, uint32_t audit_arch, uint64_t number) {
    if (arch_of(audit_arch) != tracee->arch) {
        return false;
    }
    /* The kernel goes on with sleeps by restart_syscall(2). */
    const struct syscall_row *row = syscall_row(tracee->arch, (int)number);
    return (int32_t)number == tracee->number || (row && strcmp(row->name, "restart_syscall") == 0);
}

void tracee_take_over(struct tracee *leader, const struct tracee *caller) {
    leader->in_call = caller->in_call;
    leader->broken_off = caller->broken_off;
    leader->interrupted = caller->interrupted;
    leader->recorded = caller->recorded;
    leader->id = caller->id;
    leader->arch = caller->arch;
    leader->number = caller->number;
    leader->row = caller->row;
    memcpy(leader->args, caller->args, sizeof(leader->args));
}

bool tracee_wants_strict_mode(const struct tracee *tracee) {
    uint32_t first = (uint32_t)tracee->args[0];
    if (!tracee->row) {
        return false;
    }
    if (strcmp(tracee->row->name, "prctl") == 0) {
        return first == PR_SET_SECCOMP && (uint32_t)tracee->args[1] == SECCOMP_MODE_STRICT;
    }
    return strcmp(tracee->row->name, "seccomp") == 0 && first == SECCOMP_SET_MODE_STRICT && !tracee->args[1] &&
           !tracee->args[2]; /* with these it is refused anyway */
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

void tracee_strip_untraced(struct tracee *tracee) {
    bool is_clone = tracee->arch == ARCH_X86_64 && syscall_native_number(tracee->arch, tracee->number) == SYS_clone;
    tracee->stripped = is_clone && tracee->args[0] & CLONE_UNTRACED;
    if (tracee->stripped) {
        registers_poke_first(tracee->tid, tracee->args[0] & ~(uint64_t)CLONE_UNTRACED);
    }
}

void tracee_give_back_untraced(struct tracee *tracee) {
    if (tracee->stripped) {
        registers_poke_first(tracee->tid, tracee->args[0]);
        tracee->stripped = false;
    }
}
