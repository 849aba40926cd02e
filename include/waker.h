/* SPDX-License-Identifier: MIT
 *
 * Waking a thread that waits for another: an eventfd that is written only if
 * the waiter said that it is about to sleep, so that a busy waiter costs its
 * wakers no system call.
 *
 *   waiter: waker_prepare(); look once more; if nothing is there, wait until
 *           the descriptor is readable; waker_settle()
 *   other:  make something be there; waker_wake()
 */
#ifndef RENACER_WAKER_H
#define RENACER_WAKER_H

#include <stdatomic.h>
#include <stdbool.h>

struct waker {
    int fd;
    atomic_bool asleep;
    atomic_uint written; /* wakes that are, or are about to be, in the descriptor: several may be on their way */
};

/* 0 or -errno. */
int waker_init(struct waker *waker);
void waker_finish(struct waker *waker);

/* The waiter: from now on a wake is wanted. */
void waker_prepare(struct waker *waker);
/* The waiter: it is awake again; an old wake is taken out of the descriptor. */
void waker_settle(struct waker *waker);
/* Anyone: wake the waiter if it sleeps. */
void waker_wake(struct waker *waker);
/* The waiter: block until a wake comes. */
void waker_wait(struct waker *waker);

#endif
