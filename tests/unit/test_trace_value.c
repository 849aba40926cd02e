/* SPDX-License-Identifier: MIT
 *
 * Arguments of calls that were read, as numbers.
 */
#include "trace_value.h"

#include "unit.h"

#include <string.h>

static bool number_of(const char *text, size_t size, bool quoted, uint64_t *number) {
    struct trace_call call = {.argument_count = 1};
    call.arguments[0] = (struct trace_argument){.text = {text, size}, .quoted = quoted};
    return trace_number(&call, 0, number);
}

static void assert_number(const char *text, uint64_t expected) {
    uint64_t number = 0x5555;
    if (!number_of(text, strlen(text), false, &number) || number != expected) {
        fail_msg("%s is %#llx, not %#llx", text, (unsigned long long)number, (unsigned long long)expected);
    }
}

static void assert_none(const char *text, size_t size) {
    uint64_t number = 0x5555;
    if (number_of(text, size, false, &number)) {
        fail_msg("%s is taken for the number %llu", text, (unsigned long long)number);
    }
    assert_int_equal(number, 0x5555);
}

static void test_numbers(void **state) {
    (void)state;
    assert_number("0", 0);
    assert_number("3", 3);
    assert_number("-1", UINT64_MAX);
    assert_number("-100", (uint64_t)-100);
    assert_number("18446744073709551615", UINT64_MAX);
    assert_number("-9223372036854775808", UINT64_C(1) << 63);
    assert_number("0644", 0644);
    assert_number("00", 0);
    assert_number("0xffffff9c", 0xffffff9c);
    assert_number("0XFF", 255);
    assert_number("0xffffffffffffffff", UINT64_MAX);
    assert_number("NULL", 0);
}

static void test_no_numbers(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " 1",
        "1 ",
        "+1",
        "-",
        "--1",
        "-+1",
        "- 1",
        "0x",
        "0xg",
        "08",
        "1a",
        "1.5",
        "1e3",
        "null",
        "nul",
        "NULLx",
        "O_RDONLY",
        "3|O_RDONLY",
        "AT_FDCWD",
        "?",
        "\n1",
        "1\n",
        "18446744073709551616",
        "0x10000000000000000",
        "-18446744073709551616",
        "heap+0x10",
        "stack",
        "mmap#3",
        "0x7ffd /* 37 vars */",
        "\xd9\xa1",
        "-NULL",
        "'1'",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_none(texts[i], strlen(texts[i]));
    }
    /* A NUL is no end. */
    assert_none("1\0", 2);
    assert_none("1\0002", 3);
    assert_none("\0", 1);
    assert_none("NULL\0", 5);
}

/* Beyond 64 bits when the sign is taken into account. */
static void test_negative_numbers_have_64_bits(void **state) {
    (void)state;
    assert_none("-9223372036854775809", 20);
    assert_none("-18446744073709551615", 21);
}

static void test_strings_are_no_numbers(void **state) {
    (void)state;
    uint64_t number;
    assert_false(number_of("7", 1, true, &number));
    assert_false(number_of(NULL, 0, false, &number));
}

static void test_only_arguments_that_are_there(void **state) {
    (void)state;
    struct trace_call call = {.argument_count = 1};
    call.arguments[0].text = (struct trace_bytes){"1", 1};
    call.arguments[1].text = (struct trace_bytes){"2", 1};
    uint64_t number;
    assert_true(trace_number(&call, 0, &number));
    assert_false(trace_number(&call, 1, &number));
    assert_false(trace_number(&call, TRACE_ARGUMENTS_MAX, &number));
    assert_false(trace_number(&call, UINT32_MAX, &number));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_negative_numbers_have_64_bits),
        cmocka_unit_test(test_strings_are_no_numbers),
        cmocka_unit_test(test_only_arguments_that_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
