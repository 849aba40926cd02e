/* SPDX-License-Identifier: MIT
 *
 * The command line: every row of the table of options, what follows from
 * several together, and what is refused with which words.
 */
#include "options_world.h"

#include "golden_rules.h"
#include "option_table.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

static void test_defaults(void **state) {
    struct world *world = *state;
    RUNS(world, "prog");
    const struct options *options = &world->options;
    assert_int_equal(options->output.format, FORMAT_TEXT);
    assert_int_equal(options->output.summary, SUMMARY_NONE);
    assert_int_equal(options->output.order, TALLY_BY_CALLS);
    assert_int_equal(options->output.stamp, STAMP_NONE);
    assert_false(options->output.relative_stamp);
    assert_false(options->output.timing);
    assert_false(options->output.follow);
    assert_false(options->output.events);
    assert_false(options->output.source);
    assert_false(options->output.stack);
    assert_null(options->sources.rule);
    assert_int_equal(options->sources.stack_bytes, 0);
    assert_null(options->output.filter);
    assert_true(options->capture.memory);
    assert_int_equal(options->capture.detail, DESCRIPTOR_NONE);
    assert_int_equal(options->capture.string_limit, 32);
    assert_true(options->selection.all);
    assert_int_equal(options->colour, COLOUR_AUTO);
    assert_null(options->file);
    assert_null(options->user);
    assert_null(options->engine);
    assert_false(options->lossless);
    assert_int_equal(options->environment_count, 0);
    assert_string_equal(options->program[0], "prog");
    assert_null(options->program[1]);
}

static void test_the_program_ends_the_options(void **state) {
    struct world *world = *state;
    RUNS(world, "-T", "prog", "-f", "--", "-c");
    assert_true(world->options.output.timing);
    assert_false(world->options.output.follow);
    assert_int_equal(world->options.output.summary, SUMMARY_NONE);
    assert_string_equal(world->options.program[1], "-f");
    assert_string_equal(world->options.program[2], "--");
    assert_string_equal(world->options.program[3], "-c");
    assert_null(world->options.program[4]);
    RUNS(world, "--", "-f");
    assert_string_equal(world->options.program[0], "-f");
    assert_false(world->options.output.follow);
}

/* --------------------------------------------------------------------- single options */

static void test_switches(void **state) {
    struct world *world = *state;
    RUNS(world, "-c", "prog");
    assert_int_equal(world->options.output.summary, SUMMARY_ONLY);
    RUNS(world, "-C", "prog");
    assert_int_equal(world->options.output.summary, SUMMARY_TOO);
    RUNS(world, "--folded", "prog");
    assert_int_equal(world->options.output.summary, SUMMARY_FOLDED);
    RUNS(world, "--function-time", "prog");
    assert_int_equal(world->options.output.summary, SUMMARY_FUNCTIONS);
    RUNS(world, "-f", "prog");
    assert_true(world->options.output.follow);
    RUNS(world, "-T", "prog");
    assert_true(world->options.output.timing);
    RUNS(world, "-r", "prog");
    assert_true(world->options.output.relative_stamp);
    RUNS(world, "-s", "prog");
    assert_true(world->options.output.source);
    assert_false(world->options.output.stack);
    RUNS(world, "-k", "prog");
    assert_true(world->options.output.stack);
    assert_false(world->options.output.source);
    RUNS(world, "--events", "prog");
    assert_true(world->options.output.events);
    RUNS(world, "--lossless", "prog");
    assert_true(world->options.lossless);
    assert_false(world->options.fail_on_lost);
    RUNS(world, "--fail-on-lost", "prog");
    assert_true(world->options.fail_on_lost);
    RUNS(world, "--profile-self", "prog");
    assert_true(world->options.profile_self);
}

static void test_letters_may_be_joined(void **state) {
    struct world *world = *state;
    RUNS(world, "-fTttrcofile", "prog");
    assert_true(world->options.output.follow);
    assert_true(world->options.output.timing);
    assert_int_equal(world->options.output.stamp, STAMP_MICROSECONDS);
    assert_true(world->options.output.relative_stamp);
    assert_int_equal(world->options.output.summary, SUMMARY_ONLY);
    assert_string_equal(world->options.file, "file");
}

static void test_time_stamps_count(void **state) {
    struct world *world = *state;
    RUNS(world, "-t", "prog");
    assert_int_equal(world->options.output.stamp, STAMP_SECONDS);
    RUNS(world, "-tt", "prog");
    assert_int_equal(world->options.output.stamp, STAMP_MICROSECONDS);
    RUNS(world, "-t", "-f", "-t", "-t", "prog");
    assert_int_equal(world->options.output.stamp, STAMP_EPOCH);
    RUNS(world, "-tttt", "prog");
    assert_int_equal(world->options.output.stamp, STAMP_EPOCH);
    assert_false(world->options.output.relative_stamp);
}

static void test_descriptors_count(void **state) {
    struct world *world = *state;
    RUNS(world, "-y", "prog");
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_PATHS);
    RUNS(world, "-yy", "prog");
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_ENDPOINTS);
    RUNS(world, "--decode-fds", "-y", "-y", "prog");
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_ENDPOINTS);
}

static void test_formats(void **state) {
    struct world *world = *state;
    RUNS(world, "--format", "text", "prog");
    assert_int_equal(world->options.output.format, FORMAT_TEXT);
    RUNS(world, "--format", "json", "prog");
    assert_int_equal(world->options.output.format, FORMAT_JSON);
    RUNS(world, "--format=jsonl", "prog");
    assert_int_equal(world->options.output.format, FORMAT_JSONL);
    RUNS(world, "--format", "csv", "prog");
    assert_int_equal(world->options.output.format, FORMAT_CSV);
    RUNS(world, "--format", "csv", "--format", "json", "prog");
    assert_int_equal(world->options.output.format, FORMAT_JSON);
}

static void test_orders(void **state) {
    struct world *world = *state;
    RUNS(world, "-S", "calls", "prog");
    assert_int_equal(world->options.output.order, TALLY_BY_CALLS);
    RUNS(world, "-S", "time", "prog");
    assert_int_equal(world->options.output.order, TALLY_BY_TIME);
    RUNS(world, "-Serrors", "prog");
    assert_int_equal(world->options.output.order, TALLY_BY_ERRORS);
    RUNS(world, "--summary-sort-by=name", "prog");
    assert_int_equal(world->options.output.order, TALLY_BY_NAME);
}

static void test_colours(void **state) {
    struct world *world = *state;
    RUNS(world, "--color", "always", "prog");
    assert_int_equal(world->options.colour, COLOUR_ALWAYS);
    RUNS(world, "--color=never", "prog");
    assert_int_equal(world->options.colour, COLOUR_NEVER);
    RUNS(world, "--color=never", "--color=auto", "prog");
    assert_int_equal(world->options.colour, COLOUR_AUTO);
}

static void test_engines(void **state) {
    struct world *world = *state;
    RUNS(world, "--engine", "auto", "prog");
    assert_null(world->options.engine);
    RUNS(world, "--engine", "notify", "prog");
    assert_string_equal(world->options.engine->name, "notify");
    RUNS(world, "--engine", "notify-only", "prog");
    assert_string_equal(world->options.engine->name, "notify-only");
    RUNS(world, "--engine", "notify", "--engine", "auto", "prog");
    assert_null(world->options.engine);
}

static void test_string_limits(void **state) {
    static const struct {
        const char *format;
        unsigned limit;
    } defaults[] = {{"text", 32}, {"json", 4096}, {"jsonl", 4096}, {"csv", 4096}};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT_OF(defaults); i++) {
        RUNS(world, "--format", defaults[i].format, "prog");
        assert_int_equal(world->options.capture.string_limit, defaults[i].limit);
        RUNS(world, "--string-limit", "7", "--format", defaults[i].format, "prog");
        assert_int_equal(world->options.capture.string_limit, 7);
    }
    RUNS(world, "--string-limit", "0", "prog");
    assert_int_equal(world->options.capture.string_limit, 0);
    RUNS(world, "--string-limit", "1048576", "prog");
    assert_int_equal(world->options.capture.string_limit, CAPTURE_LIMIT_MAX);
}

static void test_the_size_of_rings(void **state) {
    struct world *world = *state;
    static const struct {
        const char *word;
        size_t bytes;
    } sizes[] = {{"4096", 4096},     {"4097", 8192},          {"4K", 4096},          {"5k", 8192},
                 {"1M", 1 << 20},    {"1048577", 1 << 21},    {"3M", 1 << 22},       {"64m", 1 << 26},
                 {"1024M", 1 << 30}, {"1073741824", 1 << 30}, {"1048576K", 1 << 30}, {"1G", 1 << 30}};
    RUNS(world, "prog");
    assert_int_equal(world->options.ring_bytes, 0);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        RUNS(world, "--ring-size", sizes[i].word, "prog");
        assert_int_equal(world->options.ring_bytes, sizes[i].bytes);
    }
    static const char *const wrong[] = {"",
                                        "0",
                                        "4095",
                                        "3K",
                                        "2G",
                                        "1073741825",
                                        "1048577K",
                                        "-1",
                                        "+4096",
                                        " 4096",
                                        "4096 ",
                                        "K",
                                        "4KB",
                                        "4T",
                                        "x",
                                        "4096x",
                                        "1.5M",
                                        "17179869184G",
                                        "18446744073709551617"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        static const char start[] =
            "renacer-sv: --ring-size wants a number of bytes from 4K to 1G, with K, M or G for larger "
            "units, not '";
        assert_int_equal(PARSE(world, "--ring-size", wrong[i], "prog"), OPTIONS_BAD);
        assert_memory_equal(world->said, start, sizeof(start) - 1);
    }
}

static void test_how_structures_and_strings_look(void **state) {
    struct world *world = *state;
    RUNS(world, "prog");
    assert_int_equal(world->options.output.result_column, RESULT_COLUMN);
    assert_int_equal(world->options.output.hex_strings, HEX_STRINGS_NONE);
    assert_false(world->options.output.verbose || world->options.capture.verbose);
    RUNS(world, "-v", "-x", "-a", "0", "prog");
    assert_int_equal(world->options.output.result_column, 0);
    assert_int_equal(world->options.output.hex_strings, HEX_STRINGS_NOT_ASCII);
    assert_true(world->options.output.verbose && world->options.capture.verbose);
    RUNS(world, "-xxx", "--columns=4096", "prog");
    assert_int_equal(world->options.output.result_column, 4096);
    assert_int_equal(world->options.output.hex_strings, HEX_STRINGS_ALL);
    BAD(world, "-a wants a number from 0 to 4096, not '4097'", "-a", "4097", "prog");
    BAD(world, "-a wants a number from 0 to 4096, not 'wide'", "-a", "wide", "prog");
}

static void test_outputs(void **state) {
    struct world *world = *state;
    RUNS(world, "prog");
    assert_false(world->options.capture.outputs);
    RUNS(world, "--decode", "entry", "prog");
    assert_false(world->options.capture.outputs);
    RUNS(world, "--decode=full", "prog");
    assert_true(world->options.capture.outputs && world->options.capture.memory);
    RUNS(world, "--decode", "full", "--decode", "entry", "prog");
    assert_false(world->options.capture.outputs);
    RUNS(world, "-c", "--decode=full", "prog");
    assert_false(world->options.capture.memory);
    BAD(world, "unknown value 'exit' of --decode; use one of entry|full", "--decode", "exit", "prog");
}

static void test_selection(void **state) {
    struct world *world = *state;
    static const char *const expressions[] = {"trace=openat,close", "openat,close", "t=openat,close"};
    for (size_t i = 0; i < COUNT_OF(expressions); i++) {
        RUNS(world, "-e", expressions[i], "prog");
        assert_true(selection_has(&world->options.selection, ARCH_X86_64, SYS_openat));
        assert_true(selection_has(&world->options.selection, ARCH_X86_64, SYS_close));
        assert_false(selection_has(&world->options.selection, ARCH_X86_64, SYS_read));
        assert_null(world->options.output.filter);
    }
    RUNS(world, "--trace=openat", "prog");
    assert_true(selection_has(&world->options.selection, ARCH_X86_64, SYS_openat));
    assert_false(selection_has(&world->options.selection, ARCH_X86_64, SYS_close));
    /* "=" in a regular expression. */
    RUNS(world, "-e", "/^(?=open)/", "--trace", "/^(?=close)/", "prog");
    assert_true(selection_has(&world->options.selection, ARCH_X86_64, SYS_close));
    assert_false(selection_has(&world->options.selection, ARCH_X86_64, SYS_openat));
    BAD(world, "unknown class '%fil' in -e; did you mean '%file'?", "-e", "trace=%fil", "prog");
}

/* What a trace says of it. */
static void test_what_was_asked_for(void **state) {
    struct world *world = *state;
    const struct options *options = &world->options;
    RUNS(world, "prog");
    assert_null(options->output.asked);
    RUNS(world, "-e", "trace=all", "-e", "status=all", "-e", "signal=none", "prog");
    assert_null(options->output.asked);
    RUNS(world, "-e", "write", "-e", "!none", "-z", "--status", "!none", "prog");
    assert_null(options->output.asked);
    RUNS(world, "-e", "t=!/open|a=/,?x", "-P", "/etc", "-Z", "-P", "/etc/../x", "prog");
    const struct filter_words *asked = options->output.asked;
    assert_non_null(asked);
    assert_string_equal(asked->trace, "!/open|a=/,?x");
    assert_string_equal(asked->status, "failed");
    assert_int_equal(asked->path_count, 2);
    assert_string_equal(asked->paths[1], "/etc/../x");
    RUNS(world, "--trace=%file,write", "-e", "status=failed,unfinished", "prog");
    assert_string_equal(options->output.asked->trace, "%file,write");
    assert_string_equal(options->output.asked->status, "failed,unfinished");
    assert_int_equal(options->output.asked->path_count, 0);
    RUNS(world, "--trace", "trace=write", "-e", "trace=/read", "-e", "status=failed", "-z", "prog");
    assert_string_equal(options->output.asked->trace, "/read");
    assert_string_equal(options->output.asked->status, "successful");
    RUNS(world, "-e", "trace=none", "prog");
    assert_string_equal(options->output.asked->trace, "none");
}

static void test_statuses(void **state) {
    struct world *world = *state;
    RUNS(world, "-e", "status=failed,unfinished", "prog");
    assert_ptr_equal(world->options.output.filter, &world->options.filter);
    assert_int_equal(world->options.filter.statuses, STATUS_FAILED | STATUS_UNFINISHED);
    assert_true(world->options.selection.all);
    RUNS(world, "--status=failed", "prog");
    assert_int_equal(world->options.filter.statuses, STATUS_FAILED);
    RUNS(world, "-z", "prog");
    assert_ptr_equal(world->options.output.filter, &world->options.filter);
    assert_int_equal(world->options.filter.statuses, STATUS_SUCCESSFUL);
    RUNS(world, "-Z", "prog");
    assert_int_equal(world->options.filter.statuses, STATUS_FAILED);
}

static void test_signals(void **state) {
    struct world *world = *state;
    static const char *const expressions[] = {"signal=USR1", "signals=SIGUSR1", "s=10"};
    for (size_t i = 0; i < COUNT_OF(expressions); i++) {
        RUNS(world, "-e", expressions[i], "-e", "trace=read", "prog");
        assert_ptr_equal(world->options.output.filter, &world->options.filter);
        assert_true(world->options.filter.quiet_signals == ~(1ULL << 9));
        assert_int_equal(world->options.filter.statuses, STATUS_ALL);
        assert_false(world->options.selection.all);
    }
    RUNS(world, "--signal=USR1", "--trace=read", "--status=all", "prog");
    assert_true(world->options.filter.quiet_signals == ~(1ULL << 9));
}

static void test_paths(void **state) {
    struct world *world = *state;
    RUNS(world, "-P", "/nonexistent/a", "--trace-path=/nonexistent/b", "prog");
    assert_ptr_equal(world->options.output.filter, &world->options.filter);
    assert_int_equal(world->options.filter.path_count, 2);
    assert_string_equal(world->options.filter.paths[0], "/nonexistent/a");
    assert_string_equal(world->options.filter.paths[1], "/nonexistent/b");
    /* A descriptor of the path counts, so that descriptors are looked at. */
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_PATHS);
    RUNS(world, "-P", "/nonexistent/a", "-yy", "prog");
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_ENDPOINTS);
}

static void test_the_environment(void **state) {
    struct world *world = *state;
    RUNS(world, "-E", "A=1", "-EB", "--env", "C==", "prog");
    assert_int_equal(world->options.environment_count, 3);
    assert_string_equal(world->options.environment[0], "A=1");
    assert_string_equal(world->options.environment[1], "B");
    assert_string_equal(world->options.environment[2], "C==");
    BAD(world, "-E wants NAME=VALUE, or NAME to remove it, not ''", "-E", "", "prog");
    BAD(world, "-E wants NAME=VALUE, or NAME to remove it, not '=x'", "-E", "=x", "prog");
}

static void test_too_much_environment(void **state) {
    struct world *world = *state;
    int count = 0;
    world->words[count++] = (char *)(uintptr_t) "renacer-sv";
    for (int i = 0; i < OPTIONS_ENVIRONMENT_MAX; i++) {
        world->words[count++] = (char *)(uintptr_t) "-EA=1";
    }
    world->words[count++] = (char *)(uintptr_t) "prog";
    assert_int_equal(parse_words(world, count), OPTIONS_RUN);
    assert_int_equal(world->options.environment_count, OPTIONS_ENVIRONMENT_MAX);
    world->words[count - 1] = (char *)(uintptr_t) "-EA=1";
    world->words[count++] = (char *)(uintptr_t) "prog";
    assert_int_equal(parse_words(world, count), OPTIONS_BAD);
    assert_string_equal(world->said, "renacer-sv: more than 256 options -E\n");
}

/* ----------------------------------------------------------------------- the table */

/* An argument that option `id` takes. */
static const char *good_argument(enum option_id id) {
    switch (id) {
    case OPTION_FORMAT:
        return "json";
    case OPTION_STRING_LIMIT:
    case OPTION_COLUMN:
        return "9";
    case OPTION_RING_SIZE:
        return "64K";
    case OPTION_DECODE:
        return "full";
    case OPTION_ENGINE:
        return "notify";
    case OPTION_COLOUR:
        return "never";
    case OPTION_COMPLETION:
        return "bash";
    case OPTION_OUTPUT:
        return "file";
    case OPTION_SORT:
        return "name";
    case OPTION_EXPRESSION:
        return "trace=read";
    case OPTION_TRACE:
        return "read";
    case OPTION_STATUS:
        return "failed";
    case OPTION_SIGNAL:
        return "none";
    case OPTION_PATH:
        return "/nonexistent";
    case OPTION_ATTACH:
        return "1,22";
    case OPTION_USER:
        return "somebody";
    case OPTION_REDACT:
        return "buffers";
    case OPTION_REDACT_FILE:
        return "/dev/null";
    case OPTION_SOURCE_SKIP:
        return "*/third_party/*,!own";
    case OPTION_STACK_LIMIT:
        return "8K";
    case OPTION_ENVIRONMENT:
        return "A=1";
    case OPTION_NORMALIZE:
        return "all,-times";
    default:
        return NULL;
    }
}

static void test_attach(void **state) {
    struct world *world = *state;
    assert_int_equal(PARSE(world, "-p", "12,34", "-p34", "--attach=56 78\n"), OPTIONS_RUN);
    assert_int_equal(world->options.attach_count, 4);
    assert_int_equal(world->options.attach[0], 12);
    assert_int_equal(world->options.attach[2], 56);
    assert_int_equal(world->options.attach[3], 78);
    assert_null(world->options.program);
    BAD(world, "-p wants the ids of processes, joined by commas, not 'abc'", "-p", "abc");
    BAD(world, "-p wants the ids of processes, joined by commas, not '0'", "-p0");
    BAD(world, "-p wants the ids of processes, joined by commas, not '-5'", "-p", "-5");
    BAD(world, "-p wants the ids of processes, joined by commas, not ''", "-p", "");
    BAD(world, "-p wants the ids of processes, joined by commas, not '4294967297'", "-p4294967297");
    BAD(world, "-p wants the ids of processes, joined by commas, not '1x'", "-p", "1x");
    BAD(world, "-p attaches to processes that run; it goes without a program ('prog')", "-p1", "prog");
    BAD(world, "engine notify cannot attach to processes; -p needs engine ptrace", "-p1", "--engine=notify");
    BAD(world, "-u is for programs that are started, and -p is for those that run already", "-p1", "-uroot");
    BAD(world, "-E is for programs that are started, and -p is for those that run already", "-p1", "-EA=1");
}

static void test_golden(void **state) {
    struct world *world = *state;
    RUNS(world, "--golden", "prog");
    assert_true(world->options.output.golden);
    assert_int_equal(world->options.output.format, FORMAT_JSON);
    assert_int_equal(world->options.output.golden_rules, GOLDEN_ALL_RULES);
    assert_true(world->options.lossless);
    assert_true(world->options.output.events);
    assert_false(world->options.output.follow);
    assert_false(world->options.output.descriptors);
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_PATHS);
    assert_int_equal(world->options.capture.string_limit, 65536);
    assert_null(world->options.output.selection);
    RUNS(world, "--golden", "--format=jsonl", "--string-limit=5", "-y", "--normalize=none,ids", "prog");
    assert_int_equal(world->options.output.format, FORMAT_JSONL);
    assert_int_equal(world->options.capture.string_limit, 5);
    assert_int_equal(world->options.output.golden_rules, 1U << RULE_IDS);
    assert_true(world->options.output.descriptors);
    RUNS(world, "--golden", "-e", "trace=write", "prog");
    assert_ptr_equal(world->options.output.selection, &world->options.selection);
    assert_false(selection_has(&world->options.selection, ARCH_X86_64, SYS_mmap));
    assert_true(selection_has(&world->options.traced, ARCH_X86_64, SYS_mmap));
    assert_true(selection_has(&world->options.traced, ARCH_I386, 192));
    assert_false(selection_has(&world->options.traced, ARCH_X86_64, SYS_read));
}

static void test_what_golden_does_not_go_with(void **state) {
    struct world *world = *state;
    BAD(world, "--golden does not go with --format text or csv: a golden trace is JSON or JSON Lines", "--golden",
        "--format=text", "prog");
    BAD(world, "--golden does not go with --format text or csv: a golden trace is JSON or JSON Lines", "--format=csv",
        "--golden", "prog");
    BAD(world,
        "--golden does not go with -v: it shows what is another in every run, such as times of files and numbers of "
        "inodes",
        "--golden", "-v", "prog");
    BAD(world, "--golden does not go with -T, -t and -r: no time is the same twice", "--golden", "-T", "prog");
    BAD(world, "--golden does not go with -T, -t and -r: no time is the same twice", "--golden", "-tt", "prog");
    BAD(world, "--golden does not go with -T, -t and -r: no time is the same twice", "--golden", "-r", "prog");
    BAD(world, "--golden does not go with -c and -C: times are a part of the table", "--golden", "-c", "prog");
    BAD(world, "--golden does not go with -c and -C: times are a part of the table", "--golden", "-C", "prog");
    BAD(world, "--golden does not go with -s and -k: lines and addresses of the program change with every edit",
        "--golden", "-s", "prog");
    BAD(world, "--golden does not go with -s and -k: lines and addresses of the program change with every edit",
        "--golden", "-k", "prog");
    BAD(world, "--golden does not go with -p: a golden trace begins where the program does", "--golden", "-p1");
    BAD(world, "--golden does not go with --engine notify-only: it records no results", "--golden",
        "--engine=notify-only", "prog");
    BAD(world, "--normalize is for golden traces; use it with --golden", "--normalize=all", "prog");
    BAD(world, "unknown rule 'id' of --normalize; did you mean 'ids'?", "--golden", "--normalize=id", "prog");
}

static enum options_verdict verdict_of(enum option_id id) {
    return id == OPTION_HELP || id == OPTION_VERSION || id == OPTION_COMPLETION ? OPTIONS_DONE : OPTIONS_RUN;
}

/* Every option of the table, by its name and by its letter, changes what the options are or prints. */
static void test_every_row(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        if (!option_is_one(row)) {
            continue;
        }
        const char *argument = good_argument(row->id);
        assert_int_equal(argument != NULL, row->argument != NULL);
        char name[64];
        snprintf(name, sizeof(name), "--%s%s%s", row->name, argument ? "=" : "", argument ? argument : "");
        /* One option goes without a program. */
        const char *program = row->id == OPTION_ATTACH ? NULL : "prog";
        /* And some only with another. */
        bool of_source = row->id == OPTION_SOURCE_SKIP || row->id == OPTION_STACK_LIMIT;
        const char *with = row->id == OPTION_NORMALIZE ? "--golden" : of_source ? "--source" : "--events";
        assert_int_equal(PARSE(world, with, name, program), verdict_of(row->id));
        assert_string_equal(world->said, "");
        assert_int_equal(world->printed[0] != 0, verdict_of(row->id) == OPTIONS_DONE);
        if (option_has_letter(row)) {
            char letter[64];
            snprintf(letter, sizeof(letter), "-%c%s", row->id, argument ? argument : "");
            assert_int_equal(PARSE(world, letter, program), verdict_of(row->id));
            assert_string_equal(world->said, "");
        }
    }
}

static void test_every_row_that_wants_an_argument_says_so(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        if (option_is_one(row) && row->argument) {
            char name[64];
            char expected[128];
            snprintf(name, sizeof(name), "--%s", row->name);
            snprintf(expected, sizeof(expected), "renacer-sv: option '%s' needs an argument\n", name);
            assert_int_equal(PARSE(world, name), OPTIONS_BAD);
            assert_string_equal(world->said, expected);
        }
    }
}

static void test_every_row_that_takes_none_says_so(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        if (option_is_one(row) && !row->argument) {
            char name[64];
            char expected[128];
            snprintf(name, sizeof(name), "--%s=x", row->name);
            snprintf(expected, sizeof(expected), "renacer-sv: option '--%s' takes no argument\n", row->name);
            assert_int_equal(PARSE(world, name, "prog"), OPTIONS_BAD);
            assert_string_equal(world->said, expected);
        }
    }
}

/* What `print` prints; the caller's. */
static char *printed_by(void (*print)(FILE *)) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    print(stream);
    fclose(stream);
    return text;
}

static void test_help_names_every_option(void **state) {
    (void)state;
    char *help = printed_by(options_print_help);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        char wanted[96];
        if (!option_is_one(row)) {
            snprintf(wanted, sizeof(wanted), "\n\n%s\n", row->name);
        } else if (option_has_letter(row)) {
            snprintf(wanted, sizeof(wanted), "\n  -%c, --%s%s%s", row->id, row->name, " ",
                     row->argument ? row->argument : "");
        } else {
            snprintf(wanted, sizeof(wanted), "\n      --%s%s%s", row->name, " ", row->argument ? row->argument : "");
        }
        if (!strstr(help, wanted)) {
            fail_msg("the help lacks '%s'", wanted);
        }
    }
    free(help);
}

static void test_completions_name_every_option(void **state) {
    (void)state;
    char *bash = printed_by(options_print_bash);
    char *zsh = printed_by(options_print_zsh);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        if (!option_is_one(row)) {
            assert_null(strstr(bash, row->name));
            continue;
        }
        char wanted[96];
        snprintf(wanted, sizeof(wanted), "--%s ", row->name);
        assert_non_null(strstr(bash, wanted));
        snprintf(wanted, sizeof(wanted), "'*--%s%s[", row->name, row->argument ? "=" : "");
        assert_non_null(strstr(zsh, wanted));
        if (option_has_letter(row)) {
            snprintf(wanted, sizeof(wanted), "-%c ", row->id);
            assert_non_null(strstr(bash, wanted));
            snprintf(wanted, sizeof(wanted), "'*-%c%s[", row->id, row->argument ? "+" : "");
            assert_non_null(strstr(zsh, wanted));
        }
    }
    free(bash);
    free(zsh);
}

static void test_no_option_is_there_twice(void **state) {
    (void)state;
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        assert_non_null(option_rows[i].name);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(option_rows[i].name, option_rows[j].name);
            assert_true(!option_is_one(&option_rows[i]) || option_rows[i].id != option_rows[j].id);
        }
    }
}

/* ------------------------------------------------------------------------- together */

static void test_a_table_of_calls_reads_nothing(void **state) {
    struct world *world = *state;
    RUNS(world, "-c", "-yy", "prog");
    assert_false(world->options.capture.memory);
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_NONE);
    RUNS(world, "-C", "-yy", "prog");
    assert_true(world->options.capture.memory);
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_ENDPOINTS);
}

static void test_a_table_of_the_calls_on_a_path_reads_paths(void **state) {
    struct world *world = *state;
    RUNS(world, "-c", "-P", "/nonexistent", "prog");
    assert_true(world->options.capture.memory);
    assert_int_equal(world->options.capture.detail, DESCRIPTOR_PATHS);
}

static void test_csv_is_one_table(void **state) {
    struct world *world = *state;
    BAD(world, "CSV holds one table: use -c for the summary or leave out -C for the calls", "-C", "--format", "csv",
        "prog");
    RUNS(world, "-c", "--format", "csv", "prog");
    RUNS(world, "-T", "-s", "--format", "csv", "prog");
}

static void test_csv_has_no_time_stamps(void **state) {
    struct world *world = *state;
    BAD(world, "CSV has no column for time stamps; use --format jsonl or text", "--format", "csv", "-t", "prog");
    BAD(world, "CSV has no column for time stamps; use --format jsonl or text", "-r", "--format", "csv", "prog");
    RUNS(world, "--format", "csv", "-r", "--format", "jsonl", "prog");
}

/* -------------------------------------------------------------------------- refused */

static void test_unknown_options(void **state) {
    struct world *world = *state;
    BAD(world, "unknown option '-Q'; see renacer-sv --help", "-Q", "prog");
    BAD(world, "unknown option '-Q'; see renacer-sv --help", "-fQc", "prog");
    BAD(world, "unknown option '--formta'; did you mean '--format'?", "--formta", "json", "prog");
    BAD(world, "unknown option '--xyzzy'; see renacer-sv --help", "--xyzzy", "prog");
}

static void test_options_at_the_end_without_argument(void **state) {
    struct world *world = *state;
    BAD(world, "option '-o' needs an argument", "-o");
    BAD(world, "option '--format' needs an argument", "-f", "--format");
}

static void test_unknown_words(void **state) {
    struct world *world = *state;
    BAD(world, "unknown value 'jsno' of --format; use one of text|json|jsonl|csv (did you mean 'json'?)", "--format",
        "jsno", "prog");
    BAD(world, "unknown value 'xml' of --format; use one of text|json|jsonl|csv", "--format", "xml", "prog");
    BAD(world, "unknown value '' of --format; use one of text|json|jsonl|csv", "--format", "", "prog");
    BAD(world, "unknown value 'blue' of --color; use one of auto|always|never", "--color", "blue", "prog");
    BAD(world, "unknown value 'powershell' of --completion; use one of bash|zsh", "--completion", "powershell");
    assert_int_equal(PARSE(world, "-S", "tiem", "prog"), OPTIONS_BAD);
    assert_non_null(strstr(world->said, "'tiem'"));
    assert_non_null(strstr(world->said, "did you mean 'time'?"));
    assert_int_equal(PARSE(world, "--engine", "notfy", "prog"), OPTIONS_BAD);
    assert_non_null(strstr(world->said, "did you mean 'notify'?"));
}

static void test_bad_numbers(void **state) {
    static const char *const wrong[] = {"", "many", "-1", "1048577", "9x", "99999999999999999999", "0x10"};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char expected[128];
        snprintf(expected, sizeof(expected), "renacer-sv: --string-limit wants a number from 0 to 1048576, not '%s'\n",
                 wrong[i]);
        assert_int_equal(PARSE(world, "--string-limit", wrong[i], "prog"), OPTIONS_BAD);
        assert_string_equal(world->said, expected);
    }
}

static void test_bad_expressions(void **state) {
    struct world *world = *state;
    BAD(world, "unknown system call 'opneat' in -e; did you mean 'openat'?", "-e", "opneat", "prog");
    BAD(world, "unknown status 'faled' in -e status=; did you mean 'failed'?", "-e", "status=faled", "prog");
    assert_int_equal(PARSE(world, "-e", "signal=SIGFOO", "prog"), OPTIONS_BAD);
    assert_non_null(strstr(world->said, "unknown signal 'SIGFOO'"));
    BAD(world, "unknown qualifier 'colour' in -e; use trace=NAME,...", "-e", "colour=red", "prog");
}

static void test_without_a_program(void **state) {
    struct world *world = *state;
    BAD(world, "no program to trace; see renacer-sv --help", "-f");
    BAD(world, "no program to trace; see renacer-sv --help", "--");
}

static void test_without_anything_there_are_hints(void **state) {
    struct world *world = *state;
    world->words[0] = (char *)(uintptr_t) "renacer-sv";
    assert_int_equal(parse_words(world, 1), OPTIONS_BAD);
    assert_string_equal(world->printed, "");
    unsigned lines = 0;
    for (const char *end = world->said; (end = strchr(end, '\n')); end++) {
        lines++;
    }
    assert_int_equal(lines, 10);
}

static void test_what_is_printed_is_all_that_is_done(void **state) {
    struct world *world = *state;
    assert_int_equal(PARSE(world, "--version", "--nonsense"), OPTIONS_DONE);
    assert_memory_equal(world->printed, "renacer-sv ", 11);
    assert_int_equal(PARSE(world, "-h"), OPTIONS_DONE);
    char *help = printed_by(options_print_help);
    assert_string_equal(world->printed, help);
    free(help);
    assert_int_equal(PARSE(world, "--completion", "zsh"), OPTIONS_DONE);
    char *zsh = printed_by(options_print_zsh);
    assert_string_equal(world->printed, zsh);
    free(zsh);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_the_program_ends_the_options),
        TEST(test_switches),
        TEST(test_letters_may_be_joined),
        TEST(test_time_stamps_count),
        TEST(test_descriptors_count),
        TEST(test_formats),
        TEST(test_orders),
        TEST(test_colours),
        TEST(test_engines),
        TEST(test_string_limits),
        TEST(test_the_size_of_rings),
        TEST(test_how_structures_and_strings_look),
        TEST(test_outputs),
        TEST(test_selection),
        TEST(test_what_was_asked_for),
        TEST(test_statuses),
        TEST(test_signals),
        TEST(test_paths),
        TEST(test_the_environment),
        TEST(test_too_much_environment),
        TEST(test_attach),
        TEST(test_golden),
        TEST(test_what_golden_does_not_go_with),
        TEST(test_every_row),
        TEST(test_every_row_that_wants_an_argument_says_so),
        TEST(test_every_row_that_takes_none_says_so),
        TEST(test_help_names_every_option),
        TEST(test_completions_name_every_option),
        TEST(test_no_option_is_there_twice),
        TEST(test_a_table_of_calls_reads_nothing),
        TEST(test_a_table_of_the_calls_on_a_path_reads_paths),
        TEST(test_csv_is_one_table),
        TEST(test_csv_has_no_time_stamps),
        TEST(test_unknown_options),
        TEST(test_options_at_the_end_without_argument),
        TEST(test_unknown_words),
        TEST(test_bad_numbers),
        TEST(test_bad_expressions),
        TEST(test_without_a_program),
        TEST(test_without_anything_there_are_hints),
        TEST(test_what_is_printed_is_all_that_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
