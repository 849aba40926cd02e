/* SPDX-License-Identifier: MIT
 *
 * The trace as comma-separated values: header, quoting, order.
 */
#include "fake_trace.h"

#include <fcntl.h>

static int set_up(void **state) {
    return fake_trace_set_up(state, FORMAT_CSV);
}

static int tear_down(void **state) {
    return fake_trace_tear_down(state);
}

/* -------------------------------------------------------------------------- head */

static void assert_head(struct fake_trace *trace, const char *head) {
    fake_trace_end(trace);
    assert_written(trace, head);
}

static void test_head(void **state) {
    assert_head(*state, "syscall,arguments,result\n");
}

static void test_head_with_times(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.timing = true;
    assert_head(trace, "syscall,arguments,result,duration\n");
}

static void test_head_with_places(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.source = true;
    assert_head(trace, "syscall,arguments,result,source_location\n");
}

static void test_head_with_both(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.timing = true;
    trace->options.output.source = true;
    assert_head(trace, "syscall,arguments,result,duration,source_location\n");
}

static void test_head_of_a_summary(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    assert_head(trace, "syscall,calls,errors\n");
}

static void test_head_of_a_summary_with_times(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    trace->options.output.timing = true;
    assert_head(trace, "syscall,calls,errors,total_time\n");
}

/* ------------------------------------------------------------------------- calls */

static void openat_named(struct fake_trace *trace, const char *name, int64_t result) {
    fake_trace_next(trace, SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, O_RDONLY), result);
    fake_call_string(&trace->call, 1, name);
    fake_trace_call(trace);
}

static void test_a_line_for_each_call(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_close(trace, 3);
    openat_named(trace, "/etc/passwd", 3);
    openat_named(trace, "/nonexistent", -ENOENT);
    fake_trace_next(trace, SYS_getpid, ARGS(0), 100);
    fake_trace_call(trace);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result\n"
                          "close,3,0\n"
                          "openat,\"AT_FDCWD, \"\"/etc/passwd\"\", O_RDONLY\",3\n"
                          "openat,\"AT_FDCWD, \"\"/nonexistent\"\", O_RDONLY\",-2\n"
                          "getpid,,100\n");
}

static void test_it_is_streamed(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_close(trace, 3);
    assert_written(trace, "syscall,arguments,result\nclose,3,0\n");
    fake_trace_close(trace, 4);
    assert_written(trace, "close,4,0\n");
}

/* Quotation marks are escaped once as strace does, and once as RFC 4180 does. */
static void test_quotation_marks_commas_and_line_ends(void **state) {
    struct fake_trace *trace = *state;
    openat_named(trace, "a\"b,c\nd\re\\", 3);
    openat_named(trace, "gr\303\274n", 3);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result\n"
                          "openat,\"AT_FDCWD, \"\"a\\\"\"b,c\\nd\\re\\\\\"\", O_RDONLY\",3\n"
                          "openat,\"AT_FDCWD, \"\"gr\\303\\274n\"\", O_RDONLY\",3\n");
}

static void test_one_string_alone_is_quoted(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_unlink, ARGS(0x1000), 0);
    fake_call_string(&trace->call, 0, "plain");
    fake_trace_call(trace);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result\nunlink,\"\"\"plain\"\"\",0\n");
}

static void test_results_are_whole_numbers(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_mmap, ARGS(0, 4096, 0, 0x22, (uint64_t)-1, 0), 0x7f0000001000);
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_lseek, ARGS(3, 0, 0), INT64_MAX);
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_lseek, ARGS(3, 0, 0), INT64_MIN);
    fake_trace_call(trace);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result\n"
                          "mmap,\"NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0\",139637976731648\n"
                          "lseek,\"3, 0, SEEK_SET\",9223372036854775807\n"
                          "lseek,\"3, 0, SEEK_SET\",-9223372036854775808\n");
}

static void test_calls_that_never_returned_come_last(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_exit_group, ARGS(3), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_exit, ARGS(4), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    fake_trace_close(trace, 3);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result\nclose,3,0\nexit_group,3,\nexit,4,\n");
}

static void test_what_nothing_measured_is_empty(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.timing = true;
    fake_trace_next(trace, SYS_close, ARGS(3), 5)->flags = CALL_HAS_ARGS;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_close, ARGS(3), -9)->flags = CALL_HAS_RESULT;
    fake_trace_call(trace);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result,duration\nclose,3,,\nclose,?,-9,\n");
}

static void test_times_are_whole_microseconds(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.timing = true;
    static const uint64_t times[] = {0, 999, 1000, 1999, 1234567890};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        fake_trace_next(trace, SYS_close, ARGS(3), 0)->duration_ns = times[i];
        fake_trace_call(trace);
    }
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result,duration\n"
                          "close,3,0,0us\nclose,3,0,0us\nclose,3,0,1us\nclose,3,0,1us\nclose,3,0,1234567us\n");
}

static void test_the_place_in_the_source_is_empty(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.source = true;
    fake_trace_close(trace, 3);
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result,source_location\nclose,3,0,\n");
}

static void test_other_records_are_no_lines(void **state) {
    struct fake_trace *trace = *state;
    for (enum record_kind kind = RECORD_SIGNAL; kind <= RECORD_END; kind++) {
        struct record record = {.kind = (uint8_t)kind, .pid = FAKE_ROOT, .tid = FAKE_ROOT};
        fake_trace_record(trace, &record);
    }
    fake_trace_end(trace);
    assert_written(trace, "syscall,arguments,result\n");
}

/* ----------------------------------------------------------------------- summary */

static void count_some(struct fake_trace *trace) {
    fake_trace_close(trace, 3);
    fake_trace_next(trace, SYS_access, ARGS(0, 0), -ENOENT)->duration_ns = 2500;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_close, ARGS(3), -EBADF)->duration_ns = 1700;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_exit_group, ARGS(3), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    fake_trace_end(trace);
}

static void test_the_rows_of_a_summary(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    count_some(trace);
    assert_written(trace, "syscall,calls,errors\nclose,2,1\naccess,1,1\n");
}

static void test_the_rows_of_a_summary_with_times(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    trace->options.output.order = TALLY_BY_TIME;
    trace->options.output.timing = true;
    count_some(trace);
    assert_written(trace, "syscall,calls,errors,total_time\naccess,1,1,2us\nclose,2,1,1us\n");
}

static void test_the_rows_of_a_summary_that_nothing_timed(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    trace->options.output.timing = true;
    trace->options.time = NULL;
    count_some(trace);
    assert_written(trace, "syscall,calls,errors,total_time\nclose,2,,\naccess,1,,\n");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_head),
        TEST(test_head_with_times),
        TEST(test_head_with_places),
        TEST(test_head_with_both),
        TEST(test_head_of_a_summary),
        TEST(test_head_of_a_summary_with_times),
        TEST(test_a_line_for_each_call),
        TEST(test_it_is_streamed),
        TEST(test_quotation_marks_commas_and_line_ends),
        TEST(test_one_string_alone_is_quoted),
        TEST(test_results_are_whole_numbers),
        TEST(test_calls_that_never_returned_come_last),
        TEST(test_what_nothing_measured_is_empty),
        TEST(test_times_are_whole_microseconds),
        TEST(test_the_place_in_the_source_is_empty),
        TEST(test_other_records_are_no_lines),
        TEST(test_the_rows_of_a_summary),
        TEST(test_the_rows_of_a_summary_with_times),
        TEST(test_the_rows_of_a_summary_that_nothing_timed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
