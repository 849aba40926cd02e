/* SPDX-License-Identifier: MIT
 *
 * --function-time: what is counted for a function, and the table of it.
 */
#include "function_time.h"

#include "fake_sources.h"
#include "form.h"
#include "output.h"

#include <cjson/cJSON.h>

#define PROG "/usr/bin/prog"
#define LIBC "/usr/lib/x86_64-linux-gnu/libc.so.6"

#define USER(name)                                                                                                     \
    { .module = PROG, .function = (name), .file = "m.c", .line = 1, .user = true }
#define OF_LIBC(name)                                                                                                  \
    { .module = LIBC, .function = (name) }

static int set_up(void **state) {
    int status = fake_trace_set_up(state, FORMAT_TEXT);
    if (status == 0) {
        struct fake_trace *trace = *state;
        fake_sources_set_up(trace);
        trace->options.output.summary = SUMMARY_FUNCTIONS;
    }
    return status;
}

/* main writes; main -> work reads twice; main -> helper -> work reads. */
static void count_some(struct fake_trace *trace) {
    static const struct frame in_main[] = {OF_LIBC("write"), USER("main"), OF_LIBC("_start")};
    static const struct frame in_work[] = {OF_LIBC("read"), USER("work"), USER("main"), OF_LIBC("_start")};
    static const struct frame in_helper[] = {OF_LIBC("read"), USER("work"), USER("helper"), USER("main"),
                                             OF_LIBC("_start")};
    CALL_ON(trace, in_main, SYS_write, 10000);
    CALL_ON(trace, in_work, SYS_read, 20000);
    CALL_ON(trace, in_work, SYS_read, 30000);
    CALL_ON(trace, in_helper, SYS_read, 40000);
    fake_trace_next(trace, SYS_exit_group, ARGS(0), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    fake_trace_end(trace);
}

static void test_the_table(void **state) {
    struct fake_trace *trace = *state;
    count_some(trace);
    assert_written(trace, "% time     seconds  usecs/call     calls        self function         callers\n"
                          "------ ----------- ----------- --------- ----------- ---------------- ----------------\n"
                          "100.00    0.000100          25         4    0.000000 _start\n"
                          "100.00    0.000100          25         4    0.000010 main             _start (4)\n"
                          " 90.00    0.000090          30         3    0.000000 read             work (3)\n"
                          " 90.00    0.000090          30         3    0.000090 work             main (2), helper (1)\n"
                          " 40.00    0.000040          40         1    0.000000 helper           main (1)\n"
                          " 10.00    0.000010          10         1    0.000000 write            main (1)\n"
                          "------ ----------- ----------- --------- ----------- ---------------- ----------------\n"
                          "100.00    0.000100          25         4    0.000100 total\n");
}

static void test_what_nothing_measured(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame frames[] = {USER("main")};
    trace->options.time = NULL;
    CALL_ON(trace, frames, SYS_write, 0);
    fake_trace_end(trace);
    assert_non_null(strstr(fake_trace_text(trace), "     -           -           -         1           - main\n"));
}

/* Each stack counts once for a function, and once for each that has called it. */
static void test_recursion(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame mutual[] = {USER("even"), USER("odd"), USER("even"), USER("odd"), USER("main")};
    static const struct frame direct[] = {USER("f"), USER("f"), USER("f"), USER("main")};
    CALL_ON(trace, mutual, SYS_write, 1000);
    CALL_ON(trace, mutual, SYS_write, 1000);
    CALL_ON(trace, direct, SYS_write, 4000);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, " 66.67    0.000004           4         1    0.000004 f "));
    assert_non_null(strstr(text, "         1    0.000004 f                f (1), main (1)\n"));
    assert_non_null(strstr(text, "         2    0.000002 even             odd (2)\n"));
    assert_non_null(strstr(text, "         2    0.000000 odd              even (2), main (2)\n"));
    assert_non_null(strstr(text, "         3    0.000000 main\n"));
    assert_non_null(strstr(text, "100.00    0.000006           2         3    0.000006 total\n"));
}

static void test_many_callers(void **state) {
    struct fake_trace *trace = *state;
    static const char *const names[] = {"c", "a", "e", "d", "b"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct frame frames[] = {USER("leaf"), USER(names[i])};
        for (size_t k = 0; k < (i == 2 ? 2 : 1); k++) {
            CALL_ON(trace, frames, SYS_write, 1000);
        }
    }
    fake_trace_end(trace);
    assert_non_null(strstr(fake_trace_text(trace), " leaf             e (2), a (1), b (1), ...\n"));
}

/* Static functions of different files and modules may have one name. */
static void test_equal_names(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame one[] = {{.module = "/lib/liba.so", .function = "init", .user = true}, USER("main")};
    static const struct frame other[] = {{.module = "/lib/libb.so", .function = "init", .user = true}, USER("main")};
    static const struct frame inlined[] = {
        {.module = "/lib/libb.so", .function = "init", .user = true, .inlined = true}, USER("main")};
    CALL_ON(trace, one, SYS_write, 1000);
    CALL_ON(trace, other, SYS_write, 2000);
    CALL_ON(trace, inlined, SYS_write, 1000);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, "         1    0.000001 init (liba.so)   main (1)\n"));
    assert_non_null(strstr(text, "         2    0.000003 init (libb.so)   main (2)\n"));
}

static void test_what_is_not_known(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame main_only[] = {USER("main")};
    static const struct frame nameless[] = {{.module = LIBC, .address = 1}, USER("main")};
    call_on(trace, main_only, 1, STACK_END_CUT, SYS_write, 1000);
    call_on(trace, NULL, 0, STACK_END_NONE, SYS_write, 2000);
    CALL_ON(trace, nameless, SYS_write, 4000);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, "         2    0.000005 main             [cut] (1)\n"));
    assert_non_null(strstr(text, "         1    0.000000 [libc.so.6]      main (1)\n"));
    assert_non_null(strstr(text, "         1    0.000000 [unknown]\n"));
    assert_non_null(strstr(text, "         1    0.000000 [cut]\n"));
    assert_non_null(strstr(text, "         3    0.000005 total\n"));
}

/* A column has its bounds, and names must not break a line. */
static void test_odd_names(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame frames[] = {USER("std::map<std::string, int>::operator[](unsigned long)"),
                                          USER("n\xc3\xa4me"), USER("a\nb\033[2J")};
    CALL_ON(trace, frames, SYS_write, 1000);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, " std::map<std::string, int>::operator[](unsigned long) n\xc3\xa4me (1)\n"));
    assert_non_null(strstr(text, " n\xc3\xa4me                                     a\\nb\\033[2J (1)\n"));
}

static void test_of_nothing(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_end(trace);
    assert_written(trace, "% time     seconds  usecs/call     calls        self function         callers\n"
                          "------ ----------- ----------- --------- ----------- ---------------- ----------------\n"
                          "------ ----------- ----------- --------- ----------- ---------------- ----------------\n"
                          "100.00    0.000000           0         0    0.000000 total\n");
}

enum {
    FUNCTIONS = 5,
    DEPTH = 9,
};

/* What is counted of functions, by looking at each stack as it comes. */
struct model {
    uint64_t calls[FUNCTIONS];
    uint64_t time_ns[FUNCTIONS];
    uint64_t self_ns[FUNCTIONS];
    uint64_t called_by[FUNCTIONS][FUNCTIONS]; /* callee, caller */
};

static void model_add(struct model *model, const unsigned *stack, size_t depth, uint64_t time_ns) {
    bool on[FUNCTIONS] = {0};
    bool edges[FUNCTIONS][FUNCTIONS] = {{0}};
    for (size_t i = 0; i < depth; i++) {
        on[stack[i]] = true;
        if (i + 1 < depth) {
            edges[stack[i]][stack[i + 1]] = true;
        }
    }
    model->self_ns[stack[0]] += time_ns;
    for (size_t f = 0; f < FUNCTIONS; f++) {
        model->calls[f] += on[f];
        model->time_ns[f] += on[f] ? time_ns : 0;
        for (size_t g = 0; g < FUNCTIONS; g++) {
            model->called_by[f][g] += edges[f][g];
        }
    }
}

static void assert_model(const struct model *model, const struct function_table *table) {
    for (size_t i = 0; i < table->count; i++) {
        const struct function_row *row = &table->rows[i];
        unsigned function = (unsigned)(row->part.name[0] - 'a');
        assert_in_range(function, 0, FUNCTIONS - 1);
        assert_int_equal(row->calls, model->calls[function]);
        assert_int_equal(row->time_ns, model->time_ns[function]);
        assert_int_equal(row->self_ns, model->self_ns[function]);
        assert_true(i == 0 || row[-1].time_ns >= row->time_ns);
        size_t callers = 0;
        for (size_t g = 0; g < FUNCTIONS; g++) {
            callers += model->called_by[function][g] != 0;
        }
        assert_int_equal(row->caller_count, callers);
        for (size_t k = 0; k < callers; k++) {
            const struct function_caller *caller = &row->callers[k];
            assert_int_equal(caller->calls, model->called_by[function][caller->part.name[0] - 'a']);
            assert_true(k == 0 || caller[-1].calls >= caller->calls);
        }
    }
}

/* Every mixture of recursion that chance makes. */
static void test_any_stacks(void **state) {
    (void)state;
    static const char *const names[FUNCTIONS] = {"a", "b", "c", "d", "e"};
    static struct fake_call call;
    struct model model = {{0}};
    struct stack_tally *tally;
    assert_int_equal(stack_tally_create(&tally, STACKS_BY_FUNCTION, STACK_NODES_MOST), 0);
    fake_call_init(&call, ARCH_X86_64, SYS_close, ARGS(3), 0);
    uint32_t random = 12345;
    for (unsigned round = 0; round < 5000; round++) {
        unsigned stack[DEPTH];
        struct frame frames[DEPTH];
        size_t depth = 1 + round % DEPTH;
        for (size_t i = 0; i < depth; i++) {
            random = random * 1664525 + 1013904223;
            stack[i] = (random >> 16) % FUNCTIONS;
            frames[i] = (struct frame){.module = PROG, .function = names[stack[i]], .user = true};
        }
        call.record.call.duration_ns = round;
        struct call_stack all = {.frames = frames, .count = depth, .end = STACK_END_OUTERMOST};
        /* Half of them have the number of their functions. */
        for (size_t i = 0; i < depth && round % 2; i++) {
            all.number = all.number * (FUNCTIONS + 1) + stack[i] + 1;
        }
        stack_tally_add(tally, "prog", &all, &frames[0], &call.record);
        model_add(&model, stack, depth, round);
    }
    struct function_table table;
    assert_int_equal(function_table_create(&table, tally), 0);
    assert_int_equal(table.count, FUNCTIONS);
    assert_int_equal(table.calls, 5000);
    assert_model(&model, &table);
    function_table_finish(&table);
    stack_tally_destroy(tally);
}

static const cJSON *function_named(const cJSON *functions, const char *name) {
    const cJSON *function;
    cJSON_ArrayForEach(function, functions) {
        if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(function, "function")), name) == 0) {
            return function;
        }
    }
    return NULL;
}

static double number_of(const cJSON *object, const char *name) {
    return cJSON_GetNumberValue(cJSON_GetObjectItem(object, name));
}

static void test_json(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.format = FORMAT_JSON;
    count_some(trace);
    cJSON *document = cJSON_Parse(fake_trace_text(trace));
    assert_non_null(document);
    assert_null(cJSON_GetObjectItem(document, "syscalls"));
    const cJSON *summary = cJSON_GetObjectItem(document, "summary");
    /* By which readers see that calls were counted, and not that there were none. */
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(summary, "by_call")), 2);
    assert_int_equal(number_of(summary, "total_syscalls"), 5);
    const cJSON *functions = cJSON_GetObjectItem(summary, "functions");
    assert_int_equal(cJSON_GetArraySize(functions), 6);
    const cJSON *work = function_named(functions, "work");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(work, "module")), PROG);
    assert_int_equal(number_of(work, "calls"), 3);
    assert_int_equal(number_of(work, "time_us"), 90);
    assert_int_equal(number_of(work, "time_ns"), 90000);
    assert_int_equal(number_of(work, "self_time_us"), 90);
    assert_int_equal(number_of(work, "self_time_ns"), 90000);
    const cJSON *callers = cJSON_GetObjectItem(work, "callers");
    assert_int_equal(cJSON_GetArraySize(callers), 2);
    assert_int_equal(number_of(function_named(callers, "main"), "calls"), 2);
    assert_int_equal(number_of(function_named(callers, "helper"), "calls"), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(function_named(functions, "_start"), "callers")), 0);
    cJSON_Delete(document);
}

static void test_json_that_nothing_measured(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame frames[] = {{.module = PROG, .user = true}, {.function = "f\"\xff", .user = true}};
    trace->options.output.format = FORMAT_JSONL;
    trace->options.time = NULL;
    CALL_ON(trace, frames, SYS_write, 0);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, "{\"function\":null,\"module\":\"" PROG "\",\"calls\":1,\"time_us\":null,"
                                 "\"time_ns\":null,\"self_time_us\":null,\"self_time_ns\":null,\"callers\":[{"));
    cJSON *line = cJSON_Parse(strchr(text, '\n') + 1);
    assert_non_null(line);
    cJSON_Delete(line);
}

static int no_file(void *context, const struct sink *sink) {
    (void)context;
    return sink->fd;
}

static void test_what_a_dead_process_had_counted(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame frames[] = {USER("main")};
    struct output *output = calloc(1, sizeof(*output));
    assert_non_null(output);
    assert_int_equal(writer_create(&trace->writer, &trace->options, output), 0);
    CALL_ON(trace, frames, SYS_write, 3000);
    CALL_ON(trace, frames, SYS_write, 3000);
    struct writer *dead = trace->writer;
    assert_int_equal(writer_resume(&trace->writer, &trace->options, output, no_file, NULL), 0);
    CALL_ON(trace, frames, SYS_write, 2000);
    trace->summary.incomplete = "it broke";
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, " 75.00    0.000006           3         2    0.000000 [lost]\n"));
    assert_non_null(strstr(text, " 25.00    0.000002           2         1    0.000000 [unknown]\n"));
    assert_non_null(strstr(text, "         3    0.000000 total\n+++ trace incomplete: it broke +++\n"));
    writer_destroy(trace->writer);
    trace->writer = NULL;
    writer_destroy(dead);
    free(output);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, fake_sources_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_table),
        TEST(test_what_nothing_measured),
        TEST(test_recursion),
        TEST(test_many_callers),
        TEST(test_equal_names),
        TEST(test_what_is_not_known),
        TEST(test_odd_names),
        TEST(test_of_nothing),
        cmocka_unit_test(test_any_stacks),
        TEST(test_json),
        TEST(test_json_that_nothing_measured),
        TEST(test_what_a_dead_process_had_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
