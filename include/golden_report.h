/* SPDX-License-Identifier: MIT
 *
 * What `golden verify` has found, as text, as JSON (renacer-golden-v1), and as
 * findings for the reports that CI systems read.
 */
#ifndef RENACER_GOLDEN_REPORT_H
#define RENACER_GOLDEN_REPORT_H

#include "comparison.h"
#include "findings.h"
#include "golden_run.h"

#include <stdbool.h>
#include <stdio.h>

enum golden_verdict {
    VERDICT_SAME,       /* byte by byte */
    VERDICT_EQUIVALENT, /* by the mode of the golden trace */
    VERDICT_DIFFERENT,
    VERDICT_BROKEN, /* it could not be run or compared: the run's problem */
};

struct golden_result {
    const struct golden_run *run;
    char *golden_trace; /* path */
    enum golden_verdict verdict;
    struct comparison comparison; /* of those that are not the same; else all zero */
    char *kept;                   /* where the new trace was put; NULL: nowhere */
};

struct golden_results {
    const char *manifest; /* path */
    struct golden_result *each;
    size_t count;
};

/* How many there are of a verdict. */
size_t golden_results_count(const struct golden_results *results, enum golden_verdict verdict);

/* Whether they could be written is the stream's error; without memory JSON is false. */
void golden_report_text(const struct golden_results *results, bool colour, FILE *stream);
bool golden_report_json(const struct golden_results *results, FILE *stream);

/* One finding for each golden trace, where it differs first; and how many there are of each verdict as the conclusion.
 * findings_finish() in any case. 0 or -ENOMEM. */
int golden_results_find(const struct golden_results *results, struct findings *findings);

#endif
