/* SPDX-License-Identifier: MIT */
#include "budget_reading.h"

#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUDGETS_MAX = 4096, /* each is measured in every trace */
};

/* ------------------------------------------------------------- tables of budgets */

static const struct section {
    const char *name;
    enum budget_kind kind; /* for budget_read() */
} sections[] = {
    {"assertion", BUDGET_CRITICAL_PATH},
    {"budget", BUDGET_CALLS},
    {"required", BUDGET_REQUIRED},
    {"forbidden", BUDGET_FORBIDDEN},
};

enum {
    SECTION_COUNT = sizeof(sections) / sizeof(sections[0]),
};

/* A budget that is still to be read. */
struct found {
    const struct toml_node *table;
    enum budget_kind kind;
};

struct found_list {
    struct found each[BUDGETS_MAX];
    size_t count;
};

static int add_section(const struct budget_reading *reading, struct found_list *found, const struct section *section,
                       const struct toml_node *node) {
    if (node->kind != TOML_ARRAY) {
        return budget_mistake(reading, node, "%s has to be an array of tables, not %s: write [[%s]]", section->name,
                              toml_kind_name(node->kind), section->name);
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *table = &node->children[i];
        if (table->kind != TOML_TABLE) {
            return budget_mistake(reading, table, "%s has to be an array of tables, and here it has %s", section->name,
                                  toml_kind_name(table->kind));
        }
        if (found->count == BUDGETS_MAX) {
            return budget_mistake(reading, table, "there are more than %d budgets", BUDGETS_MAX);
        }
        found->each[found->count++] = (struct found){table, section->kind};
    }
    return 0;
}

static int warn_of_unknown(const struct budget_reading *reading, const struct toml_node *node) {
    struct nearest nearest = {.word = node->key};
    budget_settings_offer(&nearest);
    const char *settings = nearest.best;
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        nearest_offer(&nearest, sections[i].name);
    }
    /* [[x]] or [x], as they stand in the file. */
    bool is_list = node->kind == TOML_ARRAY && node->count && node->children[0].kind == TOML_TABLE;
    bool is_table = is_list || node->kind == TOML_TABLE;
    const char *open = is_list ? "[[" : "[";
    const char *close = is_list ? "]]" : "]";
    const char *kind = is_table ? "table" : "key";
    open = is_table ? open : "'";
    close = is_table ? close : "'";
    if (!nearest.best) {
        return budget_note_add(reading, true, node->line, "unknown %s %s%s%s", kind, open, node->key, close);
    }
    bool is_settings = nearest.best == settings;
    return budget_note_add(reading, true, node->line, "unknown %s %s%s%s; did you mean %s%s%s?", kind, open, node->key,
                           close, is_settings ? "[" : "[[", nearest.best, is_settings ? "]" : "]]");
}

static int read_member(const struct budget_reading *reading, struct found_list *found, const struct toml_node *node) {
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(sections[i].name, node->key) == 0) {
            return add_section(reading, found, &sections[i], node);
        }
    }
    int status = budget_settings_read(reading, node);
    return status ? status : warn_of_unknown(reading, node);
}

static int by_place(const void *a, const void *b) {
    const struct toml_node *one = ((const struct found *)a)->table;
    const struct toml_node *other = ((const struct found *)b)->table;
    if (one->line != other->line) {
        return one->line < other->line ? -1 : 1;
    }
    return (one->column > other->column) - (one->column < other->column);
}

/* --------------------------------------------------------------- the whole file */

/* The first of the budgets before `budget` that has its name, or NULL. */
static const struct budget *find_namesake(const struct budget_file *file, const struct budget *budget) {
    for (const struct budget *other = file->budgets; other < budget; other++) {
        if (strcmp(other->name, budget->name) == 0) {
            return other;
        }
    }
    return NULL;
}

static int warn_of_doubles(const struct budget_reading *reading) {
    const struct budget_file *file = reading->file;
    for (size_t i = 0; i < file->count; i++) {
        const struct budget *budget = &file->budgets[i];
        const struct budget *other = find_namesake(file, budget);
        int status =
            other ? budget_note_add(reading, true, budget->line, "the name '%s' is there twice: in line %u as well",
                                    budget->name, other->line)
                  : 0;
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

static int read_budgets(const struct budget_reading *reading, struct found_list *found) {
    struct budget_file *file = reading->file;
    if (!found->count) {
        return 0;
    }
    qsort(found->each, found->count, sizeof(found->each[0]), by_place);
    file->budgets = calloc(found->count, sizeof(*file->budgets));
    if (!file->budgets) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < found->count; i++) {
        /* What has been filled in of one that is wrong is released with the others. */
        file->count++;
        int status = budget_read(reading, &file->budgets[i], found->each[i].kind, found->each[i].table);
        if (status < 0) {
            return status;
        }
    }
    return warn_of_doubles(reading);
}

static int read_document(const struct budget_reading *reading, const struct toml_node *root) {
    auto_free struct found_list *found = calloc(1, sizeof(*found));
    if (!found) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < root->count; i++) {
        int status = read_member(reading, found, &root->children[i]);
        if (status < 0) {
            return status;
        }
    }
    int status = read_budgets(reading, found);
    if (status == 0 && !reading->file->count && !reading->file->equivalence.is_set) {
        status = budget_mistake(reading, root,
                                "no budgets in it: neither [[assertion]], [[budget]], [[required]], [[forbidden]] nor "
                                "[semantic_equivalence]");
    }
    return status;
}

static int by_line(const void *a, const void *b) {
    const struct budget_note *one = a;
    const struct budget_note *other = b;
    if (one->line != other->line) {
        return one->line < other->line ? -1 : 1;
    }
    return strcmp(one->text, other->text);
}

int budget_file_read(struct budget_file *file, const char *path, char *problem, size_t size) {
    *file = (struct budget_file){
        .path = strdup(path),
        .equivalence = {.enabled = true,
                        .check_writes = true,
                        .check_files = true,
                        .check_output = true,
                        .speedup_min = -1,
                        .speedup_max = -1,
                        .memory_reduction_min = -1},
    };
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    const struct budget_reading reading = {file, name, problem, size};
    struct toml_document *document = NULL;
    int status = file->path ? toml_document_read(&document, path, problem, size) : -ENOMEM;
    if (status == 0) {
        status = read_document(&reading, toml_document_root(document));
    }
    toml_document_destroy(document);
    if (file->note_count) {
        qsort(file->notes, file->note_count, sizeof(file->notes[0]), by_line);
    }
    return status;
}

void budget_file_finish(struct budget_file *file) {
    for (size_t i = 0; i < file->count; i++) {
        budget_finish(&file->budgets[i]);
    }
    free(file->budgets);
    for (size_t i = 0; i < file->note_count; i++) {
        free(file->notes[i].text);
    }
    free(file->notes);
    free(file->equivalence.golden_dir);
    free(file->equivalence.baseline_dir);
    free(file->path);
    *file = (struct budget_file){0};
}
