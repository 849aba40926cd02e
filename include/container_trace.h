/* SPDX-License-Identifier: MIT
 *
 * The trace of one container process, from the listener that its runtime has
 * handed over to the end of its document. It runs in a process of its own, so
 * that no container depends on another, and none on the agent.
 */
#ifndef RENACER_CONTAINER_TRACE_H
#define RENACER_CONTAINER_TRACE_H

#include <sys/types.h>

struct container {
    const char *id;       /* as container_state.h lets it be */
    const char *metadata; /* of the profile: more options; NULL: none */
    pid_t told_pid;       /* what the runtime said its process is */
    int listener;
    int folder;        /* where its document goes, */
    const char *where; /* and what that was called */
    int argc;          /* the agent's own options: argv[0] is the verb */
    char **argv;
};

/* Trace it, and log how that went. `signals`: a signalfd by which the trace is told to end before the container does.
 * Returns the exit status of the process: 0, or 1 if there is no whole document. */
int container_trace(const struct container *container, int signals);

#endif
