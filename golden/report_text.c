/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "colour.h"

#include <inttypes.h>
#include <string.h>

struct report {
    const struct comparison *comparison;
    FILE *stream;
    bool colour;
};

static const char *begin(const struct report *report, enum tint tint) {
    return tint_begin(report->colour, tint);
}

static const char *end(const struct report *report) {
    return tint_end(report->colour);
}

const char *compare_mode_name(enum compare_mode mode) {
    static const char *const names[] = {
        [COMPARE_SEMANTIC] = "semantic", [COMPARE_EXACT] = "exact", [COMPARE_COUNTS] = "counts"};
    return names[mode];
}

/* What is counted in this mode. */
static const char *unit(const struct report *report, uint64_t count) {
    static const char *const units[][2] = {[COMPARE_SEMANTIC] = {"observation", "observations"},
                                           [COMPARE_EXACT] = {"call or event", "calls and events"},
                                           [COMPARE_COUNTS] = {"name of a call", "names of calls"}};
    return units[report->comparison->mode][count != 1];
}

static void print_verdict(const struct report *report) {
    const struct comparison *comparison = report->comparison;
    bool equivalent = comparison_equivalent(comparison);
    uint64_t matched = comparison->matched;
    uint64_t divergent = comparison->divergent;
    fprintf(report->stream, "%s%s%s (%s): ", begin(report, equivalent ? TINT_GOOD : TINT_BAD),
            equivalent ? "equivalent" : "different", end(report), compare_mode_name(comparison->mode));
    if (equivalent) {
        fprintf(report->stream, "%" PRIu64 " %s agree%s", matched, unit(report, matched), matched == 1 ? "s" : "");
    } else {
        fprintf(report->stream, "%" PRIu64 " %s differ%s, %" PRIu64 " agree%s", divergent, unit(report, divergent),
                divergent == 1 ? "s" : "", matched, matched == 1 ? "s" : "");
    }
    if (comparison->has_confidence) {
        /* Never rounded up to a certainty that is not there. */
        double shown = (double)(uint64_t)(comparison->confidence * 100) / 100;
        fprintf(report->stream, "; confidence %.2f", comparison->confidence >= 1 ? 1.0 : shown);
    }
}

/* ----------------------------------------------------------------- differences */

/* A hunk with its lines coloured. */
static void print_hunk(const struct report *report, const char *hunk) {
    while (*hunk) {
        size_t length = strcspn(hunk, "\n");
        static const struct {
            char sign;
            enum tint tint;
        } signs[] = {{'-', TINT_GOLDEN}, {'+', TINT_NEW}, {'@', TINT_PLACE}};
        const char *on = "";
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
            on = signs[i].sign == hunk[0] ? begin(report, signs[i].tint) : on;
        }
        fprintf(report->stream, "%s%.*s%s\n", on, (int)length, hunk, *on ? end(report) : "");
        hunk += length + (hunk[length] == '\n');
    }
}

/* Each line of it with what stands in front. */
static void print_detail(const struct report *report, const struct difference *difference, enum side side) {
    const char *detail = difference->detail[side];
    char place[32] = "";
    if (difference->line[side]) {
        snprintf(place, sizeof(place), " (line %" PRIu64 ")", difference->line[side]);
    }
    char sign = side == SIDE_GOLDEN ? '-' : '+';
    const char *on = begin(report, side == SIDE_GOLDEN ? TINT_GOLDEN : TINT_NEW);
    while (detail && *detail) {
        size_t length = strcspn(detail, "\n");
        fprintf(report->stream, "    %s%c %.*s%s%s%s%s\n", on, sign, (int)length, detail, end(report),
                begin(report, TINT_WEAK), place, end(report));
        place[0] = 0;
        detail += length + (detail[length] == '\n');
    }
}

static void print_sides(const struct report *report, const struct difference *difference) {
    if (difference->hunk) {
        print_hunk(report, difference->hunk);
        return;
    }
    print_detail(report, difference, SIDE_GOLDEN);
    print_detail(report, difference, SIDE_NEW);
}

static void print_difference(const struct report *report, const struct difference *difference) {
    static const char *const kinds[] = {[DIFFERENCE_MISSING] = "missing",
                                        [DIFFERENCE_ADDED] = "added",
                                        [DIFFERENCE_CHANGED] = "changed",
                                        [DIFFERENCE_MOVED] = "moved"};
    if (!difference->hunk) {
        fprintf(report->stream, "  %-7s  %s\n", kinds[difference->kind], difference->subject);
    }
    print_sides(report, difference);
}

static void print_differences(const struct report *report) {
    const struct comparison *comparison = report->comparison;
    if (!comparison->difference_count) {
        return;
    }
    fprintf(report->stream, "%s--- golden%s\n%s+++ new%s\n", begin(report, TINT_GOLDEN), end(report),
            begin(report, TINT_NEW), end(report));
    for (size_t i = 0; i < comparison->difference_count; i++) {
        print_difference(report, &comparison->differences[i]);
    }
    if (comparison->differences_left_out) {
        fprintf(report->stream, "  ... and %" PRIu64 " more\n", comparison->differences_left_out);
    }
}

/* ---------------------------------------------------------------- what it rests on */

static void print_basis(const struct report *report) {
    const struct comparison *comparison = report->comparison;
    bool is_said = comparison->mode == COMPARE_SEMANTIC || comparison->half_golden || comparison->cut[SIDE_GOLDEN] ||
                   comparison->cut[SIDE_NEW] || comparison->lost[SIDE_GOLDEN] || comparison->lost[SIDE_NEW] ||
                   !comparison_same_filter(comparison);
    if (comparison->difference_count && is_said) {
        fputc('\n', report->stream);
    }
    for (enum side side = 0; side < SIDES; side++) {
        if (comparison->cut[side]) {
            fprintf(report->stream, "the %s trace is cut off: what came behind its end is not known\n",
                    side == SIDE_GOLDEN ? "golden" : "new");
        }
        if (comparison->lost[side]) {
            fprintf(report->stream, "the %s trace is not whole: %" PRIu64 " events were lost when it was recorded\n",
                    side == SIDE_GOLDEN ? "golden" : "new", comparison->lost[side]);
        }
    }
    if (!comparison_same_filter(comparison)) {
        const char *golden = comparison->filter[SIDE_GOLDEN];
        const char *new = comparison->filter[SIDE_NEW];
        fprintf(report->stream, "the golden trace was recorded with %s, the new one with %s\n",
                golden ? golden : "all calls", new ? new : "all calls");
    }
    if (comparison->half_golden) {
        fputs("one trace is golden (--golden) and the other is not: their addresses have other names\n",
              report->stream);
    }
    if (comparison->mode != COMPARE_SEMANTIC) {
        return;
    }
    fprintf(report->stream, "rests on: %" PRIu64 " bytes of content seen on both sides", comparison->content_bytes);
    if (comparison->length_bytes) {
        fprintf(report->stream, "; %" PRIu64 " bytes of which only the number was recorded", comparison->length_bytes);
    }
    fprintf(report->stream, "; signals %s\n", comparison->signals_seen ? "compared" : "not recorded on both sides");
}

/* ------------------------------------------------------------------------ cost */

static void print_ratio(const struct report *report, uint64_t golden, uint64_t new) {
    if (golden) {
        fprintf(report->stream, " %9.2f\n", (double)new / (double)golden);
    } else {
        fputs("         -\n", report->stream);
    }
}

static void print_times(const struct report *report) {
    const struct trace_cost *golden = &report->comparison->cost[SIDE_GOLDEN];
    const struct trace_cost *new = &report->comparison->cost[SIDE_NEW];
    fprintf(report->stream, "%-14s", "time (us)");
    for (enum side side = 0; side < SIDES; side++) {
        const struct trace_cost *cost = &report->comparison->cost[side];
        if (cost->has_time) {
            fprintf(report->stream, " %14" PRIu64, cost->time_ns / 1000);
        } else {
            fprintf(report->stream, " %14s", "-");
        }
    }
    print_ratio(report, golden->has_time && new->has_time ? golden->time_ns : 0, new->time_ns);
}

static void print_cost(const struct report *report) {
    const struct trace_cost *golden = &report->comparison->cost[SIDE_GOLDEN];
    const struct trace_cost *new = &report->comparison->cost[SIDE_NEW];
    fprintf(report->stream, "\n%-14s %14s %14s %9s\n", "cost", "golden", "new", "ratio");
    fprintf(report->stream, "%-14s %14" PRIu64 " %14" PRIu64, "calls", golden->calls, new->calls);
    print_ratio(report, golden->calls, new->calls);
    if (golden->has_time || new->has_time) {
        print_times(report);
    }
    fprintf(report->stream, "%-14s %14" PRIu64 " %14" PRIu64, "bytes mapped", golden->mapped_bytes, new->mapped_bytes);
    print_ratio(report, golden->mapped_bytes, new->mapped_bytes);
}

void report_text(const struct comparison *comparison, bool colour, FILE *stream) {
    struct report report = {.comparison = comparison, .stream = stream, .colour = colour};
    print_verdict(&report);
    fputs(comparison->difference_count ? "\n\n" : "\n", stream);
    print_differences(&report);
    print_basis(&report);
    print_cost(&report);
}

void report_verdict(const struct comparison *comparison, FILE *stream) {
    print_verdict(&(struct report){.comparison = comparison, .stream = stream});
}

void report_differences(const struct comparison *comparison, FILE *stream) {
    struct report report = {.comparison = comparison, .stream = stream};
    print_differences(&report);
    print_basis(&report);
}

void report_details(const struct difference *difference, FILE *stream) {
    print_sides(&(struct report){.stream = stream}, difference);
}
