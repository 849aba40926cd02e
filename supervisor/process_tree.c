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

static bool is_zombie(pid_t pid) {
    char path[64];
    char state = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file) {
        /* The name may hold blanks and parentheses: the state follows the last one. */
        char line[512];
        size_t length = fread(line, 1, sizeof(line) - 1, file);
        fclose(file);
        for (size_t i = 0; i + 2 < length; i++) {
            state = line[i] == ')' ? line[i + 2] : state;
        }
    }
    return state == 'Z' || state == 'X';
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

/* Kill the descendants that are there now: how many. */
static unsigned kill_descendants(pid_t root) {
    DIR *folder = opendir("/proc");
    unsigned killed = 0;
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 1 && descends_from(pid, root) && !is_zombie(pid)) {
            killed += kill(pid, SIGKILL) == 0;
        }
    }
    if (folder) {
        closedir(folder);
    }
    return killed;
}

void process_tree_kill(pid_t root) {
    /* Before the root: its children would have another parent then. */
    for (int i = 0; i < ROUNDS && kill_descendants(root) > 0; i++) {
    }
    kill(-root, SIGKILL);
    kill(root, SIGKILL);
}
