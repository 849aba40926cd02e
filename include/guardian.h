/* SPDX-License-Identifier: MIT
 *
 * The guardian: a helper process that keeps nothing but the listener and the
 * perf descriptors open, and outlives the supervisor.
 *
 *   - Closing the last descriptor of a tracepoint event makes its closer wait
 *     for the kernel (40 to 50 ms each). The guardian holds them last, and
 *     nobody waits for the guardian.
 *   - Processes that live on when a trace has ended (without -f) still notify.
 *     The guardian lets their calls run until the last one is gone.
 */
#ifndef RENACER_GUARDIAN_H
#define RENACER_GUARDIAN_H

#include <stddef.h>

struct guardian {
    int control; /* its other end: closing it is the signal that we are gone */
};

/* Fork the guardian; it takes the listener and `count` perf descriptors over
 * and closes everything else. To be called before there are threads. 0 or -errno. */
int guardian_start(struct guardian *guardian, int listener, const int *perf_fds, size_t count);

/* Give it one more perf descriptor to hold. */
void guardian_hold(struct guardian *guardian, int perf_fd);

/* Let go of it: it now answers what still notifies. It must be the last thing
 * done before our own copies are closed. */
void guardian_finish(struct guardian *guardian);

#endif
