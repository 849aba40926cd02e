/* SPDX-License-Identifier: MIT
 *
 * The inside of a redaction: its rules as they were parsed (emit/redact_rules.c),
 * and what finding (emit/redact.c) needs.
 */
#ifndef RENACER_REDACT_RULES_H
#define RENACER_REDACT_RULES_H

#ifndef PCRE2_CODE_UNIT_WIDTH
#define PCRE2_CODE_UNIT_WIDTH 8
#endif

#include "redact.h"

#include <pcre2.h>

enum pattern_use {
    USE_WITH_BEGINNINGS, /* where a string is cut, what may be the beginning of a match is one as well */
    USE_EXACT,           /* matches alone */
    USE_IF_CUT,          /* only if the string is cut */
};

struct redact_pattern {
    pcre2_code *code;
    enum pattern_use use;
};

struct redact_glob {
    char *pattern; /* of fnmatch(3) */
    bool ignores_case;
};

struct redact_globs {
    struct redact_glob *each;
    size_t count;
};

struct redaction {
    unsigned rules;
    struct redact_pattern *patterns;
    size_t pattern_count;
    struct redact_globs variables; /* whose values are hidden */
    struct redact_globs paths;     /* whose contents are hidden */
    int32_t *numbers;              /* descriptors whose contents are hidden */
    size_t number_count;
    bool buffers;                        /* all contents are hidden */
    bool has_secrets;                    /* "secrets" was added */
    struct redact_pattern secret_option; /* an option behind which a secret stands */
    /* Of the record that is being written. */
    bool hides_contents;
    /* Used again and again. */
    pcre2_match_data *match;
    pcre2_match_context *limits;
    struct redact_range *ranges;
    size_t range_count;
    size_t range_room;
    struct redact_range whole;
};

#endif
