/* SPDX-License-Identifier: MIT
 *
 * A session: one traced program with all that belongs to its trace: listener,
 * rings, receivers, collector, tasks, emitter and guardian. Several can live
 * on one event loop.
 */
#ifndef RENACER_SESSION_H
#define RENACER_SESSION_H

#include "capture.h"
#include "engine.h"
#include "event_loop.h"
#include "identity.h"
#include "selection.h"
#include "writer.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct session;

struct session_options {
    const pid_t *attach;             /* processes to attach to, in place of a program */
    size_t attach_count;             /* 0: none */
    const struct adoption *adoption; /* or one that waits in its execve; NULL: none */
    const char *path;                /* of the program */
    char *const *argv;
    char *const *envp;
    const struct identity *identity; /* whom the program runs as; NULL: as we do */
    unsigned closed;                 /* which of the descriptors 0 to 2 the program finds closed, a bit each */
    const sigset_t *mask;            /* what the program starts with */
    const struct sigaction *sigpipe;
    const struct sigaction *sigchld;
    /* NULL-terminated, in the order in which they are tried; NULL: all that there are, best first. */
    const struct engine *const *engines;
    size_t ring_bytes;    /* as in engine_options */
    bool profile;         /* session_profile() will be asked for */
    bool lossless;        /* stop at every traced call */
    bool births;          /* records of new threads are wanted (RECORD_START) */
    bool maps;            /* and of what programs find in their memory when they start (RECORD_MAPS) */
    size_t stack_bytes;   /* of the stack of each call are recorded, with what processes map; 0: neither */
    bool fixed_addresses; /* address space layout randomisation is off for the program and what it executes */
    struct capture_options capture;
    const struct selection *selection; /* must outlive the session */
    struct output_options output;
    /* Chosen calls, joined by commas, that cannot stop: a document of an engine without events says that it lacks them.
     * NULL: none. */
    const char *unnotified;
    int fd;                /* where the trace goes; stays the caller's */
    bool output_is_stdout; /* then the program's own output goes to standard error */
    bool truncate;         /* it has a file of its own, which is emptied as soon as the program is about to run */
};

/* How it ended. */
struct session_result {
    bool detached;   /* from processes that run on, or nobody told how the program ended */
    int wait_status; /* of the program, as wait(2) has it */
    int exec_error;  /* errno, if the program could not be executed; nothing was written then */
    bool has_stacks; /* the engine tells of them, if they are wanted */
    uint64_t calls;  /* that were recorded */
    uint64_t lost;   /* events; what is missing in the trace for it */
    int write_error; /* errno of the first failed write of the trace, or 0 */
};

/* Start the program and its trace. 0, or -errno with a sentence in `problem`;
 * nothing is left behind then. */
int session_start(struct session **result, struct event_loop *loop, const struct session_options *options,
                  char *problem, size_t problem_size);

/* The name of the engine that it has. */
const char *session_engine(const struct session *session);

/* The started process. */
pid_t session_root(const struct session *session);

/* How long the event loop may wait before the next session_round(), in
 * nanoseconds; to be asked directly before waiting. Negative: for ever. */
int64_t session_patience(struct session *session);

/* Take in what has happened. */
void session_round(struct session *session);

/* Whether the last traced process has ended, and the ends of all threads have been taken in, or have had the time. */
bool session_ended(struct session *session);

/* Send a signal to the program. */
void session_signal(struct session *session, int number);

/* Let the processes go that were attached to: session_ended() when they are. */
void session_detach(struct session *session);

/* Whether this process is the program or one that it started, living or ended. */
bool session_knows(struct session *session, pid_t pid);

/* A child changed its state: whether the program is stopped now, by a signal
 * that stops a terminal's job. */
bool session_stopped(struct session *session);

/* Write the end of the trace and say on standard error what is missing in it. */
void session_finish(struct session *session, struct session_result *result);

/* Counters of the tracing itself (--profile-self). After session_finish(). */
void session_profile(const struct session *session, FILE *stream);

void session_destroy(struct session *session);

#endif
