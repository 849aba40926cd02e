/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include "capability.h"
#include "cleanup.h"
#include "clock.h"
#include "listener.h"
#include "memory.h"
#include "perf_source.h"
#include "tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

/* linux/ptrace.h cannot stand beside sys/ptrace.h everywhere. */
#ifndef PTRACE_GET_SYSCALL_INFO
#define PTRACE_GET_SYSCALL_INFO 0x420e
#endif

enum {
    LIMIT_MS = 5000, /* for one attempt */
    PATTERN_BYTES = 64,
    STOPS_MAX = 64,
    NO_TRACEPOINT = 0xffff, /* no tracepoint has this id */
};

/* What an attempt says, in memory that it shares with us. */
struct attempt {
    struct probe_result result;
    struct probe_result rings; /* of PROBE_PERF */
    size_t ring_count;
    size_t ring_bytes;
    pid_t target;
};

/* ------------------------------------------------------------------ outcomes */

static void conclude(struct probe_result *result, enum probe_state state, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void conclude(struct probe_result *result, enum probe_state state, int error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    result->state = state;
    result->error = error;
    vsnprintf(result->detail, sizeof(result->detail), format, arguments);
    va_end(arguments);
}

static void fail(struct probe_result *result, int error, const char *what) {
    conclude(result, PROBE_MISSING, error, "%s", what);
}

/* ------------------------------------------------------------ the other process */

/* A process for an attempt to try itself on, and a socket to it. */
struct target {
    pid_t pid;
    int channel;
};

typedef void (*target_body)(int channel, const void *context);

/* 0 or -errno. */
static int target_start(struct attempt *attempt, struct target *target, target_body body, const void *context) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return -errno;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        /* It must not outlive its parent. */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        attempt->target = getpid();
        close(ends[0]);
        if (getppid() == parent) {
            body(ends[1], context);
        }
        _exit(0);
    }
    int error = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return -error;
    }
    attempt->target = pid;
    *target = (struct target){.pid = pid, .channel = ends[0]};
    return 0;
}

static void target_end(struct attempt *attempt, struct target *target) {
    kill(target->pid, SIGKILL);
    while (waitpid(target->pid, NULL, __WALL) < 0 && errno == EINTR) {
    }
    attempt->target = 0;
    close_fd(&target->channel);
}

/* One byte, which says: go on. */
static bool await_word(int channel) {
    char byte;
    return read(channel, &byte, 1) == 1;
}

static bool give_word(int channel) {
    return write(channel, "", 1) == 1;
}

/* A target that waits in a call. As a program that has been executed, it has no capabilities of our file. */
static void wait_only(int channel, const void *context) {
    (void)context;
    capability_drop();
    give_word(channel);
    await_word(channel);
}

/* A target that makes a call whenever it is told to. */
static void call_when_told(int channel, const void *context) {
    (void)context;
    capability_drop();
    give_word(channel);
    while (await_word(channel)) {
        syscall(SYS_getppid);
    }
}

/* Start one of these two, and wait until it is ready. 0; or -errno, which the result tells already. */
static int target_start_ready(struct attempt *attempt, struct target *target, target_body body) {
    int status = target_start(attempt, target, body, NULL);
    if (status == 0 && !await_word(target->channel)) {
        status = -ECHILD;
        target_end(attempt, target);
    }
    if (status < 0) {
        fail(&attempt->result, -status, "no child can be started");
    }
    return status;
}

/* ----------------------------------------------------------------- the listener */

struct filtered {
    unsigned flags;
    bool sends; /* the listener itself, not only its number */
    pid_t parent;
};

/* A filter whose listener is told of getppid: the listener, or -errno. */
static int install_filter(unsigned flags) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    if (!capability_has(CAP_SYS_ADMIN)) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }
    long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &program);
    return listener < 0 ? -errno : (int)listener;
}

union control {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
};

static void send_listener(int channel, int listener, bool with_descriptor) {
    union control control = {
        .header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec data = {.iov_base = &listener, .iov_len = sizeof(listener)};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    memcpy(CMSG_DATA(&control.header), &listener, sizeof(int));
    if (with_descriptor && listener >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
    }
    ssize_t ignored = sendmsg(channel, &message, MSG_NOSIGNAL);
    (void)ignored;
}

/* The target: its call goes to the listener, and what it returns is no invention. */
static void run_filtered(int channel, const void *context) {
    const struct filtered *filtered = context;
    int listener = install_filter(filtered->flags);
    send_listener(channel, listener, filtered->sends);
    if (!await_word(channel)) {
        return;
    }
    close(listener);
    _exit(syscall(SYS_getppid) == filtered->parent ? 0 : 1);
}

/* What the target says of its listener: the descriptor's number there, or -errno; *listener
 * gets the descriptor, if it was sent. */
static int receive_listener(int channel, int *listener) {
    union control control = {0};
    int number;
    struct iovec data = {.iov_base = &number, .iov_len = sizeof(number)};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(number)) {
        return -ECHILD;
    }
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) {
        memcpy(listener, CMSG_DATA(header), sizeof(int));
    }
    return number;
}

/* Receive the target's one call and let it run: whether it then ended well. */
static bool serve_one(const struct target *target, int listener) {
    union listener_notification notification;
    if (!give_word(target->channel) || listener_receive(listener, &notification) < 0 ||
        notification.notif.data.nr != SYS_getppid || listener_continue(listener, notification.notif.id) < 0) {
        return false;
    }
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)target->pid, &info, WEXITED | WNOWAIT) == 0 && info.si_code == CLD_EXITED &&
           info.si_status == 0;
}

/* Start a target under a filter with these flags: the descriptor of its listener, or -errno. */
static int meet_filtered(struct attempt *attempt, struct target *target, unsigned flags) {
    struct filtered filtered = {.flags = flags, .sends = true, .parent = getpid()};
    int status = target_start(attempt, target, run_filtered, &filtered);
    if (status < 0) {
        return status;
    }
    int listener = -1;
    status = receive_listener(target->channel, &listener);
    if (status >= 0 && listener < 0) {
        status = -EBADF;
    }
    if (status < 0) {
        siginfo_t info = {0};
        if (status == -ECHILD && waitid(P_PID, (id_t)target->pid, &info, WEXITED | WNOWAIT) == 0) {
            attempt->result.killed = info.si_code != CLD_EXITED;
        }
        target_end(attempt, target);
        return status;
    }
    return listener;
}

static void try_listener(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    auto_fd listener = meet_filtered(attempt, &target, 0);
    if (attempt->result.killed) {
        fail(&attempt->result, 0, "installing a filter is answered with death");
        return;
    }
    if (listener < 0) {
        fail(&attempt->result, -listener,
             listener == -EBUSY ? "another supervisor listens to this process already, and there can be one only"
                                : "no filter with a listener can be installed");
        return;
    }
    if (serve_one(&target, listener)) {
        conclude(&attempt->result, PROBE_OK, 0, "a call was received, answered, and ran");
    } else {
        fail(&attempt->result, EIO, "the listener was made, but a call could not be received and answered");
    }
    target_end(attempt, &target);
}

static void try_wait_killable(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    auto_fd listener = meet_filtered(attempt, &target, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    if (listener == -EINVAL) {
        conclude(&attempt->result, PROBE_LIMITED, EINVAL,
                 "signals can interrupt calls that have been received already: more of them fail with EINTR");
        return;
    }
    if (listener < 0) {
        fail(&attempt->result, -listener, "there is no listener to have it");
        return;
    }
    conclude(&attempt->result, PROBE_OK, 0, "signals cannot interrupt calls that have been received");
    target_end(attempt, &target);
}

static void try_sync_wake_up(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    auto_fd listener = meet_filtered(attempt, &target, 0);
    if (listener < 0) {
        fail(&attempt->result, -listener, "there is no listener to have it");
        return;
    }
    int status = listener_set_sync(listener, true);
    if (status < 0) {
        conclude(&attempt->result, PROBE_LIMITED, -status, "each stop takes about ten times as long");
    } else if (!serve_one(&target, listener)) {
        fail(&attempt->result, EIO, "a call could not be received and answered with it");
    } else {
        conclude(&attempt->result, PROBE_OK, 0, "caller and receiver take turns on one CPU");
    }
    target_end(attempt, &target);
}

static void try_pidfd_getfd(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    struct filtered filtered = {.parent = getpid()};
    int status = target_start(attempt, &target, run_filtered, &filtered);
    if (status < 0) {
        fail(&attempt->result, -status, "no child can be started");
        return;
    }
    int unsent = -1;
    int number = receive_listener(target.channel, &unsent);
    bool has_listener = number >= 0;
    if (!has_listener) {
        /* Its standard error does. */
        target_end(attempt, &target);
        if (target_start_ready(attempt, &target, wait_only) < 0) {
            return;
        }
    }
    auto_fd pidfd = (int)syscall(SYS_pidfd_open, target.pid, 0);
    int error = errno;
    auto_fd taken = -1;
    if (pidfd >= 0) {
        taken = (int)syscall(SYS_pidfd_getfd, pidfd, has_listener ? number : STDERR_FILENO, 0);
        error = errno;
    }
    if (pidfd < 0) {
        fail(&attempt->result, error, "pidfd_open fails");
    } else if (taken < 0) {
        fail(&attempt->result, error, "a descriptor of a child cannot be taken");
    } else if (has_listener && !serve_one(&target, taken)) {
        fail(&attempt->result, EIO, "the listener was taken from the child, but does not work");
    } else {
        conclude(&attempt->result, PROBE_OK, 0, "%s was taken from a child",
                 has_listener ? "a listener" : "a descriptor");
    }
    target_end(attempt, &target);
}

/* ----------------------------------------------------------- memory and ptrace */

struct pattern {
    uint64_t address;
    uint8_t bytes[PATTERN_BYTES];
};

static void show_pattern(int channel, const void *context) {
    (void)context;
    uint8_t secret[PATTERN_BYTES] = {0};
    struct pattern pattern = {.address = (uint64_t)(uintptr_t)secret};
    capability_drop();
    if (getrandom(secret, sizeof(secret), 0) < 0) {
        return;
    }
    memcpy(pattern.bytes, secret, sizeof(secret));
    if (write(channel, &pattern, sizeof(pattern)) == (ssize_t)sizeof(pattern)) {
        await_word(channel);
    }
}

static void try_memory(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    int status = target_start(attempt, &target, show_pattern, NULL);
    if (status < 0) {
        fail(&attempt->result, -status, "no child can be started");
        return;
    }
    struct pattern pattern;
    uint8_t copy[PATTERN_BYTES] = {0};
    if (read(target.channel, &pattern, sizeof(pattern)) != (ssize_t)sizeof(pattern)) {
        fail(&attempt->result, EIO, "the child said nothing");
    } else if ((status = memory_read_exact(&live_memory, target.pid, pattern.address, copy, sizeof(copy))) < 0) {
        fail(&attempt->result, -status,
             "the memory of a child cannot be read: arguments are recorded as addresses, without what they point to");
    } else if (memcmp(copy, pattern.bytes, sizeof(copy)) != 0) {
        fail(&attempt->result, EIO, "something else was read than stands in the memory of the child");
    } else {
        conclude(&attempt->result, PROBE_OK, 0, "the memory of a child was read");
    }
    target_end(attempt, &target);
}

/* Wait for the target's next stop: its wait status, or -errno. */
static int await_stop(pid_t pid) {
    int status;
    while (waitpid(pid, &status, __WALL) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return WIFSTOPPED(status) ? status : -ECHILD;
}

/* Let the target run to its next stop at a call, and ask what it is. 0 or -errno. */
static int next_call(pid_t pid, struct __ptrace_syscall_info *info) {
    enum {
        AT_CALL = SIGTRAP | 0x80,
    };
    int status;
    do {
        if (ptrace(PTRACE_SYSCALL, pid, 0, 0) < 0) {
            return -errno;
        }
        status = await_stop(pid);
    } while (status >= 0 && WSTOPSIG(status) != AT_CALL);
    if (status < 0) {
        return status;
    }
    *info = (struct __ptrace_syscall_info){0};
    return ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(*info), info) < 0 ? -errno : 0;
}

/* See the target's getppid at its entry and its exit: NULL, or what failed with *error. */
static const char *watch_call(const struct target *target, int *error) {
    *error = 0;
    if (ptrace(PTRACE_SEIZE, target->pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0 ||
        ptrace(PTRACE_INTERRUPT, target->pid, 0, 0) < 0) {
        *error = errno;
        return "a child cannot be traced";
    }
    int status = await_stop(target->pid);
    if (status < 0 || !give_word(target->channel)) {
        *error = status < 0 ? -status : errno;
        return "a child that is traced does not stop";
    }
    struct __ptrace_syscall_info info = {0};
    bool entered = false;
    for (unsigned i = 0; i < STOPS_MAX; i++) {
        status = next_call(target->pid, &info);
        if (status < 0) {
            *error = -status;
            return "a child that is traced does not tell its calls";
        }
        if (entered) {
            return info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval == getpid() ? NULL
                                                                                     : "a call has a wrong result";
        }
        entered = info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_getppid;
    }
    return "a call of a child that is traced did not appear";
}

static void try_ptrace(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    if (target_start_ready(attempt, &target, call_when_told) < 0) {
        return;
    }
    int error = 0;
    const char *what = watch_call(&target, &error);
    if (what) {
        fail(&attempt->result, error, what);
    } else {
        conclude(&attempt->result, PROBE_OK, 0, "a call of a child was seen at its entry and its exit");
    }
    target_end(attempt, &target);
}

/* ---------------------------------------------------------------- tracepoints */

/* tracefs_open(), with the id of the tracepoint that all calls enter by: 0 or -errno. */
static int open_tracefs(int *tracefs, int *id) {
    *id = -1;
    *tracefs = tracefs_open();
    if (*tracefs < 0) {
        return *tracefs;
    }
    *id = tracefs_event_id(*tracefs, "raw_syscalls/sys_enter");
    return *id < 0 ? *id : 0;
}

static void try_tracefs(struct attempt *attempt) {
    auto_fd tracefs = -1;
    int id;
    int status = open_tracefs(&tracefs, &id);
    if (tracefs < 0) {
        fail(&attempt->result, -status, "it can neither be read nor mounted");
        return;
    }
    if (status < 0) {
        fail(&attempt->result, -status, "the number of the tracepoint raw_syscalls:sys_enter cannot be read");
        return;
    }
    struct probe_setting setting;
    probe_setting_read(&setting);
    conclude(&attempt->result, PROBE_OK, 0, "%s%s, raw_syscalls:sys_enter has number %d",
             setting.tracefs[0] ? "mounted on " : "not mounted, which a private mount makes up for", setting.tracefs,
             id);
}

/* Without numbers no tracepoint can be opened: whether perf_event_open() refuses what asks for one at all. */
static void try_perf_without_number(struct attempt *attempt, pid_t pid, int error) {
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = NO_TRACEPOINT, .disabled = 1};
    auto_raised before = capability_raise(CAPABILITY_BIT(CAP_PERFMON));
    auto_fd fd = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0 && (errno == EACCES || errno == EPERM || errno == ENOSYS)) {
        fail(&attempt->result, errno, "perf_event_open is refused");
    } else {
        fail(&attempt->result, error,
             "perf_event_open is allowed, but there are no numbers of tracepoints without tracefs");
        attempt->result.follows = true;
    }
}

/* Whether the target's getppid appears in the rings with its result. */
static bool see_call(struct perf_source *source, const struct target *target) {
    static const struct timespec moment = {.tv_nsec = 200000};
    bool entered = false;
    uint64_t start = monotonic_now();
    if (perf_source_enable(source) < 0 || !give_word(target->channel)) {
        return false;
    }
    while (monotonic_now() - start < (uint64_t)LIMIT_MS * 1000000 / 2) {
        struct kernel_event event;
        uint64_t before = monotonic_now();
        while (perf_source_next(source, before, &event)) {
            if (event.tid == target->pid && event.kind == KERNEL_ENTER && event.enter.number == SYS_getppid) {
                entered = true;
            } else if (event.tid == target->pid && event.kind == KERNEL_EXIT && event.exit.number == SYS_getppid) {
                return entered && event.exit.result == getpid();
            }
        }
        perf_source_release(source);
        nanosleep(&moment, NULL);
    }
    return false;
}

static void try_events(struct attempt *attempt, const struct target *target) {
    size_t wanted = perf_ring_bytes_wanted((size_t)get_nprocs_conf(), false);
    struct perf_options options = {.signals = true, .ring_bytes = wanted};
    struct perf_source *source;
    char problem[200] = "";
    int status = perf_source_create(&source, target->pid, &options, problem, sizeof(problem));
    if (status == -EPERM || status == -EACCES) {
        options.signals = false;
        struct perf_source *lesser;
        if (perf_source_create(&lesser, target->pid, &options, problem, sizeof(problem)) == 0) {
            perf_source_destroy(lesser);
            fail(&attempt->result, -status,
                 "signals are refused, which text and --events need; for JSON and CSV without --events it is enough");
            return;
        }
    }
    if (status < 0) {
        fail(&attempt->result, -status, problem[0] ? problem : "the events cannot be opened");
        return;
    }
    attempt->ring_count = perf_source_rings(source);
    attempt->ring_bytes = perf_source_ring_bytes(source);
    if (see_call(source, target)) {
        conclude(&attempt->result, PROBE_OK, 0, "a call of a child was seen with its result");
    } else {
        fail(&attempt->result, ENODATA, "the events were opened, but a call did not appear in the rings");
    }
    unsigned long long kib = attempt->ring_bytes / 1024;
    if (attempt->ring_bytes < wanted) {
        conclude(&attempt->rings, PROBE_LIMITED, EPERM,
                 "%zu of %llu KiB, one for each CPU, in place of %zu KiB: the kernel locks no more for us, and events "
                 "may be lost",
                 attempt->ring_count, kib, wanted / 1024);
    } else {
        conclude(&attempt->rings, PROBE_OK, 0, "%zu of %llu KiB, one for each CPU", attempt->ring_count, kib);
    }
    perf_source_destroy(source);
}

static void try_perf(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    if (target_start_ready(attempt, &target, call_when_told) < 0) {
        return;
    }
    auto_fd tracefs = -1;
    int id;
    int status = open_tracefs(&tracefs, &id);
    close_fd(&tracefs);
    if (status < 0) {
        try_perf_without_number(attempt, target.pid, -status);
    } else {
        try_events(attempt, &target);
    }
    if (!attempt->ring_bytes) {
        fail(&attempt->rings, attempt->result.error, "there are none without events");
    }
    target_end(attempt, &target);
}

/* --------------------------------------------------------------------- the rest */

static void try_io_uring(struct attempt *attempt) {
    struct io_uring ring;
    int status = io_uring_queue_init(4, &ring, 0);
    if (status < 0) {
        conclude(&attempt->result, PROBE_LIMITED, -status, "poll is used in its place");
        return;
    }
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    struct io_uring_cqe *completion = NULL;
    io_uring_prep_nop(entry);
    status = io_uring_submit_and_wait(&ring, 1);
    if (status >= 0) {
        status = io_uring_peek_cqe(&ring, &completion);
    }
    if (status < 0 || completion->res < 0) {
        conclude(&attempt->result, PROBE_LIMITED, status < 0 ? -status : -completion->res, "poll is used in its place");
    } else {
        conclude(&attempt->result, PROBE_OK, 0, "a request was completed");
    }
    io_uring_queue_exit(&ring);
}

/* Read /proc/TID/syscall until it shows the call in which the target waits. 0 or -errno. */
static int read_proc_syscall(pid_t pid) {
    static const struct timespec moment = {.tv_nsec = 1000000};
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
    for (unsigned i = 0; i < LIMIT_MS / 2; i++) {
        auto_fd file = open(path, O_RDONLY | O_CLOEXEC);
        char text[256];
        ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
        if (length < 0) {
            return -errno;
        }
        text[length] = 0;
        int number = -1;
        if (sscanf(text, "%d", &number) == 1 && number == SYS_read) {
            return 0;
        }
        nanosleep(&moment, NULL);
    }
    return -ENODATA;
}

static void try_proc(struct attempt *attempt) {
    struct target target = {.pid = -1, .channel = -1};
    if (target_start_ready(attempt, &target, wait_only) < 0) {
        return;
    }
    char path[48];
    char file[64];
    int call = read_proc_syscall(target.pid);
    snprintf(path, sizeof(path), "/proc/%d/fd/0", target.pid);
    int files = readlink(path, file, sizeof(file)) < 0 ? -errno : 0;
    if (call < 0 && files < 0) {
        fail(&attempt->result, -call,
             "nothing of a child can be read: interrupted calls cannot be repaired, and -y shows no files");
    } else if (call < 0) {
        conclude(&attempt->result, PROBE_LIMITED, -call,
                 "/proc/TID/syscall of a child cannot be read: interrupted calls cannot be repaired");
    } else if (files < 0) {
        conclude(&attempt->result, PROBE_LIMITED, -files, "/proc/PID/fd of a child cannot be read: -y shows no files");
    } else {
        conclude(&attempt->result, PROBE_OK, 0, "the call and the files of a child were read");
    }
    target_end(attempt, &target);
}

/* -------------------------------------------------------------------- the runner */

static void (*const attempts[PROBES])(struct attempt *) = {
    [PROBE_LISTENER] = try_listener,
    [PROBE_WAIT_KILLABLE] = try_wait_killable,
    [PROBE_SYNC_WAKE_UP] = try_sync_wake_up,
    [PROBE_PIDFD_GETFD] = try_pidfd_getfd,
    [PROBE_MEMORY] = try_memory,
    [PROBE_PTRACE] = try_ptrace,
    [PROBE_TRACEFS] = try_tracefs,
    [PROBE_PERF] = try_perf, /* and PROBE_RINGS */
    [PROBE_IO_URING] = try_io_uring,
    [PROBE_PROC] = try_proc,
};

/* Wait for the attempt's process, not longer than its limit: its wait status, or -1 if it had to be
 * killed. By asking again and again, with the oldest of calls: what is newer may be refused. */
static int await_attempt(pid_t pid) {
    static const struct timespec moment = {.tv_nsec = 200000};
    uint64_t start = monotonic_now();
    for (;;) {
        int status;
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid) {
            return status;
        }
        if (monotonic_now() - start > (uint64_t)LIMIT_MS * 1000000 || (ended < 0 && errno != EINTR)) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            return -1;
        }
        nanosleep(&moment, NULL);
    }
}

static _Noreturn void run_attempt(enum probe probe, struct attempt *attempt, pid_t parent) {
    struct rlimit none = {0, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &none);
    if (getppid() == parent) {
        attempts[probe](attempt);
    }
    _exit(0);
}

/* Make one attempt in a child, which is gone afterwards with all that it started. */
static void make_attempt(enum probe probe, struct attempt *attempt) {
    fail(&attempt->result, 0, "the attempt ended without a result");
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        fail(&attempt->result, errno, "no child can be started");
        return;
    }
    if (pid == 0) {
        run_attempt(probe, attempt, self);
    }
    int status = await_attempt(pid);
    if (attempt->target > 0) {
        /* Its parent did not live to do this; we have inherited it. */
        kill(attempt->target, SIGKILL);
        waitpid(attempt->target, NULL, __WALL);
    }
    if (status == -1) {
        fail(&attempt->result, ETIMEDOUT, "the attempt did not come to an end, and was killed");
    } else if (WIFSIGNALED(status)) {
        conclude(&attempt->result, PROBE_MISSING, 0, "the attempt was answered with SIG%s",
                 sigabbrev_np(WTERMSIG(status)));
        attempt->result.killed = true;
    }
}

static void run_probe(struct probe_report *report, enum probe probe) {
    struct attempt *attempt = mmap(NULL, sizeof(*attempt), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (attempt == MAP_FAILED) {
        fail(&report->results[probe], errno, "there is no memory");
        return;
    }
    make_attempt(probe, attempt);
    report->results[probe] = attempt->result;
    if (probe == PROBE_IO_URING && attempt->result.state == PROBE_MISSING) {
        report->results[probe].state = PROBE_LIMITED;
    }
    if (probe == PROBE_PERF) {
        report->results[PROBE_RINGS] = attempt->rings;
        report->rings = attempt->ring_count;
        report->ring_bytes = attempt->ring_bytes;
        if (!attempt->rings.detail[0]) {
            fail(&report->results[PROBE_RINGS], attempt->result.error, "there are none without events");
        }
    }
    munmap(attempt, sizeof(*attempt));
}

void probe_run(struct probe_report *report) {
    *report = (struct probe_report){.ring_bytes_wanted = perf_ring_bytes_wanted((size_t)get_nprocs_conf(), false)};
    probe_setting_read(&report->setting);
    /* If SIGCHLD is ignored, nothing is left to wait for. And what an attempt leaves behind comes to us. */
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    int was_subreaper = 0;
    sigaction(SIGCHLD, &standard, &before);
    prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (unsigned probe = 0; probe < PROBES; probe++) {
        if (attempts[probe]) {
            run_probe(report, probe);
        }
    }
    prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
    sigaction(SIGCHLD, &before, NULL);
    probe_advise(report);
}
