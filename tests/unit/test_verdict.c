/* SPDX-License-Identifier: MIT */
#include "spending.h"

#include "unit.h"

#include <string.h>

#define MIB (1024.0 * 1024)
#define ON .enabled = true, .fails = true, .line = 3

/* A run that has spent so much of one quantity. */
static struct spending spent(enum quantity quantity, double amount) {
    struct spending spending = {.applies = true};
    spending.measured[quantity] = true;
    spending.amount[quantity] = amount;
    return spending;
}

static struct verdict judge_runs(const struct budget *budget, const struct spending *runs, size_t count,
                                 const struct spending *golden) {
    const struct spending *pointers[8];
    struct verdict verdict;
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++) {
        pointers[i] = &runs[i];
    }
    assert_int_equal(verdict_judge(&verdict, budget, pointers, count, golden), 0);
    return verdict;
}

static void expect_verdict(struct verdict verdict, enum verdict_status status, const char *reason) {
    if (verdict.status != status || strcmp(verdict.reason, reason) != 0) {
        fail_msg("%d: %s\nnot %d: %s", verdict.status, verdict.reason, status, reason);
    }
    verdict_finish(&verdict);
    assert_null(verdict.reason);
}

/* One run that has spent `amount`. */
static void expect(const struct budget *budget, enum quantity quantity, double amount, enum verdict_status status,
                   const char *reason) {
    struct spending run = spent(quantity, amount);
    expect_verdict(judge_runs(budget, &run, 1, NULL), status, reason);
}

static struct budget at_most(enum budget_kind kind, enum quantity quantity, double max) {
    struct budget budget = {.kind = kind, ON};
    budget.limits[quantity] = (struct limit){.has_max = true, .max = max, .line = 7};
    return budget;
}

static void test_the_most(void **state) {
    (void)state;
    struct budget calls = at_most(BUDGET_SPAN_COUNT, QUANTITY_COUNT, 150);
    expect(&calls, QUANTITY_COUNT, 5213, VERDICT_VIOLATED, "5213 calls, 150 allowed");
    expect(&calls, QUANTITY_COUNT, 65, VERDICT_KEPT, "65 calls, 150 allowed");
    expect(&calls, QUANTITY_COUNT, 150, VERDICT_KEPT, "150 calls, 150 allowed");
    expect(&calls, QUANTITY_COUNT, 1, VERDICT_KEPT, "1 call, 150 allowed");
    struct spending run = spent(QUANTITY_COUNT, 151);
    struct verdict verdict = judge_runs(&calls, &run, 1, NULL);
    assert_int_equal(verdict.line, 7);
    assert_int_equal(verdict.quantity, QUANTITY_COUNT);
    assert_true(verdict.has_amount && verdict.amount == 151);
    assert_true(verdict.has_limit && verdict.limit == 150);
    assert_false(verdict.has_golden);
    verdict_finish(&verdict);
    calls.fails = false;
    expect(&calls, QUANTITY_COUNT, 151, VERDICT_WARNING, "151 calls, 150 allowed");
    struct budget errors = at_most(BUDGET_CALLS, QUANTITY_ERRORS, 0);
    expect(&errors, QUANTITY_ERRORS, 1, VERDICT_VIOLATED, "1 failed call, 0 allowed");
}

static void test_units(void **state) {
    (void)state;
    struct budget time = at_most(BUDGET_CRITICAL_PATH, QUANTITY_TIME, 15e6);
    expect(&time, QUANTITY_TIME, 18.4e6, VERDICT_VIOLATED, "18.4 ms in calls, 15 ms allowed");
    expect(&time, QUANTITY_TIME, 999, VERDICT_KEPT, "999 ns in calls, 15 ms allowed");
    expect(&time, QUANTITY_TIME, 2.5e9, VERDICT_VIOLATED, "2.5 s in calls, 15 ms allowed");
    expect(&time, QUANTITY_TIME, 1234567, VERDICT_KEPT, "1.2 ms in calls, 15 ms allowed");
    expect(&time, QUANTITY_TIME, 0, VERDICT_KEPT, "0 ns in calls, 15 ms allowed");
    /* What differs shows as different. */
    struct budget tight = at_most(BUDGET_CRITICAL_PATH, QUANTITY_TIME, 15.5e6);
    expect(&tight, QUANTITY_TIME, 15501000, VERDICT_VIOLATED, "15.501 ms in calls, 15.500 ms allowed");
    time.time = TIME_WALL;
    expect(&time, QUANTITY_TIME, 16e6, VERDICT_VIOLATED, "16 ms from start to end, 15 ms allowed");
    struct budget memory = at_most(BUDGET_MEMORY, QUANTITY_BYTES, 10 * MIB);
    struct spending run = spent(QUANTITY_BYTES, 12.25 * MIB);
    run.whose = (char[]){"peak of process 4711"};
    expect_verdict(judge_runs(&memory, &run, 1, NULL), VERDICT_VIOLATED,
                   "12.2 MiB, 10 MiB allowed (peak of process 4711)");
    expect(&memory, QUANTITY_BYTES, 512, VERDICT_KEPT, "512 bytes, 10 MiB allowed");
    struct budget bytes = at_most(BUDGET_CALLS, QUANTITY_BYTES, 4096);
    expect(&bytes, QUANTITY_BYTES, 6144, VERDICT_VIOLATED, "6 KiB transferred, 4 KiB allowed");
    /* A score that reaches its limit is a violation. */
    struct budget score = at_most(BUDGET_ANTI_PATTERN, QUANTITY_SCORE, 0.7);
    expect(&score, QUANTITY_SCORE, 0.7, VERDICT_VIOLATED, "score 0.70, it has to be below 0.70");
    expect(&score, QUANTITY_SCORE, 0.6999, VERDICT_KEPT, "score 0.6999, it has to be below 0.7000");
    expect(&score, QUANTITY_SCORE, 0.25, VERDICT_KEPT, "score 0.25, it has to be below 0.70");
}

static void test_the_least(void **state) {
    (void)state;
    struct budget budget = {.kind = BUDGET_REQUIRED, ON, .type = "required", .name = (char[]){"required: fsync"}};
    budget.limits[QUANTITY_COUNT] = (struct limit){.has_min = true, .min = 1};
    expect(&budget, QUANTITY_COUNT, 0, VERDICT_VIOLATED, "no call of fsync, at least 1 required");
    expect(&budget, QUANTITY_COUNT, 1, VERDICT_KEPT, "1 call of fsync, at least 1 required");
    budget.name = (char[]){"durable"};
    expect(&budget, QUANTITY_COUNT, 3, VERDICT_KEPT, "3 calls of 'durable', at least 1 required");
    struct budget calls = {.kind = BUDGET_CALLS, ON};
    calls.limits[QUANTITY_COUNT] = (struct limit){.has_min = true, .min = 5, .has_max = true, .max = 9};
    expect(&calls, QUANTITY_COUNT, 4, VERDICT_VIOLATED, "4 calls, at least 5 required");
    expect(&calls, QUANTITY_COUNT, 10, VERDICT_VIOLATED, "10 calls, 9 allowed");
    expect(&calls, QUANTITY_COUNT, 7, VERDICT_KEPT, "7 calls, 9 allowed");
}

static void test_what_is_forbidden(void **state) {
    (void)state;
    struct budget budget = at_most(BUDGET_FORBIDDEN, QUANTITY_COUNT, 0);
    budget.type = "forbidden";
    budget.name = (char[]){"forbidden: connect,sendto"};
    expect(&budget, QUANTITY_COUNT, 0, VERDICT_KEPT, "no call of connect,sendto");
    struct spending run = spent(QUANTITY_COUNT, 2);
    run.spenders[QUANTITY_COUNT][0].what = (char[]){"connect"};
    run.spender_count[QUANTITY_COUNT] = 1;
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_VIOLATED,
                   "connect was called 2 times, which is forbidden");
    run.amount[QUANTITY_COUNT] = 1;
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_VIOLATED, "connect was called once, which is forbidden");
    run.spender_count[QUANTITY_COUNT] = 2;
    run.amount[QUANTITY_COUNT] = 4;
    budget.limits[QUANTITY_COUNT].max = 3;
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_VIOLATED,
                   "connect and others were called 4 times, 3 allowed");
}

static void test_several_limits(void **state) {
    (void)state;
    struct budget budget = {.kind = BUDGET_CALLS, ON};
    budget.limits[QUANTITY_COUNT] = (struct limit){.has_max = true, .max = 5, .line = 1};
    budget.limits[QUANTITY_ERRORS] = (struct limit){.has_max = true, .max = 1, .line = 2};
    budget.limits[QUANTITY_BYTES] = (struct limit){.has_max = true, .max = 100, .line = 4};
    struct spending run = spent(QUANTITY_COUNT, 5);
    run.measured[QUANTITY_ERRORS] = run.measured[QUANTITY_BYTES] = true;
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_KEPT, "5 calls, 5 allowed");
    run.amount[QUANTITY_ERRORS] = 2;
    run.amount[QUANTITY_BYTES] = 200;
    struct verdict verdict = judge_runs(&budget, &run, 1, NULL);
    assert_int_equal(verdict.line, 2);
    assert_int_equal(verdict.quantity, QUANTITY_ERRORS);
    assert_true(verdict.amount == 2 && verdict.limit == 1);
    assert_false(verdict.only_minimum);
    expect_verdict(verdict, VERDICT_VIOLATED, "2 failed calls, 1 allowed; 200 bytes transferred, 100 bytes allowed");
    /* A violation beats what cannot be told; that beats what is kept. */
    run.measured[QUANTITY_ERRORS] = false;
    run.missing[QUANTITY_ERRORS] = (char[]){"no results"};
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_VIOLATED, "200 bytes transferred, 100 bytes allowed");
    run.amount[QUANTITY_BYTES] = 0;
    verdict = judge_runs(&budget, &run, 1, NULL);
    assert_int_equal(verdict.quantity, QUANTITY_ERRORS);
    assert_false(verdict.has_amount);
    expect_verdict(verdict, VERDICT_UNMEASURED,
                   "no results (measured: 5 calls, 5 allowed; 0 bytes transferred, 100 bytes allowed)");
    /* What is missing for several is said once. */
    run.measured[QUANTITY_BYTES] = false;
    run.missing[QUANTITY_BYTES] = (char[]){"no results"};
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_UNMEASURED, "no results (measured: 5 calls, 5 allowed)");
    run.measured[QUANTITY_COUNT] = false;
    run.missing[QUANTITY_COUNT] = (char[]){"nothing"};
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_UNMEASURED, "nothing; no results");
    /* A minimum that is missed beats a growth that cannot be told. */
    struct budget both = {.kind = BUDGET_CALLS, ON};
    both.limits[QUANTITY_COUNT] = (struct limit){.has_min = true, .min = 9, .increase = {.is_set = true, .amount = 1}};
    expect(&both, QUANTITY_COUNT, 3, VERDICT_VIOLATED, "3 calls, at least 9 required");
    expect(&both, QUANTITY_COUNT, 9, VERDICT_UNMEASURED,
           "no golden trace to compare with: give --golden FILE (measured: 9 calls, at least 9 required)");
    struct spending golden = spent(QUANTITY_COUNT, 3);
    struct spending few = spent(QUANTITY_COUNT, 8);
    expect_verdict(judge_runs(&both, &few, 1, &golden), VERDICT_VIOLATED,
                   "8 calls, at least 9 required; 8 calls, 5 more than the golden 3; 1 allowed");
    struct budget none = {.kind = BUDGET_CALLS, ON};
    expect(&none, QUANTITY_COUNT, 3, VERDICT_UNMEASURED, "the budget has no limit");
}

/* What a trace that is not whole leaves open. */
static void test_minima_that_decide(void **state) {
    (void)state;
    struct budget budget = {.kind = BUDGET_CALLS, ON};
    budget.limits[QUANTITY_COUNT] = (struct limit){.has_min = true, .min = 5, .has_max = true, .max = 9};
    budget.limits[QUANTITY_ERRORS] = (struct limit){.has_max = true, .max = 1};
    const struct {
        double calls, errors;
        bool only_minimum;
    } cases[] = {{4, 1, true}, {4, 2, false}, {10, 1, false}, {7, 1, false}, {5, 2, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct spending run = spent(QUANTITY_COUNT, cases[i].calls);
        run.measured[QUANTITY_ERRORS] = true;
        run.amount[QUANTITY_ERRORS] = cases[i].errors;
        struct verdict verdict = judge_runs(&budget, &run, 1, NULL);
        assert_int_equal(verdict.only_minimum, cases[i].only_minimum);
        verdict_finish(&verdict);
    }
}

static void test_why_there_is_nothing(void **state) {
    (void)state;
    struct spending run = spent(QUANTITY_COUNT, 0);
    run.nothing = (char[]){"no call is on such a path"};
    struct budget calls = at_most(BUDGET_CALLS, QUANTITY_COUNT, 3);
    expect_verdict(judge_runs(&calls, &run, 1, NULL), VERDICT_KEPT, "0 calls, 3 allowed: no call is on such a path");
    struct budget forbidden = at_most(BUDGET_FORBIDDEN, QUANTITY_COUNT, 0);
    forbidden.name = (char[]){"x"};
    expect_verdict(judge_runs(&forbidden, &run, 1, NULL), VERDICT_KEPT, "no call of 'x': no call is on such a path");
    struct budget required = {.kind = BUDGET_REQUIRED, ON, .name = (char[]){"x"}};
    required.limits[QUANTITY_COUNT] = (struct limit){.has_min = true, .min = 1};
    expect_verdict(judge_runs(&required, &run, 1, NULL), VERDICT_VIOLATED,
                   "no call of 'x', at least 1 required: no call is on such a path");
    run.amount[QUANTITY_COUNT] = 1;
    expect_verdict(judge_runs(&calls, &run, 1, NULL), VERDICT_KEPT, "1 call, 3 allowed");
}

static void test_relative_to_a_golden_trace(void **state) {
    (void)state;
    struct budget budget = {.kind = BUDGET_CALLS, ON};
    budget.limits[QUANTITY_COUNT] =
        (struct limit){.increase = {.is_set = true, .is_share = true, .amount = 10}, .line = 9};
    struct spending golden = spent(QUANTITY_COUNT, 266);
    struct spending run = spent(QUANTITY_COUNT, 320);
    struct verdict verdict = judge_runs(&budget, &run, 1, &golden);
    assert_true(verdict.has_golden && verdict.golden == 266);
    assert_true(verdict.limit > 292.59 && verdict.limit < 292.61);
    assert_int_equal(verdict.line, 9);
    expect_verdict(verdict, VERDICT_VIOLATED, "320 calls, 20 % more than the golden 266; 10 % allowed");
    run.amount[QUANTITY_COUNT] = 292;
    expect_verdict(judge_runs(&budget, &run, 1, &golden), VERDICT_KEPT,
                   "292 calls, 9.8 % more than the golden 266; 10 % allowed");
    run.amount[QUANTITY_COUNT] = 133;
    expect_verdict(judge_runs(&budget, &run, 1, &golden), VERDICT_KEPT,
                   "133 calls, 50 % less than the golden 266; 10 % allowed");
    run.amount[QUANTITY_COUNT] = 266;
    expect_verdict(judge_runs(&budget, &run, 1, &golden), VERDICT_KEPT,
                   "266 calls, as many as the golden 266; 10 % allowed");
    expect_verdict(judge_runs(&budget, &run, 1, NULL), VERDICT_UNMEASURED,
                   "no golden trace to compare with: give --golden FILE");
    /* A share of nothing is nothing. */
    golden.amount[QUANTITY_COUNT] = 0;
    expect_verdict(judge_runs(&budget, &run, 1, &golden), VERDICT_VIOLATED,
                   "266 calls, 266 more than the golden 0; 10 % allowed");
    golden.measured[QUANTITY_COUNT] = false;
    golden.missing[QUANTITY_COUNT] = (char[]){"it has none"};
    expect_verdict(judge_runs(&budget, &run, 1, &golden), VERDICT_UNMEASURED, "of the golden trace: it has none");
    struct budget memory = {.kind = BUDGET_MEMORY, ON};
    memory.limits[QUANTITY_BYTES].increase = (struct increase){.is_set = true, .amount = MIB};
    struct spending before = spent(QUANTITY_BYTES, 10 * MIB);
    struct spending after = spent(QUANTITY_BYTES, 12 * MIB);
    expect_verdict(judge_runs(&memory, &after, 1, &before), VERDICT_VIOLATED,
                   "12 MiB, 2 MiB more than the golden 10 MiB; 1 MiB allowed");
    after.amount[QUANTITY_BYTES] = 11 * MIB;
    expect_verdict(judge_runs(&memory, &after, 1, &before), VERDICT_KEPT,
                   "11 MiB, 1 MiB more than the golden 10 MiB; 1 MiB allowed");
}

static void test_several_runs(void **state) {
    (void)state;
    struct spending runs[4];
    const double times[] = {9e6, 1e6, 4e6, 6e6};
    struct budget time = at_most(BUDGET_CRITICAL_PATH, QUANTITY_TIME, 4e6);
    for (size_t i = 0; i < 4; i++) {
        runs[i] = spent(QUANTITY_TIME, times[i]);
        runs[i].measured[QUANTITY_COUNT] = true;
        runs[i].amount[QUANTITY_COUNT] = (double)i + 1;
    }
    /* Of four the mean of the middle ones; of three the middle one. */
    expect_verdict(judge_runs(&time, runs, 4, NULL), VERDICT_VIOLATED,
                   "5 ms in calls, 4 ms allowed (median of 4 runs)");
    expect_verdict(judge_runs(&time, runs, 3, NULL), VERDICT_KEPT, "4 ms in calls, 4 ms allowed (median of 3 runs)");
    struct budget calls = at_most(BUDGET_CALLS, QUANTITY_COUNT, 3);
    expect_verdict(judge_runs(&calls, runs, 4, NULL), VERDICT_VIOLATED, "4 calls, 3 allowed (of 4 runs)");
    /* A minimum has to hold in each. */
    struct budget least = {.kind = BUDGET_CALLS, ON};
    least.limits[QUANTITY_COUNT] = (struct limit){.has_min = true, .min = 2};
    expect_verdict(judge_runs(&least, runs, 4, NULL), VERDICT_VIOLATED, "1 call, at least 2 required (of 4 runs)");
    runs[2].measured[QUANTITY_TIME] = false;
    runs[2].missing[QUANTITY_TIME] = (char[]){"no times"};
    expect_verdict(judge_runs(&time, runs, 4, NULL), VERDICT_UNMEASURED, "no times");
}

static void test_what_is_not_judged(void **state) {
    (void)state;
    struct budget budget = at_most(BUDGET_CALLS, QUANTITY_COUNT, 3);
    struct spending run = {.missing = {(char[]){"another trace"}}};
    struct verdict verdict = judge_runs(&budget, &run, 1, NULL);
    assert_int_equal(verdict.line, 3);
    expect_verdict(verdict, VERDICT_SKIPPED, "another trace");
    expect_verdict(judge_runs(&budget, NULL, 0, NULL), VERDICT_UNMEASURED, "there is no trace");
    budget.enabled = false;
    expect(&budget, QUANTITY_COUNT, 5213, VERDICT_SKIPPED, "disabled");
    struct budget other = {.kind = BUDGET_INAPPLICABLE, ON, .inapplicable = (char[]){"nothing to see"}};
    expect(&other, QUANTITY_COUNT, 5, VERDICT_SKIPPED, "nothing to see");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_most),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_the_least),
        cmocka_unit_test(test_what_is_forbidden),
        cmocka_unit_test(test_several_limits),
        cmocka_unit_test(test_minima_that_decide),
        cmocka_unit_test(test_why_there_is_nothing),
        cmocka_unit_test(test_relative_to_a_golden_trace),
        cmocka_unit_test(test_several_runs),
        cmocka_unit_test(test_what_is_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
