/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "diag.h"
#include "golden_rules.h"
#include "nearest.h"
#include "option_table.h"
#include "perf_source.h"
#include "redact.h"
#include "redact_option.h"
#include "stack_summary.h"
#include "version.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRING_LIMIT_TEXT = 32, /* as strace */
    RESULT_COLUMN_MAX = 1 << 12,
    STRING_LIMIT_DATA = 4096,
    STRING_LIMIT_GOLDEN = 65536,
};

/* getopt's own tables, made from ours. */
struct getopt_tables {
    char letters[2 * OPTION_ROWS + 3];
    struct option names[OPTION_ROWS + OPTIONS_OWN_MAX + 1];
};

/* With those of a verb; NULL: of none. */
static void make_tables(struct getopt_tables *tables, const struct option *own) {
    /* '+': the first word that is no option is the program. ':': errors are ours to say. */
    char *letter = stpcpy(tables->letters, "+:");
    struct option *name = tables->names;
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].id == OPTION_HEADING) {
            continue;
        }
        if (option_has_letter(&option_rows[i])) {
            *letter++ = (char)option_rows[i].id;
            if (option_rows[i].argument) {
                *letter++ = ':';
            }
        }
        *name++ = (struct option){.name = option_rows[i].name,
                                  .has_arg = option_rows[i].argument ? required_argument : no_argument,
                                  .val = option_rows[i].id};
    }
    *letter = 0;
    while (own && own->name) {
        *name++ = *own++;
    }
    *name = (struct option){0};
}

static const struct option_row *row_of(enum option_id id) {
    unsigned i = 0;
    while (option_rows[i].id != id) {
        i++;
    }
    return &option_rows[i];
}

/* Which of the words "a|b|c" of option `id` this is; -1, and that was said, if it is none. */
static int parse_word(enum option_id id, const char *word) {
    const struct option_row *row = row_of(id);
    struct nearest nearest = {.word = word};
    char words[64];
    snprintf(words, sizeof(words), "%s", row->argument);
    char *rest = words;
    const char *candidate;
    for (int index = 0; (candidate = strsep(&rest, "|")); index++) {
        if (strcmp(candidate, word) == 0) {
            return index;
        }
        nearest_offer(&nearest, candidate);
    }
    diag("unknown value '%s' of --%s; use one of %s%s%s%s", word, row->name, row->argument,
         nearest.best ? " (did you mean '" : "", nearest.best ? nearest.best : "", nearest.best ? "'?)" : "");
    return -1;
}

/* Three options whose words stand in the order of their enumerations. */

static bool parse_format(struct options *options, const char *word) {
    int index = parse_word(OPTION_FORMAT, word);
    options->output.format = (enum format)index;
    options->has_format = true;
    return index >= 0;
}

static bool parse_order(struct options *options, const char *word) {
    int index = parse_word(OPTION_SORT, word);
    options->output.order = (enum tally_order)index;
    return index >= 0;
}

static bool parse_colour(struct options *options, const char *word) {
    int index = parse_word(OPTION_COLOUR, word);
    options->colour = (enum colour)index;
    return index >= 0;
}

/* Its words are false and true. */
static bool parse_decode(struct options *options, const char *word) {
    int index = parse_word(OPTION_DECODE, word);
    options->capture.outputs = index > 0;
    return index >= 0;
}

static bool parse_engine(struct options *options, const char *word) {
    options->engine = engine_named(word);
    return options->engine || parse_word(OPTION_ENGINE, word) >= 0;
}

/* A number from 0 to `most`; false, with a word about the option, for anything else. */
static bool parse_number(const char *option, const char *text, long most, uint32_t *number) {
    char *end;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (errno || end == text || *end || parsed < 0 || parsed > most) {
        diag("%s wants a number from 0 to %ld, not '%s'", option, most, text);
        return false;
    }
    *number = (uint32_t)parsed;
    return true;
}

/* "N", "NK", "NM" or "NG" bytes, rounded up to a power of two. */
static bool parse_ring_size(struct options *options, const char *text) {
    static const char units[] = "KMG";
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    bool is_size = isdigit((unsigned char)text[0]) && !errno && !end[unit ? 1 : 0];
    if (!is_size || number > (unsigned)PERF_RING_BYTES_MOST >> shift || number << shift < PERF_RING_BYTES_LEAST) {
        diag("--ring-size wants a number of bytes from %dK to %dG, with K, M or G for larger units, not '%s'",
             PERF_RING_BYTES_LEAST >> 10, PERF_RING_BYTES_MOST >> 30, text);
        return false;
    }
    options->ring_bytes = PERF_RING_BYTES_LEAST;
    while (options->ring_bytes < number << shift) {
        options->ring_bytes *= 2;
    }
    return true;
}

static bool parse_rules(struct options *options, const char *list) {
    char problem[256];
    int status = golden_rules_parse(&options->output.golden_rules, list, problem, sizeof(problem));
    if (status < 0) {
        diag("%s", problem);
    }
    options->has_rules = true;
    return status == 0;
}

/* What is chosen by a list: OPTION_TRACE, OPTION_STATUS or OPTION_SIGNAL. */
static bool choose(struct options *options, enum option_id what, const char *list) {
    char problem[512] = "out of memory";
    int status;
    if (what == OPTION_STATUS) {
        status = record_filter_parse_status(&options->filter, list, problem, sizeof(problem));
    } else if (what == OPTION_SIGNAL) {
        status = record_filter_parse_signals(&options->filter, list, problem, sizeof(problem));
    } else {
        status = selection_parse(&options->selection, list, problem, sizeof(problem));
    }
    if (status < 0) {
        diag("%s", problem);
        return false;
    }
    if (what != OPTION_TRACE) {
        options->output.filter = &options->filter;
    }
    if (what == OPTION_TRACE) {
        options->asked.trace = selection_list(list);
    } else if (what == OPTION_STATUS) {
        options->asked.status = list;
    }
    return true;
}

static bool parse_expression(struct options *options, const char *expression) {
    static const struct {
        enum option_id what;
        const char *name;
    } qualifiers[] = {
        {OPTION_STATUS, "status="}, {OPTION_SIGNAL, "signal="}, {OPTION_SIGNAL, "signals="}, {OPTION_SIGNAL, "s="}};
    for (size_t i = 0; i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++) {
        size_t length = strlen(qualifiers[i].name);
        if (strncmp(expression, qualifiers[i].name, length) == 0) {
            return choose(options, qualifiers[i].what, expression + length);
        }
    }
    return choose(options, OPTION_TRACE, expression);
}

static bool add_path(struct options *options, const char *path) {
    if (!path[0]) {
        diag("-P wants a path, not nothing");
        return false;
    }
    int status = record_filter_add_path(&options->filter, path);
    if (status < 0) {
        diag_errno(-status, "cannot take in -P '%s'", path);
        return false;
    }
    options->asked.paths[options->asked.path_count++] = path;
    options->output.filter = &options->filter;
    return true;
}

static bool keep_status(struct options *options, enum call_status status) {
    options->filter.statuses = status;
    options->asked.status = status == STATUS_FAILED ? "failed" : "successful";
    options->output.filter = &options->filter;
    return true;
}

static bool add_environment(struct options *options, char *change) {
    if (change[0] == 0 || change[0] == '=') {
        diag("-E wants NAME=VALUE, or NAME to remove it, not '%s'", change);
        return false;
    }
    if (options->environment_count == OPTIONS_ENVIRONMENT_MAX) {
        diag("more than %d options -E", OPTIONS_ENVIRONMENT_MAX);
        return false;
    }
    options->environment[options->environment_count++] = change;
    return true;
}

static bool add_process(struct options *options, const char *word, size_t length) {
    char *end;
    errno = 0;
    long pid = strtol(word, &end, 10);
    if (errno || length == 0 || end != word + length || pid <= 0 || pid > INT32_MAX) {
        diag("-p wants the ids of processes, joined by commas, not '%.*s'", (int)length, word);
        return false;
    }
    for (size_t i = 0; i < options->attach_count; i++) {
        if (options->attach[i] == pid) {
            return true;
        }
    }
    if (options->attach_count == OPTIONS_ATTACH_MAX) {
        diag("more than %d processes after -p", OPTIONS_ATTACH_MAX);
        return false;
    }
    options->attach[options->attach_count++] = (pid_t)pid;
    return true;
}

/* "PID,PID"; blanks and newlines separate too, as what pidof(1) and pgrep(1) print. */
static bool attach(struct options *options, const char *list) {
    static const char separators[] = ", \t\n";
    const char *rest = list;
    do {
        size_t length = strcspn(rest, separators);
        if (!add_process(options, rest, length)) {
            return false;
        }
        rest += length;
        rest += strspn(rest, separators);
    } while (*rest);
    return true;
}

static bool follow(struct options *options) {
    if (options->output.follow) {
        diag("-f given twice: there is no file for each process; all are in one, with their ids");
        return false;
    }
    options->output.follow = true;
    return true;
}

static bool write_to(struct options *options, const char *file) {
    if (file[0] == '|' || file[0] == '!') {
        diag("-o wants a file, not '%s'; write ./%s if that is its name", file, file);
        return false;
    }
    options->file = file;
    return true;
}

static void say_unknown(char *argv[], const struct options_verb *verb) {
    const char *word = argv[optind - 1];
    if (optopt && strncmp(word, "--", 2) != 0) {
        bool number = optopt >= '0' && optopt <= '9';
        diag("unknown option '-%c'; %s", optopt,
             number ? "the length of strings is --string-limit N" : "see renacer-sv --help");
        return;
    }
    if (optopt) {
        diag("option '%.*s' takes no argument", (int)strcspn(word, "="), word);
        return;
    }
    struct nearest nearest = {.word = word + 2};
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_is_one(&option_rows[i])) {
            nearest_offer(&nearest, option_rows[i].name);
        }
    }
    for (const struct option *own = verb ? verb->own : NULL; own && own->name; own++) {
        nearest_offer(&nearest, own->name);
    }
    if (nearest.best) {
        diag("unknown option '%s'; did you mean '--%s'?", word, nearest.best);
    } else {
        diag("unknown option '%s'; see renacer-sv %s%s--help", word, verb ? verb->word : "", verb ? " " : "");
    }
}

/* An option that is only switched on. */
static void apply_switch(struct options *options, int id) {
    switch (id) {
    case OPTION_SUMMARY:
        options->output.summary = SUMMARY_ONLY;
        break;
    case OPTION_SUMMARY_TOO:
        options->output.summary = SUMMARY_TOO;
        break;
    case OPTION_FOLDED:
        options->output.summary = SUMMARY_FOLDED;
        break;
    case OPTION_FUNCTION_TIME:
        options->output.summary = SUMMARY_FUNCTIONS;
        break;
    case OPTION_TIMING:
        options->output.timing = true;
        break;
    case OPTION_STAMP:
        options->output.stamp += options->output.stamp < STAMP_EPOCH;
        break;
    case OPTION_RELATIVE:
        options->output.relative_stamp = true;
        break;
    case OPTION_DESCRIPTORS:
        options->capture.detail += options->capture.detail < DESCRIPTOR_ENDPOINTS;
        break;
    case OPTION_VERBOSE:
        options->output.verbose = true;
        options->capture.verbose = true;
        break;
    case OPTION_HEX:
        options->output.hex_strings += options->output.hex_strings < HEX_STRINGS_ALL;
        break;
    case OPTION_QUIET:
        options->output.quiet_ends = options->quiet++ > 0;
        break;
    case OPTION_SOURCE:
        options->output.source = true;
        break;
    case OPTION_STACK:
        options->output.stack = true;
        break;
    case OPTION_EVENTS:
        options->output.events = true;
        break;
    case OPTION_LOSSLESS:
        options->lossless = true;
        break;
    case OPTION_FAIL_ON_LOST:
        options->fail_on_lost = true;
        break;
    case OPTION_GOLDEN:
        options->output.golden = true;
        break;
    case OPTION_PROFILE_SELF:
        options->profile_self = true;
        break;
    default:
        break;
    }
}

/* False: the option is wrong, and that was said. */
static bool apply_option(struct options *options, int id) {
    switch (id) {
    case OPTION_FORMAT:
        return parse_format(options, optarg);
    case OPTION_SORT:
        return parse_order(options, optarg);
    case OPTION_COLOUR:
        return parse_colour(options, optarg);
    case OPTION_ENGINE:
        return parse_engine(options, optarg);
    case OPTION_DECODE:
        return parse_decode(options, optarg);
    case OPTION_STRING_LIMIT:
        return parse_number("--string-limit", optarg, CAPTURE_LIMIT_MAX, &options->capture.string_limit);
    case OPTION_COLUMN:
        return parse_number("-a", optarg, RESULT_COLUMN_MAX, &options->output.result_column);
    case OPTION_RING_SIZE:
        return parse_ring_size(options, optarg);
    case OPTION_NORMALIZE:
        return parse_rules(options, optarg);
    case OPTION_EXPRESSION:
        return parse_expression(options, optarg);
    case OPTION_TRACE:
    case OPTION_STATUS:
    case OPTION_SIGNAL:
        return choose(options, (enum option_id)id, optarg);
    case OPTION_PATH:
        return add_path(options, optarg);
    case OPTION_SUCCESSFUL:
        return keep_status(options, STATUS_SUCCESSFUL);
    case OPTION_FAILED:
        return keep_status(options, STATUS_FAILED);
    case OPTION_REDACT:
        return redact_option(&options->redaction, optarg);
    case OPTION_REDACT_FILE:
        return redact_option_file(&options->redaction, optarg);
    case OPTION_SOURCE_SKIP:
        return source_option_skip(&options->sources, optarg);
    case OPTION_STACK_LIMIT:
        return source_option_limit(&options->sources, optarg);
    case OPTION_ENVIRONMENT:
        return add_environment(options, optarg);
    case OPTION_FOLLOW:
        return follow(options);
    case OPTION_ATTACH:
        return attach(options, optarg);
    case OPTION_OUTPUT:
        return write_to(options, optarg);
    case OPTION_USER:
        options->user = optarg;
        return true;
    default:
        apply_switch(options, id);
        return true;
    }
}

/* What a golden trace cannot have; NULL: nothing of it was asked for. */
static const char *golden_conflict(const struct options *options) {
    const struct output_options *output = &options->output;
    if (options->attach_count) {
        return "-p: a golden trace begins where the program does";
    }
    if (options->has_format && (output->format == FORMAT_TEXT || output->format == FORMAT_CSV)) {
        return "--format text or csv: a golden trace is JSON or JSON Lines";
    }
    if (output->timing || output->stamp != STAMP_NONE || output->relative_stamp) {
        return "-T, -t and -r: no time is the same twice";
    }
    if (summary_is_of_stacks(output->summary)) {
        return "--folded and --function-time: times are a part of them";
    }
    if (output->summary != SUMMARY_NONE) {
        return "-c and -C: times are a part of the table";
    }
    if (output->source || output->stack) {
        return "-s and -k: lines and addresses of the program change with every edit";
    }
    if (options->engine && !options->engine->time) {
        return "--engine notify-only: it records no results";
    }
    if (options->output.verbose) {
        return "-v: it shows what is another in every run, such as times of files and numbers of inodes";
    }
    return NULL;
}

/* What --golden brings with it. False: it does not go with the others, and that was said. */
static bool complete_golden(struct options *options) {
    struct output_options *output = &options->output;
    if (!output->golden) {
        if (options->has_rules) {
            diag("--normalize is for golden traces; use it with --golden");
        }
        return !options->has_rules;
    }
    const char *conflict = golden_conflict(options);
    if (conflict) {
        diag("--golden does not go with %s", conflict);
        return false;
    }
    if (!options->has_format) {
        output->format = FORMAT_JSON;
    }
    if (!options->has_rules) {
        output->golden_rules = GOLDEN_ALL_RULES;
    }
    if (options->capture.string_limit == UINT32_MAX) {
        options->capture.string_limit = STRING_LIMIT_GOLDEN;
    }
    options->lossless = true;
    output->events = true;
    return true;
}

/* What is traced: beside the calls that were chosen those from which a golden trace has its names and its order. */
static void complete_selection(struct options *options) {
    static const char *const needed[] = {"brk",    "clone", "clone3",  "execve", "execveat", "exit",   "exit_group",
                                         "fork",   "mkdir", "mkdirat", "mmap",   "mmap2",    "mremap", "open",
                                         "openat", "shmat", "vfork",   "wait4",  "waitid",   "waitpid"};
    options->traced = options->selection;
    if (!options->output.golden || options->selection.all) {
        return;
    }
    options->output.selection = &options->selection;
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        selection_add(&options->traced, needed[i]);
    }
}

/* What a trace says of how its calls were chosen: nothing where an option leaves none out. */
static void complete_asked(struct options *options) {
    struct filter_words *asked = &options->asked;
    asked->trace = selection_is_everything(&options->selection) ? NULL : asked->trace;
    asked->status = options->filter.statuses == STATUS_ALL ? NULL : asked->status;
    options->output.asked = filter_words_any(asked) ? asked : NULL;
}

/* What follows from several options together. False: they do not go together, and that was said. */
static bool complete_options(struct options *options) {
    struct output_options *output = &options->output;
    if (!complete_golden(options) || !source_options_complete(&options->sources, output)) {
        return false;
    }
    complete_selection(options);
    complete_asked(options);
    bool is_csv = output->format == FORMAT_CSV;
    const char *problem = stack_summary_problem(options);
    if (problem) {
        diag("%s", problem);
        return false;
    }
    if (options->attach_count && (options->user || options->environment_count)) {
        diag("%s is for programs that are started, and -p is for those that run already", options->user ? "-u" : "-E");
        return false;
    }
    if (options->attach_count && options->engine && !options->engine->detach) {
        diag("engine %s cannot attach to processes; -p needs engine ptrace", options->engine->name);
        return false;
    }
    if (is_csv && output->summary == SUMMARY_TOO) {
        diag("CSV holds one table: use -c for the summary or leave out -C for the calls");
        return false;
    }
    if (is_csv && (output->stamp != STAMP_NONE || output->relative_stamp)) {
        diag("CSV has no column for time stamps; use --format jsonl or text");
        return false;
    }
    if (options->capture.string_limit == UINT32_MAX) {
        options->capture.string_limit = output->format == FORMAT_TEXT ? STRING_LIMIT_TEXT : STRING_LIMIT_DATA;
    }
    if (output->format == FORMAT_TEXT && options->capture.string_limit < CAPTURE_VECTOR_MAX) {
        /* As in strace, the limit is that of elements too. */
        options->capture.vector_limit = options->capture.string_limit;
    }
    output->descriptors = options->capture.detail != DESCRIPTOR_NONE;
    bool by_path = options->filter.path_count > 0;
    bool by_descriptor = by_path || output->golden || redaction_needs_descriptors(options->redaction);
    output->redaction = options->redaction;
    if (by_descriptor && options->capture.detail == DESCRIPTOR_NONE) {
        options->capture.detail = DESCRIPTOR_PATHS;
    }
    /* A table counts calls and does not look at what they point to. */
    options->capture.memory = !summary_is_all(output->summary) || by_path;
    if (summary_is_all(output->summary) && !by_path) {
        options->capture.detail = DESCRIPTOR_NONE;
    }
    return true;
}

static enum options_verdict print_completion(const char *shell) {
    switch (parse_word(OPTION_COMPLETION, shell)) {
    case 0:
        options_print_bash(stdout);
        return OPTIONS_DONE;
    case 1:
        options_print_zsh(stdout);
        return OPTIONS_DONE;
    default:
        return OPTIONS_BAD;
    }
}

/* An option that prints something and is all that is done; OPTIONS_RUN for another. */
static enum options_verdict print_if_asked(int id) {
    switch (id) {
    case OPTION_HELP:
        options_print_help(stdout);
        return OPTIONS_DONE;
    case OPTION_VERSION:
        puts("renacer-sv " RENACER_SV_VERSION);
        return OPTIONS_DONE;
    case OPTION_COMPLETION:
        return print_completion(optarg);
    default:
        return OPTIONS_RUN;
    }
}

/* An option of tracing. */
static enum options_verdict take_option(struct options *options, int id, const struct options_verb *verb) {
    const char *objection = verb && verb->objection ? verb->objection(verb->context, id) : NULL;
    if (objection) {
        diag("--%s: %s", row_of((enum option_id)id)->name, objection);
        return OPTIONS_BAD;
    }
    if (verb && id == OPTION_HELP) {
        verb->print_help(stdout);
        return OPTIONS_DONE;
    }
    enum options_verdict verdict = print_if_asked(id);
    if (verdict != OPTIONS_RUN) {
        return verdict;
    }
    return apply_option(options, id) ? OPTIONS_RUN : OPTIONS_BAD;
}

/* Up to the first word that is no option, argv[optind]. */
static enum options_verdict parse_options(struct options *options, int argc, char *argv[],
                                          const struct options_verb *verb) {
    *options = (struct options){.capture = {.string_limit = UINT32_MAX}, .output = {.result_column = RESULT_COLUMN}};
    selection_init(&options->selection);
    record_filter_init(&options->filter);
    struct getopt_tables tables;
    make_tables(&tables, verb ? verb->own : NULL);
    enum options_verdict verdict = OPTIONS_RUN;
    int id;
    optind = 0; /* from the start, whatever was parsed before */
    while (verdict == OPTIONS_RUN && (id = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        if (id == ':') {
            diag("option '%s' needs an argument", argv[optind - 1]);
            verdict = OPTIONS_BAD;
        } else if (id == '?') {
            say_unknown(argv, verb);
            verdict = OPTIONS_BAD;
        } else if (verb && id >= OPTIONS_OWN) {
            verdict = verb->take(verb->context, id, optarg) ? OPTIONS_RUN : OPTIONS_BAD;
        } else {
            verdict = take_option(options, id, verb);
        }
    }
    return verdict;
}

enum options_verdict options_parse(struct options *options, int argc, char *argv[]) {
    enum options_verdict verdict = parse_options(options, argc, argv, NULL);
    if (argc <= 1) {
        options_print_hint(stderr);
        return OPTIONS_BAD;
    }
    if (verdict != OPTIONS_RUN) {
        return verdict;
    }
    if (optind == argc && !options->attach_count) {
        diag("no program to trace; see renacer-sv --help");
        return OPTIONS_BAD;
    }
    if (optind < argc && options->attach_count) {
        diag("-p attaches to processes that run; it goes without a program ('%s')", argv[optind]);
        return OPTIONS_BAD;
    }
    options->program = optind < argc ? argv + optind : NULL;
    return complete_options(options) ? OPTIONS_RUN : OPTIONS_BAD;
}

enum options_verdict options_parse_verb(struct options *options, int argc, char *argv[],
                                        const struct options_verb *verb) {
    enum options_verdict verdict = parse_options(options, argc, argv, verb);
    if (verdict != OPTIONS_RUN) {
        return verdict;
    }
    if (optind < argc) {
        diag("renacer-sv %s takes options alone, not '%s'", verb->word, argv[optind]);
        return OPTIONS_BAD;
    }
    if (!options->has_format) {
        options->output.format = verb->format;
    }
    return complete_options(options) ? OPTIONS_RUN : OPTIONS_BAD;
}

void options_finish(struct options *options) {
    record_filter_finish(&options->filter);
    source_options_finish(&options->sources);
    redaction_destroy(options->redaction);
    options->redaction = NULL;
}
