/* SPDX-License-Identifier: MIT */
#include "golden_report.h"

#include "cleanup.h"
#include "colour.h"
#include "comparison_findings.h"
#include "json_object.h"
#include "memory_stream.h"
#include "report.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

size_t golden_results_count(const struct golden_results *results, enum golden_verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++) {
        count += results->each[i].verdict == verdict;
    }
    return count;
}

static const char *verdict_name(enum golden_verdict verdict) {
    static const char *const names[] = {[VERDICT_SAME] = "same",
                                        [VERDICT_EQUIVALENT] = "equivalent",
                                        [VERDICT_DIFFERENT] = "different",
                                        [VERDICT_BROKEN] = "error"};
    return names[verdict];
}

/* ------------------------------------------------------------------------------ text */

/* Lines with blanks in front. */
static void print_indented(const char *lines, FILE *stream) {
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");
        fprintf(stream, "    %.*s\n", (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
}

static void print_result(const struct golden_result *result, bool colour, FILE *stream) {
    bool is_good = result->verdict == VERDICT_SAME || result->verdict == VERDICT_EQUIVALENT;
    const struct golden_run *run = result->run;
    fprintf(stream, "%s%-10s%s  %s", tint_begin(colour, is_good ? TINT_GOOD : TINT_BAD), verdict_name(result->verdict),
            tint_end(colour), run->golden->name);
    switch (result->verdict) {
    case VERDICT_EQUIVALENT:
        fprintf(stream, " (%s)", compare_mode_name(run->golden->mode));
        break;
    case VERDICT_BROKEN:
        fprintf(stream, ": %s", run->problem ? run->problem : "out of memory");
        break;
    default:
        break;
    }
    fputc('\n', stream);
    if (result->verdict == VERDICT_BROKEN) {
        print_indented(run->said, stream);
    }
    if (result->verdict == VERDICT_DIFFERENT) {
        if (result->kept) {
            fprintf(stream, "its new trace: %s\n", result->kept);
        }
        report_text(&result->comparison, colour, stream);
        fputc('\n', stream);
    }
}

/* "9 same, 1 different" */
static void print_counts(const struct golden_results *results, FILE *stream) {
    const char *comma = "";
    for (enum golden_verdict verdict = VERDICT_SAME; verdict <= VERDICT_BROKEN; verdict++) {
        size_t count = golden_results_count(results, verdict);
        if (count) {
            fprintf(stream, "%s%zu %s%s", comma, count, verdict_name(verdict),
                    verdict == VERDICT_BROKEN && count != 1 ? "s" : "");
            comma = ", ";
        }
    }
}

void golden_report_text(const struct golden_results *results, bool colour, FILE *stream) {
    for (size_t i = 0; i < results->count; i++) {
        print_result(&results->each[i], colour, stream);
    }
    print_counts(results, stream);
    fputc('\n', stream);
}

/* -------------------------------------------------------------------------- findings */

/* The line of the golden trace where the first difference is that has one; 0: none has. */
static uint64_t first_line(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->difference_count; i++) {
        if (comparison->differences[i].line[SIDE_GOLDEN]) {
            return comparison->differences[i].line[SIDE_GOLDEN];
        }
    }
    return 0;
}

static int add_finding(const struct golden_results *results, const struct golden_result *result,
                       struct findings *findings) {
    const struct golden_run *run = result->run;
    struct finding finding = {.name = run->golden->name, .file = result->golden_trace, .seconds = run->seconds};
    switch (result->verdict) {
    case VERDICT_SAME:
        finding.status = FINDING_PASSED;
        return findings_add(findings, &finding);
    case VERDICT_BROKEN:
        finding.status = FINDING_BROKEN;
        finding.reason = run->problem ? run->problem : "out of memory";
        finding.details = run->said;
        finding.file = results->manifest;
        finding.line = run->golden->line;
        return findings_add(findings, &finding);
    default:
        finding.line = first_line(&result->comparison);
        return comparison_add_finding(&result->comparison, &finding, findings);
    }
}

int golden_results_find(const struct golden_results *results, struct findings *findings) {
    struct memory_stream memory;
    auto_free char *suite = NULL;
    *findings = (struct findings){0};
    if (asprintf(&suite, "golden %s", results->manifest) < 0) {
        suite = NULL;
        return -ENOMEM;
    }
    int status = findings_begin(findings, suite);
    for (size_t i = 0; i < results->count && status == 0; i++) {
        status = add_finding(results, &results->each[i], findings);
    }
    if (status < 0 || memory_stream_open(&memory) < 0) {
        return -ENOMEM;
    }
    print_counts(results, memory.stream);
    if (memory_stream_close(&memory) < 0) {
        return -ENOMEM;
    }
    status = findings_conclude(findings, memory.text.bytes);
    text_finish(&memory.text);
    return status;
}

/* ------------------------------------------------------------------------------ JSON */

static void fill_result(struct json_node object, const struct golden_result *result) {
    const struct golden_run *run = result->run;
    bool is_broken = result->verdict == VERDICT_BROKEN;
    json_add_string(object, "name", run->golden->name);
    json_add_string(object, "verdict", verdict_name(result->verdict));
    json_add_string(object, "mode", compare_mode_name(run->golden->mode));
    struct json_node command = json_add_array(object, "command");
    for (size_t i = 0; i < run->golden->command.count; i++) {
        json_append_string(command, run->golden->command.each[i]);
    }
    json_add_string(object, "trace", result->golden_trace);
    json_add_string(object, "new_trace", result->kept);
    json_add_string(object, "problem", is_broken ? run->problem : NULL);
    json_add_string(object, "said", is_broken ? run->said : NULL);
    json_add_number(object, "seconds", run->seconds);
    if (result->verdict == VERDICT_SAME || is_broken) {
        json_add_null(object, "comparison");
    } else {
        report_json_fill(json_add_object(object, "comparison"), &result->comparison);
    }
}

bool golden_report_json(const struct golden_results *results, FILE *stream) {
    bool failed = false;
    struct json_node document = json_document(&failed);
    json_add_string(document, "format", "renacer-golden-v1");
    json_add_string(document, "manifest", results->manifest);
    struct json_node list = json_add_array(document, "goldens");
    for (size_t i = 0; i < results->count; i++) {
        fill_result(json_append_object(list), &results->each[i]);
    }
    struct json_node counts = json_add_object(document, "counts");
    for (enum golden_verdict verdict = VERDICT_SAME; verdict <= VERDICT_BROKEN; verdict++) {
        json_add_unsigned(counts, verdict_name(verdict), golden_results_count(results, verdict));
    }
    return json_write(document, stream);
}
