/* SPDX-License-Identifier: MIT
 *
 * A trace from its start to its end, as options have it: what a command line
 * and an agent for containers do alike.
 */
#ifndef RENACER_TRACING_H
#define RENACER_TRACING_H

#include "options.h"
#include "session.h"

#include <stdbool.h>
#include <stddef.h>

/* What is done beside the tracing; `context` is handed through, and each function may be NULL. */
struct tracing_watch {
    void *context;
    int signals; /* a signalfd */
    /* What is traced is about to run, or goes on. */
    void (*started)(void *context, struct session *session);
    /* There are signals to be read. False: the trace is to end now, whoever still runs. */
    bool (*signalled)(void *context, struct session *session);
    /* What has happened has been taken in. */
    void (*passed)(void *context, struct session *session);
};

struct tracing_end {
    int start_error; /* -errno: nothing was traced */
    int wait_error;  /* -errno: the trace ends before its time */
    struct session_result result;
};

/* Fill in what the options say of a session: what is recorded, and how. The rest stays as it is. */
void tracing_configure(const struct options *options, struct session_options *session);

/* Trace until the last traced process has ended, and say on standard error what there is to say of the trace.
 * What the options want of places in the source is filled in. 0; -errno with a sentence in `problem`, maybe an
 * empty one: nothing was traced (end->start_error). */
int tracing_run(const struct options *options, struct session_options *session, const struct tracing_watch *watch,
                struct tracing_end *end, char *problem, size_t size);

#endif
