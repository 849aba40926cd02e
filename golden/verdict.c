/* SPDX-License-Identifier: MIT */
#include "spending.h"

#include "cleanup.h"
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AMOUNT_BYTES = 64,
};

/* -------------------------------------------------------------------- amounts */

struct unit {
    double size;
    const char *name;
};

/* An amount as people read it, with so many digits behind the point: "18.4 ms". */
static void write_amount(enum quantity quantity, double amount, int digits, char text[AMOUNT_BYTES]) {
    static const struct unit times[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
    static const struct unit sizes[] = {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "bytes"}};
    const struct unit *units = quantity == QUANTITY_TIME ? times : sizes;
    if (quantity == QUANTITY_SCORE) {
        snprintf(text, AMOUNT_BYTES, "%.*f", digits + 1, amount);
        return;
    }
    if (quantity != QUANTITY_TIME && quantity != QUANTITY_BYTES) {
        bool is_whole = amount == floor(amount);
        snprintf(text, AMOUNT_BYTES, "%.*f", is_whole ? 0 : digits, amount);
        return;
    }
    while (units->size > 1 && fabs(amount) < units->size) {
        units++;
    }
    double number = amount / units->size;
    bool is_whole = number == floor(number) || units->size == 1;
    snprintf(text, AMOUNT_BYTES, "%.*f %s", is_whole ? 0 : digits, number, units->name);
}

/* Two amounts that differ, so that it shows. */
static void write_both(enum quantity quantity, double amount, double other, char text[AMOUNT_BYTES],
                       char other_text[AMOUNT_BYTES]) {
    enum {
        DIGITS_MAX = 9,
    };
    for (int digits = 1; digits <= DIGITS_MAX; digits++) {
        write_amount(quantity, amount, digits, text);
        write_amount(quantity, other, digits, other_text);
        if (amount == other || strcmp(text, other_text) != 0) {
            return;
        }
    }
}

/* What stands behind an amount: "calls". */
static const char *noun_of(const struct budget *budget, enum quantity quantity, double amount) {
    switch (quantity) {
    case QUANTITY_COUNT:
        return amount == 1 ? " call" : " calls";
    case QUANTITY_ERRORS:
        return amount == 1 ? " failed call" : " failed calls";
    case QUANTITY_TIME:
        return budget->kind == BUDGET_CRITICAL_PATH && budget->time == TIME_WALL ? " from start to end" : " in calls";
    case QUANTITY_BYTES:
        return budget->kind == BUDGET_MEMORY ? "" : " transferred";
    default:
        return "";
    }
}

/* --------------------------------------------------------------------- several */

static int in_order(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The median of times; of all else the most, which a limit has to hold for, and the least where there is a minimum. */
static int amount_of_runs(enum quantity quantity, bool least, const struct spending *const *runs, size_t count,
                          double *amount, const struct spending **of) {
    auto_free double *amounts = calloc(count, sizeof(*amounts));
    if (!amounts) {
        return -ENOMEM;
    }
    *of = runs[0];
    for (size_t i = 0; i < count; i++) {
        amounts[i] = runs[i]->amount[quantity];
        bool is_it = least ? amounts[i] < (*of)->amount[quantity] : amounts[i] > (*of)->amount[quantity];
        *of = is_it ? runs[i] : *of;
    }
    qsort(amounts, count, sizeof(*amounts), in_order);
    if (quantity == QUANTITY_TIME) {
        *amount = (amounts[(count - 1) / 2] + amounts[count / 2]) / 2;
    } else {
        *amount = amounts[least ? 0 : count - 1];
    }
    return 0;
}

/* Why a quantity is not known; NULL: it is. */
static const char *what_is_missing(enum quantity quantity, const struct spending *const *runs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!runs[i]->measured[quantity]) {
            return runs[i]->missing[quantity] ? runs[i]->missing[quantity] : "it was not measured";
        }
    }
    return NULL;
}

/* -------------------------------------------------------------------- verdicts */

struct judging {
    struct verdict *verdict;
    const struct budget *budget;
    const struct spending *const *runs;
    size_t run_count;
    const struct spending *golden;
};

static int close_with(struct verdict *verdict, enum verdict_status status, const char *reason) {
    verdict->status = status;
    return string_set(&verdict->reason, "%s", reason);
}

/* " (peak of process 4711)", " (median of 5 runs)" */
static void describe_source(const struct judging *judging, enum quantity quantity, const struct spending *of,
                            char *text, size_t size) {
    text[0] = 0;
    if (judging->run_count > 1) {
        snprintf(text, size, quantity == QUANTITY_TIME ? " (median of %zu runs)" : " (of %zu runs)",
                 judging->run_count);
    } else if (of->whose) {
        snprintf(text, size, " (%s)", of->whose);
    }
}

/* What the file calls the calls that are meant: the name that is made of them without the kind, or a name of its own in
 * quotation marks. */
static void describe_meant(const struct budget *budget, char *text, size_t size) {
    size_t kind = budget->type ? strlen(budget->type) : 0;
    const char *name = budget->name ? budget->name : "";
    if (kind && strncmp(name, budget->type, kind) == 0 && strncmp(name + kind, ": ", 2) == 0) {
        snprintf(text, size, "%s", name + kind + 2);
    } else if (budget->calls_text) {
        snprintf(text, size, "%s%s", budget->calls_text, budget->path_count ? " on such a path" : "");
    } else {
        snprintf(text, size, "'%s'", name);
    }
}

/* Which calls there were: "connect", "connect and others". */
static void describe_made(const struct spending *of, char *text, size_t size) {
    size_t count = of->spender_count[QUANTITY_COUNT];
    if (count) {
        snprintf(text, size, "%s%s", of->spenders[QUANTITY_COUNT][0].what, count > 1 ? " and others" : "");
    }
}

/* Of a [[required]] or a [[forbidden]]. */
static int say_presence(const struct judging *judging, double amount, const struct limit *limit,
                        const struct spending *of) {
    bool is_forbidden = judging->budget->kind == BUDGET_FORBIDDEN;
    char calls[256];
    char number[AMOUNT_BYTES];
    char bound[AMOUNT_BYTES];
    describe_meant(judging->budget, calls, sizeof(calls));
    if (amount > 0 && is_forbidden) {
        describe_made(of, calls, sizeof(calls));
    }
    write_amount(QUANTITY_COUNT, amount, 1, number);
    write_amount(QUANTITY_COUNT, is_forbidden ? limit->max : limit->min, 1, bound);
    if (!is_forbidden) {
        return string_set(&judging->verdict->reason, "%s call%s of %s, at least %s required",
                          amount == 0 ? "no" : number, amount == 1 || amount == 0 ? "" : "s", calls, bound);
    }
    if (amount == 0) {
        return string_set(&judging->verdict->reason, "no call of %s", calls);
    }
    const char *was = of->spender_count[QUANTITY_COUNT] > 1 ? "were" : "was";
    const char *times = amount == 1 ? "once" : number;
    const char *word = amount == 1 ? "" : " times";
    return limit->max == 0
               ? string_set(&judging->verdict->reason, "%s %s called %s%s, which is forbidden", calls, was, times, word)
               : string_set(&judging->verdict->reason, "%s %s called %s%s, %s allowed", calls, was, times, word, bound);
}

static int say_most(const struct judging *judging, enum quantity quantity, double amount, double max,
                    const char *source) {
    char text[AMOUNT_BYTES];
    char bound[AMOUNT_BYTES];
    write_both(quantity, amount, max, text, bound);
    const char *noun = noun_of(judging->budget, quantity, amount);
    return quantity == QUANTITY_SCORE
               ? string_set(&judging->verdict->reason, "score %s, it has to be below %s%s", text, bound, source)
               : string_set(&judging->verdict->reason, "%s%s, %s allowed%s", text, noun, bound, source);
}

static int say_least(const struct judging *judging, enum quantity quantity, double amount, double min,
                     const char *source) {
    char text[AMOUNT_BYTES];
    char bound[AMOUNT_BYTES];
    write_both(quantity, amount, min, text, bound);
    return string_set(&judging->verdict->reason, "%s%s, at least %s required%s", text,
                      noun_of(judging->budget, quantity, amount), bound, source);
}

/* "320 calls, 20 % more than the golden 266; 10 % allowed" */
static int say_increase(const struct judging *judging, enum quantity quantity, double amount, double golden,
                        const struct increase *increase, const char *source) {
    char text[AMOUNT_BYTES];
    char golden_text[AMOUNT_BYTES];
    char change[AMOUNT_BYTES];
    char allowed[AMOUNT_BYTES];
    double more = amount - golden;
    write_both(quantity, amount, golden, text, golden_text);
    const char *direction = more < 0 ? "less" : "more";
    if (more == 0) {
        snprintf(change, sizeof(change), "as many as");
    } else if (increase->is_share && golden > 0) {
        double share = fabs(more) / golden * 100;
        snprintf(change, sizeof(change), "%.*f %% %s than", share < 10 ? 1 : 0, share, direction);
    } else {
        char difference[AMOUNT_BYTES / 2];
        write_amount(quantity, fabs(more), 1, allowed);
        snprintf(difference, sizeof(difference), "%.31s", allowed);
        snprintf(change, sizeof(change), "%s %s than", difference, direction);
    }
    if (increase->is_share) {
        snprintf(allowed, sizeof(allowed), "%g %%", increase->amount);
    } else {
        write_amount(quantity, increase->amount, 1, allowed);
    }
    return string_set(&judging->verdict->reason, "%s%s, %s the golden %s; %s allowed%s", text,
                      noun_of(judging->budget, quantity, amount), change, golden_text, allowed, source);
}

/* Put the figures where a report finds them. */
static void note(struct verdict *verdict, enum quantity quantity, double amount, double limit, unsigned line) {
    verdict->quantity = quantity;
    verdict->has_amount = true;
    verdict->amount = amount;
    verdict->has_limit = true;
    verdict->limit = limit;
    verdict->line = line ? line : verdict->line;
}

/* Why there was nothing, so that a mistake in the budget shows. */
static int say_why(const struct judging *judging, double amount, const struct spending *of) {
    char **reason = &judging->verdict->reason;
    if (amount > 0 || !of->nothing) {
        return 0;
    }
    return string_set(reason, "%s: %s", *reason, of->nothing);
}

static bool is_presence(const struct budget *budget, enum quantity quantity) {
    return quantity == QUANTITY_COUNT && (budget->kind == BUDGET_FORBIDDEN || budget->kind == BUDGET_REQUIRED);
}

/* Whether the minimum or the maximum is kept: an enum verdict_status, or -ENOMEM. */
static int judge_bound(const struct judging *judging, enum quantity quantity, bool is_least) {
    const struct limit *limit = &judging->budget->limits[quantity];
    double bound = is_least ? limit->min : limit->max;
    double amount;
    const struct spending *of;
    char source[AMOUNT_BYTES];
    int status = amount_of_runs(quantity, is_least, judging->runs, judging->run_count, &amount, &of);
    if (status < 0) {
        return status;
    }
    describe_source(judging, quantity, of, source, sizeof(source));
    note(judging->verdict, quantity, amount, bound, limit->line);
    bool kept = amount <= bound;
    if (is_least) {
        kept = amount >= bound;
        judging->verdict->only_minimum = !kept;
    } else if (quantity == QUANTITY_SCORE) {
        kept = amount < bound;
    }
    if (is_presence(judging->budget, quantity) && (is_least || judging->budget->kind == BUDGET_FORBIDDEN)) {
        status = say_presence(judging, amount, limit, of);
    } else if (is_least) {
        status = say_least(judging, quantity, amount, bound, source);
    } else {
        status = say_most(judging, quantity, amount, bound, source);
    }
    status = status < 0 ? status : say_why(judging, amount, of);
    return status < 0 ? status : kept ? VERDICT_KEPT : VERDICT_VIOLATED;
}

static int judge_most(const struct judging *judging, enum quantity quantity) {
    return judge_bound(judging, quantity, false);
}

static int judge_least(const struct judging *judging, enum quantity quantity) {
    return judge_bound(judging, quantity, true);
}

static int judge_increase(const struct judging *judging, enum quantity quantity) {
    const struct limit *limit = &judging->budget->limits[quantity];
    const struct increase *increase = &limit->increase;
    struct verdict *verdict = judging->verdict;
    const char *missing = NULL;
    if (!judging->golden) {
        missing = "no golden trace to compare with: give --golden FILE";
    } else if (!judging->golden->measured[quantity]) {
        missing = what_is_missing(quantity, &judging->golden, 1);
    }
    if (missing) {
        verdict->quantity = quantity;
        verdict->line = limit->line ? limit->line : verdict->line;
        int status = judging->golden ? string_set(&verdict->reason, "of the golden trace: %s", missing)
                                     : string_set(&verdict->reason, "%s", missing);
        return status < 0 ? status : VERDICT_UNMEASURED;
    }
    double amount;
    const struct spending *of;
    char source[AMOUNT_BYTES];
    int status = amount_of_runs(quantity, false, judging->runs, judging->run_count, &amount, &of);
    if (status < 0) {
        return status;
    }
    double golden = judging->golden->amount[quantity];
    double allowed = golden + (increase->is_share ? increase->amount / 100 * golden : increase->amount);
    describe_source(judging, quantity, of, source, sizeof(source));
    note(verdict, quantity, amount, allowed, limit->line);
    verdict->has_golden = true;
    verdict->golden = golden;
    status = say_increase(judging, quantity, amount, golden, increase, source);
    status = status < 0 ? status : say_why(judging, amount, of);
    return status < 0 ? status : amount <= allowed ? VERDICT_KEPT : VERDICT_VIOLATED;
}

typedef int judge_function(const struct judging *judging, enum quantity quantity);

static bool is_limited(const struct limit *limit) {
    return limit->has_max || limit->has_min || limit->increase.is_set;
}

/* What the limits of a budget come to. */
struct ruling {
    struct verdict verdict; /* of the limit that decides: the first that is violated, else that could not be told */
    int worst;              /* an enum verdict_status; negative: there was no limit yet */
    struct text reasons[VERDICTS]; /* of all limits of each status, joined by "; " */
};

static void add_reason(struct text *reasons, const char *reason) {
    text_add_string(reasons, reasons->length ? "; " : "");
    text_add_string(reasons, reason);
}

/* One more limit; its verdict is taken over. 0 or -ENOMEM. */
static int add_ruling(struct ruling *ruling, struct verdict *one, int status) {
    if (status < 0) {
        verdict_finish(one);
        return status;
    }
    struct verdict *verdict = &ruling->verdict;
    bool only_minimum = one->only_minimum && (ruling->worst != VERDICT_VIOLATED || verdict->only_minimum);
    bool is_worse = ruling->worst < 0 || (status == VERDICT_VIOLATED && ruling->worst != VERDICT_VIOLATED) ||
                    (status == VERDICT_UNMEASURED && ruling->worst == VERDICT_KEPT);
    struct text *reasons = &ruling->reasons[status];
    /* What is missing is often missing for several of them. */
    if (status != VERDICT_UNMEASURED || !reasons->length || !strstr(reasons->bytes, one->reason)) {
        add_reason(reasons, one->reason);
    }
    if (is_worse) {
        verdict_finish(verdict);
        *verdict = *one;
        *one = (struct verdict){0};
        ruling->worst = status;
    }
    if (status == VERDICT_VIOLATED) {
        verdict->only_minimum = only_minimum;
    }
    verdict_finish(one);
    return reasons->failed ? -ENOMEM : 0;
}

/* The limits of a quantity. */
static int judge_quantity(const struct judging *judging, enum quantity quantity, struct ruling *ruling) {
    const struct limit *limit = &judging->budget->limits[quantity];
    const struct {
        bool is_set;
        judge_function *judge;
    } parts[] = {{limit->has_max, judge_most}, {limit->has_min, judge_least}, {limit->increase.is_set, judge_increase}};
    const char *missing = what_is_missing(quantity, judging->runs, judging->run_count);
    if (missing) {
        struct verdict one = {.quantity = quantity, .line = limit->line ? limit->line : judging->budget->line};
        int status = string_set(&one.reason, "%s", missing);
        return add_ruling(ruling, &one, status < 0 ? status : VERDICT_UNMEASURED);
    }
    int status = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && status == 0; i++) {
        if (parts[i].is_set) {
            struct verdict one = {.line = judging->budget->line};
            struct judging with = *judging;
            with.verdict = &one;
            status = add_ruling(ruling, &one, parts[i].judge(&with, quantity));
        }
    }
    return status;
}

/* What all limits that are violated say; or what is missing, with what was measured beside it. */
static int say_all(struct ruling *ruling) {
    char **reason = &ruling->verdict.reason;
    const char *measured = ruling->reasons[VERDICT_KEPT].bytes;
    if (ruling->worst == VERDICT_VIOLATED) {
        return string_set(reason, "%s", ruling->reasons[VERDICT_VIOLATED].bytes);
    }
    if (ruling->worst == VERDICT_UNMEASURED && measured) {
        return string_set(reason, "%s (measured: %s)", ruling->reasons[VERDICT_UNMEASURED].bytes, measured);
    }
    return ruling->worst == VERDICT_UNMEASURED ? string_set(reason, "%s", ruling->reasons[VERDICT_UNMEASURED].bytes)
                                               : 0;
}

/* All limits. */
static int judge_limits(const struct judging *judging) {
    struct ruling ruling = {.worst = -1};
    int status = 0;
    for (enum quantity quantity = 0; quantity < QUANTITIES && status == 0; quantity++) {
        if (is_limited(&judging->budget->limits[quantity])) {
            status = judge_quantity(judging, quantity, &ruling);
        }
    }
    status = status < 0 ? status : say_all(&ruling);
    for (size_t i = 0; i < VERDICTS; i++) {
        text_finish(&ruling.reasons[i]);
    }
    if (status < 0 || ruling.worst < 0) {
        verdict_finish(&ruling.verdict);
        return status < 0 ? status : close_with(judging->verdict, VERDICT_UNMEASURED, "the budget has no limit");
    }
    bool warns = ruling.worst == VERDICT_VIOLATED && !judging->budget->fails;
    ruling.verdict.status = warns ? VERDICT_WARNING : (enum verdict_status)ruling.worst;
    verdict_finish(judging->verdict);
    *judging->verdict = ruling.verdict;
    return 0;
}

int verdict_judge(struct verdict *verdict, const struct budget *budget, const struct spending *const *runs,
                  size_t run_count, const struct spending *golden) {
    *verdict = (struct verdict){.line = budget->line};
    if (!budget->enabled) {
        return close_with(verdict, VERDICT_SKIPPED, "disabled");
    }
    if (budget->kind == BUDGET_INAPPLICABLE) {
        return close_with(verdict, VERDICT_SKIPPED, budget->inapplicable ? budget->inapplicable : "not applicable");
    }
    if (run_count == 0) {
        return close_with(verdict, VERDICT_UNMEASURED, "there is no trace");
    }
    for (size_t i = 0; i < run_count; i++) {
        if (!runs[i]->applies) {
            const char *why = what_is_missing(QUANTITY_COUNT, &runs[i], 1);
            return close_with(verdict, VERDICT_SKIPPED, why ? why : "it is for other traces");
        }
    }
    const struct judging judging = {verdict, budget, runs, run_count, golden};
    return judge_limits(&judging);
}

void verdict_finish(struct verdict *verdict) {
    free(verdict->reason);
    *verdict = (struct verdict){0};
}
