/* SPDX-License-Identifier: MIT
 *
 * How much notified threads overlap: whether several are at work at once. A
 * notified thread is at work while it is not in a call: it computes, or waits to be
 * received. Threads that are in a call wait for something else.
 */
#ifndef RENACER_OVERLAP_H
#define RENACER_OVERLAP_H

#include "task_table.h"

#include <stdint.h>

enum {
    OVERLAP_RECENT = 4, /* threads that are compared */
};

/* Zero-initialised has seen nothing. */
struct overlap {
    int32_t recent[OVERLAP_RECENT]; /* the threads notified last, newest first */
    unsigned calls;
    unsigned overlapping; /* of them, those made while another recent thread was not in a call */
};

/* A notified call of this thread begins. */
void overlap_count(struct overlap *overlap, struct task_table *tasks, int32_t tid);

/* Whether several threads were at work at once since the last time: 1 yes, 0 no, -1 too little seen to say. */
int overlap_verdict(struct overlap *overlap);

#endif
