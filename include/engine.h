/* SPDX-License-Identifier: MIT
 *
 * Engines: where entries, results and times come from. One table of functions
 * each; the session does not care which it has.
 *
 *   notify       entries from notifications and tracepoints, results and times from tracepoints
 *   notify-only  entries from notifications, no results
 *
 * An engine's event source is attached to the program while that waits in its
 * execve. The fake engine of the tests plays recorded events.
 */
#ifndef RENACER_ENGINE_H
#define RENACER_ENGINE_H

#include "kernel_event.h"
#include "selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct engine_options {
    const struct selection *selection;
    bool follow;
    bool signals; /* signal deliveries are wanted */
};

struct engine {
    const char *name;
    const char *time;  /* what its times are, for the document; NULL: it has none */
    bool has_events;   /* it reports results, through the functions below */
    bool notifies_all; /* every traced call has to stop */

    /* Make the source of events of thread `tid`; 0 with *state, or -errno with a sentence in `problem`. */
    int (*attach)(void **state, pid_t tid, const struct engine_options *options, char *problem, size_t size);
    void (*detach)(void *state);
    /* The program is about to run. 0 or -errno. */
    int (*start)(void *state);
    /* As perf_source_next(). */
    bool (*next)(void *state, uint64_t before, struct kernel_event *event);
    /* What next() gave is done with. */
    void (*release)(void *state);
    /* Take a thread in again that lost its events. 0 or -errno. */
    int (*reopen)(void *state, pid_t tid);
    /* Whether the source sees only calls of the native architecture, and a thread
     * that makes others has to be widened first. NULL: it sees all. */
    bool (*is_narrow)(void *state);
    /* See the calls of another architecture that this thread makes. 0 or -errno. */
    int (*widen)(void *state, pid_t tid);
    /* Events that were lost so far. */
    uint64_t (*lost)(void *state);
    /* How full the source's store is, in percent. */
    unsigned (*fill)(void *state);
    /* The descriptors that become readable when there are events; `index` from
     * 0, -1 past the last. */
    int (*wait_fd)(void *state, size_t index);
    /* All descriptors that the guardian has to hold; as wait_fd. */
    int (*held_fd)(void *state, size_t index);
};

/* All engines, best first, then NULL. */
const struct engine *const *engine_all(void);

/* The engine of this name, or NULL. */
const struct engine *engine_named(const char *name);

#endif
