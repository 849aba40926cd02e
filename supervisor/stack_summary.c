/* SPDX-License-Identifier: MIT */
#include "stack_summary.h"

const char *stack_summary_problem(const struct options *options) {
    const struct output_options *output = &options->output;
    bool is_folded = output->summary == SUMMARY_FOLDED;
    if (!summary_is_of_stacks(output->summary)) {
        return NULL;
    }
    if (is_folded && output->format != FORMAT_TEXT) {
        return "--folded has a form of its own, and --format is for other traces; leave one of them out";
    }
    if (output->format == FORMAT_CSV) {
        return "--function-time is a table with lists in it, which CSV has no place for; use --format json or text";
    }
    if (options->engine && !options->engine->time) {
        return is_folded ? "engine notify-only measures no time, by which --folded weighs stacks, and sees no stacks"
                         : "engine notify-only measures no time and sees no stacks, of which --function-time is made";
    }
    return NULL;
}
