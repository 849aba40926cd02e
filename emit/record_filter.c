/* SPDX-License-Identifier: MIT */
#include "record_filter.h"

#include "capture.h"
#include "cleanup.h"
#include "nearest.h"
#include "syscall_table.h"
#include "value.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum call_status status;
} status_names[] = {
    {"successful", STATUS_SUCCESSFUL},   {"failed", STATUS_FAILED},     {"unfinished", STATUS_UNFINISHED},
    {"unavailable", STATUS_UNAVAILABLE}, {"detached", STATUS_DETACHED},
};

enum {
    SIGNALS = 64, /* the kernel's _NSIG */
};

enum {
    STATUS_COUNT = sizeof(status_names) / sizeof(status_names[0]),
};

void record_filter_init(struct record_filter *filter) {
    *filter = (struct record_filter){.statuses = STATUS_ALL};
}

void record_filter_finish(struct record_filter *filter) {
    for (unsigned i = 0; i < filter->path_count; i++) {
        free(filter->paths[i]);
    }
    filter->path_count = 0;
}

/* ------------------------------------------------------------------- parsing */

/* A name as a set of bits, or 0 with a sentence in `problem`. */
typedef uint64_t (*name_parser)(const char *name, char *problem, size_t size);

/* "a,b", "!a,b", "all", "none" as a set of bits out of `everything`. */
static int parse_set(const char *list, uint64_t everything, name_parser parse_name, uint64_t *set, char *problem,
                     size_t size) {
    bool inverted = list[0] == '!';
    auto_free char *copy = strdup(list + inverted);
    if (!copy) {
        return -ENOMEM;
    }
    uint64_t bits = 0;
    char *rest = copy;
    char *name;
    while ((name = strsep(&rest, ","))) {
        uint64_t more = everything;
        if (strcmp(name, "none") == 0) {
            continue;
        }
        if (strcmp(name, "all") != 0) {
            more = parse_name(name, problem, size);
        }
        if (!more) {
            return -EINVAL;
        }
        bits |= more;
    }
    *set = inverted ? everything & ~bits : bits;
    return 0;
}

static uint64_t parse_status_name(const char *name, char *problem, size_t size) {
    struct nearest nearest = {.word = name};
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        if (strcmp(status_names[i].name, name) == 0) {
            return status_names[i].status;
        }
        nearest_offer(&nearest, status_names[i].name);
    }
    snprintf(problem, size, "unknown status '%s' in -e status=; %s%s%s", name,
             nearest.best ? "did you mean '" : "there are successful, failed, unfinished, unavailable and detached",
             nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
    return 0;
}

/* The signal of this name, as we write it (SIGRT_1) or without "SIG"; 0 for none. */
static int signal_named(const char *name, struct nearest *nearest, struct text *names) {
    for (int number = 1; number <= SIGNALS; number++) {
        size_t start = names->length;
        signal_to_text((uint64_t)number, names);
        const char *full = names->bytes + start;
        if (strcasecmp(full, name) == 0 || strcasecmp(full + 3, name) == 0) {
            return number;
        }
        /* The nearest keeps a pointer: there is room for all of them from the beginning. */
        text_add(names, "", 1);
        nearest_offer(nearest, full);
    }
    return 0;
}

static uint64_t parse_signal_name(const char *name, char *problem, size_t size) {
    enum {
        NAME_BYTES = 16,
    };
    struct nearest nearest = {.word = name};
    struct text names = {0};
    char *end;
    long number = strtol(name, &end, 10);
    if (!text_reserve(&names, (size_t)SIGNALS * NAME_BYTES)) {
        snprintf(problem, size, "out of memory");
        return 0;
    }
    if (end == name || *end) {
        number = signal_named(name, &nearest, &names);
    }
    if (number < 1 || number > SIGNALS) {
        snprintf(problem, size, "unknown signal '%s' in -e signal=%s%s%s", name, nearest.best ? "; did you mean '" : "",
                 nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
        number = 0;
    }
    text_finish(&names);
    return number ? 1ULL << (number - 1) : 0;
}

int record_filter_parse_status(struct record_filter *filter, const char *list, char *problem, size_t size) {
    uint64_t set;
    int status = parse_set(list, STATUS_ALL, parse_status_name, &set, problem, size);
    if (status == 0) {
        filter->statuses = (unsigned)set;
    }
    return status;
}

int record_filter_parse_signals(struct record_filter *filter, const char *list, char *problem, size_t size) {
    uint64_t set;
    int status = parse_set(list, UINT64_MAX, parse_signal_name, &set, problem, size);
    if (status == 0) {
        filter->quiet_signals = ~set;
    }
    return status;
}

static int add_path(struct record_filter *filter, char *owned) {
    if (!owned) {
        return -ENOMEM;
    }
    if (filter->path_count == FILTER_PATHS_MAX) {
        free(owned);
        return -E2BIG;
    }
    filter->paths[filter->path_count++] = owned;
    return 0;
}

int record_filter_add_path(struct record_filter *filter, const char *path) {
    int status = add_path(filter, strdup(path));
    char *resolved = status == 0 ? realpath(path, NULL) : NULL;
    if (resolved && strcmp(resolved, path) != 0) {
        return add_path(filter, resolved);
    }
    free(resolved);
    return status;
}

/* ------------------------------------------------------------------- deciding */

static enum call_status status_of(const struct call_record *call) {
    if (call->flags & CALL_UNRETURNED) {
        return STATUS_UNFINISHED;
    }
    if (!(call->flags & CALL_HAS_RESULT)) {
        return STATUS_UNAVAILABLE;
    }
    return call_failed(call) ? STATUS_FAILED : STATUS_SUCCESSFUL;
}

static bool is_wanted_path(const struct record_filter *filter, const uint8_t *bytes, size_t size) {
    for (unsigned i = 0; i < filter->path_count; i++) {
        if (strlen(filter->paths[i]) == size && memcmp(filter->paths[i], bytes, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether an argument names one of the paths, or is a descriptor of one of them.
 * What the call makes (the descriptor that it returns) does not count, as in strace. */
static bool touches_path(const struct record_filter *filter, const struct record *record) {
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    const void *captures = record_captures(record);
    for (unsigned i = 0; row && i < row_arg_count(row); i++) {
        const struct capture *capture = NULL;
        if (row_arg_type(row, i) == A_PATH) {
            capture = capture_find(captures, record->call.captures_size, i, 0);
        } else if ((int32_t)record->call.args[i] != AT_FDCWD) {
            capture = capture_find(captures, record->call.captures_size, i, CAPTURE_DESCRIPTOR);
        }
        if (capture) {
            /* Of a descriptor the path comes first, up to a NUL: include/descriptor.h. */
            const uint8_t *bytes = capture_bytes(capture);
            if (is_wanted_path(filter, bytes, strnlen((const char *)bytes, capture->size))) {
                return true;
            }
        }
    }
    return false;
}

bool record_filter_keeps(const struct record_filter *filter, const struct record *record) {
    if (record->kind == RECORD_SIGNAL) {
        return !(filter->quiet_signals >> ((record->signal.number - 1) & 63) & 1);
    }
    if (record->kind != RECORD_CALL) {
        return true;
    }
    return filter->statuses & status_of(&record->call) && (!filter->path_count || touches_path(filter, record));
}
