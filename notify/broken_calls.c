/* SPDX-License-Identifier: MIT */
#include "broken_calls.h"

void broken_calls_add(struct broken_calls *calls, pid_t tid, int32_t number, uint64_t ip) {
    pthread_mutex_lock(&calls->lock);
    struct broken_call *call = &calls->each[calls->next];
    calls->next = (calls->next + 1) % BROKEN_CALLS_MAX;
    atomic_fetch_add(&calls->count, call->tid ? 0 : 1);
    *call = (struct broken_call){.tid = tid, .number = number, .ip = ip};
    pthread_mutex_unlock(&calls->lock);
}

int broken_calls_take(struct broken_calls *calls, pid_t tid, uint64_t ip) {
    if (!atomic_load(&calls->count)) {
        return -1;
    }
    int number = -1;
    pthread_mutex_lock(&calls->lock);
    for (unsigned i = 0; i < BROKEN_CALLS_MAX; i++) {
        struct broken_call *call = &calls->each[i];
        if (call->tid == tid && call->ip == ip) {
            number = call->number;
            *call = (struct broken_call){0};
            atomic_fetch_sub(&calls->count, 1);
        }
    }
    pthread_mutex_unlock(&calls->lock);
    return number;
}
