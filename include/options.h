/* SPDX-License-Identifier: MIT
 *
 * The command line, parsed by the table of options (include/option_table.h).
 */
#ifndef RENACER_OPTIONS_H
#define RENACER_OPTIONS_H

#include "capture.h"
#include "colour.h"
#include "engine.h"
#include "selection.h"
#include "source_option.h"
#include "writer.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    OPTIONS_ENVIRONMENT_MAX = 256, /* -E options */
    OPTIONS_ATTACH_MAX = 256,      /* processes */
};

struct options {
    struct output_options output; /* without `colour`, which depends on where it goes */
    struct capture_options capture;
    struct record_filter filter; /* output.filter, if anything is filtered */
    struct selection selection;  /* the calls that are recorded */
    struct filter_words asked;   /* output.asked, if any are left out */
    struct redaction *redaction; /* output.redaction; NULL: none */
    struct source_options sources;
    struct selection traced; /* and those that a golden trace has to know beside them */
    enum colour colour;
    bool has_format;             /* --format */
    bool has_rules;              /* --normalize */
    const char *file;            /* -o, or NULL */
    const char *user;            /* -u, or NULL */
    const struct engine *engine; /* NULL: the best that works */
    bool lossless;
    size_t ring_bytes; /* --ring-size, a power of two; 0: as the engine likes */
    bool fail_on_lost;
    bool profile_self;
    unsigned quiet;                             /* how many -q */
    char *environment[OPTIONS_ENVIRONMENT_MAX]; /* -E */
    size_t environment_count;
    pid_t attach[OPTIONS_ATTACH_MAX]; /* -p */
    size_t attach_count;
    char *const *program; /* NULL with -p; the program and its arguments, NULL-terminated */
};

enum options_verdict {
    OPTIONS_RUN,  /* trace options->program */
    OPTIONS_DONE, /* what was asked for was printed */
    OPTIONS_BAD,  /* the reason was said on standard error */
};

/* Parse the command line into *options, to be released with options_finish()
 * whatever the verdict. The strings of argv must outlive it. */
enum options_verdict options_parse(struct options *options, int argc, char *argv[]);
void options_finish(struct options *options);

#endif
