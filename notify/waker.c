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
    atomic_init(&waker->written, false);
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
    /* A wake that is still on its way cannot be read yet: the next time takes it out. */
    if (atomic_load(&waker->written) && read(waker->fd, &count, sizeof(count)) == (ssize_t)sizeof(count)) {
        atomic_store(&waker->written, false);
    }
}

void waker_wake(struct waker *waker) {
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&waker->asleep, memory_order_relaxed) && atomic_exchange(&waker->asleep, false)) {
        atomic_store(&waker->written, true);
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
