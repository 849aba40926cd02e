/* SPDX-License-Identifier: MIT */
#include "handover.h"

#include "pid_set.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum {
    TASKS_MAX = 256, /* whose calls are interrupted at one time */
    EACH_MAX = 8,
};

struct kept {
    atomic_int tid; /* 0: free */
    atomic_uint count;
    struct interruption each[EACH_MAX]; /* newest last */
};

/* Memory that is never used is never there. */
struct handover {
    atomic_bool in_call[PID_SET_LIMIT];
    struct kept kept[TASKS_MAX];
};

int handover_create(struct handover **result) {
    void *memory =
        mmap(NULL, sizeof(**result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    *result = memory == MAP_FAILED ? NULL : memory;
    return *result ? 0 : -errno;
}

void handover_destroy(struct handover *handover) {
    if (handover) {
        munmap(handover, sizeof(*handover));
    }
}

void handover_set_call(struct handover *handover, int32_t tid, bool in_call) {
    if (tid > 0 && tid < PID_SET_LIMIT) {
        atomic_store_explicit(&handover->in_call[tid], in_call, memory_order_relaxed);
    }
}

/* The place of this thread, or NULL. */
static struct kept *find(struct handover *handover, int32_t tid) {
    for (size_t i = 0; i < TASKS_MAX; i++) {
        if (atomic_load_explicit(&handover->kept[i].tid, memory_order_relaxed) == tid) {
            return &handover->kept[i];
        }
    }
    return NULL;
}

void handover_keep(struct handover *handover, const struct task *task) {
    unsigned count = task->interruption_count < EACH_MAX ? task->interruption_count : EACH_MAX;
    struct kept *kept = find(handover, task->tid);
    if (!kept && count) {
        kept = find(handover, 0);
    }
    if (!kept) {
        return;
    }
    atomic_store(&kept->count, 0);
    memcpy(kept->each, task->interruptions + (task->interruption_count - count), count * sizeof(kept->each[0]));
    atomic_store(&kept->count, count);
    atomic_store(&kept->tid, count ? task->tid : 0);
}

void handover_give(const struct handover *handover, struct task *task) {
    if (task->tid <= 0 || task->tid >= PID_SET_LIMIT) {
        return;
    }
    /* Which call it is nobody asks any more. */
    task->in_call = atomic_load(&handover->in_call[task->tid]);
    task->call.number = -1;
    for (size_t i = 0; i < TASKS_MAX; i++) {
        const struct kept *kept = &handover->kept[i];
        if (atomic_load(&kept->tid) == task->tid) {
            task->interruption_count = atomic_load(&kept->count);
            memcpy(task->interruptions, kept->each, task->interruption_count * sizeof(kept->each[0]));
        }
    }
}
