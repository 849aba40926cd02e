/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include "cleanup.h"
#include "clock.h"
#include "container_state.h"
#include "object_end.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    FIRST_BYTES = 4096, /* of the buffer: a state has some hundred */
    READS_MAX = 4,      /* at once, 16 KiB to begin with: others wait meanwhile */
    PROBLEM_BYTES = 128,
};

struct peer {
    int socket;
    int64_t deadline_ns;
    struct ucred who;
    enum peer_verdict verdict;
    char problem[PROBLEM_BYTES];
    struct object_end end;
    char *bytes;
    size_t size;
    size_t capacity;
    size_t fd_count;
    int fds[CONTAINER_FDS_MAX]; /* -1: taken */
};

/* Room for what comes with one message; aligned as its headers are. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(CONTAINER_FDS_MAX * sizeof(int))];
};

int peer_create(struct peer **peer, int fd, int64_t deadline_ns) {
    auto_fd socket = fd;
    auto_free struct peer *created = calloc(1, sizeof(*created));
    if (!created) {
        return -ENOMEM;
    }
    socklen_t size = sizeof(created->who);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &created->who, &size) < 0) {
        return -errno;
    }
    created->socket = steal_fd(&socket);
    created->deadline_ns = deadline_ns;
    created->verdict = PEER_MORE;
    *peer = created;
    created = NULL;
    return 0;
}

static void close_fds(struct peer *peer) {
    for (size_t i = 0; i < peer->fd_count; i++) {
        close_fd(&peer->fds[i]);
    }
    peer->fd_count = 0;
}

void peer_destroy(struct peer *peer) {
    if (peer) {
        close_fds(peer);
        close_fd(&peer->socket);
        free(peer->bytes);
        free(peer);
    }
}

/* ------------------------------------------------------------------------ reading */

static enum peer_verdict refuse(struct peer *peer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A listener that nobody answers on stops its container: it is closed now. */
static enum peer_verdict refuse(struct peer *peer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(peer->problem, sizeof(peer->problem), format, arguments);
    va_end(arguments);
    close_fds(peer);
    return PEER_REFUSED;
}

/* Room for one byte more than a message may have, so that one that is too long is seen. */
static int make_room(struct peer *peer) {
    if (peer->size < peer->capacity) {
        return 0;
    }
    size_t capacity = peer->capacity ? 2 * peer->capacity : FIRST_BYTES;
    capacity = capacity > PEER_BYTES_MAX ? PEER_BYTES_MAX + 1 : capacity;
    char *bytes = realloc(peer->bytes, capacity);
    if (!bytes) {
        return -ENOMEM;
    }
    peer->bytes = bytes;
    peer->capacity = capacity;
    return 0;
}

/* Descriptors that were received are ours whether they are wanted or not. How many are not kept. */
static size_t keep_fds(struct peer *peer, struct msghdr *message, bool is_first) {
    size_t unwanted = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
            if (is_first && peer->fd_count < CONTAINER_FDS_MAX) {
                peer->fds[peer->fd_count++] = fd;
            } else {
                close_fd(&fd);
                unwanted++;
            }
        }
    }
    return unwanted;
}

/* Receive once. *count: how many bytes came. */
static enum peer_verdict receive(struct peer *peer, ssize_t *count) {
    if (make_room(peer) < 0) {
        return refuse(peer, "there is no memory for what it sends");
    }
    /* The kernel joins messages until one of them has descriptors: those that come with the first byte are of the
     * first message. */
    bool is_first = peer->size == 0;
    union control control;
    struct iovec bytes = {peer->bytes + peer->size, is_first ? 1 : peer->capacity - peer->size};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    do {
        *count = recvmsg(peer->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (*count < 0 && errno == EINTR);
    if (*count < 0) {
        return errno == EAGAIN ? PEER_MORE : refuse(peer, "reading from it failed: %s", strerrordesc_np(errno));
    }
    size_t unwanted = keep_fds(peer, &message, is_first);
    if (message.msg_flags & MSG_CTRUNC) {
        return refuse(peer, "not all of its descriptors could be received: there are too many open here");
    }
    if (unwanted) {
        return refuse(peer, "it sent descriptors with a later message than the first");
    }
    peer->size += (size_t)*count;
    if (peer->size > PEER_BYTES_MAX) {
        return refuse(peer, "its message is longer than %d KiB", PEER_BYTES_MAX >> 10);
    }
    return PEER_MORE;
}

/* It closed the connection. */
static enum peer_verdict end_of_stream(struct peer *peer) {
    if (peer->end.state == OBJECT_ENDED) {
        return PEER_COMPLETE;
    }
    return peer->size ? refuse(peer, "it closed the connection before its JSON object had ended") : PEER_EMPTY;
}

static enum peer_verdict read_on(struct peer *peer) {
    for (int reads = 0; reads < READS_MAX; reads++) {
        ssize_t count = -1;
        size_t start = peer->size;
        enum peer_verdict verdict = receive(peer, &count);
        if (verdict != PEER_MORE) {
            return verdict;
        }
        if (count == 0) {
            return end_of_stream(peer);
        }
        if (count < 0) {
            break;
        }
        if (object_end_feed(&peer->end, peer->bytes + start, (size_t)count) == OBJECT_NONE) {
            return refuse(peer, "what it sends is not a JSON object");
        }
    }
    if (peer->end.state == OBJECT_ENDED) {
        return PEER_COMPLETE;
    }
    if ((int64_t)monotonic_now() >= peer->deadline_ns) {
        return refuse(peer, "it did not send a whole JSON object in time, only %zu bytes", peer->size);
    }
    return PEER_MORE;
}

enum peer_verdict peer_read(struct peer *peer, char *problem, size_t problem_size) {
    if (peer->verdict == PEER_MORE) {
        peer->verdict = read_on(peer);
    }
    if (peer->verdict == PEER_REFUSED) {
        snprintf(problem, problem_size, "%s", peer->problem);
    }
    return peer->verdict;
}

/* ------------------------------------------------------------------------ what was read */

uid_t peer_uid(const struct peer *peer) {
    return peer->who.uid;
}

gid_t peer_gid(const struct peer *peer) {
    return peer->who.gid;
}

pid_t peer_pid(const struct peer *peer) {
    return peer->who.pid;
}

int peer_socket(const struct peer *peer) {
    return peer->socket;
}

int64_t peer_deadline(const struct peer *peer) {
    return peer->deadline_ns;
}

const char *peer_bytes(const struct peer *peer, size_t *size) {
    *size = peer->size;
    return peer->bytes ? peer->bytes : "";
}

size_t peer_fd_count(const struct peer *peer) {
    return peer->fd_count;
}

int peer_take_fd(struct peer *peer, size_t index) {
    return index < peer->fd_count && peer->fds[index] >= 0 ? steal_fd(&peer->fds[index]) : -ENOENT;
}

int peer_check_listener(int fd) {
    static const char listener[] = "anon_inode:seccomp notify";
    char path[sizeof("/proc/self/fd/") + 16];
    char target[sizeof(listener) + 1]; /* room for more than it has: a longer one is another */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, target, sizeof(target));
    if (length < 0) {
        return -errno;
    }
    return length == sizeof(listener) - 1 && memcmp(target, listener, sizeof(listener) - 1) == 0 ? 0 : -EINVAL;
}
