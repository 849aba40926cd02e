/* SPDX-License-Identifier: MIT
 *
 * Adoption: a process that somebody else started, a container's, under a
 * seccomp filter of theirs, whose listener we were given. It is traced from
 * the execve by which it becomes what it was started for; nobody of those who
 * trace is its parent.
 */
#ifndef RENACER_ADOPTION_H
#define RENACER_ADOPTION_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct adoption {
    int listener;              /* stays the caller's */
    pid_t pid;                 /* the process, as our PID namespace numbers it, */
    int pidfd;                 /* owned, */
    pid_t tid;                 /* the thread of it that executes the program, */
    struct seccomp_notif exec; /* and its notification, which waits */
};

#define ADOPTION_NONE ((struct adoption){.listener = -1, .pidfd = -1})

/* Let all calls run until one executes a program; that one waits. What the process calls before is its starter's.
 * `stop`: a descriptor at which this is given up as soon as it can be read, with -ECANCELED; -1: none. 0 or -errno
 * with a sentence in `problem`: -ECHILD, nobody is left under the filter; -ESRCH, we cannot see who calls. */
int adoption_await(struct adoption *adoption, int listener, int stop, char *problem, size_t size);

/* Close what adoption_await() opened. ADOPTION_NONE is fine. */
void adoption_finish(struct adoption *adoption);

/* How a process that is not our child has ended, of which `pidfd` can be read: *wait_status as wait(2) has it. False:
 * the kernel does not tell (before Linux 6.15 only until its parent has waited for it, and only who may trace it). */
bool adoption_wait_status(int pidfd, pid_t pid, int *wait_status);

#endif
