/* SPDX-License-Identifier: MIT */
#include "unfollowed.h"

#include "parentage.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uthash.h>

enum {
    TASKS_MAX = 1 << 16,
};

struct unfollowed_task {
    int64_t id;
    bool is_seen;
    UT_hash_handle hh;
};

static struct unfollowed_task *find(const struct unfollowed *unfollowed, int64_t id) {
    struct unfollowed_task *task;
    HASH_FIND(hh, unfollowed->tasks, &id, sizeof(id), task);
    return task;
}

/* A thread's first call may stand before the return of the call that has made it. */
static int remember(struct unfollowed *unfollowed, int64_t id, bool is_seen) {
    struct unfollowed_task *task = find(unfollowed, id);
    if (task) {
        task->is_seen |= is_seen;
        return 0;
    }
    if (HASH_COUNT(unfollowed->tasks) == TASKS_MAX) {
        return 0;
    }
    task = calloc(1, sizeof(*task));
    if (!task) {
        return -ENOMEM;
    }
    task->id = id;
    task->is_seen = is_seen;
    HASH_ADD(hh, unfollowed->tasks, id, sizeof(task->id), task);
    return 0;
}

int unfollowed_take(struct unfollowed *unfollowed, const struct trace_call *call) {
    int64_t child;
    if (call->pid) {
        return 0; /* -f */
    }
    int status = call->tid ? remember(unfollowed, call->tid, true) : 0;
    return status == 0 && call_makes_task(call, &child) ? remember(unfollowed, child, false) : status;
}

size_t unfollowed_count(const struct unfollowed *unfollowed) {
    size_t count = 0;
    for (const struct unfollowed_task *task = unfollowed->tasks; task; task = task->hh.next) {
        count += !task->is_seen;
    }
    return count;
}

void unfollowed_finish(struct unfollowed *unfollowed) {
    struct unfollowed_task *task;
    struct unfollowed_task *next;
    HASH_ITER(hh, unfollowed->tasks, task, next) {
        HASH_DEL(unfollowed->tasks, task);
        free(task);
    }
    *unfollowed = (struct unfollowed){0};
}
