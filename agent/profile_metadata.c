/* SPDX-License-Identifier: MIT */
#include "profile_metadata.h"

#include "option_table.h"

#include <errno.h>
#include <string.h>
#include <unistr.h>

/* A word that a shell takes as it is, or in quotation marks. */
static void add_word(struct text *line, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_%+=:,./@^-";
    text_add_string(line, line->length ? " " : "");
    if (word[0] && !word[strspn(word, plain)]) {
        text_add_string(line, word);
        return;
    }
    text_add_char(line, '\'');
    for (; *word; word++) {
        if (*word == '\'') {
            text_add_string(line, "'\\''");
        } else {
            text_add_char(line, *word);
        }
    }
    text_add_char(line, '\'');
}

static const struct option_row *row_of(int option) {
    unsigned i = 0;
    while ((int)option_rows[i].id != option) {
        i++;
    }
    return &option_rows[i];
}

static bool is_printable(const char *text) {
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            return false;
        }
    }
    return u8_check((const uint8_t *)text, strlen(text)) == NULL;
}

int profile_metadata_add(struct text *line, int option, const char *argument) {
    const struct option_row *row = row_of(option);
    struct text name = {0};
    if (row->argument && !is_printable(argument)) {
        return -EINVAL;
    }
    if (option_has_letter(row)) {
        text_add_char(&name, '-');
        text_add_char(&name, (char)row->id);
    } else {
        text_add_string(&name, "--");
        text_add_string(&name, row->name);
    }
    line->failed |= name.failed;
    if (!name.failed) {
        add_word(line, name.bytes);
    }
    text_finish(&name);
    if (row->argument) {
        add_word(line, argument);
    }
    return 0;
}

static void add_names(struct text *list, const struct name_list *names) {
    for (size_t i = 0; i < names->count; i++) {
        text_add_string(list, list->length ? "," : "");
        text_add_string(list, names->names[i]);
    }
}

int profile_metadata_add_unnotified(struct text *line, const struct unnotified *unnotified, bool *denied_left_out) {
    static const char option[] = "--unnotified=";
    struct text list = {0};
    for (unsigned i = 0; i < UNNOTIFIED_DENIED; i++) {
        add_names(&list, &unnotified->calls[i]);
    }
    size_t without = list.length;
    add_names(&list, &unnotified->calls[UNNOTIFIED_DENIED]);
    size_t room = PROFILE_METADATA_MAX - sizeof(option);
    room = line->length < room ? room - line->length : 0;
    *denied_left_out = list.length > room;
    if (*denied_left_out && list.bytes) {
        list.length = without;
        list.bytes[without] = 0;
    }
    int status = without > room ? -E2BIG : 0;
    line->failed |= list.failed;
    if (status == 0 && list.length && !list.failed) {
        text_add_string(line, line->length ? " " : "");
        text_add_string(line, option);
        text_add(line, list.bytes, list.length);
    }
    text_finish(&list);
    return status;
}
