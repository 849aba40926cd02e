/* SPDX-License-Identifier: MIT
 *
 * The options of places in the source and of stacks: what they ask for, what they go with, and what is refused with
 * which words.
 */
#include "options_world.h"

/* What -s and -k take from the engine, and how much of it. */
static void test_stacks(void **state) {
    struct world *world = *state;
    static const char *const askers[] = {"-s", "-k", "-sk"};
    for (size_t i = 0; i < COUNT_OF(askers); i++) {
        RUNS(world, askers[i], "prog");
        assert_non_null(world->options.sources.rule);
        assert_int_equal(world->options.sources.stack_bytes, STACK_SAMPLE_DEFAULT);
        RUNS(world, askers[i], "--stack-limit=32K", "--source-skip", "a,b", "--source-skip=!c", "prog");
        assert_int_equal(world->options.sources.stack_bytes, 32768);
        assert_non_null(world->options.sources.rule);
    }
    static const struct {
        const char *word;
        size_t bytes;
    } limits[] = {{"512", 512}, {"513", 520}, {"4096", 4096}, {"1K", 1024}, {"63k", 64512}, {"64505", 64512}};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        RUNS(world, "-s", "--stack-limit", limits[i].word, "prog");
        assert_int_equal(world->options.sources.stack_bytes, limits[i].bytes);
    }
}

static void test_wrong_options_of_stacks(void **state) {
    struct world *world = *state;
    static const char *const wrong[] = {"",
                                        "0",
                                        "511",
                                        "64513",
                                        "64K",
                                        "0K",
                                        "-1",
                                        "+512",
                                        " 1",
                                        "512 ",
                                        "1M",
                                        "1KB",
                                        "1.5K",
                                        "36028797018963969K",
                                        "K",
                                        "x",
                                        "18446744073709551617"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        static const char start[] = "renacer-sv: --stack-limit wants a number of bytes from 512 to 64512, or with K "
                                    "behind it of units of 1024, not '";
        assert_int_equal(PARSE(world, "-s", "--stack-limit", wrong[i], "prog"), OPTIONS_BAD);
        assert_memory_equal(world->said, start, sizeof(start) - 1);
    }
    assert_int_equal(PARSE(world, "-s", "--source-skip", "", "prog"), OPTIONS_BAD);
    assert_memory_equal(world->said, "renacer-sv: --source-skip: ", 27);
    BAD(world, "--source-skip is for places in the source; use it with -s, -k, --folded or --function-time",
        "--source-skip", "a", "prog");
    BAD(world, "--stack-limit is for places in the source and stacks; use it with -s, -k, --folded or --function-time",
        "--stack-limit=8K", "prog");
    BAD(world, "CSV has no column for stacks (-k); use --format text, json or jsonl", "-k", "--format=csv", "prog");
    BAD(world, "-k shows the stack of each call, and -c, --folded and --function-time show no calls; use -C for both",
        "-ck", "prog");
    RUNS(world, "-Ck", "prog");
}

/* Of everything that stands in place of the calls, or behind them, the last one counts. */
static void test_one_summary(void **state) {
    struct world *world = *state;
    RUNS(world, "-c", "--folded", "-C", "--function-time", "prog");
    assert_int_equal(world->options.output.summary, SUMMARY_FUNCTIONS);
    RUNS(world, "--function-time", "-C", "prog");
    assert_int_equal(world->options.output.summary, SUMMARY_TOO);
    assert_true(world->options.capture.memory);
    RUNS(world, "-y", "--folded", "prog");
    assert_false(world->options.capture.memory);
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_NONE);
    RUNS(world, "--function-time", "-P", "/etc", "prog");
    assert_true(world->options.capture.memory);
}

static void test_what_needs_sources(void **state) {
    struct world *world = *state;
    RUNS(world, "-c", "prog");
    assert_false(output_needs_sources(&world->options.output));
    RUNS(world, "-s", "prog");
    assert_true(output_needs_sources(&world->options.output));
    assert_false(output_has_places(&world->options.output));
    RUNS(world, "-c", "-s", "prog");
    assert_true(output_has_places(&world->options.output));
    RUNS(world, "-C", "-s", "prog");
    assert_true(output_has_places(&world->options.output));
    RUNS(world, "--folded", "prog");
    assert_true(output_needs_sources(&world->options.output));
    RUNS(world, "--function-time", "-s", "prog");
    assert_true(output_needs_sources(&world->options.output));
    assert_false(output_has_places(&world->options.output));
}

static void test_what_stacks_do_not_go_with(void **state) {
    struct world *world = *state;
    RUNS(world, "--folded", "--format", "text", "--engine", "ptrace", "prog");
    RUNS(world, "--function-time", "--format", "json", "prog");
    RUNS(world, "--function-time", "--format", "jsonl", "-s", "prog");
    BAD(world, "--folded has a form of its own, and --format is for other traces; leave one of them out", "--folded",
        "--format", "json", "prog");
    BAD(world, "--folded has a form of its own, and --format is for other traces; leave one of them out", "--format",
        "csv", "--folded", "prog");
    BAD(world, "--function-time is a table with lists in it, which CSV has no place for; use --format json or text",
        "--function-time", "--format", "csv", "prog");
    BAD(world, "engine notify-only measures no time, by which --folded weighs stacks, and sees no stacks", "--folded",
        "--engine", "notify-only", "prog");
    BAD(world, "engine notify-only measures no time and sees no stacks, of which --function-time is made",
        "--function-time", "--engine", "notify-only", "prog");
    BAD(world, "--golden does not go with --folded and --function-time: times are a part of them", "--golden",
        "--folded", "prog");
    BAD(world, "--golden does not go with --folded and --function-time: times are a part of them", "--function-time",
        "--golden", "prog");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_stacks),
        TEST(test_wrong_options_of_stacks),
        TEST(test_one_summary),
        TEST(test_what_needs_sources),
        TEST(test_what_stacks_do_not_go_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
