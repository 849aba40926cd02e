/* SPDX-License-Identifier: MIT */
#include "proc.h"

#include "cleanup.h"

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
