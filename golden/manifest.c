/* SPDX-License-Identifier: MIT */
#include "manifest.h"

#include "cleanup.h"
#include "nearest.h"
#include "report.h"
#include "toml_document.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SENTENCE_BYTES = 1024,
};

/* ------------------------------------------------------------------------ strings */

int strings_add(struct strings *strings, const char *string) {
    char **each = reallocarray(strings->each, strings->count + 2, sizeof(*each));
    if (!each) {
        return -ENOMEM;
    }
    strings->each = each;
    char *copy = strdup(string);
    strings->each[strings->count] = copy;
    strings->each[strings->count + (copy != NULL)] = NULL;
    strings->count += copy != NULL;
    return copy ? 0 : -ENOMEM;
}

void strings_finish(struct strings *strings) {
    for (size_t i = 0; i < strings->count; i++) {
        free(strings->each[i]);
    }
    free(strings->each);
    *strings = (struct strings){0};
}

void golden_finish(struct golden *golden) {
    free(golden->name);
    strings_finish(&golden->command);
    strings_finish(&golden->options);
    free(golden->directory);
    free(golden->input);
    strings_finish(&golden->pass);
    strings_finish(&golden->environment);
    strings_finish(&golden->ignore);
    free(golden->tolerance);
    *golden = (struct golden){0};
}

void manifest_finish(struct manifest *manifest) {
    for (size_t i = 0; i < manifest->count; i++) {
        golden_finish(&manifest->each[i]);
    }
    free(manifest->each);
    free(manifest->path);
    *manifest = (struct manifest){0};
}

int golden_check_name(const char *name, char *problem, size_t size) {
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    if (name[0] && name[0] != '.' && name[0] != '-' && !name[length]) {
        if (length <= GOLDEN_NAME_MAX) {
            return 0;
        }
        snprintf(problem, size, "the name of a golden trace is longer than %d characters: '%.20s...'", GOLDEN_NAME_MAX,
                 name);
        return -EINVAL;
    }
    snprintf(problem, size,
             "'%s' is no name of a golden trace: letters, digits, '-', '_' and '.', neither '.' nor '-' first", name);
    return -EINVAL;
}

int golden_compare_options(const struct golden *golden, struct compare_options *options, char *problem, size_t size) {
    *options = (struct compare_options){
        .mode = golden->mode,
        .exact.context = COMPARE_CONTEXT_STANDARD,
        .semantic = {(const char *const *)golden->ignore.each, golden->ignore.count},
    };
    if (golden->mode != COMPARE_COUNTS || !golden->tolerance) {
        return 0;
    }
    snprintf(problem, size, "out of memory");
    return tolerances_add(&options->tolerances, golden->tolerance, problem, size);
}

/* ------------------------------------------------------------------------- reading */

struct reading {
    const char *path;
    void (*warn)(const char *sentence);
    char *problem;
    size_t size;
};

/* A sentence in the problem, with the place in front. */
__attribute__((format(printf, 3, 4))) static int refuse(const struct reading *reading, const struct toml_node *node,
                                                        const char *format, ...) {
    int length = snprintf(reading->problem, reading->size, "%s:%u:%u: ", reading->path, node->line, node->column);
    va_list arguments;
    va_start(arguments, format);
    if (length >= 0 && (size_t)length < reading->size) {
        vsnprintf(reading->problem + length, reading->size - (size_t)length, format, arguments);
    }
    va_end(arguments);
    return -EINVAL;
}

static int no_memory(const struct reading *reading) {
    snprintf(reading->problem, reading->size, "out of memory");
    return -ENOMEM;
}

static int read_string(const struct reading *reading, const struct toml_node *node, char **result) {
    if (node->kind != TOML_STRING) {
        return refuse(reading, node, "%s is a string, not %s", node->key, toml_kind_name(node->kind));
    }
    if (strlen(node->string.bytes) != node->string.size) {
        return refuse(reading, node, "%s has a NUL in it", node->key);
    }
    *result = strdup(node->string.bytes);
    return *result ? 0 : no_memory(reading);
}

static int read_strings(const struct reading *reading, const struct toml_node *node, struct strings *result) {
    if (node->kind != TOML_ARRAY) {
        return refuse(reading, node, "%s is an array of strings, not %s", node->key, toml_kind_name(node->kind));
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *element = &node->children[i];
        if (element->kind != TOML_STRING) {
            return refuse(reading, element, "%s has strings in it, not %s", node->key, toml_kind_name(element->kind));
        }
        if (strlen(element->string.bytes) != element->string.size) {
            return refuse(reading, element, "a string of %s has a NUL in it", node->key);
        }
        if (strings_add(result, element->string.bytes) < 0) {
            return no_memory(reading);
        }
    }
    return 0;
}

static int read_pass(const struct reading *reading, const struct toml_node *node, struct strings *result) {
    int status = read_strings(reading, node, result);
    for (size_t i = 0; status == 0 && i < result->count; i++) {
        if (!result->each[i][0] || strchr(result->each[i], '=')) {
            status = refuse(reading, &node->children[i], "'%s' is no name of a variable; environment sets them",
                            result->each[i]);
        }
    }
    return status;
}

static int read_environment(const struct reading *reading, const struct toml_node *node, struct strings *result) {
    if (node->kind != TOML_TABLE) {
        return refuse(reading, node, "environment is a table of strings, not %s", toml_kind_name(node->kind));
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct toml_node *variable = &node->children[i];
        if (!variable->key[0] || strchr(variable->key, '=')) {
            return refuse(reading, variable, "'%s' is no name of a variable", variable->key);
        }
        auto_free char *value = NULL;
        int status = read_string(reading, variable, &value);
        if (status < 0) {
            return status;
        }
        auto_free char *entry = NULL;
        if (asprintf(&entry, "%s=%s", variable->key, value) < 0) {
            entry = NULL;
            return no_memory(reading);
        }
        if (strings_add(result, entry) < 0) {
            return no_memory(reading);
        }
    }
    return 0;
}

static int read_mode(const struct reading *reading, const struct toml_node *node, enum compare_mode *result) {
    auto_free char *word = NULL;
    int status = read_string(reading, node, &word);
    if (status < 0) {
        return status;
    }
    char problem[SENTENCE_BYTES];
    status = compare_mode_parse("mode", word, problem, sizeof(problem));
    if (status < 0) {
        return refuse(reading, node, "%s", problem);
    }
    *result = (enum compare_mode)status;
    return 0;
}

static int read_timeout(const struct reading *reading, const struct toml_node *node, unsigned *result) {
    if (node->kind != TOML_INTEGER || node->integer < 1 || node->integer > GOLDEN_TIMEOUT_MAX) {
        return refuse(reading, node, "timeout is a number of seconds, from 1 to %d", GOLDEN_TIMEOUT_MAX);
    }
    *result = (unsigned)node->integer;
    return 0;
}

enum key {
    KEY_COMMAND,
    KEY_OPTIONS,
    KEY_DIRECTORY,
    KEY_INPUT,
    KEY_PASS,
    KEY_ENVIRONMENT,
    KEY_MODE,
    KEY_IGNORE,
    KEY_TOLERANCE,
    KEY_TIMEOUT,
    KEYS,
};

static const char *const keys[KEYS + 1] = {
    [KEY_COMMAND] = "command", [KEY_OPTIONS] = "options", [KEY_DIRECTORY] = "directory",
    [KEY_INPUT] = "input",     [KEY_PASS] = "pass",       [KEY_ENVIRONMENT] = "environment",
    [KEY_MODE] = "mode",       [KEY_IGNORE] = "ignore",   [KEY_TOLERANCE] = "tolerance",
    [KEY_TIMEOUT] = "timeout"};

static void warn_of_key(const struct reading *reading, const struct toml_node *node, const char *const *known) {
    struct nearest nearest = {.word = node->key};
    for (size_t i = 0; known[i]; i++) {
        nearest_offer(&nearest, known[i]);
    }
    char sentence[SENTENCE_BYTES];
    snprintf(sentence, sizeof(sentence), "%s:%u:%u: unknown key '%s'%s%s%s", reading->path, node->line, node->column,
             node->key, nearest.best ? "; did you mean '" : "", nearest.best ? nearest.best : "",
             nearest.best ? "'?" : "");
    reading->warn(sentence);
}

static int read_key(const struct reading *reading, const struct toml_node *node, struct golden *golden) {
    enum key key = KEY_COMMAND;
    while (key < KEYS && strcmp(keys[key], node->key) != 0) {
        key++;
    }
    switch (key) {
    case KEY_COMMAND:
        return read_strings(reading, node, &golden->command);
    case KEY_OPTIONS:
        return read_strings(reading, node, &golden->options);
    case KEY_DIRECTORY:
        return read_string(reading, node, &golden->directory);
    case KEY_INPUT:
        return read_string(reading, node, &golden->input);
    case KEY_PASS:
        return read_pass(reading, node, &golden->pass);
    case KEY_ENVIRONMENT:
        return read_environment(reading, node, &golden->environment);
    case KEY_MODE:
        return read_mode(reading, node, &golden->mode);
    case KEY_IGNORE:
        return read_strings(reading, node, &golden->ignore);
    case KEY_TOLERANCE:
        return read_string(reading, node, &golden->tolerance);
    case KEY_TIMEOUT:
        return read_timeout(reading, node, &golden->timeout);
    case KEYS:
        break;
    }
    warn_of_key(reading, node, keys);
    return 0;
}

/* What follows from several keys together. */
static int check_golden(const struct reading *reading, const struct toml_node *table, const struct golden *golden) {
    char problem[SENTENCE_BYTES];
    const struct toml_node *command = toml_member(table, "command");
    const struct toml_node *ignore = toml_member(table, "ignore");
    const struct toml_node *tolerance = toml_member(table, "tolerance");
    if (golden->command.count == 0 || !golden->command.each[0][0]) {
        return refuse(reading, command ? command : table,
                      "golden trace '%s' has no command: [\"program\", \"argument\"]", golden->name);
    }
    if (ignore && golden->mode != COMPARE_SEMANTIC) {
        return refuse(reading, ignore, "ignore is for mode = \"semantic\"");
    }
    if (tolerance && golden->mode != COMPARE_COUNTS) {
        return refuse(reading, tolerance, "tolerance is for mode = \"counts\"");
    }
    struct compare_options options;
    int status = golden_compare_options(golden, &options, problem, sizeof(problem));
    tolerances_finish(&options.tolerances);
    return status < 0 ? refuse(reading, tolerance ? tolerance : table, "%s", problem) : 0;
}

static int read_golden(const struct reading *reading, const struct toml_node *table, struct golden *golden) {
    char problem[SENTENCE_BYTES];
    golden->mode = COMPARE_EXACT;
    golden->line = table->line;
    golden->name = strdup(table->key);
    if (!golden->name) {
        return no_memory(reading);
    }
    if (golden_check_name(table->key, problem, sizeof(problem)) < 0) {
        return refuse(reading, table, "%s", problem);
    }
    if (table->kind != TOML_TABLE) {
        return refuse(reading, table, "golden trace '%s' is a table, not %s", table->key, toml_kind_name(table->kind));
    }
    int status = 0;
    for (size_t i = 0; i < table->count && status == 0; i++) {
        status = read_key(reading, &table->children[i], golden);
    }
    if (status == 0 && !toml_member(table, "options") && strings_add(&golden->options, "-f") < 0) {
        status = no_memory(reading);
    }
    if (status == 0 && !toml_member(table, "pass") && strings_add(&golden->pass, "PATH") < 0) {
        status = no_memory(reading);
    }
    return status < 0 ? status : check_golden(reading, table, golden);
}

static int read_table(const struct reading *reading, const struct toml_node *table, struct manifest *manifest) {
    if (table->kind != TOML_TABLE) {
        return refuse(reading, table, "golden is a table of tables, not %s", toml_kind_name(table->kind));
    }
    manifest->each = calloc(table->count + 1, sizeof(*manifest->each));
    if (!manifest->each) {
        return no_memory(reading);
    }
    int status = 0;
    for (size_t i = 0; i < table->count && status == 0; i++) {
        status = read_golden(reading, &table->children[i], &manifest->each[manifest->count++]);
    }
    return status;
}

int manifest_read(struct manifest *manifest, const char *path, void (*warn)(const char *sentence), char *problem,
                  size_t size) {
    static const char *const known[] = {"golden", NULL};
    const struct reading reading = {path, warn, problem, size};
    *manifest = (struct manifest){.path = strdup(path)};
    if (!manifest->path) {
        return no_memory(&reading);
    }
    struct toml_document *document = NULL;
    struct stat info = {0};
    bool is_there = stat(path, &info) == 0 || errno != ENOENT;
    if (is_there && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode))) {
        snprintf(problem, size, "'%s' is no file", path);
        return -EINVAL;
    }
    int status = is_there ? toml_document_read(&document, path, problem, size) : 0;
    if (status < 0 || !document) {
        return status;
    }
    manifest->is_there = true;
    const struct toml_node *root = toml_document_root(document);
    for (size_t i = 0; i < root->count && status == 0; i++) {
        const struct toml_node *node = &root->children[i];
        if (strcmp(node->key, "golden") == 0) {
            status = read_table(&reading, node, manifest);
        } else {
            warn_of_key(&reading, node, known);
        }
    }
    toml_document_destroy(document);
    return status;
}

const struct golden *manifest_find(const struct manifest *manifest, const char *name) {
    for (size_t i = 0; i < manifest->count; i++) {
        if (strcmp(manifest->each[i].name, name) == 0) {
            return &manifest->each[i];
        }
    }
    return NULL;
}

char *manifest_trace_path(const struct manifest *manifest, const char *name) {
    const char *slash = strrchr(manifest->path, '/');
    int folder = slash ? (int)(slash - manifest->path) + 1 : 0;
    char *result = NULL;
    if (asprintf(&result, "%.*straces/%s.json", folder, manifest->path, name) < 0) {
        result = NULL;
    }
    return result;
}
