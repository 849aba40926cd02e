/* SPDX-License-Identifier: MIT
 *
 * Comparing two traces by their paths, in any mode.
 */
#ifndef RENACER_COMPARE_PATHS_H
#define RENACER_COMPARE_PATHS_H

#include "compare_counts.h"
#include "compare_exact.h"
#include "compare_semantic.h"
#include "comparison.h"

enum {
    COMPARE_CONTEXT_STANDARD = 3, /* calls around a difference */
};

struct compare_options {
    enum compare_mode mode;
    struct exact_options exact; /* what each mode takes; those of the others are not looked at */
    struct semantic_options semantic;
    struct tolerances tolerances;
};

/* The mode that is called so, or -EINVAL with a sentence in `problem` that begins with `name`, which is what the word
 * was given to. */
int compare_mode_parse(const char *name, const char *word, char *problem, size_t size);

/* Compare them, into a comparison that is all zero and is finished with comparison_finish() in any case. 0, or -errno
 * with a sentence in `problem`. */
int compare_paths(struct comparison *comparison, const struct compare_options *options, const char *const paths[SIDES],
                  char *problem, size_t size);

#endif
