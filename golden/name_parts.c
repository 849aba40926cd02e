/* SPDX-License-Identifier: MIT
 *
 * The parts of strings that a golden trace shows by other names: ids in paths
 * below /proc, numbers of pipes and sockets, names of temporary files.
 */
#include "golden_names.h"
#include "marks.h"

#include <stdio.h>
#include <string.h>

/* Digits at `at`: how many, and the number; 0 if there are none or too many. */
static size_t read_number(const uint8_t *bytes, size_t size, size_t at, uint64_t *number) {
    enum {
        DIGITS_MAX = 19,
    };
    size_t length = 0;
    *number = 0;
    while (at + length < size && bytes[at + length] >= '0' && bytes[at + length] <= '9' && length <= DIGITS_MAX) {
        *number = 10 * *number + bytes[at + length] - '0';
        length++;
    }
    return length <= DIGITS_MAX ? length : 0;
}

static bool begins(const uint8_t *bytes, size_t size, size_t at, const char *word) {
    size_t length = strlen(word);
    return size - at >= length && memcmp(bytes + at, word, length) == 0;
}

static void name_with_mark(struct named_part *part, const char *before, enum mark mark, uint64_t number) {
    snprintf(part->name, sizeof(part->name), "%s%c%c%llu%c", before, MARK_BEGIN, (char)mark, (unsigned long long)number,
             MARK_END);
}

/* "/proc/PID", "/task/TID": of a task that there is. */
static bool find_id(const struct golden_names *names, const uint8_t *bytes, size_t size, size_t at,
                    struct named_part *part) {
    static const char *const folders[] = {"/proc/", "/task/"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (!begins(bytes, size, at, folders[i])) {
            continue;
        }
        uint64_t id;
        size_t start = at + strlen(folders[i]);
        size_t length = read_number(bytes, size, start, &id);
        bool ends = start + length == size || bytes[start + length] == '/';
        const struct golden_task *task =
            length && ends && id <= INT32_MAX ? task_tree_find(&names->tree, (int32_t)id) : NULL;
        if (task) {
            *part = (struct named_part){.start = start, .length = length};
            name_with_mark(part, "", MARK_TASK, task->index);
            return true;
        }
    }
    return false;
}

/* The ids in what -yy says of descriptors: "pid:N" of a process, "NETLINK:[ROUTE:N]" with the port of a socket, which
 * is that of its process. */
static bool find_owner(const struct golden_names *names, const uint8_t *bytes, size_t size, size_t at,
                       struct named_part *part) {
    size_t start = 0;
    if (at == 0 && begins(bytes, size, at, "pid:")) {
        start = strlen("pid:");
    } else if (begins(bytes, size, at, "NETLINK:[")) {
        const uint8_t *colon = memchr(bytes + at + strlen("NETLINK:["), ':', size - at - strlen("NETLINK:["));
        start = colon ? (size_t)(colon - bytes) + 1 : 0;
    }
    uint64_t id;
    size_t length = start ? read_number(bytes, size, start, &id) : 0;
    const struct golden_task *task = length && id <= INT32_MAX ? task_tree_find(&names->tree, (int32_t)id) : NULL;
    if (task) {
        *part = (struct named_part){.start = start, .length = length};
        name_with_mark(part, "", MARK_TASK, task->index);
    }
    return task != NULL;
}

/* Whether a kind of pipe or socket stands before the bracket at `at`: "pipe:", "UNIX-STREAM:", "TCPv6:". */
static bool follows_kind(const uint8_t *bytes, size_t at) {
    static const char *const kinds[] = {"pipe:", "socket:"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i]);
        if (at >= length && memcmp(bytes + at - length, kinds[i], length) == 0) {
            return true;
        }
    }
    size_t start = at;
    while (start > 1 && (bytes[start - 2] == '-' || bytes[start - 2] == 'v' ||
                         (bytes[start - 2] >= 'A' && bytes[start - 2] <= 'Z') || bytes[start - 2] == '6')) {
        start--;
    }
    return at > 0 && bytes[at - 1] == ':' && start < at && bytes[start - 1] >= 'A' && bytes[start - 1] <= 'Z';
}

/* "pipe:[N]", "socket:[N]", "UNIX-STREAM:[N->N]", "UDP:[N]": `at` is where the bracket opens. */
static bool find_inode(const uint8_t *bytes, size_t size, size_t at, struct named_part *part) {
    bool is_kind = follows_kind(bytes, at);
    uint64_t inode;
    uint64_t peer;
    size_t start = at + 1;
    size_t length = is_kind ? read_number(bytes, size, start, &inode) : 0;
    size_t end = start + length;
    if (!length || end == size || !strchr("],-", bytes[end])) {
        return false;
    }
    *part = (struct named_part){.start = start, .length = length};
    name_with_mark(part, "", MARK_INODE, inode);
    size_t arrow = begins(bytes, size, end, "->") ? read_number(bytes, size, end + 2, &peer) : 0;
    if (arrow) {
        struct named_part second;
        name_with_mark(&second, "->", MARK_INODE, peer);
        size_t used = strlen(part->name);
        snprintf(part->name + used, sizeof(part->name) - used, "%s", second.name);
        part->length += 2 + arrow;
    }
    return true;
}

/* A whole run of bytes that names are made of. */
static bool find_temporary(const struct golden_names *names, const uint8_t *bytes, size_t size, size_t at,
                           struct named_part *part) {
    if (!temporary_name_byte(bytes[at]) || (at > 0 && temporary_name_byte(bytes[at - 1]))) {
        return false;
    }
    size_t end = at;
    while (end < size && temporary_name_byte(bytes[end])) {
        end++;
    }
    uint64_t number = temporary_names_find(&names->temporary, bytes + at, end - at);
    if (number) {
        *part = (struct named_part){.start = at, .length = end - at};
        name_with_mark(part, "tmp#", MARK_TEMPORARY, number);
    }
    return number > 0;
}

bool golden_find_part(const struct golden_names *names, const uint8_t *bytes, size_t size, struct named_part *part) {
    bool ids = golden_has_rule(names->rules, RULE_IDS);
    bool inodes = golden_has_rule(names->rules, RULE_INODES);
    bool temporary = golden_has_rule(names->rules, RULE_TEMPORARY_FILES) && names->temporary.count;
    for (size_t at = 0; at < size; at++) {
        bool found = (ids && bytes[at] == '/' && find_id(names, bytes, size, at, part)) ||
                     (ids && (bytes[at] == 'p' || bytes[at] == 'N') && find_owner(names, bytes, size, at, part)) ||
                     (inodes && bytes[at] == '[' && find_inode(bytes, size, at, part)) ||
                     (temporary && find_temporary(names, bytes, size, at, part));
        if (found) {
            return true;
        }
    }
    return false;
}
