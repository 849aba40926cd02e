/* SPDX-License-Identifier: MIT
 *
 * [semantic_equivalence] of a file of budgets: the trace against its partners,
 * those of another implementation and of the same program.
 */
#include "check.h"

#include "cleanup.h"
#include "compare_paths.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const section = "semantic_equivalence";

enum {
    DETAILS_MAX = 10, /* differences that are shown */
    PROBLEM_BYTES = 1024,
};

/* Append a rule's result, and count it as nothing yet. */
static int add(struct checked *checked, const char *name, enum verdict_status status, unsigned line, const char *format,
               ...) __attribute__((format(printf, 5, 6)));

static int add(struct checked *checked, const char *name, enum verdict_status status, unsigned line, const char *format,
               ...) {
    struct check_result *result = &checked->results[checked->count++];
    *result = (struct check_result){.name = name, .type = section};
    result->verdict.status = status;
    result->verdict.line = line;
    result->verdict.quantity = QUANTITIES;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&result->verdict.reason, format, arguments);
    va_end(arguments);
    if (length < 0) {
        result->verdict.reason = NULL;
        return -ENOMEM;
    }
    return 0;
}

/* Whether the file wants differences of this group to be checked. */
static bool counts(const struct equivalence *equivalence, enum difference_group group) {
    switch (group) {
    case DIFFERENCE_OUTPUT:
        return equivalence->check_output;
    case DIFFERENCE_WRITES:
        return equivalence->check_writes;
    case DIFFERENCE_FILES:
        return equivalence->check_files;
    default:
        return true;
    }
}

static uint64_t counted(const struct equivalence *equivalence, const struct comparison *comparison) {
    uint64_t count = 0;
    for (enum difference_group group = 0; group < DIFFERENCE_GROUPS; group++) {
        count += counts(equivalence, group) ? comparison->divergent_group[group] : 0;
    }
    return count;
}

/* The first differences, a line or two each. */
static char *describe(const struct equivalence *equivalence, const struct comparison *comparison) {
    struct text text = {0};
    unsigned shown = 0;
    for (size_t i = 0; i < comparison->difference_count && shown < DETAILS_MAX; i++) {
        const struct difference *difference = &comparison->differences[i];
        if (!counts(equivalence, difference->group)) {
            continue;
        }
        shown++;
        text_add_string(&text, difference->subject);
        text_add_char(&text, '\n');
        for (enum side side = 0; side < SIDES; side++) {
            if (difference->detail[side]) {
                text_add_string(&text, side == SIDE_GOLDEN ? "  - " : "  + ");
                text_add(&text, difference->detail[side], strcspn(difference->detail[side], "\n"));
                text_add_char(&text, '\n');
            }
        }
    }
    return text.bytes;
}

/* Why nothing can be told from the two traces; NULL: nothing is in the way. */
static const char *obstacle(const struct checked *checked, const struct comparison *comparison) {
    if (comparison->cut[SIDE_GOLDEN]) {
        return "the other trace is cut off before its end";
    }
    if (comparison->cut[SIDE_NEW]) {
        return "the trace is cut off before its end";
    }
    if (comparison->filter[SIDE_GOLDEN] || comparison->filter[SIDE_NEW]) {
        return "not all calls were recorded (-e, -z, -Z, -P)";
    }
    return checked->facts[0].unfollowed ? "children of the program were not recorded (-f)" : NULL;
}

static int judge_equivalence(struct checked *checked, const struct equivalence *equivalence,
                             const struct comparison *comparison, const char *name, const char *partner) {
    uint64_t divergent = counted(equivalence, comparison);
    const char *why = obstacle(checked, comparison);
    /* Never rounded up to a certainty that is not there. */
    double confidence = comparison->has_confidence ? (double)(uint64_t)(comparison->confidence * 100) / 100 : 0;
    if (why) {
        return add(checked, name, VERDICT_UNMEASURED, equivalence->line, "cannot be told beside %s: %s", partner, why);
    }
    if (divergent) {
        int status =
            add(checked, name, VERDICT_VIOLATED, equivalence->line, "%" PRIu64 " observation%s differ%s from %s",
                divergent, divergent == 1 ? "" : "s", divergent == 1 ? "s" : "", partner);
        checked->results[checked->count - 1].details = describe(equivalence, comparison);
        return status;
    }
    if (comparison->has_confidence && comparison->confidence < equivalence->min_confidence) {
        return add(checked, name, VERDICT_VIOLATED,
                   equivalence->confidence_line ? equivalence->confidence_line : equivalence->line,
                   "equivalent to %s with confidence %.2f, %.2f required: of %" PRIu64
                   " bytes only the number was recorded",
                   partner, confidence, equivalence->min_confidence, comparison->length_bytes);
    }
    return add(checked, name, VERDICT_KEPT, equivalence->line,
               "equivalent to %s: %" PRIu64 " observations agree, confidence %.2f", partner, comparison->matched,
               confidence);
}

/* "4.0 times as fast as PARTNER": against what is expected of a rewrite. */
static int judge_speed(struct checked *checked, const struct equivalence *equivalence,
                       const struct comparison *comparison, const char *partner) {
    const struct {
        const char *name;
        unsigned line;
        double bound;
        bool is_least;
    } rules[] = {{"expected_speedup_min", equivalence->speedup_min_line, equivalence->speedup_min, true},
                 {"expected_speedup_max", equivalence->speedup_max_line, equivalence->speedup_max, false}};
    const struct trace_cost *golden = &comparison->cost[SIDE_GOLDEN];
    const struct trace_cost *fresh = &comparison->cost[SIDE_NEW];
    const char *why = obstacle(checked, comparison);
    if (!why && (!golden->has_time || !fresh->has_time || !fresh->time_ns)) {
        why = "both traces need durations (-T)";
    }
    double speedup = why ? 0 : (double)golden->time_ns / (double)fresh->time_ns;
    int status = 0;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && status == 0; i++) {
        bool is_broken = rules[i].is_least ? speedup < rules[i].bound : speedup > rules[i].bound;
        /* More than anybody expected is no failure. */
        enum verdict_status broken = rules[i].is_least ? VERDICT_VIOLATED : VERDICT_WARNING;
        if (rules[i].line && why) {
            status = add(checked, rules[i].name, VERDICT_UNMEASURED, rules[i].line, "%s", why);
        } else if (rules[i].line) {
            status = add(checked, rules[i].name, is_broken ? broken : VERDICT_KEPT, rules[i].line,
                         "%.2f times as fast in calls as %s, %.2f expected at %s", speedup, partner, rules[i].bound,
                         rules[i].is_least ? "least" : "most");
        }
    }
    return status;
}

static int judge_memory(struct checked *checked, const struct equivalence *equivalence,
                        const struct comparison *comparison, const char *partner, bool is_rewrite) {
    uint64_t golden = comparison->cost[SIDE_GOLDEN].mapped_bytes;
    uint64_t fresh = comparison->cost[SIDE_NEW].mapped_bytes;
    const char *why = obstacle(checked, comparison);
    int status = 0;
    if (is_rewrite && equivalence->memory_line && (why || !fresh)) {
        status = add(checked, "expected_memory_reduction_min", VERDICT_UNMEASURED, equivalence->memory_line, "%s",
                     why ? why : "the trace has no call that maps memory");
    } else if (is_rewrite && equivalence->memory_line) {
        double reduction = (double)golden / (double)fresh;
        status = add(checked, "expected_memory_reduction_min",
                     reduction < equivalence->memory_reduction_min ? VERDICT_VIOLATED : VERDICT_KEPT,
                     equivalence->memory_line, "%s has mapped %.2f times as much memory, %.2f expected at least",
                     partner, reduction, equivalence->memory_reduction_min);
    }
    if (status == 0 && equivalence->check_memory && why) {
        status = add(checked, "check_memory_allocations", VERDICT_UNMEASURED, equivalence->line, "%s", why);
    } else if (status == 0 && equivalence->check_memory) {
        status = add(checked, "check_memory_allocations", fresh > golden ? VERDICT_VIOLATED : VERDICT_KEPT,
                     equivalence->line, "%" PRIu64 " bytes mapped, %" PRIu64 " by %s", fresh, golden, partner);
    }
    return status;
}

/* `name` is that of the first rule; is_rewrite: those for rewrites apply. */
static int against(struct checked *checked, const struct check_request *request, const char *name, const char *partner,
                   bool is_rewrite) {
    const struct equivalence *equivalence = &request->file->equivalence;
    const struct compare_options options = {.mode = COMPARE_SEMANTIC};
    const char *const paths[SIDES] = {[SIDE_GOLDEN] = partner, [SIDE_NEW] = request->traces[0]};
    struct comparison comparison = {0};
    char problem[PROBLEM_BYTES] = "";
    int status = compare_paths(&comparison, &options, paths, problem, sizeof(problem));
    if (status < 0 && status != -ENOMEM) {
        comparison_finish(&comparison);
        return add(checked, name, VERDICT_UNMEASURED, equivalence->line, "cannot be compared with %s: %s", partner,
                   problem);
    }
    if (status == 0) {
        status = judge_equivalence(checked, equivalence, &comparison, name, partner);
    }
    if (status == 0 && is_rewrite) {
        status = judge_speed(checked, equivalence, &comparison, partner);
    }
    if (status == 0) {
        status = judge_memory(checked, equivalence, &comparison, partner, is_rewrite);
    }
    comparison_finish(&comparison);
    return status;
}

/* The rules for rewrites, where the trace is not one or there is nothing to hold it against. */
static int skip_rewrite(struct checked *checked, const struct equivalence *equivalence) {
    const struct {
        const char *name;
        unsigned line;
    } rules[] = {{"expected_speedup_min", equivalence->speedup_min_line},
                 {"expected_speedup_max", equivalence->speedup_max_line},
                 {"expected_memory_reduction_min", equivalence->memory_line}};
    int status = 0;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && status == 0; i++) {
        if (rules[i].line) {
            status = add(checked, rules[i].name, VERDICT_SKIPPED, rules[i].line,
                         "there is no trace of another implementation to compare with");
        }
    }
    return status;
}

/* Nothing to compare with. */
static int add_alone(struct checked *checked, const struct check_request *request) {
    const struct equivalence *equivalence = &request->file->equivalence;
    const char *golden = equivalence->golden_dir;
    const char *baseline = equivalence->baseline_dir;
    if (!golden && !baseline) {
        return add(checked, section, VERDICT_SKIPPED, equivalence->line,
                   "no other trace to compare with; --golden FILE names one");
    }
    return add(checked, section, VERDICT_SKIPPED, equivalence->line,
               "no other trace to compare with: there is no %s in %s%s%s; --golden FILE names one", request->name,
               golden ? golden : baseline, golden && baseline ? " or " : "", golden && baseline ? baseline : "");
}

int check_equivalence(struct checked *checked, const struct check_request *request) {
    const struct equivalence *equivalence = &request->file->equivalence;
    if (!equivalence->is_set) {
        return 0;
    }
    if (!equivalence->enabled) {
        return add(checked, section, VERDICT_SKIPPED, equivalence->line, "disabled");
    }
    if (request->golden) {
        return against(checked, request, section, request->golden, true);
    }
    auto_free char *partner = NULL;
    if (equivalence->golden_dir) {
        partner = check_partner(request->file, equivalence->golden_dir, request->name, request->traces[0]);
        if (!partner && errno == ENOMEM) {
            return -ENOMEM;
        }
    }
    int status = partner ? against(checked, request, section, partner, true) : 0;
    if (status == 0 && checked->golden) {
        status = against(checked, request, partner ? "baseline_equivalence" : section, checked->golden, false);
    } else if (status == 0 && !partner) {
        status = add_alone(checked, request);
    }
    return status == 0 && !partner ? skip_rewrite(checked, equivalence) : status;
}
