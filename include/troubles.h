/* SPDX-License-Identifier: MIT
 *
 * Troubles: what programs could not do, or we could not see, because of the
 * way in which they are traced. Counted while tracing, by any thread, and said
 * at the end with the way that would do.
 */
#ifndef RENACER_TROUBLES_H
#define RENACER_TROUBLES_H

#include <stdatomic.h>
#include <sys/types.h>

struct troubles {
    atomic_uint listeners;  /* seccomp listeners that programs asked for beside ours */
    atomic_uint strict;     /* uses of seccomp's strict mode that were refused, for our filter is there */
    atomic_uint ptracers;   /* programs' own uses of ptrace(2) that were refused */
    atomic_uint privileges; /* set-user-ID and set-group-ID programs that ran without these rights */
    atomic_uint unreadable; /* programs that we must not read */
};

/* Process `pid` has begun to run a program: look what it is. */
void troubles_look_at(struct troubles *troubles, pid_t pid);

/* Say on standard error what there was, a line for each kind. */
void troubles_say(const struct troubles *troubles);

#endif
