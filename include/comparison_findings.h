/* SPDX-License-Identifier: MIT
 *
 * A comparison as findings, for the reports that CI systems read.
 */
#ifndef RENACER_COMPARISON_FINDINGS_H
#define RENACER_COMPARISON_FINDINGS_H

#include "comparison.h"
#include "findings.h"

enum {
    ANNOTATIONS_MAX = 10, /* that GitHub shows of a step, of each kind */
};

/* Add the whole comparison as one finding: passed or failed, with the sentence of the verdict as its reason and, if
 * they differ, the differences as details, of which 64 KiB are kept. `finding` gives its name, file, line and time. 0
 * or -ENOMEM. */
int comparison_add_finding(const struct comparison *comparison, const struct finding *finding,
                           struct findings *findings);

/* Add one for each difference, each at its line of the golden trace, or of the new one where only that has one: at most
 * `most`, the last of which says how many there are besides. Without differences, add one that has passed. `path`: of
 * the traces; NULL where nobody can open it. 0 or -ENOMEM. */
int comparison_add_differences(const struct comparison *comparison, const char *const path[SIDES], size_t most,
                               struct findings *findings);

/* The conclusion is the sentence of the verdict. 0 or -ENOMEM. */
int comparison_conclude(const struct comparison *comparison, struct findings *findings);

#endif
