/* SPDX-License-Identifier: MIT
 *
 * The keys of one budget: [[assertion]], [[budget]], [[required]], [[forbidden]].
 */
#include "budget_reading.h"

#include "name_pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const clocks[] = {[TIME_KERNEL] = "kernel", [TIME_WALL] = "wall", NULL};
static const char *const tracking_modes[] = {[MEMORY_ALLOCATIONS] = "allocations", [MEMORY_RSS] = "rss", NULL};

enum {
    PATTERN_PCIE = PATTERN_GOD_PROCESS + 1, /* and all that follow */
};
static const char *const anti_patterns[] = {[PATTERN_TIGHT_LOOP] = "TightLoop",
                                            [PATTERN_GOD_PROCESS] = "GodProcess",
                                            [PATTERN_PCIE] = "PcieBottleneck",
                                            "PCIeBottleneck",
                                            NULL};

/* ------------------------------------------------------------------------ keys */

/* Sets of kinds. */
enum {
    CRITICAL_PATH = 1 << BUDGET_CRITICAL_PATH,
    SPAN_COUNT = 1 << BUDGET_SPAN_COUNT,
    MEMORY = 1 << BUDGET_MEMORY,
    ANTI_PATTERN = 1 << BUDGET_ANTI_PATTERN,
    CALLS = 1 << BUDGET_CALLS,
    REQUIRED = 1 << BUDGET_REQUIRED,
    FORBIDDEN = 1 << BUDGET_FORBIDDEN,
    CUSTOM = 1 << BUDGET_INAPPLICABLE,
    CHOSEN = CALLS | REQUIRED | FORBIDDEN, /* `calls` and `path` say which */
    ASSERTION = CRITICAL_PATH | SPAN_COUNT | MEMORY | ANTI_PATTERN | CUSTOM,
    ALL = ASSERTION | CHOSEN,
};

struct key;

typedef int take_fn(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                    const struct key *key);

struct key {
    const char *name;
    unsigned kinds; /* that have it */
    take_fn *take;  /* NULL: it is looked at elsewhere, or by nobody */
    enum quantity quantity;
    double unit; /* of the number, in that of the quantity */
};

static void mark_limit(struct limit *limit, const struct toml_node *node) {
    if (!limit->line || node->line < limit->line) {
        limit->line = node->line;
    }
}

static int take_enabled(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                        const struct key *key) {
    return budget_truth(reading, node, key->name, &budget->enabled);
}

static int take_fails(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                      const struct key *key) {
    return budget_truth(reading, node, key->name, &budget->fails);
}

static int take_max(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                    const struct key *key) {
    struct limit *limit = &budget->limits[key->quantity];
    if (limit->has_max) {
        return budget_mistake(reading, node, "%s is the second maximum of %s here", key->name,
                              quantity_name(key->quantity));
    }
    limit->has_max = true;
    mark_limit(limit, node);
    return budget_amount(reading, node, key->unit, key->quantity != QUANTITY_TIME, &limit->max);
}

static int take_min(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                    const struct key *key) {
    struct limit *limit = &budget->limits[key->quantity];
    limit->has_min = true;
    mark_limit(limit, node);
    return budget_amount(reading, node, key->unit, true, &limit->min);
}

static int take_increase(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                         const struct key *key) {
    struct limit *limit = &budget->limits[key->quantity];
    if (limit->increase.is_set) {
        return budget_mistake(reading, node, "%s is the second increase of %s here", key->name,
                              quantity_name(key->quantity));
    }
    mark_limit(limit, node);
    return budget_increase(reading, node, key->unit, key->quantity != QUANTITY_TIME, &limit->increase);
}

static int take_threshold(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                          const struct key *key) {
    struct limit *limit = &budget->limits[key->quantity];
    limit->has_max = true;
    mark_limit(limit, node);
    return budget_share(reading, node, &limit->max);
}

static int take_clock(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                      const struct key *key) {
    (void)key;
    size_t index = 0;
    int status = budget_word(reading, node, clocks, &index);
    budget->time = (enum time_mode)index;
    return status;
}

static int take_tracking_mode(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                              const struct key *key) {
    (void)key;
    size_t index = 0;
    int status = budget_word(reading, node, tracking_modes, &index);
    budget->memory = (enum memory_mode)index;
    return status;
}

static int make_inapplicable(struct budget *budget, const char *reason) {
    budget->kind = BUDGET_INAPPLICABLE;
    budget->inapplicable = strdup(reason);
    return budget->inapplicable ? 0 : -ENOMEM;
}

static int take_anti_pattern(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                             const struct key *key) {
    (void)key;
    size_t index = 0;
    int status = budget_word(reading, node, anti_patterns, &index);
    if (status == 0 && index >= PATTERN_PCIE) {
        return make_inapplicable(budget, "transfers to and from a GPU are not system calls: nothing in a trace tells "
                                         "what share of the time they take");
    }
    budget->pattern = (enum anti_pattern)index;
    return status;
}

static int take_span_pattern(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                             const struct key *key) {
    (void)key;
    return budget_pattern(reading, node, &budget->span_pattern);
}

static int take_process_pattern(const struct budget_reading *reading, struct budget *budget,
                                const struct toml_node *node, const struct key *key) {
    (void)key;
    return budget_pattern(reading, node, &budget->process_pattern);
}

static int take_trace_pattern(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                              const struct key *key) {
    (void)key;
    return budget_pattern(reading, node, &budget->trace_pattern);
}

static int take_calls(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                      const struct key *key) {
    (void)key;
    char reason[512] = "";
    struct text list = {0};
    int status = budget_list(reading, node, &list);
    if (status == 0) {
        status = call_names_parse(&budget->calls, list.bytes, reason, sizeof(reason));
        status = status == -EINVAL ? budget_mistake(reading, node, "%s", reason) : status;
        status = status < 0 ? status : string_set(&budget->calls_text, "%s", list.bytes);
    }
    text_finish(&list);
    return status;
}

static int take_paths(const struct budget_reading *reading, struct budget *budget, const struct toml_node *node,
                      const struct key *key) {
    (void)key;
    struct text list = {0}; /* only its checks are of use */
    int status = budget_list(reading, node, &list);
    text_finish(&list);
    if (status < 0) {
        return status;
    }
    bool is_array = node->kind == TOML_ARRAY;
    size_t count = is_array ? node->count : 1;
    budget->paths = calloc(count, sizeof(*budget->paths));
    for (size_t i = 0; budget->paths && i < count; i++) {
        budget->paths[i] = strdup((is_array ? &node->children[i] : node)->string.bytes);
        if (!budget->paths[i]) {
            return -ENOMEM;
        }
        budget->path_count++;
    }
    return budget->paths ? 0 : -ENOMEM;
}

static const struct key keys[] = {
    {"name", ALL},
    {"type", ASSERTION},
    {"description", ALL},
    {"expression", CUSTOM},
    {"enabled", ALL, take_enabled},
    {"fail_on_violation", ALL, take_fails},
    {"max_duration_ms", CRITICAL_PATH, take_max, QUANTITY_TIME, 1e6},
    {"max_increase", CRITICAL_PATH, take_increase, QUANTITY_TIME, 1e6},
    {"clock", CRITICAL_PATH, take_clock},
    {"max_spans", SPAN_COUNT, take_max, QUANTITY_COUNT, 1},
    {"max_increase", SPAN_COUNT | CALLS, take_increase, QUANTITY_COUNT, 1},
    {"span_name_pattern", SPAN_COUNT, take_span_pattern},
    {"max_bytes", MEMORY | CALLS, take_max, QUANTITY_BYTES, 1},
    {"max_increase", MEMORY, take_increase, QUANTITY_BYTES, 1},
    {"tracking_mode", MEMORY, take_tracking_mode},
    {"pattern", ANTI_PATTERN, take_anti_pattern},
    {"threshold", ANTI_PATTERN, take_threshold, QUANTITY_SCORE, 1},
    {"calls", CHOSEN, take_calls},
    {"path", CHOSEN, take_paths},
    {"max_count", CALLS | FORBIDDEN, take_max, QUANTITY_COUNT, 1},
    {"min_count", CALLS | REQUIRED, take_min, QUANTITY_COUNT, 1},
    {"max_errors", CALLS, take_max, QUANTITY_ERRORS, 1},
    {"max_time_ms", CALLS, take_max, QUANTITY_TIME, 1e6},
    {"max_time_us", CALLS, take_max, QUANTITY_TIME, 1e3},
    {"max_count_increase", CALLS, take_increase, QUANTITY_COUNT, 1},
    {"max_errors_increase", CALLS, take_increase, QUANTITY_ERRORS, 1},
    {"max_time_increase", CALLS, take_increase, QUANTITY_TIME, 1e6},
    {"max_bytes_increase", CALLS, take_increase, QUANTITY_BYTES, 1},
    {"process_name_pattern", ANTI_PATTERN | CHOSEN, take_process_pattern},
    {"trace_name_pattern", CRITICAL_PATH | CHOSEN, take_trace_pattern},
};

enum {
    KEY_COUNT = sizeof(keys) / sizeof(keys[0]),
};

static const struct key *find_key(enum budget_kind kind, const char *name, struct nearest *nearest) {
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (!(keys[i].kinds & 1U << kind)) {
            continue;
        }
        if (strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
        nearest_offer(nearest, keys[i].name);
    }
    return NULL;
}

/* ----------------------------------------------------------------------- kinds */

static const struct {
    const char *where; /* for messages */
    const char *type;
    const char *needs; /* one of these keys */
} kinds[] = {
    [BUDGET_CRITICAL_PATH] = {"[[assertion]] of type critical_path", "critical_path", "max_duration_ms, max_increase"},
    [BUDGET_SPAN_COUNT] = {"[[assertion]] of type span_count", "span_count", "max_spans, max_increase"},
    [BUDGET_MEMORY] = {"[[assertion]] of type memory_usage", "memory_usage", "max_bytes, max_increase"},
    [BUDGET_ANTI_PATTERN] = {"[[assertion]] of type anti_pattern", "anti_pattern", "threshold"},
    [BUDGET_CALLS] = {"[[budget]]", "budget",
                      "max_count, min_count, max_errors, max_time_ms, max_time_us, max_bytes, max_increase, "
                      "max_errors_increase, max_time_increase, max_bytes_increase"},
    [BUDGET_REQUIRED] = {"[[required]]", "required", "calls, path"},
    [BUDGET_FORBIDDEN] = {"[[forbidden]]", "forbidden", "calls, path"},
    [BUDGET_INAPPLICABLE] = {"[[assertion]] of type custom", "custom", ""},
};

/* In the order of the kinds. */
static const char *const assertion_types[] = {"critical_path", "span_count", "memory_usage",
                                              "anti_pattern",  "custom",     NULL};

/* The kind of an [[assertion]]. */
static int take_type(const struct budget_reading *reading, struct budget *budget, const struct toml_node *table) {
    const struct toml_node *type = toml_member(table, "type");
    size_t index = 0;
    if (!type) {
        return budget_mistake(reading, table,
                              "[[assertion]] needs a type: critical_path, span_count, memory_usage, anti_pattern or "
                              "custom");
    }
    int status = budget_word(reading, type, assertion_types, &index);
    if (status == 0 && strcmp(assertion_types[index], "custom") == 0) {
        return make_inapplicable(budget, "renacer's expressions are about spans; [[budget]], [[required]] and "
                                         "[[forbidden]] say the like of system calls");
    }
    budget->kind = (enum budget_kind)index;
    return status;
}

static int take_name(const struct budget_reading *reading, struct budget *budget, const struct toml_node *table) {
    const struct toml_node *name = toml_member(table, "name");
    if (name) {
        return budget_string(reading, name, "name", &budget->name);
    }
    if (budget->kind != BUDGET_REQUIRED && budget->kind != BUDGET_FORBIDDEN) {
        return budget_mistake(reading, table, "%s needs a name",
                              budget->kind == BUDGET_CALLS ? "[[budget]]" : "[[assertion]]");
    }
    return 0;
}

static int take_keys(const struct budget_reading *reading, struct budget *budget, const struct toml_node *table) {
    enum budget_kind kind = budget->kind; /* a pattern may make it inapplicable */
    for (size_t i = 0; i < table->count; i++) {
        const struct toml_node *node = &table->children[i];
        struct nearest nearest = {.word = node->key};
        const struct key *key = find_key(kind, node->key, &nearest);
        int status = 0;
        if (!key) {
            status = budget_unknown_key(reading, node, kinds[kind].where, &nearest);
        } else if (key->take) {
            status = key->take(reading, budget, node, key);
        }
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

/* "forbidden: connect /run/control.sock" */
static int make_name(const struct budget_reading *reading, struct budget *budget, const struct toml_node *table) {
    static const char *const parts[] = {"calls", "path"};
    struct text name = {0};
    text_add_string(&name, budget->type);
    text_add_char(&name, ':');
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct toml_node *node = toml_member(table, parts[i]);
        if (!node) {
            continue;
        }
        text_add_char(&name, ' ');
        int status = budget_list(reading, node, &name);
        if (status < 0) {
            text_finish(&name);
            return status;
        }
    }
    budget->name = name.bytes;
    return name.failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------ budgets as a whole */

static bool has_limit(const struct budget *budget) {
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        const struct limit *limit = &budget->limits[quantity];
        if (limit->has_max || limit->has_min || limit->increase.is_set) {
            return true;
        }
    }
    return false;
}

static int check_assertion(const struct budget_reading *reading, const struct budget *budget,
                           const struct toml_node *table, enum budget_kind kind) {
    if (kind == BUDGET_ANTI_PATTERN && !toml_member(table, "pattern")) {
        return budget_mistake(reading, table, "assertion '%s' needs a pattern: TightLoop or GodProcess", budget->name);
    }
    if (kind == BUDGET_ANTI_PATTERN && !has_limit(budget)) {
        return budget_mistake(reading, table, "assertion '%s' needs a threshold", budget->name);
    }
    if (kind != BUDGET_INAPPLICABLE && !has_limit(budget)) {
        return budget_mistake(reading, table, "%s '%s' limits nothing: it needs one of %s",
                              kind == BUDGET_CALLS ? "budget" : "assertion", budget->name, kinds[kind].needs);
    }
    return 0;
}

static int finish_choice(const struct budget_reading *reading, struct budget *budget, const struct toml_node *table) {
    struct limit *count = &budget->limits[QUANTITY_COUNT];
    if (!budget->calls.selection && !budget->path_count) {
        return budget_mistake(reading, table, "[[%s]] needs calls, path or both", budget->type);
    }
    if (budget->kind == BUDGET_FORBIDDEN) {
        count->has_max = true; /* max is 0 unless the file says more */
    } else if (!count->has_min) {
        count->has_min = true;
        count->min = 1;
    } else if (count->min < 1) {
        return budget_mistake(reading, toml_member(table, "min_count"), "min_count has to be at least 1");
    }
    return budget->name ? 0 : make_name(reading, budget, table);
}

static int check_order(const struct budget_reading *reading, const struct budget *budget,
                       const struct toml_node *table) {
    const struct limit *count = &budget->limits[QUANTITY_COUNT];
    if (count->has_min && count->has_max && count->min > count->max) {
        return budget_mistake(reading, toml_member(table, "min_count"), "min_count is above max_count");
    }
    return 0;
}

int budget_read(const struct budget_reading *reading, struct budget *budget, enum budget_kind kind,
                const struct toml_node *table) {
    bool is_assertion = kind == BUDGET_CRITICAL_PATH;
    budget->kind = kind;
    budget->line = table->line;
    budget->enabled = true;
    budget->fails = true;
    int status = take_name(reading, budget, table);
    if (status == 0 && is_assertion) {
        status = take_type(reading, budget, table);
    }
    if (status < 0) {
        return status;
    }
    kind = budget->kind;
    budget->type = kinds[kind].type;
    status = take_keys(reading, budget, table);
    if (status < 0) {
        return status;
    }
    if (kind == BUDGET_REQUIRED || kind == BUDGET_FORBIDDEN) {
        return finish_choice(reading, budget, table);
    }
    status = check_assertion(reading, budget, table, kind);
    return status < 0 ? status : check_order(reading, budget, table);
}

void budget_finish(struct budget *budget) {
    free(budget->name);
    call_names_finish(&budget->calls);
    free(budget->calls_text);
    name_pattern_destroy(budget->span_pattern);
    for (size_t i = 0; i < budget->path_count; i++) {
        free(budget->paths[i]);
    }
    free(budget->paths);
    name_pattern_destroy(budget->process_pattern);
    name_pattern_destroy(budget->trace_pattern);
    free(budget->inapplicable);
    *budget = (struct budget){0};
}

const char *quantity_name(enum quantity quantity) {
    static const char *const names[QUANTITIES] = {
        [QUANTITY_COUNT] = "calls", [QUANTITY_ERRORS] = "errors", [QUANTITY_TIME] = "time",
        [QUANTITY_BYTES] = "bytes", [QUANTITY_SCORE] = "score",
    };
    return names[quantity];
}
