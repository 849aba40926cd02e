/* SPDX-License-Identifier: MIT
 *
 * The reader of traces: what is well-formed. Problems are in
 * test_trace_problems.c.
 */
#include "trace_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define SUMMARY "\"summary\":{\"total_syscalls\":1,\"exit_code\":0}}\n"

/* ----------------------------------------------------------- what users have */

static void read_data(const char *name, const char *expected_first, unsigned calls, uint64_t foreign) {
    char path[512];
    char problem[256];
    struct trace_reader *reader;
    struct trace_item item;
    const char *root = getenv("TRACE_DATA");
    snprintf(path, sizeof(path), "%s/%s", root ? root : "tests/data", name);
    assert_int_equal(trace_reader_open(&reader, path, problem, sizeof(problem)), 0);
    assert_int_equal(trace_reader_next(reader, &item, problem, sizeof(problem)), 1);
    assert_int_equal(item.kind, TRACE_HEAD);
    expect_bytes(item.head.version, "0.6.2");
    expect_bytes(item.head.producer, NULL);
    assert_int_equal(item.line, foreign + 1);
    unsigned count = 0;
    while (trace_reader_next(reader, &item, problem, sizeof(problem)) == 1 && item.kind == TRACE_CALL) {
        if (count++ == 0) {
            expect_bytes(item.call.name, expected_first);
        }
        assert_true(item.call.has_result);
        assert_int_equal(item.call.argument_count, 3);
        if (strcmp(item.call.name.bytes, "openat") == 0) {
            assert_true(item.call.arguments[1].quoted);
            assert_int_equal(item.call.arguments[1].text.bytes[0], '/');
        }
    }
    assert_int_equal(count, calls);
    assert_int_equal(item.kind, TRACE_CLOSING);
    assert_int_equal(item.closing.total_syscalls, calls);
    assert_int_equal(item.closing.exit_code, 0);
    assert_int_equal(item.closing.lost, -1);
    assert_int_equal(trace_reader_next(reader, &item, problem, sizeof(problem)), 0);
    assert_false(trace_reader_was_cut(reader));
    assert_int_equal(trace_reader_foreign_lines(reader), foreign);
    trace_reader_close(reader);
}

static void test_traces_of_renacer(void **state) {
    (void)state;
    read_data("trivial_cli_rust.json", "brk", 65, 0);
    read_data("trivial_cli_rust_source.json", "brk", 65, 1);
    read_data("pair_rust.json", "brk", 65, 1);
    read_data("pair_python.json", "brk", 1220, 1);
}

static void test_every_member_of_a_call(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, TRACE_BEGIN
                         ",\n \"syscalls\": [\n"
                         "{\"name\":\"openat\",\"args\":[\"AT_FDCWD\",\"/no\",\"O_RDONLY\"],\"result\":-2,"
                         "\"error\":\"ENOENT\",\"fds\":{\"0\":\"/home/me\",\"result\":\"/x\"},"
                         "\"timestamp_ns\":1767225600000000001,\"duration_us\":4,\"duration_ns\":4512,\"pid\":4711,"
                         "\"tid\":4712,\"source\":null,\"more\":{\"name\":[{\"args\":[1.5,true]}]}},\n"
                         "{\"name\":\"write\",\"args\":[\"1\",\"\\\\377\\\\0ab\",\"9\"],\"result\":4,"
                         "\"args_b64\":{\"1\":\"/wBhYg==\"},\"cut\":{\"1\":9}},\n"
                         "{\"name\":\"x\",\"args\":[\"\\\"q\\\"\"],\"cut\":{\"0\":null},\"duration_us\":7},"
                         "{\"name\":\"exit\"}]," SUMMARY);
    expect_kind(&file, TRACE_HEAD);
    expect_bytes(file.item.head.producer, "renacer-sv");
    const struct trace_call *call = expect_call(&file, "openat");
    assert_int_equal(file.item.line, 3);
    assert_int_equal(call->argument_count, 3);
    expect_bytes(call->arguments[1].text, "/no");
    expect_bytes(call->arguments[1].content, "/no");
    assert_int_equal(call->arguments[1].full_length, 3);
    expect_bytes(call->arguments[0].file, "/home/me");
    expect_bytes(call->arguments[1].file, NULL);
    expect_bytes(call->result_file, "/x");
    expect_bytes(call->error, "ENOENT");
    expect_bytes(call->result_ref, NULL);
    assert_int_equal(call->result, -2);
    assert_int_equal(call->pid, 4711);
    assert_int_equal(call->tid, 4712);
    assert_true(call->has_duration);
    assert_int_equal(call->duration_ns, 4512);
    assert_true(call->has_time_stamp);
    assert_true(call->timestamp_ns == 1767225600000000001);
    call = expect_call(&file, "write");
    expect_bytes(call->arguments[1].text, "\\377\\0ab");
    assert_int_equal(call->arguments[1].content.size, 4);
    assert_memory_equal(call->arguments[1].content.bytes, "\xff\0ab", 5);
    assert_true(call->arguments[1].is_cut);
    assert_int_equal(call->arguments[1].full_length, 9);
    assert_false(call->arguments[0].is_cut);
    assert_false(call->has_duration);
    assert_int_equal(call->pid, 0);
    call = expect_call(&file, "x");
    expect_bytes(call->arguments[0].text, "\"q\"");
    assert_false(call->arguments[0].quoted);
    assert_true(call->arguments[0].is_cut);
    assert_int_equal(call->arguments[0].full_length, 3);
    assert_int_equal(call->duration_ns, 7000);
    assert_false(call->has_result);
    call = expect_call(&file, "exit");
    assert_int_equal(call->argument_count, 0);
    expect_kind(&file, TRACE_CLOSING);
    expect_end(&file, false);
    trace_file_close(&file);
}

static void test_members_in_any_order(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, "{\"events\":[{\"tid\":2,\"pid\":1,\"event\":\"end\"}],\"summary\":{\"exit_code\":3},"
                                "\"syscalls\":[{\"tid\":1,\"cut\":{\"0\":5},\"args_b64\":{\"0\":\"AAE=\"},\"result\":7,"
                                "\"duration_ns\":5,\"duration_us\":0,\"args\":[\"a\"],\"name\":\"n\"}],"
                                "\"golden\":{\"filter\":[\"trace=a\",\"path=/x; \\u00e4\"],"
                                "\"rules\":[\"ids\",\"times\"]},\"format\":\"renacer-json-v1\"}");
    expect_kind(&file, TRACE_HEAD);
    assert_true(file.item.head.is_golden);
    expect_bytes(file.item.head.rules, "ids,times");
    expect_bytes(file.item.head.filter, "trace=a; path=/x; \xc3\xa4");
    expect_bytes(file.item.head.version, NULL);
    expect_kind(&file, TRACE_EVENT);
    const struct trace_call *call = expect_call(&file, "n");
    assert_int_equal(call->arguments[0].content.size, 2);
    assert_int_equal(call->arguments[0].full_length, 5);
    assert_int_equal(call->duration_ns, 5);
    expect_kind(&file, TRACE_CLOSING);
    assert_int_equal(file.item.closing.exit_code, 3);
    expect_end(&file, false);
    trace_file_close(&file);
}

static void test_filters(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"{\"format\":\"renacer-json-v1\",\"producer\":{\"filter\":[\"trace=a,b\",\"status=failed\"],\"name\":\"p\"}}\n"
         "{\"name\":\"a\",\"args\":[]}\n{\"summary\":{\"total_syscalls\":1}}\n",
         "trace=a,b; status=failed"},
        {"{\"producer\":{\"name\":\"p\",\"filter\":[\"path=/x\"]},\"syscalls\":[{\"name\":\"a\",\"args\":[]}],"
         "\"summary\":{\"total_syscalls\":1},\"format\":\"renacer-json-v1\"}",
         "path=/x"},
        /* None, and others of that name. */
        {"{\"format\":\"renacer-json-v1\",\"filter\":[\"a\"],\"producer\":{\"name\":\"p\",\"filter\":[],\"filters\":["
         "\"b\"]},"
         "\"syscalls\":[{\"name\":\"a\",\"args\":[]}],\"summary\":{\"filter\":[\"c\"],\"total_syscalls\":1}}",
         NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trace_file file;
        trace_file_open_text(&file, cases[i].text);
        for (int round = 0; round < 2; round++) {
            expect_kind(&file, TRACE_HEAD);
            expect_bytes(file.item.head.filter, cases[i].expected);
            expect_bytes(file.item.head.producer, "p");
            expect_call(&file, "a");
            expect_kind(&file, TRACE_CLOSING);
            expect_end(&file, false);
            expect_bytes(trace_reader_head(file.reader)->filter, cases[i].expected);
            assert_int_equal(trace_reader_rewind(file.reader), 0);
        }
        trace_file_close(&file);
    }
}

static void test_events_and_closing(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, TRACE_BEGIN
                         ",\"syscalls\":[],\"events\":["
                         "{\"event\":\"signal\",\"pid\":1,\"tid\":2,\"signal\":\"SIGCHLD\",\"code\":1,"
                         "\"sender_pid\":5},{\"event\":\"exec\",\"pid\":1,\"tid\":1,\"former_tid\":2},"
                         "{\"event\":\"end\",\"tid\":1,\"exit_code\":0},{\"event\":\"end\",\"signal\":null}],"
                         "\"summary\":{\"total_syscalls\":9,\"exit_code\":143,\"signal\":\"SIGTERM\",\"lost\":2,"
                         "\"total_time_us\":null,\"wall_time_us\":1650,\"max_rss_kb\":1412}}");
    expect_kind(&file, TRACE_HEAD);
    expect_kind(&file, TRACE_EVENT);
    expect_bytes(file.item.event.kind, "signal");
    expect_bytes(file.item.event.signal, "SIGCHLD");
    assert_int_equal(file.item.event.pid, 1);
    assert_int_equal(file.item.event.tid, 2);
    assert_false(file.item.event.has_exit_code);
    expect_kind(&file, TRACE_EVENT);
    expect_bytes(file.item.event.kind, "exec");
    expect_kind(&file, TRACE_EVENT);
    assert_true(file.item.event.has_exit_code);
    expect_kind(&file, TRACE_EVENT);
    expect_bytes(file.item.event.signal, NULL);
    expect_kind(&file, TRACE_CLOSING);
    assert_int_equal(file.item.closing.total_syscalls, 9);
    assert_int_equal(file.item.closing.exit_code, 143);
    expect_bytes(file.item.closing.signal, "SIGTERM");
    assert_int_equal(file.item.closing.lost, 2);
    assert_int_equal(file.item.closing.total_time_us, -1);
    assert_int_equal(file.item.closing.wall_time_us, 1650);
    assert_int_equal(file.item.closing.max_rss_kb, 1412);
    assert_false(file.item.closing.has_counts);
    expect_end(&file, false);
    trace_file_close(&file);
}

static void test_counts_without_calls(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, TRACE_BEGIN ",\n\"summary\":{\"total_syscalls\":30,\"exit_code\":0,\"by_call\":{\n"
                                            "\"mmap\":{\"calls\":8,\"errors\":0,\"time_us\":58,\"time_ns\":58029},\n"
                                            "\"brk\":{\"calls\":1,\"errors\":null,\"time_us\":4}}}}\n");
    expect_kind(&file, TRACE_HEAD);
    expect_kind(&file, TRACE_COUNT);
    assert_int_equal(file.item.line, 3);
    expect_bytes(file.item.count.name, "mmap");
    assert_int_equal(file.item.count.calls, 8);
    assert_int_equal(file.item.count.errors, 0);
    assert_int_equal(file.item.count.time_ns, 58029);
    expect_kind(&file, TRACE_COUNT);
    assert_int_equal(file.item.count.errors, -1);
    assert_int_equal(file.item.count.time_ns, 4000);
    expect_kind(&file, TRACE_CLOSING);
    assert_true(file.item.closing.has_counts);
    expect_end(&file, false);
    trace_file_close(&file);
}

/* A row whose name and object are fed in different pieces. */
static void test_counts_across_pieces(void **state) {
    (void)state;
    char text[20000];
    size_t size = (size_t)sprintf(text, TRACE_BEGIN ",\"summary\":{\"by_call\":{\"mmap\":");
    memset(text + size, '\n', 9000);
    size += 9000;
    sprintf(text + size, "{\"calls\":8},\n\"brk\":{\"calls\":2}}}}");
    struct trace_file file;
    trace_file_open_text(&file, text);
    expect_kind(&file, TRACE_HEAD);
    expect_kind(&file, TRACE_COUNT);
    expect_bytes(file.item.count.name, "mmap");
    assert_int_equal(file.item.line, 9001);
    assert_int_equal(file.item.offset, size);
    expect_kind(&file, TRACE_COUNT);
    assert_int_equal(file.item.line, 9002);
    expect_kind(&file, TRACE_CLOSING);
    expect_end(&file, false);
    trace_file_close(&file);
}

static void test_a_golden_trace(void **state) {
    (void)state;
    struct trace_file file;
    /* With a byte order mark and lines as Windows has them. */
    trace_file_open_text(&file,
                         "\xef\xbb\xbf" OLD_BEGIN ",\r\n\"golden\":{\"rules\":[\"addresses\"]},\"syscalls\":[\r\n"
                         "{\"name\":\"mmap\",\"args\":[\"\\\"x\\\"\"],\"result\":null,"
                         "\"result_ref\":\"mmap#3\"}]," SUMMARY);
    expect_kind(&file, TRACE_HEAD);
    assert_true(file.item.head.is_golden);
    assert_int_equal(file.item.offset, 3);
    const struct trace_call *call = expect_call(&file, "mmap");
    assert_false(call->has_result);
    expect_bytes(call->result_ref, "mmap#3");
    expect_bytes(call->arguments[0].text, "\"x\"");
    assert_int_equal(file.item.line, 3);
    expect_kind(&file, TRACE_CLOSING);
    expect_end(&file, false);
    assert_int_equal(trace_reader_foreign_lines(file.reader), 0);
    trace_file_close(&file);
}

static void test_numbers_are_exact(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, OLD_BEGIN ",\"syscalls\":[{\"name\":\"a\",\"args\":[18446744073709551616,-1.5e3,7],"
                                          "\"result\":9223372036854775807},"
                                          "{\"name\":\"b\",\"result\":-9223372036854775808},"
                                          "{\"name\":\"c\",\"result\":9007199254740993},"
                                          "{\"name\":\"\\u0000\",\"result\":-0}]}");
    expect_kind(&file, TRACE_HEAD);
    const struct trace_call *call = expect_call(&file, "a");
    assert_true(call->result == INT64_MAX);
    expect_bytes(call->arguments[0].text, "18446744073709551616");
    expect_bytes(call->arguments[1].text, "-1.5e3");
    assert_false(call->arguments[2].quoted);
    assert_true(expect_call(&file, "b")->result == INT64_MIN);
    assert_true(expect_call(&file, "c")->result == 9007199254740993);
    expect_kind(&file, TRACE_CALL);
    assert_int_equal(file.item.call.name.size, 1);
    assert_memory_equal(file.item.call.name.bytes, "\0", 2);
    /* A document without a summary is whole all the same. */
    expect_end(&file, false);
    trace_file_close(&file);
}

/* ---------------------------------------------------------------- other output */

static void test_output_around_the_document(void **state) {
    (void)state;
    static const char text[] = "{\n\n{\"format\":\"png\"}\n{\"version\":\"1\",\"events\":[{}]}\n{\"version\": {\n"
                               "\xff\xfe { \0 {}\n{\"a\":[\nin front of it: {{" OLD_BEGIN
                               ",\"syscalls\":[{\"name\":\"a\"}]}\n\n{\"behind\":1} x\n{\"version\":\n";
    struct trace_file file;
    trace_file_open(&file, text, sizeof(text) - 1);
    expect_kind(&file, TRACE_HEAD);
    assert_int_equal(file.item.line, 8);
    assert_int_equal(trace_reader_foreign_lines(file.reader), 7);
    expect_call(&file, "a");
    assert_int_equal(file.item.line, 8);
    expect_end(&file, false);
    assert_int_equal(trace_reader_foreign_lines(file.reader), 9);
    trace_file_close(&file);
}

static void test_much_output_in_front(void **state) {
    (void)state;
    enum {
        LINES = 20000
    };
    char *text = malloc(LINES * 40 + 200);
    assert_non_null(text);
    size_t size = 0;
    for (int i = 0; i < LINES; i++) {
        size += (size_t)sprintf(text + size, "{\"version\": %d, \"x\": \"{\"\n", i);
    }
    size += (size_t)sprintf(text + size, OLD_BEGIN ",\"syscalls\":[{\"name\":\"a\"}]}");
    struct trace_file file;
    trace_file_open(&file, text, size);
    expect_kind(&file, TRACE_HEAD);
    assert_int_equal(file.item.line, LINES + 1);
    expect_call(&file, "a");
    expect_end(&file, false);
    assert_int_equal(trace_reader_foreign_lines(file.reader), LINES);
    trace_file_close(&file);
    free(text);
}

/* ------------------------------------------------------------------ JSON Lines */

/* What -s and -k add, with members whose names are those of calls, and older traces' null. */
#define PLACED                                                                                                         \
    "{\"name\":\"write\",\"args\":[\"1\",\"x\",\"1\"],\"result\":1,\"source\":{\"file\":\"src/main.c\",\"line\":42,"   \
    "\"function\":\"main\"},\"stack\":[{\"module\":\"/usr/lib/libc.so.6\",\"function\":\"write\",\"offset\":20,"       \
    "\"address\":\"0xf7974\",\"file\":null,\"line\":null},{\"module\":\"/usr/bin/prog\",\"function\":\"main\","        \
    "\"offset\":29,\"address\":\"0x1161\",\"file\":\"src/"                                                             \
    "main.c\",\"line\":42,\"inlined\":true}],\"stack_end\":\"cut\"}"
#define UNPLACED                                                                                                       \
    "{\"source\":{\"file\":null,\"line\":null,\"function\":\"main\",\"offset\":29,\"module\":null,\"result\":7,"       \
    "\"args\":[{\"name\":\"read\"}],\"pid\":8},\"stack\":[],\"name\":\"close\",\"args\":[\"3\"],\"result\":0,\"tid\":" \
    "9}"
#define UNKNOWN "{\"name\":\"getpid\",\"args\":[],\"result\":5,\"source\":null,\"stack\":null}"

static void expect_placed(struct trace_file *file) {
    const struct trace_call *call = expect_call(file, "write");
    assert_int_equal(call->argument_count, 3);
    assert_int_equal(call->result, 1);
    assert_int_equal(call->pid, 0);
    call = expect_call(file, "close");
    assert_int_equal(call->argument_count, 1);
    expect_bytes(call->arguments[0].text, "3");
    assert_int_equal(call->result, 0);
    assert_int_equal(call->pid, 0);
    assert_int_equal(call->tid, 9);
    call = expect_call(file, "getpid");
    assert_int_equal(call->result, 5);
}

static void test_places_and_stacks_are_passed_over(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, TRACE_BEGIN ",\"syscalls\":[" PLACED "," UNPLACED "," UNKNOWN "]," SUMMARY);
    expect_kind(&file, TRACE_HEAD);
    expect_placed(&file);
    expect_kind(&file, TRACE_CLOSING);
    expect_end(&file, false);
    trace_file_close(&file);

    trace_file_open_text(&file, TRACE_BEGIN "}\n" PLACED "\n" UNPLACED "\n" UNKNOWN
                                            "\n{\"summary\":{\"total_syscalls\":3,\"exit_code\":0}}\n");
    expect_kind(&file, TRACE_HEAD);
    expect_placed(&file);
    expect_kind(&file, TRACE_CLOSING);
    expect_end(&file, false);
    assert_int_equal(trace_reader_foreign_lines(file.reader), 0);
    trace_file_close(&file);
}

static void test_json_lines(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, "first\n" TRACE_BEGIN "}\n"
                                "{\"name\":\"write\",\"args\":[\"1\"],\"result\":1,\"pid\":5,\"duration_us\":2}\n"
                                "{\"event\":\"end\",\"pid\":7,\"tid\":8,\"exit_code\":3}\r\n"
                                "\n{\"code\":1,\"event\":\"signal\",\"tid\":8,\"signal\":\"SIGHUP\"}\n"
                                "{\"summary\":{\"total_syscalls\":1,\"by_call\":{\"write\":{\"calls\":1}}}}\nlast");
    expect_kind(&file, TRACE_HEAD);
    const struct trace_call *call = expect_call(&file, "write");
    assert_int_equal(file.item.line, 3);
    assert_int_equal(call->pid, 5);
    assert_int_equal(call->duration_ns, 2000);
    expect_kind(&file, TRACE_EVENT);
    assert_int_equal(file.item.event.pid, 7);
    assert_int_equal(file.item.event.tid, 8);
    assert_int_equal(file.item.event.exit_code, 3);
    expect_kind(&file, TRACE_EVENT);
    assert_int_equal(file.item.line, 6);
    expect_bytes(file.item.event.signal, "SIGHUP");
    assert_false(file.item.event.has_exit_code);
    expect_kind(&file, TRACE_COUNT);
    expect_kind(&file, TRACE_CLOSING);
    assert_int_equal(file.item.line, 7);
    expect_end(&file, false);
    assert_int_equal(trace_reader_foreign_lines(file.reader), 2);
    trace_file_close(&file);
}

static void test_output_between_json_lines(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, TRACE_BEGIN
                         "}\nfoo\n{ foo\n{\"name\":\"bob\",\"age\":1}\n{\"name\":5,\"age\":\n"
                         "no newline{\"name\":\"a\",\"args\":[]}\n{\"event\":\"party\"}\n"
                         "{\"summary\":{\"x\":1}}\n{\"summary\":\"x\"}\n{\"a\":[{\"name\":\"b\",\"args\":[]}\n"
                         "{\"name\":\"c\",\"args\":[]}{\"name\":\"d\",\"result\":1} x\n[1,2]\n"
                         "{\"format\":\"png\"}\n{\"name\":\"e\",\"result\":null}\n");
    expect_kind(&file, TRACE_HEAD);
    expect_call(&file, "a");
    assert_int_equal(file.item.line, 6);
    expect_call(&file, "b");
    expect_call(&file, "c");
    expect_call(&file, "d");
    assert_int_equal(file.item.line, 11);
    expect_call(&file, "e");
    assert_int_equal(file.item.line, 14);
    expect_end(&file, true);
    assert_int_equal(trace_reader_foreign_lines(file.reader), 12);
    trace_file_close(&file);
}

static void test_json_lines_over_several_lines(void **state) {
    (void)state;
    struct trace_file file;
    trace_file_open_text(&file, "{\n\"format\":\"renacer-json-v1\"\n}\n{\n\"name\":\"a\",\n\"args\":[\n\"1\"]\n}\n"
                                "{\n\"name\":\"b\",\"args\":[]} x\n{\"summary\":{\n\"total_syscalls\":1}\n}\n");
    expect_kind(&file, TRACE_HEAD);
    expect_call(&file, "a");
    assert_int_equal(file.item.line, 4);
    expect_call(&file, "b");
    assert_int_equal(file.item.line, 9);
    expect_kind(&file, TRACE_CLOSING);
    assert_int_equal(file.item.line, 11);
    expect_end(&file, false);
    trace_file_close(&file);
}

/* --------------------------------------------------------------------- cut off */

/* However many bytes there are: the calls that are complete are given, and nothing else. */
static void cut_everywhere(const char *whole, size_t head_size) {
    size_t size = strlen(whole);
    for (size_t length = head_size; length < size; length++) {
        struct trace_file file;
        trace_file_open(&file, whole, length);
        expect_kind(&file, TRACE_HEAD);
        unsigned complete = 0;
        for (const char *end = whole; (end = strstr(end, "\"E\"}")) && end + 4 <= whole + length; end++) {
            complete++;
        }
        for (unsigned i = 0; i < complete; i++) {
            expect_call(&file, "write");
            expect_bytes(file.item.call.arguments[0].text, "a\nb");
        }
        int status = trace_file_next(&file);
        while (status == 1 && file.item.kind == TRACE_CLOSING) {
            status = trace_file_next(&file);
        }
        assert_int_equal(status, 0);
        assert_true(trace_reader_was_cut(file.reader));
        trace_file_close(&file);
    }
}

#define CUT_CALL "{\"name\":\"write\",\"args\":[\"a\\u000ab\",-12],\"result\":123,\"error\":\"E\"}"

static void test_cut_anywhere(void **state) {
    (void)state;
    cut_everywhere(TRACE_BEGIN ",\"syscalls\":[" CUT_CALL "," CUT_CALL "],\"x\":tru"
                               "e,\"summary\":{\"lost\":0}}",
                   sizeof(OLD_BEGIN) - 1);
    /* Of JSON Lines it is the summary that is missing. */
    cut_everywhere(TRACE_BEGIN "}\n" CUT_CALL "\n" CUT_CALL "\n{\"summary\":{\"total_syscalls\":0}}",
                   sizeof(TRACE_BEGIN));
}

/* ----------------------------------------------------------------- again, at a place */

static void test_rewind_and_call_at(void **state) {
    (void)state;
    enum {
        CALLS = 30000
    };
    char *text = malloc(CALLS * 200);
    assert_non_null(text);
    size_t size = (size_t)sprintf(text, "x\n%s,\"syscalls\":[", OLD_BEGIN);
    for (int i = 0; i < CALLS; i++) {
        size +=
            (size_t)sprintf(text + size, "%s\n{\"name\":\"c%d\",\"args\":[\"\\\"/f%d\\\"\",\"%0*d\"],\"result\":%d}",
                            i ? "," : "", i, i, i % 90 + 1, i, i);
    }
    size += (size_t)sprintf(text + size, "]}");
    struct trace_file file;
    trace_file_open(&file, text, size);
    uint64_t *offsets = malloc(CALLS * sizeof(*offsets));
    assert_non_null(offsets);
    for (int round = 0; round < 2; round++) {
        expect_kind(&file, TRACE_HEAD);
        for (int i = 0; i < CALLS; i++) {
            expect_kind(&file, TRACE_CALL);
            assert_int_equal(file.item.call.result, i);
            assert_int_equal(file.item.line, i + 3);
            offsets[i] = file.item.offset;
            if (i % 1000 == 7) {
                /* An earlier one in between does not change what comes next. */
                assert_int_equal(
                    trace_reader_call_at(file.reader, offsets[i / 2], &file.item, file.problem, sizeof(file.problem)),
                    1);
                assert_int_equal(file.item.call.result, i / 2);
                assert_int_equal(file.item.line, i / 2 + 3);
                assert_int_equal(file.item.offset, offsets[i / 2]);
                assert_true(file.item.call.arguments[0].quoted);
            }
        }
        expect_end(&file, false);
        assert_int_equal(trace_reader_foreign_lines(file.reader), 1);
        assert_int_equal(trace_reader_rewind(file.reader), 0);
    }
    assert_int_equal(trace_reader_call_at(file.reader, 0, &file.item, file.problem, sizeof(file.problem)), -EINVAL);
    assert_int_equal(trace_reader_call_at(file.reader, size + 5, &file.item, file.problem, sizeof(file.problem)),
                     -EINVAL);
    assert_int_equal(trace_reader_call_at(file.reader, offsets[9], &file.item, file.problem, sizeof(file.problem)), 1);
    assert_int_equal(file.item.call.result, 9);
    free(offsets);
    free(text);
    trace_file_close(&file);
}

/* ------------------------------------------------------------------------ size */

static void test_long_strings(void **state) {
    (void)state;
    enum {
        SIZE = 3 << 20
    };
    char *text = malloc(SIZE + 400);
    if (!text) {
        fail(); /* gcc knows that nothing comes after abort() alone */
        abort();
    }
    size_t size = (size_t)sprintf(text, "%s,\"x\":\"", OLD_BEGIN);
    memset(text + size, 'x', SIZE / 3);
    size += SIZE / 3;
    size += (size_t)sprintf(text + size, "\",\"syscalls\":[{\"name\":\"w\",\"args\":[\"");
    memset(text + size, 'y', SIZE / 2);
    text[size + 5] = '\\';
    text[size + 6] = 'n';
    size += SIZE / 2;
    size += (size_t)sprintf(text + size, "\",\"2\"],\"result\":1},{\"name\":\"v\"}]}");
    struct trace_file file;
    trace_file_open(&file, text, size);
    expect_kind(&file, TRACE_HEAD);
    expect_call(&file, "w");
    assert_int_equal(file.item.call.arguments[0].text.size, SIZE / 2 - 1);
    assert_int_equal(file.item.call.arguments[0].text.bytes[5], '\n');
    expect_bytes(file.item.call.arguments[1].text, "2");
    expect_call(&file, "v");
    expect_end(&file, false);
    trace_file_close(&file);
    free(text);
}

static long peak_kb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* 300 000 calls in one line, and so many more bytes than may be used for it. */
static void test_memory_is_bounded(void **state) {
    (void)state;
    enum {
        CALLS = 300000
    };
    struct trace_file file;
    trace_file_open_text(&file, "");
    FILE *stream = fopen(file.path, "w");
    assert_non_null(stream);
    fprintf(stream, "%s,\"syscalls\":[", TRACE_BEGIN);
    for (int i = 0; i < CALLS; i++) {
        fprintf(stream, "%s{\"name\":\"write\",\"args\":[\"1\",\"Hello, number %d\\n\",\"9\"],\"result\":%d}",
                i ? "," : "", i, i);
    }
    fprintf(stream, "]}");
    fclose(stream);
    long before = peak_kb();
    expect_kind(&file, TRACE_HEAD);
    for (int i = 0; i < CALLS; i++) {
        expect_call(&file, "write");
        assert_int_equal(file.item.call.result, i);
        assert_int_equal(file.item.line, 1);
    }
    expect_end(&file, false);
    long grown = peak_kb() - before;
#if defined(__SANITIZE_ADDRESS__)
    grown /= 16; /* the quarantine keeps what was freed */
#endif
    if (grown > 2048) {
        fail_msg("%ld KiB more were used", grown);
    }
    trace_file_close(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        /* First, for the peak of memory is that of all tests before as well. */
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_traces_of_renacer),
        cmocka_unit_test(test_every_member_of_a_call),
        cmocka_unit_test(test_members_in_any_order),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_events_and_closing),
        cmocka_unit_test(test_counts_without_calls),
        cmocka_unit_test(test_counts_across_pieces),
        cmocka_unit_test(test_a_golden_trace),
        cmocka_unit_test(test_numbers_are_exact),
        cmocka_unit_test(test_output_around_the_document),
        cmocka_unit_test(test_much_output_in_front),
        cmocka_unit_test(test_places_and_stacks_are_passed_over),
        cmocka_unit_test(test_json_lines),
        cmocka_unit_test(test_output_between_json_lines),
        cmocka_unit_test(test_json_lines_over_several_lines),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_rewind_and_call_at),
        cmocka_unit_test(test_long_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
