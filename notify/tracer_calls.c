/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "interruption.h"
#include "proc.h"
#include "repair.h"
#include "tracer_state.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ------------------------------------------------------------------- requests */

long tracer_request(long what, pid_t tid, uintptr_t address, uintptr_t data) {
    return syscall(SYS_ptrace, what, tid, address, data);
}

struct tracee *tracer_find(struct tracer *tracer, pid_t tid) {
    if (!tracer->last || tracer->last->tid != tid) {
        tracer->last = tracee_find(tracer->tracees, tid);
    }
    return tracer->last;
}

void tracer_set_computes(struct tracer *tracer, struct tracee *tracee, bool computes) {
    tracer->spin.computes += (unsigned)computes - (unsigned)tracee->computes;
    tracee->computes = computes;
}

void tracer_forget(struct tracer *tracer, struct tracee *tracee) {
    tracer_set_computes(tracer, tracee, false);
    tracer->last = NULL;
    if (tracee->unsettled) {
        atomic_fetch_sub(&tracer->unsettled, 1);
    }
    tracee_remove(&tracer->tracees, tracee);
    atomic_store(&tracer->tracee_count, tracee_count(tracer->tracees));
}

struct tracee *tracer_add(struct tracer *tracer, pid_t tid, pid_t pid) {
    struct tracee *tracee = tracee_add(&tracer->tracees, tid, pid);
    tracer->last = NULL;
    atomic_store(&tracer->tracee_count, tracee_count(tracer->tracees));
    return tracee;
}

void tracer_let_go(struct tracer *tracer, struct tracee *tracee, int signal) {
    if (tracer_request(PTRACE_DETACH, tracee->tid, 0, (uintptr_t)signal) == 0) {
        tracer_forget(tracer, tracee);
    }
    /* Otherwise it is dead, and its end will be told. */
}

void tracer_interrupt(struct tracee *tracee) {
    tracee->interrupted = tracer_request(PTRACE_INTERRUPT, tracee->tid, 0, 0) == 0;
}

/* One that was killed meanwhile does not hear it; its end will be told. */
void tracer_resume(struct tracer *tracer, struct tracee *tracee, int signal) {
    if (atomic_load_explicit(&tracer->detaching, memory_order_relaxed)) {
        /* Let go at the entry of a call, it would be broken off, with nobody left to mend that;
         * broken off already, it is mended at the stop for PTRACE_INTERRUPT. */
        if (!tracee->in_call || (tracee->broken_off && !tracee->interrupted)) {
            tracer_let_go(tracer, tracee, signal);
            return;
        }
        /* This stop may have swallowed the request, and the call may wait for ever. */
        tracer_interrupt(tracee);
    }
    tracer_set_computes(tracer, tracee, !tracee->in_call);
    tracer->spin.calls = tracee->in_call;
    /* To know when it ends; where the kernel's events tell of calls, the filter sends what is to be looked at. */
    bool again = tracee->again && !tracer->options.notes_only;
    bool all = tracee->in_call || again || (!tracee->silent && (tracer->all || tracee->all_calls));
    tracer_request(all ? PTRACE_SYSCALL : PTRACE_CONT, tracee->tid, 0, (uintptr_t)signal);
}

/* ---------------------------------------------------------------------- calls */

/* Code that the call may have mapped: later calls come from there. */
static void tell_new_code(struct tracer *tracer, const struct tracee *tracee, int64_t result) {
    struct code_range range;
    if (tracer->options.stack_bytes && tracee->arch == ARCH_X86_64 &&
        code_maps_changed(tracee->number, tracee->args, result, &range)) {
        teller_code(&tracer->teller, tracee, range);
    }
}

void tracer_end_call(struct tracer *tracer, struct tracee *tracee, int64_t result) {
    if (tracee->recorded) {
        teller_exit(&tracer->teller, tracee, result, monotonic_now());
    }
    tell_new_code(tracer, tracee, result);
    tracee_give_back_untraced(tracee);
    if (result == -EPERM && tracee->row && strcmp(tracee->row->name, "ptrace") == 0) {
        atomic_fetch_add(&tracer->options.troubles->ptracers, 1);
    }
    if (result == -EINVAL && tracer->options.filtered && tracee_wants_strict_mode(tracee)) {
        atomic_fetch_add(&tracer->options.troubles->strict, 1);
    }
    if (tracer->teller.awake && tracer->options.filtered && tracee_has_installed_filter(tracee, result)) {
        /* Calls that its filter answers do not reach ours: from now on stop at all. */
        tracee_stop_at_all(tracer->tracees, tracee->pid);
    }
    tracee->in_call = false;
    tracee->broken_off = false;
    /* That is asked only of a tracee that is about to see EINTR. */
    tracee->returned = result == -EINTR;
}

static void strip_untraced(const struct tracer *tracer, struct tracee *tracee) {
    if (tracer->options.follow || tracer->options.filtered) {
        tracee_strip_untraced(tracee);
    }
}

/* The call that the tracee is about to make. */
static void take_entry(struct tracer *tracer, struct tracee *tracee, uint32_t audit_arch, uint64_t ip, uint64_t number,
                       const uint64_t *args) {
    if (tracee->in_call && !tracee->broken_off) {
        /* Stopped twice: as every call, and by the filter. */
        return;
    }
    if (tracee->broken_off && tracee_makes_again(tracee, audit_arch, number)) {
        tracee->broken_off = false;
        strip_untraced(tracer, tracee);
        return;
    }
    if (tracee->broken_off) {
        tracer_end_call(tracer, tracee, tracee->result);
    }
    tracee_begin_call(tracee, audit_arch, number, args);
    tracee->id = ++tracer->calls;
    bool again = tracee->again && tracee->ip == ip;
    tracee->first_try = again ? tracee->first_try : monotonic_now();
    tracee->again = false;
    tracee->ip = ip;
    strip_untraced(tracer, tracee);
    bool is_exec = tracee->row && row_is_exec(tracee->row);
    tracer->teller.awake = tracer->teller.awake || (is_exec && tracee->tid == tracer->root);
    bool chosen = selection_has(tracer->options.selection, tracee->arch, tracee->number);
    tracee->recorded = tracer->teller.awake && !tracee->silent && (is_exec || chosen);
    memory_guard_look_at(tracer->options.supplies, tracee->arch, tracee->number, args, &tracer->memory.memory,
                         tracee->tid);
    if (tracee->recorded) {
        /* The execve with which everything begins is not the program's, nor is its stack. */
        bool stack = chosen && (tracer->options.attach || tracer->settled_on_calls);
        teller_enter(&tracer->teller, tracee, stack);
    }
    /* Nobody wants to see it return, unless something has to be given back then. */
    tracee->in_call = !tracee->silent || tracee->stripped || again;
}

static void take_exit(struct tracer *tracer, struct tracee *tracee, int64_t result, bool interrupted) {
    if (!tracee->in_call) {
        return;
    }
    bool broken_off = interruption_has_broken_off(tracee, result, interrupted);
    if (broken_off && interruption_needs_mending(tracee->row, result)) {
        tracer_interrupt(tracee);
    }
    if (!broken_off || tracer->options.notes_only) {
        /* Where the kernel's events tell of calls, they tell of every try. */
        tracer_end_call(tracer, tracee, result);
        tracee->returned = tracee->returned && !broken_off;
        tracee->again = broken_off;
        return;
    }
    /* It stays open: without us nobody would have seen this end of it. */
    tracee_give_back_untraced(tracee);
    tracee->broken_off = true;
    tracee->result = result;
}

/* The arguments of a call; that of a sigreturn is the stack pointer: A_TO_FRAME. */
static void take_entry_of(struct tracer *tracer, struct tracee *tracee, const struct __ptrace_syscall_info *info,
                          uint64_t number, const void *registers) {
    uint64_t args[SYSCALL_MAX_ARGS];
    memcpy(args, registers, sizeof(args));
    if (repair_is_sigreturn(info->arch == AUDIT_ARCH_X86_64 ? ARCH_X86_64 : ARCH_I386, (int64_t)number)) {
        args[0] = info->stack_pointer;
    }
    take_entry(tracer, tracee, info->arch, info->instruction_pointer, number, args);
}

void tracer_take_call_stop(struct tracer *tracer, struct tracee *tracee, bool interrupted) {
    struct __ptrace_syscall_info info;
    if (tracer_request(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), (uintptr_t)&info) <= 0) {
        return;
    }
    switch (info.op) {
    case PTRACE_SYSCALL_INFO_ENTRY:
        take_entry_of(tracer, tracee, &info, info.entry.nr, info.entry.args);
        break;
    case PTRACE_SYSCALL_INFO_SECCOMP:
        take_entry_of(tracer, tracee, &info, info.seccomp.nr, info.seccomp.args);
        break;
    case PTRACE_SYSCALL_INFO_EXIT:
        take_exit(tracer, tracee, info.exit.rval, interrupted);
        break;
    default:
        break;
    }
}

/* -------------------------------------------------------------------- signals */

/* Signals that the program ignores are delivered to its ptracer alone: without
 * one they would not be delivered at all, and so they are not told. */
static bool is_ignored(const struct tracee *tracee, int number, uint64_t *handler) {
    struct proc_signals signals;
    *handler = 0;
    if (proc_signals(tracee->tid, &signals) < 0) {
        return false;
    }
    uint64_t bit = UINT64_C(1) << (number - 1);
    *handler = signals.caught & bit ? 2 : 0; /* any but SIG_DFL and SIG_IGN */
    return proc_signals_without_effect(&signals) & bit;
}

void tracer_mend_call(struct tracer *tracer, struct tracee *tracee) {
    int64_t result;
    switch (interruption_mend(tracee, &tracer->memory.memory, monotonic_now(), &result)) {
    case INTERRUPTION_ENDED:
        tracee->again = false;
        if (tracee->broken_off) {
            tracer_end_call(tracer, tracee, result);
        }
        break;
    case INTERRUPTION_NONE:
        tracee->again = false;
        if (tracee->broken_off && tracee->result == -EINTR) {
            tracer_end_call(tracer, tracee, tracee->result);
        }
        break;
    case INTERRUPTION_AGAIN:
        tracee->again = !tracee->broken_off;
        break;
    }
}

void tracer_take_signal(struct tracer *tracer, struct tracee *tracee, int number) {
    bool wanted = tracer->options.signals && !tracer->options.notes_only && !tracee->silent;
    if (!wanted && !tracee->broken_off && !interruption_is_seen(tracee->tid)) {
        return;
    }
    uint64_t handler;
    siginfo_t info;
    if (is_ignored(tracee, number, &handler)) {
        /* It is not SIGCONT that broke the call off, but the stop that it ends, and rightly. */
        bool was_stopped = tracee->was_stopped && number == SIGCONT;
        if (!tracee->in_call && !was_stopped) {
            tracer_mend_call(tracer, tracee);
        }
        return;
    }
    tracee->again = false;
    tracee->returned = tracee->returned && !handler; /* what shows EINTR after a handler is another call */
    if (tracee->broken_off) {
        /* Now it is broken off by right. */
        tracer_end_call(tracer, tracee, tracee->result);
    }
    if (wanted && tracer_request(PTRACE_GETSIGINFO, tracee->tid, 0, (uintptr_t)&info) >= 0) {
        teller_signal(&tracer->teller, tracee, &info, handler);
    }
}
