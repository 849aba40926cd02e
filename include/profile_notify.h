/* SPDX-License-Identifier: MIT
 *
 * Making a container's seccomp profile notify. Every denial stays, and so does what
 * is only logged; what the profile allows is notified, on the same conditions.
 *
 * Where the profile denies what it does not name, its rules that allow become ones that
 * notify, one for one: the filter that libseccomp makes has the same shape. Where it
 * allows what it does not name, notification needs rules of its own, for what
 * the denials of the same call leave over; where no rules can say that, the call is left
 * as it is.
 */
#ifndef RENACER_PROFILE_NOTIFY_H
#define RENACER_PROFILE_NOTIFY_H

#include "profile_calls.h"
#include "seccomp_profile.h"

enum profile_runtime {
    RUNTIME_ANY, /* what all of them take */
    RUNTIME_CRUN,
    RUNTIME_RUNC,
};

/* Why a chosen call is not notified. */
enum unnotified_reason {
    UNNOTIFIED_RUNTIME,    /* the runtime forbids it, or calls it itself before the agent can answer */
    UNNOTIFIED_UNKNOWN,    /* libseccomp does not know the call */
    UNNOTIFIED_LOGGED,     /* the profile has it logged */
    UNNOTIFIED_CONDITIONS, /* it is denied on conditions of which no rules can say the contrary */
    UNNOTIFIED_SEEN,       /* the engine sees it without */
    UNNOTIFIED_DENIED,     /* it is denied whatever its arguments */
    UNNOTIFIED_REASONS,
};

/* By our own names of calls. Zero-initialised is empty. */
struct unnotified {
    struct name_list calls[UNNOTIFIED_REASONS];
    bool no_tsync; /* SECCOMP_FILTER_FLAG_TSYNC was taken out, which the kernel does not take with a listener */
};

/* Change the profile. 0; -ENOTSUP with a sentence in `problem`: execve cannot be notified, and so nothing can be
 * traced; -ENOMEM. */
int profile_notify(struct seccomp_profile *profile, const struct profile_calls *calls, enum profile_runtime runtime,
                   struct unnotified *unnotified, char *problem, size_t problem_size);
void unnotified_finish(struct unnotified *unnotified);

#endif
