/* SPDX-License-Identifier: MIT */
#include "name_pattern.h"

#include "unit.h"

#include <errno.h>
#include <string.h>

static int matches(const char *text, const char *name) {
    struct name_pattern *pattern = NULL;
    char problem[128] = "";
    if (name_pattern_create(&pattern, text, strlen(text), problem, sizeof(problem)) != 0) {
        fail_msg("%s: %s", text, problem);
    }
    int status = name_pattern_matches(pattern, name);
    name_pattern_destroy(pattern);
    return status;
}

static void test_it_matches_anywhere(void **state) {
    (void)state;
    assert_int_equal(matches("open", "mq_open"), 1);
    assert_int_equal(matches("^open", "mq_open"), 0);
    assert_int_equal(matches("^open", "openat"), 1);
    assert_int_equal(matches("^open$", "openat"), 0);
    assert_int_equal(matches("", "read"), 1);
}

static void test_its_language_is_that_of_perl(void **state) {
    (void)state;
    assert_int_equal(matches("^(open|close){1,2}$", "close"), 1);
    assert_int_equal(matches("^(?!open)", "openat"), 0);
    assert_int_equal(matches("(?i)^READ$", "read"), 1);
    assert_int_equal(matches("\\d$", "pread64"), 1);
    assert_int_equal(matches("[[:digit:]]$", "pread64"), 1);
}

static void test_only_so_many_bytes_count(void **state) {
    (void)state;
    struct name_pattern *pattern = NULL;
    char problem[128];
    assert_int_equal(name_pattern_create(&pattern, "^read$/,(", 6, problem, sizeof(problem)), 0);
    assert_int_equal(name_pattern_matches(pattern, "read"), 1);
    assert_int_equal(name_pattern_matches(pattern, "readv"), 0);
    assert_string_equal(name_pattern_text(pattern), "^read$");
    name_pattern_destroy(pattern);
    name_pattern_destroy(NULL);
}

static void test_a_mistake_is_said_with_its_place(void **state) {
    (void)state;
    struct name_pattern *pattern = NULL;
    char problem[128];
    assert_int_equal(name_pattern_create(&pattern, "ab(c", 4, problem, sizeof(problem)), -EINVAL);
    assert_null(pattern);
    assert_string_equal(problem, "missing closing parenthesis at offset 4 of 'ab(c'");
    assert_int_equal(name_pattern_create(&pattern, "*", 1, problem, sizeof(problem)), -EINVAL);
    assert_string_equal(problem, "quantifier does not follow a repeatable item at offset 0 of '*'");
}

/* Backtracking without an end: given up. */
static void test_no_expression_takes_long(void **state) {
    (void)state;
    static const char name[] = "sched_rr_get_interval_time64";
    assert_int_equal(matches("^(([a-z0-9_]+)*)*[^a-z0-9_]$", name), -ELOOP);
    assert_int_equal(matches("^(.|.|.|.)*[^a-z0-9_]$", name), -ELOOP);
    assert_int_equal(matches("^(?R)*", name) < 0, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_matches_anywhere),      cmocka_unit_test(test_its_language_is_that_of_perl),
        cmocka_unit_test(test_only_so_many_bytes_count), cmocka_unit_test(test_a_mistake_is_said_with_its_place),
        cmocka_unit_test(test_no_expression_takes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
