/* SPDX-License-Identifier: MIT */
#include "golden_command.h"

#include "cleanup.h"
#include "diag.h"
#include "files.h"
#include "golden_report.h"
#include "report_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROBLEM_BYTES = 1024,
};

/* What is to be run: those that have a trace. 0 or -ENOMEM. */
static int prepare(const struct golden_choice *choice, struct golden_runs *runs, struct golden_results *results) {
    for (size_t i = 0; i < choice->count; i++) {
        struct golden_run *run = &runs->each[i];
        struct golden_result *result = &results->each[i];
        run->golden = &choice->each[i];
        result->run = run;
        result->golden_trace = manifest_trace_path(&choice->manifest, run->golden->name);
        if (!result->golden_trace) {
            return -ENOMEM;
        }
        if (access(result->golden_trace, R_OK) < 0) {
            char problem[PROBLEM_BYTES];
            snprintf(problem, sizeof(problem), "cannot read its trace '%s': %s; renacer-sv golden update %s makes it",
                     result->golden_trace, strerrordesc_np(errno), run->golden->name);
            golden_run_fail(run, -ENOENT, problem);
            run->skip = true;
        }
    }
    return 0;
}

/* By bytes, and if these differ by its mode. */
static void compare_run(struct golden_run *run, struct golden_result *result) {
    char problem[PROBLEM_BYTES];
    result->verdict = VERDICT_BROKEN;
    if (run->status < 0) {
        return;
    }
    int same = file_is_same(result->golden_trace, run->trace, problem, sizeof(problem));
    if (same > 0) {
        result->verdict = VERDICT_SAME;
        return;
    }
    struct compare_options options = {0};
    const char *const paths[SIDES] = {result->golden_trace, run->trace};
    int status = same < 0 ? same : golden_compare_options(run->golden, &options, problem, sizeof(problem));
    if (status == 0) {
        status = compare_paths(&result->comparison, &options, paths, problem, sizeof(problem));
    }
    tolerances_finish(&options.tolerances);
    if (status < 0) {
        golden_run_fail(run, status, problem);
        return;
    }
    result->verdict = comparison_equivalent(&result->comparison) ? VERDICT_EQUIVALENT : VERDICT_DIFFERENT;
}

/* DIR/NAME.json of those that differ. 0, or -errno and that was said. */
static int keep_traces(const char *folder, struct golden_results *results) {
    char problem[PROBLEM_BYTES];
    int status = 0;
    for (size_t i = 0; i < results->count && status == 0; i++) {
        struct golden_result *result = &results->each[i];
        if (result->verdict != VERDICT_DIFFERENT) {
            continue;
        }
        snprintf(problem, sizeof(problem), "out of memory");
        if (asprintf(&result->kept, "%s/%s.json", folder, result->run->golden->name) < 0) {
            result->kept = NULL;
            status = -ENOMEM;
        }
        status = status < 0 ? status : folder_make(folder, problem, sizeof(problem));
        status = status < 0 ? status : file_copy(result->run->trace, result->kept, problem, sizeof(problem));
        if (status < 0) {
            diag("%s", problem);
        }
    }
    return status;
}

static void write_text(const void *of, bool colour, FILE *stream) {
    golden_report_text(of, colour, stream);
}

static bool write_json(const void *of, FILE *stream) {
    return golden_report_json(of, stream);
}

static int fill_findings(const void *of, enum report_format format, struct findings *suite) {
    (void)format;
    return golden_results_find(of, suite);
}

static const struct report_forms forms = {write_text, write_json, fill_findings};

static int verify(const struct golden_request *request, struct golden_runs *runs, struct golden_results *results,
                  struct ending_signals *signals) {
    const struct golden_run_options options = {
        .jobs = request->jobs, .timeout = request->timeout, .progress = isatty(STDERR_FILENO) == 1};
    int status = golden_runs_perform(runs, &options, signals);
    if (status < 0) {
        if (!signals->got) {
            diag_errno(-status, "the programs cannot be run");
        }
        return GOLDEN_UNUSABLE;
    }
    for (size_t i = 0; i < runs->count; i++) {
        compare_run(&runs->each[i], &results->each[i]);
        if (ending_signals_came(signals)) {
            return GOLDEN_UNUSABLE;
        }
    }
    if ((request->keep && keep_traces(request->keep, results) < 0) ||
        report_put(&request->report, &forms, results, 1) < 0 || golden_results_count(results, VERDICT_BROKEN)) {
        return GOLDEN_UNUSABLE;
    }
    return golden_results_count(results, VERDICT_DIFFERENT) ? GOLDEN_DIFFERENT : GOLDEN_GOOD;
}

static void results_finish(struct golden_results *results) {
    for (size_t i = 0; i < results->count; i++) {
        free(results->each[i].golden_trace);
        free(results->each[i].kept);
        comparison_finish(&results->each[i].comparison);
    }
    free(results->each);
}

int golden_verify(const struct golden_request *request, struct ending_signals *signals) {
    char problem[PROBLEM_BYTES] = "out of memory";
    struct golden_choice choice;
    struct golden_runs runs = {0};
    struct golden_results results = {.manifest = request->manifest};
    int result = GOLDEN_UNUSABLE;
    if (golden_choose(&choice, request) == 0) {
        results.each = calloc(choice.count + 1, sizeof(*results.each));
        results.count = results.each ? choice.count : 0;
        int status = results.each ? 0 : -ENOMEM;
        if (status == 0) {
            status = golden_runs_begin(&runs, choice.count, problem, sizeof(problem));
        }
        if (status == 0) {
            status = prepare(&choice, &runs, &results);
        }
        if (status < 0) {
            diag("%s", problem);
        } else {
            result = verify(request, &runs, &results, signals);
        }
    }
    results_finish(&results);
    golden_runs_finish(&runs);
    golden_choice_finish(&choice);
    return result;
}
