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

/* Where the last of the parts begins that stand between `root` and `end`, each with a slash behind it. */
static char *last_part(char *root, char *end) {
    char *part = end - 1;
    while (part > root && part[-1] != '/') {
        part--;
    }
    return part;
}

static bool is_part(const char *part, size_t size, const char *text) {
    return strlen(text) == size && strncmp(part, text, size) == 0;
}

void path_simplify(char *path) {
    bool absolute = path[0] == '/';
    char *root = path + absolute;
    char *to = root;
    const char *from = root;
    for (bool more = *from; more;) {
        size_t size = strcspn(from, "/");
        more = from[size];
        bool up = is_part(from, size, "..");
        char *part = to > root ? last_part(root, to) : NULL;
        if (up && part && !is_part(part, (size_t)(to - part - 1), "..")) {
            to = part;
        } else if (size && !is_part(from, size, ".") && !(up && absolute && !part)) {
            memmove(to, from, size);
            to += size;
            *to++ = '/';
        }
        from += size + more;
    }
    /* The last slash, or where nothing has been written. */
    to[to > root ? -1 : 0] = '\0';
}

const char *path_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
