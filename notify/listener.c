/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

/* include/uapi/linux/seccomp.h of Linux 6.6. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* The kernel takes the filter's lock interruptibly (kernel/seccomp.c): with a
 * signal, such as a receiver's kick, these fail before they have done anything. */
static int request_until_done(int listener, unsigned long request, unsigned long argument) {
    int result;
    do {
        result = ioctl(listener, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

int listener_set_sync(int listener, bool on) {
    return request_until_done(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, on ? SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP : 0);
}

int listener_poll(int listener) {
    struct pollfd wait = {.fd = listener, .events = POLLIN};
    if (poll(&wait, 1, 0) < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    if (wait.revents & POLLIN) {
        return 1;
    }
    return wait.revents & POLLHUP ? -EPIPE : 0;
}

int listener_receive(int listener, union listener_notification *notification) {
    /* The kernel wants to find zeroes. */
    memset(notification, 0, sizeof(*notification));
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification) < 0 ? -errno : 0;
}

bool listener_is_waiting(int listener, uint64_t id) {
    return request_until_done(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, (unsigned long)&id) == 0;
}

int listener_continue(int listener, uint64_t id) {
    struct seccomp_notif_resp response = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    return request_until_done(listener, SECCOMP_IOCTL_NOTIF_SEND, (unsigned long)&response);
}
