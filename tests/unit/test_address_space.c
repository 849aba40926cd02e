/* SPDX-License-Identifier: MIT
 *
 * Names of addresses.
 */
#include "address_space.h"

#include "unit.h"

static void assert_name(const struct address_space *space, uint64_t address, const char *expected) {
    struct text text = {0};
    text_add_string(&text, "");
    assert_int_equal(address_space_name(space, address, &text), expected != NULL);
    assert_string_equal(text.bytes, expected ? expected : "");
    text_finish(&text);
}

static void test_offsets_count_from_the_base(void **state) {
    (void)state;
    struct address_space *space = address_space_create();
    assert_name(space, 0x1000, NULL);
    assert_int_equal(address_space_map(space, 0x1000, 0x3000, "libc.so.6", 0x1000), 0);
    assert_int_equal(address_space_map(space, 0x2000, 0x1000, "libc.so.6", 0x1000), 0);
    assert_name(space, 0xfff, NULL);
    assert_name(space, 0x1000, "libc.so.6");
    assert_name(space, 0x2010, "libc.so.6+0x1010");
    assert_name(space, 0x3fff, "libc.so.6+0x2fff");
    assert_name(space, 0x4000, NULL);
    address_space_destroy(space);
}

static void test_a_mapping_takes_the_place_of_others(void **state) {
    (void)state;
    struct address_space *space = address_space_create();
    assert_int_equal(address_space_map(space, 0x1000, 0x9000, "mmap#1", 0x1000), 0);
    assert_int_equal(address_space_map(space, 0x3000, 0x2000, "mmap#2", 0x3000), 0);
    assert_name(space, 0x2fff, "mmap#1+0x1fff");
    assert_name(space, 0x3000, "mmap#2");
    assert_name(space, 0x5000, "mmap#1+0x4000");
    assert_int_equal(address_space_map(space, 0x2000, 0x4000, "mmap#3", 0x2000), 0);
    assert_name(space, 0x1fff, "mmap#1+0xfff");
    assert_name(space, 0x5fff, "mmap#3+0x3fff");
    assert_name(space, 0x6000, "mmap#1+0x5000");
    assert_int_equal(address_space_map(space, 0, UINT64_MAX, "all", 0), 0);
    assert_name(space, 0x3000, "all+0x3000");
    assert_int_equal(address_space_map(space, 0x10, 0, "nothing", 0x10), 0);
    assert_name(space, 0x10, "all+0x10");
    address_space_destroy(space);
}

static void test_a_stack_grows_down(void **state) {
    (void)state;
    struct address_space *space = address_space_create();
    assert_int_equal(address_space_map_stack(space, 0x1000, 0x4000, 0x4ff0, "stack", "args"), 0);
    assert_name(space, 0x4fe0, "stack+0x10");
    assert_name(space, 0x4ff0, "args");
    assert_name(space, 0x4ff8, "args+0x8");
    assert_name(space, 0x1000, "stack+0x3ff0");
    assert_name(space, 0x5000, NULL);
    address_space_destroy(space);
}

static void test_what_moves_keeps_its_name(void **state) {
    (void)state;
    struct address_space *space = address_space_create();
    assert_int_equal(address_space_map(space, 0x1000, 0x1000, "mmap#1", 0x1000), 0);
    assert_int_equal(address_space_move(space, 0x1000, 0x1000, 0x1000, 0x2000), 0);
    assert_name(space, 0x2008, "mmap#1+0x1008");
    assert_int_equal(address_space_move(space, 0x1000, 0x2000, 0x9000, 0x4000), 0);
    assert_name(space, 0x9008, "mmap#1+0x8");
    assert_name(space, 0xcfff, "mmap#1+0x3fff");
    assert_int_equal(address_space_move(space, 0x50000, 0x2000, 0x60000, 0x4000), 0);
    assert_name(space, 0x60000, NULL);
    address_space_destroy(space);
}

static void test_a_copy_goes_its_own_way(void **state) {
    (void)state;
    struct address_space *space = address_space_create();
    assert_int_equal(address_space_map(space, 0x1000, 0x1000, "heap", 0x1000), 0);
    struct address_space *copy = address_space_copy(space);
    assert_int_equal(address_space_map(copy, 0x1000, 0x1000, "mmap#1", 0x1000), 0);
    assert_name(space, 0x1008, "heap+0x8");
    address_space_destroy(space);
    assert_name(copy, 0x1008, "mmap#1+0x8");
    address_space_destroy(copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offsets_count_from_the_base), cmocka_unit_test(test_a_mapping_takes_the_place_of_others),
        cmocka_unit_test(test_a_stack_grows_down),          cmocka_unit_test(test_what_moves_keeps_its_name),
        cmocka_unit_test(test_a_copy_goes_its_own_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
