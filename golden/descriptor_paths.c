/* SPDX-License-Identifier: MIT */
#include "descriptor_paths.h"

#include "trace_value.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct entry {
    int64_t descriptor;
    struct trace_word *path;
    bool closes_on_exec;
};

struct descriptor_paths {
    struct descriptor_total *all; /* of all tables */
    struct entry *entries;        /* by number */
    size_t count;
    size_t room;
};

struct descriptor_paths *descriptor_paths_create(struct descriptor_total *total) {
    struct descriptor_paths *paths = calloc(1, sizeof(*paths));
    if (paths) {
        paths->all = total;
    }
    return paths;
}

struct descriptor_paths *descriptor_paths_copy(const struct descriptor_paths *paths) {
    struct descriptor_paths *copy = descriptor_paths_create(paths->all);
    bool is_full = paths->all->count + paths->count > DESCRIPTORS_MAX;
    paths->all->is_full |= is_full;
    if (!copy || paths->count == 0 || is_full) {
        return copy;
    }
    copy->entries = malloc(paths->count * sizeof(*copy->entries));
    if (!copy->entries) {
        free(copy);
        return NULL;
    }
    memcpy(copy->entries, paths->entries, paths->count * sizeof(*copy->entries));
    copy->count = copy->room = paths->count;
    copy->all->count += copy->count;
    return copy;
}

void descriptor_paths_destroy(struct descriptor_paths *paths) {
    if (paths) {
        paths->all->count -= paths->count;
        free(paths->entries);
        free(paths);
    }
}

/* Where the number is, or would be. */
static size_t place_of(const struct descriptor_paths *paths, int64_t descriptor) {
    size_t low = 0;
    size_t high = paths->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (paths->entries[middle].descriptor < descriptor) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct entry *find_entry(const struct descriptor_paths *paths, int64_t descriptor) {
    size_t place = place_of(paths, descriptor);
    bool is_there = place < paths->count && paths->entries[place].descriptor == descriptor;
    return is_there ? &paths->entries[place] : NULL;
}

struct trace_word *descriptor_paths_find(const struct descriptor_paths *paths, int64_t descriptor) {
    const struct entry *entry = find_entry(paths, descriptor);
    return entry ? entry->path : NULL;
}

/* Take out `count` entries from `place` on. */
static void take_out(struct descriptor_paths *paths, size_t place, size_t count) {
    memmove(&paths->entries[place], &paths->entries[place + count],
            (paths->count - place - count) * sizeof(*paths->entries));
    paths->count -= count;
    paths->all->count -= count;
}

static void forget(struct descriptor_paths *paths, int64_t descriptor) {
    const struct entry *entry = find_entry(paths, descriptor);
    if (entry) {
        take_out(paths, (size_t)(entry - paths->entries), 1);
    }
}

/* The descriptor has this path from now on; NULL: an unknown one. */
static int put(struct descriptor_paths *paths, int64_t descriptor, struct trace_word *path, bool on_exec) {
    struct entry *entry = find_entry(paths, descriptor);
    bool is_full = path && !entry && paths->all->count >= DESCRIPTORS_MAX;
    paths->all->is_full |= is_full;
    if (!path || is_full) {
        forget(paths, descriptor);
        return 0;
    }
    if (!entry) {
        if (paths->count == paths->room) {
            size_t room = paths->room ? paths->room * 2 : 16;
            struct entry *entries = reallocarray(paths->entries, room, sizeof(*entries));
            if (!entries) {
                return -ENOMEM;
            }
            paths->entries = entries;
            paths->room = room;
        }
        size_t place = place_of(paths, descriptor);
        entry = &paths->entries[place];
        memmove(entry + 1, entry, (paths->count - place) * sizeof(*entry));
        paths->count++;
        paths->all->count++;
    }
    *entry = (struct entry){descriptor, path, on_exec};
    return 0;
}

static int duplicate(struct descriptor_paths *paths, const struct trace_call *call, bool on_exec) {
    uint64_t from;
    if (!trace_number(call, 0, &from) || (int64_t)from == call->result) {
        return 0;
    }
    return put(paths, call->result, descriptor_paths_find(paths, (int64_t)from), on_exec);
}

/* fcntl: copies, and the flag. */
static int control(struct descriptor_paths *paths, const struct trace_call *call) {
    uint64_t number;
    bool is_number = trace_number(call, 1, &number);
    bool closes = is_number ? number == F_DUPFD_CLOEXEC : call_argument_has(call, 1, "F_DUPFD_CLOEXEC", 0);
    if (closes || (is_number ? number == F_DUPFD : call_argument_has(call, 1, "F_DUPFD", 0))) {
        return duplicate(paths, call, closes);
    }
    if (is_number ? number == F_SETFD : call_argument_has(call, 1, "F_SETFD", 0)) {
        struct entry *entry = trace_number(call, 0, &number) ? find_entry(paths, (int64_t)number) : NULL;
        if (entry) {
            entry->closes_on_exec = call_argument_has(call, 2, "FD_CLOEXEC", FD_CLOEXEC);
        }
    }
    return 0;
}

static void close_range_of(struct descriptor_paths *paths, const struct trace_call *call) {
    uint64_t first;
    uint64_t last;
    if (!trace_number(call, 0, &first) || !trace_number(call, 1, &last) || first > last || first > INT32_MAX) {
        return;
    }
    last = last > INT32_MAX ? INT32_MAX : last;
    bool on_exec = call_argument_has(call, 2, "CLOSE_RANGE_CLOEXEC", CLOSE_RANGE_CLOEXEC);
    size_t begin = place_of(paths, (int64_t)first);
    size_t end = place_of(paths, (int64_t)last + 1);
    if (!on_exec && end > begin) {
        take_out(paths, begin, end - begin);
    }
    for (size_t i = begin; on_exec && i < end; i++) {
        paths->entries[i].closes_on_exec = true;
    }
}

void descriptor_paths_exec(struct descriptor_paths *paths) {
    size_t kept = 0;
    for (size_t i = 0; i < paths->count; i++) {
        if (!paths->entries[i].closes_on_exec) {
            paths->entries[kept++] = paths->entries[i];
        }
    }
    paths->all->count -= paths->count - kept;
    paths->count = kept;
}

/* A socket has another address. */
static int rename_socket(struct descriptor_paths *paths, const struct trace_call *call, struct trace_word *address) {
    uint64_t number;
    if (!trace_number(call, 0, &number)) {
        return 0;
    }
    const struct entry *entry = find_entry(paths, (int64_t)number);
    return put(paths, (int64_t)number, address, entry && entry->closes_on_exec);
}

/* Whether the new descriptor is closed on exec, by flags that stand behind the path or in a structure. renacer 0.6
 * shows three arguments of every call, also those that it does not have. */
static bool closes_on_exec(const struct trace_call *call) {
    uint64_t number;
    const char *name = call->name.bytes;
    if (strcmp(name, "open") == 0) {
        return call_argument_has(call, 1, "O_CLOEXEC", O_CLOEXEC);
    }
    if (strcmp(name, "accept4") == 0) {
        return call_argument_has(call, 3, "SOCK_CLOEXEC", SOCK_CLOEXEC);
    }
    bool is_address = strcmp(name, "openat2") == 0 && trace_number(call, 2, &number);
    bool has_flags = strncmp(name, "openat", strlen("openat")) == 0 || strcmp(name, "dup3") == 0;
    return has_flags && !is_address && call_argument_has(call, 2, "O_CLOEXEC", O_CLOEXEC);
}

int descriptor_paths_call(struct descriptor_paths *paths, const struct trace_call *call, enum call_effect effect,
                          struct trace_word *opened) {
    uint64_t number;
    bool has_result = call->has_result && call->result >= 0;
    switch (effect) {
    case EFFECT_OPEN:
    case EFFECT_NEW_DESCRIPTOR:
    case EFFECT_ACCEPT:
        return has_result ? put(paths, call->result, opened, closes_on_exec(call)) : 0;
    case EFFECT_ADDRESS:
        return rename_socket(paths, call, opened);
    case EFFECT_DUPLICATE:
        return has_result ? duplicate(paths, call, closes_on_exec(call)) : 0;
    case EFFECT_CONTROL:
        return has_result ? control(paths, call) : 0;
    case EFFECT_CLOSE:
        if (trace_number(call, 0, &number)) {
            forget(paths, (int64_t)number);
        }
        return 0;
    case EFFECT_CLOSE_RANGE:
        close_range_of(paths, call);
        return 0;
    default:
        return 0;
    }
}
