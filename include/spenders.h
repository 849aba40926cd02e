/* SPDX-License-Identifier: MIT
 *
 * Sums by name of the call and path, in bounded memory: who spent most.
 */
#ifndef RENACER_SPENDERS_H
#define RENACER_SPENDERS_H

#include "spending.h"
#include "trace_words.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    SPENDER_GROUPS_MAX = 4096, /* of one sum; what belongs to others is among those that are not named */
};

struct spender_group;

/* Zero-initialised before the first call. */
struct spender_sums {
    struct spender_group *groups;
    double total[QUANTITIES];
    size_t *all; /* how many groups there are in all sums that are counted together; NULL: only these */
    size_t all_max;
};

/* Calls of this name on this path (NULL: not known, or not asked for) have spent that much of each quantity. 0 or
 * -ENOMEM. */
int spender_sums_add(struct spender_sums *sums, const struct trace_word *name, const struct trace_word *path,
                     const double amounts[QUANTITIES], uint64_t line);
void spender_sums_finish(struct spender_sums *sums);

/* Name those that spent most of one quantity. 0 or -ENOMEM. */
int spender_sums_report(const struct spender_sums *sums, enum quantity quantity, struct spending *spending);

/* One more that is named; `what` is taken over, and may be NULL: no memory. 0 or -ENOMEM. */
int spending_add_spender(struct spending *spending, enum quantity quantity, const struct spender *spender);

#endif
