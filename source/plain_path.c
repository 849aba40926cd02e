/* SPDX-License-Identifier: MIT */
#include "plain_path.h"

#include <stdio.h>
#include <string.h>

bool path_join(char *path, size_t size, const char *folder, const char *name) {
    bool alone = !folder || !*folder || name[0] == '/';
    size_t end = alone ? 0 : strlen(folder);
    const char *slash = alone || folder[end - 1] == '/' ? "" : "/";
    int length = snprintf(path, size, "%s%s%s", alone ? "" : folder, slash, name);
    return length >= 0 && (size_t)length < size;
}

/* Whether the last part of what was written can be taken back. */
static bool is_name(const char *start, const char *end) {
    return end > start && !(end - start == 2 && start[0] == '.' && start[1] == '.');
}

void path_simplify(char *path) {
    bool absolute = path[0] == '/';
    char *root = path + absolute;
    char *to = root; /* parts that were written, each with a slash behind it */
    const char *from = root;
    while (*from) {
        size_t size = strcspn(from, "/");
        bool last = !from[size];
        char *part = to;
        while (part > root && part[-1] == '/' && part == to) {
            part--;
        }
        while (part > root && part[-1] != '/') {
            part--;
        }
        if (size == 2 && from[0] == '.' && from[1] == '.' && to > root && is_name(part, to - 1)) {
            to = part;
        } else if (size == 2 && from[0] == '.' && from[1] == '.' && absolute && to == root) {
            /* Nothing is above the root. */
        } else if (size && !(size == 1 && from[0] == '.')) {
            memmove(to, from, size);
            to += size;
            *to = '/';
            to += !last;
        }
        from += size + !last;
    }
    *to = '\0';
    if (to > root && to[-1] == '/') {
        to[-1] = '\0';
    }
}

const char *path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
