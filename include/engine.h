/* SPDX-License-Identifier: MIT
 *
 * Engines: how the program is started under watch, and where entries, results
 * and times come from. One table of functions each; the session does not care
 * which it has.
 *
 *   notify       entries from notifications, results and times from tracepoints
 *   ptrace       all of it from ptrace stops
 *   notify-only  entries from notifications, no results
 *
 * What an engine finds out comes out of two ends: notes (what was read of a
 * call while it waited) and events (what became of it). Each round of the
 * session takes the notes and then the events; see include/collector.h.
 */
#ifndef RENACER_ENGINE_H
#define RENACER_ENGINE_H

#include "capture.h"
#include "event_loop.h"
#include "guardian.h"
#include "kernel_event.h"
#include "launcher.h"
#include "note.h"
#include "pid_set.h"
#include "selection.h"
#include "troubles.h"
#include "waker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define PROFILE_LINE "renacer-sv: profile: "

struct engine_options {
    const struct launch_request *program; /* what is started; its filter is the engine's matter */
    const pid_t *attach;                  /* in place of it, processes that run already; */
    size_t attach_count;                  /* 0: none */
    const struct adoption *adoption;      /* or one that waits in its execve; NULL: none */
    const struct selection *selection;
    const struct capture_options *capture;
    bool follow;        /* the calls of other processes too */
    bool signals;       /* signal deliveries are wanted */
    size_t ring_bytes;  /* wanted for each ring that takes events, a power of two; 0: what is best */
    bool profile;       /* measure for profile() what is not measured otherwise */
    bool lossless;      /* stop at every traced call */
    bool maps;          /* what programs start with is to be read (RECORD_MAPS); needs `lossless` */
    size_t stack_bytes; /* of the stack are copied at the entry of each call, and mappings are told of; 0: neither */
    struct pid_set *family;    /* takes every process of the program that is seen */
    struct troubles *troubles; /* takes what the program could not do because of us */
    struct event_loop *loop;   /* on which the session waits */
    struct waker *collector;   /* woken when something should be taken at once */
    struct guardian *guardian; /* holds what the engine opens later; started between prepare() and start() */
};

/* How the started process has ended. */
struct engine_outcome {
    bool ended;
    bool untold;        /* but not how: */
    int wait_status;    /* as wait(2) has it */
    int64_t max_rss_kb; /* the most memory it had resident; negative: not known */
    uint64_t end_ns;    /* CLOCK_MONOTONIC */
};

struct engine {
    const char *name;
    const char *time;  /* what its times are, for the document; NULL: it has none */
    bool has_events;   /* it reports results; without, a note is all there will be of a call */
    bool notifies_all; /* every traced call stops, whatever `lossless` says */
    bool adopts;       /* it can take over a listener (engine_options.adoption) */

    /* Make the process and get everything in place; it waits before its execve. Or attach.
     * 0 with *state, or -errno with a sentence in `problem`; nothing is left behind then. */
    int (*prepare)(void **state, const struct engine *engine, const struct engine_options *options, char *problem,
                   size_t size);
    /* Let it run. 0 or -errno with a sentence in `problem`; then only destroy() may follow. */
    int (*start)(void *state, char *problem, size_t size);
    /* The program is left alone: one that has not executed anything yet is ended. */
    void (*destroy)(void *state);

    pid_t (*root)(const void *state);     /* the started process */
    int (*exec_error)(const void *state); /* errno of its execve, or 0 */
    /* errno of what should have fixed its addresses (launch_request.fixed_addresses), or 0. */
    int (*layout_error)(const void *state);
    void (*signal)(void *state, int number);
    /* Let the processes go that were attached to; they end for us when they are gone
     * (ended()). To be repeated until then. NULL: the engine cannot attach. */
    void (*detach)(void *state);
    /* A child of ours may have changed its state: whether the program is stopped now,
     * by a signal that stops a terminal's job. */
    bool (*stopped)(void *state);
    /* Whether the last traced process has ended. */
    bool (*ended)(const void *state);
    const struct engine_outcome *(*outcome)(const void *state);
    /* How many threads it has to stay with, recorded or not. NULL: none. */
    unsigned (*tracees)(const void *state);

    /* Hand over all notes; whether more are about to come. */
    bool (*drain)(void *state, void (*take)(void *context, const struct note *note), void *context);
    /* Whether something came since the last drain that should not wait. To be asked
     * between waker_prepare() and waiting. */
    bool (*is_urgent)(const void *state);
    /* As perf_source_next(). */
    bool (*next)(void *state, uint64_t before, struct kernel_event *event);
    /* Many events were taken in one go: look whether the program has to be slowed down. NULL: never. */
    void (*throttle)(void *state);
    /* What next() gave is done with. */
    void (*release)(void *state);
    /* Events that were lost so far. */
    uint64_t (*lost)(const void *state);
    /* Interrupted calls that the engine mended by itself. NULL: none. */
    uint64_t (*repaired)(const void *state);
    /* The trace has ended; what still lives runs on without being read, and is mended. */
    void (*disregard)(void *state);
    /* Nothing will be asked any more but profile() and destroy(): end the threads. */
    void (*stop)(void *state);
    /* Counters for --profile-self: NAME=VALUE, in lines that begin with PROFILE_LINE. */
    void (*profile)(const void *state, FILE *stream);

    /* For the collector; NULL where it never asks (include/collector.h). */
    int (*answer)(void *state, uint64_t id);
    int (*reopen)(void *state, pid_t tid);
    int (*widen)(void *state, pid_t tid);
    /* Whether the events are only of few calls, and of another architecture only for
     * threads that were widened. NULL: they are of all. */
    bool (*is_narrow)(const void *state);
    /* Whether its notes tell what programs start with; otherwise the first call of each waits in a NOTE_CHECK. */
    bool (*tells_maps)(const void *state);
    /* For the guardian (include/guardian.h); NULL where the program needs none to go on. */
    /* Its listener and perf descriptors, which stay the engine's; valid until it opens more. */
    void (*guarded)(const void *state, struct guardian_duties *duties);
    /* The rest is called in the guardian's process. guardian_duties.settle and .rescue; */
    void (*settle)(void *state);
    void (*rescue)(void *state);
    /* go on where the supervisor has stopped, on this loop. 0 or -errno; */
    int (*inherit)(void *state, struct event_loop *loop);
    /* where that fails: let run what rescue() has kept for it; */
    void (*give_up)(void *state);
    /* whether no task is left under the filter. Also for the supervisor, when the trace has ended. */
    bool (*deserted)(const void *state);
    /* Several threads are at work at once, or one. NULL: it does not matter. */
    void (*set_parallel)(void *state, bool parallel);
};

extern const struct engine notify_engine;
extern const struct engine ptrace_engine;
extern const struct engine notify_only_engine;

/* All engines, best first, then NULL. */
const struct engine *const *engine_all(void);

/* The engine of this name, or NULL. */
const struct engine *engine_named(const char *name);

#endif
