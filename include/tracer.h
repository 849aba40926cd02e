/* SPDX-License-Identifier: MIT
 *
 * The tracer: a thread that stops tracees with ptrace(2) at their calls, reads
 * what the arguments point to, lets them go on, and hands what it saw to the
 * collector through a feed. All ptrace requests are made by that one thread,
 * as the kernel wants it.
 *
 * Either all calls stop (PTRACE_SYSCALL), or only those that a seccomp filter
 * in the program picks out (SECCOMP_RET_TRACE). Tracees are seized
 * (PTRACE_SEIZE), so that they stop and continue as they would without us.
 */
#ifndef RENACER_TRACER_H
#define RENACER_TRACER_H

#include "capture.h"
#include "engine.h"
#include "kernel_event.h"
#include "note.h"
#include "pid_set.h"
#include "selection.h"
#include "troubles.h"
#include "waker.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tracer;

struct tracer_options {
    const struct selection *selection;
    const struct capture_options *capture;
    const pid_t *pids; /* processes to begin with */
    size_t count;
    bool attach;  /* they run already, with all their threads; otherwise it is one that waits before its execve */
    bool follow;  /* their children too */
    bool signals; /* signal deliveries are wanted */
    /* The program has a filter that stops the calls that matter. It has to be traced to
     * its end then, children included, for without a tracer those calls fail. */
    bool filtered;
    const int *filter_error; /* not 0 once the program is executed: it has no filter after all; or NULL */
    bool maps;               /* what programs start with is wanted (NOTE_MAPS) */
    bool notes_only;         /* results come from elsewhere: hand over nothing but what was read */
    size_t stack_bytes;      /* of the stack are told with each chosen call, and what code is mapped; 0: neither */
    atomic_bool *supplies;   /* set when a program gets hold of memory that it supplies itself */
    struct pid_set *family;
    struct troubles *troubles;
    struct waker *collector; /* woken when something should be taken at once */
};

struct tracer_counts {
    uint64_t stops;
    unsigned tracees;  /* at the moment */
    unsigned attached; /* threads that were taken at the start */
};

/* Start the thread and seize the processes; returns when each of their threads
 * has stopped once (or does not stop within a second). 0, or -errno with a
 * sentence in `problem`; nothing stays seized then. */
int tracer_create(struct tracer **result, const struct tracer_options *options, char *problem, size_t size);

/* The next event, with its note; false if there is none. Valid until the next call. */
bool tracer_next(struct tracer *tracer, struct kernel_event *event);
/* With notes_only: the next note, or NULL. */
const struct note *tracer_next_note(struct tracer *tracer);
/* Whether something came that should not wait. */
bool tracer_is_urgent(const struct tracer *tracer);

/* Whether nothing is traced any more. What was seen may still be taken. */
bool tracer_ended(const struct tracer *tracer);
/* How the first of the processes has ended; NULL while it has not. */
const struct engine_outcome *tracer_outcome(const struct tracer *tracer);
/* The signal that stops the first of the processes at the moment, or 0. */
int tracer_stop_signal(const struct tracer *tracer);
struct tracer_counts tracer_counts(const struct tracer *tracer);

/* Let all tracees go, unharmed. To be repeated now and then until tracer_ended(); not at
 * once, for each time is a signal that the thread has to take first. */
void tracer_detach(struct tracer *tracer);

/* End the thread; tracees that are left are let go by the kernel. NULL is fine. */
void tracer_destroy(struct tracer *tracer);

#endif
