/* SPDX-License-Identifier: MIT
 *
 * `renacer-sv golden record|verify|update|list`: golden traces that are kept
 * with how they were recorded.
 */
#ifndef RENACER_GOLDEN_COMMAND_H
#define RENACER_GOLDEN_COMMAND_H

#include "golden_request.h"
#include "golden_run.h"

enum golden_status {
    GOLDEN_GOOD = 0,      /* all the same; recorded; updated */
    GOLDEN_DIFFERENT = 1, /* some differ; some changes were not accepted */
    GOLDEN_UNUSABLE = 2,  /* something could not be run, compared or written: the reason was said */
};

/* Do what the words behind `golden` say: the exit status. A signal that ends us does so in here. */
int golden_command_run(int argc, char *argv[]);

/* The verbs. */
int golden_record(const struct golden_request *request, struct ending_signals *signals);
int golden_verify(const struct golden_request *request, struct ending_signals *signals);
int golden_update(const struct golden_request *request, struct ending_signals *signals);

/* What verify and update begin with: the manifest, and copies of the goldens that were asked for in the order of the
 * manifest, with the command that was given in place of their own. */
struct golden_choice {
    struct manifest manifest;
    struct golden *each; /* shallow: their strings are the manifest's */
    struct strings command;
    size_t count;
};

/* 0, or -errno and that was said. golden_choice_finish() in any case. */
int golden_choose(struct golden_choice *choice, const struct golden_request *request);
void golden_choice_finish(struct golden_choice *choice);

/* Wait until nobody else changes the manifest or its traces; it is there as long as the descriptor is open.
 * The descriptor, or -errno and that was said. */
int golden_lock(const char *manifest, struct ending_signals *signals);

/* Put a new trace in the place of `trace`, and with `manifest` the entry of `golden` in there: both or neither. 0, or
 * -errno with a sentence in `problem`. */
int golden_put(const char *new_trace, const char *trace, const char *manifest, const struct golden *golden,
               char *problem, size_t size);

/* "12 calls, 924 bytes, exit status 3" of a trace that is complete; malloc'd, NULL without memory or if it cannot be
 * read. */
char *golden_describe(const char *trace);

#endif
