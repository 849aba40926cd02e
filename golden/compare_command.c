/* SPDX-License-Identifier: MIT */
#include "compare_command.h"

#include "cleanup.h"
#include "colour.h"
#include "compare_paths.h"
#include "comparison_findings.h"
#include "diag.h"
#include "option_word.h"
#include "report.h"
#include "report_request.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATUS_EQUIVALENT = 0,
    STATUS_DIFFERENT = 1,
    STATUS_UNUSABLE = 2,
    PROBLEM_BYTES = 1024,
    CONTEXT_MOST = 1000,
};

struct request {
    enum compare_mode mode;
    struct report_request report;
    bool quiet;
    struct exact_options exact;
    struct tolerances tolerances;
    const char **ignore;
    size_t ignore_count;
    const char *path[SIDES];
    /* Which options were given that only one mode knows. */
    const char *given[COMPARE_COUNTS + 1];
};

static void request_finish(struct request *request) {
    tolerances_finish(&request->tolerances);
    free(request->ignore);
}

/* ------------------------------------------------------------------- the options */

enum option_id {
    ID_MODE = 'm',
    ID_FORMAT = 'F',
    ID_OUTPUT = 'o',
    ID_COLOUR = 'C',
    ID_QUIET = 'q',
    ID_CONTEXT = 'U',
    ID_TOLERANCE = 't',
    ID_IGNORE = 'i',
    ID_HELP = 'h',
};

/* Of the letters, -o, -q, -U and -h are for users. */
static const struct option long_options[] = {{"mode", required_argument, NULL, ID_MODE},
                                             {"format", required_argument, NULL, ID_FORMAT},
                                             {"output", required_argument, NULL, ID_OUTPUT},
                                             {"color", required_argument, NULL, ID_COLOUR},
                                             {"quiet", no_argument, NULL, ID_QUIET},
                                             {"context", required_argument, NULL, ID_CONTEXT},
                                             {"tolerance", required_argument, NULL, ID_TOLERANCE},
                                             {"ignore", required_argument, NULL, ID_IGNORE},
                                             {"help", no_argument, NULL, ID_HELP},
                                             {0}};

static void print_help(FILE *stream) {
    fputs("Usage: renacer-sv compare [OPTION]... GOLDEN NEW\n"
          "Say whether two traces (JSON or JSON Lines, of renacer-sv or renacer) are of\n"
          "programs that do the same, and where they differ. - is standard input.\n"
          "\n"
          "  --mode semantic|exact|counts  what is compared (semantic):\n"
          "                      semantic  what can be observed from outside: bytes written,\n"
          "                                files, network peers, programs, signals, exit status\n"
          "                      exact     every call, after normalisation\n"
          "                      counts    how often each call was made\n"
          "  --format text|json|junit|github  form of the report (text); junit is XML that CI\n"
          "                                systems read, github annotations in GitHub Actions\n"
          "  -o, --output FILE             the report goes to FILE, which is replaced when it\n"
          "                                is whole\n"
          "  --color auto|always|never     colours in text (auto: on a terminal, unless\n"
          "                                NO_COLOR is set)\n"
          "  -q, --quiet                   no report: the exit status alone\n"
          "  -U, --context N               exact: calls around a difference (3)\n"
          "  --tolerance LIMIT[,LIMIT]...  counts: by how much they may differ: 10% or 3 for\n"
          "                                all calls, write=2 or mmap=50% for one\n"
          "  --ignore PATTERN              semantic: files, addresses and programs that do\n"
          "                                not count (a shell's pattern); may be repeated\n"
          "  -h, --help                    print this help\n"
          "\n"
          "The exit status is 0 if they are equivalent, 1 if they are not, 2 if that cannot\n"
          "be told. A program that is called compare is traced with renacer-sv -- compare.\n"
          "See renacer-sv-compare(1).\n",
          stream);
}

static int take_mode(struct request *request, const char *word) {
    char problem[PROBLEM_BYTES];
    int mode = compare_mode_parse("--mode", word, problem, sizeof(problem));
    if (mode < 0) {
        diag("%s", problem);
        return mode;
    }
    request->mode = (enum compare_mode)mode;
    return 0;
}

static int take_context(struct request *request, const char *text) {
    request->given[COMPARE_EXACT] = "--context";
    return option_number("--context", "a number of calls", text, 0, CONTEXT_MOST, &request->exact.context);
}

static int take_ignore(struct request *request, const char *pattern) {
    const char **ignore = reallocarray(request->ignore, request->ignore_count + 1, sizeof(*ignore));
    if (!ignore) {
        diag("out of memory");
        return -ENOMEM;
    }
    request->ignore = ignore;
    request->ignore[request->ignore_count++] = pattern;
    request->given[COMPARE_SEMANTIC] = "--ignore";
    return 0;
}

static int take_tolerance(struct request *request, const char *list) {
    char problem[PROBLEM_BYTES] = "out of memory";
    int status = tolerances_add(&request->tolerances, list, problem, sizeof(problem));
    if (status < 0) {
        diag("%s", problem);
    }
    request->given[COMPARE_COUNTS] = "--tolerance";
    return status;
}

/* 0, or negative and the reason was said. */
static int take_option(void *of, int id) {
    struct request *request = of;
    switch (id) {
    case ID_MODE:
        return take_mode(request, optarg);
    case ID_FORMAT:
        return report_take_format(&request->report, optarg);
    case ID_OUTPUT:
        request->report.output = optarg;
        return 0;
    case ID_COLOUR:
        return report_take_colour(&request->report, optarg);
    case ID_QUIET:
        request->quiet = true;
        return 0;
    case ID_CONTEXT:
        return take_context(request, optarg);
    case ID_TOLERANCE:
        return take_tolerance(request, optarg);
    default:
        return take_ignore(request, optarg);
    }
}

/* The two traces, and options that go together. */
static int take_traces(struct request *request, int argc, char *argv[]) {
    if (argc - optind != SIDES) {
        diag("compare takes two traces, the golden one and the new one, not %d; see renacer-sv compare --help",
             argc - optind);
        return -EINVAL;
    }
    for (enum side side = 0; side < SIDES; side++) {
        request->path[side] = argv[optind + (int)side];
    }
    if (strcmp(request->path[SIDE_GOLDEN], "-") == 0 && strcmp(request->path[SIDE_NEW], "-") == 0) {
        diag("standard input can be one of the traces, not both");
        return -EINVAL;
    }
    for (enum compare_mode mode = COMPARE_SEMANTIC; mode <= COMPARE_COUNTS; mode++) {
        if (request->given[mode] && mode != request->mode) {
            diag("%s is for --mode %s", request->given[mode], compare_mode_name(mode));
            return -EINVAL;
        }
    }
    return report_check_output(&request->report, request->quiet, request->path, SIDES);
}

/* ------------------------------------------------------------------- the command */

/* What was compared, and what came out. */
struct outcome {
    const struct request *request;
    struct comparison comparison;
};

static void write_text(const void *of, bool colour, FILE *stream) {
    const struct outcome *outcome = of;
    report_text(&outcome->comparison, colour, stream);
}

static bool write_json(const void *of, FILE *stream) {
    const struct outcome *outcome = of;
    return report_json(&outcome->comparison, stream);
}

/* One case for the comparison, or an annotation for each difference. 0 or -ENOMEM. */
static int fill_findings(const void *of, enum report_format format, struct findings *suite) {
    const struct outcome *outcome = of;
    const char *const *path = outcome->request->path;
    const char *shown[SIDES];
    auto_free char *name = NULL;
    if (asprintf(&name, "compare %s %s", path[SIDE_GOLDEN], path[SIDE_NEW]) < 0) {
        name = NULL;
        return -ENOMEM;
    }
    for (enum side side = 0; side < SIDES; side++) {
        shown[side] = strcmp(path[side], "-") == 0 ? NULL : path[side];
    }
    int status = findings_begin(suite, name);
    if (status == 0 && format == REPORT_JUNIT) {
        const struct finding finding = {
            .name = compare_mode_name(outcome->comparison.mode), .file = shown[SIDE_GOLDEN], .seconds = -1};
        return comparison_add_finding(&outcome->comparison, &finding, suite);
    }
    status = status < 0 ? status : comparison_add_differences(&outcome->comparison, shown, ANNOTATIONS_MAX, suite);
    return status < 0 ? status : comparison_conclude(&outcome->comparison, suite);
}

static const struct report_forms forms = {write_text, write_json, fill_findings};

static int compare_files(const struct request *request) {
    const struct compare_options options = {.mode = request->mode,
                                            .exact = request->exact,
                                            .semantic = {request->ignore, request->ignore_count},
                                            .tolerances = request->tolerances};
    struct outcome outcome = {.request = request};
    char problem[PROBLEM_BYTES] = "";
    int status = compare_paths(&outcome.comparison, &options, request->path, problem, sizeof(problem));
    int result = comparison_equivalent(&outcome.comparison) ? STATUS_EQUIVALENT : STATUS_DIFFERENT;
    if (status < 0) {
        diag("%s", problem);
        result = STATUS_UNUSABLE;
    } else if (!request->quiet && report_put(&request->report, &forms, &outcome, 1) < 0) {
        result = STATUS_UNUSABLE;
    }
    comparison_finish(&outcome.comparison);
    return result;
}

int compare_run(int argc, char *argv[]) {
    struct request request = {.exact.context = COMPARE_CONTEXT_STANDARD};
    int result = STATUS_UNUSABLE;
    enum verb_parsed parsed = verb_parse_options(argc, argv, ":qhU:o:", long_options, take_option, &request);
    if (parsed == VERB_HELP) {
        print_help(stdout);
        result = fflush(stdout) == 0 ? STATUS_EQUIVALENT : STATUS_UNUSABLE;
    } else if (parsed == VERB_RUN && take_traces(&request, argc, argv) == 0) {
        result = compare_files(&request);
    }
    request_finish(&request);
    return result;
}
