/* SPDX-License-Identifier: MIT */
#include "unanswered.h"

#include "pid_set.h"
#include "repair.h"

#include <errno.h>
#include <linux/audit.h>
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
    struct seccomp_notif sigreturns[UNANSWERED_SIGRETURNS]; /* by thread, modulo the number of places */
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

static bool is_sigreturn(const struct seccomp_notif *notif) {
    enum arch arch = notif->data.arch == AUDIT_ARCH_I386 ? ARCH_I386 : ARCH_X86_64;
    return repair_is_sigreturn(arch, notif->data.nr);
}

void unanswered_keep(struct unanswered *unanswered, const struct seccomp_notif *notif) {
    if (is_sigreturn(notif)) {
        struct seccomp_notif *place = &unanswered->sigreturns[notif->pid % UNANSWERED_SIGRETURNS];
        /* Nobody may take a half of one for the whole. */
        place->id = 0;
        atomic_signal_fence(memory_order_release);
        place->pid = notif->pid;
        place->flags = notif->flags;
        place->data = notif->data;
        atomic_signal_fence(memory_order_release);
        place->id = notif->id;
    }
    if (notif->pid < PID_SET_LIMIT) {
        atomic_store_explicit(&unanswered->ids[notif->pid], notif->id, memory_order_relaxed);
        atomic_store_explicit(&unanswered->used[notif->pid / GROUP], true, memory_order_release);
    }
}

static unsigned answer(int listener, uint64_t id) {
    return id && listener_continue(listener, id) == 0;
}

unsigned unanswered_answer(const struct unanswered *unanswered, int listener) {
    unsigned answered = 0;
    for (unsigned i = 0; i < unanswered->slots; i++) {
        const struct seccomp_notif *notif = &unanswered->slot[i].notif;
        answered += is_sigreturn(notif) ? 0 : answer(listener, notif->id);
    }
    for (size_t group = 0; group < GROUPS; group++) {
        for (size_t i = 0; atomic_load(&unanswered->used[group]) && i < GROUP; i++) {
            size_t tid = group * GROUP + i;
            uint64_t id = atomic_load(&unanswered->ids[tid]);
            bool kept = unanswered->sigreturns[tid % UNANSWERED_SIGRETURNS].id == id;
            answered += kept ? 0 : answer(listener, id);
        }
    }
    return answered;
}

unsigned unanswered_sigreturns(const struct unanswered *unanswered, int listener,
                               struct seccomp_notif found[UNANSWERED_SIGRETURNS]) {
    unsigned count = 0;
    for (size_t i = 0; i < UNANSWERED_SIGRETURNS; i++) {
        if (unanswered->sigreturns[i].id && listener_is_waiting(listener, unanswered->sigreturns[i].id)) {
            found[count++] = unanswered->sigreturns[i];
        }
    }
    for (unsigned i = 0; i < unanswered->slots && count < UNANSWERED_SIGRETURNS; i++) {
        const struct seccomp_notif *notif = &unanswered->slot[i].notif;
        bool is_new = notif->id && is_sigreturn(notif) &&
                      unanswered->sigreturns[notif->pid % UNANSWERED_SIGRETURNS].id != notif->id;
        if (is_new && listener_is_waiting(listener, notif->id)) {
            found[count++] = *notif;
        }
    }
    return count;
}
