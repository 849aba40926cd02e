/* SPDX-License-Identifier: MIT
 *
 * --normalize: which rules a list stands for.
 */
#include "golden_rules.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RULE(name) (1U << RULE_##name)

static void assert_rules(const char *list, golden_rules expected) {
    char problem[256] = "";
    golden_rules rules = 12345;
    assert_int_equal(golden_rules_parse(&rules, list, problem, sizeof(problem)), 0);
    assert_int_equal(rules, expected);
    assert_string_equal(problem, "");
}

static void assert_problem(const char *list, const char *expected) {
    char problem[256] = "";
    golden_rules rules = 12345;
    assert_int_equal(golden_rules_parse(&rules, list, problem, sizeof(problem)), -EINVAL);
    assert_int_equal(rules, 12345);
    assert_string_equal(problem, expected);
}

static void test_lists(void **state) {
    (void)state;
    assert_rules("all", GOLDEN_ALL_RULES);
    assert_rules("none", 0);
    assert_rules("addresses", RULE(ADDRESSES));
    assert_rules("addresses,ids", RULE(ADDRESSES) | RULE(IDS));
    assert_rules("-times", GOLDEN_ALL_RULES & ~RULE(TIMES));
    assert_rules("!times,-random", GOLDEN_ALL_RULES & ~RULE(TIMES) & ~RULE(RANDOM));
    assert_rules("all,-temporary-files", GOLDEN_ALL_RULES & ~RULE(TEMPORARY_FILES));
    assert_rules("none,inodes", RULE(INODES));
    assert_rules("all,none", 0);
    assert_rules("-all", 0);
}

static void test_every_rule_has_a_name(void **state) {
    (void)state;
    golden_rules all = 0;
    const char *name;
    size_t count = 0;
    for (; (name = golden_rule_name(count)); count++) {
        golden_rules rules = 0;
        char problem[256];
        assert_int_equal(golden_rules_parse(&rules, name, problem, sizeof(problem)), 0);
        assert_int_equal(rules, 1U << count);
        all |= rules;
    }
    assert_int_equal(count, RULE_COUNT);
    assert_int_equal(all, GOLDEN_ALL_RULES);
}

static void test_what_is_no_rule(void **state) {
    (void)state;
    assert_problem("adresses", "unknown rule 'adresses' of --normalize; did you mean 'addresses'?");
    assert_problem("all,-tims", "unknown rule 'tims' of --normalize; did you mean 'times'?");
    assert_problem("xyzzy", "unknown rule 'xyzzy' of --normalize; renacer-sv(1) lists the rules");
    assert_problem("", "unknown rule '' of --normalize; renacer-sv(1) lists the rules");
    assert_problem("ids,", "unknown rule '' of --normalize; renacer-sv(1) lists the rules");
    assert_problem("-", "unknown rule '' of --normalize; renacer-sv(1) lists the rules");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_every_rule_has_a_name),
        cmocka_unit_test(test_what_is_no_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
