/* SPDX-License-Identifier: MIT
 *
 * The options about places in the source: --source-skip and --stack-limit, and what
 * follows from -s and -k.
 */
#ifndef RENACER_SOURCE_OPTION_H
#define RENACER_SOURCE_OPTION_H

#include "user_frame.h"
#include "writer.h"

#include <stdbool.h>
#include <stddef.h>

struct source_options {
    struct user_rule *rule; /* which frames are the user's; NULL: nobody asks */
    size_t stack_bytes;     /* of the stack are copied at each call, a multiple of 8; 0: none */
    bool has_skips;         /* --source-skip */
};

/* The argument of one option. False: it is wrong, and that was said. */
bool source_option_skip(struct source_options *options, const char *patterns);
bool source_option_limit(struct source_options *options, const char *text);

/* When all options are known: fill in what was not given if `output` needs stacks, and else leave nothing. False: they
 * do not go together, and that was said. */
bool source_options_complete(struct source_options *options, const struct output_options *output);
void source_options_finish(struct source_options *options);

#endif
