/* SPDX-License-Identifier: MIT */
#include "waker.h"

#include "cleanup.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int waker_init(struct waker *waker) {
    atomic_init(&waker->asleep, false);
    atomic_init(&waker->written, 0);
    waker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return waker->fd < 0 ? -errno : 0;
}

void waker_finish(struct waker *waker) {
    close_fd(&waker->fd);
}

void waker_prepare(struct waker *waker) {
    /* Sequentially consistent, as in waker_wake(): either the waiter's second
     * look sees what was made, or the waker sees that somebody sleeps. */
    atomic_store(&waker->asleep, true);
    atomic_thread_fence(memory_order_seq_cst);
}

void waker_settle(struct waker *waker) {
    uint64_t count;
    atomic_store(&waker->asleep, false);
    /* A wake that is still on its way cannot be read yet: the next time takes it out. They are counted,
     * for one of another thread may overtake it, and taking that out must not forget the late one: the
     * descriptor would stay readable, and the waiter never sleep, until somebody wakes it again. */
    if (atomic_load(&waker->written) && read(waker->fd, &count, sizeof(count)) == (ssize_t)sizeof(count)) {
        atomic_fetch_sub(&waker->written, (unsigned)count);
    }
}

void waker_wake(struct waker *waker) {
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&waker->asleep, memory_order_relaxed) && atomic_exchange(&waker->asleep, false)) {
        /* Before it is written, so that a reader never finds more in the descriptor than is counted. */
        atomic_fetch_add(&waker->written, 1);
        uint64_t one = 1;
        ssize_t ignored = write(waker->fd, &one, sizeof(one));
        (void)ignored;
    }
}

void waker_wait(struct waker *waker) {
    struct pollfd wait = {.fd = waker->fd, .events = POLLIN};
    while (atomic_load(&waker->asleep) && poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
}
