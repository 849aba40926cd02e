/* SPDX-License-Identifier: MIT
 *
 * renacer-sv check: the command line, and what is done in which order.
 */
#include "check_command.h"

#include "check.h"
#include "cleanup.h"
#include "diag.h"
#include "launcher.h"
#include "option_word.h"
#include "printable.h"
#include "program_runs.h"
#include "report_request.h"
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

static const char standard_file[] = "renacer.toml";

struct request {
    const char *config;
    const char *golden;
    const char *keep;
    struct report_request report;
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
static int take_option(void *of, int id) {
    struct request *request = of;
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
        return report_take_format(&request->report, optarg);
    case ID_OUTPUT:
        request->report.output = optarg;
        return 0;
    case ID_COLOUR:
        return report_take_colour(&request->report, optarg);
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
    const char *const files[] = {request->config ? request->config : standard_file, request->golden};
    int status = report_check_output(&request->report, request->quiet, files, sizeof(files) / sizeof(files[0]));
    return status < 0 ? status
                      : report_check_output(&request->report, request->quiet, (const char *const *)request->traces,
                                            request->trace_count);
}

/* Options, and behind "--" a program, whose own options stay its own. */
static enum verb_parsed parse(struct request *request, int argc, char *argv[]) {
    int end = 2; /* behind the verb */
    while (end < argc && strcmp(argv[end], "--") != 0) {
        end++;
    }
    request->command = end < argc ? argv + end + 1 : NULL;
    enum verb_parsed parsed = verb_parse_options(end, argv, ":c:o:qh", long_options, take_option, request);
    if (parsed == VERB_RUN && take_subjects(request, end - optind, argv + optind) < 0) {
        parsed = VERB_BAD;
    }
    return parsed;
}

/* ---------------------------------------------------------------------- the check */

/* All that is checked. */
struct checks {
    const struct request *request;
    const struct budget_file *file;
    struct checked *each;
    size_t count;
};

/* Why something cannot be checked, unless the report says so at the same place. */
static void say_problem(const struct request *request, const char *problem) {
    if (request->quiet || request->report.output || request->report.format != REPORT_TEXT) {
        diag("%s", problem);
    }
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
    struct checked *checked = &checks->each[checks->count++];
    int status = check_traces(checked, &request);
    if (status < 0) {
        diag("out of memory");
    } else if (checked->problem) {
        say_problem(checks->request, checked->problem);
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
        return check_runs(checks, traces[0], basename(traces[0]), traces, request->trace_count);
    }
    int status = 0;
    for (size_t i = 0; i < request->trace_count && status == 0; i++) {
        if (checks->file->fail_fast && has_violation(checks)) {
            diag("%zu more traces are not checked: fail_fast", request->trace_count - i);
            break;
        }
        status = check_runs(checks, traces[i], basename(traces[i]), traces + i, 1);
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

/* A program that has failed may have spent little because of that: a sentence if it was killed, which says all, else
 * that is only told. */
static void look_at_ends(const char *subject, const struct program_runs *program, char *problem, size_t size) {
    for (size_t i = 0; i < program->count; i++) {
        int wait_status = program->wait_statuses[i];
        char run[32] = "";
        if (program->count > 1) {
            snprintf(run, sizeof(run), " (run %zu)", i + 1);
        }
        if (WIFSIGNALED(wait_status) && !problem[0]) {
            snprintf(problem, size, "%s was killed by SIG%s%s: what it has spent says nothing", subject,
                     sigabbrev_np(WTERMSIG(wait_status)), run);
        } else if (!WIFSIGNALED(wait_status) && WEXITSTATUS(wait_status)) {
            diag("%s ended with exit status %d%s", subject, WEXITSTATUS(wait_status), run);
        }
    }
}

/* Run it: 0, also if it cannot be, and `problem` says why; -EINTR, and nothing to say; -ENOMEM. */
static int run_program(const struct request *request, const struct budget_file *file, const char *subject,
                       struct program_runs *program, struct ending_signals *signals, char *problem, size_t size) {
    int status;
    auto_free char *path = launcher_find(request->command[0], &status);
    if (!path) {
        snprintf(problem, size, "cannot find a program '%s': %s", request->command[0], strerror(errno));
        return 0;
    }
    bool by_path = false;
    for (size_t i = 0; i < file->count; i++) {
        by_path |= file->budgets[i].path_count > 0;
    }
    status = program_runs_record(program, request->command, by_path, request->runs ? request->runs : 1, request->keep,
                                 signals, problem, size);
    if (signals->got || status == -ENOMEM) {
        return signals->got ? -EINTR : -ENOMEM;
    }
    if (status < 0 && !problem[0]) {
        snprintf(problem, size, "%s", strerror(-status));
    }
    if (status == 0) {
        look_at_ends(subject, program, problem, size);
    }
    return 0;
}

/* A program that is run now; its traces have to stay until the report is written. */
static int check_program(struct checks *checks, struct program_runs *program, struct ending_signals *signals) {
    const struct request *request = checks->request;
    char problem[PROBLEM_BYTES] = "";
    auto_free char *name = NULL;
    auto_free char *subject = join(request->command);
    int status = -ENOMEM;
    if (subject && asprintf(&name, "%s.json", basename(request->command[0])) >= 0) {
        status = run_program(request, checks->file, subject, program, signals, problem, sizeof(problem));
    } else {
        name = NULL;
    }
    if (status == 0 && !problem[0]) {
        return check_runs(checks, subject, name, (const char *const *)program->traces, program->count);
    }
    if (status == 0) {
        struct checked *checked = &checks->each[checks->count++];
        checked->subject = strdup(subject);
        checked->problem = strdup(problem);
        status = checked->subject && checked->problem ? 0 : -ENOMEM;
        say_problem(request, problem);
    }
    if (status == -ENOMEM) {
        diag("out of memory");
    }
    return status;
}

/* ------------------------------------------------------------------------- the report */

static struct check_report report_of(const struct checks *checks, bool colour) {
    return (struct check_report){.file = checks->file,
                                 .checked = checks->each,
                                 .count = checks->count,
                                 .explain = checks->request->explain,
                                 .colour = colour};
}

static void write_text(const void *of, bool colour, FILE *stream) {
    const struct check_report report = report_of(of, colour);
    check_report_text(&report, stream);
}

static bool write_json(const void *of, FILE *stream) {
    const struct check_report report = report_of(of, false);
    return check_report_json(&report, stream);
}

static int fill_findings(const void *of, enum report_format format, struct findings *suites) {
    (void)format;
    const struct check_report report = report_of(of, false);
    return check_findings(&report, suites);
}

static const struct report_forms forms = {write_text, write_json, fill_findings};

/* ------------------------------------------------------------------------ the command */

static void say_notes(const struct budget_file *file) {
    for (size_t i = 0; i < file->note_count; i++) {
        const struct budget_note *note = &file->notes[i];
        diag("%s:%u: %s", file->path, note->line, note->text);
    }
}

/* The budgets of the file. 0, or negative and the reason was said. */
static int read_budgets(const struct request *request, struct budget_file *file) {
    char problem[PROBLEM_BYTES] = "";
    if (!request->config && access(standard_file, F_OK) < 0) {
        diag("there is no %s here; -c FILE names the file of budgets", standard_file);
        return -ENOENT;
    }
    int status = budget_file_read(file, request->config ? request->config : standard_file, problem, sizeof(problem));
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
        status = report_put(&request->report, &forms, &checks, checks.count);
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
    enum verb_parsed parsed = parse(&request, argc, argv);
    if (parsed == VERB_HELP) {
        print_help(stdout);
        return fflush(stdout) == 0 ? STATUS_KEPT : STATUS_UNUSABLE;
    }
    return parsed == VERB_RUN ? check_request(&request) : STATUS_UNUSABLE;
}
