/* SPDX-License-Identifier: MIT
 *
 * The reader of traces: files that are none, or wrong somewhere, and files
 * that cannot be read.
 */
#include "trace_file.h"

#include "cleanup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ------------------------------------------------------------------- no trace in it */

static void assert_no_trace(const char *bytes, size_t size, const char *expected) {
    struct trace_file file;
    trace_file_open(&file, bytes, size);
    expect_problem(&file, expected);
    trace_file_close(&file);
}

static void test_no_trace(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"", " no trace in it: it is empty"},
        {"\n", " no trace in it: there is no JSON object with \"format\": \"renacer-json-v1\" (as written with "
               "--format json)"},
        {"hello {\n{\"a\":1}", " no trace in it: there is no JSON object with \"format\": \"renacer-json-v1\" (as "
                               "written with --format json)"},
        {"x\n{\"version\":\"1\",\"format\":\"renacer-json-v2\",\"syscalls\":[]}",
         " no trace in it: the format of the object in line 2 is \"renacer-json-v2\", not \"renacer-json-v1\""},
        {"{\"format\":\"\\u001b[31m\"}",
         " no trace in it: the format of the object in line 1 is \"\\33[31m\", not \"renacer-json-v1\""},
        {"x\n{\"version\": \"0.6.2\", \"form", " no trace in it: what begins in line 2 ends before its \"format\""},
        {"{", " no trace in it: what begins in line 1 ends before its \"format\""},
        {"\xff\xfe{", " no trace in it: it seems to be UTF-16, a trace is UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_no_trace(cases[i].text, strlen(cases[i].text), cases[i].expected);
    }
    assert_no_trace("\0\0\0", 3,
                    " no trace in it: there is no JSON object with \"format\": \"renacer-json-v1\" (as written with "
                    "--format json)");
}

/* ----------------------------------------------------------------------- wrong types */

/* The text stands in line 2 of a document, and is where the problem is if `column` says so. */
static void assert_problem(const char *text, unsigned column, const char *expected) {
    char document[8192];
    char problem[256];
    snprintf(document, sizeof(document), "%s,\n%s", OLD_BEGIN, text);
    snprintf(problem, sizeof(problem), "2:%u: %s", column, expected);
    struct trace_file file;
    trace_file_open_text(&file, document);
    expect_kind(&file, TRACE_HEAD);
    expect_problem(&file, problem);
    trace_file_close(&file);
}

/* The same of a call, whose text this is. */
static void assert_call_problem(const char *text, unsigned column, const char *expected) {
    char call[8192];
    snprintf(call, sizeof(call), "\"syscalls\":[%s]}", text);
    assert_problem(call, column + 13, expected);
}

static void test_wrong_types(void **state) {
    (void)state;
    assert_problem("\"syscalls\":{}}", 12, "\"syscalls\" must be a list");
    assert_problem("\"syscalls\": null}", 13, "\"syscalls\" must be a list");
    assert_problem("\"events\":1}", 10, "\"events\" must be a list");
    assert_problem("\"summary\":[]}", 11, "\"summary\" must be an object");
    assert_problem("\"syscalls\":[],\"producer\":\"x\"}", 26, "\"producer\" must be an object or null");
    assert_problem("\"syscalls\":[],\"golden\":true}", 24, "\"golden\" must be an object or null");
    assert_problem("\"events\":[\"x\"]}", 11, "an event must be an object");
    assert_problem("\"events\":[{\"pid\":1}]}", 11, "an event must have a member \"event\"");
    assert_problem("\"events\":[{\"event\":1}]}", 20, "\"event\" must be a string");
    assert_problem("\"summary\":{\"lost\":-1}}", 19, "\"lost\" must not be negative");
    assert_problem("\"summary\":{\"signal\":9}}", 21, "\"signal\" must be a string or null");
    assert_problem("\"summary\":{\"by_call\":[]}}", 22, "\"by_call\" must be an object");
    assert_problem("\"summary\":{\"by_call\":{\"a\":1}}}", 27, "a row of \"by_call\" must be an object");
    assert_problem("\"summary\":{\"by_call\":{\"a\":{}}}}", 27, "a row of \"by_call\" must have \"calls\"");
    assert_problem("\"summary\":{\"by_call\":{\"a\":{\"calls\":null}}}}", 36, "\"calls\" must be an integer");
}

static void test_wrong_calls(void **state) {
    (void)state;
    assert_call_problem("7", 0, "a call must be an object");
    assert_call_problem("{\"args\":[]}", 0, "a call must have a \"name\"");
    assert_call_problem("{\"name\":1}", 8, "\"name\" must be a string");
    assert_call_problem("{\"name\" : null}", 10, "\"name\" must be a string");
    assert_call_problem("{\"args\":null}", 8, "\"args\" must be a list");
    assert_call_problem("{\"args\":[null]}", 9, "an argument must be a string or a number");
    assert_call_problem("{\"args\":[[]]}", 9, "an argument must be a string or a number");
    assert_call_problem("{\"args\":[\"1\",2,\"3\",4,5,6,7,8,9]}", 29, "a call has at most 8 arguments");
    assert_call_problem("{\"result\":\"x\"}", 10, "\"result\" must be an integer or null");
    assert_call_problem("{\"result\":1.0}", 10, "\"result\" must be an integer or null");
    assert_call_problem("{\"result\":1e3}", 10, "\"result\" must be an integer or null");
    assert_call_problem("{\"result\":{}}", 10, "\"result\" must be an integer or null");
    assert_call_problem("{\"result\":9223372036854775808}", 10, "\"result\" must be an integer of 64 bits");
    assert_call_problem("{\"result\":-9223372036854775809}", 10, "\"result\" must be an integer of 64 bits");
    assert_call_problem("{\"result\":99999999999999999999999}", 10, "\"result\" must be an integer of 64 bits");
    assert_call_problem("{\"duration_ns\":-1}", 15, "\"duration_ns\" must not be negative");
    assert_call_problem("{\"name\":\"a\",\"duration_us\":9223372036854775807}", 0,
                        "\"duration_us\" must be an integer of 64 bits in nanoseconds");
    assert_call_problem("{\"pid\":true}", 7, "\"pid\" must be an integer or null");
    assert_call_problem("{\"error\":1}", 9, "\"error\" must be a string or null");
    assert_call_problem("{\"name\":\"a\",\"name\":\"a\"}", 12, "\"name\" stands here twice");
    assert_call_problem("{\"name\":\"\xc3(\"}", 8, "a string must be UTF-8");
    assert_call_problem("{\"name\":\"\xed\xa0\x80\"}", 8, "a string must be UTF-8");
}

static void test_wrong_indices(void **state) {
    (void)state;
    assert_call_problem("{\"args_b64\":[]}", 12, "\"args_b64\" must be an object");
    assert_call_problem("{\"args_b64\":{\"x\":\"\"}}", 13, "the keys of \"args_b64\" must be indices into \"args\"");
    assert_call_problem("{\"cut\":{\"10\":1}}", 8, "the keys of \"cut\" must be indices into \"args\"");
    assert_call_problem("{\"cut\":{\"8\":1}}", 8, "the keys of \"cut\" must be indices into \"args\"");
    assert_call_problem("{\"fds\":{\"\":\"\"}}", 8, "the keys of \"fds\" must be indices into \"args\"");
    assert_call_problem("{\"args_b64\":{\"0\":1}}", 17, "a value in \"args_b64\" must be a string");
    assert_call_problem("{\"args_b64\":{\"0\":\"YQ\"}}", 17, "\"args_b64\" must be Base64");
    assert_call_problem("{\"args_b64\":{\"0\":\"Y!==\"}}", 17, "\"args_b64\" must be Base64");
    assert_call_problem("{\"cut\":{\"0\":\"1\"}}", 12, "a value in \"cut\" must be an integer or null");
    assert_call_problem("{\"cut\":{\"0\":-1}}", 12, "\"cut\" must not be negative");
    assert_call_problem("{\"cut\":{\"0\":1,\"0\":2}}", 14, "\"cut\" says the same argument twice");
    assert_call_problem("{\"name\":\"a\",\"args\":[\"1\"],\"cut\":{\"1\":1}}", 0,
                        "\"cut\" speaks of an argument that the call does not have");
    assert_call_problem("{\"name\":\"a\",\"args_b64\":{\"0\":\"\"}}", 0,
                        "\"args_b64\" speaks of an argument that the call does not have");
    assert_call_problem("{\"name\":\"a\",\"fds\":{\"7\":\"\"}}", 0,
                        "\"fds\" speaks of an argument that the call does not have");
}

/* ------------------------------------------------------------------------------ JSON */

static void test_no_json(void **state) {
    (void)state;
    assert_call_problem("{\"name\" \"a\"}", 8, "this is not JSON");
    assert_call_problem("{\"name\":\"a\nb\"}", 8, "this is not JSON");
    assert_call_problem("{\"name\":\"\\x\"}", 8, "this is not JSON");
    assert_call_problem("{\"name\":nul}", 8, "this is not JSON");
    assert_call_problem("{'name':1}", 1, "this is not JSON");
    assert_call_problem("{,}", 2, "this is not JSON");
    struct trace_file file;
    static const char with_nul[] = OLD_BEGIN ",\"syscalls\":[\0]}";
    trace_file_open(&file, with_nul, sizeof(with_nul) - 1);
    expect_kind(&file, TRACE_HEAD);
    assert_int_equal(trace_file_next(&file), -EINVAL);
    assert_non_null(strstr(file.problem, ":1:59: this is not JSON"));
    trace_file_close(&file);
}

static void test_depth(void **state) {
    (void)state;
    char deep[300];
    /* Of 64 levels the document, the list of calls and the call are three. */
    for (unsigned levels = 61; levels <= 62; levels++) {
        size_t size = (size_t)sprintf(deep, "{\"name\":\"a\",\"x\":");
        memset(deep + size, '[', levels);
        memset(deep + size + levels, ']', levels);
        strcpy(deep + size + 2 * levels, "}");
        if (levels == 62) {
            assert_call_problem(deep, (unsigned)size + 61, "objects and lists stand in each other more than 64 deep");
            break;
        }
        char document[512];
        snprintf(document, sizeof(document), "%s,\"syscalls\":[%s]}", OLD_BEGIN, deep);
        struct trace_file file;
        trace_file_open_text(&file, document);
        expect_kind(&file, TRACE_HEAD);
        expect_call(&file, "a");
        expect_end(&file, false);
        trace_file_close(&file);
    }
}

static void test_what_was_complete_comes_first(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, OLD_BEGIN ",\"syscalls\":[\n{\"name\":\"a\"},\n{\"name\":\"b\"},\n  {\"name\":[]}]}");
    expect_kind(&file, TRACE_HEAD);
    expect_call(&file, "a");
    expect_call(&file, "b");
    expect_problem(&file, "4:11: \"name\" must be a string");
    /* And again. */
    assert_int_equal(trace_reader_rewind(file.reader), 0);
    expect_kind(&file, TRACE_HEAD);
    expect_call(&file, "a");
    expect_call(&file, "b");
    expect_problem(&file, "4:11: \"name\" must be a string");
    trace_file_close(&file);
}

static void test_second_trace(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, OLD_BEGIN ",\"syscalls\":[]}\nfoo " OLD_BEGIN "}");
    expect_kind(&file, TRACE_HEAD);
    expect_problem(&file, "2:5: a second trace begins here");
    trace_file_close(&file);
    trace_file_open_text(&file, TRACE_BEGIN "}\n" TRACE_BEGIN "}");
    expect_kind(&file, TRACE_HEAD);
    expect_problem(&file, "2:1: a second trace begins here");
    trace_file_close(&file);
    trace_file_open_text(&file, TRACE_BEGIN "}\n{\"summary\":{\"total_syscalls\":0}}\n" TRACE_BEGIN "}");
    expect_kind(&file, TRACE_HEAD);
    expect_kind(&file, TRACE_CLOSING);
    expect_problem(&file, "3:1: a second trace begins here");
    trace_file_close(&file);
}

static void test_wrong_head_of_lines(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, "x\n" OLD_BEGIN ",\n\"producer\":\"x\"}\n{\"name\":\"x\",\"args\":[]}\n");
    expect_problem(&file, "3:12: \"producer\" must be an object or null");
    trace_file_close(&file);
}

static void test_wrong_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        const char *expected;
    } cases[] = {
        {"{\"name\":\"w\",\"args\":[],\"result\":\"1\"}", "2:32: \"result\" must be an integer or null"},
        {"{\"name\":5,\"args\":[]}", "2:9: \"name\" must be a string"},
        {"{\"name\":\"w\",\"args\":[],\"res", "2:23: this is not JSON"},
        {"{\"name\":\"w\",\"args\":[],", "2:23: the line ends within an object"},
        {"{\"name\":\"w\",\"args\":[],\"cut\":{\"3\":1}}",
         "2:1: \"cut\" speaks of an argument that the call does not have"},
        {"{\"event\":7,\"pid\":1}", "2:10: \"event\" must be a string"},
        {"{\"summary\":{\"lost\":-1,\"total_syscalls\":1}}", "2:20: \"lost\" must not be negative"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[512];
        snprintf(text, sizeof(text), "%s}\n%s\n{\"name\":\"x\",\"args\":[]}\n", TRACE_BEGIN, cases[i].line);
        struct trace_file file;
        trace_file_open_text(&file, text);
        expect_kind(&file, TRACE_HEAD);
        expect_problem(&file, cases[i].expected);
        trace_file_close(&file);
    }
}

/* ------------------------------------------------------------------------------ size */

static void test_too_long_a_string(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, OLD_BEGIN ",\"syscalls\":[{\"name\":\"a\"},\n{\"name\":\"");
    /* A hole in the file would be NULs: write blanks. */
    static char blanks[1 << 20];
    memset(blanks, ' ', sizeof(blanks));
    auto_fd fd = open(file.path, O_WRONLY | O_APPEND);
    for (int i = 0; i < 65; i++) {
        assert_int_equal(write(fd, blanks, sizeof(blanks)), sizeof(blanks));
    }
    expect_kind(&file, TRACE_HEAD);
    expect_call(&file, "a");
    expect_problem(&file, "2:1: a call or string is longer than 64 MiB");
    trace_file_close(&file);
}

/* ----------------------------------------------------------------------------- files */

static void assert_open_problem(const char *path, int error, const char *expected) {
    struct trace_reader *reader = NULL;
    char problem[512];
    assert_int_equal(trace_reader_open(&reader, path, problem, sizeof(problem)), error);
    assert_string_equal(problem, expected);
    assert_null(reader);
}

static void test_files_that_cannot_be_read(void **state) {
    (void)state;
    assert_open_problem("/nonexistent/x", -ENOENT, "cannot open /nonexistent/x: No such file or directory");
    assert_open_problem("/tmp", -EISDIR, "cannot read /tmp: Is a directory");
    assert_open_problem("", -ENOENT, "cannot open : No such file or directory");
    struct trace_file file;
    trace_file_open_text(&file, "");
    chmod(file.path, 0);
    pid_t child = fork();
    if (child == 0) {
        char problem[512];
        struct trace_reader *reader;
        int status =
            getuid() == 0 && setuid(65534) < 0 ? 0 : trace_reader_open(&reader, file.path, problem, sizeof(problem));
        _exit(status == -EACCES && strstr(problem, ": Permission denied") ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    trace_file_close(&file);
    trace_reader_close(NULL);
}

/* What is read from standard input, which is `fd`. */
static void read_input(int fd) {
    int kept = dup(STDIN_FILENO);
    assert_true(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    struct trace_file file = {.path = "standard input"};
    assert_int_equal(trace_reader_open(&file.reader, "-", file.problem, sizeof(file.problem)), 0);
    dup2(kept, STDIN_FILENO);
    close(kept);
    for (int round = 0; round < 2; round++) {
        expect_kind(&file, TRACE_HEAD);
        expect_call(&file, "a");
        expect_problem(&file, "1:72: a call must have a \"name\"");
        assert_int_equal(trace_reader_rewind(file.reader), 0);
    }
    trace_reader_close(file.reader);
}

static void test_standard_input(void **state) {
    (void)state;
    static const char text[] = OLD_BEGIN ",\"syscalls\":[{\"name\":\"a\"},{}]}";
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, sizeof(text) - 1), sizeof(text) - 1);
    close(ends[1]);
    read_input(ends[0]);
    close(ends[0]);
    /* A file of which something has been read before: it begins where that ended. */
    struct trace_file file;
    trace_file_open_text(&file, "read before\n");
    int fd = open(file.path, O_RDWR);
    assert_int_equal(lseek(fd, 0, SEEK_END), 12);
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    lseek(fd, 12, SEEK_SET);
    read_input(fd);
    close(fd);
    trace_file_close(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_trace),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_wrong_calls),
        cmocka_unit_test(test_wrong_indices),
        cmocka_unit_test(test_no_json),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_what_was_complete_comes_first),
        cmocka_unit_test(test_second_trace),
        cmocka_unit_test(test_wrong_head_of_lines),
        cmocka_unit_test(test_wrong_lines),
        cmocka_unit_test(test_too_long_a_string),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
