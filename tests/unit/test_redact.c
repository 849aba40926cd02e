/* SPDX-License-Identifier: MIT
 *
 * Redaction: what rules match, how they are refused, and that what they hide stands in no form.
 * (That nothing which shows bytes goes around it is a property of any call: any_call.h)
 */
#include "redact.h"

#include "fake_trace.h"

#include <fcntl.h>

static int set_up(void **state) {
    return redaction_create((struct redaction **)state);
}

static int tear_down(void **state) {
    redaction_destroy(*state);
    return 0;
}

static void add(struct redaction *redaction, const char *rule) {
    struct redact_problem problem;
    if (redaction_add(redaction, rule, strlen(rule), &problem) != 0) {
        fail_msg("'%s' is refused at %u: %s", rule, problem.column, problem.words);
    }
}

static void assert_shown_size(struct redaction *redaction, enum bytes_kind kind, bool is_cut, const char *bytes,
                              size_t size, const char *expected, size_t expected_size) {
    struct text text = {0};
    struct shown_bytes shown = {(const uint8_t *)bytes, size, kind, is_cut};
    redaction_splice(redaction, &shown, &text);
    if (text.length != expected_size || memcmp(text.bytes, expected, expected_size) != 0) {
        fail_msg("'%.*s' becomes\n%s and not\n%s", (int)size, bytes, text.bytes, expected);
    }
    text_finish(&text);
}

static void assert_shown(struct redaction *redaction, const char *bytes, const char *expected) {
    assert_shown_size(redaction, BYTES_NAME, false, bytes, strlen(bytes), expected, strlen(expected));
}

static void assert_cut(struct redaction *redaction, const char *bytes, const char *expected) {
    assert_shown_size(redaction, BYTES_NAME, true, bytes, strlen(bytes), expected, strlen(expected));
}

/* ----------------------------------------------------------------------- matching */

static void test_every_match_is_replaced(void **state) {
    add(*state, "/se+cret/");
    assert_shown(*state, "a secret and a seecret, secretsecret", "a <redacted> and a <redacted>, <redacted>");
    assert_shown(*state, "Secret", "Secret");
    assert_shown(*state, "", "");
    add(*state, "/SECRET/i");
    assert_shown(*state, "Secret", "<redacted>");
}

static void test_rules_see_raw_bytes(void **state) {
    add(*state, "/\\x00\\xff\"\\n/");
    assert_shown_size(*state, BYTES_CONTENT, false, "a\0\xff\"\nb", 6, "a<redacted>b", 12);
}

static void test_rules_do_not_see_each_others_marks(void **state) {
    add(*state, "/bcd/");
    add(*state, "/redacted/");
    add(*state, "/de/");
    add(*state, "/fg/");
    assert_shown(*state, "abcdefgh <redacted>", "a<redacted>h <<redacted>>");
}

static void test_what_stands_before_k_stays(void **state) {
    add(*state, "/key=\\K\\w+/");
    assert_shown(*state, "key=abc;", "key=<redacted>;");
    assert_shown(*state, "key=;", "key=;");
}

static void test_a_match_of_nothing_is_none(void **state) {
    add(*state, "/x*/");
    assert_shown(*state, "abc", "abc");
    assert_shown(*state, "axxb", "a<redacted>b");
}

/* What was recorded may be too little for a match. */
static void test_the_beginning_of_a_match_where_a_string_is_cut(void **state) {
    add(*state, "/token=[0-9a-f]{8}(END)?/");
    assert_cut(*state, "x token=0123", "x <redacted>");
    assert_cut(*state, "x tok", "x <redacted>");
    assert_cut(*state, "x token=01234567", "x <redacted>");
    assert_cut(*state, "x token=01234567E", "x <redacted>");
    assert_cut(*state, "token=01234567 y", "<redacted> y");
    assert_cut(*state, "tokens", "tokens");
    assert_shown(*state, "x token=0123", "x token=0123");
}

/* It takes exponential time, and is not given it. */
static void test_what_takes_too_long_is_hidden(void **state) {
    add(*state, "/^(?:\\w\\w?)*$/");
    char bytes[2048];
    memset(bytes, 'a', sizeof(bytes) - 2);
    bytes[sizeof(bytes) - 2] = '!';
    bytes[sizeof(bytes) - 1] = 0;
    assert_shown(*state, bytes, "<redacted>");
    assert_shown(*state, "b!", "b!");
}

static void test_variables(void **state) {
    add(*state, "env:TOKEN");
    add(*state, "env:*_KEY");
    static const char *const strings[][2] = {
        {"TOKEN=a b", "TOKEN=<redacted>"}, {"TOKEN=", "TOKEN="}, {"TOKENS=a", "TOKENS=a"},
        {"A_KEY=x=y", "A_KEY=<redacted>"}, {"TOKEN", "TOKEN"},   {"a TOKEN=b", "a TOKEN=b"}};
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        const char *expected = strings[i][1];
        assert_shown_size(*state, BYTES_VARIABLE, false, strings[i][0], strlen(strings[i][0]), expected,
                          strlen(expected));
    }
    assert_shown(*state, "TOKEN=a", "TOKEN=a");
}

static void test_buffers_hides_contents_alone(void **state) {
    add(*state, "buffers");
    struct record record = {.kind = RECORD_CALL};
    redaction_begin(*state, &record);
    assert_true(redaction_hides_contents(*state));
    assert_shown_size(*state, BYTES_CONTENT, false, "abc", 3, "<redacted>", 10);
    assert_shown_size(*state, BYTES_CONTENT, false, "", 0, "", 0);
    assert_shown(*state, "abc", "abc");
}

static void test_secrets(void **state) {
    static const char *const strings[][2] = {
        {"password=hunter2&x=1", "password=<redacted>&x=1"},
        {"{\"api_key\": \"a b\", \"n\": 1}", "{\"api_key\": \"<redacted>\", \"n\": 1}"},
        {"{\\\"token\\\":\\\"ab\\\"}", "{\\\"token\\\":\\\"<redacted>\\\"}"},
        {"DB_PASSWORD='x y' z", "DB_PASSWORD='<redacted>' z"},
        {"Authorization: Basic dTpw\r\nHost: a", "Authorization: <redacted>\r\nHost: a"},
        {"Set-Cookie: sid=1; Path=/\r\n", "Set-Cookie: <redacted>\r\n"},
        {"a bearer abcdefgh1 b", "a bearer <redacted> b"},
        {"https://me:pw@host/x", "https://me:<redacted>@host/x"},
        {"https://host:8080/x", "https://host:8080/x"},
        {"ghp_0123456789abcdefghij.", "ghp_<redacted>."},
        {"AKIAABCDEFGHIJKLMNOP", "AKIA<redacted>"},
        {"eyJhbGciOiJI.eyJzdWIi.abc-_", "eyJ<redacted>"},
        {"-----BEGIN RSA PRIVATE KEY-----\nMII=\n-----END", "-----BEGIN RSA PRIVATE KEY-----<redacted>-----END"},
        {"root:$6$salt$abcdefghijklmnopqrstuv:19000", "root:$6$<redacted>:19000"},
        {"/usr/share/passwords", "/usr/share/passwords"},
        {"hello, world", "hello, world"},
    };
    add(*state, "secrets");
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        assert_shown(*state, strings[i][0], strings[i][1]);
    }
    assert_cut(*state, "ghp_0123", "ghp_<redacted>");
    assert_cut(*state, "https://me:p", "https://me:<redacted>");
    assert_cut(*state, "/etc/ssl/cer", "/etc/ssl/cer");
    assert_true(redaction_hides_next(*state, (const uint8_t *)"--db-password", 13));
    assert_false(redaction_hides_next(*state, (const uint8_t *)"--password-file", 15));
    assert_true(redaction_needs_descriptors(*state));
}

/* ------------------------------------------------------------------------ refusing */

static void assert_refused(const char *rule, unsigned column, const char *words) {
    struct redaction *redaction;
    struct redact_problem problem;
    assert_int_equal(redaction_create(&redaction), 0);
    assert_int_equal(redaction_add(redaction, rule, strlen(rule), &problem), -EINVAL);
    assert_int_equal(problem.column, column);
    assert_non_null(strstr(problem.words, words));
    assert_int_equal(redaction_count(redaction), 0);
    redaction_destroy(redaction);
}

static void test_wrong_rules(void **state) {
    (void)state;
    assert_refused("", 1, "a rule is");
    assert_refused("secret", 1, "a rule is");
    assert_refused("buffers,secrets", 1, "a rule is");
    assert_refused("env:", 5, "nothing stands behind 'env:'");
    assert_refused("path:", 6, "nothing");
    assert_refused("fd:1x", 5, "number of a descriptor");
    assert_refused("fd:99999999999", 13, "number of a descriptor");
    assert_refused("/abc", 5, "ends with '/'");
    assert_refused("//", 2, "empty");
    assert_refused("/a/g", 4, "only 'i'");
    assert_refused("/(?=ab\\K)/", 10, "\\K");
    assert_refused("/a[b/", 5, "missing terminating ]");
    assert_refused("/(*UTF)a/", 8, "UTF");
}

static void test_lines(void **state) {
    static const char good[] = "# a comment\n\n  secrets  \r\n\tenv:A b\n/#x/\n buffers";
    static const char bad[] = "buffers\n\n   /a(/\nsecret\n";
    struct redact_problem problem;
    assert_int_equal(redaction_add_lines(*state, good, strlen(good), &problem), 0);
    assert_int_equal(redaction_count(*state), 4);
    assert_shown_size(*state, BYTES_VARIABLE, false, "A b=1", 5, "A b=<redacted>", 14);
    assert_shown(*state, "#x", "<redacted>");
    assert_int_equal(redaction_add_lines(*state, bad, strlen(bad), &problem), -EINVAL);
    assert_int_equal(problem.line, 3);
    assert_int_equal(problem.column, 7);
    assert_int_equal(redaction_add_lines(*state, "a\0b", 3, &problem), -EINVAL);
    assert_int_equal(problem.column, 2);
}

/* ------------------------------------------------------------------------ in calls */

static struct fake_trace *trace_with(struct redaction *redaction, enum format format) {
    void *state = NULL;
    assert_int_equal(fake_trace_set_up(&state, format), 0);
    struct fake_trace *trace = state;
    trace->options.output.redaction = redaction;
    return trace;
}

static void describe(struct fake_trace *trace, unsigned arg, const char *path) {
    fake_call_capture(&trace->call, arg, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, path, strlen(path), strlen(path));
}

static void write_to(struct fake_trace *trace, const char *path, const char *content) {
    fake_trace_next(trace, SYS_write, ARGS(3, 0x1000, strlen(content)), (int64_t)strlen(content));
    fake_call_string(&trace->call, 1, content);
    if (path) {
        describe(trace, 0, path);
    }
    fake_trace_call(trace);
}

static void test_contents_of_files(void **state) {
    add(*state, "path:*.pem");
    add(*state, "fd:0");
    struct fake_trace *trace = trace_with(*state, FORMAT_TEXT);
    write_to(trace, "/a/b.pem", "KEY");
    assert_string_equal(fake_trace_text(trace),
                        "+++ redacted by 2 rules +++\nwrite(3, \"<redacted>\", 3)               = 3\n");
    write_to(trace, "/a/b.txt", "KEY");
    assert_string_equal(fake_trace_text(trace), "write(3, \"KEY\", 3)                      = 3\n");
    /* Nobody knows what it is. */
    write_to(trace, NULL, "KEY");
    assert_string_equal(fake_trace_text(trace), "write(3, \"<redacted>\", 3)               = 3\n");
    fake_trace_next(trace, SYS_write, ARGS(0, 0x1000, 1), 1);
    fake_call_string(&trace->call, 1, "K");
    describe(trace, 0, "/dev/tty");
    fake_trace_call(trace);
    assert_string_equal(fake_trace_text(trace), "write(0, \"<redacted>\", 1)               = 1\n");
    void *owned = trace;
    fake_trace_tear_down(&owned);
}

static void test_of_descriptors_and_of_both_names_of_a_path(void **state) {
    add(*state, "/alice/");
    struct fake_trace *trace = trace_with(*state, FORMAT_TEXT);
    trace->options.output.descriptors = true;
    fake_trace_next(trace, SYS_openat, ARGS(3, 0x1000, O_RDONLY), 4);
    fake_call_string(&trace->call, 1, "/home/alice/\033x");
    describe(trace, 0, "/home/alice");
    fake_call_capture(&trace->call, CAPTURE_RESULT, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, "/home/alice/\033x", 14, 14);
    fake_trace_call(trace);
    assert_string_equal(
        fake_trace_text(trace),
        "+++ redacted by 1 rule +++\n"
        "openat(3</home/\\74redacted\\76>, \"/home/<redacted>/\\33x\", O_RDONLY) = 4</home/\\74redacted\\76/\\33x>\n");
    void *owned = trace;
    fake_trace_tear_down(&owned);
}

static void test_no_base64_of_what_is_hidden(void **state) {
    add(*state, "/secret/");
    struct fake_trace *trace = trace_with(*state, FORMAT_JSONL);
    fake_trace_next(trace, SYS_write, ARGS(3, 0x1000, 8), 8);
    fake_call_whole(&trace->call, 1, "\xffsecret", 8);
    fake_trace_call(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, "\"redaction_rules\":1}}\n"));
    assert_non_null(strstr(text, "{\"name\":\"write\",\"args\":[\"3\",\"\\\\377<redacted>\\\\0\",\"8\"],\"result\":8,"
                                 "\"args_b64\":{\"1\":\"/zxyZWRhY3RlZD4A\"}}"));
    void *owned = trace;
    fake_trace_tear_down(&owned);
}

static void test_the_argument_behind_an_option(void **state) {
    add(*state, "secrets");
    struct fake_trace *trace = trace_with(*state, FORMAT_CSV);
    fake_trace_next(trace, SYS_execve, ARGS(0x1000, 0x2000, 0), 0);
    fake_call_string(&trace->call, 0, "/bin/x");
    fake_call_capture(&trace->call, 1, 0, CAPTURE_WHOLE, "", 0, 3);
    fake_call_capture(&trace->call, 1, 1, CAPTURE_WHOLE, "--token", 7, 7);
    fake_call_capture(&trace->call, 1, 2, CAPTURE_WHOLE, "abc", 3, 3);
    fake_call_capture(&trace->call, 1, 3, CAPTURE_WHOLE, "GH_TOKEN=x", 10, 10);
    struct capture *vector = (struct capture *)(void *)capture_find(record_captures(&trace->call.record),
                                                                    trace->call.record.call.captures_size, 1, 0);
    vector->address = 0x2000;
    fake_trace_call(trace);
    assert_non_null(
        strstr(fake_trace_text(trace), "[\"\"--token\"\", \"\"<redacted>\"\", \"\"GH_TOKEN=<redacted>\"\"]"));
    void *owned = trace;
    fake_trace_tear_down(&owned);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_every_match_is_replaced),
        TEST(test_rules_see_raw_bytes),
        TEST(test_rules_do_not_see_each_others_marks),
        TEST(test_what_stands_before_k_stays),
        TEST(test_a_match_of_nothing_is_none),
        TEST(test_the_beginning_of_a_match_where_a_string_is_cut),
        TEST(test_what_takes_too_long_is_hidden),
        TEST(test_variables),
        TEST(test_buffers_hides_contents_alone),
        TEST(test_secrets),
        TEST(test_wrong_rules),
        TEST(test_lines),
        TEST(test_contents_of_files),
        TEST(test_of_descriptors_and_of_both_names_of_a_path),
        TEST(test_no_base64_of_what_is_hidden),
        TEST(test_the_argument_behind_an_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
