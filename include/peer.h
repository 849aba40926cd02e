/* SPDX-License-Identifier: MIT
 *
 * One connection to the agent's socket: a runtime, or whoever else found it. It
 * sends one JSON object and descriptors with the first bytes of it. Everything
 * is bounded, and a peer that is destroyed leaves no descriptor behind.
 */
#ifndef RENACER_PEER_H
#define RENACER_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PEER_BYTES_MAX = 1 << 20, /* of a message */
};

struct peer;

enum peer_verdict {
    PEER_MORE,     /* wait until there is more to read, or until the deadline */
    PEER_COMPLETE, /* a whole object is there; the connection may still be open at the other end */
    PEER_EMPTY,    /* closed without a byte: so does a runtime that failed after it had connected */
    PEER_REFUSED,  /* `problem` says why; destroy it */
};

/* A peer on a connected Unix stream socket, which is taken over: closed with the peer, or at once where this fails.
 * `deadline_ns` is of CLOCK_MONOTONIC: when the message has to be whole. 0, or -errno. */
int peer_create(struct peer **peer, int fd, int64_t deadline_ns);

/* Close the connection and every descriptor that nobody took. NULL is fine. */
void peer_destroy(struct peer *peer);

/* Who connected, by SO_PEERCRED. The process is 0 where it is in another pid namespace. */
uid_t peer_uid(const struct peer *peer);
gid_t peer_gid(const struct peer *peer);
pid_t peer_pid(const struct peer *peer);

/* For poll(2): the connection, which stays the peer's. */
int peer_socket(const struct peer *peer);
int64_t peer_deadline(const struct peer *peer);

/* Read what is there, without waiting, and not without end either: after some of it comes PEER_MORE. After
 * PEER_COMPLETE, PEER_EMPTY and PEER_REFUSED nothing more is read, and the verdict stays. A peer that is read after
 * its deadline and is not whole is refused. */
enum peer_verdict peer_read(struct peer *peer, char *problem, size_t problem_size);

/* The message until now, not NUL-terminated; the peer's. */
const char *peer_bytes(const struct peer *peer, size_t *size);

/* How many descriptors came with it. */
size_t peer_fd_count(const struct peer *peer);

/* The descriptor at this index, close-on-exec, which is the caller's from now on; -ENOENT: none is there (any more). */
int peer_take_fd(struct peer *peer, size_t index);

/* Whether a descriptor is a seccomp listener: 0; -EINVAL: it is something else; another -errno: it could not be told.
 */
int peer_check_listener(int fd);

#endif
