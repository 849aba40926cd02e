/* SPDX-License-Identifier: MIT
 *
 * The seccomp listener: the ioctls of seccomp_unotify(2), each wrapped once.
 */
#ifndef RENACER_LISTENER_H
#define RENACER_LISTENER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* Room for what the running kernel writes, whatever its version. */
union listener_notification {
    struct seccomp_notif notif;
    uint8_t space[256];
};

/* Wake-ups between caller and receiver stay on one CPU (Linux 6.6). 0, or
 * -EINVAL on an older kernel, which changes the speed and nothing else. */
int listener_set_sync(int listener, bool on);

/* Whether a notification waits: 1, 0, or -EPIPE when no task is left under the filter. */
int listener_poll(int listener);

/* Receive one notification; blocks if none waits, whatever the descriptor's
 * flags. -EINTR: a signal came, and nothing was received. -ENOENT: its caller was killed or interrupted, or no task is
 * left. */
int listener_receive(int listener, union listener_notification *notification);

/* Whether the notification was received and its caller still waits for its answer: then what was read of it until now
 * was its own. */
bool listener_is_waiting(int listener, uint64_t id);

/* Let the call run, whatever signals come meanwhile. 0, or -ENOENT: the caller is gone. */
int listener_continue(int listener, uint64_t id);

#endif
