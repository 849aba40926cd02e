/* SPDX-License-Identifier: MIT */
#include "unanswered.h"

#include "pid_set.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

enum {
    GROUP = 512, /* threads whose ids fill a page */
    GROUPS = PID_SET_LIMIT / GROUP,
};

/* Memory that is never used is never there. */
struct unanswered {
    size_t size;
    unsigned slots;
    atomic_bool used[GROUPS]; /* so that whoever looks need not touch all of `ids` */
    _Atomic uint64_t ids[PID_SET_LIMIT];
    union listener_notification slot[];
};

int unanswered_create(struct unanswered **result, unsigned slots) {
    size_t size = sizeof(struct unanswered) + slots * sizeof(union listener_notification);
    struct unanswered *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        *result = NULL;
        return -errno;
    }
    memory->size = size;
    memory->slots = slots;
    *result = memory;
    return 0;
}

void unanswered_destroy(struct unanswered *unanswered) {
    if (unanswered) {
        munmap(unanswered, unanswered->size);
    }
}

union listener_notification *unanswered_slot(struct unanswered *unanswered, unsigned slot) {
    return &unanswered->slot[slot];
}

void unanswered_keep(struct unanswered *unanswered, pid_t tid, uint64_t id) {
    if (tid >= 0 && tid < PID_SET_LIMIT) {
        atomic_store_explicit(&unanswered->ids[tid], id, memory_order_relaxed);
        atomic_store_explicit(&unanswered->used[tid / GROUP], true, memory_order_release);
    }
}

static unsigned answer(int listener, uint64_t id) {
    return id && listener_continue(listener, id) == 0;
}

unsigned unanswered_answer(const struct unanswered *unanswered, int listener) {
    unsigned answered = 0;
    for (unsigned i = 0; i < unanswered->slots; i++) {
        answered += answer(listener, unanswered->slot[i].notif.id);
    }
    for (size_t group = 0; group < GROUPS; group++) {
        for (size_t i = 0; atomic_load(&unanswered->used[group]) && i < GROUP; i++) {
            answered += answer(listener, atomic_load(&unanswered->ids[group * GROUP + i]));
        }
    }
    return answered;
}
