/* SPDX-License-Identifier: MIT
 *
 * The guardian: a helper process that outlives the supervisor, whatever that
 * dies of. It holds what must not be closed with the supervisor: the listener,
 * the perf descriptors and the output.
 *
 *   - If the supervisor dies, the guardian goes on in its place, so that the
 *     program does not notice (guardian_duties.go_on), and has the output closed
 *     as a readable document that says that it is incomplete.
 *   - Processes that live on when a trace has ended (without -f) still notify.
 *     The guardian goes on for them in the same way until the last one is gone.
 *   - Closing the last descriptor of a tracepoint event makes its closer wait
 *     for the kernel (40 to 50 ms each). The guardian holds them last, and
 *     nobody waits for the guardian.
 *
 * It learns of the supervisor's death by a pidfd, if there was no farewell before;
 * the supervisor learns of the guardian's because the socket between them is
 * closed, and starts another one.
 */
#ifndef RENACER_GUARDIAN_H
#define RENACER_GUARDIAN_H

#include "sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    GUARDIAN_OUTPUTS_MAX = 3,
    GUARDIAN_REASON_MAX = 96,
};

/* What there is to do, and with what. The functions are called in processes of the guardian's, whose memory is a copy
 * of ours as it was in guardian_start(). */
struct guardian_duties {
    void *context;
    int listener;      /* -1: there is none */
    const int *events; /* perf descriptors, which are slow to close */
    size_t event_count;
    int outputs[GUARDIAN_OUTPUTS_MAX]; /* where the trace and messages go, which nobody else may find open for long; -1:
                                          none */
    /* First of all: get ready to go on. */
    void (*settle)(void *context);
    /* The supervisor is dead. At once: let all calls run that it left waiting. */
    void (*rescue)(void *context);
    /* Stand in for it, dead or not, until no task is left under the filter; false if that cannot be. */
    bool (*go_on)(void *context);
    /* Close the document, in a process of its own. `reason` is what the supervisor died of, `file` for output_resume();
     * `attempt`: so many before this one have crashed. */
    void (*close_output)(void *context, const char *reason, unsigned attempt,
                         int (*file)(void *context, const struct sink *sink), void *file_context);
};

struct guardian {
    int control; /* its other end: nothing is ever to be read there */
    int settled; /* the other end of what it closes when it has settled, or dies */
    pid_t pid;
    bool is_brief; /* it has nothing to do behind our end: then it is waited for, and nobody finds another child */
};

#define GUARDIAN_NONE ((struct guardian){.control = -1, .settled = -1})

/* Fork the guardian; it keeps the descriptors of its duties, and those of `spools`, files of sinks, `spool_count` of
 * them, and closes everything else. 0 or -errno. */
int guardian_start(struct guardian *guardian, const struct guardian_duties *duties, struct sink *const *spools,
                   size_t spool_count);

/* Give it one more perf descriptor to hold. */
void guardian_hold(struct guardian *guardian, int perf_fd);

/* Give it the file that a sink in shared memory has got. */
void guardian_hold_spool(struct guardian *guardian, const struct sink *spool);

/* The document is whole: it lets go of the output. */
void guardian_let_go(struct guardian *guardian);

/* Wait until it has settled (duties.settle), for a trace can be over before it has come to that; not for one that is
 * dead, nor longer than some seconds. Before what it has to get hold of is given up. */
void guardian_await(struct guardian *guardian);

/* Whether it has died; then it has been waited for, and another one may be started. */
bool guardian_is_dead(struct guardian *guardian);

/* Farewell: it now answers what still notifies. It must be the last thing
 * done before our own copies are closed. One that was not started is fine. */
void guardian_finish(struct guardian *guardian);

#endif
