/* SPDX-License-Identifier: MIT */
#include "source_option.h"

#include "diag.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static bool begin(struct source_options *options) {
    if (!options->rule) {
        options->rule = user_rule_create();
    }
    if (!options->rule) {
        diag_errno(ENOMEM, "places in the source");
    }
    return options->rule != NULL;
}

bool source_option_skip(struct source_options *options, const char *patterns) {
    char problem[256];
    options->has_skips = true;
    if (!begin(options)) {
        return false;
    }
    int status = user_rule_add(options->rule, patterns, problem, sizeof(problem));
    if (status < 0) {
        diag("--source-skip: %s", problem);
    }
    return status == 0;
}

/* "N" or "NK" bytes, rounded up to whole words of the stack. */
bool source_option_limit(struct source_options *options, const char *text) {
    enum {
        WORD = 8,
    };
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    bool has_unit = *end == 'K' || *end == 'k';
    bool is_size = isdigit((unsigned char)text[0]) && !errno && !end[has_unit];
    if (!is_size || number > STACK_SAMPLE_MOST || (has_unit && number > STACK_SAMPLE_MOST >> 10)) {
        number = 0;
    }
    size_t bytes = (size_t)number << (has_unit ? 10 : 0);
    if (bytes < STACK_SAMPLE_LEAST) {
        diag("--stack-limit wants a number of bytes from %d to %d, or with K behind it of units of 1024, not '%s'",
             STACK_SAMPLE_LEAST, STACK_SAMPLE_MOST, text);
        return false;
    }
    options->stack_bytes = (bytes + WORD - 1) / WORD * WORD;
    return true;
}

/* Why what was asked for cannot be; NULL: it can. */
static const char *conflict(const struct source_options *options, const struct output_options *output) {
    if (output->stack && output->format == FORMAT_CSV) {
        return "CSV has no column for stacks (-k); use --format text, json or jsonl";
    }
    if (output->stack && summary_is_all(output->summary)) {
        return "-k shows the stack of each call, and -c, --folded and --function-time show no calls; use -C for both";
    }
    if (options->has_skips && !output_needs_sources(output)) {
        return "--source-skip is for places in the source; use it with -s, -k, --folded or --function-time";
    }
    if (options->stack_bytes && !output_needs_sources(output)) {
        return "--stack-limit is for places in the source and stacks; use it with -s, -k, --folded or --function-time";
    }
    return NULL;
}

bool source_options_complete(struct source_options *options, const struct output_options *output) {
    const char *problem = conflict(options, output);
    if (problem) {
        diag("%s", problem);
        return false;
    }
    if (!output_needs_sources(output)) {
        return true;
    }
    if (!options->stack_bytes) {
        options->stack_bytes = STACK_SAMPLE_DEFAULT;
    }
    return begin(options);
}

void source_options_finish(struct source_options *options) {
    user_rule_destroy(options->rule);
    options->rule = NULL;
}
