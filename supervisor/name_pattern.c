/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "name_pattern.h"

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Names of calls are short, and a path that a program is started by has at most 4096 bytes: what needs more steps
     * than this goes wrong, and takes milliseconds to. */
    MATCH_LIMIT = 100000,
    HEAP_LIMIT = 1024, /* KiB */
};

struct name_pattern {
    char *text;
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

int name_pattern_create(struct name_pattern **result, const char *text, size_t length, char *problem, size_t size) {
    struct name_pattern *pattern = calloc(1, sizeof(*pattern));
    if (!pattern) {
        return -ENOMEM;
    }
    int error;
    PCRE2_SIZE offset;
    pattern->code = pcre2_compile((PCRE2_SPTR)text, length, PCRE2_NEVER_UTF, &error, &offset, NULL);
    if (!pattern->code) {
        PCRE2_UCHAR message[128] = "";
        pcre2_get_error_message(error, message, sizeof(message));
        snprintf(problem, size, "%s at offset %zu of '%.*s'", (const char *)message, (size_t)offset, (int)length, text);
        name_pattern_destroy(pattern);
        return -EINVAL;
    }
    pattern->text = strndup(text, length);
    pattern->match = pcre2_match_data_create(1, NULL);
    pattern->limits = pcre2_match_context_create(NULL);
    if (!pattern->text || !pattern->match || !pattern->limits) {
        name_pattern_destroy(pattern);
        return -ENOMEM;
    }
    pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT);
    *result = pattern;
    return 0;
}

void name_pattern_destroy(struct name_pattern *pattern) {
    if (!pattern) {
        return;
    }
    pcre2_match_context_free(pattern->limits);
    pcre2_match_data_free(pattern->match);
    pcre2_code_free(pattern->code);
    free(pattern->text);
    free(pattern);
}

const char *name_pattern_text(const struct name_pattern *pattern) {
    return pattern->text;
}

int name_pattern_matches(struct name_pattern *pattern, const char *name) {
    int status = pcre2_match(pattern->code, (PCRE2_SPTR)name, strlen(name), 0, 0, pattern->match, pattern->limits);
    if (status == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    return status >= 0 ? 1 : -ELOOP;
}
