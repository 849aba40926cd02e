/* SPDX-License-Identifier: MIT
 *
 * What a filtered trace tells of a budget, and what it does not.
 */
#include "check_filter.h"

#include "name_pattern.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void choose(struct budget *budget, const char *calls) {
    char problem[256] = "";
    if (calls && call_names_parse(&budget->calls, calls, problem, sizeof(problem)) != 0) {
        fail_msg("%s: %s", calls, problem);
    }
}

static int passage_of(const struct budget *budget, const char *filter) {
    struct trace_facts facts = {.filter = filter ? strdup(filter) : NULL};
    int passage = filter_passage(budget, &facts);
    free(facts.filter);
    return passage;
}

static void assert_passage(struct budget budget, const char *calls, const char *filter, int expected) {
    choose(&budget, calls);
    int passage = passage_of(&budget, filter);
    if (passage != expected) {
        fail_msg("%s through %s: %d, not %d", calls ? calls : "all", filter ? filter : "nothing", passage, expected);
    }
    call_names_finish(&budget.calls);
}

static void test_calls(void **state) {
    (void)state;
    const struct budget budget = {.kind = BUDGET_CALLS};
    static const struct {
        const char *calls;
        const char *filter;
        int expected;
    } cases[] = {
        {"openat", NULL, PASSES_ALL},
        {NULL, NULL, PASSES_ALL},
        {"openat", "trace=write", PASSES_NONE},
        {"write", "trace=write", PASSES_ALL},
        {"write,read", "trace=write", PASSES_SOME},
        {"openat", "trace=%file", PASSES_ALL},
        {"%file", "trace=openat", PASSES_SOME},
        {"%file", "trace=%file,write", PASSES_ALL},
        {"%file", "trace=%file,!stat", PASSES_SOME},
        {"%file,!stat", "trace=%file,!stat", PASSES_ALL},
        {"/^open/", "trace=open,openat,openat2,open_by_handle_at,open_tree,open_tree_attr", PASSES_ALL},
        {"write", "trace=!read", PASSES_ALL},
        {"!read", "trace=!read", PASSES_ALL},
        {NULL, "trace=!read", PASSES_SOME},
        {NULL, "trace=/./", PASSES_ALL},
        {NULL, "trace=none", PASSES_NONE},
        /* How calls ended and what they touched says nothing of names. */
        {"write", "status=failed", PASSES_SOME},
        {"write", "trace=write; status=failed", PASSES_SOME},
        {"write", "path=/x", PASSES_SOME},
        /* What a later version may write, and what was too long. */
        {"write", "colour=red", PASSES_SOME},
        {"write", "trace=nosuchcall", PASSES_SOME},
        {"write", "trace=...", PASSES_SOME},
        /* All of them have to let it through. */
        {"write", "trace=write; trace=read", PASSES_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_passage(budget, cases[i].calls, cases[i].filter, cases[i].expected);
    }
}

static void test_patterns(void **state) {
    (void)state;
    char problem[256];
    struct budget budget = {.kind = BUDGET_SPAN_COUNT};
    assert_int_equal(name_pattern_create(&budget.span_pattern, "^write$", 7, problem, sizeof(problem)), 0);
    assert_passage(budget, NULL, "trace=write", PASSES_ALL);
    assert_passage(budget, NULL, "trace=read", PASSES_NONE);
    name_pattern_destroy(budget.span_pattern);
    assert_int_equal(name_pattern_create(&budget.span_pattern, "syscall:p?write", 15, problem, sizeof(problem)), 0);
    assert_passage(budget, NULL, "trace=/write/", PASSES_ALL);
    assert_passage(budget, NULL, "trace=/^write/", PASSES_SOME);
    name_pattern_destroy(budget.span_pattern);
    budget.span_pattern = NULL;
    assert_passage(budget, NULL, "trace=write", PASSES_SOME);
}

static void test_what_needs_other_calls(void **state) {
    (void)state;
    static const char memory[] = "trace=mmap,mmap2,munmap,mremap,brk,mprotect,pkey_mprotect,execve,execveat,fork,vfork,"
                                 "clone,clone3";
    struct budget budget = {.kind = BUDGET_MEMORY, .memory = MEMORY_ALLOCATIONS};
    assert_passage(budget, NULL, memory, PASSES_ALL);
    assert_passage(budget, NULL, "trace=%memory,%process", PASSES_ALL);
    assert_passage(budget, NULL, "trace=mmap", PASSES_SOME);
    assert_passage(budget, NULL, "trace=write", PASSES_NONE);
    budget.memory = MEMORY_RSS;
    assert_passage(budget, NULL, "trace=write", PASSES_ALL);
    assert_passage(budget, NULL, "status=failed; path=/x", PASSES_ALL);

    budget = (struct budget){.kind = BUDGET_CRITICAL_PATH, .time = TIME_WALL};
    assert_passage(budget, NULL, "trace=write", PASSES_ALL);
    budget.time = TIME_KERNEL;
    assert_passage(budget, NULL, "trace=write", PASSES_SOME);

    budget = (struct budget){.kind = BUDGET_ANTI_PATTERN};
    assert_passage(budget, "write", "trace=write", PASSES_SOME);
    assert_passage(budget, NULL, "trace=/./", PASSES_ALL);

    char problem[256];
    budget = (struct budget){.kind = BUDGET_CALLS};
    assert_int_equal(name_pattern_create(&budget.process_pattern, "cat", 3, problem, sizeof(problem)), 0);
    assert_passage(budget, "write", "trace=write", PASSES_SOME);
    assert_passage(budget, "write", "trace=write,execve,execveat,fork,vfork,clone,clone3", PASSES_ALL);
    name_pattern_destroy(budget.process_pattern);
}

static void test_paths(void **state) {
    (void)state;
    char *paths[] = {(char[]){"/etc/"}};
    struct budget budget = {.kind = BUDGET_FORBIDDEN, .paths = paths, .path_count = 1};
    assert_passage(budget, "chmod", "trace=chmod", PASSES_ALL);
    assert_passage(budget, "write", "trace=write", PASSES_SOME);
    assert_passage(budget, "write",
                   "trace=write,open,openat,openat2,creat,dup,dup2,dup3,fcntl,fcntl64,close,close_range,bind,"
                   "connect,accept,accept4,%process",
                   PASSES_ALL);
    struct trace_facts facts = {.filter = (char[]){"trace=write"}, .says_files = true};
    choose(&budget, "write");
    assert_int_equal(filter_passage(&budget, &facts), PASSES_ALL);
    call_names_finish(&budget.calls);
}

/* -------------------------------------------------------------------- verdicts */

struct scene {
    struct budget_file file;
    struct budget budget;
    struct checked checked;
    struct trace_facts facts;
    struct spending spending;
    struct spending golden;
    struct spending *spendings;
};

/* One run with so many calls, and perhaps a golden trace. */
static void set(struct scene *scene, const char *filter, double calls, const char *golden_filter, double golden_calls) {
    scene->file = (struct budget_file){.budgets = &scene->budget, .count = 1};
    scene->facts.filter = filter ? strdup(filter) : NULL;
    scene->spending.applies = scene->golden.applies = true;
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        scene->spending.measured[quantity] = scene->golden.measured[quantity] = true;
    }
    scene->spending.amount[QUANTITY_COUNT] = scene->spending.amount[QUANTITY_SCORE] = calls;
    scene->golden.amount[QUANTITY_COUNT] = scene->golden.amount[QUANTITY_SCORE] = golden_calls;
    scene->spendings = &scene->spending;
    scene->checked = (struct checked){.run_count = 1, .facts = &scene->facts, .spendings = &scene->spendings};
    if (golden_calls >= 0) {
        scene->checked.golden_spendings = &scene->golden;
        scene->checked.golden_facts.filter = golden_filter ? strdup(golden_filter) : NULL;
    }
    scene->budget.enabled = scene->budget.fails = true;
}

static void assert_verdict(struct scene *scene, const char *calls, enum verdict_status status, const char *reason) {
    const struct spending *const runs[] = {&scene->spending};
    struct check_result result = {.budget = &scene->budget};
    choose(&scene->budget, calls);
    assert_int_equal(check_filter_golden(&scene->checked, &scene->file), 0);
    assert_int_equal(verdict_judge(&result.verdict, &scene->budget, runs, 1, scene->checked.golden_spendings), 0);
    assert_int_equal(check_filter_doubt(&scene->checked, 0, runs, &result), 0);
    assert_string_equal(result.verdict.reason, reason);
    assert_int_equal(result.verdict.status, status);
    verdict_finish(&result.verdict);
    call_names_finish(&scene->budget.calls);
    spending_finish(&scene->spending, 1);
    spending_finish(&scene->golden, 1);
    trace_facts_finish(&scene->facts);
    trace_facts_finish(&scene->checked.golden_facts);
    *scene = (struct scene){0};
}

#define COUNTS(...)                                                                                                    \
    {                                                                                                                  \
        .kind = BUDGET_CALLS, .limits = { [QUANTITY_COUNT] = {__VA_ARGS__} }                                           \
    }

static void test_what_is_kept_is_not_known(void **state) {
    (void)state;
    struct scene scene = {.budget = COUNTS(.has_max = true, .max = 150)};
    set(&scene, "trace=write", 12, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "12 calls, 150 allowed, but the trace was recorded with trace=write alone");
    scene.budget = (struct budget)COUNTS(.has_max = true, .max = 150);
    set(&scene, "trace=write", 12, NULL, -1);
    assert_verdict(&scene, "write", VERDICT_KEPT, "12 calls, 150 allowed");
    scene.budget = (struct budget)COUNTS(.has_max = true, .max = 150);
    set(&scene, NULL, 12, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_KEPT, "12 calls, 150 allowed");
    /* Nothing of a trace reaches a terminal. */
    scene.budget = (struct budget)COUNTS(.has_max = true, .max = 150);
    set(&scene, "path=/\033[2J", 12, NULL, -1);
    assert_verdict(&scene, "write", VERDICT_UNMEASURED,
                   "12 calls, 150 allowed, but the trace was recorded with path=/\\033[2J alone");
}

static void test_a_violation_stays(void **state) {
    (void)state;
    struct scene scene = {.budget = COUNTS(.has_max = true, .max = 5)};
    set(&scene, "trace=write", 12, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_VIOLATED, "12 calls, 5 allowed");
    /* Of a share it would not. */
    scene.budget =
        (struct budget){.kind = BUDGET_ANTI_PATTERN, .limits = {[QUANTITY_SCORE] = {.has_max = true, .max = 0.5}}};
    set(&scene, "trace=write", 1, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "score 1.00, it has to be below 0.50, but the trace was recorded with trace=write alone");
}

static void test_minima(void **state) {
    (void)state;
    struct scene scene = {.budget = COUNTS(.has_min = true, .min = 20)};
    set(&scene, "trace=write", 12, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "12 calls, at least 20 required, but the trace was recorded with trace=write alone");
    scene.budget = (struct budget)COUNTS(.has_min = true, .min = 10);
    set(&scene, "trace=write", 12, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_KEPT, "12 calls, at least 10 required");
    /* Another limit is violated for certain. */
    scene.budget = (struct budget){
        .kind = BUDGET_CALLS,
        .limits = {[QUANTITY_COUNT] = {.has_min = true, .min = 20}, [QUANTITY_SCORE] = {.has_max = true, .max = 5}}};
    set(&scene, "trace=write", 12, NULL, -1);
    assert_verdict(&scene, NULL, VERDICT_VIOLATED, "score 12.00, it has to be below 5.00");
}

#define INCREASE COUNTS(.increase = {.is_set = true, .amount = 3})

static void test_golden_traces(void **state) {
    (void)state;
    struct scene scene = {.budget = INCREASE};
    set(&scene, "trace=write", 12, "trace=write", 10);
    assert_verdict(&scene, NULL, VERDICT_KEPT, "12 calls, 2 more than the golden 10; 3 allowed");
    scene.budget = (struct budget)INCREASE;
    set(&scene, "trace=write", 0, "trace=write", 0);
    assert_verdict(&scene, "read", VERDICT_UNMEASURED,
                   "of the golden trace: it was recorded with trace=write alone, as the new one");
    scene.budget = (struct budget)INCREASE;
    set(&scene, NULL, 12, "trace=write", 10);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "of the golden trace: it was recorded with trace=write alone, the new one with all calls");
    scene.budget = (struct budget)INCREASE;
    set(&scene, NULL, 12, "trace=write", 10);
    assert_verdict(&scene, "write", VERDICT_KEPT, "12 calls, 2 more than the golden 10; 3 allowed");
    scene.budget = (struct budget)INCREASE;
    set(&scene, "trace=write", 12, NULL, 10);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "12 calls, 2 more than the golden 10; 3 allowed, but the trace was recorded with trace=write alone");
    scene.budget = (struct budget)INCREASE;
    set(&scene, "trace=write", 20, NULL, 10);
    assert_verdict(&scene, NULL, VERDICT_VIOLATED, "20 calls, 10 more than the golden 10; 3 allowed");
    scene.budget = (struct budget)INCREASE;
    set(&scene, "trace=write,read", 20, "trace=write", 10);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "of the golden trace: it was recorded with trace=write alone, the new one with trace=write,read "
                   "alone");
    /* What is not relative has to be there all the same. */
    scene.budget = (struct budget)COUNTS(.has_max = true, .max = 20, .increase = {.is_set = true, .amount = 3});
    set(&scene, "trace=write", 12, "trace=write", 10);
    assert_verdict(&scene, NULL, VERDICT_UNMEASURED,
                   "12 calls, 20 allowed, but the trace was recorded with trace=write alone");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_what_needs_other_calls),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_what_is_kept_is_not_known),
        cmocka_unit_test(test_a_violation_stays),
        cmocka_unit_test(test_minima),
        cmocka_unit_test(test_golden_traces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
