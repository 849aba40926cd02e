/* SPDX-License-Identifier: MIT */
#include "manifest.h"

#include "cleanup.h"
#include "files.h"
#include "report.h"
#include "text.h"
#include "toml_document.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* --------------------------------------------------------------- an entry as TOML */

/* In quotation marks, with the escapes of TOML. */
static void add_string(struct text *text, const char *string) {
    text_add_char(text, '"');
    for (const char *rest = string; *rest; rest++) {
        unsigned char byte = (unsigned char)*rest;
        char escape[8];
        if (byte == '"' || byte == '\\') {
            text_add_char(text, '\\');
            text_add_char(text, *rest);
        } else if (byte == '\n') {
            text_add_string(text, "\\n");
        } else if (byte == '\t') {
            text_add_string(text, "\\t");
        } else if (byte < ' ' || byte == 0x7f) {
            snprintf(escape, sizeof(escape), "\\u%04X", byte);
            text_add_string(text, escape);
        } else {
            text_add_char(text, *rest);
        }
    }
    text_add_char(text, '"');
}

/* Bare where that is allowed. */
static void add_key(struct text *text, const char *key, size_t length) {
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    char copy[NAME_MAX + 1];
    snprintf(copy, sizeof(copy), "%.*s", (int)length, key);
    if (copy[0] && length < sizeof(copy) && copy[strspn(copy, bare)] == 0) {
        text_add_string(text, copy);
        return;
    }
    auto_free char *whole = strndup(key, length);
    if (!whole) {
        text->failed = true;
        return;
    }
    add_string(text, whole);
}

static void add_strings(struct text *text, const char *key, const struct strings *strings) {
    text_add_string(text, key);
    text_add_string(text, " = [");
    for (size_t i = 0; i < strings->count; i++) {
        text_add_string(text, i ? ", " : "");
        add_string(text, strings->each[i]);
    }
    text_add_string(text, "]\n");
}

static void add_member(struct text *text, const char *key, const char *value) {
    if (value) {
        text_add_string(text, key);
        text_add_string(text, " = ");
        add_string(text, value);
        text_add_char(text, '\n');
    }
}

static void add_environment(struct text *text, const struct strings *environment) {
    text_add_string(text, "environment = { ");
    for (size_t i = 0; i < environment->count; i++) {
        const char *entry = environment->each[i];
        size_t length = strcspn(entry, "=");
        text_add_string(text, i ? ", " : "");
        add_key(text, entry, length);
        text_add_string(text, " = ");
        add_string(text, entry + length + 1);
    }
    text_add_string(text, " }\n");
}

static void add_header(struct text *text, const struct golden *golden) {
    text_add_string(text, "[golden.");
    add_key(text, golden->name, strlen(golden->name));
    text_add_string(text, "]\n");
}

/* All but the header. */
static void add_body(struct text *text, const struct golden *golden) {
    add_strings(text, "command", &golden->command);
    /* None is written too, for without this key it is -f. */
    add_strings(text, "options", &golden->options);
    add_member(text, "directory", golden->directory);
    add_member(text, "input", golden->input);
    add_strings(text, "pass", &golden->pass);
    if (golden->environment.count) {
        add_environment(text, &golden->environment);
    }
    if (golden->mode != COMPARE_EXACT) {
        add_member(text, "mode", compare_mode_name(golden->mode));
    }
    if (golden->ignore.count) {
        add_strings(text, "ignore", &golden->ignore);
    }
    add_member(text, "tolerance", golden->tolerance);
    if (golden->timeout) {
        char number[32];
        snprintf(number, sizeof(number), "timeout = %u\n", golden->timeout);
        text_add_string(text, number);
    }
}

/* The first string that is not UTF-8, or NULL. */
static const char *find_foreign(const struct golden *golden) {
    const struct strings *const lists[] = {&golden->command, &golden->options, &golden->pass, &golden->environment,
                                           &golden->ignore};
    const char *const singles[] = {golden->directory, golden->input, golden->tolerance};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (size_t j = 0; j < lists[i]->count; j++) {
            const char *string = lists[i]->each[j];
            if (u8_check((const uint8_t *)string, strlen(string))) {
                return string;
            }
        }
    }
    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        if (singles[i] && u8_check((const uint8_t *)singles[i], strlen(singles[i]))) {
            return singles[i];
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- lines of the file */

/* Where a line begins, from 1: the end of the text for those behind it. */
static size_t line_start(const char *text, size_t size, unsigned line) {
    size_t place = 0;
    while (line > 1 && place < size) {
        const char *newline = memchr(text + place, '\n', size - place);
        place = newline ? (size_t)(newline - text) + 1 : size;
        line--;
    }
    return place;
}

/* The first character of a line that is no blank; a newline if there is none. */
static char first_character(const char *text, size_t size, unsigned line) {
    size_t place = line_start(text, size, line);
    while (place < size && (text[place] == ' ' || text[place] == '\t' || text[place] == '\r')) {
        place++;
    }
    return place < size ? text[place] : '\n';
}

/* The first line behind `line` with something that does not belong to `entry`. */
static void find_next(const struct toml_node *node, const struct toml_node *entry, unsigned line, unsigned *next) {
    if (node == entry) {
        return;
    }
    if (node->line > line && node->line < *next) {
        *next = node->line;
    }
    bool has_children = node->kind == TOML_TABLE || node->kind == TOML_ARRAY;
    for (size_t i = 0; has_children && i < node->count; i++) {
        find_next(&node->children[i], entry, line, next);
    }
}

static unsigned count_lines(const char *text, size_t size) {
    unsigned lines = 0;
    for (size_t i = 0; i < size; i++) {
        lines += text[i] == '\n';
    }
    return lines + (size && text[size - 1] != '\n');
}

/* The line behind the entry: comments directly above what comes next belong to that, and empty lines to nobody. */
static unsigned find_end(const char *text, size_t size, const struct toml_node *root, const struct toml_node *entry) {
    unsigned end = count_lines(text, size) + 1;
    unsigned last = end;
    find_next(root, entry, entry->line, &end);
    while (end < last && end - 1 > entry->line && first_character(text, size, end - 1) == '#') {
        end--;
    }
    while (end - 1 > entry->line && first_character(text, size, end - 1) == '\n') {
        end--;
    }
    return end;
}

/* What the lines of the file end with. */
static const char *line_end(const char *text, size_t size) {
    const char *newline = memchr(text, '\n', size);
    return newline && newline > text && newline[-1] == '\r' ? "\r\n" : "\n";
}

static void add_line(struct text *to, const char *text, size_t size, unsigned line) {
    size_t begin = line_start(text, size, line);
    size_t end = line_start(text, size, line + 1);
    text_add(to, text + begin, end - begin);
    if (end > begin && text[end - 1] != '\n') {
        text_add_string(to, line_end(text, size));
    }
}

/* The comment behind a value that is on one line, with the blanks in front of it: its length, 0 if there is none. Of
 * quotation marks in threes the last one stays open, so that nothing is taken for a comment. */
static size_t find_comment(const char *text, size_t size, const struct toml_node *node, const char **comment) {
    size_t begin = line_start(text, size, node->line);
    size_t end = line_start(text, size, node->line + 1);
    while (end > begin && (text[end - 1] == '\n' || text[end - 1] == '\r')) {
        end--;
    }
    char quote = 0;
    int depth = 0;
    size_t blanks = begin; /* behind what is no blank */
    for (size_t place = begin; place < end; place++) {
        char byte = text[place];
        if (quote) {
            place += quote == '"' && byte == '\\';
            quote = byte == quote ? 0 : quote;
        } else if (byte == '"' || byte == '\'') {
            quote = byte;
        } else if (byte == '#' && depth == 0) {
            *comment = text + blanks;
            return end - blanks;
        } else {
            depth += (byte == '[' || byte == '{') - (byte == ']' || byte == '}');
        }
        blanks = byte == ' ' || byte == '\t' ? blanks : place + 1;
    }
    return 0;
}

/* Lines of ours, which end as those of the file, and keep the comments of the keys that they replace. */
static void add_our_lines(struct text *to, const struct text *lines, const char *text, size_t size,
                          const struct toml_node *entry) {
    for (size_t place = 0; place < lines->length;) {
        const char *line = lines->bytes + place;
        size_t length = strcspn(line, "\n");
        char key[32];
        snprintf(key, sizeof(key), "%.*s", (int)strcspn(line, " \n"), line);
        const struct toml_node *node = entry ? toml_member(entry, key) : NULL;
        const char *comment = "";
        size_t comment_length = node ? find_comment(text, size, node, &comment) : 0;
        text_add(to, line, length);
        text_add(to, comment, comment_length);
        text_add_string(to, line_end(text, size));
        place += length + 1;
    }
    to->failed = to->failed || lines->failed;
}

static void replace(struct text *to, const char *text, size_t size, const struct toml_node *root,
                    const struct toml_node *entry, const struct golden *golden) {
    unsigned end = find_end(text, size, root, entry);
    text_add(to, text, line_start(text, size, entry->line));
    add_line(to, text, size, entry->line);
    for (unsigned line = entry->line + 1; line < end; line++) {
        if (first_character(text, size, line) == '#') {
            add_line(to, text, size, line);
        }
    }
    struct text body = {0};
    add_body(&body, golden);
    add_our_lines(to, &body, text, size, entry);
    text_finish(&body);
    size_t rest = line_start(text, size, end);
    text_add(to, text + rest, size - rest);
}

static void append(struct text *to, const char *text, size_t size, const struct golden *golden) {
    text_add(to, text, size);
    if (size && text[size - 1] != '\n') {
        text_add_string(to, line_end(text, size));
    }
    if (size) {
        text_add_string(to, line_end(text, size));
    }
    struct text lines = {0};
    add_header(&lines, golden);
    add_body(&lines, golden);
    add_our_lines(to, &lines, text, size, NULL);
    text_finish(&lines);
}

/* ----------------------------------------------------------------- nothing else changed */

static bool is_same_value(const struct toml_node *a, const struct toml_node *b) {
    switch (a->kind) {
    case TOML_STRING:
        return a->string.size == b->string.size && memcmp(a->string.bytes, b->string.bytes, a->string.size) == 0;
    case TOML_INTEGER:
        return a->integer == b->integer;
    case TOML_FLOAT:
        return a->number == b->number || (isnan(a->number) && isnan(b->number));
    case TOML_BOOLEAN:
        return a->truth == b->truth;
    default:
        return true;
    }
}

static bool is_same(const struct toml_node *a, const struct toml_node *b) {
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind != TOML_TABLE && a->kind != TOML_ARRAY) {
        return is_same_value(a, b);
    }
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++) {
        const struct toml_node *other = a->kind == TOML_TABLE ? toml_member(b, a->children[i].key) : &b->children[i];
        same = other && is_same(&a->children[i], other);
    }
    return same;
}

/* Whether every member of `a` but `except` is in `b`, the same, and no others are. */
static bool is_same_table(const struct toml_node *a, const struct toml_node *b, const char *except) {
    for (size_t i = 0; a && i < a->count; i++) {
        const char *key = a->children[i].key;
        const struct toml_node *other = toml_member(b, key);
        if (strcmp(key, except) != 0 && (!other || !is_same(&a->children[i], other))) {
            return false;
        }
    }
    size_t a_count = a ? a->count - (toml_member(a, except) != NULL) : 0;
    return a_count == b->count - (toml_member(b, except) != NULL);
}

/* Whether the edited document has the entry as it is alone, and everything else as it was. */
static bool is_right(const struct toml_node *before, const struct toml_node *after, const struct toml_node *alone,
                     const char *name) {
    const struct toml_node *goldens = toml_member(after, "golden");
    const struct toml_node *entry = toml_member(goldens, name);
    const struct toml_node *wanted = toml_member(toml_member(alone, "golden"), name);
    return entry && wanted && is_same(entry, wanted) && is_same_table(before, after, "golden") &&
           is_same_table(toml_member(before, "golden"), goldens, name);
}

static int check(const struct toml_node *before, const struct text *text, const char *name, const struct golden *golden,
                 char *problem, size_t size) {
    struct text entry = {0};
    add_header(&entry, golden);
    add_body(&entry, golden);
    struct toml_document *after = NULL;
    struct toml_document *alone = NULL;
    char reason[512];
    int status =
        entry.failed ? -ENOMEM : toml_document_parse(&after, text->bytes, text->length, name, reason, sizeof(reason));
    if (status == 0) {
        status = toml_document_parse(&alone, entry.bytes, entry.length, name, reason, sizeof(reason));
    }
    if (status == 0 && !is_right(before, toml_document_root(after), toml_document_root(alone), golden->name)) {
        status = -EINVAL;
    }
    if (status == -ENOMEM) {
        snprintf(problem, size, "out of memory");
    } else if (status < 0) {
        snprintf(problem, size,
                 "'%s' cannot be changed without changing other parts: write golden trace '%s' by hand, as one table "
                 "[golden.%s]",
                 name, golden->name, golden->name);
    }
    toml_document_destroy(after);
    toml_document_destroy(alone);
    text_finish(&entry);
    return status;
}

/* ------------------------------------------------------------------------- the file */

int manifest_edit(const char *text, size_t text_size, const char *name, const struct golden *golden, char **result,
                  size_t *length, char *problem, size_t size) {
    const char *foreign = find_foreign(golden);
    if (foreign) {
        snprintf(problem, size, "a word of the command is not UTF-8, which TOML cannot hold: '%s'", foreign);
        return -EINVAL;
    }
    struct toml_document *document = NULL;
    int status = toml_document_parse(&document, text, text_size, name, problem, size);
    if (status < 0) {
        return status;
    }
    const struct toml_node *root = toml_document_root(document);
    const struct toml_node *entry = toml_member(toml_member(root, "golden"), golden->name);
    struct text edited = {0};
    if (entry && first_character(text, text_size, entry->line) != '[') {
        snprintf(problem, size,
                 "%s:%u:%u: golden trace '%s' is not written as a table [golden.%s], so it can be changed by hand only",
                 name, entry->line, entry->column, golden->name, golden->name);
        status = -EINVAL;
    } else if (entry) {
        replace(&edited, text, text_size, root, entry, golden);
    } else {
        append(&edited, text, text_size, golden);
    }
    if (status == 0 && edited.failed) {
        snprintf(problem, size, "out of memory");
        status = -ENOMEM;
    }
    if (status == 0) {
        status = check(root, &edited, name, golden, problem, size);
    }
    toml_document_destroy(document);
    if (status < 0) {
        text_finish(&edited);
        return status;
    }
    *result = edited.bytes;
    *length = edited.length;
    return 0;
}

static const char first_lines[] =
    "# Golden traces: how each program is recorded and compared; see renacer-sv-golden(1).\n"
    "# Verify them with: renacer-sv golden verify\n";

int manifest_stage(struct staged_file *staged, const char *path, const struct golden *golden, char *problem,
                   size_t size) {
    auto_free char *text = NULL;
    size_t length = 0;
    *staged = (struct staged_file){0};
    int status = file_read(path, &text, &length, problem, size);
    if (status == -ENOENT) {
        text = strdup(first_lines);
        length = strlen(first_lines);
        status = text ? 0 : -ENOMEM;
    }
    auto_free char *edited = NULL;
    size_t edited_length = 0;
    if (status == 0) {
        status = manifest_edit(text, length, path, golden, &edited, &edited_length, problem, size);
    }
    return status < 0 ? status : file_stage(staged, path, edited, edited_length, problem, size);
}

int manifest_put(const char *path, const struct golden *golden, char *problem, size_t size) {
    struct staged_file staged;
    int status = manifest_stage(&staged, path, golden, problem, size);
    status = status < 0 ? status : file_commit(&staged, problem, size);
    file_stage_finish(&staged);
    return status;
}
