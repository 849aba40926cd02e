/* SPDX-License-Identifier: MIT
 *
 * Names under numbers, and the index by hash under them.
 */
#include "name_table.h"

#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_a_name_has_one_number(void **state) {
    (void)state;
    struct name_table table = {0};
    uint32_t first;
    uint32_t second;
    uint32_t again;
    char name[] = "main";
    assert_int_equal(name_table_add(&table, name, &first), 0);
    assert_int_equal(name_table_add(&table, "", &second), 0);
    memset(name, '#', sizeof(name) - 1);
    assert_int_equal(name_table_add(&table, "main", &again), 0);
    assert_int_equal(first, again);
    assert_int_not_equal(first, second);
    assert_string_equal(name_table_get(&table, first), "main");
    assert_string_equal(name_table_get(&table, second), "");
    name_table_finish(&table);
}

static void test_no_name(void **state) {
    (void)state;
    struct name_table table = {0};
    uint32_t number = 7;
    assert_int_equal(name_table_add(&table, NULL, &number), 0);
    assert_int_equal(number, NAME_NONE);
    assert_null(name_table_get(&table, number));
    name_table_finish(&table);
}

static void test_many_names(void **state) {
    (void)state;
    enum {
        MANY = 100000,
    };
    struct name_table table = {0};
    char name[32];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            uint32_t number;
            snprintf(name, sizeof(name), "function_%u", i);
            assert_int_equal(name_table_add(&table, name, &number), 0);
            assert_int_equal(number, i);
            assert_string_equal(name_table_get(&table, number), name);
        }
    }
    assert_int_equal(table.count, MANY);
    name_table_finish(&table);
}

static void test_a_full_table_keeps_what_it_has(void **state) {
    (void)state;
    struct name_table table = {0};
    size_t size = (size_t)1 << 20;
    char *name = malloc(size);
    assert_non_null(name);
    memset(name, '.', size);
    name[size - 1] = 0;
    uint32_t number;
    uint32_t added = 0;
    for (; added < 200; added++) {
        memset(name, 'a' + (int)(added % 26), added / 26 + 1);
        if (name_table_add(&table, name, &number) < 0) {
            break;
        }
        assert_int_equal(number, added);
    }
    assert_int_equal(added, NAME_TABLE_BYTES / size);
    assert_int_equal(number, NAME_NONE);
    assert_int_equal(name_table_add(&table, "short", &number), -ENOMEM);
    assert_int_equal(table.count, added);
    memset(name, '.', size - 1);
    name[0] = 'b';
    assert_int_equal(name_table_add(&table, name, &number), 0);
    assert_int_equal(number, 1);
    free(name);
    name_table_finish(&table);
}

/* All things have one hash, or hashes that differ in the half that is not kept. */
static void test_equal_hashes(void **state) {
    (void)state;
    struct number_index index = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(number_index_add(&index, (uint64_t)i << 32 | 63, i), 0);
    }
    bool seen[1000] = {0};
    uint32_t number;
    size_t count = 0;
    for (size_t at = number_index_first(&index, 63); number_index_at(&index, &at, 63, &number); count++) {
        assert_in_range(number, 0, 999);
        assert_false(seen[number]);
        seen[number] = true;
    }
    assert_int_equal(count, 1000);
    size_t at = number_index_first(&index, 64);
    assert_false(number_index_at(&index, &at, 64, &number));
    number_index_finish(&index);
}

static void test_an_empty_index(void **state) {
    (void)state;
    struct number_index index = {0};
    uint32_t number;
    size_t at = number_index_first(&index, 12345);
    assert_false(number_index_at(&index, &at, 12345, &number));
    number_index_finish(&index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_has_one_number),
        cmocka_unit_test(test_no_name),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_a_full_table_keeps_what_it_has),
        cmocka_unit_test(test_equal_hashes),
        cmocka_unit_test(test_an_empty_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
