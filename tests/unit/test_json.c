/* SPDX-License-Identifier: MIT
 *
 * One record as one line of JSON, byte by byte.
 */
#include "json.h"

#include "fake_call.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

static struct fake_call call;
static struct json_options options;

static int set_up(void **state) {
    (void)state;
    options = (struct json_options){0};
    return 0;
}

static void call_is(int number, const uint64_t *args, int64_t result) {
    fake_call_init(&call, ARCH_X86_64, number, args, result);
}

static void assert_line(const char *expected) {
    struct json_line line = {0};
    json_call(&line, &call.record, &options);
    assert_false(line.text.failed);
    assert_int_equal(line.text.length, strlen(line.text.bytes));
    if (strcmp(line.text.bytes, expected) != 0) {
        fail_msg("line     %s\nexpected %s", line.text.bytes, expected);
    }
    cJSON *parsed = cJSON_Parse(line.text.bytes);
    assert_non_null(parsed);
    cJSON_Delete(parsed);
    json_line_finish(&line);
}

static void write_is(const char *bytes, size_t size) {
    call_is(SYS_write, ARGS(1, 0x1000, size), (int64_t)size);
    fake_call_whole(&call, 1, bytes, size);
}

/* ---------------------------------------------------------------------------- calls */

static void test_the_write_of_the_golden_example(void **state) {
    (void)state;
    write_is("Hello, GoldenTest!\n", 19);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"Hello, GoldenTest!\\n\",\"19\"],\"result\":19}");
}

static void test_an_error_has_its_name(void **state) {
    (void)state;
    call_is(SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, O_RDONLY | O_CLOEXEC), -ENOENT);
    fake_call_string(&call, 1, "/nonexistent");
    assert_line("{\"name\":\"openat\",\"args\":[\"AT_FDCWD\",\"/nonexistent\",\"O_RDONLY|O_CLOEXEC\"],"
                "\"result\":-2,\"error\":\"ENOENT\"}");
}

static void test_the_kernels_own_errors_have_names(void **state) {
    (void)state;
    call_is(SYS_nanosleep, ARGS(0, 0), -516);
    assert_line("{\"name\":\"nanosleep\",\"args\":[\"NULL\",\"NULL\"],\"result\":-516,"
                "\"error\":\"ERESTART_RESTARTBLOCK\"}");
}

static void test_not_every_negative_result_is_an_error(void **state) {
    (void)state;
    call_is(SYS_getpid, ARGS(0), -4096);
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":-4096}");
    call_is(SYS_getpid, ARGS(0), -4095); /* a number that no error has */
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":-4095}");
    call_is(SYS_getpid, ARGS(0), INT64_MIN);
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":-9223372036854775808}");
}

static void test_results_are_exact(void **state) {
    (void)state;
    call_is(SYS_getpid, ARGS(0), ((int64_t)1 << 53) + 1);
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":9007199254740993}");
    call_is(SYS_getpid, ARGS(0), INT64_MAX);
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":9223372036854775807}");
    call_is(SYS_mmap, ARGS(0, 4096, 1, 2, 3, 0), 0x7f1234567000);
    assert_line("{\"name\":\"mmap\",\"args\":[\"NULL\",\"4096\",\"PROT_READ\",\"MAP_PRIVATE\",\"3\",\"0\"],"
                "\"result\":139716164218880}");
}

static void test_what_was_not_measured_is_null(void **state) {
    (void)state;
    call_is(SYS_getpid, ARGS(0), 0);
    call.record.call.flags = CALL_HAS_ARGS;
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":null}");
    call.record.call.result = -ENOENT; /* nobody measured that */
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":null}");
    options.timing = true;
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":null,\"duration_us\":null,\"duration_ns\":null}");
    call.record.call.flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":null,\"duration_us\":null,\"duration_ns\":null}");
}

static void test_arguments_that_nobody_saw(void **state) {
    (void)state;
    call_is(SYS_write, ARGS(1, 2, 3), -EPERM);
    call.record.call.flags = CALL_HAS_RESULT;
    assert_line("{\"name\":\"write\",\"args\":[\"?\",\"?\",\"?\"],\"result\":-1,\"error\":\"EPERM\"}");
}

static void test_unknown_calls_have_their_number_as_a_name(void **state) {
    (void)state;
    call_is(500, ARGS(0, 1, 2, 3, 4, 5), -ENOSYS);
    assert_line("{\"name\":\"syscall_0x1f4\",\"args\":[\"0\",\"0x1\",\"0x2\",\"0x3\",\"0x4\",\"0x5\"],\"result\":-38,"
                "\"error\":\"ENOSYS\"}");
}

static void test_time_process_and_thread_are_there_when_asked_for(void **state) {
    (void)state;
    call_is(SYS_getpid, ARGS(0), 7);
    call.record.call.duration_ns = 1999;
    options.timing = true;
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":7,\"duration_us\":1,\"duration_ns\":1999}");
    call.record.call.duration_ns = UINT64_MAX;
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":7,\"duration_us\":18446744073709551,"
                "\"duration_ns\":18446744073709551615}");
    options = (struct json_options){.process = true};
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":7,\"pid\":100}");
    options = (struct json_options){.thread = true};
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":7,\"tid\":101}");
    options = (struct json_options){.process = true, .thread = true};
    call.record.pid = 0;
    assert_line("{\"name\":\"getpid\",\"args\":[],\"result\":7,\"pid\":null,\"tid\":101}");
}

/* -------------------------------------------------------------------------- strings */

static void test_text_is_escaped_as_json_wants(void **state) {
    (void)state;
    write_is("a\"b\\c\t\r\n\x01\x7f", 10);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"a\\\"b\\\\c\\t\\r\\n\\u0001\\u007f\",\"10\"],\"result\":10}");
    write_is("\b\v\f\x1f/", 5);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"\\b\\u000b\\f\\u001f/\",\"5\"],\"result\":5}");
}

/* U+0080 to U+009F: a terminal would obey them, and no string needs them. */
static void test_control_characters_of_unicode_are_escaped(void **state) {
    (void)state;
    write_is("\xc2\x9b"
             "31m\xc2\x80\xc2\x9f\xc2\xa0\xc3\x9b",
             13);
    assert_line(
        "{\"name\":\"write\",\"args\":[\"1\",\"\\u009b31m\\u0080\\u009f\xc2\xa0\xc3\x9b\",\"13\"],\"result\":13}");
}

static void test_utf8_stays_as_it_is(void **state) {
    (void)state;
    write_is("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7", 15);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7\",\"15\"],"
                "\"result\":15}");
}

static void test_an_empty_buffer(void **state) {
    (void)state;
    write_is("", 0);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"\",\"0\"],\"result\":0}");
}

static void test_bytes_that_are_no_text_are_exact_in_base64(void **state) {
    (void)state;
    write_is("a\xff", 2);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"a\\\\377\",\"2\"],\"result\":2,\"args_b64\":{\"1\":\"Yf8=\"}}");
    write_is("a\0b", 3);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"a\\\\0b\",\"3\"],\"result\":3,\"args_b64\":{\"1\":\"YQBi\"}}");
    write_is("\0", 1);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"\\\\0\",\"1\"],\"result\":1,\"args_b64\":{\"1\":\"AA==\"}}");
    write_is("\xed\xa0\x80", 3); /* a surrogate is no character */
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"\\\\355\\\\240\\\\200\",\"3\"],\"result\":3,"
                "\"args_b64\":{\"1\":\"7aCA\"}}");
    write_is("a\xc3", 2); /* not cut: the half character is what was written */
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"a\\\\303\",\"2\"],\"result\":2,\"args_b64\":{\"1\":\"YcM=\"}}");
}

static void test_two_arguments_that_are_no_text(void **state) {
    (void)state;
    call_is(SYS_rename, ARGS(0x1000, 0x2000), 0);
    fake_call_string(&call, 0, "\xff");
    fake_call_string(&call, 1, "\xfe");
    assert_line("{\"name\":\"rename\",\"args\":[\"\\\\377\",\"\\\\376\"],\"result\":0,"
                "\"args_b64\":{\"0\":\"/w==\",\"1\":\"/g==\"}}");
}

static void test_content_that_was_cut_says_how_long_it_was(void **state) {
    (void)state;
    call_is(SYS_write, ARGS(1, 0x1000, 5000), 5000);
    fake_call_capture(&call, 1, 0, CAPTURE_CUT, "the beginning", 13, 5000);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"the beginning\",\"5000\"],\"result\":5000,"
                "\"cut\":{\"1\":5000}}");
    call_is(SYS_unlink, ARGS(0x1000), 0);
    fake_call_capture(&call, 0, 0, CAPTURE_CUT, "long", 4, CAPTURE_LENGTH_UNKNOWN);
    assert_line("{\"name\":\"unlink\",\"args\":[\"long\"],\"result\":0,\"cut\":{\"0\":null}}");
    call_is(SYS_write, ARGS(1, 0x1000, 50), -EFAULT);
    fake_call_capture(&call, 1, 0, CAPTURE_UNREADABLE, "half", 4, 50);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"half\",\"50\"],\"result\":-14,\"error\":\"EFAULT\","
                "\"cut\":{\"1\":50}}");
}

static void test_a_cut_within_a_character_leaves_the_characters_before_it(void **state) {
    (void)state;
    static const char *const beginnings[] = {"a\xc3", "a\xe2\x82", "a\xf0\x9f\x90", "a\xf0"};
    for (unsigned i = 0; i < COUNT_OF(beginnings); i++) {
        call_is(SYS_write, ARGS(1, 0x1000, 100), 100);
        fake_call_capture(&call, 1, 0, CAPTURE_CUT, beginnings[i], strlen(beginnings[i]), 100);
        assert_line("{\"name\":\"write\",\"args\":[\"1\",\"a\",\"100\"],\"result\":100,\"cut\":{\"1\":100}}");
    }
    /* What is no beginning of a character is no text, cut or not. */
    call_is(SYS_write, ARGS(1, 0x1000, 100), 100);
    fake_call_capture(&call, 1, 0, CAPTURE_CUT, "a\xff", 2, 100);
    assert_line("{\"name\":\"write\",\"args\":[\"1\",\"a\\\\377\",\"100\"],\"result\":100,"
                "\"args_b64\":{\"1\":\"Yf8=\"},\"cut\":{\"1\":100}}");
}

static void test_a_line_grows_with_its_content(void **state) {
    (void)state;
    char bytes[10000];
    memset(bytes, 1, sizeof(bytes)); /* six bytes of JSON each */
    write_is(bytes, sizeof(bytes));
    struct json_line line = {0};
    json_call(&line, &call.record, &options);
    cJSON *parsed = cJSON_Parse(line.text.bytes);
    assert_non_null(parsed);
    const cJSON *content = cJSON_GetArrayItem(cJSON_GetObjectItem(parsed, "args"), 1);
    assert_int_equal(strlen(content->valuestring), sizeof(bytes));
    cJSON_Delete(parsed);
    json_line_finish(&line);
}

static void test_a_line_keeps_nothing_of_the_one_before(void **state) {
    (void)state;
    struct json_line line = {0};
    write_is("a\xff", 2);
    json_call(&line, &call.record, &options);
    write_is("text", 4);
    json_call(&line, &call.record, &options);
    assert_string_equal(line.text.bytes, "{\"name\":\"write\",\"args\":[\"1\",\"text\",\"4\"],\"result\":4}");
    write_is("", 0);
    json_call(&line, &call.record, &options);
    assert_string_equal(line.text.bytes, "{\"name\":\"write\",\"args\":[\"1\",\"\",\"0\"],\"result\":0}");
    json_line_finish(&line);
}

/* --------------------------------------------------------------------------- events */

static void assert_event(const struct record *record, const char *expected) {
    struct json_line line = {0};
    json_event(&line, record, &(struct json_options){0});
    assert_string_equal(line.text.bytes, expected);
    json_line_finish(&line);
}

static void test_events(void **state) {
    (void)state;
    struct record record = {.kind = RECORD_END, .pid = 100, .tid = 101};
    assert_event(&record, "{\"event\":\"end\",\"pid\":100,\"tid\":101}");
    record.kind = RECORD_SIGNAL;
    record.signal = (struct signal_record){.number = SIGSEGV, .code = 1};
    assert_event(&record, "{\"event\":\"signal\",\"pid\":100,\"tid\":101,\"signal\":\"SIGSEGV\",\"code\":1}");
    record.signal = (struct signal_record){.number = 34, .code = -6};
    assert_event(&record, "{\"event\":\"signal\",\"pid\":100,\"tid\":101,\"signal\":\"SIGRT_2\",\"code\":-6}");
    record = (struct record){.kind = RECORD_EXEC, .pid = 100, .tid = 100, .exec = {.former_tid = 100}};
    assert_event(&record, "{\"event\":\"exec\",\"pid\":100,\"tid\":100}");
    record.exec.former_tid = 101;
    assert_event(&record, "{\"event\":\"exec\",\"pid\":100,\"tid\":100,\"former_tid\":101}");
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_write_of_the_golden_example),
        TEST(test_an_error_has_its_name),
        TEST(test_the_kernels_own_errors_have_names),
        TEST(test_not_every_negative_result_is_an_error),
        TEST(test_results_are_exact),
        TEST(test_what_was_not_measured_is_null),
        TEST(test_arguments_that_nobody_saw),
        TEST(test_unknown_calls_have_their_number_as_a_name),
        TEST(test_time_process_and_thread_are_there_when_asked_for),
        TEST(test_text_is_escaped_as_json_wants),
        TEST(test_control_characters_of_unicode_are_escaped),
        TEST(test_utf8_stays_as_it_is),
        TEST(test_an_empty_buffer),
        TEST(test_bytes_that_are_no_text_are_exact_in_base64),
        TEST(test_two_arguments_that_are_no_text),
        TEST(test_content_that_was_cut_says_how_long_it_was),
        TEST(test_a_cut_within_a_character_leaves_the_characters_before_it),
        TEST(test_a_line_grows_with_its_content),
        TEST(test_a_line_keeps_nothing_of_the_one_before),
        TEST(test_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
