/* SPDX-License-Identifier: MIT */
#include "adoption.h"

#include "cleanup.h"
#include "listener.h"
#include "proc.h"
#include "syscall_table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/pidfd.h of Linux 6.15; the whole structure is not needed. */
struct pidfd_end {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11]; /* processes, users and groups */
    int32_t exit_code;
};

#define PIDFD_END_MASK (UINT64_C(1) << 3)
#define PIDFD_END_REQUEST _IOWR(0xFF, 11, struct pidfd_end)

/* --------------------------------------------------------------------- the start */

static bool is_exec(const struct seccomp_notif *notif) {
    enum arch arch = notif->data.arch == AUDIT_ARCH_I386 ? ARCH_I386 : ARCH_X86_64;
    const struct syscall_row *row = syscall_row(arch, notif->data.nr);
    return row && row_is_exec(row);
}

/* Take in who it is that executes a program: 1, or 0 if that one has not waited for us. A signal breaks its wait off,
 * where its filter lacks WAIT_KILLABLE_RECV; then it comes again. -errno with a sentence in `problem`. */
static int identify(struct adoption *adoption, char *problem, size_t size) {
    adoption->tid = (pid_t)adoption->exec.pid;
    if (adoption->tid == 0) {
        snprintf(problem, size,
                 "the container's processes are not visible from here: run the agent in the PID namespace of the "
                 "container's runtime, or in one around it");
        return -ESRCH;
    }
    adoption->pid = proc_process_of(adoption->tid);
    auto_fd pidfd = adoption->pid ? (int)syscall(SYS_pidfd_open, adoption->pid, 0) : -1;
    /* Asked last: now it is certain that all of this was its own. */
    if (!listener_is_waiting(adoption->listener, adoption->exec.id)) {
        return 0;
    }
    if (pidfd < 0) {
        snprintf(problem, size, adoption->pid ? "its process cannot be opened" : "/proc does not show its process");
        return adoption->pid ? -errno : -ESRCH;
    }
    adoption->pidfd = steal_fd(&pidfd);
    return 1;
}

int adoption_await(struct adoption *adoption, int listener, int stop, char *problem, size_t size) {
    *adoption = ADOPTION_NONE;
    adoption->listener = listener;
    int status = 0;
    while (status == 0) {
        struct pollfd wait[2] = {{.fd = listener, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR) {
            snprintf(problem, size, "cannot wait for the container");
            return -errno;
        }
        if (wait[1].revents) {
            snprintf(problem, size, "told to end before the container's program ran");
            return -ECANCELED;
        }
        if (wait[0].revents && !(wait[0].revents & POLLIN)) {
            snprintf(problem, size, "the container ended before a program was executed that its profile notifies of");
            return -ECHILD;
        }
        union listener_notification incoming;
        if (!(wait[0].revents & POLLIN) || listener_receive(listener, &incoming) < 0) {
            continue;
        }
        if (is_exec(&incoming.notif)) {
            adoption->exec = incoming.notif;
            status = identify(adoption, problem, size);
        } else {
            listener_continue(listener, incoming.notif.id);
        }
    }
    return status < 0 ? status : 0;
}

void adoption_finish(struct adoption *adoption) {
    close_fd(&adoption->pidfd);
}

/* ----------------------------------------------------------------------- the end */

/* Whether we may trace the process, which has ended: of others the kernel shows an exit code of 0, and lets nobody
 * follow their links (fs/proc/array.c and base.c). Where those lead is gone with its memory. */
static bool may_look_at(pid_t pid) {
    char path[48];
    char target[8];
    snprintf(path, sizeof(path), "/proc/%d/exe", pid);
    return readlink(path, target, sizeof(target)) >= 0 || errno == ENOENT;
}

/* While it has not been waited for: proc_pid_stat(5), field 52. */
static bool read_exit_code(pid_t pid, int *wait_status) {
    enum {
        STATE = 3, /* the first field behind the name, which may hold anything */
        EXIT_CODE = 52,
    };
    char path[48];
    char line[2048];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    auto_file FILE *file = fopen(path, "re");
    char *field = file && fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
    if (!field || strncmp(field, ") Z", 3) != 0) {
        return false;
    }
    for (unsigned number = STATE - 1; field && number < EXIT_CODE; number++) {
        field = strchr(field + 1, ' ');
    }
    if (!field) {
        return false;
    }
    *wait_status = (int)strtol(field, NULL, 10);
    return true;
}

/* The same, and that it is true. A process that is gone has no links either, so that it has to be there behind that. */
static bool read_stat(pid_t pid, int *wait_status) {
    return read_exit_code(pid, wait_status) && (*wait_status || (may_look_at(pid) && read_exit_code(pid, wait_status)));
}

/* Once it has been waited for. */
static bool ask_pidfd(int pidfd, int *wait_status) {
    struct pidfd_end end = {.mask = PIDFD_END_MASK};
    if (ioctl(pidfd, PIDFD_END_REQUEST, &end) < 0 || !(end.mask & PIDFD_END_MASK)) {
        return false;
    }
    *wait_status = end.exit_code;
    return true;
}

bool adoption_wait_status(int pidfd, pid_t pid, int *wait_status) {
    /* Its parent may wait for it just now, between the two. */
    return read_stat(pid, wait_status) || ask_pidfd(pidfd, wait_status);
}
