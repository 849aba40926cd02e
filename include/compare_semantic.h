/* SPDX-License-Identifier: MIT
 *
 * Whether two traces show programs that do the same as far as anybody outside
 * can see: docs/compare.md says what counts and what does not.
 */
#ifndef RENACER_COMPARE_SEMANTIC_H
#define RENACER_COMPARE_SEMANTIC_H

#include "comparison.h"
#include "trace_reader.h"

#include <stddef.h>

struct semantic_options {
    const char *const *ignore; /* patterns of fnmatch(3): files, addresses and the like that do not count */
    size_t ignore_count;
};

/* Fill in the comparison, which is all zero. Both readers are read from the start, more than once. 0; -EINVAL with a
 * sentence in `problem` if a trace cannot be used, or -errno with one. comparison_finish() in either case. */
int compare_semantic(struct comparison *comparison, struct trace_reader *const readers[SIDES],
                     const struct semantic_options *options, char *problem, size_t size);

#endif
