/* SPDX-License-Identifier: MIT
 *
 * The tally of places, and the tables of -c -s that are made of it.
 */
#include "place_tally.h"

#include "fake_sources.h"
#include "form.h"
#include "output.h"

#include <cjson/cJSON.h>

static const struct frame main_42 = {
    .module = "/usr/bin/prog", .function = "main", .file = "src/main.c", .line = 42, .offset = 29, .user = true};
static const struct frame main_7 = {
    .module = "/usr/bin/prog", .function = "main", .file = "src/main.c", .line = 7, .offset = 4, .user = true};
static const struct frame stripped = {.module = "/usr/bin/tool", .function = "work", .offset = 3};
static const struct frame stripped_later = {.module = "/usr/bin/tool", .function = "work", .offset = 77};
static const struct frame stripped_elsewhere = {.module = "/usr/lib/libtool.so", .function = "work", .offset = 3};

static int set_up(void **state) {
    int status = fake_trace_set_up(state, FORMAT_TEXT);
    if (status == 0) {
        struct fake_trace *trace = *state;
        fake_sources_set_up(trace);
        trace->options.output.source = true;
        trace->options.output.summary = SUMMARY_ONLY;
    }
    return status;
}

/* So many calls from there, each of which took so long. */
static void calls(struct fake_trace *trace, const struct frame *place, unsigned count, uint64_t duration_ns) {
    trace->options.output.sources->place = place;
    for (unsigned i = 0; i < count; i++) {
        fake_sources_call(trace, SYS_close, duration_ns);
    }
}

static void failing_call(struct fake_trace *trace, const struct frame *place) {
    trace->options.output.sources->place = place;
    fake_trace_next(trace, SYS_access, ARGS(3), -ENOENT)->duration_ns = 1000;
    fake_trace_call(trace);
}

/* Two lines, a function without lines, and calls that nobody can place. */
static void count_some(struct fake_trace *trace) {
    calls(trace, &main_42, 3, 2000);
    calls(trace, &main_7, 1, 91000);
    failing_call(trace, &main_42);
    calls(trace, &stripped, 1, 500);
    calls(trace, &stripped_later, 1, 500);
    calls(trace, NULL, 1, 1000);
    fake_trace_next(trace, SYS_exit_group, ARGS(0), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    trace->options.output.sources->place = &main_7;
    fake_trace_call(trace);
    fake_trace_end(trace);
}

static void test_the_table(void **state) {
    struct fake_trace *trace = *state;
    count_some(trace);
    assert_written(trace, "% time     seconds  usecs/call     calls    errors source\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "  7.00    0.000007           1         4         1 src/main.c:42 (main)\n"
                          "  1.00    0.000001           0         2           work (/usr/bin/tool)\n"
                          " 91.00    0.000091          91         1           src/main.c:7 (main)\n"
                          "  1.00    0.000001           1         1           [unknown]\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "100.00    0.000100          12         8         1 total\n");
}

static void test_by_time(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.order = TALLY_BY_TIME;
    count_some(trace);
    const char *text = fake_trace_text(trace);
    assert_true(strstr(text, "src/main.c:7 ") < strstr(text, "src/main.c:42 "));
    assert_true(strstr(text, "src/main.c:42 ") < strstr(text, "work ("));
    assert_true(strstr(text, "work (") < strstr(text, "[unknown]"));
}

static void test_behind_the_calls(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_TOO;
    calls(trace, &main_42, 1, 2000);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_ptr_equal(strstr(text, "close(3)"), text);
    assert_non_null(strstr(text, "100.00    0.000002           2         1           src/main.c:42 (main)\n"));
}

static void test_csv(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame odd = {.function = "f, \"g\"", .file = "a b.c", .line = 1};
    trace->options.output.format = FORMAT_CSV;
    trace->options.output.timing = true;
    static const struct frame formula = {.function = "f", .file = "=A1", .line = 1};
    calls(trace, &odd, 3, 2000);
    calls(trace, &formula, 2, 2000);
    failing_call(trace, &stripped);
    trace->summary.incomplete = "it broke";
    fake_trace_end(trace);
    assert_written(trace, "source,calls,errors,total_time\n"
                          "\"a b.c:1 (f, \"\"g\"\")\",3,0,6us\n"
                          "./=A1:1 (f),2,0,4us\n"
                          "work (/usr/bin/tool),1,1,1us\n"
                          "+++ trace incomplete,it broke,,\n");
}

static const cJSON *row_at(const cJSON *rows, int index) {
    return cJSON_GetArrayItem(rows, index);
}

static void assert_row(const cJSON *row, const char *file, int line, const char *function, int count) {
    const cJSON *member = cJSON_GetObjectItem(row, "file");
    assert_true(file ? strcmp(cJSON_GetStringValue(member), file) == 0 : cJSON_IsNull(member));
    member = cJSON_GetObjectItem(row, "line");
    assert_true(line ? cJSON_GetNumberValue(member) == line : cJSON_IsNull(member));
    member = cJSON_GetObjectItem(row, "function");
    assert_true(function ? strcmp(cJSON_GetStringValue(member), function) == 0 : cJSON_IsNull(member));
    assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(row, "calls")), count);
}

static void assert_json(struct fake_trace *trace, enum format format) {
    trace->options.output.format = format;
    count_some(trace);
    const char *text = fake_trace_text(trace);
    cJSON *document = cJSON_Parse(format == FORMAT_JSON ? text : strchr(text, '\n') + 1);
    assert_non_null(document);
    const cJSON *summary = cJSON_GetObjectItem(document, "summary");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(summary, "by_call")), 2);
    const cJSON *rows = cJSON_GetObjectItem(summary, "by_source");
    assert_int_equal(cJSON_GetArraySize(rows), 4);
    assert_row(row_at(rows, 0), "src/main.c", 42, "main", 4);
    assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(row_at(rows, 0), "errors")), 1);
    assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(row_at(rows, 0), "time_us")), 7);
    assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(row_at(rows, 0), "time_ns")), 7000);
    assert_null(cJSON_GetObjectItem(row_at(rows, 0), "module"));
    assert_row(row_at(rows, 1), NULL, 0, "work", 2);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(row_at(rows, 1), "module")), "/usr/bin/tool");
    assert_row(row_at(rows, 3), NULL, 0, NULL, 1);
    cJSON_Delete(document);
}

static void test_json(void **state) {
    assert_json(*state, FORMAT_JSON);
}

static void test_json_lines(void **state) {
    assert_json(*state, FORMAT_JSONL);
}

static void test_what_nothing_measured(void **state) {
    struct fake_trace *trace = *state;
    trace->options.time = NULL;
    trace->options.output.format = FORMAT_JSONL;
    calls(trace, &main_42, 1, 0);
    fake_trace_end(trace);
    assert_non_null(strstr(fake_trace_text(trace),
                           "\"by_source\":[{\"file\":\"src/main.c\",\"line\":42,\"function\":\"main\",\"calls\":1,"
                           "\"errors\":null,\"time_us\":null,\"time_ns\":null}]"));
}

/* Debug information is foreign input. */
static void test_hostile_names(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame hostile = {.function = "f\n\033[2J", .file = "a\nb\xff.c", .line = 1};
    trace->options.output.summary = SUMMARY_ONLY;
    calls(trace, &hostile, 1, 1000);
    fake_trace_end(trace);
    assert_non_null(strstr(fake_trace_text(trace), " a\\nb\\377.c:1 (f\\n\\033[2J)\n"));
}

static void test_without_a_source_map(void **state) {
    struct fake_trace *trace = *state;
    struct source_map *map = trace->options.output.sources;
    trace->options.output.sources = NULL;
    fake_sources_call(trace, SYS_close, 1000);
    fake_trace_end(trace);
    assert_non_null(strstr(fake_trace_text(trace), "1           [unknown]\n"));
    trace->options.output.sources = map;
}

static int no_file(void *context, const struct sink *sink) {
    (void)context;
    return sink->fd;
}

/* The tally by call is shared with the one that takes over; the places are not. */
static void test_what_a_dead_process_had_counted(void **state) {
    struct fake_trace *trace = *state;
    struct output *output = calloc(1, sizeof(*output));
    assert_non_null(output);
    assert_int_equal(writer_create(&trace->writer, &trace->options, output), 0);
    calls(trace, &main_42, 3, 2000);
    struct writer *dead = trace->writer;
    assert_int_equal(writer_resume(&trace->writer, &trace->options, output, no_file, NULL), 0);
    calls(trace, &main_7, 1, 4000);
    fake_trace_end(trace);
    assert_written(trace, "% time     seconds  usecs/call     calls    errors source\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          " 60.00    0.000006           2         3           [lost]\n"
                          " 40.00    0.000004           4         1           [unknown]\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "100.00    0.000010           2         4           total\n");
    writer_destroy(trace->writer);
    trace->writer = NULL;
    writer_destroy(dead);
    free(output);
}

/* ------------------------------------------------------------------- the tally */

static const struct fake_call *call_once(void) {
    static struct fake_call call;
    fake_call_init(&call, ARCH_X86_64, SYS_close, ARGS(3), 0);
    return &call;
}

static void count(struct place_tally *tally, const char *file, unsigned line, const char *function) {
    struct frame place = {.file = file, .line = line, .function = function, .module = "/m"};
    place_tally_add(tally, &place, &call_once()->record);
}

static void test_names_in_order(void **state) {
    (void)state;
    struct place_tally *tally;
    assert_int_equal(place_tally_create(&tally, 100), 0);
    count(tally, "b.c", 10, "f");
    count(tally, NULL, 0, "g");
    count(tally, "b.c", 9, "f");
    count(tally, "a.c", 100, "f");
    count(tally, "b.c", 10, "e");
    count(tally, "b.c", 10, NULL);
    count(tally, "b.c", 0, "f");
    place_tally_add(tally, NULL, &call_once()->record);
    place_tally_add(tally, &stripped_elsewhere, &call_once()->record);
    place_tally_add(tally, &(struct frame){.module = "/m", .offset = 3}, &call_once()->record);
    static const char *const expected[] = {"a.c:100 (f)", "b.c (f)",  "b.c:9 (f)", "b.c:10 (e)",
                                           "b.c:10 (f)",  "b.c:10",   "g (/m)",    "work (/usr/lib/libtool.so)",
                                           "? (/m)",      "[unknown]"};
    struct place_row *rows;
    assert_int_equal(place_tally_rows(tally, TALLY_BY_NAME, &rows), COUNT_OF(expected));
    struct text text = {0};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        text_clear(&text);
        place_to_text(&rows[i], &text);
        assert_string_equal(text.bytes, expected[i]);
    }
    assert_int_equal(rows[9].calls, 1);
    text_finish(&text);
    free(rows);
    place_tally_destroy(tally);
}

static void test_no_more_than_there_is_room_for(void **state) {
    (void)state;
    struct place_tally *tally;
    assert_int_equal(place_tally_create(&tally, 1000), 0);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 3000; i++) {
            count(tally, "a.c", i + 1, "f");
        }
    }
    assert_int_equal(place_tally_overflow(tally), 4000);
    struct place_row *rows;
    assert_int_equal(place_tally_rows(tally, TALLY_BY_CALLS, &rows), 1001);
    assert_int_equal(rows[0].kind, PLACE_OTHERS);
    assert_int_equal(rows[0].calls, 4000);
    for (unsigned i = 1; i <= 1000; i++) {
        assert_int_equal(rows[i].line, i);
        assert_int_equal(rows[i].calls, 2);
    }
    free(rows);
    place_tally_destroy(tally);
}

static void test_of_nothing(void **state) {
    (void)state;
    struct place_tally *tally;
    assert_int_equal(place_tally_create(&tally, 10), 0);
    struct place_row *rows;
    assert_int_equal(place_tally_rows(tally, TALLY_BY_CALLS, &rows), 0);
    free(rows);
    place_tally_destroy(tally);
    place_tally_destroy(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, fake_sources_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_table),
        TEST(test_by_time),
        TEST(test_behind_the_calls),
        TEST(test_csv),
        TEST(test_json),
        TEST(test_json_lines),
        TEST(test_what_nothing_measured),
        TEST(test_hostile_names),
        TEST(test_without_a_source_map),
        TEST(test_what_a_dead_process_had_counted),
        cmocka_unit_test(test_names_in_order),
        cmocka_unit_test(test_no_more_than_there_is_room_for),
        cmocka_unit_test(test_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
