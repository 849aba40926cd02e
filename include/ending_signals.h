/* SPDX-License-Identifier: MIT
 *
 * For commands that have something to tidy up, processes and temporary files:
 * signals that would end us are waited for, and end us when that is done.
 */
#ifndef RENACER_ENDING_SIGNALS_H
#define RENACER_ENDING_SIGNALS_H

#include <stdbool.h>

/* The signals that end us wait in a descriptor, so that nothing is left behind. */
struct ending_signals {
    int fd;
    int got; /* the first one, or 0 */
};

/* From now on all that can wait do, but for those that are ignored, which stay so; SIGPIPE is ignored as well. For the
 * main thread, before there are others. 0 or -errno. */
int ending_signals_begin(struct ending_signals *signals);
/* Whether one has come; looks without waiting. */
bool ending_signals_came(struct ending_signals *signals);
/* If one has come we end of it here. */
void ending_signals_end(struct ending_signals *signals);

#endif
