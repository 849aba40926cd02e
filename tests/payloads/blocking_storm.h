/* SPDX-License-Identifier: MIT
 * What the files of blocking_storm share. */
#ifndef BLOCKING_STORM_H
#define BLOCKING_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What signal(7) says of a call in which a thread waits while a handler runs. */
enum breaking {
    NEVER,    /* no EINTR, whatever the handler */
    RESTARTS, /* EINTR only if the handler has no SA_RESTART */
    ALWAYS,   /* EINTR whatever the handler */
};

struct waiting {
    const char *name;
    enum breaking breaking;
    bool brief;            /* it does not wait: nothing releases it, and nothing has to break it off */
    bool (*prepare)(void); /* false: this system has no such call */
    long (*make)(void);    /* the call once: -errno, or 0 when all that was to be waited for has come */
    void (*release)(void); /* what it waits for, by another thread */
    void (*finish)(void);
};

/* All of them, in this order; the last of each has no name. */
extern const struct waiting waitings_of_data[];
extern const struct waiting waitings_of_locks[];
extern const struct waiting waitings_of_time[];

/* Handlers that do not simply return; true if all went as it does without a tracer. */
void frames_all(int rounds);

/* The thread that the storm is meant for, and whether what is handled must be told to be wrong. */
extern pid_t main_thread;
void fail(const char *what, const char *detail);
/* Something has been done: the watchdog, which ends a program that hangs, waits on. */
void goes_on(void);

/* The waker of calls that only a signal ends; a handler that does nothing else than count. */
enum {
    WAKER = 26, /* SIGVTALRM */
};
extern volatile int wakes;

int64_t now_ns(void);

/* Whether the storm's signals have a handler. */
bool is_handled(void);

#endif
