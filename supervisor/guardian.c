/* SPDX-License-Identifier: MIT */
#include "guardian.h"

#include "cleanup.h"
#include "listener.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>

/* What the guardian process holds. */
struct holdings {
    int control;
    int listener;
    int *perf_fds;
    size_t count;
};

/* Close every descriptor but those that are held, standard ones included: an
 * output that stayed open would keep readers of it waiting. */
static void close_others(const struct holdings *holdings) {
    auto_free char *keep = calloc(1, INT16_MAX);
    int highest = holdings->control > holdings->listener ? holdings->control : holdings->listener;
    for (size_t i = 0; i < holdings->count; i++) {
        highest = holdings->perf_fds[i] > highest ? holdings->perf_fds[i] : highest;
    }
    if (!keep || highest >= INT16_MAX) {
        return;
    }
    keep[holdings->control] = 1;
    keep[holdings->listener] = 1;
    for (size_t i = 0; i < holdings->count; i++) {
        keep[holdings->perf_fds[i]] = 1;
    }
    for (int fd = 0; fd < highest; fd++) {
        if (!keep[fd]) {
            close(fd);
        }
    }
    syscall(SYS_close_range, (unsigned)highest + 1, UINT_MAX, 0);
}

/* Take a descriptor that the supervisor sends: false when it has gone. */
static bool take_descriptor(struct holdings *holdings) {
    char byte;
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(holdings->control, &message, MSG_CMSG_CLOEXEC);
    if (length <= 0) {
        return length < 0 && errno == EINTR;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int *larger = reallocarray(holdings->perf_fds, holdings->count + 1, sizeof(int));
    if (header && header->cmsg_type == SCM_RIGHTS && larger) {
        memcpy(&larger[holdings->count++], CMSG_DATA(header), sizeof(int));
    }
    holdings->perf_fds = larger ? larger : holdings->perf_fds;
    return true;
}

/* Let every call run until no task is left under the filter. */
static void answer_everything(int listener) {
    for (;;) {
        struct pollfd wait = {.fd = listener, .events = POLLIN};
        if (poll(&wait, 1, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return;
        }
        if (!(wait.revents & POLLIN)) {
            return;
        }
        union listener_notification notification;
        if (listener_receive(listener, &notification) == 0) {
            listener_continue(listener, notification.notif.id);
        }
    }
}

/* Closing the last event of a tracepoint and opening the first again soon after
 * costs the next trace tens of milliseconds: the kernel takes the tracepoint
 * out under a lock that the opening needs. One guardian on the machine (the one
 * that gets this name) therefore keeps its events a moment longer, so that
 * traces in quick succession find the tracepoints in place. Not longer: while
 * they are, every call of every process is a little slower. */
static void linger(void) {
    static const char name[] = "renacer-sv-tracepoints";
    static const struct timespec moment = {.tv_sec = 1};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + 1, name, sizeof(name) - 1);
    auto_fd lock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + sizeof(name);
    if (lock >= 0 && bind(lock, (const struct sockaddr *)&address, length) == 0) {
        nanosleep(&moment, NULL);
    }
}

/* Processes that live on must not wait until the events are closed, so that is
 * left to another process. */
static void close_events_aside(const struct holdings *holdings) {
    int released[2];
    if (pipe(released) < 0) {
        return;
    }
    pid_t closer = fork();
    if (closer == 0) {
        char byte;
        close(released[1]);
        close(holdings->listener);
        /* Until the guardian has closed its copies: these are the last ones then. */
        ssize_t ignored = read(released[0], &byte, 1);
        (void)ignored;
        linger();
        _exit(0);
    }
    for (size_t i = 0; i < holdings->count; i++) {
        close(holdings->perf_fds[i]);
    }
    close(released[0]);
    close(released[1]);
}

static _Noreturn void run_guardian(struct holdings *holdings) {
    /* Signals to the process group, from the terminal or elsewhere, are not for us. */
    setsid();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_IGN);
    prctl(PR_SET_NAME, "renacer-guard");
    close_others(holdings);
    int ignored = chdir("/");
    (void)ignored;
    while (take_descriptor(holdings)) {
    }
    close(holdings->control);
    struct pollfd listener = {.fd = holdings->listener, .events = POLLIN};
    if (poll(&listener, 1, 0) < 1 || !(listener.revents & POLLHUP)) {
        close_events_aside(holdings);
        answer_everything(holdings->listener);
    } else if (holdings->count) {
        close(holdings->listener);
        linger();
    }
    _exit(0);
}

int guardian_start(struct guardian *guardian, int listener, const int *perf_fds, size_t count) {
    guardian->control = -1;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    pid_t pid = fork();
    if (pid < 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return -error;
    }
    if (pid == 0) {
        struct holdings holdings = {.control = ends[1], .listener = listener, .count = count};
        holdings.perf_fds = calloc(count + 1, sizeof(int));
        if (!holdings.perf_fds) {
            _exit(1);
        }
        if (count) {
            memcpy(holdings.perf_fds, perf_fds, count * sizeof(int));
        }
        run_guardian(&holdings);
    }
    close(ends[1]);
    guardian->control = ends[0];
    return 0;
}

void guardian_hold(struct guardian *guardian, int perf_fd) {
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &perf_fd, sizeof(int));
    char byte = 0;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    /* Without it our exit only takes longer. */
    ssize_t ignored = sendmsg(guardian->control, &message, MSG_NOSIGNAL);
    (void)ignored;
}

void guardian_finish(struct guardian *guardian) {
    close_fd(&guardian->control);
}
