/* SPDX-License-Identifier: MIT
 *
 * The second pass of a semantic comparison: both traces side by side, to find
 * where the contents of two objects differ, and what was done to them, in
 * words.
 */
#ifndef RENACER_LOCKSTEP_H
#define RENACER_LOCKSTEP_H

#include "observer.h"
#include "text.h"

/* Two objects to look at, by their numbers on each side; NO_OBJECT: there is none on this side. */
struct examined {
    uint32_t object[SIDES];
    bool tell; /* what was done to them */
    /* What was found. */
    bool differs; /* in content, at byte `offset` */
    bool lost;    /* one side was too far ahead: not all of it was compared */
    uint64_t offset;
    uint64_t same;    /* bytes that were seen on both sides and are equal */
    char *name;       /* if `tell`: the object's, owned, */
    unsigned subject; /* what it is, */
    uint64_t line[SIDES];
    bool is_read[SIDES];
    bool changed[SIDES];
    uint64_t length[SIDES];
    struct text story[SIDES];  /* and what was done to it */
    struct text around[SIDES]; /* if `differs`: the bytes before and from there on */
    /* While it runs. */
    struct ahead *ahead; /* bytes that one side has written and the other has not yet */
    struct ahead *ahead_last;
    enum side ahead_side;
    uint64_t done;        /* bytes that both sides have written */
    uint64_t told[SIDES]; /* bytes that are told in the story */
    uint64_t written[SIDES];
    uint8_t before[24]; /* the last equal bytes */
    unsigned before_size;
};

/* 0; -EINVAL or -errno with a sentence in `problem`. */
int lockstep_run(struct trace_reader *const readers[SIDES], const struct observer_setup setups[SIDES],
                 struct examined *examined, size_t count, char *problem, size_t size);
void lockstep_finish(struct examined *examined, size_t count);

#endif
