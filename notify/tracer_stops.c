/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "launcher.h"
#include "proc.h"
#include "tracer_state.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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
    if (!parent && tracee->first_stop) {
        /* Nobody knows whose code it has. */
        teller_code(&tracer->teller, tracee, CODE_ANYWHERE);
    }
    if (parent && parent->stripped) {
        tracee->stripped = true;
        tracee->args[0] = parent->args[0];
    }
    if (!tracee->first_stop) {
        return;
    }
    tracee_give_back_untraced(tracee);
    if (tracee->let_go) {
        tracer_let_go(tracer, tracee, 0);
    } else {
        tracer_resume(tracer, tracee, 0);
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
    if (tracer_request(PTRACE_GETEVENTMSG, parent->tid, 0, (uintptr_t)&tid) < 0) {
        return;
    }
    struct tracee *child = tracer_find(tracer, (pid_t)tid);
    if (!child && is_tracee((pid_t)tid)) {
        child = tracer_add(tracer, (pid_t)tid, 0);
    }
    if (child && !child->begun) {
        child->pid = process_of_new((pid_t)tid, parent);
        begin_life(tracer, child, parent);
    }
}

/* A thread that stops for the first time before its creator has told of it. */
static void take_unknown(struct tracer *tracer, pid_t tid) {
    struct tracee *tracee = tracer_add(tracer, tid, 0);
    if (tracee) {
        tracee->awaits_creator = true;
        tracee->first_stop = true;
    } else {
        tracer_request(PTRACE_DETACH, tid, 0, 0);
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
    return tracer_find(tracer, tid != pid ? pid : proc_number(path, "PPid"));
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
    tracer_request(PTRACE_GETEVENTMSG, leader->tid, 0, (uintptr_t)&former);
    struct tracee *caller = (pid_t)former == leader->tid ? leader : tracer_find(tracer, (pid_t)former);
    if (leader->tid == tracer->root && !tracer->settled_on_calls) {
        settle_on_calls(tracer);
    }
    teller_exec(&tracer->teller, leader);
    teller_code(&tracer->teller, leader, CODE_ANYWHERE);
    if (tracer->teller.awake && !leader->silent && !tracer->options.notes_only) {
        troubles_look_at(tracer->options.troubles, leader->pid);
    }
    if (caller && caller != leader) {
        tracee_take_over(leader, caller);
        tracer_forget(tracer, caller);
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
        tracer_mend_call(tracer, tracee);
    }
    if (tracee->broken_off && stops_job(signal)) {
        /* A stop of the process breaks calls off without us, too. */
        tracer_end_call(tracer, tracee, tracee->result);
    }
    if (tracee->let_go) {
        tracer_let_go(tracer, tracee, 0);
    } else if (stops_job(signal)) {
        note_stop(tracer, tracee, signal);
        tracee->was_stopped = true;
        if (atomic_load(&tracer->detaching)) {
            tracer_let_go(tracer, tracee, 0);
        } else {
            tracer_request(PTRACE_LISTEN, tracee->tid, 0, 0);
        }
    } else {
        note_stop(tracer, tracee, 0);
        tracer_resume(tracer, tracee, 0);
    }
}

static void take_stop(struct tracer *tracer, struct tracee *tracee, int status) {
    int signal = WSTOPSIG(status);
    bool interrupted = tracee->interrupted;
    tracee->interrupted = false;
    tracer_set_computes(tracer, tracee, false);
    tracee->first_stop = true;
    if (tracee->unsettled) {
        tracee->unsettled = false;
        atomic_fetch_sub(&tracer->unsettled, 1);
    }
    if (signal == (SIGTRAP | 0x80)) {
        tracer_take_call_stop(tracer, tracee, interrupted);
        tracer_resume(tracer, tracee, 0);
        return;
    }
    switch (status >> 16) {
    case 0:
        tracer_take_signal(tracer, tracee, signal);
        tracer_resume(tracer, tracee, signal);
        return;
    case PTRACE_EVENT_STOP:
        take_event_stop(tracer, tracee, signal, interrupted);
        return;
    case PTRACE_EVENT_SECCOMP:
        tracer_take_call_stop(tracer, tracee, interrupted);
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
    tracer_resume(tracer, tracee, 0);
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
    tracer_forget(tracer, tracee);
    if (orphans) {
        begin_orphans(tracer);
    }
}

void tracer_take_status(struct tracer *tracer, pid_t tid, int status) {
    struct tracee *tracee = tracer_find(tracer, tid);
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
