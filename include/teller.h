/* SPDX-License-Identifier: MIT
 *
 * The teller: puts what the tracer has seen of a stopped tracee into the feed, as
 * events and notes, with the memory that the call's arguments point to. Called by
 * the tracer's thread alone, while the tracee is stopped.
 */
#ifndef RENACER_TELLER_H
#define RENACER_TELLER_H

#include "capture.h"
#include "feed.h"
#include "memory.h"
#include "tracee.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct teller {
    struct feed feed;
    const struct capture_options *capture;
    const struct memory *memory; /* of stopped tracees */
    bool notes_only;             /* results come from elsewhere: nothing but what was read is told */
    bool maps;                   /* what programs start with is told */
    bool awake;                  /* the program runs: before that nothing is told */
};

/* The tracee is about to make its call; its time begins when this has returned. */
void teller_enter(struct teller *teller, struct tracee *tracee);
/* Its call returns: the kernel's value, and when (CLOCK_MONOTONIC). */
void teller_exit(struct teller *teller, const struct tracee *tracee, int64_t result, uint64_t now);
/* It has been created by `parent`; NULL: nobody knows by whom. */
void teller_birth(struct teller *teller, const struct tracee *tracee, const struct tracee *parent);
/* Its process runs another program, and has made no call of it. */
void teller_exec(struct teller *teller, const struct tracee *tracee);
/* It has ended, as wait(2) has it. */
void teller_end(struct teller *teller, const struct tracee *tracee, int status);
/* A signal is delivered to it; `handler` as in struct kernel_event. */
void teller_signal(struct teller *teller, const struct tracee *tracee, const siginfo_t *info, uint64_t handler);

#endif
