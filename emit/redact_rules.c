/* SPDX-License-Identifier: MIT
 *
 * Rules of redaction: reading them, and those of "secrets".
 */
#include "redact_rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* What takes more steps than this, as nested repetitions do on strings made for it, is hidden as a whole. */
    MATCH_LIMIT = 200000,
    HEAP_LIMIT = 4096, /* KiB */
};

/* ------------------------------------------------------------------------ secrets */

/* What is known to be secret by its form. What stands before \K stays: it says what the secret is, and is none. Where a
 * string is cut there may be too little of a secret for its pattern: `cut` is what may be left of it. */
static const struct {
    const char *whole;
    const char *cut;
} secret_patterns[] = {
    /* password=..., "api_key": "...", --token=... */
    {"(?i)(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
     "[\\w-]*\\\\?[\"']?\\s*[=:]\\s*(?:\\\\?\"\\K[^\"\\\\\\r\\n]+|'\\K[^'\\r\\n]+|\\K[^\\s\"'\\\\&;,]+)",
     NULL},
    /* Headers of HTTP. */
    {"(?i)\\b(?:proxy-)?authorization:[ \\t]*\\K[^\\r\\n]+", NULL},
    {"(?i)\\b(?:set-)?cookie2?:[ \\t]*\\K[^\\r\\n]+", NULL},
    {"(?i)\\bbearer[ \\t]+\\K[\\w.~+/=-]{8,}", "(?i)\\bbearer[ \\t]+\\K[\\w.~+/=-]+\\z"},
    /* scheme://user:password@host */
    {"(?i)\\b[a-z][a-z0-9+.-]*://[^\\s/:@]*:\\K[^\\s/@]+(?=@)",
     "(?i)\\b[a-z][a-z0-9+.-]*://[^\\s/:@]*:\\K[^\\s/@]+\\z"},
    /* Tokens of services, and JSON Web Tokens. */
    {"\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[sr]k_(?:live|test)_|npm_|pypi-|hf_)\\K[\\w-]{16,}",
     "\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|[sr]k_(?:live|test)_|npm_|pypi-|hf_)\\K[\\w-]+\\z"},
    {"\\b(?:AKIA|ASIA)\\K[A-Z0-9]{16}|\\bAIza\\K[\\w-]{35}", "\\b(?:AKIA|ASIA|AIza)\\K[\\w-]+\\z"},
    {"\\beyJ\\K[\\w-]{8,}\\.[\\w-]+(?:\\.[\\w-]*)*", "\\beyJ\\K[\\w.-]+\\z"},
    /* Private keys, to their end or as far as they go. */
    {"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----\\K[^-]+", NULL},
    /* What crypt(3) makes of a password. */
    {"\\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|argon2\\w*)\\$\\K[A-Za-z0-9./$=,+]{20,}",
     "\\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|argon2\\w*)\\$\\K[A-Za-z0-9./$=,+]+\\z"},
};

static const char *const secret_variables[] = {
    "*PASSWORD*",   "*PASSWD*",      "*PASSPHRASE*", "*SECRET*", "*TOKEN*", "*CREDENTIAL*", "*API*KEY*",
    "*ACCESS*KEY*", "*PRIVATE*KEY*", "*_AUTH",       "*_PWD",    "*_PASS",  "*COOKIE*",
};

static const char *const secret_paths[] = {
    "/etc/shadow*",
    "/etc/gshadow*",
    "/etc/security/opasswd",
    "/proc/*/environ",
    "/dev/*random",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.kdbx",
    "*.keytab",
    "*/.ssh/id_*",
    "/etc/ssh/ssh_host_*_key",
    "*/.gnupg/*",
    "*/.netrc",
    "*/.pgpass",
    "*/.my.cnf",
    "*/.git-credentials",
    "*/.aws/credentials",
    "*/.docker/config.json",
    "*/.kube/config",
    "*/.config/gh/hosts.yml",
    "*/.npmrc",
    "*/.pypirc",
    "*/.env",
};

/* An argument whose neighbour is a secret. */
static const char secret_option[] = "(?i)^--?(?:[a-z]+[_-])*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|"
                                    "access[_-]?key|private[_-]?key|credentials?)$";

/* ------------------------------------------------------------------------ creating */

static void free_globs(struct redact_globs *globs) {
    for (size_t i = 0; i < globs->count; i++) {
        free(globs->each[i].pattern);
    }
    free(globs->each);
}

int redaction_create(struct redaction **result) {
    struct redaction *redaction = calloc(1, sizeof(*redaction));
    *result = redaction;
    if (!redaction) {
        return -ENOMEM;
    }
    redaction->match = pcre2_match_data_create(1, NULL);
    redaction->limits = pcre2_match_context_create(NULL);
    if (!redaction->match || !redaction->limits) {
        redaction_destroy(redaction);
        *result = NULL;
        return -ENOMEM;
    }
    pcre2_set_match_limit(redaction->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(redaction->limits, HEAP_LIMIT);
    return 0;
}

void redaction_destroy(struct redaction *redaction) {
    if (!redaction) {
        return;
    }
    for (size_t i = 0; i < redaction->pattern_count; i++) {
        pcre2_code_free(redaction->patterns[i].code);
    }
    free(redaction->patterns);
    pcre2_code_free(redaction->secret_option.code);
    free_globs(&redaction->variables);
    free_globs(&redaction->paths);
    free(redaction->numbers);
    free(redaction->ranges);
    pcre2_match_context_free(redaction->limits);
    pcre2_match_data_free(redaction->match);
    free(redaction);
}

unsigned redaction_count(const struct redaction *redaction) {
    return redaction ? redaction->rules : 0;
}

bool redaction_needs_descriptors(const struct redaction *redaction) {
    return redaction && redaction->paths.count;
}

/* ------------------------------------------------------------------------- parsing */

__attribute__((format(printf, 3, 4))) static int wrong(struct redact_problem *problem, size_t column,
                                                       const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    problem->column = (unsigned)column;
    vsnprintf(problem->words, sizeof(problem->words), format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static int out_of_memory(struct redact_problem *problem) {
    wrong(problem, 0, "out of memory");
    return -ENOMEM;
}

/* One more element of *array, which has `count` of `size` bytes. NULL: there is no memory. */
static void *more(void *array, size_t count, size_t size) {
    return reallocarray(array, count + 1, size);
}

/* `column`: of the first byte of the pattern. */
static int compile(struct redact_pattern *pattern, const char *text, size_t length, uint32_t flags, size_t column,
                   struct redact_problem *problem) {
    int error;
    PCRE2_SIZE offset;
    pattern->code = pcre2_compile((PCRE2_SPTR)text, length, PCRE2_NEVER_UTF | flags, &error, &offset, NULL);
    if (!pattern->code) {
        PCRE2_UCHAR message[160] = "";
        pcre2_get_error_message(error, message, sizeof(message));
        return wrong(problem, column + offset, "%s", (const char *)message);
    }
    /* Where code cannot be made while running, it is interpreted. */
    pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
    return 0;
}

static int add_pattern(struct redaction *redaction, enum pattern_use use, const char *text, size_t length,
                       uint32_t flags, size_t column, struct redact_problem *problem) {
    struct redact_pattern pattern = {.use = use};
    struct redact_pattern *patterns = more(redaction->patterns, redaction->pattern_count, sizeof(pattern));
    if (!patterns) {
        return out_of_memory(problem);
    }
    redaction->patterns = patterns;
    int status = compile(&pattern, text, length, flags, column, problem);
    if (status == 0) {
        patterns[redaction->pattern_count++] = pattern;
    }
    return status;
}

/* "/REGEX/", "/REGEX/i" */
static int add_regex(struct redaction *redaction, const char *rule, size_t length, struct redact_problem *problem) {
    const char *last = memrchr(rule, '/', length);
    size_t end = (size_t)(last - rule);
    if (end == 0) {
        return wrong(problem, length + 1, "a regular expression ends with '/'");
    }
    if (end == 1) {
        return wrong(problem, 2, "an empty regular expression matches nothing that could be replaced");
    }
    uint32_t flags = 0;
    for (size_t i = end + 1; i < length; i++) {
        if (rule[i] != 'i') {
            return wrong(problem, i + 1, "only 'i', for either case, may stand behind a regular expression");
        }
        flags |= PCRE2_CASELESS;
    }
    return add_pattern(redaction, USE_WITH_BEGINNINGS, rule + 1, end - 1, flags, 2, problem);
}

static int add_glob(struct redact_globs *globs, const char *pattern, size_t length, bool ignores_case,
                    struct redact_problem *problem) {
    struct redact_glob *each = more(globs->each, globs->count, sizeof(*each));
    char *copy = each ? strndup(pattern, length) : NULL;
    globs->each = each ? each : globs->each;
    if (!copy) {
        return out_of_memory(problem);
    }
    each[globs->count++] = (struct redact_glob){copy, ignores_case};
    return 0;
}

static int add_number(struct redaction *redaction, const char *digits, size_t length, size_t column,
                      struct redact_problem *problem) {
    int32_t number = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_digit = digits[i] >= '0' && digits[i] <= '9';
        if (!is_digit || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digits[i] - '0', &number)) {
            return wrong(problem, column + i, "fd: wants the number of a descriptor");
        }
    }
    int32_t *numbers = more(redaction->numbers, redaction->number_count, sizeof(*numbers));
    if (!numbers) {
        return out_of_memory(problem);
    }
    redaction->numbers = numbers;
    numbers[redaction->number_count++] = number;
    return 0;
}

static int add_secrets(struct redaction *redaction, struct redact_problem *problem) {
    int status = 0;
    if (redaction->has_secrets) {
        return 0;
    }
    redaction->has_secrets = true;
    for (size_t i = 0; status == 0 && i < sizeof(secret_patterns) / sizeof(secret_patterns[0]); i++) {
        const char *whole = secret_patterns[i].whole;
        const char *cut = secret_patterns[i].cut;
        status = add_pattern(redaction, USE_EXACT, whole, strlen(whole), 0, 1, problem);
        if (status == 0 && cut) {
            status = add_pattern(redaction, USE_IF_CUT, cut, strlen(cut), 0, 1, problem);
        }
    }
    for (size_t i = 0; status == 0 && i < sizeof(secret_variables) / sizeof(secret_variables[0]); i++) {
        status = add_glob(&redaction->variables, secret_variables[i], strlen(secret_variables[i]), true, problem);
    }
    for (size_t i = 0; status == 0 && i < sizeof(secret_paths) / sizeof(secret_paths[0]); i++) {
        status = add_glob(&redaction->paths, secret_paths[i], strlen(secret_paths[i]), false, problem);
    }
    return status ? status : compile(&redaction->secret_option, secret_option, strlen(secret_option), 0, 1, problem);
}

static bool is_word(const char *rule, size_t length, const char *word) {
    return length == strlen(word) && memcmp(rule, word, length) == 0;
}

/* What stands behind `prefix`; NULL: the rule begins otherwise. */
static const char *behind(const char *rule, size_t length, const char *prefix) {
    size_t size = strlen(prefix);
    return length >= size && memcmp(rule, prefix, size) == 0 ? rule + size : NULL;
}

static int add_named(struct redaction *redaction, const char *rule, size_t length, struct redact_problem *problem) {
    static const char *const prefixes[] = {"env:", "path:", "fd:"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        const char *value = behind(rule, length, prefixes[i]);
        size_t size = value ? length - (size_t)(value - rule) : 0;
        if (value && !size) {
            return wrong(problem, length + 1, "nothing stands behind '%s'", prefixes[i]);
        }
        if (value && prefixes[i][0] == 'f') {
            return add_number(redaction, value, size, (size_t)(value - rule) + 1, problem);
        }
        if (value) {
            struct redact_globs *globs = prefixes[i][0] == 'e' ? &redaction->variables : &redaction->paths;
            return add_glob(globs, value, size, false, problem);
        }
    }
    return wrong(problem, 1, "a rule is secrets, buffers, env:GLOB, path:GLOB, fd:N or /REGEX/");
}

int redaction_add(struct redaction *redaction, const char *rule, size_t length, struct redact_problem *problem) {
    *problem = (struct redact_problem){0};
    int status;
    if (length > REDACT_RULE_MAX || redaction->rules == REDACT_RULES_MAX) {
        bool is_long = length > REDACT_RULE_MAX;
        return wrong(problem, 0, "more than %d %s", is_long ? REDACT_RULE_MAX : REDACT_RULES_MAX,
                     is_long ? "bytes in a rule" : "rules");
    }
    if (memchr(rule, 0, length)) {
        return wrong(problem, (size_t)((const char *)memchr(rule, 0, length) - rule) + 1, "a NUL in a rule");
    }
    if (is_word(rule, length, "secrets")) {
        status = add_secrets(redaction, problem);
    } else if (is_word(rule, length, "buffers")) {
        redaction->buffers = true;
        status = 0;
    } else if (length && rule[0] == '/') {
        status = add_regex(redaction, rule, length, problem);
    } else {
        status = add_named(redaction, rule, length, problem);
    }
    redaction->rules += status == 0;
    return status;
}

int redaction_add_lines(struct redaction *redaction, const char *text, size_t length, struct redact_problem *problem) {
    *problem = (struct redact_problem){0};
    const char *end = text + length;
    for (unsigned line = 1; text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        const char *start = text;
        while (start < stop && (*start == ' ' || *start == '\t')) {
            start++;
        }
        while (stop > start && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r')) {
            stop--;
        }
        if (start < stop && *start != '#') {
            int status = redaction_add(redaction, start, (size_t)(stop - start), problem);
            if (status < 0) {
                problem->line = line;
                problem->column += problem->column ? (unsigned)(start - text) : 0;
                return status;
            }
        }
        text = newline ? newline + 1 : end;
    }
    return 0;
}
