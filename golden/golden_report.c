/* SPDX-License-Identifier: MIT */
#include "golden_report.h"

#include "cleanup.h"
#include "report.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <sys/wait.h>

size_t golden_results_count(const struct golden_results *results, enum golden_verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++) {
        count += results->each[i].verdict == verdict;
    }
    return count;
}

const char *golden_verdict_name(enum golden_verdict verdict) {
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
    static const char *const tints[] = {[VERDICT_SAME] = "\033[1;32m",
                                        [VERDICT_EQUIVALENT] = "\033[1;32m",
                                        [VERDICT_DIFFERENT] = "\033[1;31m",
                                        [VERDICT_BROKEN] = "\033[1;31m"};
    const struct golden_run *run = result->run;
    fprintf(stream, "%s%-10s%s  %s", colour ? tints[result->verdict] : "", golden_verdict_name(result->verdict),
            colour ? "\033[0m" : "", run->golden->name);
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

void golden_report_text(const struct golden_results *results, bool colour, FILE *stream) {
    for (size_t i = 0; i < results->count; i++) {
        print_result(&results->each[i], colour, stream);
    }
    const char *comma = "";
    for (enum golden_verdict verdict = VERDICT_SAME; verdict <= VERDICT_BROKEN; verdict++) {
        size_t count = golden_results_count(results, verdict);
        if (count) {
            fprintf(stream, "%s%zu %s%s", comma, count, golden_verdict_name(verdict),
                    verdict == VERDICT_BROKEN && count != 1 ? "s" : "");
            comma = ", ";
        }
    }
    fputs(results->count ? "\n" : "no golden traces\n", stream);
}

/* ------------------------------------------------------------------------------ JSON */

static void add_string(cJSON *object, const char *name, const char *string) {
    if (string) {
        cJSON_AddStringToObject(object, name, string);
    } else {
        cJSON_AddNullToObject(object, name);
    }
}

static cJSON *result_object(const struct golden_result *result) {
    const struct golden_run *run = result->run;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", run->golden->name);
    cJSON_AddStringToObject(object, "verdict", golden_verdict_name(result->verdict));
    cJSON_AddStringToObject(object, "mode", compare_mode_name(run->golden->mode));
    cJSON *command = cJSON_AddArrayToObject(object, "command");
    for (size_t i = 0; i < run->golden->command.count; i++) {
        cJSON_AddItemToArray(command, cJSON_CreateString(run->golden->command.each[i]));
    }
    add_string(object, "trace", result->golden_trace);
    add_string(object, "new_trace", result->kept);
    add_string(object, "problem", result->verdict == VERDICT_BROKEN ? run->problem : NULL);
    add_string(object, "said", result->verdict == VERDICT_BROKEN ? run->said : NULL);
    cJSON_AddNumberToObject(object, "seconds", run->seconds);
    if (result->verdict == VERDICT_SAME || result->verdict == VERDICT_BROKEN) {
        cJSON_AddNullToObject(object, "comparison");
    } else {
        cJSON_AddItemToObject(object, "comparison", report_json_object(&result->comparison));
    }
    return object;
}

bool golden_report_json(const struct golden_results *results, FILE *stream) {
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "format", "renacer-golden-v1");
    cJSON_AddStringToObject(document, "manifest", results->manifest);
    cJSON *list = cJSON_AddArrayToObject(document, "goldens");
    for (size_t i = 0; i < results->count; i++) {
        cJSON_AddItemToArray(list, result_object(&results->each[i]));
    }
    cJSON *counts = cJSON_AddObjectToObject(document, "counts");
    for (enum golden_verdict verdict = VERDICT_SAME; verdict <= VERDICT_BROKEN; verdict++) {
        cJSON_AddNumberToObject(counts, golden_verdict_name(verdict), (double)golden_results_count(results, verdict));
    }
    auto_free char *text = cJSON_Print(document);
    cJSON_Delete(document);
    if (text) {
        fprintf(stream, "%s\n", text);
    }
    return text != NULL;
}
