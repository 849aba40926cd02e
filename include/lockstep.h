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

/* What was done to two objects, in words, and what they are. */
struct tale {
    char *name; /* the objects'; owned */
    enum subject subject;
    uint64_t line[SIDES];
    uint64_t length[SIDES];
    bool is_read[SIDES];
    bool changed[SIDES];
    struct text story[SIDES];
    struct text around[SIDES]; /* if their contents differ: the bytes before the first difference and from it on */
    /* While it is told. */
    uint64_t written[SIDES];
    uint64_t told[SIDES]; /* bytes that the story has */
    uint8_t before[24];   /* the last equal bytes */
    unsigned before_size;
};

/* Two objects to look at, by their numbers on each side; NO_OBJECT: there is none on this side. */
struct examined {
    uint32_t object[SIDES];
    struct tale *tale; /* to be filled in, or NULL */
    bool differs;      /* in content, at byte `offset` */
    bool lost;         /* one side was too far ahead: not all of it was compared */
    enum side ahead_side : 8;
    uint64_t offset;
    uint64_t same;       /* bytes that were seen on both sides and are equal */
    struct ahead *ahead; /* while it runs: bytes that one side has written and the other has not yet */
    struct ahead *ahead_last;
    uint64_t done; /* bytes that both sides have written */
};

/* 0; -EINVAL or -errno with a sentence in `problem`. */
int lockstep_run(struct trace_reader *const readers[SIDES], const struct observer_setup setups[SIDES],
                 struct examined *examined, size_t count, char *problem, size_t size);
/* Free what was told. */
void tale_finish(struct tale *tale);

#endif
