/* SPDX-License-Identifier: MIT
 *
 * What a check has found, for people, for programs, and for CI systems.
 */
#include "check.h"

#include "cleanup.h"
#include "colour.h"
#include "json_object.h"
#include "printable.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is said of a spender: its part of what is limited. */
static void add_spent(struct text *text, enum quantity quantity, const struct spender *spender) {
    char number[64];
    switch (quantity) {
    case QUANTITY_TIME:
        snprintf(number, sizeof(number), "%.3f ms in %.0f call%s", spender->spent / 1e6, spender->count,
                 spender->count == 1 ? "" : "s");
        break;
    case QUANTITY_BYTES:
        snprintf(number, sizeof(number), "%.0f bytes in %.0f call%s", spender->spent, spender->count,
                 spender->count == 1 ? "" : "s");
        break;
    case QUANTITY_ERRORS:
        snprintf(number, sizeof(number), "%.0f of %.0f failed", spender->spent, spender->count);
        break;
    default:
        snprintf(number, sizeof(number), "%.0f call%s", spender->count, spender->count == 1 ? "" : "s");
        break;
    }
    text_add_string(text, number);
    if (spender->first_line) {
        bool is_one = spender->last_line <= spender->first_line;
        snprintf(number, sizeof(number), is_one ? " (line %" PRIu64 ")" : " (lines %" PRIu64 " to %" PRIu64 ")",
                 spender->first_line, spender->last_line);
        text_add_string(text, number);
    }
}

static bool has_spenders(const struct check_result *result) {
    return result->spending && result->verdict.quantity < QUANTITIES &&
           result->spending->spender_count[result->verdict.quantity] > 0;
}

/* The calls that spent it, a line each, `indent` columns to the right. */
static void add_spenders(struct text *text, const struct check_result *result, unsigned indent) {
    enum quantity quantity = result->verdict.quantity;
    if (!has_spenders(result)) {
        return;
    }
    for (size_t i = 0; i < result->spending->spender_count[quantity]; i++) {
        const struct spender *spender = &result->spending->spenders[quantity][i];
        text_add_spaces(text, indent);
        text_add_string(text, spender->what);
        text_add_string(text, ": ");
        add_spent(text, quantity, spender);
        text_add_char(text, '\n');
    }
    double left_out = result->spending->spenders_left_out[quantity];
    if (left_out > 0) {
        char line[96];
        snprintf(line, sizeof(line), quantity == QUANTITY_TIME ? "others: %.3f ms\n" : "others: %.0f\n",
                 quantity == QUANTITY_TIME ? left_out / 1e6 : left_out);
        text_add_spaces(text, indent);
        text_add_string(text, line);
    }
}

static void add_lines(struct text *text, const char *lines, unsigned indent) {
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");
        text_add_spaces(text, indent);
        text_add(text, lines, length);
        text_add_char(text, '\n');
        lines += length + (lines[length] == '\n');
    }
}

/* ------------------------------------------------------------------------ text */

static const struct {
    const char *word;
    enum tint tint;
} marks[VERDICTS] = {[VERDICT_KEPT] = {"ok", TINT_GOOD},
                     [VERDICT_VIOLATED] = {"VIOLATED", TINT_BAD},
                     [VERDICT_WARNING] = {"warning", TINT_WARNING},
                     [VERDICT_UNMEASURED] = {"UNKNOWN", TINT_BAD},
                     [VERDICT_SKIPPED] = {"skipped", TINT_WEAK}};

/* One line of it, whatever is in it. */
static void print_line(const char *string, FILE *stream) {
    struct text text = {0};
    printable_add(&text, string, strlen(string), false);
    fputs(text.bytes ? text.bytes : "", stream);
    text_finish(&text);
}

static void print_heading(const struct check_report *report, const struct checked *checked, FILE *stream) {
    print_line(report->file->path, stream);
    fputs(" on ", stream);
    print_line(checked->subject, stream);
    if (checked->run_count > 1) {
        fprintf(stream, " (%zu runs)", checked->run_count);
    }
    const char *comma = ": ";
    for (enum verdict_status status = 0; status < VERDICTS; status++) {
        if (checked->tally[status]) {
            fprintf(stream, "%s%zu %s", comma, checked->tally[status], verdict_word(status));
            comma = ", ";
        }
    }
    fputs(checked->problem ? ": cannot be checked\n" : "\n", stream);
}

static void print_result(const struct check_report *report, const struct check_result *result, int width,
                         FILE *stream) {
    const struct verdict *verdict = &result->verdict;
    bool is_bad = verdict->status != VERDICT_KEPT && verdict->status != VERDICT_SKIPPED;
    struct text name = {0};
    printable_add(&name, result->name, strlen(result->name), false);
    fprintf(stream, "  %s%-8s%s  %-*s  ", tint_begin(report->colour, marks[verdict->status].tint),
            marks[verdict->status].word, tint_end(report->colour), width, name.bytes ? name.bytes : "");
    text_finish(&name);
    print_line(verdict->reason ? verdict->reason : "", stream);
    if (is_bad) {
        fprintf(stream, "  %s[%s:%u]%s", tint_begin(report->colour, TINT_WEAK), report->file->path, verdict->line,
                tint_end(report->colour));
    }
    fputc('\n', stream);
    struct text text = {0};
    if (report->explain && result->spending && result->spending->from) {
        text_add_string(&text, "            measured from ");
        text_add_string(&text, result->spending->from);
        text_add_char(&text, '\n');
    }
    bool is_spent = verdict->status == VERDICT_VIOLATED || verdict->status == VERDICT_WARNING;
    if (is_spent || (report->explain && verdict->status != VERDICT_SKIPPED)) {
        add_spenders(&text, result, 12);
    }
    if (is_bad) {
        add_lines(&text, result->details, 12);
    }
    if (text.length) {
        fputs(text.bytes, stream);
    }
    text_finish(&text);
}

static void print_problem(const struct check_report *report, const struct checked *checked, FILE *stream) {
    const enum verdict_status status = VERDICT_UNMEASURED;
    fprintf(stream, "  %s%-8s%s  ", tint_begin(report->colour, marks[status].tint), marks[status].word,
            tint_end(report->colour));
    print_line(checked->problem, stream);
    fputc('\n', stream);
}

/* What has to be known of the traces beside all verdicts. */
static void print_notes(const struct checked *checked, FILE *stream) {
    for (size_t i = 0; i < checked->run_count; i++) {
        const struct trace_facts *facts = &checked->facts[i];
        if (facts->unfollowed) {
            fprintf(stream, "  note      %zu child%s of the program %s not recorded: record with -f\n",
                    facts->unfollowed, facts->unfollowed == 1 ? "" : "ren", facts->unfollowed == 1 ? "was" : "were");
        }
        if (facts->signal) {
            fputs("  note      the program was killed by ", stream);
            print_line(facts->signal, stream);
            fputc('\n', stream);
        }
    }
}

/* Where its figures come from. */
static void print_sources(const struct checked *checked, FILE *stream) {
    for (size_t i = 0; i < checked->run_count; i++) {
        const struct trace_facts *facts = &checked->facts[i];
        fprintf(stream, "  trace %s", checked->traces[i]);
        if (facts->time_source) {
            fprintf(stream, "; times are %s",
                    strcmp(facts->time_source, "stop") == 0 ? "those between the stops of ptrace, which are longer"
                                                            : "those in the kernel");
        }
        fprintf(stream, "%s%s\n", facts->is_golden ? "; golden" : "", facts->is_cut ? "; cut off before its end" : "");
    }
    if (checked->golden) {
        fprintf(stream, "  limits that are relative to a golden trace: %s\n", checked->golden);
    }
}

void check_report_text(const struct check_report *report, FILE *stream) {
    for (size_t i = 0; i < report->count; i++) {
        const struct checked *checked = &report->checked[i];
        int width = 0;
        for (size_t k = 0; k < checked->count; k++) {
            int length = (int)strlen(checked->results[k].name);
            width = length > width && length <= 40 ? length : width;
        }
        fputs(i ? "\n" : "", stream);
        print_heading(report, checked, stream);
        if (checked->problem) {
            print_problem(report, checked, stream);
            continue;
        }
        print_notes(checked, stream);
        if (report->explain) {
            print_sources(checked, stream);
        }
        for (size_t k = 0; k < checked->count; k++) {
            print_result(report, &checked->results[k], width, stream);
        }
    }
}

/* ------------------------------------------------------------------------ JSON */

static void add_known(struct json_node object, const char *name, bool is_known, double number) {
    if (is_known) {
        json_add_number(object, name, number);
    } else {
        json_add_null(object, name);
    }
}

static const char *unit_of(enum quantity quantity) {
    static const char *const units[] = {[QUANTITY_COUNT] = "calls",
                                        [QUANTITY_ERRORS] = "errors",
                                        [QUANTITY_TIME] = "ns",
                                        [QUANTITY_BYTES] = "bytes",
                                        [QUANTITY_SCORE] = "score"};
    return quantity < QUANTITIES ? units[quantity] : NULL;
}

static void add_json_spenders(struct json_node object, const struct check_result *result) {
    struct json_node array = json_add_array(object, "spent_by");
    enum quantity quantity = result->verdict.quantity;
    for (size_t i = 0; has_spenders(result) && i < result->spending->spender_count[quantity]; i++) {
        const struct spender *spender = &result->spending->spenders[quantity][i];
        struct json_node item = json_append_object(array);
        json_add_string(item, "what", spender->what);
        json_add_number(item, "calls", spender->count);
        json_add_number(item, "amount", spender->spent);
        json_add_line(item, "first_line", spender->first_line);
        json_add_line(item, "last_line", spender->last_line);
    }
}

static void fill_result(struct json_node object, const struct check_result *result) {
    const struct verdict *verdict = &result->verdict;
    json_add_string(object, "name", result->name);
    json_add_string(object, "type", result->type);
    json_add_string(object, "status", verdict_word(verdict->status));
    json_add_line(object, "line", verdict->line);
    json_add_string(object, "reason", verdict->reason);
    json_add_string(object, "unit", unit_of(verdict->quantity));
    add_known(object, "measured", verdict->has_amount, verdict->amount);
    add_known(object, "limit", verdict->has_limit, verdict->limit);
    add_known(object, "golden", verdict->has_golden, verdict->golden);
    json_add_string(object, "measured_from", result->spending ? result->spending->from : NULL);
    add_json_spenders(object, result);
    json_add_string(object, "details", result->details);
}

static void fill_checked(struct json_node object, const struct checked *checked) {
    json_add_string(object, "subject", checked->subject);
    json_add_string(object, "problem", checked->problem);
    struct json_node runs = json_add_array(object, "traces");
    for (size_t i = 0; i < checked->run_count && !checked->problem; i++) {
        const struct trace_facts *facts = &checked->facts[i];
        struct json_node run = json_append_object(runs);
        json_add_string(run, "path", checked->traces[i]);
        json_add_string(run, "time", facts->time_source);
        json_add_bool(run, "golden", facts->is_golden);
        json_add_bool(run, "cut_off", facts->is_cut);
        json_add_number(run, "lost", facts->lost);
        json_add_unsigned(run, "children_left_out", facts->unfollowed);
        json_add_string(run, "signal", facts->signal);
    }
    json_add_string(object, "golden", checked->golden);
    struct json_node tally = json_add_object(object, "tally");
    for (enum verdict_status status = 0; status < VERDICTS; status++) {
        json_add_unsigned(tally, verdict_word(status), checked->tally[status]);
    }
    struct json_node results = json_add_array(object, "results");
    for (size_t i = 0; i < checked->count; i++) {
        fill_result(json_append_object(results), &checked->results[i]);
    }
}

bool check_report_json(const struct check_report *report, FILE *stream) {
    bool failed = false;
    struct json_node document = json_document(&failed);
    json_add_string(document, "format", "renacer-check-v1");
    json_add_string(document, "verdict", check_outcome_word(check_outcome(report->checked, report->count)));
    json_add_string(document, "budgets", report->file->path);
    struct json_node notes = json_add_array(document, "notes");
    for (size_t i = 0; i < report->file->note_count; i++) {
        const struct budget_note *note = &report->file->notes[i];
        struct json_node object = json_append_object(notes);
        json_add_string(object, "kind", note->is_warning ? "warning" : "inapplicable");
        json_add_line(object, "line", note->line);
        json_add_string(object, "text", note->text);
    }
    struct json_node checks = json_add_array(document, "checks");
    for (size_t i = 0; i < report->count; i++) {
        fill_checked(json_append_object(checks), &report->checked[i]);
    }
    return json_write(document, stream);
}

/* -------------------------------------------------------------------- findings */

static int add_finding(const struct check_report *report, const struct check_result *result, struct findings *suite) {
    static const enum finding_status statuses[VERDICTS] = {[VERDICT_KEPT] = FINDING_PASSED,
                                                           [VERDICT_VIOLATED] = FINDING_FAILED,
                                                           [VERDICT_WARNING] = FINDING_WARNED,
                                                           [VERDICT_UNMEASURED] = FINDING_BROKEN,
                                                           [VERDICT_SKIPPED] = FINDING_SKIPPED};
    struct text details = {0};
    add_spenders(&details, result, 0);
    add_lines(&details, result->details, 0);
    struct finding finding = {.status = statuses[result->verdict.status],
                              .name = result->name,
                              .reason = result->verdict.reason,
                              .details = details.bytes,
                              .file = report->file->path,
                              .line = result->verdict.line,
                              .seconds = -1};
    if (!check_counts(result) && finding.status == FINDING_BROKEN) {
        finding.status = FINDING_WARNED;
    }
    int status = details.failed ? -ENOMEM : findings_add(suite, &finding);
    text_finish(&details);
    return status;
}

int check_findings(const struct check_report *report, struct findings *suites) {
    int status = 0;
    for (size_t i = 0; i < report->count && status == 0; i++) {
        const struct checked *checked = &report->checked[i];
        auto_free char *name = NULL;
        if (asprintf(&name, "%s on %s", report->file->path, checked->subject) < 0) {
            name = NULL;
            return -ENOMEM;
        }
        status = findings_begin(&suites[i], name);
        if (status == 0 && checked->problem) {
            const struct finding finding = {
                .status = FINDING_BROKEN, .name = "trace", .reason = checked->problem, .seconds = -1};
            status = findings_add(&suites[i], &finding);
        }
        for (size_t k = 0; k < checked->count && status == 0; k++) {
            status = add_finding(report, &checked->results[k], &suites[i]);
        }
    }
    return status;
}
