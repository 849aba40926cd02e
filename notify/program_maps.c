/* SPDX-License-Identifier: MIT */
#include "program_maps.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As much of /proc/PID/NAME as there is room for. */
static size_t read_file(pid_t pid, const char *name, char *to, size_t room) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    auto_fd file = open(path, O_RDONLY | O_CLOEXEC);
    size_t size = 0;
    while (file >= 0 && size < room) {
        /* The kernel gives whole lines, as many as fit into a page. */
        ssize_t length = read(file, to + size, room - size);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            break;
        }
        size += (size_t)length;
    }
    return size;
}

/* Member `startstack` of proc_pid_stat(5). */
static uint64_t start_of_stack(pid_t pid) {
    enum {
        STATE = 3, /* the first member behind the name, which may hold any character */
        STARTSTACK = 28,
    };
    char line[2048];
    line[read_file(pid, "stat", line, sizeof(line) - 1)] = 0;
    const char *place = strrchr(line, ')');
    for (int member = STATE - 1; place && member < STARTSTACK; member++) {
        place = strchr(place + 1, ' ');
    }
    return place ? strtoull(place, NULL, 10) : 0;
}

/* What is left of a text when its last line is not complete. */
static size_t whole_lines(const char *text, size_t size) {
    const char *end = memrchr(text, '\n', size);
    return end ? (size_t)(end - text) + 1 : 0;
}

size_t program_maps_read(pid_t pid, void *to) {
    struct start_maps start = {.stack = start_of_stack(pid)};
    char *text = (char *)to + sizeof(start);
    size_t size = read_file(pid, "maps", text, PROGRAM_MAPS_BOUND - sizeof(start));
    memcpy(to, &start, sizeof(start));
    return sizeof(start) + whole_lines(text, size);
}
