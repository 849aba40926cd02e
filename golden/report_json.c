/* SPDX-License-Identifier: MIT */
#include "report.h"

#include "json_object.h"

static void fill_difference(struct json_node object, const struct comparison *comparison,
                            const struct difference *difference) {
    static const char *const kinds[] = {[DIFFERENCE_MISSING] = "missing",
                                        [DIFFERENCE_ADDED] = "added",
                                        [DIFFERENCE_CHANGED] = "changed",
                                        [DIFFERENCE_MOVED] = "moved"};
    bool has_group = comparison->mode == COMPARE_SEMANTIC;
    json_add_string(object, "kind", kinds[difference->kind]);
    json_add_string(object, "group", has_group ? difference_group_name(difference->group) : NULL);
    json_add_string(object, "subject", difference->subject);
    json_add_string(object, "golden", difference->detail[SIDE_GOLDEN]);
    json_add_string(object, "new", difference->detail[SIDE_NEW]);
    json_add_line(object, "golden_line", difference->line[SIDE_GOLDEN]);
    json_add_line(object, "new_line", difference->line[SIDE_NEW]);
}

static void add_basis(struct json_node document, const struct comparison *comparison) {
    if (comparison->mode != COMPARE_SEMANTIC) {
        json_add_null(document, "rests_on");
        return;
    }
    struct json_node basis = json_add_object(document, "rests_on");
    json_add_unsigned(basis, "content_bytes", comparison->content_bytes);
    json_add_unsigned(basis, "length_only_bytes", comparison->length_bytes);
    json_add_bool(basis, "signals", comparison->signals_seen);
}

static void add_groups(struct json_node document, const struct comparison *comparison) {
    if (comparison->mode != COMPARE_SEMANTIC) {
        json_add_null(document, "divergent_by_group");
        return;
    }
    struct json_node groups = json_add_object(document, "divergent_by_group");
    for (enum difference_group group = 0; group < DIFFERENCE_GROUPS; group++) {
        json_add_unsigned(groups, difference_group_name(group), comparison->divergent_group[group]);
    }
}

static void add_cost(struct json_node parent, const char *name, const struct trace_cost *cost) {
    struct json_node object = json_add_object(parent, name);
    json_add_unsigned(object, "calls", cost->calls);
    if (cost->has_time) {
        json_add_unsigned(object, "time_us", cost->time_ns / 1000);
    } else {
        json_add_null(object, "time_us");
    }
    json_add_unsigned(object, "mapped_bytes", cost->mapped_bytes);
}

static void add_ratio(struct json_node object, const char *name, bool known, uint64_t golden, uint64_t new) {
    if (known && golden) {
        json_add_number(object, name, (double)new / (double)golden);
    } else {
        json_add_null(object, name);
    }
}

static void add_costs(struct json_node document, const struct comparison *comparison) {
    const struct trace_cost *golden = &comparison->cost[SIDE_GOLDEN];
    const struct trace_cost *new = &comparison->cost[SIDE_NEW];
    struct json_node cost = json_add_object(document, "cost");
    add_cost(cost, "golden", golden);
    add_cost(cost, "new", new);
    struct json_node ratio = json_add_object(cost, "ratio");
    add_ratio(ratio, "calls", true, golden->calls, new->calls);
    add_ratio(ratio, "time", golden->has_time && new->has_time, golden->time_ns, new->time_ns);
    add_ratio(ratio, "mapped_bytes", true, golden->mapped_bytes, new->mapped_bytes);
}

static void add_differences(struct json_node document, const struct comparison *comparison) {
    if (comparison->difference_count) {
        fill_difference(json_add_object(document, "first_divergence"), comparison, &comparison->differences[0]);
    } else {
        json_add_null(document, "first_divergence");
    }
    struct json_node differences = json_add_array(document, "differences");
    for (size_t i = 0; i < comparison->difference_count; i++) {
        fill_difference(json_append_object(differences), comparison, &comparison->differences[i]);
    }
    json_add_unsigned(document, "differences_left_out", comparison->differences_left_out);
}

static void add_cut(struct json_node document, const struct comparison *comparison) {
    struct json_node cut = json_add_object(document, "cut_off");
    json_add_bool(cut, "golden", comparison->cut[SIDE_GOLDEN]);
    json_add_bool(cut, "new", comparison->cut[SIDE_NEW]);
}

static void add_lost(struct json_node document, const struct comparison *comparison) {
    struct json_node lost = json_add_object(document, "lost");
    json_add_unsigned(lost, "golden", comparison->lost[SIDE_GOLDEN]);
    json_add_unsigned(lost, "new", comparison->lost[SIDE_NEW]);
}

static void add_filter(struct json_node document, const struct comparison *comparison) {
    struct json_node filter = json_add_object(document, "filter");
    json_add_string(filter, "golden", comparison->filter[SIDE_GOLDEN]);
    json_add_string(filter, "new", comparison->filter[SIDE_NEW]);
}

void report_json_fill(struct json_node object, const struct comparison *comparison) {
    json_add_string(object, "format", "renacer-comparison-v1");
    json_add_string(object, "mode", compare_mode_name(comparison->mode));
    json_add_string(object, "verdict", comparison_equivalent(comparison) ? "equivalent" : "different");
    if (comparison->has_confidence) {
        json_add_number(object, "confidence", comparison->confidence);
    } else {
        json_add_null(object, "confidence");
    }
    add_basis(object, comparison);
    json_add_unsigned(object, "matched", comparison->matched);
    json_add_unsigned(object, "divergent", comparison->divergent);
    add_groups(object, comparison);
    add_differences(object, comparison);
    add_cut(object, comparison);
    add_lost(object, comparison);
    add_filter(object, comparison);
    add_costs(object, comparison);
}

bool report_json(const struct comparison *comparison, FILE *stream) {
    bool failed = false;
    struct json_node document = json_document(&failed);
    report_json_fill(document, comparison);
    return json_write(document, stream);
}
