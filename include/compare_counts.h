/* SPDX-License-Identifier: MIT
 *
 * The comparison of counts: how often each call was made, within tolerances.
 */
#ifndef RENACER_COMPARE_COUNTS_H
#define RENACER_COMPARE_COUNTS_H

#include "comparison.h"

#include <stdbool.h>
#include <stddef.h>

struct tolerance {
    char *name;    /* of a call; NULL: of all that have none of their own */
    bool is_share; /* `amount` is in per cent of the golden count */
    double amount;
};

/* Zero-initialised has none: counts must be equal. */
struct tolerances {
    struct tolerance *each; /* of two for the same call the later one holds */
    size_t count;
};

/* Add tolerances as the command line has them, joined by commas: "10%", "write=2", "mmap=50%". 0, -ENOMEM, or -EINVAL
 * with a sentence in `problem`. */
int tolerances_add(struct tolerances *tolerances, const char *list, char *problem, size_t size);

void tolerances_finish(struct tolerances *tolerances);

/* Compare the two traces, into a comparison that is zero-initialised but for its mode. Calls that never returned
 * count as well. 0; -EINVAL with a sentence in `problem` if a trace cannot be used; -errno. */
int compare_counts(struct comparison *comparison, struct trace_reader *const readers[SIDES],
                   const struct tolerances *tolerances, char *problem, size_t size);

#endif
