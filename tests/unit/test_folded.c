/* SPDX-License-Identifier: MIT
 *
 * --folded, from records to lines.
 */
#include "folded.h"

#include "fake_sources.h"
#include "output.h"
#include "stack_tally.h"

#define PROG "/usr/bin/prog"
#define LIBC "/usr/lib/x86_64-linux-gnu/libc.so.6"

static const struct frame in_main[] = {{.module = LIBC, .function = "write", .offset = 20},
                                       {.module = PROG, .function = "main", .file = "m.c", .line = 3, .user = true},
                                       {.module = PROG, .function = "_start"}};

static int set_up(void **state) {
    int status = fake_trace_set_up(state, FORMAT_TEXT);
    if (status == 0) {
        struct fake_trace *trace = *state;
        fake_sources_set_up(trace);
        trace->options.output.summary = SUMMARY_FOLDED;
    }
    return status;
}

static void test_equal_stacks_are_one_line(void **state) {
    struct fake_trace *trace = *state;
    CALL_ON(trace, in_main, SYS_write, 1001);
    CALL_ON(trace, in_main, SYS_close, 5);
    CALL_ON(trace, in_main, SYS_write, 2002);
    fake_trace_end(trace);
    assert_written(trace, "prog;_start;main;write;close 5\n"
                          "prog;_start;main;write;write 3003\n");
}

static void test_recursion(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame deep[] = {{.module = PROG, .function = "f", .user = true},
                                        {.module = PROG, .function = "f", .user = true},
                                        {.module = PROG, .function = "f", .user = true}};
    for (size_t depth = 1; depth <= 3; depth++) {
        call_on(trace, deep, depth, STACK_END_OUTERMOST, SYS_getpid, depth);
    }
    fake_trace_end(trace);
    assert_written(trace, "prog;f;f;f;getpid 3\n"
                          "prog;f;f;getpid 2\n"
                          "prog;f;getpid 1\n");
}

static void test_inlined_functions_are_frames(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame frames[] = {{.module = PROG, .function = "inner", .inlined = true, .user = true},
                                          {.module = PROG, .function = "outer", .user = true}};
    CALL_ON(trace, frames, SYS_close, 7);
    fake_trace_end(trace);
    assert_written(trace, "prog;outer;inner_[i];close 7\n");
}

/* Who reads it must see what is not known. */
static void test_where_stacks_end(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame main_only[] = {{.module = PROG, .function = "main", .user = true}};
    static const struct frame of_jit[] = {{.module = PROG, .function = "main", .user = true}, {.address = 0x1234}};
    static const struct frame nameless[] = {{.module = LIBC, .address = 0x99},
                                            {.module = PROG, .function = "main", .user = true}};
    call_on(trace, main_only, 1, STACK_END_CUT, SYS_close, 1);
    call_on(trace, main_only, 1, STACK_END_TOO_DEEP, SYS_close, 2);
    call_on(trace, main_only, 1, STACK_END_NO_UNWIND, SYS_close, 4);
    call_on(trace, main_only, 1, STACK_END_BROKEN, SYS_close, 8);
    call_on(trace, of_jit, 2, STACK_END_UNKNOWN, SYS_close, 16);
    CALL_ON(trace, nameless, SYS_close, 32);
    call_on(trace, NULL, 0, STACK_END_NONE, SYS_close, 64);
    call_on(trace, NULL, 0, STACK_END_FOREIGN, SYS_close, 128);
    call_on(trace, main_only, 1, STACK_END_ELSEWHERE, SYS_close, 256);
    fake_trace_end(trace);
    assert_written(trace, "[unknown];close 192\n"
                          "prog;[cut];main;close 259\n"
                          "prog;[unknown];main;close 28\n"
                          "prog;main;[libc.so.6];close 32\n");
}

/* Lines end at the last blank, and names between semicolons may have others. */
static void test_odd_names(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame odd[] = {{.module = "/opt/a;b c", .function = "map<int, char>::at", .user = true},
                                       {.module = "/opt/a;b c", .function = "x;y\nz\xff", .user = true},
                                       {.module = "/opt/a;b c", .function = "", .user = true},
                                       {.module = "/opt/dir/", .offset = 1},
                                       {.module = "[vdso]", .offset = 1}};
    CALL_ON(trace, odd, SYS_close, 9);
    fake_trace_end(trace);
    assert_written(trace, "a:b c;[[vdso]];[?];?;x:y\\nz\\377;map<int, char>::at;close 9\n");
}

static void test_sorted_as_lines(void **state) {
    struct fake_trace *trace = *state;
    static const char *const names[] = {"a", "a b", "a-b", "a0", "ab", "A", "_a", "a<b>", "aa", "\xc3\xa4"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct frame frames[] = {{.module = PROG, .function = names[i], .user = true},
                                 {.module = PROG, .function = "main", .user = true}};
        CALL_ON(trace, frames, SYS_close, 1);
        call_on(trace, frames + 1, 1, STACK_END_OUTERMOST, SYS_read, 1);
        call_on(trace, frames, 1, STACK_END_OUTERMOST, SYS_close, 1);
    }
    fake_trace_end(trace);
    char lines[FAKE_TRACE_TEXT];
    strcpy(lines, fake_trace_text(trace));
    const char *before = "";
    size_t count = 0;
    char *rest = lines;
    for (char *line; (line = strsep(&rest, "\n")) && *line; count++) {
        assert_true(strcmp(before, line) < 0);
        before = line;
    }
    assert_int_equal(count, 2 * COUNT_OF(names) + 1);
}

static void test_what_did_not_return_weighs_nothing(void **state) {
    struct fake_trace *trace = *state;
    fake_sources_stack(trace->options.output.sources, in_main, COUNT_OF(in_main), STACK_END_OUTERMOST);
    fake_trace_next(trace, SYS_exit_group, ARGS(0), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_access, ARGS(0), -ENOENT)->duration_ns = 44;
    fake_trace_call(trace);
    fake_trace_end(trace);
    assert_written(trace, "prog;_start;main;write;access 44\n"
                          "prog;_start;main;write;exit_group 0\n");
}

static void test_of_nothing(void **state) {
    struct fake_trace *trace = *state;
    trace->summary.incomplete = "it broke";
    fake_trace_end(trace);
    assert_written(trace, "");
}

/* Signals and the rest have no lines, and neither has what is not shown. */
static void test_other_records(void **state) {
    struct fake_trace *trace = *state;
    CALL_ON(trace, in_main, SYS_write, 1);
    for (int kind = RECORD_SIGNAL; kind <= RECORD_START; kind++) {
        struct record record = {.kind = (uint8_t)kind, .pid = FAKE_ROOT, .tid = FAKE_ROOT};
        fake_trace_record(trace, &record);
    }
    fake_trace_end(trace);
    assert_written(trace, "prog;_start;main;write;write 1\n");
}

static void test_without_a_source_map(void **state) {
    struct fake_trace *trace = *state;
    struct source_map *map = trace->options.output.sources;
    trace->options.output.sources = NULL;
    fake_sources_call(trace, SYS_close, 1000);
    fake_trace_end(trace);
    assert_written(trace, "[unknown];close 1000\n");
    trace->options.output.sources = map;
}

/* A thread begins in the C library. */
static void test_a_program_of_which_nothing_is_told(void **state) {
    struct fake_trace *trace = *state;
    static const struct frame thread[] = {{.module = "/usr/lib/libwork.so", .function = "work", .user = true},
                                          {.module = PROG, .function = "begin", .user = true},
                                          {.module = LIBC, .function = "start_thread"},
                                          {.module = LIBC, .function = "clone3"}};
    static const struct frame foreign[] = {{.module = LIBC, .function = "close"}};
    CALL_ON(trace, thread, SYS_close, 1);
    CALL_ON(trace, foreign, SYS_close, 2);
    fake_trace_end(trace);
    assert_written(trace, "libc.so.6;close;close 2\n"
                          "prog;clone3;start_thread;begin;work;close 1\n");
}

static int no_file(void *context, const struct sink *sink) {
    (void)context;
    return sink->fd;
}

static void test_what_a_dead_process_had_counted(void **state) {
    struct fake_trace *trace = *state;
    struct output *output = calloc(1, sizeof(*output));
    assert_non_null(output);
    assert_int_equal(writer_create(&trace->writer, &trace->options, output), 0);
    CALL_ON(trace, in_main, SYS_write, 100);
    struct writer *dead = trace->writer;
    assert_int_equal(writer_resume(&trace->writer, &trace->options, output, no_file, NULL), 0);
    CALL_ON(trace, in_main, SYS_write, 1);
    fake_trace_end(trace);
    assert_written(trace, "[lost] 100\n"
                          "[unknown];write 1\n");
    writer_destroy(trace->writer);
    trace->writer = NULL;
    writer_destroy(dead);
    free(output);
}

/* ------------------------------------------------------------------- the tally */

/* One that has a number is found by it, but for another program it is another one. */
static void test_stacks_with_numbers(void **state) {
    (void)state;
    static struct fake_call call;
    static const char *const programs[] = {"prog", "other", NULL, "prog"};
    struct stack_tally *tally;
    assert_int_equal(stack_tally_create(&tally, STACKS_BY_LABEL, 100), 0);
    struct frame frames[] = {{.module = PROG, .function = "f"}, {.module = PROG, .function = "main"}};
    struct call_stack stack = {.frames = frames, .count = 2, .end = STACK_END_OUTERMOST, .number = 1};
    for (size_t i = 0; i < 3 * COUNT_OF(programs); i++) {
        fake_call_init(&call, ARCH_X86_64, i < COUNT_OF(programs) ? SYS_close : SYS_dup, ARGS(3), 0);
        stack_tally_add(tally, programs[i % COUNT_OF(programs)], &stack, NULL, &call.record);
    }
    const struct stack_node *nodes;
    size_t count = stack_tally_nodes(tally, &nodes);
    unsigned leaves[13] = {0};
    for (size_t i = 0; i < count; i++) {
        assert_in_range(nodes[i].calls, 0, 12);
        leaves[nodes[i].calls]++;
    }
    /* "prog" stands for the one that is not known as well: it is the module's name. */
    assert_string_equal(strrchr(PROG, '/'), "/prog");
    assert_int_equal(leaves[1], 1);
    assert_int_equal(leaves[2], 1);
    assert_int_equal(leaves[3], 1);
    assert_int_equal(leaves[6], 1);
    stack_tally_destroy(tally);
}

/* What a full tree has it keeps, and goes on to count. */
static void test_no_more_than_there_is_room_for(void **state) {
    (void)state;
    enum {
        MOST = 1000,
        STACKS = 5000,
    };
    static struct fake_call call;
    struct stack_tally *tally;
    assert_int_equal(stack_tally_create(&tally, STACKS_BY_LABEL, MOST), 0);
    fake_call_init(&call, ARCH_X86_64, SYS_close, ARGS(3), 0);
    call.record.call.duration_ns = 10;
    uint64_t total = 0;
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < STACKS; i++) {
            char name[32];
            snprintf(name, sizeof(name), "f%u", i);
            struct frame frames[] = {{.module = PROG, .function = name}, {.module = PROG, .function = "main"}};
            struct call_stack stack = {
                .frames = frames, .count = 2, .end = STACK_END_OUTERMOST, .number = i % 2 ? i : 0};
            stack_tally_add(tally, "prog", &stack, NULL, &call.record);
            total += 10;
        }
    }
    const struct stack_node *nodes;
    size_t count = stack_tally_nodes(tally, &nodes);
    assert_in_range(count, MOST - 1, MOST);
    uint64_t calls = 0;
    uint64_t time = 0;
    for (size_t i = 0; i < count; i++) {
        calls += nodes[i].calls;
        time += nodes[i].time_ns;
    }
    assert_int_equal(calls, 2 * STACKS);
    assert_int_equal(time, total);
    assert_int_equal(nodes[STACK_OTHER].calls, stack_tally_overflow(tally));
    /* Root, other, lost, prog, main, and two of each stack. */
    assert_int_equal(stack_tally_overflow(tally), 2 * (STACKS - (MOST - 5) / 2));
    assert_int_equal(stack_tally_sort(tally), 0);
    stack_tally_destroy(tally);
    stack_tally_destroy(NULL);
}

struct visit {
    const struct stack_node *nodes;
    size_t depth;
    size_t deepest;
};

static void leave(void *context, uint32_t node) {
    struct visit *visit = context;
    visit->depth -= node != STACK_ROOT;
}

/* Deep and wide: every node once, and as often left as entered. */
static void test_the_walk(void **state) {
    (void)state;
    enum {
        DEPTH = 20000,
    };
    static struct fake_call call;
    static struct frame frames[DEPTH];
    struct stack_tally *tally;
    assert_int_equal(stack_tally_create(&tally, STACKS_BY_FUNCTION, STACK_NODES_MOST), 0);
    fake_call_init(&call, ARCH_X86_64, SYS_close, ARGS(3), 0);
    for (size_t i = 0; i < DEPTH; i++) {
        frames[i] = (struct frame){.module = PROG, .function = i % 2 ? "odd" : "even"};
    }
    for (size_t depth = DEPTH; depth > 0; depth /= 2) {
        struct call_stack stack = {.frames = frames + (DEPTH - depth), .count = depth, .end = STACK_END_OUTERMOST};
        stack_tally_add(tally, "prog", &stack, NULL, &call.record);
    }
    struct visit visit = {0};
    size_t count = stack_tally_nodes(tally, &visit.nodes);
    size_t entered = 1;
    for (uint32_t node = STACK_ROOT; (node = stack_node_next(visit.nodes, node, leave, &visit)); entered++) {
        visit.depth++;
        visit.deepest = visit.depth > visit.deepest ? visit.depth : visit.deepest;
    }
    assert_int_equal(entered, count);
    assert_int_equal(visit.depth, 0);
    assert_int_equal(visit.deepest, DEPTH + 2);
    stack_tally_destroy(tally);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, fake_sources_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_equal_stacks_are_one_line),
        TEST(test_recursion),
        TEST(test_inlined_functions_are_frames),
        TEST(test_where_stacks_end),
        TEST(test_odd_names),
        TEST(test_sorted_as_lines),
        TEST(test_what_did_not_return_weighs_nothing),
        TEST(test_of_nothing),
        TEST(test_other_records),
        TEST(test_without_a_source_map),
        TEST(test_a_program_of_which_nothing_is_told),
        TEST(test_what_a_dead_process_had_counted),
        cmocka_unit_test(test_stacks_with_numbers),
        cmocka_unit_test(test_no_more_than_there_is_room_for),
        cmocka_unit_test(test_the_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
