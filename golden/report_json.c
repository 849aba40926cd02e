/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "cleanup.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

/* Exactly, for a cJSON number is a double. */
static void add_integer(cJSON *object, const char *name, uint64_t number) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    cJSON_AddRawToObject(object, name, digits);
}

static void add_string(cJSON *object, const char *name, const char *string) {
    if (string) {
        cJSON_AddStringToObject(object, name, string);
    } else {
        cJSON_AddNullToObject(object, name);
    }
}

/* A line, or null where there is none. */
static void add_line(cJSON *object, const char *name, uint64_t line) {
    if (line) {
        add_integer(object, name, line);
    } else {
        cJSON_AddNullToObject(object, name);
    }
}

static cJSON *difference_object(const struct comparison *comparison, const struct difference *difference) {
    static const char *const kinds[] = {[DIFFERENCE_MISSING] = "missing",
                                        [DIFFERENCE_ADDED] = "added",
                                        [DIFFERENCE_CHANGED] = "changed",
                                        [DIFFERENCE_MOVED] = "moved"};
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "kind", kinds[difference->kind]);
    bool has_group = comparison->mode == COMPARE_SEMANTIC;
    add_string(object, "group", has_group ? difference_group_name(difference->group) : NULL);
    add_string(object, "subject", difference->subject);
    add_string(object, "golden", difference->detail[SIDE_GOLDEN]);
    add_string(object, "new", difference->detail[SIDE_NEW]);
    add_line(object, "golden_line", difference->line[SIDE_GOLDEN]);
    add_line(object, "new_line", difference->line[SIDE_NEW]);
    return object;
}

static void add_basis(cJSON *document, const struct comparison *comparison) {
    if (comparison->mode != COMPARE_SEMANTIC) {
        cJSON_AddNullToObject(document, "rests_on");
        return;
    }
    cJSON *basis = cJSON_AddObjectToObject(document, "rests_on");
    add_integer(basis, "content_bytes", comparison->content_bytes);
    add_integer(basis, "length_only_bytes", comparison->length_bytes);
    cJSON_AddBoolToObject(basis, "signals", comparison->signals_seen);
}

static void add_groups(cJSON *document, const struct comparison *comparison) {
    if (comparison->mode != COMPARE_SEMANTIC) {
        cJSON_AddNullToObject(document, "divergent_by_group");
        return;
    }
    cJSON *groups = cJSON_AddObjectToObject(document, "divergent_by_group");
    for (enum difference_group group = 0; group < DIFFERENCE_GROUPS; group++) {
        add_integer(groups, difference_group_name(group), comparison->divergent_group[group]);
    }
}

static void add_cost(cJSON *parent, const char *name, const struct trace_cost *cost) {
    cJSON *object = cJSON_AddObjectToObject(parent, name);
    add_integer(object, "calls", cost->calls);
    if (cost->has_time) {
        add_integer(object, "time_us", cost->time_ns / 1000);
    } else {
        cJSON_AddNullToObject(object, "time_us");
    }
    add_integer(object, "mapped_bytes", cost->mapped_bytes);
}

static void add_ratio(cJSON *object, const char *name, bool known, uint64_t golden, uint64_t new) {
    if (known && golden) {
        cJSON_AddNumberToObject(object, name, (double)new / (double)golden);
    } else {
        cJSON_AddNullToObject(object, name);
    }
}

static void add_costs(cJSON *document, const struct comparison *comparison) {
    const struct trace_cost *golden = &comparison->cost[SIDE_GOLDEN];
    const struct trace_cost *new = &comparison->cost[SIDE_NEW];
    cJSON *cost = cJSON_AddObjectToObject(document, "cost");
    add_cost(cost, "golden", golden);
    add_cost(cost, "new", new);
    cJSON *ratio = cJSON_AddObjectToObject(cost, "ratio");
    add_ratio(ratio, "calls", true, golden->calls, new->calls);
    add_ratio(ratio, "time", golden->has_time && new->has_time, golden->time_ns, new->time_ns);
    add_ratio(ratio, "mapped_bytes", true, golden->mapped_bytes, new->mapped_bytes);
}

static void add_differences(cJSON *document, const struct comparison *comparison) {
    if (comparison->difference_count) {
        cJSON_AddItemToObject(document, "first_divergence", difference_object(comparison, &comparison->differences[0]));
    } else {
        cJSON_AddNullToObject(document, "first_divergence");
    }
    cJSON *differences = cJSON_AddArrayToObject(document, "differences");
    for (size_t i = 0; i < comparison->difference_count; i++) {
        cJSON_AddItemToArray(differences, difference_object(comparison, &comparison->differences[i]));
    }
    add_integer(document, "differences_left_out", comparison->differences_left_out);
}

static void add_cut(cJSON *document, const struct comparison *comparison) {
    cJSON *cut = cJSON_AddObjectToObject(document, "cut_off");
    cJSON_AddBoolToObject(cut, "golden", comparison->cut[SIDE_GOLDEN]);
    cJSON_AddBoolToObject(cut, "new", comparison->cut[SIDE_NEW]);
}

cJSON *report_json_object(const struct comparison *comparison) {
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "format", "renacer-comparison-v1");
    cJSON_AddStringToObject(document, "mode", compare_mode_name(comparison->mode));
    cJSON_AddStringToObject(document, "verdict", comparison_equivalent(comparison) ? "equivalent" : "different");
    if (comparison->has_confidence) {
        cJSON_AddNumberToObject(document, "confidence", comparison->confidence);
    } else {
        cJSON_AddNullToObject(document, "confidence");
    }
    add_basis(document, comparison);
    add_integer(document, "matched", comparison->matched);
    add_integer(document, "divergent", comparison->divergent);
    add_groups(document, comparison);
    add_differences(document, comparison);
    add_cut(document, comparison);
    add_costs(document, comparison);
    return document;
}

bool report_json(const struct comparison *comparison, FILE *stream) {
    cJSON *document = report_json_object(comparison);
    auto_free char *text = cJSON_Print(document);
    cJSON_Delete(document);
    if (text) {
        fprintf(stream, "%s\n", text);
    }
    return text != NULL;
}
