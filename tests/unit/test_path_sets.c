/* SPDX-License-Identifier: MIT */
#include "path_sets.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct path_set *find(struct path_sets *sets, const char *path) {
    const struct path_set *set = NULL;
    assert_int_equal(path_sets_find(sets, path, &set), 0);
    return set;
}

static void test_patterns(void **state) {
    (void)state;
    static const struct {
        const char *pattern;
        const char *path;
        bool matches;
    } pairs[] = {
        {"/etc/passwd", "/etc/passwd", true},
        {"/etc/passwd", "/etc/passwd2", false},
        {"/etc/passwd", "/etc/", false},
        {"/etc/", "/etc/a/b", true},
        {"/etc/", "/etc/", false},
        {"/etc/", "/etc", false},
        {"/", "/x", true},
        {"/", "/", false},
        {"in", "in", true},
        {"in/", "in/x", true},
        {"/*.so", "/lib/.a/x.so", true},
        {"/*.so", "/lib/x.so.6", false},
        {"/a?", "/a/", true},
        {"/[ab]", "/b", true},
        {"\\*", "*", true},
        {"*", "\xff\x01", true},
        {"/a//", "/a//b", true},
        {"/a/", "/a//", true},
        {"ab*ba", "aba", false},
        {"a*[]x]b", "a]b", true},
        {"a*[]x", "a[]x", true},
        {"[::1]:80", "[::1]:80", true},
        {"[::1]:80", "::80", true},
        {"[ab]/", "[ab]/", false},
        {"[ab]/", "[ab]/x", false},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct path_sets *sets = path_sets_create(1);
        assert_int_equal(path_sets_add(sets, 0, pairs[i].pattern), 0);
        assert_int_equal(path_matches(pairs[i].pattern, pairs[i].path), pairs[i].matches);
        if (path_set_has(find(sets, pairs[i].path), 0) != pairs[i].matches) {
            fail_msg("%s of %s", pairs[i].path, pairs[i].pattern);
        }
        assert_int_equal(path_sets_have_met(sets, 0), pairs[i].matches);
        path_sets_destroy(sets);
    }
    path_sets_destroy(NULL);
}

/* Many budgets, some with the same patterns, held against one by one. */
static void test_many_budgets(void **state) {
    (void)state;
    enum {
        SLOTS = 200,
        PATHS = 5000,
    };
    static const char *const parts[] = {"a", "b", "a/", "b/", "*", "/", "a?", "[a/]", "\\b", "[", "]"};
    char patterns[SLOTS][16];
    bool met[SLOTS] = {0};
    unsigned seed = 1;
    struct path_sets *sets = path_sets_create(SLOTS);
    for (size_t i = 0; i < SLOTS; i++) {
        patterns[i][0] = 0;
        for (unsigned count = 1 + i % 4; count; count--) {
            seed = seed * 1103515245 + 12345;
            strcat(patterns[i], parts[(seed >> 16) % COUNT_OF(parts)]);
        }
        assert_int_equal(path_sets_add(sets, i, patterns[i]), 0);
    }
    for (size_t i = 0; i < PATHS; i++) {
        char path[16] = "";
        for (unsigned count = 1 + i % 8; count; count--) {
            seed = seed * 1103515245 + 12345;
            strcat(path, (const char *[]){"a", "b", "/", "c", "[", "]"}[(seed >> 16) % 6]);
        }
        const struct path_set *set = find(sets, path);
        assert_ptr_equal(set, find(sets, path));
        for (size_t slot = 0; slot < SLOTS; slot++) {
            bool matches = path_matches(patterns[slot], path);
            met[slot] |= matches;
            if (path_set_has(set, slot) != matches) {
                fail_msg("%s of %s", path, patterns[slot]);
            }
        }
    }
    for (size_t slot = 0; slot < SLOTS; slot++) {
        assert_int_equal(path_sets_have_met(sets, slot), met[slot]);
    }
    path_sets_destroy(sets);
}

/* Each path is one for other budgets: so many sets are not kept, and what is known of them stays right. */
static void test_more_sets_than_are_kept(void **state) {
    (void)state;
    enum {
        SLOTS = 20000,
    };
    char *patterns[SLOTS];
    struct path_sets *sets = path_sets_create(SLOTS);
    size_t kept = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        assert_true(asprintf(&patterns[i], "/%zu", i) > 0);
        assert_int_equal(path_sets_add(sets, i, patterns[i]), 0);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        const struct path_set *set = find(sets, patterns[i]);
        kept += set != NULL;
        assert_true(!set || (path_set_has(set, i) && !path_set_has(set, (i + 1) % SLOTS)));
        assert_true(path_sets_have_met(sets, i));
    }
    assert_int_equal(kept, 16384);
    path_sets_destroy(sets);
    for (size_t i = 0; i < SLOTS; i++) {
        free(patterns[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_many_budgets),
        cmocka_unit_test(test_more_sets_than_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
