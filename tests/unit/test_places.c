/* SPDX-License-Identifier: MIT
 *
 * -s and -k in every form: what is known, what is not, and names that are hostile.
 * What is known of the current call is said by the tests, in place of the library's
 * source map.
 */
#include "fake_trace.h"
#include "source_text.h"

/* ------------------------------------------------------------------- the source map */

struct source_map {
    const struct record *current;
    const struct frame *place;
    struct call_stack stack;
    unsigned taken;
};

void source_map_take(struct source_map *map, const struct record *record) {
    map->current = record;
    map->taken++;
}

const struct frame *source_map_place(struct source_map *map) {
    assert_non_null(map->current);
    return map->place;
}

const struct call_stack *source_map_stack(struct source_map *map) {
    assert_non_null(map->current);
    return &map->stack;
}

/* ------------------------------------------------------------------------- the world */

struct world {
    struct fake_trace *trace;
    struct source_map sources;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    *state = world;
    return world ? fake_trace_set_up((void **)&world->trace, FORMAT_TEXT) : -1;
}

static int tear_down(void **state) {
    struct world *world = *state;
    fake_trace_tear_down((void **)&world->trace);
    free(world);
    return 0;
}

/* A trace in this form, with -s or -k or both. */
static struct fake_trace *begin(struct world *world, enum format format, bool source, bool stack) {
    struct output_options *output = &world->trace->options.output;
    output->format = format;
    output->result_column = 0;
    output->source = source;
    output->stack = stack;
    output->sources = &world->sources;
    world->sources.stack.end = STACK_END_OUTERMOST;
    return world->trace;
}

static const struct frame main_frame = {.module = "/usr/bin/prog",
                                        .function = "main",
                                        .file = "src/main.c",
                                        .line = 42,
                                        .offset = 29,
                                        .address = 0x1161,
                                        .user = true};
static const struct frame without_debug = {
    .module = "/usr/bin/prog", .function = "main", .offset = 29, .address = 0x1161};

/* close(3) from this place, as it is written. */
static const char *shown(struct world *world, const struct frame *place) {
    world->sources.place = place;
    fake_trace_close(world->trace, 3);
    return fake_trace_text(world->trace);
}

/* ---------------------------------------------------------------------------- places */

static void test_places_in_text(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_TEXT, true, false);
    assert_string_equal(shown(world, &main_frame), "close(3) = 0 at src/main.c:42 (main)\n");
    assert_string_equal(shown(world, NULL), "close(3) = 0\n");
    assert_string_equal(shown(world, &without_debug), "close(3) = 0 at main+0x1d (/usr/bin/prog)\n");
    struct frame frame = main_frame;
    frame.function = NULL;
    assert_string_equal(shown(world, &frame), "close(3) = 0 at src/main.c:42\n");
    frame.line = 0;
    assert_string_equal(shown(world, &frame), "close(3) = 0 at src/main.c\n");
    frame.file = NULL;
    assert_string_equal(shown(world, &frame), "close(3) = 0 at 0x1161 (/usr/bin/prog)\n");
    frame.function = "jit";
    frame.module = NULL;
    assert_string_equal(shown(world, &frame), "close(3) = 0 at jit+0x1d\n");
}

static void test_places_stand_behind_times(void **state) {
    struct world *world = *state;
    struct fake_trace *trace = begin(world, FORMAT_TEXT, true, false);
    trace->options.output.timing = true;
    world->sources.place = &main_frame;
    struct call_record *call = fake_trace_next(trace, SYS_close, ARGS(3), -EBADF);
    call->duration_ns = 12000;
    fake_trace_call(trace);
    assert_written(trace, "close(3) = -1 EBADF (Bad file descriptor) <0.000012> at src/main.c:42 (main)\n");
    call = fake_trace_next(trace, SYS_exit_group, ARGS(1), 0);
    call->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    assert_written(trace, "exit_group(1) = ? at src/main.c:42 (main)\n");
}

static void test_places_in_colour(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_TEXT, true, false)->options.output.colour = true;
    assert_non_null(strstr(shown(world, &main_frame), " = 0\033[2m at src/main.c:42 (main)\033[m\n"));
    assert_non_null(strstr(shown(world, NULL), " = 0\n"));
}

static void test_places_in_csv(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_CSV, true, false);
    assert_string_equal(shown(world, &main_frame),
                        "syscall,arguments,result,source_location\nclose,3,0,src/main.c:42\n");
    assert_string_equal(shown(world, &without_debug), "close,3,0,/usr/bin/prog(main+0x1d)\n");
    assert_string_equal(shown(world, NULL), "close,3,0,\n");
    struct frame frame = {.file = "a,\"b\".c", .line = 7};
    assert_string_equal(shown(world, &frame), "close,3,0,\"a,\"\"b\"\".c:7\"\n");
    frame = (struct frame){.file = "=HYPERLINK(1)", .line = 7};
    assert_string_equal(shown(world, &frame), "close,3,0,./=HYPERLINK(1):7\n");
    frame = (struct frame){.function = "=f", .offset = 1};
    assert_string_equal(shown(world, &frame), "close,3,0,?(=f+0x1)\n");
    frame = (struct frame){.module = "/bin/true", .address = 0x1161};
    assert_string_equal(shown(world, &frame), "close,3,0,/bin/true(0x1161)\n");
    frame = (struct frame){.file = "", .line = 7};
    assert_string_equal(shown(world, &frame), "close,3,0,:7\n");
}

/* What has been written since the head. */
static const char *member(const char *text) {
    const char *found = strstr(text, "\"result\":0");
    assert_non_null(found);
    return found + strlen("\"result\":0");
}

static void test_places_in_json(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_JSONL, true, false);
    assert_string_equal(member(shown(world, &main_frame)),
                        ",\"source\":{\"file\":\"src/main.c\",\"line\":42,\"function\":\"main\"}}\n");
    assert_string_equal(member(shown(world, NULL)), ",\"source\":null}\n");
    assert_string_equal(member(shown(world, &without_debug)),
                        ",\"source\":{\"file\":null,\"line\":null,\"function\":\"main\",\"offset\":29,"
                        "\"module\":\"/usr/bin/prog\",\"address\":\"0x1161\"}}\n");
    struct frame frame = {.file = "a.c"};
    assert_string_equal(member(shown(world, &frame)),
                        ",\"source\":{\"file\":\"a.c\",\"line\":null,\"function\":null}}\n");
    frame = (struct frame){.function = "f"};
    assert_string_equal(member(shown(world, &frame)), ",\"source\":{\"file\":null,\"line\":null,\"function\":\"f\","
                                                      "\"offset\":0,\"module\":null,\"address\":\"0x0\"}}\n");
    frame = (struct frame){.module = "/usr/bin/prog"};
    assert_string_equal(member(shown(world, &frame)),
                        ",\"source\":{\"file\":null,\"line\":null,\"function\":null,\"offset\":null,"
                        "\"module\":\"/usr/bin/prog\",\"address\":\"0x0\"}}\n");
}

/* ----------------------------------------------------------------------------- stacks */

static const struct frame frames[] = {
    {.module = "/usr/lib/libc.so.6", .function = "close", .offset = 0x14, .address = 0xf7974},
    {.module = "/usr/bin/prog", .address = 0x1030},
    {.module = "/usr/bin/prog",
     .function = "inner",
     .file = "src/inner.h",
     .line = 7,
     .offset = 29,
     .address = 0x1161,
     .inlined = true,
     .user = true},
    {.module = "/usr/bin/prog",
     .function = "main",
     .file = "src/main.c",
     .line = 42,
     .offset = 29,
     .address = 0x1161,
     .user = true},
    {.address = 0x7f0000001234},
};

static void test_stacks_in_text(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_TEXT, false, true);
    world->sources.stack = (struct call_stack){frames, COUNT_OF(frames) - 1, STACK_END_OUTERMOST};
    assert_string_equal(shown(world, &main_frame), "close(3) = 0\n"
                                                   " > /usr/lib/libc.so.6(close+0x14) [0xf7974]\n"
                                                   " > /usr/bin/prog() [0x1030]\n"
                                                   " > /usr/bin/prog(inner) [0x1161] (inlined)\n"
                                                   " > /usr/bin/prog(main+0x1d) [0x1161]\n");
}

static void test_stacks_with_places_in_text(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_TEXT, true, true);
    world->sources.stack = (struct call_stack){frames, COUNT_OF(frames), STACK_END_UNKNOWN};
    assert_string_equal(shown(world, &main_frame), "close(3) = 0 at src/main.c:42 (main)\n"
                                                   " > /usr/lib/libc.so.6(close+0x14) [0xf7974]\n"
                                                   " > /usr/bin/prog() [0x1030]\n"
                                                   " > /usr/bin/prog(inner) [0x1161] (inlined) at src/inner.h:7\n"
                                                   " > /usr/bin/prog(main+0x1d) [0x1161] at src/main.c:42\n"
                                                   " > ?() [0x7f0000001234]\n"
                                                   " > (code of no known file, such as one made at run time)\n");
}

/* A stack sample behind the captures of close(3). */
static void sample(struct fake_trace *trace, uint32_t size, bool cut) {
    static const struct stack_sample none;
    fake_trace_next(trace, SYS_close, ARGS(3), 0);
    struct stack_sample stack = none;
    stack.size = size;
    stack.cut = cut;
    trace->call.record.call.stack_size = (uint32_t)stack_sample_size(&stack);
    assert_in_range(stack_sample_size(&stack), 0, sizeof(trace->call.captures));
    memcpy(trace->call.captures, &stack, sizeof(stack));
}

static void test_stacks_that_are_cut(void **state) {
    static const struct {
        uint32_t size;
        bool cut;
        const char *line;
    } cuts[] = {
        {16384, true, " > (stack cut after 16384 bytes; --stack-limit copies more)\n"},
        {STACK_SAMPLE_MOST, true, " > (stack cut after 64512 bytes)\n"},
        {8, false, " > (stack cut after 8 bytes; what follows was not in memory)\n"},
    };
    struct world *world = *state;
    struct fake_trace *trace = begin(world, FORMAT_TEXT, false, true);
    world->sources.stack.end = STACK_END_CUT;
    for (size_t i = 0; i < COUNT_OF(cuts); i++) {
        sample(trace, cuts[i].size, cuts[i].cut);
        fake_trace_call(trace);
        const char *text = fake_trace_text(trace);
        assert_memory_equal(text, "close(3) = 0\n", 13);
        assert_string_equal(text + 13, cuts[i].line);
    }
}

static void test_stacks_in_json(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_JSONL, false, true);
    world->sources.stack = (struct call_stack){frames + 1, COUNT_OF(frames) - 1, STACK_END_CUT};
    assert_string_equal(
        member(shown(world, &main_frame)),
        ",\"stack\":[{\"module\":\"/usr/bin/prog\",\"function\":null,\"offset\":null,\"address\":\"0x1030\"},"
        "{\"module\":\"/usr/bin/prog\",\"function\":\"inner\",\"offset\":29,\"address\":\"0x1161\",\"inlined\":true},"
        "{\"module\":\"/usr/bin/prog\",\"function\":\"main\",\"offset\":29,\"address\":\"0x1161\"},"
        "{\"module\":null,\"function\":null,\"offset\":null,\"address\":\"0x7f0000001234\"}],"
        "\"stack_end\":\"cut\"}\n");
    world->sources.stack.end = STACK_END_NONE;
    world->sources.stack.count = 0;
    assert_string_equal(member(shown(world, NULL)), ",\"stack\":null}\n");
}

static void test_stacks_with_places_in_json(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_JSONL, true, true);
    world->sources.stack = (struct call_stack){frames + 2, 2, STACK_END_OUTERMOST};
    assert_string_equal(member(shown(world, NULL)),
                        ",\"source\":null,"
                        "\"stack\":[{\"module\":\"/usr/bin/prog\",\"function\":\"inner\",\"offset\":29,\"address\":"
                        "\"0x1161\",\"file\":\"src/inner.h\",\"line\":7,\"inlined\":true},"
                        "{\"module\":\"/usr/bin/prog\",\"function\":\"main\",\"offset\":29,\"address\":\"0x1161\","
                        "\"file\":\"src/main.c\",\"line\":42}]}\n");
}

/* A line and a word for every end but the outermost. */
static void test_why_stacks_end(void **state) {
    static const struct {
        enum stack_end end;
        const char *text;
        const char *word;
    } ends[] = {
        {STACK_END_NONE, " > (nothing is known of its stack)\n", NULL},
        {STACK_END_OUTERMOST, "", ""},
        {STACK_END_CUT, " > (stack cut after 0 bytes)\n", "cut"},
        {STACK_END_ELSEWHERE, " > (the rest of the stack is elsewhere, and was not copied)\n", "elsewhere"},
        {STACK_END_UNKNOWN, " > (code of no known file, such as one made at run time)\n", "unknown"},
        {STACK_END_NO_UNWIND, " > (the file does not say who called this code)\n", "no_unwind"},
        {STACK_END_BROKEN, " > (what the file says of the caller leads nowhere)\n", "broken"},
        {STACK_END_TOO_DEEP, " > (more frames than are shown)\n", "too_deep"},
        {STACK_END_FOREIGN, " > (code of another architecture)\n", "foreign"},
    };
    struct world *world = *state;
    begin(world, FORMAT_TEXT, false, true);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        world->sources.stack.end = ends[i].end;
        const char *text = shown(world, NULL);
        assert_memory_equal(text, "close(3) = 0\n", 13);
        assert_string_equal(text + 13, ends[i].text);

        struct text json = {0};
        char expected[64] = ",\"stack\":null";
        if (ends[i].word) {
            snprintf(expected, sizeof(expected), ",\"stack\":[]%s%s%s", ends[i].word[0] ? ",\"stack_end\":\"" : "",
                     ends[i].word, ends[i].word[0] ? "\"" : "");
        }
        stack_to_json(&world->sources.stack, false, &json);
        assert_string_equal(json.bytes, expected);
        text_finish(&json);
    }
}

/* Of the same number, which nobody gives twice: what was written is written again, and nothing is asked of the frames.
 */
static void test_stacks_are_written_once(void **state) {
    static const struct frame others[] = {{.module = "/usr/bin/other", .function = "f", .offset = 1, .address = 2}};
    struct world *world = *state;
    begin(world, FORMAT_TEXT, true, true);
    world->sources.stack = (struct call_stack){&without_debug, 1, STACK_END_OUTERMOST, 1};
    assert_string_equal(shown(world, &main_frame), "close(3) = 0 at src/main.c:42 (main)\n"
                                                   " > /usr/bin/prog(main+0x1d) [0x1161]\n");
    world->sources.stack = (struct call_stack){others, 1, STACK_END_ELSEWHERE, 1};
    assert_string_equal(shown(world, NULL), "close(3) = 0 at src/main.c:42 (main)\n"
                                            " > /usr/bin/prog(main+0x1d) [0x1161]\n"
                                            " > (the rest of the stack is elsewhere, and was not copied)\n");
    world->sources.stack.number = 2;
    world->sources.stack.end = STACK_END_OUTERMOST;
    assert_string_equal(shown(world, NULL), "close(3) = 0\n > /usr/bin/other(f+0x1) [0x2]\n");
}

static void test_stacks_are_written_once_in_json(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_JSONL, true, true);
    world->sources.stack = (struct call_stack){&without_debug, 1, STACK_END_CUT, 1};
    char *first = strdup(member(shown(world, &main_frame)));
    assert_non_null(first);
    assert_non_null(strstr(first, "\"line\":42"));
    world->sources.stack = (struct call_stack){&main_frame, 1, STACK_END_OUTERMOST, 1};
    assert_string_equal(member(shown(world, NULL)), first);
    world->sources.stack.number = 2;
    assert_string_not_equal(member(shown(world, NULL)), first);
    free(first);
}

/* ------------------------------------------------------------------------- odd names */

static const struct frame hostile = {.module = "/tmp/\033[31m",
                                     .function = "f\n+++ exited with 0 +++",
                                     .file = "a\\b\302\233\377\t.c",
                                     .line = 1,
                                     .offset = 1,
                                     .address = 1};

static void test_hostile_names_in_text(void **state) {
    struct world *world = *state;
    struct fake_trace *trace = begin(world, FORMAT_TEXT, true, true);
    trace->options.output.hex_strings = HEX_STRINGS_ALL; /* is about other strings */
    world->sources.stack = (struct call_stack){&hostile, 1, STACK_END_OUTERMOST};
    assert_string_equal(shown(world, &hostile),
                        "close(3) = 0 at a\\\\b\\302\\233\\377\\t.c:1 (f\\n+++ exited with 0 +++)\n"
                        " > /tmp/\\33[31m(f\\n+++ exited with 0 ++++0x1) [0x1] at "
                        "a\\\\b\\302\\233\\377\\t.c:1\n");
}

static void test_hostile_names_in_csv(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_CSV, true, false);
    assert_non_null(strstr(shown(world, &hostile), "\nclose,3,0,a\\\\b\\302\\233\\377\\t.c:1\n"));
    struct frame frame = hostile;
    frame.file = NULL;
    assert_string_equal(shown(world, &frame), "close,3,0,/tmp/\\33[31m(f\\n+++ exited with 0 ++++0x1)\n");
}

static void test_hostile_names_in_json(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_JSONL, true, false);
    assert_string_equal(member(shown(world, &hostile)),
                        ",\"source\":{\"file\":\"a\\\\\\\\b\\\\302\\\\233\\\\377\\\\t.c\",\"line\":1,"
                        "\"function\":\"f\\n+++ exited with 0 +++\"}}\n");
    struct frame frame = {.file = "gr\303\274n\302\233.c", .line = 1};
    assert_string_equal(member(shown(world, &frame)),
                        ",\"source\":{\"file\":\"gr\303\274n\\u009b.c\",\"line\":1,\"function\":null}}\n");
}

/* Escaped or not, it is the same as byte by byte. */
static void test_names_of_every_byte(void **state) {
    (void)state;
    char name[256];
    for (unsigned i = 0; i < 255; i++) {
        name[i] = (char)(i + 1);
    }
    name[255] = 0;
    struct text shown_name = {.hex = HEX_STRINGS_ALL};
    struct text expected = {0};
    for (const char *from = name; *from; from++) {
        text_clear(&shown_name);
        text_clear(&expected);
        source_name_to_text(from, &shown_name);
        text_add_escaped(&expected, (const uint8_t *)from, strlen(from), false);
        assert_string_equal(shown_name.bytes, expected.bytes);
        assert_int_equal(shown_name.hex, HEX_STRINGS_ALL);
    }
    text_finish(&shown_name);
    text_finish(&expected);
}

/* ------------------------------------------------------------------------------ others */

/* The map sees what is not shown, and other things than calls have no place. */
static void test_the_map_takes_every_record(void **state) {
    struct world *world = *state;
    struct fake_trace *trace = begin(world, FORMAT_TEXT, true, true);
    struct record_filter filter;
    record_filter_init(&filter);
    filter.statuses = STATUS_FAILED;
    trace->options.output.filter = &filter;
    world->sources.place = &main_frame;
    fake_trace_close(trace, 3);
    struct record end = {.kind = RECORD_END, .pid = FAKE_CHILD, .tid = FAKE_CHILD, .end = {.manner = END_EXITED}};
    fake_trace_record(trace, &end);
    struct record mapping = {.kind = RECORD_MAPPING, .pid = FAKE_ROOT, .tid = FAKE_ROOT};
    fake_trace_record(trace, &mapping);
    assert_int_equal(world->sources.taken, 3);
    assert_written(trace, "+++ exited with 0 +++\n");
    record_filter_finish(&filter);
}

static void test_nothing_is_known_without_a_map(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_TEXT, true, true)->options.output.sources = NULL;
    assert_string_equal(shown(world, NULL), "close(3) = 0\n");
}

static void test_json_says_that_nothing_is_known_without_a_map(void **state) {
    struct world *world = *state;
    begin(world, FORMAT_JSONL, true, true)->options.output.sources = NULL;
    assert_string_equal(member(shown(world, NULL)), ",\"source\":null,\"stack\":null}\n");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_places_in_text),
        TEST(test_places_stand_behind_times),
        TEST(test_places_in_colour),
        TEST(test_places_in_csv),
        TEST(test_places_in_json),
        TEST(test_stacks_in_text),
        TEST(test_stacks_with_places_in_text),
        TEST(test_stacks_that_are_cut),
        TEST(test_stacks_in_json),
        TEST(test_stacks_with_places_in_json),
        TEST(test_why_stacks_end),
        TEST(test_stacks_are_written_once),
        TEST(test_stacks_are_written_once_in_json),
        TEST(test_hostile_names_in_text),
        TEST(test_hostile_names_in_csv),
        TEST(test_hostile_names_in_json),
        TEST(test_names_of_every_byte),
        TEST(test_the_map_takes_every_record),
        TEST(test_nothing_is_known_without_a_map),
        TEST(test_json_says_that_nothing_is_known_without_a_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
