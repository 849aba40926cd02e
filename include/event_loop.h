/* SPDX-License-Identifier: MIT
 *
 * Waiting for descriptors and time: io_uring where the kernel grants it, else
 * the same loop over poll(2). A loop belongs to the thread that created it
 * and can serve several sessions.
 *
 * Readiness is level-triggered in both: a handler that leaves something behind
 * is called again (io_uring: a one-shot poll, armed anew after each call, in
 * the same system call that waits).
 */
#ifndef RENACER_EVENT_LOOP_H
#define RENACER_EVENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_loop;
struct event_source;

/* What a handler wants next. */
enum event_verdict {
    EVENT_CONTINUE, /* call again when the descriptor is ready again */
    EVENT_CLOSE,    /* forget the source; the descriptor stays the owner's */
};

/* Called when `fd` is ready; `revents` as poll(2) has them. */
typedef enum event_verdict (*event_handler)(void *context, unsigned revents);

/* Create a loop on io_uring, or on poll if `use_poll` is set or io_uring is
 * refused. 0, or -errno with *result NULL. */
int event_loop_create(struct event_loop **result, bool use_poll);
/* NULL is fine. Sources go with it; descriptors stay the owners'. */
void event_loop_destroy(struct event_loop *loop);

/* "io_uring" or "poll". */
const char *event_loop_backend(const struct event_loop *loop);

/* Watch `fd` for `events` (POLLIN, ...). Returns the source, owned by the loop, or NULL without memory. */
struct event_source *event_loop_add(struct event_loop *loop, int fd, unsigned events, event_handler handler,
                                    void *context);
/* Stop watching. NULL is fine. Not for a source whose handler returned EVENT_CLOSE. */
void event_loop_remove(struct event_loop *loop, struct event_source *source);

/* Wait until a source is ready or `timeout_ns` has passed (negative: no limit),
 * and call the handlers of what is ready. 0, or -errno if waiting failed;
 * an interruption by a signal is no error. */
int event_loop_run(struct event_loop *loop, int64_t timeout_ns);

#endif
