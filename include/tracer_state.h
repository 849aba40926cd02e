/* SPDX-License-Identifier: MIT
 *
 * The tracer's state and what its parts share: tracer.c has the thread and is what
 * others see; tracer_seize.c takes hold of processes; tracer_stops.c is told of
 * births, execs, ends and stops; tracer_calls.c follows calls and signals. All but the
 * creation runs in the tracer's thread. For nobody else.
 */
#ifndef RENACER_TRACER_STATE_H
#define RENACER_TRACER_STATE_H

#include "memory_guard.h"
#include "teller.h"
#include "tracee.h"
#include "tracer.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

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

/* ptrace(2) as the kernel has it: glibc's PEEK requests and its errors differ from the kernel's. */
long tracer_request(long what, pid_t tid, uintptr_t address, uintptr_t data);

struct tracee *tracer_find(struct tracer *tracer, pid_t tid);
/* NULL without memory. */
struct tracee *tracer_add(struct tracer *tracer, pid_t tid, pid_t pid);
void tracer_forget(struct tracer *tracer, struct tracee *tracee);

/* Whether the tracee needs a CPU for itself. */
void tracer_set_computes(struct tracer *tracer, struct tracee *tracee, bool computes);

/* It stops soon, and breaks off the call in which it waits. */
void tracer_interrupt(struct tracee *tracee);
/* Detach a stopped tracee, with a signal or without. */
void tracer_let_go(struct tracer *tracer, struct tracee *tracee, int signal);
/* Let a stopped tracee go on, with a signal or without; one that is to be let go is. */
void tracer_resume(struct tracer *tracer, struct tracee *tracee, int signal);

/* The tracee's call has returned for good. */
void tracer_end_call(struct tracer *tracer, struct tracee *tracee, int64_t result);
/* It has stopped at the entry of a call or at its exit. `interrupted`: we had asked it to stop. */
void tracer_take_call_stop(struct tracer *tracer, struct tracee *tracee, bool interrupted);
/* A call that was broken off is about to return EINTR, because of us or of an ignored signal. */
void tracer_mend_call(struct tracer *tracer, struct tracee *tracee);
/* A signal is about to be delivered. */
void tracer_take_signal(struct tracer *tracer, struct tracee *tracee, int number);

/* A thread has stopped or ended, as wait(2) has it. */
void tracer_take_status(struct tracer *tracer, pid_t tid, int status);

/* Take hold of the processes of the options: 0, or -errno with a sentence in `problem`; those that were seized until
 * then stay so. */
int tracer_seize_all(struct tracer *tracer);
/* Tell what code the processes have that we attached to. */
void tracer_tell_code(struct tracer *tracer);

#endif
