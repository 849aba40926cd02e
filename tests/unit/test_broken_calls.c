/* SPDX-License-Identifier: MIT
 *
 * Which calls were broken off before they were answered.
 */
#include "broken_calls.h"

#include "unit.h"

#include <stdlib.h>

static void test_each_is_taken_once(void **state) {
    (void)state;
    struct broken_calls *calls = calloc(1, sizeof(*calls));
    assert_int_equal(broken_calls_take(calls, 7, 0x1000), -1);
    broken_calls_add(calls, 7, 2, 0x1000);
    broken_calls_add(calls, 7, 57, 0x2000);
    broken_calls_add(calls, 8, 22, 0x1000);
    assert_int_equal(broken_calls_take(calls, 7, 0x3000), -1);
    assert_int_equal(broken_calls_take(calls, 9, 0x1000), -1);
    assert_int_equal(broken_calls_take(calls, 7, 0x2000), 57);
    assert_int_equal(broken_calls_take(calls, 7, 0x2000), -1);
    assert_int_equal(broken_calls_take(calls, 8, 0x1000), 22);
    assert_int_equal(broken_calls_take(calls, 7, 0x1000), 2);
    assert_int_equal(calls->count, 0);
    free(calls);
}

static void test_the_oldest_are_forgotten(void **state) {
    (void)state;
    struct broken_calls *calls = calloc(1, sizeof(*calls));
    for (int i = 0; i <= BROKEN_CALLS_MAX; i++) {
        broken_calls_add(calls, i + 1, i, 0x1000);
    }
    assert_int_equal(calls->count, BROKEN_CALLS_MAX);
    assert_int_equal(broken_calls_take(calls, 1, 0x1000), -1);
    for (int i = 1; i <= BROKEN_CALLS_MAX; i++) {
        assert_int_equal(broken_calls_take(calls, i + 1, 0x1000), i);
    }
    assert_int_equal(calls->count, 0);
    free(calls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_taken_once),
        cmocka_unit_test(test_the_oldest_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
