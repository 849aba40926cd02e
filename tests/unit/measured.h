/* SPDX-License-Identifier: MIT
 *
 * What a trace that is written as a script has spent of budgets that are made
 * by hand.
 */
#ifndef RENACER_TESTS_MEASURED_H
#define RENACER_TESTS_MEASURED_H

#include "call_names.h"
#include "name_pattern.h"
#include "spending.h"
#include "trace_script.h"

#include "unit.h"

enum {
    MEASURED_MAX = 24,
};

struct measured {
    struct budget_file file;
    struct spending spendings[MEASURED_MAX];
    struct trace_facts facts;
    int status;
    char problem[512];
};

#define ON .enabled = true, .fails = true
#define MOST(amount)                                                                                                   \
    { .has_max = true, .max = (amount), .line = 7 }
#define LEAST(amount)                                                                                                  \
    { .has_min = true, .min = (amount), .line = 8 }

static void measure_document(struct measured *measured, const char *document, struct budget *budgets, size_t count,
                             const char *path) {
    *measured = (struct measured){.file = {.budgets = budgets, .count = count}};
    assert_true(count <= MEASURED_MAX);
    struct trace_reader *reader = open_document(document);
    measured->status = spending_measure(measured->spendings, &measured->facts, &measured->file, reader, path,
                                        measured->problem, sizeof(measured->problem));
    trace_reader_close(reader);
}

static void measure(struct measured *measured, const char *script, enum script_style style, struct budget *budgets,
                    size_t count) {
    char *document = script_document(script, style);
    measure_document(measured, document, budgets, count, "/traces/thing.json");
    if (measured->status < 0) {
        print_error("%s\n", measured->problem);
    }
    assert_int_equal(measured->status, 0);
    free(document);
}

static inline void measured_finish(struct measured *measured) {
    spending_finish(measured->spendings, measured->file.count);
    trace_facts_finish(&measured->facts);
}

static inline struct call_names names_of(const char *expression) {
    struct call_names names = {0};
    char problem[256] = "";
    if (call_names_parse(&names, expression, problem, sizeof(problem)) < 0) {
        fail_msg("%s", problem);
    }
    return names;
}

static inline struct name_pattern *pattern_of(const char *text) {
    struct name_pattern *pattern = NULL;
    char problem[256] = "";
    assert_int_equal(name_pattern_create(&pattern, text, strlen(text), problem, sizeof(problem)), 0);
    return pattern;
}

static inline void expect_amount(const struct spending *spending, enum quantity quantity, double amount) {
    if (!spending->measured[quantity]) {
        fail_msg("not measured: %s", spending->missing[quantity]);
    }
    if (spending->amount[quantity] != amount) {
        fail_msg("%.9g is not %.9g (%s)", spending->amount[quantity], amount, spending->from);
    }
    assert_null(spending->missing[quantity]);
    double sum = spending->spenders_left_out[quantity];
    for (size_t i = 0; i < spending->spender_count[quantity]; i++) {
        sum += spending->spenders[quantity][i].spent;
        assert_true(i == 0 || spending->spenders[quantity][i].spent <= spending->spenders[quantity][i - 1].spent);
    }
    if (quantity != QUANTITY_SCORE && spending->spender_count[quantity]) {
        assert_true(sum == amount);
    }
}

static inline void expect_missing(const struct spending *spending, enum quantity quantity, const char *reason) {
    assert_false(spending->measured[quantity]);
    assert_non_null(spending->missing[quantity]);
    assert_string_equal(spending->missing[quantity], reason);
}

static inline void expect_spender(const struct spending *spending, enum quantity quantity, size_t index,
                                  const char *what, double count, double spent, uint64_t first, uint64_t last) {
    assert_true(index < spending->spender_count[quantity]);
    const struct spender *spender = &spending->spenders[quantity][index];
    assert_string_equal(spender->what, what);
    if (spender->count != count || spender->spent != spent) {
        fail_msg("%s: %g calls, %.9g spent", what, spender->count, spender->spent);
    }
    assert_int_equal(spender->first_line, first);
    assert_int_equal(spender->last_line, last);
}

#endif
