/* SPDX-License-Identifier: MIT
 *
 * Calls that were received and then broken off by a signal before they were
 * answered, so that they never ran: of a filter without WAIT_KILLABLE_RECV, as
 * most container runtimes load it. Where no events tell what became of a call,
 * these are mended by themselves (include/repair.h).
 *
 * An entry is certain: what ran was answered, and an answer that comes too late
 * is refused. It holds until its thread calls again from the same place, for
 * the kernel may have restarted the call; until then nothing of that place has
 * run that could have said EINTR.
 */
#ifndef RENACER_BROKEN_CALLS_H
#define RENACER_BROKEN_CALLS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    BROKEN_CALLS_MAX = 256, /* at once; of more the oldest are forgotten */
};

struct broken_call {
    pid_t tid; /* 0: none */
    int32_t number;
    uint64_t ip; /* behind the instruction, as in struct seccomp_data */
};

/* Zero-initialised is empty. Any thread may use it. */
struct broken_calls {
    pthread_mutex_t lock;
    atomic_uint count;
    unsigned next; /* where the next one goes */
    struct broken_call each[BROKEN_CALLS_MAX];
};

/* A call was broken off. */
void broken_calls_add(struct broken_calls *calls, pid_t tid, int32_t number, uint64_t ip);

/* The thread calls from this place, or goes on behind it: the number of what was broken off there, which is forgotten;
 * -1: nothing was. */
int broken_calls_take(struct broken_calls *calls, pid_t tid, uint64_t ip);

#endif
