/* SPDX-License-Identifier: MIT */
#include "filter_words.h"

#include "json.h"
#include "redact.h"

#include <string.h>

bool filter_words_any(const struct filter_words *words) {
    return words->trace || words->status || words->path_count || words->unnotified;
}

struct words_list {
    struct text *text;
    size_t begin; /* of the member */
    const char *comma;
    bool any;
};

static void add_word(struct words_list *list, const char *name, const char *value, bool is_path) {
    struct text *text = list->text;
    if (!value) {
        return;
    }
    text_add_string(text, list->any ? list->comma : "");
    list->any = true;
    size_t start = text->length;
    struct text word = {0};
    text_add_string(&word, name);
    struct shown_bytes shown = {(const uint8_t *)value, strlen(value), BYTES_NAME, false};
    redaction_splice(is_path ? text->redaction : NULL, &shown, &word);
    json_add_quoted(text, word.bytes ? word.bytes : "", word.length);
    text->failed = text->failed || word.failed;
    text_finish(&word);
    if (text->length - list->begin > FILTER_WORDS_BYTES) {
        text->length = start;
        text_add_char(text, '"');
        text_add_string(text, name);
        text_add_string(text, "...\"");
    }
}

/* "a,b" as "trace=!a,!b". */
static void add_exclusions(struct words_list *list, const char *names) {
    struct text value = {0};
    for (const char *rest = names; rest;) {
        size_t length = strcspn(rest, ",");
        text_add_string(&value, value.length ? ",!" : "!");
        text_add(&value, rest, length);
        rest = rest[length] ? rest + length + 1 : NULL;
    }
    add_word(list, "trace=", value.bytes, false);
    list->text->failed = list->text->failed || value.failed;
    text_finish(&value);
}

void filter_words_to_json(const struct filter_words *words, bool spaced, struct text *text) {
    if (!words) {
        return;
    }
    struct words_list list = {.text = text, .begin = text->length, .comma = spaced ? ", " : ","};
    text_add_string(text, list.comma);
    text_add_string(text, spaced ? "\"filter\": [" : "\"filter\":[");
    add_word(&list, "trace=", words->trace, false);
    add_word(&list, "status=", words->status, false);
    for (unsigned i = 0; i < words->path_count; i++) {
        add_word(&list, "path=", words->paths[i], true);
    }
    add_exclusions(&list, words->unnotified);
    text_add_char(text, ']');
}
