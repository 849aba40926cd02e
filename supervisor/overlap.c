/* SPDX-License-Identifier: MIT */
#include "overlap.h"

#include <string.h>

enum {
    MIN_CALLS = 16, /* fewer say nothing */
};

void overlap_count(struct overlap *overlap, struct task_table *tasks, int32_t tid) {
    overlap->calls++;
    unsigned place = 0;
    while (place < OVERLAP_RECENT - 1 && overlap->recent[place] != tid) {
        place++;
    }
    bool together = false;
    for (unsigned i = 0; i < OVERLAP_RECENT && !together; i++) {
        const struct task *other = i == place ? NULL : task_table_find(tasks, overlap->recent[i]);
        together = other && !other->in_call && !other->ended;
    }
    memmove(overlap->recent + 1, overlap->recent, place * sizeof(overlap->recent[0]));
    overlap->recent[0] = tid;
    overlap->overlapping += together;
}

int overlap_verdict(struct overlap *overlap) {
    if (overlap->calls < MIN_CALLS) {
        return -1;
    }
    int verdict = overlap->overlapping * 4 > overlap->calls ? 1 : 0;
    /* A thread that made no more calls is no witness for the next time. */
    *overlap = (struct overlap){.recent = {overlap->recent[0]}};
    return verdict;
}
