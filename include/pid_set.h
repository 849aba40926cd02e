/* SPDX-License-Identifier: MIT
 *
 * A set of process ids that only grows: who belongs to the traced program, ended
 * ones included. Any thread may add and ask. Memory is touched as it is used.
 */
#ifndef RENACER_PID_SET_H
#define RENACER_PID_SET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PID_SET_LIMIT = 1 << 22, /* the kernel's PID_MAX_LIMIT */
};

struct pid_set {
    _Atomic uint32_t words[PID_SET_LIMIT / 32];
};

static inline void pid_set_add(struct pid_set *set, pid_t pid) {
    if (pid > 0 && pid < PID_SET_LIMIT) {
        uint32_t bit = UINT32_C(1) << (pid % 32);
        _Atomic uint32_t *word = &set->words[pid / 32];
        /* Nearly always it is there already: do not take the cache line from others. */
        if (!(atomic_load_explicit(word, memory_order_relaxed) & bit)) {
            atomic_fetch_or(word, bit);
        }
    }
}

static inline bool pid_set_has(struct pid_set *set, pid_t pid) {
    return pid > 0 && pid < PID_SET_LIMIT && atomic_load(&set->words[pid / 32]) >> (pid % 32) & 1;
}

#endif
