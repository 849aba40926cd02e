/* SPDX-License-Identifier: MIT */
#include "golden_request.h"

#include "cleanup.h"
#include "diag.h"
#include "golden_run.h"
#include "option_table.h"
#include "option_word.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROBLEM_BYTES = 1024,
};

/* ------------------------------------------------------------------------- the help */

static void print_help(FILE *stream) {
    fputs("Usage: renacer-sv golden record [OPTION]... NAME [TRACE OPTION]... -- PROGRAM...\n"
          "       renacer-sv golden verify [OPTION]... [NAME]... [-- PROGRAM...]\n"
          "       renacer-sv golden update [OPTION]... [NAME]... [-- PROGRAM...]\n"
          "       renacer-sv golden list [--manifest FILE]\n"
          "Keep golden traces of programs, with how each was recorded: record one; run all\n"
          "or some again and compare; accept what has changed. A program behind -- takes\n"
          "the place of the one in the manifest.\n"
          "\n"
          "  --manifest FILE     where they are listed (golden/manifest.toml); the traces\n"
          "                      are in traces/NAME.json beside it\n"
          "  --timeout SECONDS   how long a program may run (600)\n"
          "  -h, --help          print this help\n"
          "\n"
          "record:\n"
          "  --pass VAR[,VAR]... variables that the program gets from the caller, beside\n"
          "                      PATH; it has no others\n"
          "  -E, --env VAR=VAL   a variable that is set for it\n"
          "  --directory DIR     the program runs there\n"
          "  --input FILE        its standard input; /dev/null without\n"
          "  --mode exact|semantic|counts  how it will be compared (exact)\n"
          "  --ignore PATTERN    semantic: files, addresses and programs that do not count\n"
          "  --tolerance LIMIT[,LIMIT]...  counts: by how much they may differ\n"
          "  --force             replace an entry of this name\n"
          "  --no-follow         only this process, not its children (without -f)\n"
          "  --once              do not record it twice to see whether it is the same twice\n"
          "\n"
          "verify, update:\n"
          "  -j, --jobs N        how many programs run at a time (as many as processors)\n"
          "  --color auto|always|never  colours in text (auto)\n"
          "\n"
          "verify:\n"
          "  --format text|json|junit|github  form of the report (text)\n"
          "  -o, --output FILE   the report goes there\n"
          "  --keep DIR          put the new traces of those that differ there\n"
          "\n"
          "update:\n"
          "  -y, --yes           do not ask\n"
          "\n"
          "The exit status is 0 if all is the same, 1 if something differs or was not\n"
          "accepted, 2 if something could not be done. A program that is called golden is\n"
          "traced with renacer-sv -- golden. See renacer-sv-golden(1).\n",
          stream);
}

/* ---------------------------------------------------------------------- the options */

enum golden_option_id {
    ID_COLOUR = 1,
    ID_DIRECTORY,
    ID_FORCE,
    ID_FORMAT,
    ID_IGNORE,
    ID_INPUT,
    ID_KEEP,
    ID_MANIFEST,
    ID_MODE,
    ID_NO_FOLLOW,
    ID_ONCE,
    ID_PASS,
    ID_TIMEOUT,
    ID_TOLERANCE,
    ID_ENVIRONMENT = 'E',
    ID_HELP = 'h',
    ID_JOBS = 'j',
    ID_OUTPUT = 'o',
    ID_YES = 'y',
};

#define VERB(verb) (1U << (verb))

enum {
    FOR_RUNS = VERB(GOLDEN_VERIFY) | VERB(GOLDEN_UPDATE),
    FOR_RECORD = VERB(GOLDEN_RECORD),
    FOR_ALL = FOR_RUNS | FOR_RECORD | VERB(GOLDEN_LIST),
};

static const struct golden_option {
    const char *name;
    bool has_argument;
    enum golden_option_id id;
    unsigned verbs;
} golden_options[] = {
    {"manifest", true, ID_MANIFEST, FOR_ALL},
    {"help", false, ID_HELP, FOR_ALL},
    {"timeout", true, ID_TIMEOUT, FOR_RUNS | FOR_RECORD},
    {"pass", true, ID_PASS, FOR_RECORD},
    {"env", true, ID_ENVIRONMENT, FOR_RECORD},
    {"directory", true, ID_DIRECTORY, FOR_RECORD},
    {"input", true, ID_INPUT, FOR_RECORD},
    {"mode", true, ID_MODE, FOR_RECORD},
    {"ignore", true, ID_IGNORE, FOR_RECORD},
    {"tolerance", true, ID_TOLERANCE, FOR_RECORD},
    {"force", false, ID_FORCE, FOR_RECORD},
    {"no-follow", false, ID_NO_FOLLOW, FOR_RECORD},
    {"once", false, ID_ONCE, FOR_RECORD},
    {"jobs", true, ID_JOBS, FOR_RUNS},
    {"color", true, ID_COLOUR, FOR_RUNS},
    {"format", true, ID_FORMAT, VERB(GOLDEN_VERIFY)},
    {"output", true, ID_OUTPUT, VERB(GOLDEN_VERIFY)},
    {"keep", true, ID_KEEP, VERB(GOLDEN_VERIFY)},
    {"yes", false, ID_YES, VERB(GOLDEN_UPDATE)},
};

enum {
    OPTION_COUNT = sizeof(golden_options) / sizeof(golden_options[0]),
};

static const char *const verbs[] = {"record", "verify", "update", "list", NULL};

static int said(const char *problem) {
    diag("%s", problem);
    return -EINVAL;
}

static int no_memory(void) {
    diag("out of memory");
    return -ENOMEM;
}

static int take_string(char **place) {
    free(*place);
    *place = strdup(optarg);
    return *place ? 0 : no_memory();
}

/* VAR[,VAR]... */
static int take_pass(struct golden *golden) {
    char *rest = optarg;
    char *name;
    while ((name = strsep(&rest, ","))) {
        if (!name[0] || strchr(name, '=')) {
            diag("--pass takes names of variables, joined by commas, not '%s'; -E sets them", name);
            return -EINVAL;
        }
        if (strings_add(&golden->pass, name) < 0) {
            return no_memory();
        }
    }
    return 0;
}

static int take_environment(struct golden *golden) {
    const char *equals = strchr(optarg, '=');
    if (!equals || equals == optarg) {
        diag("-E takes NAME=VALUE, not '%s'", optarg);
        return -EINVAL;
    }
    size_t length = (size_t)(equals - optarg) + 1;
    for (size_t i = 0; i < golden->environment.count; i++) {
        if (strncmp(golden->environment.each[i], optarg, length) == 0) {
            return take_string(&golden->environment.each[i]);
        }
    }
    return strings_add(&golden->environment, optarg) < 0 ? no_memory() : 0;
}

static int take_mode(struct golden *golden) {
    char problem[PROBLEM_BYTES];
    int mode = compare_mode_parse("--mode", optarg, problem, sizeof(problem));
    if (mode < 0) {
        return said(problem);
    }
    golden->mode = (enum compare_mode)mode;
    return 0;
}

static int take_tolerance(struct golden *golden) {
    char problem[PROBLEM_BYTES] = "out of memory";
    struct tolerances tolerances = {0};
    int status = tolerances_add(&tolerances, optarg, problem, sizeof(problem));
    tolerances_finish(&tolerances);
    if (status < 0) {
        return said(problem);
    }
    char *before = golden->tolerance;
    char *joined = NULL;
    if (asprintf(&joined, "%s%s%s", before ? before : "", before ? "," : "", optarg) < 0) {
        return no_memory();
    }
    free(before);
    golden->tolerance = joined;
    return 0;
}

/* What verify and update know. */
static int take_option_of_runs(struct golden_request *request, enum golden_option_id id) {
    switch (id) {
    case ID_JOBS:
        return option_number("--jobs", "a number", optarg, 1, GOLDEN_JOBS_MAX, &request->jobs);
    case ID_COLOUR:
        return report_take_colour(&request->report, optarg);
    case ID_FORMAT:
        return report_take_format(&request->report, optarg);
    case ID_OUTPUT:
        request->report.output = optarg;
        return 0;
    case ID_KEEP:
        request->keep = optarg;
        return 0;
    default:
        request->yes = true;
        return 0;
    }
}

/* 0, or negative and the reason was said. */
static int take_option(struct golden_request *request, enum golden_option_id id) {
    switch (id) {
    case ID_MANIFEST:
        request->manifest = optarg;
        return 0;
    case ID_TIMEOUT:
        return option_number("--timeout", "a number", optarg, 1, GOLDEN_TIMEOUT_MAX, &request->timeout);
    case ID_PASS:
        return take_pass(&request->golden);
    case ID_ENVIRONMENT:
        return take_environment(&request->golden);
    case ID_DIRECTORY:
        return take_string(&request->golden.directory);
    case ID_INPUT:
        return take_string(&request->golden.input);
    case ID_MODE:
        return take_mode(&request->golden);
    case ID_IGNORE:
        return strings_add(&request->golden.ignore, optarg) < 0 ? no_memory() : 0;
    case ID_TOLERANCE:
        return take_tolerance(&request->golden);
    case ID_FORCE:
        request->force = true;
        return 0;
    case ID_ONCE:
        request->once = true;
        return 0;
    case ID_NO_FOLLOW:
        request->no_follow = true;
        return 0;
    default:
        return take_option_of_runs(request, id);
    }
}

/* ---------------------------------------------------------------- what is not an option */

static int check_command(const struct golden_request *request) {
    if (request->command && !request->command[0]) {
        diag("there is no program behind --; see renacer-sv golden --help");
        return -EINVAL;
    }
    return 0;
}

/* -f, unless it is there, or must not be. */
static int add_follow(struct golden_request *request) {
    struct golden *golden = &request->golden;
    bool follows;
    if (!golden_options_are_good(golden, &follows)) {
        return -EINVAL;
    }
    if (follows && request->no_follow) {
        return said("-f and --no-follow do not go together");
    }
    if (follows || request->no_follow) {
        return 0;
    }
    if (strings_add(&golden->options, "-f") < 0) {
        return no_memory();
    }
    char *added = golden->options.each[golden->options.count - 1];
    memmove(golden->options.each + 1, golden->options.each, (golden->options.count - 1) * sizeof(added));
    golden->options.each[0] = added;
    return 0;
}

/* NAME, the tracer's options, and the command. */
static int take_recording(struct golden_request *request) {
    struct golden *golden = &request->golden;
    char problem[PROBLEM_BYTES];
    if (request->name_count == 0 || !request->command) {
        diag("golden record takes a name, and a program behind --; see renacer-sv golden --help");
        return -EINVAL;
    }
    if (golden_check_name(request->names[0], problem, sizeof(problem)) < 0) {
        return said(problem);
    }
    if (golden->ignore.count && golden->mode != COMPARE_SEMANTIC) {
        return said("--ignore is for --mode semantic");
    }
    if (golden->tolerance && golden->mode != COMPARE_COUNTS) {
        return said("--tolerance is for --mode counts");
    }
    golden->timeout = request->timeout;
    golden->name = strdup(request->names[0]);
    int status = golden->name ? 0 : -ENOMEM;
    for (size_t i = 0; request->command[i] && status == 0; i++) {
        status = strings_add(&golden->command, request->command[i]);
    }
    for (size_t i = 1; i < request->name_count && status == 0; i++) {
        status = strings_add(&golden->options, request->names[i]);
    }
    return status < 0 ? no_memory() : add_follow(request);
}

/* PATH is passed as well, unless it is set. */
static int complete_pass(struct golden *golden) {
    struct strings pass = {0};
    bool has_path = false;
    for (size_t i = 0; i < golden->environment.count; i++) {
        has_path = has_path || strncmp(golden->environment.each[i], "PATH=", strlen("PATH=")) == 0;
    }
    int status = has_path ? 0 : strings_add(&pass, "PATH");
    for (size_t i = 0; i < golden->pass.count && status == 0; i++) {
        bool is_there = false;
        for (size_t j = 0; j < pass.count; j++) {
            is_there = is_there || strcmp(pass.each[j], golden->pass.each[i]) == 0;
        }
        status = is_there ? 0 : strings_add(&pass, golden->pass.each[i]);
    }
    strings_finish(&golden->pass);
    golden->pass = pass;
    return status < 0 ? no_memory() : 0;
}

static int take_words(struct golden_request *request, char *words[], int count) {
    request->names = words;
    request->name_count = (size_t)count;
    int status = check_command(request);
    if (status < 0) {
        return status;
    }
    if (request->verb == GOLDEN_RECORD) {
        status = take_recording(request);
        return status < 0 ? status : complete_pass(&request->golden);
    }
    if (request->verb == GOLDEN_LIST && (request->name_count || request->command)) {
        return said("golden list takes no names; see renacer-sv golden --help");
    }
    if (request->command && request->name_count != 1) {
        diag("a program behind -- is for one golden trace: golden %s NAME -- PROGRAM", verbs[request->verb]);
        return -EINVAL;
    }
    return 0;
}

/* getopt's tables of what a verb takes; the number of letters' bytes is small. */
static void make_tables(enum golden_verb verb, struct option *names, char *letters) {
    /* '+': behind the name that is recorded stand options of the tracer. */
    letters = stpcpy(letters, verb == GOLDEN_RECORD ? "+:" : ":");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct golden_option *row = &golden_options[i];
        if (!(row->verbs & VERB(verb))) {
            continue;
        }
        *names++ = (struct option){
            .name = row->name, .has_arg = row->has_argument ? required_argument : no_argument, .val = (int)row->id};
        if (row->id >= 'A') {
            *letters++ = (char)row->id;
            if (row->has_argument) {
                *letters++ = ':';
            }
        }
    }
    *names = (struct option){0};
    *letters = 0;
}

/* Take the options that stand first: GOLDEN_PARSED, and optind is behind them. */
static enum golden_parsed take_options(struct golden_request *request, int argc, char *argv[]) {
    struct option names[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 3];
    make_tables(request->verb, names, letters);
    int id;
    optind = 0;
    opterr = 0;
    while ((id = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        if (id == ID_HELP) {
            print_help(stdout);
            return GOLDEN_HELPED;
        }
        if (id == ':') {
            diag("option '%s' needs an argument", argv[optind - 1]);
            return GOLDEN_WRONG;
        }
        if (id == '?') {
            diag("golden %s has no option '%s'; see renacer-sv golden --help", verbs[request->verb], argv[optind - 1]);
            return GOLDEN_WRONG;
        }
        if (take_option(request, (enum golden_option_id)id) < 0) {
            return GOLDEN_WRONG;
        }
    }
    return GOLDEN_PARSED;
}

static const struct option_row *find_letter(char letter) {
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_has_letter(&option_rows[i]) && (char)option_rows[i].id == letter) {
            return &option_rows[i];
        }
    }
    return NULL;
}

/* Whether a word is an option of the tracer whose argument is the next word: the last of some letters, or a name. */
static bool wants_next(const char *word) {
    if (strncmp(word, "--", 2) == 0) {
        bool wants = false;
        for (unsigned i = 0; i < OPTION_ROWS && !wants; i++) {
            const struct option_row *row = &option_rows[i];
            wants = option_is_one(row) && row->argument && strcmp(word + 2, row->name) == 0;
        }
        return wants;
    }
    for (size_t i = 1; word[0] == '-' && word[i]; i++) {
        const struct option_row *row = find_letter(word[i]);
        if (row && row->argument) {
            return !word[i + 1];
        }
    }
    return false;
}

/* How many words from here on are an option of golden's own: 0, 1, or 2 with its argument. */
static int count_own(const char *word) {
    if (strcmp(word, "-h") == 0) {
        return 1;
    }
    if (strncmp(word, "-E", 2) == 0) {
        return word[2] ? 1 : 2;
    }
    for (size_t i = 0; strncmp(word, "--", 2) == 0 && i < OPTION_COUNT; i++) {
        const struct golden_option *row = &golden_options[i];
        size_t length = strlen(row->name);
        if ((row->verbs & VERB(GOLDEN_RECORD)) && strncmp(word + 2, row->name, length) == 0 &&
            (!word[2 + length] || word[2 + length] == '=')) {
            return row->has_argument && !word[2 + length] ? 2 : 1;
        }
    }
    return 0;
}

/* Behind the name stand options of the tracer, and golden's own too for who puts them there: words[0] is the name. The
 * others are put behind the tracer's, as getopt does, and *count is how many come before them. */
static enum golden_parsed take_own_behind(struct golden_request *request, char *words[], int *count) {
    /* As getopt wants it: argv[0] is not looked at. */
    auto_free char **own = calloc((size_t)*count + 2, sizeof(*own));
    if (!own) {
        no_memory();
        return GOLDEN_WRONG;
    }
    own[0] = words[0];
    int own_count = 1;
    int kept = 1;
    for (int i = 1; i < *count;) {
        int take = count_own(words[i]);
        int skip = take ? take : 1 + wants_next(words[i]);
        for (; skip > 0 && i < *count; skip--, i++) {
            char **place = take ? &own[own_count++] : &words[kept++];
            *place = words[i];
        }
    }
    *count = kept;
    return take_options(request, own_count, own);
}

static enum golden_parsed parse_options(struct golden_request *request, int argc, char *argv[]) {
    enum golden_parsed parsed = take_options(request, argc, argv);
    char **words = argv + optind;
    int count = argc - optind;
    if (parsed == GOLDEN_PARSED && request->verb == GOLDEN_RECORD && count > 1) {
        parsed = take_own_behind(request, words, &count);
    }
    if (parsed != GOLDEN_PARSED) {
        return parsed;
    }
    return take_words(request, words, count) < 0 ? GOLDEN_WRONG : GOLDEN_PARSED;
}

enum golden_parsed golden_request_parse(struct golden_request *request, int argc, char *argv[]) {
    *request = (struct golden_request){.manifest = "golden/manifest.toml", .golden.mode = COMPARE_EXACT};
    if (argc < 3) {
        diag("golden takes record, verify, update or list; see renacer-sv golden --help");
        return GOLDEN_WRONG;
    }
    if (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0) {
        print_help(stdout);
        return GOLDEN_HELPED;
    }
    int verb = option_word("golden", verbs, argv[2]);
    if (verb < 0) {
        return GOLDEN_WRONG;
    }
    request->verb = (enum golden_verb)verb;
    /* What is behind "--" is none of getopt's business, which changes the order of words. */
    int end = 3;
    while (end < argc && strcmp(argv[end], "--") != 0) {
        end++;
    }
    request->command = end < argc ? argv + end + 1 : NULL;
    return parse_options(request, end - 2, argv + 2);
}

void golden_request_finish(struct golden_request *request) {
    golden_finish(&request->golden);
}
