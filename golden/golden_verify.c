/* SPDX-License-Identifier: MIT */
#include "golden_command.h"

#include "cleanup.h"
#include "diag.h"
#include "files.h"
#include "golden_report.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PROBLEM_BYTES = 1024,
};

/* 0 if it can be read, or -errno with a sentence. */
static int check_trace(const char *path, const char *name, char *problem, size_t size) {
    struct stat info;
    if (stat(path, &info) < 0 || access(path, R_OK) < 0) {
        int error = errno;
        snprintf(problem, size, "cannot read its trace '%s': %s%s%s%s", path, strerrordesc_np(error),
                 error == ENOENT ? "; renacer-sv golden update " : "", error == ENOENT ? name : "",
                 error == ENOENT ? " makes it" : "");
        return -error;
    }
    if (!S_ISREG(info.st_mode)) {
        snprintf(problem, size, "its trace '%s' is no file", path);
        return -EINVAL;
    }
    return 0;
}

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
        char problem[PROBLEM_BYTES];
        int status = check_trace(result->golden_trace, run->golden->name, problem, sizeof(problem));
        if (status < 0) {
            golden_run_fail(run, status, problem);
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
    bool is_cut = result->comparison.cut[SIDE_GOLDEN];
    if (is_cut || result->comparison.lost[SIDE_GOLDEN]) {
        snprintf(problem, sizeof(problem), "its trace '%s' %s; renacer-sv golden update %s makes it",
                 result->golden_trace,
                 is_cut ? "is cut off before its end" : "is not whole: events were lost when it was recorded",
                 run->golden->name);
        golden_run_fail(run, -EINVAL, problem);
        return;
    }
    result->verdict = comparison_equivalent(&result->comparison) ? VERDICT_EQUIVALENT : VERDICT_DIFFERENT;
}

/* Before everything is run: the folder is there, and is not that of the golden traces, which would be replaced and
 * removed. 0, or -errno and that was said. */
static int prepare_keeping(const char *folder, const struct manifest *manifest) {
    char problem[PROBLEM_BYTES] = "out of memory";
    struct stat info;
    struct stat traces;
    auto_free char *trace = manifest_trace_path(manifest, "x");
    int status = trace ? folder_prepare(folder, problem, sizeof(problem)) : -ENOMEM;
    if (status == 0 && stat(folder, &info) == 0 && stat(dirname(trace), &traces) == 0 && info.st_dev == traces.st_dev &&
        info.st_ino == traces.st_ino) {
        snprintf(problem, sizeof(problem),
                 "--keep '%s' is where the golden traces are; renacer-sv golden update replaces them", folder);
        status = -EINVAL;
    }
    if (status < 0) {
        diag("%s", problem);
    }
    return status;
}

/* A trace that an earlier run has left there does not differ any more. */
static int remove_kept(const char *path, char *problem, size_t size) {
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISREG(info.st_mode) && unlink(path) < 0) {
        int error = errno;
        snprintf(problem, size, "cannot remove '%s': %s", path, strerrordesc_np(error));
        return -error;
    }
    return 0;
}

/* DIR/NAME.json is there for those that differ, and not for those that do not; of those that could not be told, what is
 * there stays. 0, or -errno with a sentence. */
static int keep_trace(const char *folder, const struct golden_run *run, struct golden_result *result, char *problem,
                      size_t size) {
    auto_free char *path = NULL;
    if (result->verdict == VERDICT_BROKEN) {
        return 0;
    }
    if (asprintf(&path, "%s/%s.json", folder, run->golden->name) < 0) {
        path = NULL;
        snprintf(problem, size, "out of memory");
        return -ENOMEM;
    }
    if (result->verdict != VERDICT_DIFFERENT) {
        return remove_kept(path, problem, size);
    }
    result->kept = path;
    path = NULL;
    return file_copy(run->trace, result->kept, problem, size);
}

/* 0, or -errno and that was said. */
static int keep_traces(const char *folder, const struct golden_runs *runs, struct golden_results *results) {
    char problem[PROBLEM_BYTES];
    int status = 0;
    for (size_t i = 0; i < results->count && status == 0; i++) {
        status = keep_trace(folder, &runs->each[i], &results->each[i], problem, sizeof(problem));
    }
    if (status < 0) {
        diag("%s", problem);
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
    if ((request->keep && keep_traces(request->keep, runs, results) < 0) ||
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
    if (golden_choose(&choice, request) == 0 &&
        (!request->keep || prepare_keeping(request->keep, &choice.manifest) == 0)) {
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
