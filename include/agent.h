/* SPDX-License-Identifier: MIT
 *
 * The agent: accepts container runtimes, takes the listener of each container,
 * and has a process of its own trace it (container_trace.h). It answers no
 * notification itself, so that containers go on when it ends.
 */
#ifndef RENACER_AGENT_H
#define RENACER_AGENT_H

#include "agent_options.h"

struct agent_setup {
    const struct agent_options *options;
    int argc; /* as agent_options_parse() had them */
    char **argv;
    int socket;         /* listening, not blocking; */
    const char *listen; /* its path: removed at the end; NULL: it is somebody else's */
    int folder;         /* for documents, */
    const char *where;  /* and its path */
};

/* Serve until SIGTERM, SIGINT or SIGHUP; all signals are blocked in this process then. 0 or -errno. */
int agent_run(const struct agent_setup *setup);

#endif
