/* SPDX-License-Identifier: MIT */
#include "memory_guard.h"
#include "proc.h"
#include "tracer_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <unistd.h>

static int seize(struct tracer *tracer, pid_t tid, pid_t pid) {
    uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                        PTRACE_O_TRACEVFORK | PTRACE_O_TRACESECCOMP;
    if (tracer->options.filtered) {
        options |= PTRACE_O_EXITKILL;
    }
    if (tracer_request(PTRACE_SEIZE, tid, 0, options) < 0) {
        return -errno;
    }
    struct tracee *tracee = tracer_add(tracer, tid, pid);
    if (!tracee) {
        tracer_request(PTRACE_DETACH, tid, 0, 0);
        return -ENOMEM;
    }
    tracee->unsettled = true;
    tracee->interrupted = tracer->options.attach;
    atomic_fetch_add(&tracer->unsettled, 1);
    tracer_request(PTRACE_INTERRUPT, tid, 0, 0);
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
            if (tracer_find(tracer, tids[i])) {
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

void tracer_tell_code(struct tracer *tracer) {
    for (size_t i = 0; i < tracer->options.count && tracer->options.attach; i++) {
        const struct tracee *tracee = tracer_find(tracer, tracer->options.pids[i]);
        if (tracee) {
            teller_code(&tracer->teller, tracee, CODE_ANYWHERE);
        }
    }
}

int tracer_seize_all(struct tracer *tracer) {
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
    tracer_tell_code(tracer);
    return status;
}
