/* SPDX-License-Identifier: MIT
 *
 * Findings: what any of our commands has to tell a CI system, whichever
 * command it was. The reports that CI systems read are made from it.
 */
#ifndef RENACER_FINDINGS_H
#define RENACER_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum finding_status {
    FINDING_PASSED,
    FINDING_FAILED,
    FINDING_WARNED, /* failed, but that does not count */
    FINDING_SKIPPED,
    FINDING_BROKEN, /* it cannot be told */
};

struct finding {
    enum finding_status status;
    const char *name;    /* of what was checked: a budget, a golden trace, "semantic" */
    const char *reason;  /* a sentence; NULL: nothing to say */
    const char *details; /* further lines; NULL: none */
    const char *file;    /* where a reader should look: the file of budgets, the golden trace; NULL: nowhere */
    uint64_t line;       /* in it, from 1; 0: none */
    double seconds;      /* how long it took; negative: not measured */
};

/* One run of checks: of a trace, a comparison, a manifest. */
struct findings {
    char *suite;      /* what was checked */
    char *conclusion; /* a sentence on all of it; NULL: the counts say enough */
    struct finding *each;
    size_t count;
};

/* `suite` is copied. 0 or -ENOMEM. */
int findings_begin(struct findings *findings, const char *suite);
/* Add one, whose strings are copied. They may hold any bytes: reports show what is not text escaped. 0 or -ENOMEM. */
int findings_add(struct findings *findings, const struct finding *finding);
/* What is said of all of them in one sentence, which is copied. 0 or -ENOMEM. */
int findings_conclude(struct findings *findings, const char *conclusion);
void findings_finish(struct findings *findings);

/* Write all suites as JUnit XML: one <testsuites> that Jenkins' junit-10.xsd accepts. False without memory; whether
 * it could be written is the stream's error. */
bool report_junit(const struct findings *suites, size_t count, FILE *stream);

/* Write annotations for GitHub Actions: a line for each finding that has failed, cannot be told, or is a warning, and
 * at the end a ::notice for each suite with its conclusion, or how many passed and failed. False as above. */
bool report_github(const struct findings *suites, size_t count, FILE *stream);

#endif
