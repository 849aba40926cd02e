/* SPDX-License-Identifier: MIT
 *
 * The environment of the program: as it was given, and under changes.
 */
#include "environment.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST = 8,
};

/* The environment `from` under `changes`, both ended by NULL, is `expected`. */
static void assert_changed(const char *const *from, const char *const *changes, const char *const *expected) {
    char *old[MOST] = {0};
    char *wanted[MOST] = {0};
    size_t count = 0;
    for (size_t i = 0; from[i]; i++) {
        old[i] = (char *)(uintptr_t)from[i];
    }
    for (; changes[count]; count++) {
        wanted[count] = (char *)(uintptr_t)changes[count];
    }
    char **changed = environment_with(old, wanted, count);
    assert_non_null(changed);
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(changed[i]);
        assert_string_equal(changed[i], expected[i]);
    }
    assert_null(changed[i]);
    for (i = 0; from[i]; i++) {
        assert_ptr_equal(old[i], from[i]); /* only the copy is changed */
    }
    free(changed);
}

#define LIST(...) ((const char *const[MOST]){__VA_ARGS__})

static void test_without_changes_it_is_the_same(void **state) {
    (void)state;
    assert_changed(LIST("A=1", "B=2"), LIST(NULL), LIST("A=1", "B=2"));
    assert_changed(LIST(NULL), LIST(NULL), LIST(NULL));
}

static void test_the_strings_stay_where_they_are(void **state) {
    (void)state;
    char old[] = "A=1";
    char change[] = "B=2";
    char *from[] = {old, NULL};
    char *changes[] = {change};
    char **changed = environment_with(from, changes, 1);
    assert_ptr_equal(changed[0], old);
    assert_ptr_equal(changed[1], change);
    free(changed);
}

static void test_a_new_variable_comes_last(void **state) {
    (void)state;
    assert_changed(LIST("A=1"), LIST("B=2", "C=3"), LIST("A=1", "B=2", "C=3"));
    assert_changed(LIST(NULL), LIST("B=2"), LIST("B=2"));
}

static void test_a_known_variable_is_there_once(void **state) {
    (void)state;
    assert_changed(LIST("A=1", "B=2"), LIST("A=3"), LIST("B=2", "A=3"));
    assert_changed(LIST("A=1", "B=2", "A=4"), LIST("A=3"), LIST("B=2", "A=3"));
}

static void test_the_last_change_counts(void **state) {
    (void)state;
    assert_changed(LIST("A=1"), LIST("A=2", "A=3"), LIST("A=3"));
    assert_changed(LIST("A=1"), LIST("A=2", "A"), LIST(NULL));
    assert_changed(LIST("A=1"), LIST("A", "A=2"), LIST("A=2"));
}

static void test_a_name_alone_removes(void **state) {
    (void)state;
    assert_changed(LIST("A=1", "B=2"), LIST("A"), LIST("B=2"));
    assert_changed(LIST("B=2"), LIST("A"), LIST("B=2"));
    assert_changed(LIST("A=1", "B=2", "A=3"), LIST("A"), LIST("B=2"));
}

static void test_whole_names_are_compared(void **state) {
    (void)state;
    assert_changed(LIST("PATH=1", "PATHS=2", "PAT=3"), LIST("PATH=9"), LIST("PATHS=2", "PAT=3", "PATH=9"));
    assert_changed(LIST("PATH=1", "PATHS=2", "PAT=3"), LIST("PATH"), LIST("PATHS=2", "PAT=3"));
}

static void test_values_may_be_empty_or_hold_equals_signs(void **state) {
    (void)state;
    assert_changed(LIST("A=1"), LIST("A="), LIST("A="));
    assert_changed(LIST("A=x=y"), LIST("B=x=y=z"), LIST("A=x=y", "B=x=y=z"));
    assert_changed(LIST("A=x=y"), LIST("A=x"), LIST("A=x"));
}

static void test_entries_without_an_equals_sign_are_kept(void **state) {
    (void)state;
    assert_changed(LIST("odd", "A=1"), LIST("odd=1"), LIST("odd", "A=1", "odd=1"));
}

/* The words of argv are the state: the environment stands behind the last one. */
static void test_what_was_given_is_found_in_memory(void **state) {
    char **given = environment_given(*state);
    assert_non_null(given);
    size_t i = 0;
    for (; environ[i]; i++) {
        assert_non_null(given[i]);
        assert_string_equal(given[i], environ[i]);
    }
    assert_null(given[i]);
    free(given);
}

static void test_what_is_taken_out_is_still_found(void **state) {
    char **before = environment_given(*state);
    assert_non_null(before[0]);
    char name[64] = "";
    strncat(name, before[0], strcspn(before[0], "=") < sizeof(name) ? strcspn(before[0], "=") : 0);
    unsetenv(name);
    char **given = environment_given(*state);
    assert_string_equal(given[0], before[0]);
    free(before);
    free(given);
}

int main(int argc, char *argv[]) {
    char *last = argv[argc - 1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_changes_it_is_the_same),
        cmocka_unit_test(test_the_strings_stay_where_they_are),
        cmocka_unit_test(test_a_new_variable_comes_last),
        cmocka_unit_test(test_a_known_variable_is_there_once),
        cmocka_unit_test(test_the_last_change_counts),
        cmocka_unit_test(test_a_name_alone_removes),
        cmocka_unit_test(test_whole_names_are_compared),
        cmocka_unit_test(test_values_may_be_empty_or_hold_equals_signs),
        cmocka_unit_test(test_entries_without_an_equals_sign_are_kept),
        cmocka_unit_test_prestate(test_what_was_given_is_found_in_memory, last),
        cmocka_unit_test_prestate(test_what_is_taken_out_is_still_found, last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
