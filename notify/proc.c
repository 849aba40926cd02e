/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include "cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pid_t proc_number(const char *path, const char *key) {
    auto_file FILE *file = fopen(path, "re");
    size_t length = strlen(key);
    char line[256];
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, length) == 0 && line[length] == ':') {
            return (pid_t)strtol(line + length + 1, NULL, 10);
        }
    }
    return 0;
}

pid_t proc_process_of(pid_t tid) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    return proc_number(path, "Tgid");
}

/* /proc/TID/status, or NULL. */
static FILE *open_status(pid_t tid) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    return fopen(path, "re");
}

int proc_signals(pid_t tid, struct proc_signals *signals) {
    char line[256];
    auto_file FILE *file = open_status(tid);
    *signals = (struct proc_signals){0};
    unsigned found = 0;
    while (file && fgets(line, sizeof(line), file)) {
        char *colon = strchr(line, ':');
        uint64_t mask = colon ? strtoull(colon + 1, NULL, 16) : 0;
        if (strncmp(line, "SigPnd:", 7) == 0 || strncmp(line, "ShdPnd:", 7) == 0) {
            signals->pending |= mask;
            found++;
        } else if (strncmp(line, "SigBlk:", 7) == 0) {
            signals->blocked = mask;
            found++;
        } else if (strncmp(line, "SigIgn:", 7) == 0) {
            signals->ignored = mask;
            found++;
        } else if (strncmp(line, "SigCgt:", 7) == 0) {
            signals->caught = mask;
            found++;
        }
    }
    return found == 5 ? 0 : -ESRCH;
}

uint64_t proc_signals_without_effect(const struct proc_signals *signals) {
    static const int harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
    uint64_t by_default = 0;
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        by_default |= UINT64_C(1) << (harmless[i] - 1);
    }
    return signals->ignored | (by_default & ~signals->caught);
}

int proc_identity(pid_t pid, struct proc_identity *identity) {
    char line[256];
    auto_file FILE *file = open_status(pid);
    unsigned found = 0;
    while (file && found < 2 && fgets(line, sizeof(line), file)) {
        /* Real, effective, saved, filesystem. */
        found += sscanf(line, "Uid: %*u %u", &identity->uid) == 1;
        found += sscanf(line, "Gid: %*u %u", &identity->gid) == 1;
    }
    return found == 2 ? 0 : -ESRCH;
}

ssize_t proc_threads(pid_t pid, pid_t **tids) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    *tids = NULL;
    DIR *folder = opendir(path);
    if (!folder) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    ssize_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
        pid_t *more = tid > 0 ? reallocarray(*tids, (size_t)count + 1, sizeof(pid_t)) : NULL;
        if (more) {
            *tids = more;
            more[count++] = tid;
        }
    }
    closedir(folder);
    return count;
}
