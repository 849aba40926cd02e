/* SPDX-License-Identifier: MIT
 *
 * Which children of a program its trace does not follow, because it was
 * recorded without -f: tasks that some call has made and that make none.
 */
#ifndef RENACER_UNFOLLOWED_H
#define RENACER_UNFOLLOWED_H

#include "trace_reader.h"

#include <stddef.h>

struct unfollowed_task;

/* Zero-initialised: none. */
struct unfollowed {
    struct unfollowed_task *tasks;
};

/* Take one call, in the order of the trace. 0 or -ENOMEM. */
int unfollowed_take(struct unfollowed *unfollowed, const struct trace_call *call);

/* How many there are: of more than 65536 so many. */
size_t unfollowed_count(const struct unfollowed *unfollowed);

void unfollowed_finish(struct unfollowed *unfollowed);

#endif
