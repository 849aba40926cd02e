/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "cleanup.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

/* An object of the report; what could not be added to it fails all of it. */
struct object {
    cJSON *node;
    bool *failed;
};

/* Add what was made, or NULL without memory; it is the object's. */
static void add(struct object object, const char *name, cJSON *item) {
    if (!item || !cJSON_AddItemToObject(object.node, name, item)) {
        cJSON_Delete(item);
        *object.failed = true;
    }
}

static struct object add_object(struct object parent, const char *name) {
    struct object object = {cJSON_AddObjectToObject(parent.node, name), parent.failed};
    *object.failed |= !object.node;
    return object;
}

/* Exactly, for a cJSON number is a double. */
static void add_integer(struct object object, const char *name, uint64_t number) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    add(object, name, cJSON_CreateRaw(digits));
}

static void add_null(struct object object, const char *name) {
    add(object, name, cJSON_CreateNull());
}

static void add_string(struct object object, const char *name, const char *string) {
    add(object, name, string ? cJSON_CreateString(string) : cJSON_CreateNull());
}

static void add_bool(struct object object, const char *name, bool value) {
    add(object, name, cJSON_CreateBool(value));
}

/* A line, or null where there is none. */
static void add_line(struct object object, const char *name, uint64_t line) {
    if (line) {
        add_integer(object, name, line);
    } else {
        add_null(object, name);
    }
}

/* NULL without memory. */
static cJSON *difference_object(const struct comparison *comparison, const struct difference *difference) {
    static const char *const kinds[] = {[DIFFERENCE_MISSING] = "missing",
                                        [DIFFERENCE_ADDED] = "added",
                                        [DIFFERENCE_CHANGED] = "changed",
                                        [DIFFERENCE_MOVED] = "moved"};
    bool failed = false;
    struct object object = {cJSON_CreateObject(), &failed};
    bool has_group = comparison->mode == COMPARE_SEMANTIC;
    add_string(object, "kind", kinds[difference->kind]);
    add_string(object, "group", has_group ? difference_group_name(difference->group) : NULL);
    add_string(object, "subject", difference->subject);
    add_string(object, "golden", difference->detail[SIDE_GOLDEN]);
    add_string(object, "new", difference->detail[SIDE_NEW]);
    add_line(object, "golden_line", difference->line[SIDE_GOLDEN]);
    add_line(object, "new_line", difference->line[SIDE_NEW]);
    if (failed) {
        cJSON_Delete(object.node);
        return NULL;
    }
    return object.node;
}

static void add_basis(struct object document, const struct comparison *comparison) {
    if (comparison->mode != COMPARE_SEMANTIC) {
        add_null(document, "rests_on");
        return;
    }
    struct object basis = add_object(document, "rests_on");
    add_integer(basis, "content_bytes", comparison->content_bytes);
    add_integer(basis, "length_only_bytes", comparison->length_bytes);
    add_bool(basis, "signals", comparison->signals_seen);
}

static void add_groups(struct object document, const struct comparison *comparison) {
    if (comparison->mode != COMPARE_SEMANTIC) {
        add_null(document, "divergent_by_group");
        return;
    }
    struct object groups = add_object(document, "divergent_by_group");
    for (enum difference_group group = 0; group < DIFFERENCE_GROUPS; group++) {
        add_integer(groups, difference_group_name(group), comparison->divergent_group[group]);
    }
}

static void add_cost(struct object parent, const char *name, const struct trace_cost *cost) {
    struct object object = add_object(parent, name);
    add_integer(object, "calls", cost->calls);
    if (cost->has_time) {
        add_integer(object, "time_us", cost->time_ns / 1000);
    } else {
        add_null(object, "time_us");
    }
    add_integer(object, "mapped_bytes", cost->mapped_bytes);
}

static void add_ratio(struct object object, const char *name, bool known, uint64_t golden, uint64_t new) {
    if (known && golden) {
        add(object, name, cJSON_CreateNumber((double)new / (double)golden));
    } else {
        add_null(object, name);
    }
}

static void add_costs(struct object document, const struct comparison *comparison) {
    const struct trace_cost *golden = &comparison->cost[SIDE_GOLDEN];
    const struct trace_cost *new = &comparison->cost[SIDE_NEW];
    struct object cost = add_object(document, "cost");
    add_cost(cost, "golden", golden);
    add_cost(cost, "new", new);
    struct object ratio = add_object(cost, "ratio");
    add_ratio(ratio, "calls", true, golden->calls, new->calls);
    add_ratio(ratio, "time", golden->has_time && new->has_time, golden->time_ns, new->time_ns);
    add_ratio(ratio, "mapped_bytes", true, golden->mapped_bytes, new->mapped_bytes);
}

static void add_differences(struct object document, const struct comparison *comparison) {
    if (comparison->difference_count) {
        add(document, "first_divergence", difference_object(comparison, &comparison->differences[0]));
    } else {
        add_null(document, "first_divergence");
    }
    cJSON *differences = cJSON_AddArrayToObject(document.node, "differences");
    *document.failed |= !differences;
    for (size_t i = 0; i < comparison->difference_count; i++) {
        cJSON *object = difference_object(comparison, &comparison->differences[i]);
        if (!object || !cJSON_AddItemToArray(differences, object)) {
            cJSON_Delete(object);
            *document.failed = true;
        }
    }
    add_integer(document, "differences_left_out", comparison->differences_left_out);
}

static void add_cut(struct object document, const struct comparison *comparison) {
    struct object cut = add_object(document, "cut_off");
    add_bool(cut, "golden", comparison->cut[SIDE_GOLDEN]);
    add_bool(cut, "new", comparison->cut[SIDE_NEW]);
}

cJSON *report_json_object(const struct comparison *comparison) {
    bool failed = false;
    struct object document = {cJSON_CreateObject(), &failed};
    add_string(document, "format", "renacer-comparison-v1");
    add_string(document, "mode", compare_mode_name(comparison->mode));
    add_string(document, "verdict", comparison_equivalent(comparison) ? "equivalent" : "different");
    if (comparison->has_confidence) {
        add(document, "confidence", cJSON_CreateNumber(comparison->confidence));
    } else {
        add_null(document, "confidence");
    }
    add_basis(document, comparison);
    add_integer(document, "matched", comparison->matched);
    add_integer(document, "divergent", comparison->divergent);
    add_groups(document, comparison);
    add_differences(document, comparison);
    add_cut(document, comparison);
    add_costs(document, comparison);
    if (failed) {
        cJSON_Delete(document.node);
        document.node = NULL;
    }
    return document.node;
}

bool report_json(const struct comparison *comparison, FILE *stream) {
    cJSON *document = report_json_object(comparison);
    auto_free char *text = document ? cJSON_Print(document) : NULL;
    cJSON_Delete(document);
    if (text) {
        fprintf(stream, "%s\n", text);
    }
    return text != NULL;
}
