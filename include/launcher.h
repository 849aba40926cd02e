/* SPDX-License-Identifier: MIT
 *
 * Starting a program under the filter: fork, filter, listener, exec, so that
 * the program finds everything as its caller left it. In two steps: tracepoints
 * must be in place before the execve begins, because the kernel decides at the
 * entry of a call whether it will be reported.
 */
#ifndef RENACER_LAUNCHER_H
#define RENACER_LAUNCHER_H

#include "adoption.h"
#include "filter.h"
#include "identity.h"
#include "listener.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Find `program` as execvp(3) would: by PATH if it has no slash. Returns a
 * malloc'd path, or NULL with *status 127 (not found) or 126 (not executable)
 * and errno set. */
char *launcher_find(const char *program, int *status);

struct launch_request {
    const char *path;                    /* what is executed */
    char *const *argv;                   /* what it sees */
    char *const *envp;                   /* its environment */
    const struct identity *identity;     /* whom it runs as; NULL: as we do */
    unsigned closed;                     /* which of the descriptors 0 to 2 it finds closed, a bit each */
    bool stdout_to_stderr;               /* our standard output carries the trace */
    bool fixed_addresses;                /* its address space layout is not randomised (personality(2)) */
    const struct filter_options *filter; /* NULL: none */
    const sigset_t *mask;                /* the signal mask that the program starts with */
    const struct sigaction *sigpipe;     /* and its dispositions of the signals that we changed */
    const struct sigaction *sigchld;
};

/* What child and supervisor share until the child executes the program, and supervisor and guardian from then on. */
struct launch_state {
    int exec_error;                   /* errno of its execve, or 0 */
    int filter_error;                 /* errno of the filter that it goes without, or 0 */
    int layout_error;                 /* errno of personality(2), without which it goes on, or 0 */
    int listener;                     /* number of its listener, there */
    _Atomic int release;              /* futex: 1 when it may go on */
    atomic_bool supplies;             /* a traced program has memory that it supplies itself: memory_guard.h */
    union listener_notification exec; /* its notification that was received last: the execve that waits */
};

struct launched {
    pid_t pid;
    pid_t tid; /* the thread of it that executes the program */
    int pidfd;
    int listener; /* -1 without a filter that notifies */
    bool adopted; /* it is not our child, and not ours to end */
    struct launch_state *state;
};

/* Nothing launched. */
#define LAUNCHED_NONE ((struct launched){.pid = -1, .pidfd = -1, .listener = -1})

/* Make the process; it waits to be released. A filter that notifies is loaded
 * by then; one for a ptracer is loaded after the release, when somebody can
 * answer, and if that is refused the program goes without. 0, or -errno with a
 * sentence in `problem`; nothing is left running then. */
int launcher_start(const struct launch_request *request, struct launched *launched, char *problem, size_t problem_size);

/* In place of that, take over a process that waits in its execve already: launched->state->exec. 0 or -errno. */
int launcher_adopt(const struct adoption *adoption, struct launched *launched);

/* Let it go on to its execve. */
void launcher_release(struct launched *launched);

/* The same, until it waits in the notification of its execve: launched->state->exec.
 * 0, or -errno with a sentence in `problem`. */
int launcher_release_to_exec(struct launched *launched, char *problem, size_t problem_size);

/* The same for one that was adopted: a signal may have broken its execve off, which then comes again. */
int launcher_renew_exec(struct launched *launched, char *problem, size_t problem_size);

/* End the process, which has not executed anything yet. One that was not made is fine, and one that was adopted is
 * left alone. */
void launcher_abandon(struct launched *launched);

/* Whether a signal is one of those that stop a job of a terminal: SIGTSTP, SIGTTIN, SIGTTOU. */
bool launcher_stops_job(int number);

/* Close what launcher_start() opened; the process is not touched. */
void launcher_finish(struct launched *launched);

#endif
