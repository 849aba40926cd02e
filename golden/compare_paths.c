/* SPDX-License-Identifier: MIT */
#include "compare_paths.h"

#include "words.h"

#include <stdio.h>
#include <string.h>

int compare_mode_parse(const char *name, const char *word, char *problem, size_t size) {
    static const char *const modes[] = {
        [COMPARE_SEMANTIC] = "semantic", [COMPARE_EXACT] = "exact", [COMPARE_COUNTS] = "counts", NULL};
    return word_parse(name, modes, word, problem, size);
}

static int compare_readers(struct comparison *comparison, const struct compare_options *options,
                           struct trace_reader *const readers[SIDES], char *problem, size_t size) {
    switch (options->mode) {
    case COMPARE_EXACT:
        return compare_exact(comparison, readers, &options->exact, problem, size);
    case COMPARE_COUNTS:
        return compare_counts(comparison, readers, &options->tolerances, problem, size);
    default:
        return compare_semantic(comparison, readers, &options->semantic, problem, size);
    }
}

int compare_paths(struct comparison *comparison, const struct compare_options *options, const char *const paths[SIDES],
                  char *problem, size_t size) {
    struct trace_reader *readers[SIDES] = {NULL, NULL};
    int status = 0;
    comparison->mode = options->mode;
    problem[0] = 0;
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        status = trace_reader_open(&readers[side], paths[side], problem, size);
    }
    if (status == 0) {
        status = compare_readers(comparison, options, readers, problem, size);
    }
    if (status < 0 && !problem[0]) {
        snprintf(problem, size, "%s", strerror(-status));
    }
    for (enum side side = 0; side < SIDES; side++) {
        trace_reader_close(readers[side]);
    }
    return status;
}
