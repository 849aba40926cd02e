/* SPDX-License-Identifier: MIT
 *
 * The teller: puts what the tracer has seen of a stopped tracee into the feed, as
 * events and notes, with the memory that the call's arguments point to. Called by
 * the tracer's thread alone, while the tracee is stopped.
 */
#ifndef RENACER_TELLER_H
#define RENACER_TELLER_H

#include "capture.h"
#include "code_maps.h"
#include "feed.h"
#include "mapped_file.h"
#include "memory.h"
#include "tracee.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct teller {
    struct feed feed;
    const struct capture_options *capture;
    const struct memory *memory; /* of stopped tracees */
    bool notes_only;             /* results come from elsewhere: nothing but what was read is told */
    bool maps;                   /* what programs start with is told */
    bool awake;                  /* the program runs: before that nothing is told */
    size_t stack_bytes;          /* of the stack of a call, and mappings of code are told; 0: neither */
    struct mapped_files *seen;   /* files of mappings that have been handed over */
    /* Whether a program supplies memory itself, perhaps as a file system: its files are not opened while it stands
     * still. */
    const atomic_bool *supplies;
};

/* The most bytes behind an entry's captures: feed_init(). */
static inline size_t teller_tail_bound(size_t stack_bytes) {
    size_t stack = sizeof(struct stack_sample) + stack_bytes;
    return !stack_bytes ? 0 : stack < MAPPING_BOUND ? MAPPING_BOUND : stack;
}

/* The tracee is about to make its call; its time begins when this has returned. `stack`: with its stack, if stacks are
 * told at all. */
void teller_enter(struct teller *teller, struct tracee *tracee, bool stack);
/* Its call returns: the kernel's value, and when (CLOCK_MONOTONIC). */
void teller_exit(struct teller *teller, const struct tracee *tracee, int64_t result, uint64_t now);
/* It has been created by `parent`; NULL: nobody knows by whom. */
void teller_birth(struct teller *teller, const struct tracee *tracee, const struct tracee *parent);
/* Its process runs another program, and has made no call of it. */
void teller_exec(struct teller *teller, const struct tracee *tracee);
/* The code that its process has mapped in this range now. */
void teller_code(struct teller *teller, const struct tracee *tracee, struct code_range range);
/* It has ended, as wait(2) has it. */
void teller_end(struct teller *teller, const struct tracee *tracee, int status);
/* A signal is delivered to it; `handler` as in struct kernel_event. */
void teller_signal(struct teller *teller, const struct tracee *tracee, const siginfo_t *info, uint64_t handler);

#endif
