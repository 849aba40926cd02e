/* SPDX-License-Identifier: MIT */
#include "guardian.h"

#include "cleanup.h"
#include "death.h"
#include "listener.h"
#include "shield.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

enum {
    SPOOLS_MAX = 8,
    ATTEMPTS_MAX = 16, /* at closing a document, each leaves one record out */
};

/* What the supervisor says; a descriptor comes with the first two. */
enum word {
    WORD_HOLD,
    WORD_SPOOL,
    WORD_LET_GO,   /* of the output */
    WORD_FAREWELL, /* it ends as it should */
};

struct message {
    enum word word;
    const struct sink *spool;
};

/* A sink's file: the number of its descriptor here. */
struct spool_file {
    const struct sink *spool;
    int fd;
};

/* What the guardian process holds. */
struct holdings {
    struct guardian_duties duties;
    int control;
    int settled;    /* closed when it has settled, for guardian_await() */
    int supervisor; /* pidfd */
    pid_t supervisor_pid;
    int *events;
    size_t count;
    struct spool_file spools[SPOOLS_MAX];
    size_t spool_count;
    bool farewell;
};

/* ------------------------------------------------------------------ descriptors */

static void keep_fd(char *keep, int *highest, int fd) {
    if (fd >= 0 && fd < INT16_MAX) {
        keep[fd] = 1;
        *highest = fd > *highest ? fd : *highest;
    }
}

/* Close every descriptor but those that are held. */
static void close_others(const struct holdings *holdings) {
    auto_free char *keep = calloc(1, INT16_MAX);
    int highest = -1;
    if (!keep) {
        return;
    }
    keep_fd(keep, &highest, holdings->control);
    keep_fd(keep, &highest, holdings->settled);
    keep_fd(keep, &highest, holdings->supervisor);
    keep_fd(keep, &highest, holdings->duties.listener);
    for (size_t i = 0; i < holdings->count; i++) {
        keep_fd(keep, &highest, holdings->events[i]);
    }
    for (size_t i = 0; i < holdings->spool_count; i++) {
        keep_fd(keep, &highest, holdings->spools[i].fd);
    }
    for (size_t i = 0; i < GUARDIAN_OUTPUTS_MAX; i++) {
        keep_fd(keep, &highest, holdings->duties.outputs[i]);
    }
    for (int fd = 0; fd < highest; fd++) {
        if (!keep[fd]) {
            close(fd);
        }
    }
    syscall(SYS_close_range, (unsigned)highest + 1, UINT_MAX, 0);
}

/* Nobody who waits for the end of an output may have to wait for us. */
static void close_outputs(struct holdings *holdings) {
    for (size_t i = 0; i < GUARDIAN_OUTPUTS_MAX; i++) {
        close_fd(&holdings->duties.outputs[i]);
    }
    for (size_t i = 0; i < holdings->spool_count; i++) {
        close_fd(&holdings->spools[i].fd);
    }
    holdings->spool_count = 0;
}

static void hold_event(struct holdings *holdings, int fd) {
    int *larger = fd < 0 ? NULL : reallocarray(holdings->events, holdings->count + 1, sizeof(int));
    if (larger) {
        holdings->events = larger;
        holdings->events[holdings->count++] = fd;
    }
}

static void hold_spool(struct holdings *holdings, const struct sink *spool, int fd) {
    if (fd >= 0 && holdings->spool_count < SPOOLS_MAX) {
        holdings->spools[holdings->spool_count++] = (struct spool_file){spool, fd};
    }
}

/* ------------------------------------------------------------------- listening */

/* Take what the supervisor says, if it has said anything: false when it has gone. */
static bool take_message(struct holdings *holdings) {
    struct message said;
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    struct iovec data = {.iov_base = &said, .iov_len = sizeof(said)};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(holdings->control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (length != (ssize_t)sizeof(said)) {
        return length < 0 && (errno == EINTR || errno == EAGAIN);
    }
    int fd = -1;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) {
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    }
    switch (said.word) {
    case WORD_HOLD:
        hold_event(holdings, fd);
        break;
    case WORD_SPOOL:
        hold_spool(holdings, said.spool, fd);
        break;
    case WORD_LET_GO:
        close_outputs(holdings);
        break;
    case WORD_FAREWELL:
        holdings->farewell = true;
        break;
    }
    return !holdings->farewell;
}

/* Until the supervisor is gone, and all that it has said is taken. Its end of the socket may outlive it: a child of it
 * that has not executed its program yet has the descriptor of an io_uring that refers to it. */
static void listen_to_supervisor(struct holdings *holdings) {
    for (;;) {
        struct pollfd wait[2] = {{.fd = holdings->control, .events = POLLIN},
                                 {.fd = holdings->supervisor, .events = POLLIN}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR) {
            return;
        }
        if (wait[0].revents ? !take_message(holdings) : wait[1].revents != 0) {
            return;
        }
    }
}

static void say(struct guardian *guardian, enum word word, const struct sink *spool, int fd) {
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
    struct message said = {.word = word, .spool = spool};
    struct iovec data = {.iov_base = &said, .iov_len = sizeof(said)};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
    }
    /* One that is dead will be told by guardian_start() what the next one has to know. */
    ssize_t ignored = guardian->control < 0 ? 0 : sendmsg(guardian->control, &message, MSG_NOSIGNAL);
    (void)ignored;
}

/* --------------------------------------------------------------------- survivors */

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

static bool has_survivors(const struct holdings *holdings) {
    struct pollfd listener = {.fd = holdings->duties.listener, .events = POLLIN};
    return listener.fd >= 0 && (poll(&listener, 1, 0) < 1 || !(listener.revents & POLLHUP));
}

/* Until no task is left under the filter. */
static void stand_in(const struct guardian_duties *duties) {
    if (duties->listener >= 0 && !duties->go_on(duties->context)) {
        answer_everything(duties->listener);
    }
}

static void see_off(const struct holdings *holdings) {
    if (has_survivors(holdings)) {
        holdings->duties.rescue(holdings->duties.context);
        stand_in(&holdings->duties);
    } else if (holdings->count) {
        close(holdings->duties.listener);
        linger();
    }
}

/* -------------------------------------------------------------------- bereavement */

static int file_of(void *context, const struct sink *sink) {
    const struct holdings *holdings = context;
    for (size_t i = 0; i < holdings->spool_count; i++) {
        if (holdings->spools[i].spool == sink) {
            return holdings->spools[i].fd;
        }
    }
    return sink->spool ? -1 : sink->fd;
}

/* Have the document closed. What the supervisor died of may lie in a record that it has left, so that whoever tries may
 * die of it as well: each attempt is a process of its own, and leaves one more record out. */
static _Noreturn void close_document(struct holdings *holdings) {
    char reason[GUARDIAN_REASON_MAX];
    death_describe(holdings->supervisor, holdings->supervisor_pid, reason, sizeof(reason));
    for (unsigned attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        int status = 0;
        pid_t scribe = fork();
        if (scribe == 0) {
            holdings->duties.close_output(holdings->duties.context, reason, attempt, file_of, holdings);
            _exit(0);
        }
        while (scribe > 0 && waitpid(scribe, &status, 0) < 0 && errno == EINTR) {
        }
        if (scribe < 0 || !WIFSIGNALED(status)) {
            break;
        }
    }
    _exit(0);
}

static void take_over(struct holdings *holdings) {
    const struct guardian_duties *duties = &holdings->duties;
    duties->rescue(duties->context);
    if (holdings->duties.outputs[0] >= 0 && fork() == 0) {
        close_document(holdings);
    }
    close_outputs(holdings);
    stand_in(duties);
}

/* ------------------------------------------------------------------------- outside */

static _Noreturn void run_guardian(struct holdings *holdings) {
    shield_raise();
    /* Signals to the process group, from the terminal or elsewhere, are not for us. */
    setsid();
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "renacer-guard");
    close_others(holdings);
    int ignored = chdir("/");
    (void)ignored;
    holdings->duties.settle(holdings->duties.context);
    close_fd(&holdings->settled);
    listen_to_supervisor(holdings);
    close_fd(&holdings->control);
    if (holdings->farewell) {
        close_outputs(holdings);
        see_off(holdings);
    } else {
        take_over(holdings);
    }
    _exit(0);
}

/* The child's part of guardian_start(). */
static _Noreturn void begin(int control, int settled, pid_t supervisor, const struct guardian_duties *duties,
                            struct sink *const *spools, size_t spool_count) {
    struct holdings holdings = {
        .duties = *duties, .control = control, .settled = settled, .supervisor_pid = supervisor};
    holdings.supervisor = (int)syscall(SYS_pidfd_open, supervisor, 0);
    for (size_t i = 0; i < duties->event_count; i++) {
        hold_event(&holdings, duties->events[i]);
    }
    for (size_t i = 0; i < spool_count; i++) {
        hold_spool(&holdings, spools[i], spools[i]->fd);
    }
    run_guardian(&holdings);
}

int guardian_start(struct guardian *guardian, const struct guardian_duties *duties, struct sink *const *spools,
                   size_t spool_count) {
    *guardian = GUARDIAN_NONE;
    auto_fd control = -1;
    auto_fd settled = -1;
    auto_fd its_control = -1;
    auto_fd its_settled = -1;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    control = ends[0];
    its_control = ends[1];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    settled = ends[0];
    its_settled = ends[1];
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return -errno;
    }
    if (pid == 0) {
        close_fd(&control);
        close_fd(&settled);
        begin(its_control, its_settled, self, duties, spools, spool_count);
    }
    *guardian = (struct guardian){.control = steal_fd(&control),
                                  .settled = steal_fd(&settled),
                                  .pid = pid,
                                  .is_brief = duties->listener < 0 && !duties->event_count};
    return 0;
}

void guardian_hold(struct guardian *guardian, int perf_fd) {
    say(guardian, WORD_HOLD, NULL, perf_fd);
}

void guardian_hold_spool(struct guardian *guardian, const struct sink *spool) {
    say(guardian, WORD_SPOOL, spool, spool->fd);
}

void guardian_let_go(struct guardian *guardian) {
    say(guardian, WORD_LET_GO, NULL, -1);
}

void guardian_await(struct guardian *guardian) {
    enum {
        PATIENCE = 10000, /* ms */
    };
    struct pollfd settled = {.fd = guardian->settled, .events = 0};
    if (guardian->settled >= 0) {
        while (poll(&settled, 1, PATIENCE) < 0 && errno == EINTR) {
        }
        close_fd(&guardian->settled);
    }
}

bool guardian_is_dead(struct guardian *guardian) {
    struct pollfd control = {.fd = guardian->control, .events = 0};
    if (guardian->control < 0 || poll(&control, 1, 0) < 1 || !(control.revents & (POLLHUP | POLLERR))) {
        return false;
    }
    close_fd(&guardian->control);
    close_fd(&guardian->settled);
    waitpid(guardian->pid, NULL, 0);
    return true;
}

void guardian_finish(struct guardian *guardian) {
    say(guardian, WORD_FAREWELL, NULL, -1);
    bool is_there = guardian->control >= 0;
    close_fd(&guardian->control);
    close_fd(&guardian->settled);
    if (is_there && guardian->is_brief) {
        waitpid(guardian->pid, NULL, 0);
    }
}
