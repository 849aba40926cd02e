/* SPDX-License-Identifier: MIT
 *
 * The command line. One table describes every option: parser and help come from it.
 */
#ifndef RENACER_OPTIONS_H
#define RENACER_OPTIONS_H

#include "engine.h"
#include "selection.h"
#include "writer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct options {
    enum format format;
    const char *output;          /* -o, or NULL */
    const struct engine *engine; /* NULL: the best that works */
    bool follow;
    bool timing;
    bool events;
    bool lossless;
    bool profile_self;
    uint32_t string_limit;
    struct selection selection;
    char *const *program; /* the program and its arguments, NULL-terminated */
};

enum options_verdict {
    OPTIONS_RUN,  /* trace options->program */
    OPTIONS_DONE, /* --help or --version: it was printed */
    OPTIONS_BAD,  /* the reason was said on standard error */
};

enum options_verdict options_parse(struct options *options, int argc, char *argv[]);

void options_print_help(FILE *stream);

#endif
