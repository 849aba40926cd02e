/* SPDX-License-Identifier: MIT
 *
 * What the filter of a trace (-e trace=write, -Z, -P PATH) has kept out of it
 * counts for no budget: what was not recorded may have happened.
 */
#ifndef RENACER_CHECK_FILTER_H
#define RENACER_CHECK_FILTER_H

#include "check.h"

enum filter_passage {
    PASSES_ALL,  /* everything that the budget measures is in the trace */
    PASSES_SOME, /* some of it, as far as the filter says */
    PASSES_NONE,
};

/* How much of what a budget measures comes through the filter of a trace: an enum filter_passage, or -ENOMEM. */
int filter_passage(const struct budget *budget, const struct trace_facts *facts);

/* Before the budgets are judged: where the golden trace and the runs were not recorded alike, what the golden one has
 * spent is not known. 0 or -ENOMEM. */
int check_filter_golden(struct checked *checked, const struct budget_file *file);

/* After a budget was judged, from these runs: a limit that is kept, or a minimum that is not reached, is unmeasured if
 * the filter keeps calls out that would count. 0 or -ENOMEM. */
int check_filter_doubt(const struct checked *checked, size_t budget, const struct spending *const *runs,
                       struct check_result *result);

#endif
