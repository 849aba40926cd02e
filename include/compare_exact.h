/* SPDX-License-Identifier: MIT
 *
 * The exact comparison: every call of both traces after normalisation, thread
 * by thread.
 */
#ifndef RENACER_COMPARE_EXACT_H
#define RENACER_COMPARE_EXACT_H

#include "comparison.h"

struct exact_options {
    unsigned context; /* calls that are shown around a difference; at most HUNK_CONTEXT_MAX */
};

/* Compare the two traces, into a comparison that is zero-initialised but for its mode. 0; -EINVAL with a
 * sentence in `problem` if one of them cannot be compared so; -errno. */
int compare_exact(struct comparison *comparison, struct trace_reader *const readers[SIDES],
                  const struct exact_options *options, char *problem, size_t size);

#endif
