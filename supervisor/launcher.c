/* SPDX-License-Identifier: MIT */
#include "launcher.h"

#include "capability.h"
#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* Not in glibc 2.36's headers under every configuration; the numbers are the kernel's. */
static int open_pidfd(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int fetch_fd(int pidfd, int fd) {
    return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

/* --------------------------------------------------------- finding the file */

static bool is_program(const char *path) {
    struct stat info;
    if (stat(path, &info) < 0) {
        return false;
    }
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return false;
    }
    return access(path, X_OK) == 0;
}

static char *found_or_not(const char *path, int *status) {
    if (is_program(path)) {
        return strdup(path);
    }
    *status = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
    return NULL;
}

char *launcher_find(const char *program, int *status) {
    if (strchr(program, '/')) {
        return found_or_not(program, status);
    }
    const char *path = getenv("PATH");
    auto_free char *copy = strdup(path ? path : "/bin:/usr/bin");
    int worst = ENOENT;
    *status = 127;
    char *rest = copy;
    char *folder;
    while (program[0] && rest && (folder = strsep(&rest, ":"))) {
        auto_free char *candidate = NULL;
        if (asprintf(&candidate, "%s%s%s", folder, folder[0] ? "/" : "./", program) < 0) {
            candidate = NULL;
            return NULL;
        }
        int found = 127;
        char *result = found_or_not(candidate, &found);
        if (result) {
            return result;
        }
        /* As a shell: a file that may not be executed is remembered, and the search goes on. */
        if (found == 126 && errno == EACCES) {
            worst = EACCES;
            *status = 126;
        }
    }
    errno = worst;
    return NULL;
}

/* ----------------------------------------------------------------- the child */

enum {
    CHILD_FAILED = 125,
};

static bool notifies(const struct launch_request *request) {
    return request->filter && !request->filter->trace_only;
}

/* Standard input, output and error as the program is to find them. */
static void arrange_descriptors(const struct launch_request *request) {
    if (request->stdout_to_stderr) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
    }
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (request->closed >> fd & 1) {
            close(fd);
        }
    }
}

/* Children inherit it, and programs keep it, but for set-user-ID ones. */
static void fix_addresses(struct launch_state *state) {
    static const unsigned long ask = 0xffffffff;
    int current = personality(ask);
    if (current < 0 || personality((unsigned long)current | ADDR_NO_RANDOMIZE) < 0) {
        state->layout_error = errno;
    }
}

/* A futex on shared memory: unlike read(2), it is a call that no filter stops
 * for a ptracer that may not be there yet. */
static void await_release(struct launch_state *state) {
    while (!atomic_load(&state->release)) {
        syscall(SYS_futex, &state->release, FUTEX_WAIT, 0, NULL, NULL, 0);
    }
}

/* Install the filter with its listener, and tell its number to the parent through the pipe `ready`. vmsplice(2) does
 * not copy: the number has to stay where it is until the parent has read it. */
static int offer_listener(const struct launch_request *request, const struct sock_fprog *program,
                          struct launch_state *state, int ready) {
    int listener = filter_load(program, true);
    struct iovec message = {.iov_base = &state->listener, .iov_len = sizeof(state->listener)};
    state->listener = listener;
    if (listener >= 0) {
        syscall(SYS_vmsplice, ready, &message, 1, 0, request->filter->secret[0], request->filter->secret[1]);
    }
    return listener;
}

/* Runs in the child from fork to exec. Once the filter is loaded every call of
 * this function may be one that is notified: only those in launcher_start()'s
 * protocol are made. */
static _Noreturn void run_child(const struct launch_request *request, const struct sock_fprog *program,
                                struct launch_state *state, int ready, pid_t parent, bool privileged) {
    /* Until exec the child may hold a copy of the listener: without its parent it
     * would wait in its own notification for ever. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(CHILD_FAILED);
    }
    arrange_descriptors(request);
    sigaction(SIGPIPE, request->sigpipe, NULL);
    sigaction(SIGCHLD, request->sigchld, NULL);
    if (request->fixed_addresses) {
        fix_addresses(state);
    }
    if (program->filter && !privileged) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }
    /* Before the supervisor does: who reads a process must not have fewer than that. */
    capability_drop();
    int listener = notifies(request) ? offer_listener(request, program, state, ready) : 0;
    if (listener < 0) {
        state->exec_error = -listener;
        _exit(CHILD_FAILED);
    }
    await_release(state);
    if (notifies(request)) {
        /* From here on supervisor and guardian alone hold the listener: if both die, the
         * notification of the exec fails and the child ends. */
        close(listener);
    } else if (program->filter) {
        state->filter_error = -filter_load(program, false);
    }
    prctl(PR_SET_PDEATHSIG, 0);
    /* Now, not before the filter: that would have needed no_new_privs. */
    int status = request->identity ? identity_assume(request->identity) : 0;
    if (status < 0) {
        state->exec_error = -status;
        _exit(CHILD_FAILED);
    }
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, request->mask, NULL, _NSIG / 8);
    execve(request->path, request->argv, request->envp);
    state->exec_error = errno;
    _exit(CHILD_FAILED);
}

/* ---------------------------------------------------------------- the parent */

/* The number of the child's listener, or -errno if the child ended before it had one. */
static int await_listener(int ready, const struct launch_state *state, char *problem, size_t size) {
    int number;
    ssize_t length;
    do {
        length = read(ready, &number, sizeof(number));
    } while (length < 0 && errno == EINTR);
    if (length == (ssize_t)sizeof(number)) {
        return number;
    }
    int error = state->exec_error ? state->exec_error : ECHILD;
    const char *reason = "the seccomp filter cannot be installed";
    if (error == EBUSY) {
        reason = "there is a seccomp listener already (another supervisor is at work here), and the kernel allows "
                 "one per program";
    } else if (error == EACCES) {
        reason = "the seccomp filter cannot be installed (no_new_privs is refused)";
    }
    snprintf(problem, size, "%s", reason);
    return -error;
}

/* Let the child's calls before its execve run; stop when that one is there. */
static int await_exec(struct launched *launched) {
    union listener_notification *exec = &launched->state->exec;
    for (;;) {
        struct pollfd wait[2] = {{.fd = launched->listener, .events = POLLIN},
                                 {.fd = launched->pidfd, .events = POLLIN}};
        if (poll(wait, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            return -errno;
        }
        if (!(wait[0].revents & POLLIN)) {
            if (wait[0].revents || wait[1].revents) {
                return -ECHILD;
            }
            continue;
        }
        int status = listener_receive(launched->listener, exec);
        if (status == -ENOENT || status == -EINTR) {
            continue;
        }
        if (status < 0) {
            return status;
        }
        if (exec->notif.data.nr == SYS_execve) {
            return 0;
        }
        listener_continue(launched->listener, exec->notif.id);
    }
}

/* CAP_SYS_ADMIN lets a filter be installed without no_new_privs. */
static bool may_filter_with_privileges(void) {
    return capability_has(CAP_SYS_ADMIN);
}

void launcher_abandon(struct launched *launched) {
    if (launched->pid > 0 && !launched->adopted) {
        kill(launched->pid, SIGKILL);
        /* Before the wait: its execve may sit in a notification. */
        close_fd(&launched->listener);
        waitpid(launched->pid, NULL, 0);
        launched->pid = -1;
    }
    launcher_finish(launched);
}

/* Take over the listener whose number the child tells. */
static int take_listener(struct launched *launched, int ready, char *problem, size_t size) {
    int number = await_listener(ready, launched->state, problem, size);
    if (number < 0) {
        return number;
    }
    launched->listener = fetch_fd(launched->pidfd, number);
    if (launched->listener < 0) {
        snprintf(problem, size, "the listener cannot be fetched (pidfd_getfd needs ptrace rights over the child)");
        return -errno;
    }
    return 0;
}

void launcher_release(struct launched *launched) {
    atomic_store(&launched->state->release, 1);
    syscall(SYS_futex, &launched->state->release, FUTEX_WAKE, 1, NULL, NULL, 0);
}

int launcher_release_to_exec(struct launched *launched, char *problem, size_t size) {
    launcher_release(launched);
    int status = await_exec(launched);
    if (status < 0 && launched->state->exec_error) {
        snprintf(problem, size, "the user and groups cannot be changed");
        return -launched->state->exec_error;
    }
    if (status < 0) {
        snprintf(problem, size, "the child ended before it could start the program");
    }
    return status;
}

int launcher_renew_exec(struct launched *launched, char *problem, size_t size) {
    int status = 0;
    if (!listener_is_waiting(launched->listener, launched->state->exec.notif.id)) {
        status = await_exec(launched);
    }
    if (status < 0) {
        snprintf(problem, size, "the process ended before it could start the program");
    }
    return status;
}

static int share_state(struct launched *launched) {
    void *memory = mmap(NULL, sizeof(*launched->state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    launched->state = memory;
    return 0;
}

int launcher_start(const struct launch_request *request, struct launched *launched, char *problem, size_t size) {
    *launched = LAUNCHED_NONE;
    struct sock_fprog program = {0};
    int status = request->filter ? filter_build(request->filter, &program) : 0;
    auto_free struct sock_filter *instructions = program.filter;
    if (status < 0) {
        snprintf(problem, size, "the seccomp filter cannot be built");
        return status;
    }
    status = share_state(launched);
    if (status < 0) {
        return status;
    }
    int ready[2] = {-1, -1};
    bool privileged = may_filter_with_privileges();
    pid_t self = getpid();
    if (pipe2(ready, O_CLOEXEC) < 0 || (launched->pid = fork()) < 0) {
        status = -errno;
        snprintf(problem, size, "no child can be started");
    }
    launched->tid = launched->pid;
    if (launched->pid == 0) {
        close(ready[0]);
        run_child(request, &program, launched->state, ready[1], self, privileged);
    }
    close_fd(&ready[1]);
    if (status == 0) {
        launched->pidfd = open_pidfd(launched->pid);
        status = launched->pidfd < 0 ? -errno : 0;
    }
    if (status == 0 && notifies(request)) {
        status = take_listener(launched, ready[0], problem, size);
    }
    close_fd(&ready[0]);
    if (status < 0) {
        launcher_abandon(launched);
    }
    return status;
}

int launcher_adopt(const struct adoption *adoption, struct launched *launched) {
    *launched = LAUNCHED_NONE;
    launched->adopted = true;
    int status = share_state(launched);
    if (status == 0) {
        launched->pid = adoption->pid;
        launched->tid = adoption->tid;
        launched->pidfd = fcntl(adoption->pidfd, F_DUPFD_CLOEXEC, 0);
        launched->listener = fcntl(adoption->listener, F_DUPFD_CLOEXEC, 0);
        status = launched->pidfd < 0 || launched->listener < 0 ? -errno : 0;
    }
    if (status < 0) {
        launcher_finish(launched);
        return status;
    }
    launched->state->exec.notif = adoption->exec;
    return 0;
}

bool launcher_stops_job(int number) {
    return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

void launcher_finish(struct launched *launched) {
    close_fd(&launched->pidfd);
    close_fd(&launched->listener);
    if (launched->state) {
        munmap(launched->state, sizeof(*launched->state));
        launched->state = NULL;
    }
}
