/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include "clock.h"
#include "interruption.h"
#include "kick.h"
#include "memory.h"
#include "memory_guard.h"
#include "proc.h"
#include "program_maps.h"
#include "repair.h"
#include "teller.h"
#include "tracee.h"

#include <errno.h>
#include <linux/audit.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SPIN_NS = 80000,   /* how long a stop is looked for before it is slept for */
    SPIN_LOOKS = 16,   /* between two looks at the clock */
    SPIN_FAILURES = 4, /* in a row, until it is given up */
    SPIN_REST_LEAST = 64,
    SPIN_REST_MOST = 1 << 14,
};

/* Looking for stops without sleep: see await_stop(). */
struct spin {
    unsigned cpus;     /* that we may use */
    unsigned computes; /* tracees that went on outside of any call */
    bool calls;        /* the last one that went on is in a call, which may soon be over */
    unsigned failures;
    unsigned rest;      /* stops until it is tried again */
    unsigned next_rest; /* it doubles every time that this was in vain */
};

struct tracer {
    struct tracer_options options;
    struct spin spin;
    struct memory_guard memory;
    struct teller teller;
    pthread_t thread;
    bool started;
    struct tracee *tracees;
    struct tracee *last; /* found last */
    pid_t root;
    bool all; /* all calls stop */
    bool settled_on_calls;
    uint64_t calls; /* so far */
    atomic_bool detaching;
    atomic_bool stopping;
    atomic_bool ended;
    atomic_bool root_ended; /* `outcome` is complete */
    atomic_int stop_signal;
    struct sigaction sigchld; /* as it was before us */
    atomic_uint unsettled;    /* tracees that have not stopped for the first time */
    struct rusage usage;      /* of the tracee that was waited for last */
    long children_rss;        /* ru_maxrss of our children at the start */
    struct engine_outcome outcome;
    _Atomic uint64_t stops;
    atomic_uint tracee_count;
    unsigned attached;
    /* How the start went, for the creator. */
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    bool reported;
    int status;
    char problem[256];
};

/* ------------------------------------------------------------------- requests */

/* Not glibc's ptrace(): its PEEK requests and its errors differ from the kernel's. */
static long request(long what, pid_t tid, uintptr_t address, uintptr_t data) {
    return syscall(SYS_ptrace, what, tid, address, data);
}

static struct tracee *find(struct tracer *tracer, pid_t tid) {
    if (!tracer->last || tracer->last->tid != tid) {
        tracer->last = tracee_find(tracer->tracees, tid);
    }
    return tracer->last;
}

/* Whether the tracee needs a CPU for itself. */
static void set_computes(struct tracer *tracer, struct tracee *tracee, bool computes) {
    tracer->spin.computes += (unsigned)computes - (unsigned)tracee->computes;
    tracee->computes = computes;
}

static void forget(struct tracer *tracer, struct tracee *tracee) {
    set_computes(tracer, tracee, false);
    tracer->last = NULL;
    if (tracee->unsettled) {
        atomic_fetch_sub(&tracer->unsettled, 1);
    }
    tracee_remove(&tracer->tracees, tracee);
    atomic_store(&tracer->tracee_count, tracee_count(tracer->tracees));
}

static struct tracee *add(struct tracer *tracer, pid_t tid, pid_t pid) {
    struct tracee *tracee = tracee_add(&tracer->tracees, tid, pid);
    tracer->last = NULL;
    atomic_store(&tracer->tracee_count, tracee_count(tracer->tracees));
    return tracee;
}

static void let_go(struct tracer *tracer, struct tracee *tracee, int signal) {
    if (request(PTRACE_DETACH, tracee->tid, 0, (uintptr_t)signal) == 0) {
        forget(tracer, tracee);
    }
    /* Otherwise it is dead, and its end will be told. */
}

/* It stops soon, and breaks off the call in which it waits. */
static void interrupt(struct tracee *tracee) {
    tracee->interrupted = request(PTRACE_INTERRUPT, tracee->tid, 0, 0) == 0;
}

/* Let a stopped tracee go on, with a signal or without. One that was killed
 * meanwhile does not hear it; its end will be told. */
static void resume(struct tracer *tracer, struct tracee *tracee, int signal) {
    if (atomic_load_explicit(&tracer->detaching, memory_order_relaxed)) {
        /* Let go at the entry of a call, it would be broken off, with nobody left to mend that;
         * broken off already, it is mended at the stop for PTRACE_INTERRUPT. */
        if (!tracee->in_call || (tracee->broken_off && !tracee->interrupted)) {
            let_go(tracer, tracee, signal);
            return;
        }
        /* This stop may have swallowed the request, and the call may wait for ever. */
        interrupt(tracee);
    }
    set_computes(tracer, tracee, !tracee->in_call);
    tracer->spin.calls = tracee->in_call;
    /* To know when it ends; where the kernel's events tell of calls, the filter sends what is to be looked at. */
    bool again = tracee->again && !tracer->options.notes_only;
    bool all = tracee->in_call || again || (!tracee->silent && (tracer->all || tracee->all_calls));
    request(all ? PTRACE_SYSCALL : PTRACE_CONT, tracee->tid, 0, (uintptr_t)signal);
}

/* ---------------------------------------------------------------------- calls */

/* The tracee's call has returned for good. */
static void end_call(struct tracer *tracer, struct tracee *tracee, int64_t result) {
    if (tracee->recorded) {
        teller_exit(&tracer->teller, tracee, result, monotonic_now());
    }
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
        end_call(tracer, tracee, tracee->result);
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
    tracee->recorded = tracer->teller.awake && !tracee->silent &&
                       (is_exec || selection_has(tracer->options.selection, tracee->arch, tracee->number));
    memory_guard_look_at(tracer->options.supplies, tracee->arch, tracee->number, args, &tracer->memory.memory,
                         tracee->tid);
    if (tracee->recorded) {
        teller_enter(&tracer->teller, tracee);
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
        interrupt(tracee);
    }
    if (!broken_off || tracer->options.notes_only) {
        /* Where the kernel's events tell of calls, they tell of every try. */
        end_call(tracer, tracee, result);
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

static void take_call_stop(struct tracer *tracer, struct tracee *tracee, bool interrupted) {
    struct __ptrace_syscall_info info;
    if (request(PTRACE_GET_SYSCALL_INFO, tracee->tid, sizeof(info), (uintptr_t)&info) <= 0) {
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

/* A call that was broken off is about to return EINTR, because of us or of an ignored signal. */
static void mend_call(struct tracer *tracer, struct tracee *tracee) {
    int64_t result;
    switch (interruption_mend(tracee, &tracer->memory.memory, monotonic_now(), &result)) {
    case INTERRUPTION_ENDED:
        tracee->again = false;
        if (tracee->broken_off) {
            end_call(tracer, tracee, result);
        }
        break;
    case INTERRUPTION_NONE:
        tracee->again = false;
        if (tracee->broken_off && tracee->result == -EINTR) {
            end_call(tracer, tracee, tracee->result);
        }
        break;
    case INTERRUPTION_AGAIN:
        tracee->again = !tracee->broken_off;
        break;
    }
}

/* A signal is about to be delivered. */
static void take_signal(struct tracer *tracer, struct tracee *tracee, int number) {
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
            mend_call(tracer, tracee);
        }
        return;
    }
    tracee->again = false;
    tracee->returned = tracee->returned && !handler; /* what shows EINTR after a handler is another call */
    if (tracee->broken_off) {
        /* Now it is broken off by right. */
        end_call(tracer, tracee, tracee->result);
    }
    if (wanted && request(PTRACE_GETSIGINFO, tracee->tid, 0, (uintptr_t)&info) >= 0) {
        teller_signal(&tracer->teller, tracee, &info, handler);
    }
}

/* --------------------------------------------------------------- births, execs */

/* A tracee whose creator is known, or will not be: let it begin. */
static void begin_life(struct tracer *tracer, struct tracee *tracee, const struct tracee *parent) {
    bool is_thread = parent && parent->pid == tracee->pid;
    bool followed = is_thread || tracer->options.follow;
    tracee->awaits_creator = false;
    tracee->begun = true;
    tracee->silent = parent ? parent->silent || !followed : !followed;
    tracee->all_calls = parent && parent->all_calls;
    pid_set_add(tracer->options.family, tracee->pid);
    if (!followed && !tracer->options.filtered) {
        tracee->let_go = true;
    }
    teller_birth(&tracer->teller, tracee, parent);
    if (parent && parent->stripped) {
        tracee->stripped = true;
        tracee->args[0] = parent->args[0];
    }
    if (!tracee->first_stop) {
        return;
    }
    tracee_give_back_untraced(tracee);
    if (tracee->let_go) {
        let_go(tracer, tracee, 0);
    } else {
        resume(tracer, tracee, 0);
    }
}

/* The process of a new thread: that of its creator, or one of its own. tgkill(2)
 * with signal 0 tells, and needs no /proc. */
static pid_t process_of_new(pid_t tid, const struct tracee *parent) {
    bool is_thread = syscall(SYS_tgkill, parent->pid, tid, 0) == 0 || errno != ESRCH;
    return is_thread ? parent->pid : tid;
}

/* Whether it is still ours: taken for an orphan it may have been let go, or have ended. */
static bool is_tracee(pid_t tid) {
    siginfo_t info;
    return waitid(P_PID, (id_t)tid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL | __WNOTHREAD) == 0;
}

static void take_birth(struct tracer *tracer, struct tracee *parent) {
    unsigned long tid = 0;
    if (request(PTRACE_GETEVENTMSG, parent->tid, 0, (uintptr_t)&tid) < 0) {
        return;
    }
    struct tracee *child = find(tracer, (pid_t)tid);
    if (!child && is_tracee((pid_t)tid)) {
        child = add(tracer, (pid_t)tid, 0);
    }
    if (child && !child->begun) {
        child->pid = process_of_new((pid_t)tid, parent);
        begin_life(tracer, child, parent);
    }
}

/* A thread that stops for the first time before its creator has told of it. */
static void take_unknown(struct tracer *tracer, pid_t tid) {
    struct tracee *tracee = add(tracer, tid, 0);
    if (tracee) {
        tracee->awaits_creator = true;
        tracee->first_stop = true;
    } else {
        request(PTRACE_DETACH, tid, 0, 0);
    }
}

/* Whether a thread that has ended may have created one that it could not tell of. */
static bool may_have_created(const struct tracer *tracer, const struct tracee *tracee) {
    if (!tracer->all && !tracee->all_calls) {
        return true;
    }
    return tracee->in_call && tracee->row && row_is_spawn(tracee->row);
}

/* Who has most likely created a thread of this process that nobody has told of; NULL: nobody knows. */
static const struct tracee *likely_creator(struct tracer *tracer, pid_t tid, pid_t pid) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    return find(tracer, tid != pid ? pid : proc_number(path, "PPid"));
}

/* A thread has ended, perhaps before it could tell of one that it had created. */
static void begin_orphans(struct tracer *tracer) {
    for (struct tracee *tracee = tracer->tracees, *next; tracee; tracee = next) {
        next = tracee_next(tracee);
        if (tracee->awaits_creator) {
            pid_t pid = proc_process_of(tracee->tid);
            tracee->pid = pid ? pid : tracee->tid;
            begin_life(tracer, tracee, likely_creator(tracer, tracee->tid, tracee->pid));
        }
    }
}

/* The started program runs: from now on all calls stop, or those that its filter stops. */
static void settle_on_calls(struct tracer *tracer) {
    struct tracer_options *options = &tracer->options;
    if (options->filter_error && *options->filter_error) {
        options->filtered = false;
    }
    tracer->settled_on_calls = true;
    tracer->teller.awake = true;
    tracer->all = !options->filtered;
}

/* A process runs another program: its other threads are gone, and the one that called execve has the leader's id. */
static void take_exec(struct tracer *tracer, struct tracee *leader) {
    unsigned long former = 0;
    request(PTRACE_GETEVENTMSG, leader->tid, 0, (uintptr_t)&former);
    struct tracee *caller = (pid_t)former == leader->tid ? leader : find(tracer, (pid_t)former);
    if (leader->tid == tracer->root && !tracer->settled_on_calls) {
        settle_on_calls(tracer);
    }
    teller_exec(&tracer->teller, leader);
    if (tracer->teller.awake && !leader->silent && !tracer->options.notes_only) {
        troubles_look_at(tracer->options.troubles, leader->pid);
    }
    if (caller && caller != leader) {
        tracee_take_over(leader, caller);
        forget(tracer, caller);
    }
}

/* ----------------------------------------------------------------------- stops */

static bool stops_job(int signal) {
    return signal == SIGSTOP || launcher_stops_job(signal);
}

static void note_stop(struct tracer *tracer, const struct tracee *tracee, int signal) {
    if (tracee->tid == tracer->root && atomic_exchange(&tracer->stop_signal, signal) != signal) {
        feed_hurry(&tracer->teller.feed);
    }
}

/* PTRACE_EVENT_STOP: the first stop of a tracee, a stop of its process by a
 * signal (stay there until it is continued), or the end of one. */
static void take_event_stop(struct tracer *tracer, struct tracee *tracee, int signal, bool interrupted) {
    if (!tracee->in_call) {
        tracee_give_back_untraced(tracee);
    }
    if (interrupted && signal == SIGTRAP) {
        mend_call(tracer, tracee);
    }
    if (tracee->broken_off && stops_job(signal)) {
        /* A stop of the process breaks calls off without us, too. */
        end_call(tracer, tracee, tracee->result);
    }
    if (tracee->let_go) {
        let_go(tracer, tracee, 0);
    } else if (stops_job(signal)) {
        note_stop(tracer, tracee, signal);
        tracee->was_stopped = true;
        if (atomic_load(&tracer->detaching)) {
            let_go(tracer, tracee, 0);
        } else {
            request(PTRACE_LISTEN, tracee->tid, 0, 0);
        }
    } else {
        note_stop(tracer, tracee, 0);
        resume(tracer, tracee, 0);
    }
}

static void take_stop(struct tracer *tracer, struct tracee *tracee, int status) {
    int signal = WSTOPSIG(status);
    bool interrupted = tracee->interrupted;
    tracee->interrupted = false;
    set_computes(tracer, tracee, false);
    tracee->first_stop = true;
    if (tracee->unsettled) {
        tracee->unsettled = false;
        atomic_fetch_sub(&tracer->unsettled, 1);
    }
    if (signal == (SIGTRAP | 0x80)) {
        take_call_stop(tracer, tracee, interrupted);
        resume(tracer, tracee, 0);
        return;
    }
    switch (status >> 16) {
    case 0:
        take_signal(tracer, tracee, signal);
        resume(tracer, tracee, signal);
        return;
    case PTRACE_EVENT_STOP:
        take_event_stop(tracer, tracee, signal, interrupted);
        return;
    case PTRACE_EVENT_SECCOMP:
        take_call_stop(tracer, tracee, interrupted);
        break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        take_birth(tracer, tracee);
        break;
    case PTRACE_EVENT_EXEC:
        take_exec(tracer, tracee);
        break;
    default:
        break;
    }
    resume(tracer, tracee, 0);
}

/* The most memory that the started program had resident, in KiB. To ask for it at
 * every wait would cost a microsecond each, so it is taken from the sum of our
 * children, whose maximum it is unless an earlier one had more: negative then. */
static int64_t max_rss_of_root(const struct tracer *tracer) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return !tracer->options.attach && usage.ru_maxrss > tracer->children_rss ? usage.ru_maxrss : -1;
}

static void take_end(struct tracer *tracer, struct tracee *tracee, int status) {
    if (tracee->tid == tracer->root) {
        tracer->outcome.wait_status = status;
        tracer->outcome.end_ns = monotonic_now();
        tracer->outcome.max_rss_kb = max_rss_of_root(tracer);
        tracer->outcome.ended = true;
        atomic_store(&tracer->root_ended, true);
        feed_hurry(&tracer->teller.feed);
    }
    teller_end(&tracer->teller, tracee, status);
    bool orphans = may_have_created(tracer, tracee);
    forget(tracer, tracee);
    if (orphans) {
        begin_orphans(tracer);
    }
}

static void take_status(struct tracer *tracer, pid_t tid, int status) {
    struct tracee *tracee = find(tracer, tid);
    atomic_store_explicit(&tracer->stops, atomic_load_explicit(&tracer->stops, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    if (WIFSTOPPED(status)) {
        if (tracee && !tracee->awaits_creator) {
            take_stop(tracer, tracee, status);
        } else if (!tracee) {
            take_unknown(tracer, tid);
        }
    } else if (tracee && (WIFEXITED(status) || WIFSIGNALED(status))) {
        take_end(tracer, tracee, status);
    }
}

/* ----------------------------------------------------------------------- start */

static int seize(struct tracer *tracer, pid_t tid, pid_t pid) {
    uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                        PTRACE_O_TRACEVFORK | PTRACE_O_TRACESECCOMP;
    if (tracer->options.filtered) {
        options |= PTRACE_O_EXITKILL;
    }
    if (request(PTRACE_SEIZE, tid, 0, options) < 0) {
        return -errno;
    }
    struct tracee *tracee = add(tracer, tid, pid);
    if (!tracee) {
        request(PTRACE_DETACH, tid, 0, 0);
        return -ENOMEM;
    }
    tracee->unsettled = true;
    tracee->interrupted = tracer->options.attach;
    atomic_fetch_add(&tracer->unsettled, 1);
    request(PTRACE_INTERRUPT, tid, 0, 0);
    return 0;
}

/* Why a process cannot be attached to. */
static void explain_refusal(struct tracer *tracer, pid_t pid, int error) {
    char *problem = tracer->problem;
    size_t size = sizeof(tracer->problem);
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    pid_t other = error == EPERM ? proc_number(path, "TracerPid") : 0;
    if (pid == getpid()) {
        snprintf(problem, size, "process %d is renacer-sv itself", pid);
    } else if (error == ESRCH) {
        snprintf(problem, size, "there is no process %d", pid);
    } else if (other) {
        snprintf(problem, size, "process %d is traced by process %d already", pid, other);
    } else if (error == EPERM) {
        snprintf(problem, size,
                 "process %d may not be traced: it is another user's, runs with privileges of its own, or "
                 "kernel.yama.ptrace_scope or a container forbids it",
                 pid);
    } else {
        snprintf(problem, size, "process %d cannot be traced", pid);
    }
}

/* Seize all threads of a process; threads that they create meanwhile come by themselves or are found in the next look.
 */
static int seize_process(struct tracer *tracer, pid_t pid) {
    int status;
    unsigned taken;
    pid_t *tids;
    do {
        taken = 0;
        ssize_t count = proc_threads(pid, &tids);
        if (count <= 0) {
            explain_refusal(tracer, pid, count < 0 ? (int)-count : ESRCH);
            return count < 0 ? (int)count : -ESRCH;
        }
        status = 0;
        for (ssize_t i = 0; i < count; i++) {
            if (find(tracer, tids[i])) {
                continue;
            }
            int refused = seize(tracer, tids[i], pid);
            if (refused < 0 && tids[i] == pid) {
                status = refused;
            }
            taken += refused == 0;
        }
        free(tids);
    } while (status == 0 && taken);
    if (status < 0) {
        explain_refusal(tracer, pid, -status);
    }
    return status;
}

static int seize_all(struct tracer *tracer) {
    const struct tracer_options *options = &tracer->options;
    int status = 0;
    for (size_t i = 0; i < options->count && status == 0; i++) {
        pid_set_add(options->family, options->pids[i]);
        if (options->attach) {
            if (memory_is_supplied_in(options->pids[i])) {
                atomic_store(options->supplies, true);
            }
            status = seize_process(tracer, options->pids[i]);
        } else {
            status = seize(tracer, options->pids[i], options->pids[i]);
            if (status < 0) {
                snprintf(tracer->problem, sizeof(tracer->problem), "the program may not be traced with ptrace");
            }
        }
    }
    tracer->attached = tracee_count(tracer->tracees);
    for (struct tracee *tracee = tracer->tracees; tracee && options->attach; tracee = tracee_next(tracee)) {
        teller_birth(&tracer->teller, tracee, NULL);
    }
    return status;
}

/* Tell the creator how the start went. */
static void report(struct tracer *tracer, int status) {
    pthread_mutex_lock(&tracer->mutex);
    tracer->reported = true;
    tracer->status = status;
    pthread_cond_signal(&tracer->condition);
    pthread_mutex_unlock(&tracer->mutex);
}

/* ---------------------------------------------------------------------- thread */

/* Those that run have to stop before they can be let go. */
static void interrupt_all(struct tracer *tracer) {
    for (struct tracee *tracee = tracer->tracees; tracee; tracee = tracee_next(tracee)) {
        interrupt(tracee);
    }
}

/* Of this thread's tracees alone: other sessions have their own tracers. */
static pid_t wait_for_tracee(int *status, int options) {
    return wait4(-1, status, __WALL | __WNOTHREAD | options, NULL);
}

/* Look for a stop until it comes or it takes too long: then 0. */
static pid_t spin_for_stop(int *status) {
    uint64_t limit = monotonic_now() + SPIN_NS;
    pid_t tid = 0;
    while (tid == 0 && monotonic_now() < limit) {
        for (unsigned i = 0; i < SPIN_LOOKS && tid == 0; i++) {
            tid = wait_for_tracee(status, WNOHANG);
        }
    }
    return tid;
}

/* The next tracee that has stopped or ended. To be woken on another CPU takes far
 * longer than most calls (docs/performance.md), so a stop is looked for a while, as long as
 * that helps: not while tracees need all CPUs, nor while they rarely stop. */
static pid_t await_stop(struct tracer *tracer, int *status) {
    struct spin *spin = &tracer->spin;
    if (spin->rest) {
        spin->rest--;
    } else if (spin->computes + spin->calls < spin->cpus) {
        pid_t tid = spin_for_stop(status);
        if (tid != 0) {
            spin->failures = 0;
            spin->next_rest = SPIN_REST_LEAST;
            return tid;
        }
        if (++spin->failures >= SPIN_FAILURES) {
            /* Then one look is enough, until one has helped. */
            spin->rest = spin->next_rest;
            spin->next_rest = spin->rest < SPIN_REST_MOST ? 2 * spin->rest : spin->rest;
        }
    }
    return wait_for_tracee(status, 0);
}

static void count_cpus(struct tracer *tracer) {
    cpu_set_t cpus;
    tracer->spin.next_rest = SPIN_REST_LEAST;
    tracer->spin.cpus = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
}

static void trace(struct tracer *tracer, bool reported) {
    bool interrupted = false;
    while (tracer->tracees && !atomic_load_explicit(&tracer->stopping, memory_order_relaxed)) {
        if (!reported && atomic_load(&tracer->unsettled) == 0) {
            reported = true;
            report(tracer, 0);
        }
        if (!interrupted && atomic_load_explicit(&tracer->detaching, memory_order_relaxed)) {
            interrupted = true;
            interrupt_all(tracer);
        }
        int status;
        pid_t tid = await_stop(tracer, &status);
        if (tid > 0) {
            take_status(tracer, tid, status);
        } else if (tid < 0 && errno == ECHILD) {
            break;
        }
    }
}

static void *run_tracer(void *context) {
    struct tracer *tracer = context;
    pthread_setname_np(pthread_self(), "renacer-trace");
    kick_accept();
    count_cpus(tracer);
    int status = seize_all(tracer);
    if (status < 0) {
        /* Those that were seized already are let go as if nothing had been. */
        atomic_store(&tracer->detaching, true);
    }
    trace(tracer, status < 0);
    report(tracer, status);
    atomic_store(&tracer->ended, true);
    feed_hurry(&tracer->teller.feed);
    return NULL;
}

/* Stops of tracees are waited for; signals about them would only wake the session. */
static void silence_stops(struct tracer *tracer) {
    sigaction(SIGCHLD, NULL, &tracer->sigchld);
    struct sigaction action = tracer->sigchld;
    action.sa_flags |= SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
}

/* Wait until the thread has reported; every tracee has stopped once by then, unless it takes too long. */
static int await_report(struct tracer *tracer) {
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 1;
    int error = 0;
    pthread_mutex_lock(&tracer->mutex);
    while (!tracer->reported && error == 0) {
        error = pthread_cond_timedwait(&tracer->condition, &tracer->mutex, &limit);
    }
    int status = tracer->reported ? tracer->status : 0;
    pthread_mutex_unlock(&tracer->mutex);
    return status;
}

int tracer_create(struct tracer **result, const struct tracer_options *options, char *problem, size_t size) {
    *result = NULL;
    struct tracer *tracer = calloc(1, sizeof(*tracer));
    if (!tracer) {
        return -ENOMEM;
    }
    tracer->options = *options;
    tracer->root = options->pids[0];
    memory_guard_init(&tracer->memory, &tracee_memory, options->supplies);
    tracer->teller = (struct teller){.feed.producer.fd = -1,
                                     .capture = options->capture,
                                     .memory = &tracer->memory.memory,
                                     .notes_only = options->notes_only,
                                     .maps = options->maps,
                                     .awake = options->attach};
    tracer->all = !options->notes_only;
    silence_stops(tracer);
    pthread_mutex_init(&tracer->mutex, NULL);
    pthread_cond_init(&tracer->condition, NULL);
    size_t least = options->maps ? PROGRAM_MAPS_BOUND : 0;
    int status = feed_init(&tracer->teller.feed, options->capture, least, options->collector);
    if (status == 0) {
        status = kick_install();
    }
    if (status == 0) {
        struct rusage usage;
        getrusage(RUSAGE_CHILDREN, &usage);
        tracer->children_rss = usage.ru_maxrss;
        status = -pthread_create(&tracer->thread, NULL, run_tracer, tracer);
        tracer->started = status == 0;
    }
    if (status == 0) {
        status = await_report(tracer);
    }
    if (status < 0) {
        snprintf(problem, size, "%s", tracer->problem);
        tracer_destroy(tracer);
        return status;
    }
    *result = tracer;
    return 0;
}

/* --------------------------------------------------------------------- outside */

bool tracer_next(struct tracer *tracer, struct kernel_event *event) {
    return feed_next(&tracer->teller.feed, event);
}

const struct note *tracer_next_note(struct tracer *tracer) {
    return feed_next_note(&tracer->teller.feed);
}

bool tracer_is_urgent(const struct tracer *tracer) {
    return feed_is_urgent(&tracer->teller.feed);
}

bool tracer_ended(const struct tracer *tracer) {
    return atomic_load(&tracer->ended);
}

const struct engine_outcome *tracer_outcome(const struct tracer *tracer) {
    return atomic_load(&tracer->root_ended) ? &tracer->outcome : NULL;
}

int tracer_stop_signal(const struct tracer *tracer) {
    return atomic_load(&tracer->stop_signal);
}

struct tracer_counts tracer_counts(const struct tracer *tracer) {
    return (struct tracer_counts){.stops = atomic_load(&tracer->stops),
                                  .tracees = atomic_load(&tracer->tracee_count),
                                  .attached = tracer->attached};
}

void tracer_detach(struct tracer *tracer) {
    atomic_store(&tracer->detaching, true);
    kick_thread(tracer->thread);
}

void tracer_destroy(struct tracer *tracer) {
    static const struct timespec moment = {.tv_nsec = 200000};
    if (!tracer) {
        return;
    }
    /* Those that we attached to are let go first; what does not stop within a second is left to the kernel. */
    for (unsigned i = 0; tracer->options.attach && tracer->started && !tracer_ended(tracer) && i < 5000; i++) {
        feed_close(&tracer->teller.feed);
        tracer_detach(tracer);
        nanosleep(&moment, NULL);
    }
    atomic_store(&tracer->stopping, true);
    feed_close(&tracer->teller.feed);
    while (tracer->started && pthread_tryjoin_np(tracer->thread, NULL) == EBUSY) {
        kick_thread(tracer->thread);
        nanosleep(&moment, NULL);
    }
    feed_finish(&tracer->teller.feed);
    while (tracer->tracees) {
        tracee_remove(&tracer->tracees, tracer->tracees);
    }
    sigaction(SIGCHLD, &tracer->sigchld, NULL);
    pthread_mutex_destroy(&tracer->mutex);
    pthread_cond_destroy(&tracer->condition);
    free(tracer);
}
