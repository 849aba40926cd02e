/* SPDX-License-Identifier: MIT */
#include "parentage.h"

#include "call_traits.h"
#include "cleanup.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
    BIRTHS_MAX = 1 << 20,
    PROCESSES_MAX = 1 << 18,
};

struct birth_of {
    int64_t child;
    int64_t parent;
    uint32_t order;
    uint32_t taken; /* of the first one of a child: how many of its births were taken */
    bool shares_memory;
};

struct seen_process {
    int64_t id;
    UT_hash_handle hh;
};

struct parentage {
    struct birth_of *births; /* by child, then by order */
    size_t count;
    size_t room;
    struct seen_process *processes;
    bool is_cut;
};

static bool is_maker(const char *name) {
    return strcmp(name, "clone") == 0 || strcmp(name, "clone3") == 0 || strcmp(name, "fork") == 0 ||
           strcmp(name, "vfork") == 0;
}

bool call_makes_task(const struct trace_call *call, int64_t *child) {
    if (!call->has_result || call->result <= 0 || !is_maker(call->name.bytes)) {
        return false;
    }
    *child = call->result;
    return true;
}

/* Whether what it makes has the memory of its maker. */
static bool shares_memory(const struct trace_call *call) {
    return strcmp(call->name.bytes, "vfork") == 0 ||
           (strncmp(call->name.bytes, "clone", 5) == 0 && call_argument_has(call, 0, "CLONE_VM", CLONE_VM));
}

static int add_birth(struct parentage *parentage, const struct trace_call *call, int64_t child) {
    if (parentage->count == BIRTHS_MAX) {
        parentage->is_cut = true;
        return 0;
    }
    if (parentage->count == parentage->room) {
        size_t room = parentage->room ? parentage->room * 2 : 32;
        struct birth_of *births = reallocarray(parentage->births, room, sizeof(*births));
        if (!births) {
            return -ENOMEM;
        }
        parentage->births = births;
        parentage->room = room;
    }
    parentage->births[parentage->count] = (struct birth_of){
        .child = child, .parent = call->pid, .order = (uint32_t)parentage->count, .shares_memory = shares_memory(call)};
    parentage->count++;
    return 0;
}

static int see_process(struct parentage *parentage, int64_t id) {
    struct seen_process *process;
    HASH_FIND(hh, parentage->processes, &id, sizeof(id), process);
    if (process) {
        return 0;
    }
    if (HASH_COUNT(parentage->processes) == PROCESSES_MAX) {
        parentage->is_cut = true;
        return 0;
    }
    process = calloc(1, sizeof(*process));
    if (!process) {
        return -ENOMEM;
    }
    process->id = id;
    HASH_ADD(hh, parentage->processes, id, sizeof(id), process);
    return 0;
}

static int in_order(const void *left, const void *right) {
    const struct birth_of *a = left;
    const struct birth_of *b = right;
    if (a->child != b->child) {
        return a->child < b->child ? -1 : 1;
    }
    return (a->order > b->order) - (a->order < b->order);
}

static int read_calls(struct parentage *parentage, struct trace_reader *reader, char *problem, size_t size) {
    struct trace_item item;
    int64_t last = 0;
    int status;
    while ((status = trace_reader_next(reader, &item, problem, size)) > 0) {
        int64_t child;
        if (item.kind != TRACE_CALL || !item.call.name.bytes) {
            continue;
        }
        status = 0;
        if (item.call.pid != last) {
            last = item.call.pid;
            status = see_process(parentage, last);
        }
        if (status == 0 && call_makes_task(&item.call, &child)) {
            status = add_birth(parentage, &item.call, child);
        }
        if (status < 0) {
            snprintf(problem, size, "%s", strerror(-status));
            return status;
        }
    }
    return status;
}

int parentage_read(struct parentage **result, struct trace_reader *reader, char *problem, size_t size) {
    struct parentage *parentage = calloc(1, sizeof(*parentage));
    int status = parentage ? trace_reader_rewind(reader) : -ENOMEM;
    if (status < 0) {
        snprintf(problem, size, "%s", strerror(-status));
    } else {
        status = read_calls(parentage, reader, problem, size);
    }
    if (status == 0) {
        status = trace_reader_rewind(reader);
    }
    if (status < 0) {
        parentage_destroy(parentage);
        return status;
    }
    if (parentage->count) {
        qsort(parentage->births, parentage->count, sizeof(*parentage->births), in_order);
    }
    *result = parentage;
    return 0;
}

void parentage_destroy(struct parentage *parentage) {
    if (!parentage) {
        return;
    }
    struct seen_process *process;
    struct seen_process *next;
    HASH_ITER(hh, parentage->processes, process, next) {
        HASH_DEL(parentage->processes, process);
        free(process);
    }
    free(parentage->births);
    free(parentage);
}

bool parentage_is_process(const struct parentage *parentage, int64_t id) {
    struct seen_process *process;
    HASH_FIND(hh, parentage->processes, &id, sizeof(id), process);
    return process != NULL;
}

/* Its first birth; the number of births: none. */
static size_t first_birth(const struct parentage *parentage, int64_t child) {
    size_t low = 0;
    size_t high = parentage->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (parentage->births[middle].child < child) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < parentage->count && parentage->births[low].child == child ? low : parentage->count;
}

bool parentage_is_child(const struct parentage *parentage, int64_t id) {
    return first_birth(parentage, id) < parentage->count;
}

bool parentage_take(struct parentage *parentage, int64_t child, int64_t *parent, bool *shares_memory) {
    size_t first = first_birth(parentage, child);
    if (first == parentage->count) {
        return false;
    }
    size_t next = first + parentage->births[first].taken;
    if (next < parentage->count && parentage->births[next].child == child) {
        parentage->births[first].taken++;
        *parent = parentage->births[next].parent;
        *shares_memory = parentage->births[next].shares_memory;
        return true;
    }
    return false;
}

bool parentage_is_cut(const struct parentage *parentage) {
    return parentage->is_cut;
}
