/* SPDX-License-Identifier: MIT */
#include "redact.h"

#include "capture.h"
#include "redact_rules.h"
#include "syscall_table.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------ ranges */

static const struct redact_range *everything(struct redaction *redaction, size_t size, size_t *count) {
    redaction->whole = (struct redact_range){0, size};
    *count = 1;
    return &redaction->whole;
}

/* False: there is no memory. */
static bool add_range(struct redaction *redaction, size_t start, size_t end) {
    if (start >= end) {
        return true;
    }
    if (redaction->range_count == redaction->range_room) {
        size_t room = redaction->range_room ? 2 * redaction->range_room : 16;
        struct redact_range *more = realloc(redaction->ranges, room * sizeof(*more));
        if (!more) {
            return false;
        }
        redaction->ranges = more;
        redaction->range_room = room;
    }
    redaction->ranges[redaction->range_count++] = (struct redact_range){start, end};
    return true;
}

static int by_start(const void *left, const void *right) {
    size_t a = ((const struct redact_range *)left)->start;
    size_t b = ((const struct redact_range *)right)->start;
    return (a > b) - (a < b);
}

/* Make those that overlap or touch one. */
static void merge_ranges(struct redaction *redaction) {
    struct redact_range *ranges = redaction->ranges;
    size_t kept = 0;
    if (redaction->range_count < 2) {
        return;
    }
    qsort(ranges, redaction->range_count, sizeof(*ranges), by_start);
    for (size_t i = 1; i < redaction->range_count; i++) {
        if (ranges[i].start > ranges[kept].end) {
            ranges[++kept] = ranges[i];
        } else if (ranges[i].end > ranges[kept].end) {
            ranges[kept].end = ranges[i].end;
        }
    }
    redaction->range_count = kept + 1;
}

/* ---------------------------------------------------------------------- matching */

/* Add all matches of a pattern. False: it cannot be told. */
static bool add_matches(struct redaction *redaction, const struct redact_pattern *pattern,
                        const struct shown_bytes *shown) {
    bool with_beginnings = shown->is_cut && pattern->use == USE_WITH_BEGINNINGS;
    uint32_t how = PCRE2_NOTEMPTY | (with_beginnings ? PCRE2_PARTIAL_HARD : 0);
    const size_t *match = pcre2_get_ovector_pointer(redaction->match);
    size_t offset = 0;
    while (offset < shown->size) {
        int status =
            pcre2_match(pattern->code, shown->bytes, shown->size, offset, how, redaction->match, redaction->limits);
        if (status == PCRE2_ERROR_NOMATCH) {
            return true;
        }
        if (status == PCRE2_ERROR_PARTIAL) {
            return add_range(redaction, match[0], shown->size);
        }
        /* \K in a lookahead can put the start behind the end. */
        if (status < 0 || match[0] > match[1] || !add_range(redaction, match[0], match[1])) {
            return false;
        }
        offset = match[1] > offset ? match[1] : offset + 1;
    }
    return true;
}

static bool is_matched(struct redaction *redaction, const struct redact_pattern *pattern, const uint8_t *bytes,
                       size_t size) {
    return pcre2_match(pattern->code, bytes, size, 0, 0, redaction->match, redaction->limits) != PCRE2_ERROR_NOMATCH;
}

/* Whether one of the patterns of the shell matches a name that may not be terminated; if there is no memory to find
 * out, it does. */
static bool is_named(const struct redact_globs *globs, const void *name, size_t size) {
    char *copy = globs->count ? strndup(name, size) : NULL;
    bool matches = globs->count && !copy;
    for (size_t i = 0; copy && !matches && i < globs->count; i++) {
        matches = fnmatch(globs->each[i].pattern, copy, globs->each[i].ignores_case ? FNM_CASEFOLD : 0) == 0;
    }
    free(copy);
    return matches;
}

/* Of NAME=VALUE the value. */
static bool add_variable(struct redaction *redaction, const struct shown_bytes *shown) {
    const uint8_t *equals = redaction->variables.count ? memchr(shown->bytes, '=', shown->size) : NULL;
    if (!equals || !is_named(&redaction->variables, shown->bytes, (size_t)(equals - shown->bytes))) {
        return true;
    }
    return add_range(redaction, (size_t)(equals - shown->bytes) + 1, shown->size);
}

const struct redact_range *redaction_find(struct redaction *redaction, const struct shown_bytes *shown, size_t *count) {
    *count = 0;
    if (!redaction || !shown->size) {
        return NULL;
    }
    if (shown->kind == BYTES_CONTENT && redaction->hides_contents) {
        return everything(redaction, shown->size, count);
    }
    redaction->range_count = 0;
    if (shown->kind == BYTES_VARIABLE && !add_variable(redaction, shown)) {
        return everything(redaction, shown->size, count);
    }
    for (size_t i = 0; i < redaction->pattern_count; i++) {
        const struct redact_pattern *pattern = &redaction->patterns[i];
        bool is_used = pattern->use != USE_IF_CUT || shown->is_cut;
        if (is_used && !add_matches(redaction, pattern, shown)) {
            return everything(redaction, shown->size, count);
        }
    }
    merge_ranges(redaction);
    *count = redaction->range_count;
    return redaction->ranges;
}

void redaction_splice(struct redaction *redaction, const struct shown_bytes *shown, struct text *result) {
    size_t count;
    const struct redact_range *ranges = redaction_find(redaction, shown, &count);
    const char *bytes = (const char *)shown->bytes;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        text_add(result, bytes + at, ranges[i].start - at);
        text_add_string(result, REDACTED_MARK);
        at = ranges[i].end;
    }
    text_add(result, bytes + at, shown->size - at);
}

bool redaction_hides_next(struct redaction *redaction, const uint8_t *argument, size_t size) {
    return redaction && redaction->secret_option.code &&
           is_matched(redaction, &redaction->secret_option, argument, size);
}

void redaction_to_json(const struct redaction *redaction, bool spaced, struct text *text) {
    if (redaction) {
        text_add_string(text, spaced ? ", \"redaction_rules\": " : ",\"redaction_rules\":");
        text_add_unsigned(text, redaction->rules);
    }
}

bool redaction_hides_contents(const struct redaction *redaction) {
    return redaction && redaction->hides_contents;
}

/* ------------------------------------------------------------------- whose contents */

enum bytes_kind bytes_kind_of(unsigned type) {
    switch (type) {
    case A_PATH:
    case A_STR:
    case A_COMM:
    case A_OUT_PATH_:
    case A_OUT_NAMES_:
        return BYTES_NAME;
    case A_ARGV:
    case A_ENVP:
        return BYTES_VARIABLE;
    default:
        return BYTES_CONTENT;
    }
}

static bool is_descriptor_type(unsigned type) {
    return type == A_FD || type == A_DIRFD;
}

static bool is_hidden_number(const struct redaction *redaction, uint64_t number) {
    for (size_t i = 0; i < redaction->number_count; i++) {
        if (redaction->numbers[i] == (int32_t)number) {
            return true;
        }
    }
    return false;
}

/* Whether the contents of what this capture names are hidden. */
static bool names_hidden(const struct redaction *redaction, const struct capture *capture, bool is_path) {
    const char *bytes = (const char *)capture_bytes(capture);
    bool is_name = is_path || capture->element == CAPTURE_DESCRIPTOR || capture->element == CAPTURE_DESCRIPTOR_AT;
    if (capture->element == CAPTURE_DESCRIPTOR_AT && is_hidden_number(redaction, capture->address)) {
        return true;
    }
    return is_name && is_named(&redaction->paths, bytes, strnlen(bytes, capture->size));
}

/* A descriptor of which nobody knows what it is may be any file. */
static bool is_unknown_descriptor(const struct record *record, unsigned arg) {
    return (int32_t)record->call.args[arg] != AT_FDCWD &&
           !capture_find(record_captures(record), record->call.captures_size, arg, CAPTURE_DESCRIPTOR);
}

static bool hides_contents(const struct redaction *redaction, const struct record *record) {
    const struct syscall_row *row = syscall_row((enum arch)record->arch, record->call.number);
    struct shown_argument shown[SYSCALL_MAX_ARGS];
    bool is_path[CAPTURE_RESULT + 1] = {false};
    unsigned count = row ? row_arguments(row, record->call.args, shown) : 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned index = shown[i].index;
        is_path[index] = shown[i].type == A_PATH;
        if (is_descriptor_type(shown[i].type) && (is_hidden_number(redaction, record->call.args[index]) ||
                                                  (redaction->paths.count && is_unknown_descriptor(record, index)))) {
            return true;
        }
    }
    const uint8_t *at = record_captures(record);
    const uint8_t *end = at + record->call.captures_size;
    while (at < end) {
        const struct capture *capture = (const struct capture *)(const void *)at;
        if (names_hidden(redaction, capture, capture->arg < CAPTURE_RESULT && is_path[capture->arg])) {
            return true;
        }
        at = capture_end(capture);
    }
    return false;
}

void redaction_begin(struct redaction *redaction, const struct record *record) {
    if (!redaction) {
        return;
    }
    bool depends = redaction->paths.count || redaction->number_count;
    redaction->hides_contents =
        redaction->buffers || (record->kind == RECORD_CALL && depends && hides_contents(redaction, record));
}
