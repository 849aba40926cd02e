/* SPDX-License-Identifier: MIT
 *
 * The table of -c, byte for byte: scripts read it.
 */
#include "form.h"

#include "unit.h"

static void assert_table(const struct tally_row *rows, size_t count, bool timed, const char *expected) {
    struct text text = {0};
    summary_to_text(rows, count, timed, &text);
    assert_false(text.failed);
    assert_string_equal(text.bytes, expected);
    text_finish(&text);
}

/* A table that renacer 0.6.2 wrote of a user's program, to the last blank. */
static void test_as_renacer_draws_it(void **state) {
    (void)state;
    static const struct tally_row rows[] = {
        {.name = "mmap", .calls = 13, .time_ns = 126000},
        {.name = "mprotect", .calls = 6, .time_ns = 60000},
        {.name = "read", .calls = 5, .time_ns = 50000},
        {.name = "rt_sigaction", .calls = 5, .time_ns = 31000},
        {.name = "unknown", .calls = 4, .time_ns = 26000},
        {.name = "openat", .calls = 4, .time_ns = 43000},
        {.name = "close", .calls = 4, .time_ns = 28000},
        {.name = "pread64", .calls = 4, .time_ns = 26000},
        {.name = "newfstatat", .calls = 4, .time_ns = 27000},
        {.name = "sigaltstack", .calls = 3, .time_ns = 22000},
        {.name = "brk", .calls = 3, .time_ns = 26000},
        {.name = "munmap", .calls = 2, .time_ns = 23000},
        {.name = "arch_prctl", .calls = 2, .errors = 1, .time_ns = 13000},
        {.name = "access", .calls = 1, .errors = 1, .time_ns = 8000},
        {.name = "write", .calls = 1, .time_ns = 26000},
        {.name = "set_robust_list", .calls = 1, .time_ns = 6000},
        {.name = "getrandom", .calls = 1, .time_ns = 7000},
        {.name = "poll", .calls = 1, .time_ns = 7000},
        {.name = "set_tid_address", .calls = 1, .time_ns = 6000},
    };
    assert_table(rows, COUNT_OF(rows), true,
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 " 22.46    0.000126           9        13           mmap\n"
                 " 10.70    0.000060          10         6           mprotect\n"
                 "  8.91    0.000050          10         5           read\n"
                 "  5.53    0.000031           6         5           rt_sigaction\n"
                 "  4.63    0.000026           6         4           unknown\n"
                 "  7.66    0.000043          10         4           openat\n"
                 "  4.99    0.000028           7         4           close\n"
                 "  4.63    0.000026           6         4           pread64\n"
                 "  4.81    0.000027           6         4           newfstatat\n"
                 "  3.92    0.000022           7         3           sigaltstack\n"
                 "  4.63    0.000026           8         3           brk\n"
                 "  4.10    0.000023          11         2           munmap\n"
                 "  2.32    0.000013           6         2         1 arch_prctl\n"
                 "  1.43    0.000008           8         1         1 access\n"
                 "  4.63    0.000026          26         1           write\n"
                 "  1.07    0.000006           6         1           set_robust_list\n"
                 "  1.25    0.000007           7         1           getrandom\n"
                 "  1.25    0.000007           7         1           poll\n"
                 "  1.07    0.000006           6         1           set_tid_address\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000561           8        65         2 total\n");
}

static void test_without_errors_the_column_is_blank(void **state) {
    (void)state;
    static const struct tally_row rows[] = {{.name = "close", .calls = 2, .time_ns = 1500}};
    assert_table(rows, 1, true,
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000002           0         2           close\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000002           0         2           total\n");
}

static void test_of_nothing_there_is_a_total(void **state) {
    (void)state;
    assert_table(NULL, 0, true,
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000000           0         0           total\n");
}

static void test_what_took_no_time_has_no_share(void **state) {
    (void)state;
    static const struct tally_row rows[] = {{.name = "close", .calls = 1}, {.name = "dup", .calls = 1}};
    assert_table(rows, 2, true,
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "  0.00    0.000000           0         1           close\n"
                 "  0.00    0.000000           0         1           dup\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00    0.000000           0         2           total\n");
}

static void test_times_that_nothing_measured_are_not_zeros(void **state) {
    (void)state;
    static const struct tally_row rows[] = {{.name = "close", .calls = 12}, {.name = "open", .calls = 3}};
    assert_table(rows, 2, false,
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "     -           -           -        12         - close\n"
                 "     -           -           -         3         - open\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "     -           -           -        15         - total\n");
}

static void test_large_figures_push_the_others_aside(void **state) {
    (void)state;
    static const struct tally_row rows[] = {
        {.name = "io_pgetevents_time64_and_more_", .calls = 12345678901, .errors = 12345678900, .time_ns = UINT64_MAX}};
    assert_table(rows, 1, true,
                 "% time     seconds  usecs/call     calls    errors syscall\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00 18446744073.709553     1494186 12345678901 12345678900 io_pgetevents_time64_and_more_\n"
                 "------ ----------- ----------- --------- --------- ----------------\n"
                 "100.00 18446744073.709553     1494186 12345678901 12345678900 total\n");
}

static void test_it_stands_behind_what_was_there(void **state) {
    (void)state;
    struct text text = {0};
    text_add_string(&text, "before\n");
    summary_to_text(NULL, 0, true, &text);
    assert_memory_equal(text.bytes, "before\n% time ", 14);
    text_finish(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_renacer_draws_it),
        cmocka_unit_test(test_without_errors_the_column_is_blank),
        cmocka_unit_test(test_of_nothing_there_is_a_total),
        cmocka_unit_test(test_what_took_no_time_has_no_share),
        cmocka_unit_test(test_times_that_nothing_measured_are_not_zeros),
        cmocka_unit_test(test_large_figures_push_the_others_aside),
        cmocka_unit_test(test_it_stands_behind_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
