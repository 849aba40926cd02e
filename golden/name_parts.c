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

/* "pipe:[N]", "socket:[N]", "UNIX-STREAM:[N->N]": `at` is where the bracket opens. */
static bool find_inode(const uint8_t *bytes, size_t size, size_t at, struct named_part *part) {
    static const char *const kinds[] = {"pipe:", "socket:", "UNIX:", "UNIX-STREAM:", "UNIX-DGRAM:", "UNIX-SEQPACKET:"};
    bool is_kind = false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !is_kind; i++) {
        size_t length = strlen(kinds[i]);
        is_kind = at >= length && memcmp(bytes + at - length, kinds[i], length) == 0;
    }
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
                     (inodes && bytes[at] == '[' && find_inode(bytes, size, at, part)) ||
                     (temporary && find_temporary(names, bytes, size, at, part));
        if (found) {
            return true;
        }
    }
    return false;
}
