/* SPDX-License-Identifier: MIT */
#include "event_loop.h"

#include "cleanup.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Linux 6.1; older headers do not name it. The thread that waits runs the completions itself. */
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

enum {
    RING_ENTRIES = 64,
};

struct event_source {
    struct event_source *next;
    int fd;
    unsigned events;
    event_handler handler;
    void *context;
    bool armed;   /* io_uring: a poll is under way in the kernel */
    bool removed; /* freed as soon as nothing refers to it any more */
};

struct event_loop {
    struct event_source *sources;
    bool uring;
    struct io_uring ring;
    struct pollfd *polled; /* poll: one for each source, in list order */
    unsigned polled_size;
};

static int create_ring(struct io_uring *ring) {
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    int result = io_uring_queue_init_params(RING_ENTRIES, ring, &params);
    if (result == -EINVAL) {
        params = (struct io_uring_params){0};
        result = io_uring_queue_init_params(RING_ENTRIES, ring, &params);
    }
    if (result < 0) {
        return result;
    }
    /* A child that kept the mappings would keep every descriptor open that we wait for. */
    io_uring_ring_dontfork(ring);
    /* Waiting with a time limit without a timeout request of its own: Linux 5.11. */
    if (!(ring->features & IORING_FEAT_EXT_ARG)) {
        io_uring_queue_exit(ring);
        return -ENOSYS;
    }
    return 0;
}

int event_loop_create(struct event_loop **result, bool use_poll) {
    *result = NULL;
    struct event_loop *loop = calloc(1, sizeof(*loop));
    if (!loop) {
        return -ENOMEM;
    }
    loop->uring = !use_poll && create_ring(&loop->ring) == 0;
    *result = loop;
    return 0;
}

const char *event_loop_backend(const struct event_loop *loop) {
    return loop->uring ? "io_uring" : "poll";
}

void event_loop_destroy(struct event_loop *loop) {
    if (!loop) {
        return;
    }
    if (loop->uring) {
        io_uring_queue_exit(&loop->ring);
    }
    while (loop->sources) {
        struct event_source *source = loop->sources;
        loop->sources = source->next;
        free(source);
    }
    free(loop->polled);
    free(loop);
}

struct event_source *event_loop_add(struct event_loop *loop, int fd, unsigned events, event_handler handler,
                                    void *context) {
    struct event_source *source = calloc(1, sizeof(*source));
    if (source) {
        *source = (struct event_source){
            .next = loop->sources, .fd = fd, .events = events, .handler = handler, .context = context};
        loop->sources = source;
    }
    return source;
}

/* A submission entry; the queue is handed to the kernel when it is full. */
static struct io_uring_sqe *get_entry(struct event_loop *loop) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&loop->ring);
    while (!entry) {
        io_uring_submit(&loop->ring);
        entry = io_uring_get_sqe(&loop->ring);
    }
    return entry;
}

void event_loop_remove(struct event_loop *loop, struct event_source *source) {
    if (!source) {
        return;
    }
    source->removed = true;
    if (source->armed) {
        struct io_uring_sqe *entry = get_entry(loop);
        io_uring_prep_poll_remove(entry, (uint64_t)(uintptr_t)source);
        io_uring_sqe_set_data(entry, NULL);
        io_uring_submit(&loop->ring);
    }
}

/* Free what was removed and what no completion can name any more. */
static void sweep(struct event_loop *loop) {
    struct event_source **link = &loop->sources;
    while (*link) {
        struct event_source *source = *link;
        if (source->removed && !source->armed) {
            *link = source->next;
            free(source);
        } else {
            link = &source->next;
        }
    }
}

static void call_handler(struct event_source *source, unsigned revents) {
    if (!source->removed && source->handler(source->context, revents) == EVENT_CLOSE) {
        source->removed = true;
    }
}

static void arm_sources(struct event_loop *loop) {
    for (struct event_source *source = loop->sources; source; source = source->next) {
        if (!source->armed && !source->removed) {
            struct io_uring_sqe *entry = get_entry(loop);
            io_uring_prep_poll_add(entry, source->fd, source->events);
            io_uring_sqe_set_data(entry, source);
            source->armed = true;
        }
    }
}

static int run_uring(struct event_loop *loop, int64_t timeout_ns) {
    arm_sources(loop);
    struct __kernel_timespec limit = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    struct io_uring_cqe *completion = NULL;
    int result = io_uring_submit_and_wait_timeout(&loop->ring, &completion, 1, timeout_ns < 0 ? NULL : &limit, NULL);
    if (result < 0 && result != -ETIME && result != -EINTR && result != -EAGAIN && result != -EBUSY) {
        return result;
    }
    while (io_uring_peek_cqe(&loop->ring, &completion) == 0) {
        struct event_source *source = io_uring_cqe_get_data(completion);
        int32_t outcome = completion->res;
        io_uring_cqe_seen(&loop->ring, completion);
        if (source) {
            source->armed = false;
            call_handler(source, outcome < 0 ? POLLERR : (unsigned)outcome);
        }
    }
    return 0;
}

static int run_poll(struct event_loop *loop, int64_t timeout_ns) {
    unsigned count = 0;
    for (struct event_source *source = loop->sources; source; source = source->next) {
        count++;
    }
    if (count > loop->polled_size) {
        struct pollfd *larger = reallocarray(loop->polled, count, sizeof(*larger));
        if (!larger) {
            return -ENOMEM;
        }
        loop->polled = larger;
        loop->polled_size = count;
    }
    struct pollfd *polled = loop->polled;
    for (struct event_source *source = loop->sources; source; source = source->next) {
        *polled++ = (struct pollfd){.fd = source->fd, .events = (short)source->events};
    }
    struct timespec limit = {.tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    if (ppoll(loop->polled, count, timeout_ns < 0 ? NULL : &limit, NULL) < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    polled = loop->polled;
    /* A handler may add sources, but only at the front, and removal waits for sweep(). */
    for (struct event_source *source = loop->sources; source && polled < loop->polled + count; source = source->next) {
        if (source->fd == polled->fd) {
            unsigned revents = (unsigned short)polled->revents;
            polled++;
            if (revents) {
                call_handler(source, revents);
            }
        }
    }
    return 0;
}

int event_loop_run(struct event_loop *loop, int64_t timeout_ns) {
    sweep(loop);
    return loop->uring ? run_uring(loop, timeout_ns) : run_poll(loop, timeout_ns);
}
