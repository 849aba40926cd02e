/* SPDX-License-Identifier: MIT
 *
 * The table of options: what the parser, the help and the completions of the
 * shells are made from.
 */
#ifndef RENACER_OPTION_TABLE_H
#define RENACER_OPTION_TABLE_H

#include <stdbool.h>
#include <stdio.h>

/* Options without a letter are numbered from here. */
#define LONG_ONLY 256

enum option_id {
    OPTION_HEADING = 0, /* of the help, no option */
    OPTION_FORMAT = LONG_ONLY,
    OPTION_STRING_LIMIT,
    OPTION_ENGINE,
    OPTION_DECODE,
    OPTION_LOSSLESS,
    OPTION_EVENTS,
    OPTION_RING_SIZE,
    OPTION_FAIL_ON_LOST,
    OPTION_PROFILE_SELF,
    OPTION_GOLDEN,
    OPTION_NORMALIZE,
    OPTION_COLOUR,
    OPTION_COMPLETION,
    OPTION_TRACE,
    OPTION_STATUS,
    OPTION_SIGNAL,
    OPTION_REDACT,
    OPTION_REDACT_FILE,
    OPTION_SOURCE_SKIP,
    OPTION_STACK_LIMIT,
    OPTION_FOLDED,
    OPTION_FUNCTION_TIME,
    OPTION_OUTPUT = 'o',
    OPTION_SUMMARY = 'c',
    OPTION_SUMMARY_TOO = 'C',
    OPTION_SORT = 'S',
    OPTION_FOLLOW = 'f',
    OPTION_ATTACH = 'p',
    OPTION_TIMING = 'T',
    OPTION_STAMP = 't',
    OPTION_RELATIVE = 'r',
    OPTION_EXPRESSION = 'e',
    OPTION_PATH = 'P',
    OPTION_SUCCESSFUL = 'z',
    OPTION_FAILED = 'Z',
    OPTION_DESCRIPTORS = 'y',
    OPTION_QUIET = 'q',
    OPTION_VERBOSE = 'v',
    OPTION_HEX = 'x',
    OPTION_COLUMN = 'a',
    OPTION_SOURCE = 's',
    OPTION_STACK = 'k',
    OPTION_USER = 'u',
    OPTION_ENVIRONMENT = 'E',
    OPTION_HELP = 'h',
    OPTION_VERSION = 'V',
};

/* What the argument of an option is, for completion. */
enum argument_kind {
    ARGUMENT_WORDS, /* one of those in `argument`, separated by | */
    ARGUMENT_FILE,
    ARGUMENT_USER,
    ARGUMENT_RULES, /* of golden traces, joined by commas */
    ARGUMENT_CALLS, /* calls and classes of them, joined by commas, maybe with something in front */
    ARGUMENT_OTHER,
};

struct option_row {
    enum option_id id;
    const char *name; /* long name, or the text of a heading */
    const char *argument;
    enum argument_kind kind;
    const char *help;
};

/* The rows, in the order of the help. */
extern const struct option_row option_rows[];

enum {
    OPTION_ROWS = 50,
};

/* Whether the row is an option, not a heading. */
static inline bool option_is_one(const struct option_row *row) {
    return row->id != OPTION_HEADING;
}

static inline bool option_has_letter(const struct option_row *row) {
    return option_is_one(row) && row->id < LONG_ONLY;
}

void options_print_help(FILE *stream);

/* What is said to somebody who gives no arguments: ten lines. */
void options_print_hint(FILE *stream);

/* Print the completion for a shell. */
void options_print_bash(FILE *stream);
void options_print_zsh(FILE *stream);

#endif
