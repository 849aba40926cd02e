/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "check_filter.h"
#include "cleanup.h"
#include "trace_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PROBLEM_BYTES = 1024,
};

static bool is_same_file(const char *path, const char *other) {
    struct stat a;
    struct stat b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

char *check_partner(const struct budget_file *file, const char *dir, const char *name, const char *trace) {
    const char *slash = strrchr(file->path, '/');
    int folder = dir[0] != '/' && slash ? (int)(slash - file->path) + 1 : 0;
    char *path;
    if (asprintf(&path, "%.*s%s/%s", folder, file->path, dir, name) < 0) {
        errno = ENOMEM;
        return NULL;
    }
    if (access(path, F_OK) < 0 || is_same_file(path, trace)) {
        free(path);
        errno = ENOENT;
        return NULL;
    }
    return path;
}

/* A problem that begins with the name by which the trace is judged begins with where it is. */
static void name_file(const char *path, const char *name, char *problem, size_t size) {
    size_t length = strlen(name);
    if (strncmp(problem, name, length) == 0 && problem[length] == ':') {
        char rest[PROBLEM_BYTES];
        snprintf(rest, sizeof(rest), "%s", problem + length);
        snprintf(problem, size, "%s%s", path, rest);
    }
}

/* Measure one trace. */
static int measure(struct spending *spendings, struct trace_facts *facts, const struct budget_file *file,
                   const char *path, const char *name, char *problem, size_t size) {
    struct trace_reader *reader;
    int status = trace_reader_open(&reader, path, problem, size);
    if (status == 0) {
        status = spending_measure(spendings, facts, file, reader, name, problem, size);
        trace_reader_close(reader);
        name_file(path, name, problem, size);
    }
    return status;
}

/* What limits are relative to: what was asked for, or what lies where the file says. */
static int find_golden(struct checked *checked, const struct check_request *request) {
    const char *dir = request->file->equivalence.baseline_dir;
    if (request->golden) {
        checked->golden = strdup(request->golden);
        return checked->golden ? 0 : -ENOMEM;
    }
    if (dir) {
        checked->golden = check_partner(request->file, dir, request->name, request->traces[0]);
        return !checked->golden && errno == ENOMEM ? -ENOMEM : 0;
    }
    return 0;
}

static int measure_all(struct checked *checked, const struct check_request *request, char *problem, size_t size) {
    const struct budget_file *file = request->file;
    checked->facts = calloc(request->count, sizeof(*checked->facts));
    checked->spendings = calloc(request->count, sizeof(struct spending *));
    if (!checked->facts || !checked->spendings) {
        return -ENOMEM;
    }
    checked->run_count = request->count;
    checked->traces = request->traces;
    for (size_t i = 0; i < request->count; i++) {
        /* calloc() may return NULL for nothing. */
        checked->spendings[i] = calloc(file->count + 1, sizeof(*checked->spendings[i]));
        int status = !checked->spendings[i] ? -ENOMEM
                                            : measure(checked->spendings[i], &checked->facts[i], file,
                                                      request->traces[i], request->name, problem, size);
        if (status < 0) {
            return status;
        }
    }
    int status = find_golden(checked, request);
    if (status < 0 || !checked->golden) {
        return status;
    }
    checked->golden_spendings = calloc(file->count + 1, sizeof(*checked->golden_spendings));
    return !checked->golden_spendings ? -ENOMEM
                                      : measure(checked->golden_spendings, &checked->golden_facts, file,
                                                checked->golden, request->name, problem, size);
}

/* What makes the trace doubtful for the budget, to be put behind "but"; empty: nothing. Children that were not followed
 * are so by intent where renacer's assertions are about the program itself. */
static void describe_doubt(const struct trace_facts *facts, const struct budget *budget, char *text, size_t size) {
    bool is_ours = budget->kind == BUDGET_CALLS || budget->kind == BUDGET_REQUIRED || budget->kind == BUDGET_FORBIDDEN;
    text[0] = 0;
    if (facts->is_cut) {
        snprintf(text, size, "the trace is cut off before its end");
    } else if (facts->lost > 0) {
        snprintf(text, size, "%.0f calls were lost", facts->lost);
    } else if (facts->has_no_end) {
        snprintf(text, size, "the trace has not the end of the program");
    } else if (facts->unfollowed && is_ours) {
        snprintf(text, size, "%zu of its children %s not recorded (-f)", facts->unfollowed,
                 facts->unfollowed == 1 ? "was" : "were");
    }
}

/* Of a trace that is not whole nothing is known to have been kept, and none of its minima is known not to be reached;
 * nor is anything known beside a golden trace that is not. */
static int doubt(const struct checked *checked, const struct budget *budget, struct verdict *verdict) {
    bool is_violated = verdict->status == VERDICT_VIOLATED || verdict->status == VERDICT_WARNING;
    bool is_open = verdict->status == VERDICT_KEPT || (is_violated && verdict->only_minimum);
    char reason[256] = "";
    for (size_t i = 0; i < checked->run_count && is_open && !reason[0]; i++) {
        describe_doubt(&checked->facts[i], budget, reason, sizeof(reason));
    }
    if (!reason[0] && verdict->has_golden && (checked->golden_facts.is_cut || checked->golden_facts.lost > 0)) {
        snprintf(reason, sizeof(reason), "the golden trace is not whole");
    }
    if (!reason[0]) {
        return 0;
    }
    char *whole;
    if (asprintf(&whole, "%s, but %s", verdict->reason, reason) < 0) {
        return -ENOMEM;
    }
    free(verdict->reason);
    verdict->reason = whole;
    verdict->status = VERDICT_UNMEASURED;
    return 0;
}

/* The run that has spent most of what decided. */
static const struct spending *decisive(const struct checked *checked, size_t budget, enum quantity quantity) {
    const struct spending *most = &checked->spendings[0][budget];
    for (size_t i = 1; i < checked->run_count; i++) {
        const struct spending *spending = &checked->spendings[i][budget];
        most = spending->amount[quantity] > most->amount[quantity] ? spending : most;
    }
    return most;
}

static int judge(struct checked *checked, const struct check_request *request) {
    const struct budget_file *file = request->file;
    auto_free const struct spending **runs = calloc(checked->run_count, sizeof(const struct spending *));
    checked->results = calloc(file->count + CHECK_RULES, sizeof(*checked->results));
    if (!runs || !checked->results) {
        return -ENOMEM;
    }
    int status = check_filter_golden(checked, file);
    for (size_t i = 0; i < file->count && status == 0; i++) {
        const struct budget *budget = &file->budgets[i];
        struct check_result *result = &checked->results[checked->count++];
        *result = (struct check_result){.budget = budget, .name = budget->name, .type = budget->type};
        for (size_t run = 0; run < checked->run_count; run++) {
            runs[run] = &checked->spendings[run][i];
        }
        status = verdict_judge(&result->verdict, budget, runs, checked->run_count,
                               checked->golden_spendings ? &checked->golden_spendings[i] : NULL);
        status = status < 0 ? status : doubt(checked, budget, &result->verdict);
        status = status < 0 ? status : check_filter_doubt(checked, i, runs, result);
        result->spending = decisive(checked, i, result->verdict.quantity);
    }
    return status;
}

int check_traces(struct checked *checked, const struct check_request *request) {
    char problem[PROBLEM_BYTES] = "";
    checked->subject = strdup(request->subject);
    int status = checked->subject ? 0 : -ENOMEM;
    status = status < 0 ? status : measure_all(checked, request, problem, sizeof(problem));
    if (status < 0 && status != -ENOMEM) {
        checked->problem = strdup(problem[0] ? problem : strerror(-status));
        return checked->problem ? 0 : -ENOMEM;
    }
    status = status < 0 ? status : judge(checked, request);
    status = status < 0 ? status : check_equivalence(checked, request);
    for (size_t i = 0; i < checked->count && status == 0; i++) {
        checked->tally[checked->results[i].verdict.status]++;
    }
    return status;
}

void checked_finish(struct checked *checked, const struct budget_file *file) {
    for (size_t i = 0; i < checked->count; i++) {
        verdict_finish(&checked->results[i].verdict);
        free(checked->results[i].details);
    }
    for (size_t i = 0; i < checked->run_count; i++) {
        trace_facts_finish(&checked->facts[i]);
        if (checked->spendings[i]) {
            spending_finish(checked->spendings[i], file->count);
        }
        free(checked->spendings[i]);
    }
    if (checked->golden_spendings) {
        spending_finish(checked->golden_spendings, file->count);
    }
    trace_facts_finish(&checked->golden_facts);
    free(checked->golden_spendings);
    free(checked->spendings);
    free(checked->facts);
    free(checked->results);
    free(checked->golden);
    free(checked->problem);
    free(checked->subject);
    *checked = (struct checked){0};
}

bool check_counts(const struct check_result *result) {
    return !result->budget || result->budget->fails;
}

enum check_outcome check_outcome(const struct checked *checked, size_t count) {
    bool is_violated = false;
    bool is_unmeasured = false;
    bool is_unusable = false;
    for (size_t i = 0; i < count; i++) {
        is_unusable |= checked[i].problem != NULL;
        is_violated |= checked[i].tally[VERDICT_VIOLATED] > 0;
        for (size_t k = 0; k < checked[i].count; k++) {
            const struct check_result *result = &checked[i].results[k];
            is_unmeasured |= result->verdict.status == VERDICT_UNMEASURED && check_counts(result);
        }
    }
    if (is_unusable || (is_unmeasured && !is_violated)) {
        return CHECK_UNTOLD;
    }
    return is_violated ? CHECK_VIOLATED : CHECK_KEPT;
}

const char *check_outcome_word(enum check_outcome outcome) {
    static const char *const words[] = {
        [CHECK_KEPT] = "kept", [CHECK_VIOLATED] = "violated", [CHECK_UNTOLD] = "unknown"};
    return words[outcome];
}

const char *verdict_word(enum verdict_status status) {
    static const char *const words[VERDICTS] = {[VERDICT_KEPT] = "kept",
                                                [VERDICT_VIOLATED] = "violated",
                                                [VERDICT_WARNING] = "warning",
                                                [VERDICT_UNMEASURED] = "unmeasured",
                                                [VERDICT_SKIPPED] = "skipped"};
    return words[status];
}
