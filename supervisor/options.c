/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "capture.h"
#include "diag.h"
#include "engine.h"
#include "nearest.h"
#include "version.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_STRING_LIMIT = 4096,
};

/* Options without a letter are numbered from here. */
#define LONG_ONLY 256

enum option_id {
    OPTION_FORMAT = LONG_ONLY,
    OPTION_STRING_LIMIT,
    OPTION_ENGINE,
    OPTION_LOSSLESS,
    OPTION_EVENTS,
    OPTION_PROFILE_SELF,
    OPTION_VERSION,
    OPTION_OUTPUT = 'o',
    OPTION_FOLLOW = 'f',
    OPTION_TIMING = 'T',
    OPTION_EXPRESSION = 'e',
    OPTION_HELP = 'h',
};

struct option_row {
    enum option_id id;
    const char *name; /* long name; NULL: it has a letter only */
    const char *argument;
    const char *help;
};

static const struct option_row rows[] = {
    {OPTION_FORMAT, "format", "json|jsonl", "form of the trace: one document, or one object a line"},
    {OPTION_OUTPUT, "output", "FILE", "write the trace to FILE; the program keeps its standard output"},
    {OPTION_FOLLOW, "follow-forks", NULL, "trace child processes too"},
    {OPTION_TIMING, "timing", NULL, "record the time that each call took in the kernel"},
    {OPTION_EXPRESSION, "expr", "trace=CALL,...", "trace only these calls or classes (%file); '!' excludes"},
    {OPTION_EVENTS, "events", NULL, "record signals, execs and ends of threads as well"},
    {OPTION_STRING_LIMIT, "string-limit", "N", "bytes of a string or buffer that are recorded (4096)"},
    {OPTION_ENGINE, "engine", "auto|notify|notify-only", "how to trace; notify-only records no results"},
    {OPTION_LOSSLESS, "lossless", NULL, "stop at every traced call, so that none can be lost"},
    {OPTION_PROFILE_SELF, "profile-self", NULL, "print counters of the tracing itself at the end"},
    {OPTION_HELP, "help", NULL, "print this help"},
    {OPTION_VERSION, "version", NULL, "print the version"},
};

enum {
    ROW_COUNT = sizeof(rows) / sizeof(rows[0]),
};

void options_print_help(FILE *stream) {
    fputs("Usage: renacer-sv --format json|jsonl [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
          "Run PROGRAM and record every system call that it makes.\n\n",
          stream);
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        char left[64];
        char letter[8] = "    ";
        if (rows[i].id < LONG_ONLY) {
            snprintf(letter, sizeof(letter), "-%c, ", rows[i].id);
        }
        snprintf(left, sizeof(left), "%s--%s%s%s", letter, rows[i].name, rows[i].argument ? " " : "",
                 rows[i].argument ? rows[i].argument : "");
        fprintf(stream, "  %-38s%s%s\n", left, strlen(left) > 37 ? "\n                                        " : "",
                rows[i].help);
    }
    fputs("\nThe exit status is PROGRAM's own; 125 if renacer-sv itself failed, 126 if PROGRAM\n"
          "cannot be executed, 127 if it is not found.\n",
          stream);
}

/* getopt's own tables, made from ours. */
struct getopt_tables {
    char letters[2 * ROW_COUNT + 3];
    struct option names[ROW_COUNT + 1];
};

static void make_tables(struct getopt_tables *tables) {
    /* '+': the first word that is no option is the program. ':': errors are ours to say. */
    char *letter = stpcpy(tables->letters, "+:");
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        if (rows[i].id < LONG_ONLY) {
            *letter++ = (char)rows[i].id;
            if (rows[i].argument) {
                *letter++ = ':';
            }
        }
        tables->names[i] = (struct option){
            .name = rows[i].name, .has_arg = rows[i].argument ? required_argument : no_argument, .val = rows[i].id};
    }
    *letter = 0;
    tables->names[ROW_COUNT] = (struct option){0};
}

static bool parse_format(struct options *options, const char *name) {
    if (strcmp(name, "json") == 0) {
        options->format = FORMAT_JSON;
    } else if (strcmp(name, "jsonl") == 0) {
        options->format = FORMAT_JSONL;
    } else {
        diag("unknown format '%s'; use json or jsonl", name);
        return false;
    }
    return true;
}

static bool parse_engine(struct options *options, const char *name) {
    options->engine = engine_named(name);
    if (!options->engine && strcmp(name, "auto") != 0) {
        struct nearest nearest = {.word = name};
        nearest_offer(&nearest, "auto");
        for (const struct engine *const *engine = engine_all(); *engine; engine++) {
            nearest_offer(&nearest, (*engine)->name);
        }
        diag("unknown engine '%s'; use auto, notify or notify-only%s%s%s", name, nearest.best ? " (did you mean '" : "",
             nearest.best ? nearest.best : "", nearest.best ? "'?)" : "");
        return false;
    }
    return true;
}

static bool parse_string_limit(struct options *options, const char *text) {
    char *end;
    errno = 0;
    long long limit = strtoll(text, &end, 10);
    if (errno || end == text || *end || limit < 0 || limit > CAPTURE_LIMIT_MAX) {
        diag("--string-limit wants a number from 0 to %d, not '%s'", CAPTURE_LIMIT_MAX, text);
        return false;
    }
    options->string_limit = (uint32_t)limit;
    return true;
}

static bool parse_expression(struct options *options, const char *expression) {
    char problem[512];
    if (selection_parse(&options->selection, expression, problem, sizeof(problem)) < 0) {
        diag("%s", problem);
        return false;
    }
    return true;
}

static void say_unknown(char *argv[]) {
    const char *word = argv[optind - 1];
    if (optopt && strncmp(word, "--", 2) != 0) {
        diag("unknown option '-%c'; see renacer-sv --help", optopt);
        return;
    }
    struct nearest nearest = {.word = word + 2};
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        nearest_offer(&nearest, rows[i].name);
    }
    if (nearest.best) {
        diag("unknown option '%s'; did you mean '--%s'?", word, nearest.best);
    } else {
        diag("unknown option '%s'; see renacer-sv --help", word);
    }
}

/* False: the option is wrong, and that was said. */
static bool apply_option(struct options *options, int id) {
    switch (id) {
    case OPTION_FORMAT:
        return parse_format(options, optarg);
    case OPTION_ENGINE:
        return parse_engine(options, optarg);
    case OPTION_STRING_LIMIT:
        return parse_string_limit(options, optarg);
    case OPTION_EXPRESSION:
        return parse_expression(options, optarg);
    case OPTION_OUTPUT:
        options->output = optarg;
        break;
    case OPTION_FOLLOW:
        options->follow = true;
        break;
    case OPTION_TIMING:
        options->timing = true;
        break;
    case OPTION_EVENTS:
        options->events = true;
        break;
    case OPTION_LOSSLESS:
        options->lossless = true;
        break;
    case OPTION_PROFILE_SELF:
        options->profile_self = true;
        break;
    default:
        break;
    }
    return true;
}

enum options_verdict options_parse(struct options *options, int argc, char *argv[]) {
    *options = (struct options){.format = FORMAT_JSON, .string_limit = DEFAULT_STRING_LIMIT};
    selection_init(&options->selection);
    struct getopt_tables tables;
    make_tables(&tables);
    bool format_given = false;
    int id;
    while ((id = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        switch (id) {
        case OPTION_HELP:
            options_print_help(stdout);
            return OPTIONS_DONE;
        case OPTION_VERSION:
            puts("renacer-sv " RENACER_SV_VERSION);
            return OPTIONS_DONE;
        case ':':
            diag("option '%s' needs an argument", argv[optind - 1]);
            return OPTIONS_BAD;
        case '?':
            say_unknown(argv);
            return OPTIONS_BAD;
        default:
            if (!apply_option(options, id)) {
                return OPTIONS_BAD;
            }
            format_given = format_given || id == OPTION_FORMAT;
        }
    }
    if (optind == argc) {
        diag("no program to trace; see renacer-sv --help");
        return OPTIONS_BAD;
    }
    if (!format_given) {
        diag("say --format json or --format jsonl: this version has no text format yet");
        return OPTIONS_BAD;
    }
    options->program = argv + optind;
    return OPTIONS_RUN;
}
