/* SPDX-License-Identifier: MIT
 *
 * The check of traces against budgets: what it has found, and its reports.
 * docs/budgets.md describes them.
 */
#ifndef RENACER_CHECK_H
#define RENACER_CHECK_H

#include "budgets.h"
#include "findings.h"
#include "spending.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Of one budget, or of one rule of [semantic_equivalence]. */
struct check_result {
    const struct budget *budget; /* NULL: a rule of [semantic_equivalence] */
    const char *name;            /* of the budget, or of the key */
    const char *type;            /* as the file has it */
    struct verdict verdict;
    const struct spending *spending; /* that decided, of the runs; NULL: of a rule */
    char *details;                   /* lines that say more: differences; NULL: none */
};

/* One trace, or several runs of one program. */
struct checked {
    char *subject;             /* the trace, or the program that was run */
    char *problem;             /* why there are no results; NULL: there are */
    const char *const *traces; /* their paths */
    size_t run_count;
    char *golden; /* path of the golden trace that limits are relative to; NULL: none */
    struct trace_facts *facts;
    struct trace_facts golden_facts; /* of the golden trace */
    struct spending **spendings;     /* of each run, for each budget */
    struct spending *golden_spendings;
    struct check_result *results; /* budgets in the order of the file, then rules */
    size_t count;
    size_t tally[VERDICTS]; /* how many results have each status */
};

struct check_request {
    const struct budget_file *file;
    const char *subject;       /* copied */
    const char *name;          /* of the trace, by which baselines are found: "x.json" */
    const char *const *traces; /* paths, which must live as long as the result */
    size_t count;
    const char *golden; /* --golden, or NULL: looked for where the file says */
};

/* Measure and judge. 0, also if a trace cannot be used: checked->problem says why then, and there are no results.
 * -ENOMEM. checked_finish() in any case. */
int check_traces(struct checked *checked, const struct check_request *request);
void checked_finish(struct checked *checked, const struct budget_file *file);

/* The path of another trace of this name, DIR/NAME, where DIR is relative to the file of budgets unless absolute.
 * malloc'd; NULL: there is none, it is `trace` itself, or there is no memory (errno is ENOMEM). */
char *check_partner(const struct budget_file *file, const char *dir, const char *name, const char *trace);

/* The rules of [semantic_equivalence]: append their results, which checked->results has room for: CHECK_RULES. 0 or
 * -ENOMEM. */
int check_equivalence(struct checked *checked, const struct check_request *request);

enum {
    CHECK_RULES = 7, /* at most */
};

/* ------------------------------------------------------------------ reports */

struct check_report {
    const struct budget_file *file;
    const struct checked *checked;
    size_t count;
    bool explain;
    bool colour;
};

void check_report_text(const struct check_report *report, FILE *stream);
/* renacer-check-v1; false without memory. */
bool check_report_json(const struct check_report *report, FILE *stream);
/* Add a suite for each. 0 or -ENOMEM; findings_finish() each in either case. */
int check_findings(const struct check_report *report, struct findings *suites);

enum check_outcome {
    CHECK_KEPT,
    CHECK_VIOLATED,
    CHECK_UNTOLD, /* a trace cannot be used; or nothing that counts is violated, but something that does could not be
                   * measured */
};

/* Whether a result that is not kept counts for the exit status. */
bool check_counts(const struct check_result *result);
enum check_outcome check_outcome(const struct checked *checked, size_t count);
/* "kept", "violated", "unknown" */
const char *check_outcome_word(enum check_outcome outcome);

/* The word for a status, as JSON has it. */
const char *verdict_word(enum verdict_status status);

#endif
