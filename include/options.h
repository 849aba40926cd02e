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

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

/* A verb that traces what it does not start itself: it has the options of tracing, and some of its own. */
struct options_verb {
    const char *word;
    void (*print_help)(FILE *stream);
    enum format format;       /* unless --format says another */
    const struct option *own; /* as getopt_long(3) has them, with values from OPTIONS_OWN up */
    void *context;
    /* Take one of these. False: it is wrong, and that was said. */
    bool (*take)(void *context, int id, const char *argument);
    /* Why an option of tracing makes no sense here, to stand behind "--name: "; NULL: it does. */
    const char *(*objection)(void *context, int id);
};

enum {
    OPTIONS_OWN = 1 << 16, /* values of a verb's own options begin here */
    OPTIONS_OWN_MAX = 16,  /* how many it may have */
};

/* Parse what stands behind the verb, argv[0]: options alone. As options_parse(). */
enum options_verdict options_parse_verb(struct options *options, int argc, char *argv[],
                                        const struct options_verb *verb);

/* Parse the command line into *options, to be released with options_finish()
 * whatever the verdict. The strings of argv must outlive it. */
enum options_verdict options_parse(struct options *options, int argc, char *argv[]);
void options_finish(struct options *options);

#endif
