/* SPDX-License-Identifier: MIT */
#include "budget_reading.h"

#include "cleanup.h"
#include "name_pattern.h"
#include "printable.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- what is said */

/* Keys, names and patterns of the file are in it: nothing of them may do something to a terminal. */
__attribute__((format(printf, 2, 0))) static int add_printable(struct text *text, const char *format,
                                                               va_list arguments) {
    char *raw = NULL;
    int length = vasprintf(&raw, format, arguments);
    if (length < 0) {
        return -ENOMEM;
    }
    printable_add(text, raw, (size_t)length, false);
    free(raw);
    return text->failed ? -ENOMEM : 0;
}

int budget_mistake(const struct budget_reading *reading, const struct toml_node *node, const char *format, ...) {
    struct text sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    int status = add_printable(&sentence, format, arguments);
    va_end(arguments);
    if (status == 0) {
        int length = snprintf(reading->problem, reading->size, "%s:%u:%u: ", reading->name, node->line, node->column);
        size_t room = length > 0 && (size_t)length < reading->size ? reading->size - (size_t)length : 0;
        if (room) {
            size_t kept = printable_cut(sentence.bytes, sentence.length, room - 1);
            snprintf(reading->problem + length, room, "%.*s", (int)kept, sentence.bytes);
        }
    }
    text_finish(&sentence);
    return status < 0 ? status : -EINVAL;
}

int budget_note_add(const struct budget_reading *reading, bool is_warning, unsigned line, const char *format, ...) {
    struct budget_file *file = reading->file;
    struct budget_note *notes = reallocarray(file->notes, file->note_count + 1, sizeof(*notes));
    if (!notes) {
        return -ENOMEM;
    }
    file->notes = notes;
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    int status = add_printable(&text, format, arguments);
    va_end(arguments);
    if (status < 0) {
        text_finish(&text);
        return status;
    }
    notes[file->note_count++] = (struct budget_note){.is_warning = is_warning, .line = line, .text = text.bytes};
    return 0;
}

int budget_unknown_key(const struct budget_reading *reading, const struct toml_node *node, const char *where,
                       const struct nearest *nearest) {
    if (nearest->best) {
        return budget_note_add(reading, true, node->line, "unknown key '%s' in %s; did you mean '%s'?", node->key,
                               where, nearest->best);
    }
    return budget_note_add(reading, true, node->line, "unknown key '%s' in %s", node->key, where);
}

/* ---------------------------------------------------------------------- values */

int budget_truth(const struct budget_reading *reading, const struct toml_node *node, const char *key, bool *truth) {
    if (node->kind != TOML_BOOLEAN) {
        return budget_mistake(reading, node, "%s has to be true or false, not %s", key, toml_kind_name(node->kind));
    }
    *truth = node->truth;
    return 0;
}

/* Whether it is a string that C can hold. */
static int check_string(const struct budget_reading *reading, const struct toml_node *node, const char *key) {
    if (node->kind != TOML_STRING) {
        return budget_mistake(reading, node, "%s has to be a string, not %s", key, toml_kind_name(node->kind));
    }
    if (!node->string.size) {
        return budget_mistake(reading, node, "%s is empty", key);
    }
    if (strlen(node->string.bytes) != node->string.size) {
        return budget_mistake(reading, node, "%s has a NUL in it", key);
    }
    return 0;
}

int budget_string(const struct budget_reading *reading, const struct toml_node *node, const char *key, char **string) {
    int status = check_string(reading, node, key);
    if (status == 0) {
        *string = strdup(node->string.bytes);
        status = *string ? 0 : -ENOMEM;
    }
    return status;
}

int budget_list(const struct budget_reading *reading, const struct toml_node *node, struct text *list) {
    bool is_array = node->kind == TOML_ARRAY;
    if (!is_array && node->kind != TOML_STRING) {
        return budget_mistake(reading, node, "%s has to be a string or an array of strings, not %s", node->key,
                              toml_kind_name(node->kind));
    }
    size_t count = is_array ? node->count : 1;
    if (!count) {
        return budget_mistake(reading, node, "%s is empty; without it all are meant", node->key);
    }
    for (size_t i = 0; i < count; i++) {
        const struct toml_node *element = is_array ? &node->children[i] : node;
        int status = check_string(reading, element, node->key);
        if (status < 0) {
            return status;
        }
        text_add(list, ",", i != 0);
        text_add(list, element->string.bytes, element->string.size);
    }
    return list->failed ? -ENOMEM : 0;
}

int budget_pattern(const struct budget_reading *reading, const struct toml_node *node, struct name_pattern **pattern) {
    char reason[256] = "";
    int status = check_string(reading, node, node->key);
    if (status < 0) {
        return status;
    }
    status = name_pattern_create(pattern, node->string.bytes, node->string.size, reason, sizeof(reason));
    return status == -EINVAL ? budget_mistake(reading, node, "%s is no regular expression: %s", node->key, reason)
                             : status;
}

int budget_word(const struct budget_reading *reading, const struct toml_node *node, const char *const *words,
                size_t *index) {
    int status = check_string(reading, node, node->key);
    if (status < 0) {
        return status;
    }
    const char *word = node->string.bytes;
    struct nearest nearest = {.word = word};
    struct text list = {0};
    for (size_t i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0) {
            *index = i;
            text_finish(&list);
            return 0;
        }
        nearest_offer(&nearest, words[i]);
        text_add_string(&list, !i ? "" : words[i + 1] ? ", " : " or ");
        text_add_string(&list, words[i]);
    }
    if (list.failed) {
        status = -ENOMEM;
    } else if (nearest.best) {
        status = budget_mistake(reading, node, "unknown %s '%s'; did you mean '%s'?", node->key, word, nearest.best);
    } else {
        status = budget_mistake(reading, node, "unknown %s '%s'; it is %s", node->key, word, list.bytes);
    }
    text_finish(&list);
    return status;
}

/* A number that is finite and not negative. */
static int take_number(const struct budget_reading *reading, const struct toml_node *node, bool whole, double *number) {
    const char *key = node->key;
    if (node->kind != TOML_INTEGER && node->kind != TOML_FLOAT) {
        return budget_mistake(reading, node, "%s has to be %s, not %s", key, whole ? "an integer" : "a number",
                              toml_kind_name(node->kind));
    }
    *number = node->kind == TOML_INTEGER ? (double)node->integer : node->number;
    if (!isfinite(*number)) {
        return budget_mistake(reading, node, "%s has to be a finite number", key);
    }
    if (*number < 0) {
        return budget_mistake(reading, node, "%s must not be negative", key);
    }
    if (whole && *number != floor(*number)) {
        return budget_mistake(reading, node, "%s has to be a whole number", key);
    }
    return 0;
}

int budget_amount(const struct budget_reading *reading, const struct toml_node *node, double unit, bool whole,
                  double *amount) {
    double number = 0;
    double most = floor(BUDGET_AMOUNT_MAX / unit);
    int status = take_number(reading, node, whole, &number);
    /* An integer that no double holds exactly is looked at before it becomes one. */
    bool is_beyond = node->kind == TOML_INTEGER ? node->integer > (int64_t)most : number * unit > BUDGET_AMOUNT_MAX;
    if (status == 0 && is_beyond) {
        status = budget_mistake(reading, node, "%s is too large: at most %.0f", node->key, most);
    }
    /* Adding nothing makes 0 of -0. */
    *amount = status == 0 ? round(number * unit) + 0.0 : 0;
    return status;
}

/* "10%": digits with a point at most, and a space before the sign if need be. */
static bool parse_share(const struct toml_string *string, double *share) {
    static const char digits[] = "0123456789";
    const char *end = string->bytes + strspn(string->bytes, digits);
    size_t count = (size_t)(end - string->bytes);
    if (*end == '.') {
        size_t more = strspn(end + 1, digits);
        count = more ? count : 0;
        end += 1 + more;
    }
    end += *end == ' ';
    /* The locale of the program is C: the point is one. */
    *share = strtod(string->bytes, NULL);
    return count && strcmp(end, "%") == 0 && end + 1 == string->bytes + string->size;
}

int budget_increase(const struct budget_reading *reading, const struct toml_node *node, double unit, bool whole,
                    struct increase *increase) {
    double share;
    increase->is_set = true;
    if (node->kind == TOML_INTEGER || node->kind == TOML_FLOAT) {
        return budget_amount(reading, node, unit, whole, &increase->amount);
    }
    if (node->kind != TOML_STRING || !parse_share(&node->string, &share)) {
        return budget_mistake(reading, node, "%s has to be a share such as \"10%%\", or a number", node->key);
    }
    if (share > BUDGET_AMOUNT_MAX) {
        return budget_mistake(reading, node, "%s is too large", node->key);
    }
    increase->is_share = true;
    increase->amount = share;
    return 0;
}

int budget_share(const struct budget_reading *reading, const struct toml_node *node, double *share) {
    int status = take_number(reading, node, false, share);
    if (status == 0 && *share > 1) {
        status = budget_mistake(reading, node, "%s has to be from 0 to 1", node->key);
    }
    return status;
}

int budget_ratio(const struct budget_reading *reading, const struct toml_node *node, double *ratio) {
    int status = take_number(reading, node, false, ratio);
    if (status == 0 && *ratio > BUDGET_AMOUNT_MAX) {
        status = budget_mistake(reading, node, "%s is too large", node->key);
    }
    return status;
}
