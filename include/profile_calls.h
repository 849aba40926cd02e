/* SPDX-License-Identifier: MIT
 *
 * The system calls that a container's seccomp profile has to notify, by the names
 * that profiles have: those of libseccomp. A profile has no rules for single
 * architectures, so a call is one for all of x86-64, i386 and x32.
 */
#ifndef RENACER_PROFILE_CALLS_H
#define RENACER_PROFILE_CALLS_H

#include "filter.h"
#include "seccomp_profile.h"

#include <stdbool.h>
#include <stddef.h>

/* One that is to be recorded, or notified, or both. */
struct profile_call {
    char *name;            /* libseccomp's, owned; NULL: it does not know the call */
    const char *row_name;  /* ours, as options have it */
    bool chosen;           /* to be recorded */
    bool notified;         /* as a whole, */
    bool notified_for_one; /* or, if not, for `value` alone */
    struct profile_condition value;
};

/* Zero-initialised is empty. */
struct profile_calls {
    struct profile_call *calls; /* owned; ours that libseccomp does not know stand behind the others */
    size_t count;
};

/* Find them: filter_action() says which. Where not all chosen calls are to be notified, for an engine that sees the
 * others in another way, calls of 32-bit programs follow those of x86-64 with the same name. 0 or -ENOMEM;
 * profile_calls_finish() in any case. */
int profile_calls_find(struct profile_calls *calls, const struct filter_options *options);
void profile_calls_finish(struct profile_calls *calls);

#endif
