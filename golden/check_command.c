/* SPDX-License-Identifier: MIT
 *
 * renacer-sv check: the command line, and what is done in which order.
 */
#include "check_command.h"

#include "check.h"
#include "cleanup.h"
#include "colour.h"
#include "diag.h"
#include "launcher.h"
#include "option_word.h"
#include "printable.h"
#include "program_runs.h"
#include "report_file.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STATUS_KEPT = 0,
    STATUS_VIOLATED = 1,
    STATUS_UNUSABLE = 2,
    PROBLEM_BYTES = 1024,
    RUNS_MOST = 1000,
};

enum format {
    FORMAT_TEXT,
    FORMAT_JSON,
    FORMAT_JUNIT,
    FORMAT_GITHUB,
};

struct request {
    const char *config;
    const char *golden;
    const char *output;
    const char *keep;
    enum format format;
    enum colour colour;
    bool explain;
    bool quiet;
    unsigned runs;  /* 0: not given */
    char **command; /* NULL-terminated; NULL: there are traces */
    char **traces;
    size_t trace_count;
};

/* ------------------------------------------------------------------- the options */

enum option_id {
    ID_CONFIG = 'c',
    ID_GOLDEN = 'g',
    ID_RUNS = 'n',
    ID_EXPLAIN = 'x',
    ID_FORMAT = 'F',
    ID_OUTPUT = 'o',
    ID_COLOUR = 'C',
    ID_KEEP = 'k',
    ID_QUIET = 'q',
    ID_HELP = 'h',
};

/* Of the letters, -c, -o, -q and -h are for users. */
static const struct option long_options[] = {{"config", required_argument, NULL, ID_CONFIG},
                                             {"golden", required_argument, NULL, ID_GOLDEN},
                                             {"runs", required_argument, NULL, ID_RUNS},
                                             {"explain", no_argument, NULL, ID_EXPLAIN},
                                             {"format", required_argument, NULL, ID_FORMAT},
                                             {"output", required_argument, NULL, ID_OUTPUT},
                                             {"color", required_argument, NULL, ID_COLOUR},
                                             {"keep", required_argument, NULL, ID_KEEP},
                                             {"quiet", no_argument, NULL, ID_QUIET},
                                             {"help", no_argument, NULL, ID_HELP},
                                             {0}};

static void print_help(FILE *stream) {
    fputs("Usage: renacer-sv check [OPTION]... TRACE...\n"
          "       renacer-sv check [OPTION]... -- PROGRAM [ARGUMENT]...\n"
          "Say whether traces keep the budgets of a file: calls, errors, time, memory, bytes,\n"
          "required and forbidden calls, anti-patterns. Each TRACE (JSON or JSON Lines, of\n"
          "renacer-sv or renacer; - is standard input) is checked by itself; a PROGRAM is\n"
          "run and traced first.\n"
          "\n"
          "  -c, --config FILE   the budgets (renacer.toml)\n"
          "  --golden FILE       the golden trace that limits are relative to\n"
          "  --runs N            run PROGRAM N times, or take N traces as runs of one program:\n"
          "                      the median of times counts, and the most of all else\n"
          "  --explain           say from which calls each budget was measured\n"
          "  --format text|json|junit|github\n"
          "                      form of the report (text)\n"
          "  -o, --output FILE   write the report to FILE\n"
          "  --color auto|always|never\n"
          "                      colours in text (auto: on a terminal, unless NO_COLOR is set)\n"
          "  --keep DIR          keep the traces of PROGRAM in DIR\n"
          "  -q, --quiet         no report: the exit status alone\n"
          "  -h, --help          print this help\n"
          "\n"
          "The exit status is 0 if all budgets are kept, 1 if one is violated, 2 if that\n"
          "cannot be told. A program that is called check is traced with renacer-sv -- check.\n"
          "See renacer-sv-check(1).\n",
          stream);
}

/* 0, or negative and the reason was said. */
static int take_option(struct request *request, int id) {
    static const char *const formats[] = {"text", "json", "junit", "github", NULL};
    static const char *const colours[] = {"auto", "always", "never", NULL};
    int index = 0;
    switch (id) {
    case ID_CONFIG:
        request->config = optarg;
        return 0;
    case ID_GOLDEN:
        request->golden = optarg;
        return 0;
    case ID_RUNS:
        return option_number("--runs", "a number", optarg, 1, RUNS_MOST, &request->runs);
    case ID_EXPLAIN:
        request->explain = true;
        return 0;
    case ID_FORMAT:
        index = option_word("--format", formats, optarg);
        request->format = index < 0 ? FORMAT_TEXT : (enum format)index;
        return index;
    case ID_OUTPUT:
        request->output = optarg;
        return 0;
    case ID_COLOUR:
        index = option_word("--color", colours, optarg);
        request->colour = index < 0 ? COLOUR_AUTO : (enum colour)index;
        return index;
    case ID_KEEP:
        request->keep = optarg;
        return 0;
    default:
        request->quiet = true;
        return 0;
    }
}

/* What is to be checked: a program behind "--", or traces. 0, or negative and the reason was said. */
static int take_subjects(struct request *request, int count, char *words[]) {
    request->traces = words;
    request->trace_count = (size_t)count;
    if (request->command && count) {
        diag("check takes traces or a program behind --, not both");
        return -EINVAL;
    }
    if (request->command ? !request->command[0] : !count) {
        diag("check takes a trace, or a program behind --; see renacer-sv check --help");
        return -EINVAL;
    }
    if (request->keep && !request->command) {
        diag("--keep is for a program that is run");
        return -EINVAL;
    }
    if (request->runs && !request->command && request->runs != request->trace_count) {
        diag("--runs %u takes %u traces of one program, or the program behind --, not %zu traces", request->runs,
             request->runs, request->trace_count);
        return -EINVAL;
    }
    return 0;
}

enum verdict_of_parsing {
    PARSED_RUN,
    PARSED_HELP,
    PARSED_BAD,
};

static enum verdict_of_parsing parse(struct request *request, int argc, char *argv[]) {
    int end = 2; /* behind the verb */
    while (end < argc && strcmp(argv[end], "--") != 0) {
        end++;
    }
    request->command = end < argc ? argv + end + 1 : NULL;
    int id;
    optind = 2;
    opterr = 0;
    while ((id = getopt_long(end, argv, ":c:o:qh", long_options, NULL)) != -1) {
        if (id == ID_HELP) {
            return PARSED_HELP;
        }
        if (id == ':') {
            diag("option '%s' needs an argument", argv[optind - 1]);
            return PARSED_BAD;
        }
        if (id == '?') {
            diag("check has no option '%s'; see renacer-sv check --help", argv[optind - 1]);
            return PARSED_BAD;
        }
        if (take_option(request, id) < 0) {
            return PARSED_BAD;
        }
    }
    return take_subjects(request, end - optind, argv + optind) < 0 ? PARSED_BAD : PARSED_RUN;
}

/* ---------------------------------------------------------------------- the check */

/* All that is checked. */
struct checks {
    const struct request *request;
    const struct budget_file *file;
    struct checked *each;
    size_t count;
};

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Check `count` runs. 0, or negative and the reason was said. */
static int check_runs(struct checks *checks, const char *subject, const char *name, const char *const *traces,
                      size_t count) {
    const struct check_request request = {.file = checks->file,
                                          .subject = subject,
                                          .name = name,
                                          .traces = traces,
                                          .count = count,
                                          .golden = checks->request->golden};
    char problem[PROBLEM_BYTES] = "";
    int status = check_traces(&checks->each[checks->count++], &request, problem, sizeof(problem));
    if (status < 0) {
        diag("%s", problem[0] ? problem : strerror(-status));
    }
    return status;
}

static bool has_violation(const struct checks *checks) {
    return check_outcome(checks->each, checks->count) == CHECK_VIOLATED;
}

/* Traces that are there already. */
static int check_given(struct checks *checks) {
    const struct request *request = checks->request;
    const char *const *traces = (const char *const *)request->traces;
    if (request->runs) {
        return check_runs(checks, traces[0], base_name(traces[0]), traces, request->trace_count);
    }
    int status = 0;
    for (size_t i = 0; i < request->trace_count && status == 0; i++) {
        if (checks->file->fail_fast && has_violation(checks)) {
            diag("%zu more traces are not checked: fail_fast", request->trace_count - i);
            break;
        }
        status = check_runs(checks, traces[i], base_name(traces[i]), traces + i, 1);
    }
    return status;
}

/* "PROGRAM ARGUMENT..." */
static char *join(char *const *words) {
    struct text text = {0};
    for (size_t i = 0; words[i]; i++) {
        text_add_string(&text, i ? " " : "");
        printable_add(&text, words[i], strlen(words[i]), false);
    }
    if (text.failed) {
        text_finish(&text);
    }
    return text.bytes;
}

/* A program that has failed may have spent little because of that. 0, or negative and the reason was said. */
static int look_at_end(const char *subject, int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        diag("%s was killed by SIG%s: what it has spent says nothing", subject, sigabbrev_np(WTERMSIG(wait_status)));
        return -ECANCELED;
    }
    if (WEXITSTATUS(wait_status)) {
        diag("%s ended with exit status %d", subject, WEXITSTATUS(wait_status));
    }
    return 0;
}

/* A program that is run now; its traces have to stay until the report is written. */
static int check_program(struct checks *checks, struct program_runs *program, struct ending_signals *signals) {
    const struct request *request = checks->request;
    char problem[PROBLEM_BYTES] = "";
    auto_free char *name = NULL;
    auto_free char *subject = join(request->command);
    if (!subject || asprintf(&name, "%s.json", base_name(request->command[0])) < 0) {
        name = NULL;
        diag("out of memory");
        return -ENOMEM;
    }
    int status;
    auto_free char *path = launcher_find(request->command[0], &status);
    if (!path) {
        diag_errno(errno, "cannot find a program '%s'", request->command[0]);
        return -ENOENT;
    }
    status = program_runs_record(program, request->command, request->runs ? request->runs : 1, request->keep, signals,
                                 problem, sizeof(problem));
    if (status < 0) {
        if (!signals->got) {
            diag("%s", problem[0] ? problem : strerror(-status));
        }
        return status;
    }
    status = look_at_end(subject, program->wait_status);
    return status < 0 ? status
                      : check_runs(checks, subject, name, (const char *const *)program->traces, program->count);
}

/* ------------------------------------------------------------------------- the report */

static int write_findings(const struct check_report *report, enum format format, FILE *stream) {
    auto_free struct findings *suites = calloc(report->count, sizeof(*suites));
    int status = suites ? check_findings(report, suites) : -ENOMEM;
    if (status == 0 && format == FORMAT_JUNIT) {
        status = report_junit(suites, report->count, stream) ? 0 : -ENOMEM;
    } else if (status == 0) {
        report_github(suites, report->count, stream);
    }
    for (size_t i = 0; suites && i < report->count; i++) {
        findings_finish(&suites[i]);
    }
    return status;
}

/* 0 or -errno. */
static int write_report(const struct checks *checks, FILE *stream, bool colour) {
    const struct check_report report = {.file = checks->file,
                                        .checked = checks->each,
                                        .count = checks->count,
                                        .explain = checks->request->explain,
                                        .colour = colour};
    switch (checks->request->format) {
    case FORMAT_TEXT:
        check_report_text(&report, stream);
        return 0;
    case FORMAT_JSON:
        return check_report_json(&report, stream) ? 0 : -ENOMEM;
    default:
        return write_findings(&report, checks->request->format, stream);
    }
}

/* 0, or negative and the reason was said. */
static int put_report(const struct checks *checks) {
    const struct request *request = checks->request;
    struct report_file file;
    int status = report_file_begin(&file, request->output);
    if (status == 0) {
        bool colour = colour_wanted(request->colour, request->output ? -1 : STDOUT_FILENO);
        status = write_report(checks, file.stream, colour);
        if (status < 0) {
            report_file_abandon(&file);
        } else {
            status = report_file_finish(&file);
        }
    }
    if (status < 0) {
        diag_errno(-status, "cannot write the report%s%s%s", request->output ? " to '" : "",
                   request->output ? request->output : "", request->output ? "'" : "");
    }
    return status;
}

/* ------------------------------------------------------------------------ the command */

static void say_notes(const struct budget_file *file) {
    for (size_t i = 0; i < file->note_count; i++) {
        const struct budget_note *note = &file->notes[i];
        diag("%s:%u: %s", file->path, note->line, note->text);
    }
}

/* The budgets of the file. 0, or negative and the reason was said. */
static int read_budgets(const struct request *request, struct budget_file *file) {
    static const char standard[] = "renacer.toml";
    char problem[PROBLEM_BYTES] = "";
    if (!request->config && access(standard, F_OK) < 0) {
        diag("there is no %s here; -c FILE names the file of budgets", standard);
        return -ENOENT;
    }
    int status = budget_file_read(file, request->config ? request->config : standard, problem, sizeof(problem));
    if (!request->quiet) {
        say_notes(file);
    }
    if (status < 0) {
        diag("%s", problem[0] ? problem : strerror(-status));
    }
    return status;
}

static int check_and_report(const struct request *request, const struct budget_file *file, struct program_runs *program,
                            struct ending_signals *signals) {
    static const int statuses[] = {
        [CHECK_KEPT] = STATUS_KEPT, [CHECK_VIOLATED] = STATUS_VIOLATED, [CHECK_UNTOLD] = STATUS_UNUSABLE};
    struct checks checks = {.request = request, .file = file};
    checks.each = calloc(request->command ? 1 : request->trace_count, sizeof(*checks.each));
    if (!checks.each) {
        diag("out of memory");
        return STATUS_UNUSABLE;
    }
    int status = request->command ? check_program(&checks, program, signals) : check_given(&checks);
    if (status == 0 && !request->quiet) {
        status = put_report(&checks);
    }
    int result = status < 0 ? STATUS_UNUSABLE : statuses[check_outcome(checks.each, checks.count)];
    for (size_t i = 0; i < checks.count; i++) {
        checked_finish(&checks.each[i], file);
    }
    free(checks.each);
    return result;
}

static int check_request(const struct request *request) {
    struct budget_file file = {0};
    struct program_runs program = {0};
    struct ending_signals signals = {.fd = -1};
    int result = STATUS_UNUSABLE;
    int status = request->command ? ending_signals_begin(&signals) : 0;
    if (status < 0) {
        diag_errno(-status, "cannot watch signals");
    } else if (read_budgets(request, &file) == 0) {
        result = check_and_report(request, &file, &program, &signals);
    }
    program_runs_finish(&program);
    budget_file_finish(&file);
    if (request->command && status == 0) {
        ending_signals_end(&signals);
    }
    return result;
}

int check_run(int argc, char *argv[]) {
    struct request request = {0};
    switch (parse(&request, argc, argv)) {
    case PARSED_HELP:
        print_help(stdout);
        return fflush(stdout) == 0 ? STATUS_KEPT : STATUS_UNUSABLE;
    case PARSED_RUN:
        return check_request(&request);
    default:
        return STATUS_UNUSABLE;
    }
}
