/* SPDX-License-Identifier: MIT */
#include "process_tree.h"

#include "proc.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ROUNDS = 16, /* in which processes that come meanwhile are looked for */
    DEPTH = 256, /* of parents: one that changes meanwhile must not lead in circles */
};

static pid_t parent_of(pid_t pid) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    return proc_number(path, "PPid");
}

static bool descends_from(pid_t pid, pid_t root) {
    for (int i = 0; i < DEPTH && pid > 1; i++) {
        pid = parent_of(pid);
        if (pid == root) {
            return true;
        }
    }
    return false;
}

struct pids {
    pid_t *each;
    size_t count;
};

static bool has_pid(const struct pids *pids, pid_t pid) {
    bool found = false;
    for (size_t i = 0; i < pids->count && !found; i++) {
        found = pids->each[i] == pid;
    }
    return found;
}

/* Stop the descendants that are not among those yet, and add them: whether there were any. */
static bool stop_descendants(pid_t root, struct pids *pids) {
    DIR *folder = opendir("/proc");
    bool found = false;
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 1 || has_pid(pids, pid) || !descends_from(pid, root)) {
            continue;
        }
        pid_t *each = reallocarray(pids->each, pids->count + 1, sizeof(*each));
        if (!each) {
            kill(pid, SIGKILL);
            continue;
        }
        pids->each = each;
        pids->each[pids->count++] = pid;
        kill(pid, SIGSTOP);
        found = true;
    }
    if (folder) {
        closedir(folder);
    }
    return found;
}

void process_tree_kill(pid_t root) {
    /* First all are stopped, for one that is killed leaves children that nobody can tell from others, and one to which
     * a signal was sent makes no new ones. */
    struct pids pids = {0};
    for (int i = 0; i < ROUNDS && stop_descendants(root, &pids); i++) {
    }
    for (size_t i = 0; i < pids.count; i++) {
        kill(pids.each[i], SIGKILL);
    }
    free(pids.each);
    kill(-root, SIGKILL);
    kill(root, SIGKILL);
}
