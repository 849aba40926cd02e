/* SPDX-License-Identifier: MIT
 *
 * Recording several golden traces anew, some at a time, each into a file of a
 * temporary folder.
 */
#ifndef RENACER_GOLDEN_RUN_H
#define RENACER_GOLDEN_RUN_H

#include "ending_signals.h"
#include "manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GOLDEN_JOBS_MAX = 256,
    GOLDEN_TIMEOUT_STANDARD = 600, /* seconds */
};

/* One program, and what became of it. */
struct golden_run {
    const struct golden *golden;
    char *trace; /* path of the new trace, in the temporary folder */
    bool skip;   /* it is not run; the caller has set status and problem */
    int status;  /* 0: the trace is complete; -errno with a sentence in `problem` */
    int wait_status;
    char *problem; /* NULL: nothing to say */
    char *said;    /* if there is no trace: the last of what the program said */
    double seconds;
};

struct golden_runs {
    char *folder; /* temporary */
    struct golden_run *each;
    size_t count;
};

struct golden_run_options {
    unsigned jobs;    /* at a time; 0: as many as there are processors for us */
    unsigned timeout; /* seconds for each; 0: its own, or GOLDEN_TIMEOUT_STANDARD */
    bool progress;    /* on standard error, a line that is rewritten */
};

/* Room for so many runs, whose traces are in a new folder in TMPDIR or /tmp, where no version control looks. 0, or
 * -errno with a sentence in `problem`. */
int golden_runs_begin(struct golden_runs *runs, size_t count, char *problem, size_t size);

/* Run them all: 0, whatever became of each; -EINTR if a signal came, and all have been ended. -ENOMEM. */
int golden_runs_perform(struct golden_runs *runs, const struct golden_run_options *options,
                        struct ending_signals *signals);

/* Removes the folder. Zero-initialised is fine. */
void golden_runs_finish(struct golden_runs *runs);

/* Set what a run has to say; the sentence is copied. `status`, for return. */
int golden_run_fail(struct golden_run *run, int status, const char *sentence);

/* Whether the tracer takes the options of a golden trace, and with them *follows children; if not, that was said. */
bool golden_options_are_good(const struct golden *golden, bool *follows);

#endif
