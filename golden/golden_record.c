/* SPDX-License-Identifier: MIT */
#include "golden_command.h"

#include "cleanup.h"
#include "diag.h"
#include "files.h"
#include "report.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PROBLEM_BYTES = 1024,
    LARGE_BYTES = 1 << 20,
    FIRST = 0, /* the run that is kept, */
    AGAIN = 1, /* and the one that is compared with it */
    RUNS,
};

static void warn(const char *sentence) {
    diag("%s", sentence);
}

static void no_warning(const char *sentence) {
    (void)sentence;
}

/* Another entry of this name is not replaced by mistake. 0 with the place of its trace, malloc'd, or -errno and that
 * was said. */
static int check_manifest(const struct golden_request *request, void (*warn_of)(const char *sentence), char **trace) {
    char problem[PROBLEM_BYTES];
    struct manifest manifest;
    const char *name = request->golden.name;
    int status = manifest_read(&manifest, request->manifest, warn_of, problem, sizeof(problem));
    const struct golden *other = status < 0 ? NULL : manifest_find(&manifest, name);
    if (status < 0) {
        diag("%s", problem);
    } else if (other && !request->force) {
        diag(
            "%s:%u: there is a golden trace '%s': renacer-sv golden update %s records it anew, --force replaces how it "
            "is recorded too",
            request->manifest, other->line, name, name);
        status = -EEXIST;
    } else {
        *trace = manifest_trace_path(&manifest, name);
        status = *trace ? 0 : -ENOMEM;
    }
    manifest_finish(&manifest);
    return status;
}

/* Records one of the two: 0, or -errno and that was said, unless it was a signal. */
static int run_one(struct golden_runs *runs, size_t which, const struct golden_request *request,
                   struct ending_signals *signals) {
    struct golden_run *run = &runs->each[which];
    run->golden = &request->golden;
    struct golden_runs single = {.each = run, .count = 1};
    const struct golden_run_options options = {.jobs = 1, .timeout = request->timeout};
    int status = golden_runs_perform(&single, &options, signals);
    if (status == 0 && run->status < 0) {
        status = run->status;
        diag("'%s' cannot be recorded: %s", request->golden.name, run->problem ? run->problem : "out of memory");
        fputs(run->said ? run->said : "", stderr);
    } else if (status < 0 && !signals->got) {
        diag_errno(-status, "'%s' cannot be recorded", request->golden.name);
    }
    return status;
}

/* Where the two runs differ first. */
static void show_difference(const struct golden_runs *runs) {
    char problem[PROBLEM_BYTES];
    struct comparison comparison = {0};
    const struct compare_options options = {.mode = COMPARE_EXACT, .exact.context = 1};
    const char *const paths[SIDES] = {runs->each[FIRST].trace, runs->each[AGAIN].trace};
    if (compare_paths(&comparison, &options, paths, problem, sizeof(problem)) == 0 && comparison.difference_count) {
        const struct difference *first = &comparison.differences[0];
        if (first->hunk) {
            fprintf(stderr, "%s\n", first->hunk);
        } else {
            fprintf(stderr, "  %s\n  - %s\n  + %s\n", first->subject,
                    first->detail[SIDE_GOLDEN] ? first->detail[SIDE_GOLDEN] : "",
                    first->detail[SIDE_NEW] ? first->detail[SIDE_NEW] : "");
        }
    }
    comparison_finish(&comparison);
}

/* A golden trace that is another one each time is worth knowing of on the first day. */
static int record_again(struct golden_runs *runs, const struct golden_request *request,
                        struct ending_signals *signals) {
    char problem[PROBLEM_BYTES];
    int status = run_one(runs, AGAIN, request, signals);
    if (status < 0) {
        return status;
    }
    status = file_is_same(runs->each[FIRST].trace, runs->each[AGAIN].trace, problem, sizeof(problem));
    if (status < 0) {
        diag("%s", problem);
    } else if (status == 0) {
        diag("'%s' is not the same twice; the first difference:", request->golden.name);
        show_difference(runs);
        diag("docs/golden.md, \"What cannot be the same twice\", and renacer-sv-golden(1) say what helps");
    }
    return status < 0 ? status : 0;
}

/* Put the trace and its entry in place, together. */
static int keep(const struct golden_runs *runs, const struct golden_request *request, struct ending_signals *signals) {
    char problem[PROBLEM_BYTES];
    auto_free char *trace = NULL;
    auto_fd lock = golden_lock(request->manifest, signals);
    if (lock < 0) {
        return lock;
    }
    /* It may have changed while the program ran. */
    int status = check_manifest(request, no_warning, &trace);
    if (status < 0) {
        return status;
    }
    status = golden_put(runs->each[FIRST].trace, trace, request->manifest, &request->golden, problem, sizeof(problem));
    if (status < 0) {
        diag("%s", problem);
    }
    return status;
}

/* It is kept with the source, each time that it changes. */
static void warn_of_size(const char *trace, const char *name) {
    struct stat info;
    if (stat(trace, &info) == 0 && info.st_size > LARGE_BYTES) {
        diag("'%s' is a trace of %.1f MiB, which a repository keeps for good; -e (fewer calls) and --string-limit make "
             "it smaller",
             name, (double)info.st_size / (1 << 20));
    }
}

static int record(struct golden_runs *runs, const struct golden_request *request, struct ending_signals *signals) {
    int status = run_one(runs, FIRST, request, signals);
    if (status == 0 && !request->once) {
        status = record_again(runs, request, signals);
    }
    auto_free char *description = status == 0 ? golden_describe(runs->each[FIRST].trace) : NULL;
    if (status == 0) {
        warn_of_size(runs->each[FIRST].trace, request->golden.name);
        status = keep(runs, request, signals);
    }
    if (status == 0) {
        printf("recorded %s: %s\n", request->golden.name, description ? description : "");
    }
    return status;
}

/* Folders that were made for nothing go again. */
static void remove_folder(const char *path, bool was_there) {
    if (!was_there) {
        rmdir(path);
    }
}

int golden_record(const struct golden_request *request, struct ending_signals *signals) {
    char problem[PROBLEM_BYTES] = "out of memory";
    auto_free char *trace = NULL;
    if (check_manifest(request, warn, &trace) < 0) {
        return GOLDEN_UNUSABLE;
    }
    auto_free char *folder = strdup(trace);
    auto_free char *parent = strdup(request->manifest);
    if (!folder || !parent) {
        diag("out of memory");
        return GOLDEN_UNUSABLE;
    }
    const char *traces = dirname(folder);
    const char *place = dirname(parent);
    bool had_place = access(place, F_OK) == 0;
    bool had_traces = access(traces, F_OK) == 0;
    struct golden_runs runs = {0};
    int status = folder_prepare(traces, problem, sizeof(problem));
    if (status == 0) {
        status = golden_runs_begin(&runs, RUNS, problem, sizeof(problem));
    }
    if (status == 0) {
        status = record(&runs, request, signals);
    } else {
        diag("%s", problem);
    }
    golden_runs_finish(&runs);
    if (status < 0) {
        remove_folder(traces, had_traces);
        remove_folder(place, had_place);
    }
    return status < 0 ? GOLDEN_UNUSABLE : GOLDEN_GOOD;
}
