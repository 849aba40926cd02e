/* SPDX-License-Identifier: MIT
 *
 * What stands beside the budgets in a file: [semantic_equivalence], [ci], and
 * tables that do not apply.
 */
#include "budget_reading.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* ---------------------------------------------------------- [semantic_equivalence] */

enum equivalence_kind {
    EQUIVALENCE_TRUTH,
    EQUIVALENCE_FOLDER,
    EQUIVALENCE_SHARE,
    EQUIVALENCE_RATIO,
    EQUIVALENCE_NOTHING, /* does not apply */
};

/* One key: where its value goes, and where its line if anybody wants to know that (0: nobody). */
static const struct equivalence_key {
    const char *name;
    enum equivalence_kind kind;
    size_t value;
    size_t line;
} equivalence_keys[] = {
#define AT(member) offsetof(struct equivalence, member)
    {"enabled", EQUIVALENCE_TRUTH, AT(enabled), 0},
    {"python_trace_dir", EQUIVALENCE_FOLDER, AT(golden_dir), 0},
    {"golden_dir", EQUIVALENCE_FOLDER, AT(golden_dir), 0},
    {"rust_trace_dir", EQUIVALENCE_NOTHING, 0, 0},
    {"baseline_dir", EQUIVALENCE_FOLDER, AT(baseline_dir), 0},
    {"min_confidence", EQUIVALENCE_SHARE, AT(min_confidence), AT(confidence_line)},
    {"check_write_patterns", EQUIVALENCE_TRUTH, AT(check_writes), 0},
    {"check_file_operations", EQUIVALENCE_TRUTH, AT(check_files), 0},
    {"check_output_correctness", EQUIVALENCE_TRUTH, AT(check_output), 0},
    {"check_memory_allocations", EQUIVALENCE_TRUTH, AT(check_memory), 0},
    {"expected_speedup_min", EQUIVALENCE_RATIO, AT(speedup_min), AT(speedup_min_line)},
    {"expected_speedup_max", EQUIVALENCE_RATIO, AT(speedup_max), AT(speedup_max_line)},
    {"expected_memory_reduction_min", EQUIVALENCE_RATIO, AT(memory_reduction_min), AT(memory_line)},
#undef AT
};

enum {
    EQUIVALENCE_KEY_COUNT = sizeof(equivalence_keys) / sizeof(equivalence_keys[0]),
};

static int take_folder(const struct budget_reading *reading, const struct toml_node *node, char **folder) {
    if (*folder) {
        return budget_mistake(reading, node, "%s is another name of a key that is there already", node->key);
    }
    return budget_string(reading, node, node->key, folder);
}

static int take_equivalence_key(const struct budget_reading *reading, const struct toml_node *node) {
    struct equivalence *equivalence = &reading->file->equivalence;
    struct nearest nearest = {.word = node->key};
    const struct equivalence_key *key = NULL;
    for (size_t i = 0; i < EQUIVALENCE_KEY_COUNT && !key; i++) {
        nearest_offer(&nearest, equivalence_keys[i].name);
        key = strcmp(equivalence_keys[i].name, node->key) == 0 ? &equivalence_keys[i] : NULL;
    }
    if (!key) {
        return budget_unknown_key(reading, node, "[semantic_equivalence]", &nearest);
    }
    char *value = (char *)equivalence + key->value;
    if (key->line) {
        *(unsigned *)((char *)equivalence + key->line) = node->line;
    }
    switch (key->kind) {
    case EQUIVALENCE_TRUTH:
        return budget_truth(reading, node, key->name, (bool *)value);
    case EQUIVALENCE_FOLDER:
        return take_folder(reading, node, (char **)value);
    case EQUIVALENCE_SHARE:
        return budget_share(reading, node, (double *)value);
    case EQUIVALENCE_RATIO:
        return budget_ratio(reading, node, (double *)value);
    case EQUIVALENCE_NOTHING:
        break;
    }
    return budget_note_add(reading, false, node->line,
                           "%s in [semantic_equivalence] does not apply: the trace that is checked is that side",
                           node->key);
}

static int read_equivalence(const struct budget_reading *reading, const struct toml_node *table) {
    struct equivalence *equivalence = &reading->file->equivalence;
    equivalence->is_set = true;
    equivalence->line = table->line;
    int status = 0;
    for (size_t i = 0; status == 0 && i < table->count; i++) {
        status = take_equivalence_key(reading, &table->children[i]);
    }
    if (status == 0 && equivalence->speedup_max >= 0 && equivalence->speedup_min > equivalence->speedup_max) {
        status = budget_mistake(reading, toml_member(table, "expected_speedup_min"),
                                "expected_speedup_min is above expected_speedup_max");
    }
    return status;
}

/* ---------------------------------------------------------------------------- [ci] */

static const struct {
    const char *name;
    const char *instead; /* NULL: it applies */
} ci_keys[] = {
    {"fail_fast", NULL},
    {"export_format", "the form of a report is --format of `renacer-sv check`"},
    {"export_path", "where a report goes is -o of `renacer-sv check`"},
    {"compare_with_baseline", "a trace is compared with its baseline wherever baseline_dir has one"},
};

static int take_ci_key(const struct budget_reading *reading, const struct toml_node *node) {
    struct nearest nearest = {.word = node->key};
    for (size_t i = 0; i < sizeof(ci_keys) / sizeof(ci_keys[0]); i++) {
        if (strcmp(ci_keys[i].name, node->key) != 0) {
            nearest_offer(&nearest, ci_keys[i].name);
        } else if (ci_keys[i].instead) {
            return budget_note_add(reading, false, node->line, "%s in [ci] does not apply: %s", node->key,
                                   ci_keys[i].instead);
        } else {
            return budget_truth(reading, node, node->key, &reading->file->fail_fast);
        }
    }
    return budget_unknown_key(reading, node, "[ci]", &nearest);
}

static int read_ci(const struct budget_reading *reading, const struct toml_node *table) {
    int status = 0;
    for (size_t i = 0; status == 0 && i < table->count; i++) {
        status = take_ci_key(reading, &table->children[i]);
    }
    return status;
}

/* --------------------------------------------------------- tables that do not apply */

static const struct {
    const char *name;
    const char *reason;
} inapplicable[] = {
    {"lamport_clock", "the order across processes comes from the kernel's own clock"},
    {"compression", "traces are not compressed by renacer-sv"},
    {"otlp", "there is no OTLP export"},
};

enum {
    INAPPLICABLE_COUNT = sizeof(inapplicable) / sizeof(inapplicable[0]),
    NAMED_KEYS_MAX = 16,
};

static int note_inapplicable(const struct budget_reading *reading, const struct toml_node *node, const char *reason) {
    struct text list = {0};
    size_t count = node->kind == TOML_TABLE ? node->count : 0;
    for (size_t i = 0; i < count && i < NAMED_KEYS_MAX; i++) {
        text_add_string(&list, i ? ", " : " (");
        text_add_string(&list, node->children[i].key);
    }
    text_add_string(&list, count > NAMED_KEYS_MAX ? ", ..." : "");
    text_add_string(&list, count ? ")" : "");
    int status = list.failed ? -ENOMEM
                             : budget_note_add(reading, false, node->line, "[%s]%s does not apply: %s", node->key,
                                               list.bytes ? list.bytes : "", reason);
    text_finish(&list);
    return status;
}

/* -------------------------------------------------------------------------- tables */

static const struct {
    const char *name;
    int (*read)(const struct budget_reading *reading, const struct toml_node *table);
} tables[] = {
    {"semantic_equivalence", read_equivalence},
    {"ci", read_ci},
};

enum {
    TABLE_COUNT = sizeof(tables) / sizeof(tables[0]),
};

int budget_settings_read(const struct budget_reading *reading, const struct toml_node *node) {
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        if (strcmp(tables[i].name, node->key) != 0) {
            continue;
        }
        if (node->kind != TOML_TABLE) {
            return budget_mistake(reading, node, "%s has to be a table, not %s: write [%s]", node->key,
                                  toml_kind_name(node->kind), node->key);
        }
        int status = tables[i].read(reading, node);
        return status < 0 ? status : 1;
    }
    for (size_t i = 0; i < INAPPLICABLE_COUNT; i++) {
        if (strcmp(inapplicable[i].name, node->key) == 0) {
            int status = note_inapplicable(reading, node, inapplicable[i].reason);
            return status < 0 ? status : 1;
        }
    }
    return 0;
}

void budget_settings_offer(struct nearest *nearest) {
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        nearest_offer(nearest, tables[i].name);
    }
    for (size_t i = 0; i < INAPPLICABLE_COUNT; i++) {
        nearest_offer(nearest, inapplicable[i].name);
    }
}
