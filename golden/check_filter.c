/* SPDX-License-Identifier: MIT */
#include "check_filter.h"

#include "call_traits.h"
#include "cleanup.h"
#include "name_pattern.h"
#include "printable.h"
#include "selection.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------- what passes */

/* What a budget looks at besides the calls that it counts. */
struct interest_in {
    bool memory;      /* what maps memory, and makes and replaces address spaces */
    bool processes;   /* which program a process executes */
    bool descriptors; /* what descriptors refer to */
};

static bool is_of_memory(enum call_effect effect) {
    return effect == EFFECT_MMAP || effect == EFFECT_MUNMAP || effect == EFFECT_MREMAP || effect == EFFECT_MPROTECT ||
           effect == EFFECT_BRK;
}

/* All effects on what a descriptor refers to; one of something without a path has none. */
static bool is_of_descriptors(enum call_effect effect) {
    return effect >= EFFECT_OPEN && effect < EFFECT_FORK && effect != EFFECT_NEW_DESCRIPTOR;
}

static bool is_needed(const struct interest_in *interest, const struct syscall_row *row) {
    struct call_traits traits;
    if (!interest->memory && !interest->processes && !interest->descriptors) {
        return false;
    }
    call_traits_of(&traits, row->name);
    enum call_effect effect = traits.effect;
    if (effect == EFFECT_FORK || effect == EFFECT_EXEC) {
        return true;
    }
    return (interest->memory && is_of_memory(effect)) || (interest->descriptors && is_of_descriptors(effect));
}

static bool takes_descriptors(const struct syscall_row *row) {
    struct call_traits traits;
    call_traits_of(&traits, row->name);
    for (unsigned i = 0; i < TRACE_ARGUMENTS_MAX; i++) {
        if (traits.roles[i] == ROLE_DESCRIPTOR) {
            return true;
        }
    }
    return false;
}

/* As the calls of a trace are chosen; a pattern that takes too long is taken to match. */
static bool is_span_chosen(struct name_pattern *pattern, const char *name) {
    char span[128];
    if (!pattern || name_pattern_matches(pattern, name) != 0) {
        return true;
    }
    snprintf(span, sizeof(span), "syscall:%s", name);
    return strstr(name_pattern_text(pattern), "syscall:") && name_pattern_matches(pattern, span) != 0;
}

/* Whether the budget counts calls of a row on an architecture, if that has it. */
static bool counts_row(const struct budget *budget, const struct syscall_row *row, enum arch arch) {
    if (budget->kind == BUDGET_MEMORY || row->number[arch] < 0) {
        return false;
    }
    if (budget->kind == BUDGET_ANTI_PATTERN) {
        return true; /* a share of all calls */
    }
    const struct selection *chosen = budget->calls.selection;
    return (!chosen || chosen->all || chosen->chosen[arch][row->number[arch]]) &&
           is_span_chosen(budget->span_pattern, row->name);
}

/* What comes through several filters. */
struct sieve {
    bool is_vague; /* one of them is not about names */
    bool passes[ARCH_COUNT][SELECTION_NUMBERS];
};

/* 0 or -ENOMEM. */
static int add_names(struct sieve *sieve, const char *expression) {
    char problem[256];
    struct call_names names = {0};
    int status = call_names_parse(&names, expression, problem, sizeof(problem));
    if (status == -EINVAL) {
        sieve->is_vague = true; /* of a version that knows more calls */
        status = 0;
    }
    for (enum arch arch = 0; arch < ARCH_COUNT && status == 0 && !sieve->is_vague; arch++) {
        for (int number = 0; number < SELECTION_NUMBERS; number++) {
            sieve->passes[arch][number] &= names.selection->all || names.selection->chosen[arch][number];
        }
    }
    call_names_finish(&names);
    return status;
}

/* The expressions of "trace=write; status=failed". */
static int make_sieve(struct sieve *sieve, const char *filter) {
    static const char by_name[] = "trace=";
    static const char separator[] = "; ";
    auto_free char *copy = strdup(filter);
    int status = copy ? 0 : -ENOMEM;
    memset(sieve->passes, true, sizeof(sieve->passes));
    sieve->is_vague = false;
    for (char *one = copy; one && status == 0 && !sieve->is_vague;) {
        char *end = strstr(one, separator);
        if (end) {
            *end = 0;
        }
        if (strncmp(one, by_name, sizeof(by_name) - 1) == 0) {
            status = add_names(sieve, one + sizeof(by_name) - 1);
        } else {
            sieve->is_vague = true;
        }
        one = end ? end + sizeof(separator) - 1 : NULL;
    }
    return status;
}

/* Whether any call that is on a path for what its descriptors refer to is counted. */
static bool needs_descriptors(const struct budget *budget, const struct trace_facts *facts) {
    const struct syscall_row *row;
    for (size_t i = 0; budget->path_count && !facts->says_files && (row = syscall_row_at(i)); i++) {
        for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
            if (counts_row(budget, row, arch) && takes_descriptors(row)) {
                return true;
            }
        }
    }
    return false;
}

static int sift(const struct sieve *sieve, const struct budget *budget, const struct trace_facts *facts) {
    const struct interest_in interest = {.memory = budget->kind == BUDGET_MEMORY,
                                         .processes = budget->process_pattern != NULL,
                                         .descriptors = needs_descriptors(budget, facts)};
    bool any = false;
    bool all = true;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)) && (all || !any); i++) {
        for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
            if (row->number[arch] >= 0 && (counts_row(budget, row, arch) || is_needed(&interest, row))) {
                bool passes = sieve->passes[arch][row->number[arch]];
                any |= passes;
                all &= passes;
            }
        }
    }
    return all ? PASSES_ALL : any ? PASSES_SOME : PASSES_NONE;
}

int filter_passage(const struct budget *budget, const struct trace_facts *facts) {
    bool is_of_whole = (budget->kind == BUDGET_MEMORY && budget->memory == MEMORY_RSS) ||
                       (budget->kind == BUDGET_CRITICAL_PATH && budget->time == TIME_WALL);
    if (!facts->filter || is_of_whole) {
        return PASSES_ALL;
    }
    auto_free struct sieve *sieve = malloc(sizeof(*sieve));
    int status = sieve ? make_sieve(sieve, facts->filter) : -ENOMEM;
    if (status < 0) {
        return status;
    }
    return sieve->is_vague ? PASSES_SOME : sift(sieve, budget, facts);
}

/* ------------------------------------------------------------------ in words */

/* "trace=write alone", "all calls"; malloc'd, NULL without memory. */
static char *show_recorded(const char *filter) {
    enum {
        SHOWN_BYTES = 200,
    };
    if (!filter) {
        return strdup("all calls");
    }
    struct text text = {0};
    size_t size = strlen(filter);
    size_t kept = printable_cut(filter, size, SHOWN_BYTES);
    printable_add(&text, filter, kept, false);
    text_add_string(&text, kept < size ? "... alone" : " alone");
    if (text.failed) {
        text_finish(&text);
        return NULL;
    }
    return text.bytes;
}

static bool is_same_filter(const char *left, const char *right) {
    return left && right ? strcmp(left, right) == 0 : left == right;
}

/* ------------------------------------------------------------- the golden trace */

/* The first run whose filter is not that of the golden trace; NULL: there is none. */
static const struct trace_facts *first_unlike(const struct checked *checked) {
    for (size_t i = 0; i < checked->run_count; i++) {
        if (!is_same_filter(checked->facts[i].filter, checked->golden_facts.filter)) {
            return &checked->facts[i];
        }
    }
    return NULL;
}

/* Whether what the budget measures of the golden trace can be held against the runs: 1, 0, or -ENOMEM. */
static int golden_counts(const struct checked *checked, const struct budget *budget) {
    int passage = filter_passage(budget, &checked->golden_facts);
    bool is_alike = passage == PASSES_SOME && !first_unlike(checked);
    return passage < 0 ? passage : passage == PASSES_ALL || is_alike;
}

static int forget_golden(const struct checked *checked, struct spending *spending, const struct budget *budget) {
    const struct trace_facts *unlike = first_unlike(checked);
    auto_free char *golden = show_recorded(checked->golden_facts.filter);
    auto_free char *new = show_recorded(unlike ? unlike->filter : NULL);
    int status = golden && new ? 0 : -ENOMEM;
    for (enum quantity quantity = 0; quantity < QUANTITIES && status == 0; quantity++) {
        if (budget->limits[quantity].increase.is_set) {
            spending->measured[quantity] = false;
            status = unlike
                         ? string_set(&spending->missing[quantity], "it was recorded with %s, the new one with %s",
                                      golden, new)
                         : string_set(&spending->missing[quantity], "it was recorded with %s, as the new one", golden);
        }
    }
    return status;
}

struct limits_set {
    bool max;
    bool min;
    bool increase;
};

static struct limits_set limits_of(const struct budget *budget) {
    struct limits_set set = {0};
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        set.max |= budget->limits[quantity].has_max;
        set.min |= budget->limits[quantity].has_min;
        set.increase |= budget->limits[quantity].increase.is_set;
    }
    return set;
}

int check_filter_golden(struct checked *checked, const struct budget_file *file) {
    int status = 0;
    for (size_t i = 0; checked->golden_spendings && i < file->count && status == 0; i++) {
        if (checked->golden_facts.filter && limits_of(&file->budgets[i]).increase) {
            status = golden_counts(checked, &file->budgets[i]);
            status = status == 0  ? forget_golden(checked, &checked->golden_spendings[i], &file->budgets[i])
                     : status < 0 ? status
                                  : 0;
        }
    }
    return status;
}

/* -------------------------------------------------------------------- verdicts */

/* The first run that does not have all that the budget measures, in *run: its passage; PASSES_ALL: there is none; or
 * -ENOMEM. */
static int first_partial(const struct checked *checked, const struct budget *budget, size_t *run) {
    int passage = PASSES_ALL;
    for (*run = 0; *run < checked->run_count; ++*run) {
        passage = filter_passage(budget, &checked->facts[*run]);
        if (passage != PASSES_ALL) {
            break;
        }
    }
    return passage;
}

/* Whether calls that are missing can only make it less: not so of shares, and of memory that is given back. */
static bool grows_with_calls(const struct budget *budget) {
    return budget->kind != BUDGET_ANTI_PATTERN && budget->kind != BUDGET_MEMORY;
}

/* Whether a limit other than a minimum is violated: 1, with the verdict on these; 0, or -ENOMEM. */
static int is_violated_anyway(const struct checked *checked, size_t index, const struct spending *const *runs,
                              struct check_result *result) {
    struct budget without = *result->budget;
    struct verdict other;
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        without.limits[quantity].has_min = false;
    }
    int status = verdict_judge(&other, &without, runs, checked->run_count,
                               checked->golden_spendings ? &checked->golden_spendings[index] : NULL);
    if (status == 0 && (other.status == VERDICT_VIOLATED || other.status == VERDICT_WARNING)) {
        verdict_finish(&result->verdict);
        result->verdict = other;
        return 1;
    }
    verdict_finish(&other);
    return status;
}

/* Whether the verdict holds although calls are missing: 1, 0, or -ENOMEM. */
static int holds_anyway(const struct checked *checked, size_t index, const struct spending *const *runs, int passage,
                        struct check_result *result) {
    const struct budget *budget = result->budget;
    bool is_compared_alike = checked->golden_spendings && passage == PASSES_SOME && !first_unlike(checked);
    struct limits_set set = limits_of(budget);
    if (is_compared_alike && !set.max && !set.min) {
        return 1;
    }
    if (!grows_with_calls(budget)) {
        return 0;
    }
    if (result->verdict.status == VERDICT_KEPT) {
        return !set.max && !set.increase; /* a minimum that is reached is reached */
    }
    return is_violated_anyway(checked, index, runs, result);
}

int check_filter_doubt(const struct checked *checked, size_t budget, const struct spending *const *runs,
                       struct check_result *result) {
    enum verdict_status verdict = result->verdict.status;
    if (verdict == VERDICT_UNMEASURED || verdict == VERDICT_SKIPPED) {
        return 0;
    }
    size_t run;
    int passage = first_partial(checked, result->budget, &run);
    int holds = passage < 0 || passage == PASSES_ALL ? 1 : holds_anyway(checked, budget, runs, passage, result);
    if (passage < 0 || holds) {
        return passage < 0 ? passage : holds < 0 ? holds : 0;
    }
    auto_free char *recorded = show_recorded(checked->facts[run].filter);
    auto_free char *before = result->verdict.reason;
    result->verdict.reason = NULL;
    result->verdict.status = VERDICT_UNMEASURED;
    return recorded ? string_set(&result->verdict.reason, "%s, but the trace was recorded with %s", before, recorded)
                    : -ENOMEM;
}
