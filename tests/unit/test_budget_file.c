/* SPDX-License-Identifier: MIT */
#include "budgets.h"

#include "name_pattern.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Read the text as a file of budgets; `problem` has what is said without the name of the file. */
static int read_bytes(struct budget_file *file, const char *text, size_t size, char *problem, size_t problem_size) {
    char path[32];
    char sentence[512] = "";
    int memory = memfd_create("budgets", MFD_CLOEXEC);
    assert_true(memory >= 0 && write(memory, text, size) == (ssize_t)size);
    int length = snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
    int status = budget_file_read(file, path, sentence, sizeof(sentence));
    close(memory);
    bool has_name = strncmp(sentence, path, (size_t)length) == 0;
    snprintf(problem, problem_size, "%s", has_name ? sentence + length + 1 : sentence);
    return status;
}

static struct budget_file read_text(const char *text) {
    struct budget_file file;
    char problem[512];
    if (read_bytes(&file, text, strlen(text), problem, sizeof(problem)) != 0) {
        fail_msg("%s: %s", text, problem);
    }
    return file;
}

/* `expected` begins with line and column. */
static void assert_mistake(const char *text, const char *expected) {
    struct budget_file file;
    char problem[512];
    assert_int_equal(read_bytes(&file, text, strlen(text), problem, sizeof(problem)), -EINVAL);
    assert_string_equal(problem, expected);
    budget_file_finish(&file);
}

/* All notes as "12 warning: text" or "12 note: text", a line each. */
static void assert_notes(const struct budget_file *file, const char *expected) {
    char text[4096] = "";
    size_t length = 0;
    for (size_t i = 0; i < file->note_count && length < sizeof(text); i++) {
        const struct budget_note *note = &file->notes[i];
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%u %s: %s\n", note->line,
                                   note->is_warning ? "warning" : "note", note->text);
    }
    assert_string_equal(text, expected);
}

static void assert_limit(const struct budget *budget, enum quantity quantity, double max, unsigned line) {
    const struct limit *limit = &budget->limits[quantity];
    assert_true(limit->has_max);
    assert_false(limit->has_min);
    assert_true(limit->max == max);
    assert_int_equal(limit->line, line);
}

static void assert_increase(const struct budget *budget, enum quantity quantity, double amount, bool is_share) {
    const struct increase *increase = &budget->limits[quantity].increase;
    assert_true(increase->is_set);
    assert_int_equal(increase->is_share, is_share);
    assert_true(increase->amount == amount);
}

static bool is_unlimited(const struct budget *budget, enum quantity quantity) {
    const struct limit *limit = &budget->limits[quantity];
    return !limit->has_max && !limit->has_min && !limit->increase.is_set && !limit->line;
}

/* ------------------------------------------------------------ a file of a user */

static void assert_assertion(const struct budget *budget, enum budget_kind kind, const char *name, unsigned line,
                             bool fails, bool enabled) {
    assert_int_equal(budget->kind, kind);
    assert_string_equal(budget->name, name);
    assert_int_equal(budget->line, line);
    assert_int_equal(budget->fails, fails);
    assert_int_equal(budget->enabled, enabled);
    assert_null(budget->calls.selection);
    assert_int_equal(budget->path_count, 0);
}

static void test_assertions_of_a_user(void **state) {
    (void)state;
    struct budget_file file;
    char path[4096];
    char problem[512] = "";
    snprintf(path, sizeof(path), "%s/renacer.toml", getenv("TRACE_DATA"));
    if (budget_file_read(&file, path, problem, sizeof(problem)) != 0) {
        fail_msg("%s", problem);
    }
    assert_string_equal(file.path, path);
    assert_int_equal(file.count, 6);
    const struct budget *budgets = file.budgets;
    assert_assertion(&budgets[0], BUDGET_CRITICAL_PATH, "cli_startup_latency", 8, true, true);
    assert_limit(&budgets[0], QUANTITY_TIME, 15e6, 11);
    assert_string_equal(budgets[0].type, "critical_path");
    assert_int_equal(budgets[0].time, TIME_KERNEL);
    assert_assertion(&budgets[1], BUDGET_SPAN_COUNT, "max_syscall_budget", 15, true, true);
    assert_limit(&budgets[1], QUANTITY_COUNT, 150, 18);
    assert_string_equal(budgets[1].type, "span_count");
    assert_assertion(&budgets[2], BUDGET_MEMORY, "memory_allocation_budget", 22, true, true);
    assert_limit(&budgets[2], QUANTITY_BYTES, 10485760, 25);
    assert_int_equal(budgets[2].memory, MEMORY_ALLOCATIONS);
    assert_string_equal(budgets[2].type, "memory_usage");
    assert_assertion(&budgets[3], BUDGET_ANTI_PATTERN, "prevent_god_process", 30, false, true);
    assert_limit(&budgets[3], QUANTITY_SCORE, 0.8, 34);
    assert_int_equal(budgets[3].pattern, PATTERN_GOD_PROCESS);
    assert_assertion(&budgets[4], BUDGET_ANTI_PATTERN, "detect_tight_loops", 38, false, true);
    assert_limit(&budgets[4], QUANTITY_SCORE, 0.7, 42);
    assert_int_equal(budgets[4].pattern, PATTERN_TIGHT_LOOP);
    assert_string_equal(budgets[4].type, "anti_pattern");
    assert_assertion(&budgets[5], BUDGET_CRITICAL_PATH, "ultra_strict_latency", 47, true, false);
    assert_limit(&budgets[5], QUANTITY_TIME, 5e6, 50);
    budget_file_finish(&file);
}

static void test_the_rest_of_the_file_of_a_user(void **state) {
    (void)state;
    struct budget_file file;
    char path[4096];
    char problem[512] = "";
    snprintf(path, sizeof(path), "%s/renacer.toml", getenv("TRACE_DATA"));
    assert_int_equal(budget_file_read(&file, path, problem, sizeof(problem)), 0);
    const struct equivalence *equivalence = &file.equivalence;
    assert_true(equivalence->is_set && equivalence->enabled);
    assert_int_equal(equivalence->line, 63);
    assert_string_equal(equivalence->golden_dir, "golden_traces/python");
    assert_string_equal(equivalence->baseline_dir, "golden_traces/baseline");
    assert_true(equivalence->min_confidence == 0.9);
    assert_true(equivalence->check_writes && equivalence->check_files && equivalence->check_output);
    assert_false(equivalence->check_memory);
    assert_true(equivalence->speedup_min == 3 && equivalence->speedup_max == 20);
    assert_true(equivalence->memory_reduction_min == 2);
    assert_int_equal(equivalence->confidence_line, 68);
    assert_int_equal(equivalence->speedup_min_line, 77);
    assert_int_equal(equivalence->speedup_max_line, 78);
    assert_int_equal(equivalence->memory_line, 79);
    assert_true(file.fail_fast);
    assert_notes(&file,
                 "66 note: rust_trace_dir in [semantic_equivalence] does not apply: the trace that is checked is that "
                 "side\n"
                 "82 note: [lamport_clock] (enabled, propagate_across_fork, propagate_across_exec, env_var) does not "
                 "apply: the order across processes comes from the kernel's own clock\n"
                 "89 note: [compression] (enabled, algorithm, min_file_size_kb) does not apply: traces are not "
                 "compressed by renacer-sv\n"
                 "95 note: [otlp] (enabled, endpoint, service_name) does not apply: there is no OTLP export\n"
                 "103 note: export_format in [ci] does not apply: the form of a report is --format of `renacer-sv "
                 "check`\n"
                 "104 note: export_path in [ci] does not apply: where a report goes is -o of `renacer-sv check`\n"
                 "105 note: compare_with_baseline in [ci] does not apply: a trace is compared with its baseline "
                 "wherever baseline_dir has one\n");
    budget_file_finish(&file);
}

/* ------------------------------------------------------------- the documentation */

static char *read_documentation(void) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/../../docs/budgets.md", getenv("TRACE_DATA"));
    FILE *file = fopen(path, "r");
    size_t room = 0;
    char *text = NULL;
    assert_non_null(file);
    assert_true(getdelim(&text, &room, 0, file) > 0);
    fclose(file);
    return text;
}

static void test_the_file_to_start_from_is_one(void **state) {
    (void)state;
    static const char opening[] = "```toml\n";
    char *text = read_documentation();
    char *begin = strstr(text, opening);
    assert_non_null(begin);
    begin += strlen(opening);
    char *end = strstr(begin, "```");
    assert_non_null(end);
    *end = 0;
    struct budget_file file = read_text(begin);
    assert_int_equal(file.count, 7);
    assert_notes(&file, "");
    assert_string_equal(file.budgets[6].name, "forbidden: connect");
    budget_file_finish(&file);
    free(text);
}

/* ------------------------------------------------------------------ assertions */

static void test_keys_of_assertions(void **state) {
    (void)state;
    struct budget_file file = read_text("[[assertion]]\nname = 'p'\ntype = 'critical_path'\nclock = 'wall'\n"
                                        "max_increase = '10%'\nmax_duration_ms = 1.5\ntrace_name_pattern = '^cli_'\n"
                                        "[[assertion]]\nname = 's'\ntype = 'span_count'\nmax_increase = 3\n"
                                        "span_name_pattern = 'open|read'\n"
                                        "[[assertion]]\nname = 'm'\ntype = 'memory_usage'\nmax_bytes = 1e6\n"
                                        "tracking_mode = 'rss'\nmax_increase = '2.5 %'\ndescription = 1\n"
                                        "[[assertion]]\nname = 'a'\ntype = 'anti_pattern'\npattern = 'TightLoop'\n"
                                        "threshold = 1\nprocess_name_pattern = 'worker$'\n");
    assert_int_equal(file.count, 4);
    const struct budget *path = &file.budgets[0];
    assert_int_equal(path->time, TIME_WALL);
    assert_limit(path, QUANTITY_TIME, 1.5e6, 5);
    assert_increase(path, QUANTITY_TIME, 10, true);
    assert_int_equal(name_pattern_matches(path->trace_pattern, "cli_fast"), 1);
    assert_int_equal(name_pattern_matches(path->trace_pattern, "a_cli_fast"), 0);
    assert_true(path->fails && path->enabled);
    const struct budget *spans = &file.budgets[1];
    assert_false(spans->limits[QUANTITY_COUNT].has_max);
    assert_increase(spans, QUANTITY_COUNT, 3, false);
    assert_int_equal(name_pattern_matches(spans->span_pattern, "openat"), 1);
    assert_int_equal(name_pattern_matches(spans->span_pattern, "write"), 0);
    const struct budget *memory = &file.budgets[2];
    assert_int_equal(memory->memory, MEMORY_RSS);
    assert_limit(memory, QUANTITY_BYTES, 1e6, 16);
    assert_increase(memory, QUANTITY_BYTES, 2.5, true);
    const struct budget *pattern = &file.budgets[3];
    assert_limit(pattern, QUANTITY_SCORE, 1, 24);
    assert_int_equal(name_pattern_matches(pattern->process_pattern, "/bin/worker"), 1);
    assert_notes(&file, "");
    budget_file_finish(&file);
}

static void test_assertions_that_no_trace_can_tell(void **state) {
    (void)state;
    struct budget_file file =
        read_text("[[assertion]]\nname = 'c'\ntype = 'custom'\nexpression = 'trace.spans.len() < 3'\n"
                  "fail_on_violation = false\n"
                  "[[assertion]]\nname = 'g'\ntype = 'anti_pattern'\nthreshold = 0.5\npattern = 'PcieBottleneck'\n"
                  "process_name_pattern = 'gpu'\n"
                  "[[assertion]]\nname = 'h'\ntype = 'anti_pattern'\npattern = 'PCIeBottleneck'\nthreshold = 0\n");
    static const char *const types[] = {"custom", "anti_pattern", "anti_pattern"};
    assert_int_equal(file.count, 3);
    for (size_t i = 0; i < file.count; i++) {
        assert_int_equal(file.budgets[i].kind, BUDGET_INAPPLICABLE);
        assert_string_equal(file.budgets[i].type, types[i]);
        assert_non_null(strstr(file.budgets[i].inapplicable, "system calls"));
        assert_int_equal(file.budgets[i].fails, i != 0);
    }
    assert_notes(&file, "");
    budget_file_finish(&file);
}

static void test_mistakes_in_assertions(void **state) {
    (void)state;
    static const struct {
        const char *text; /* behind the first line */
        const char *problem;
    } cases[] = {
        {"", "1:1: [[assertion]] needs a name"},
        {"name = 1", "2:1: name has to be a string, not an integer"},
        {"name = ''", "2:1: name is empty"},
        {"name = \"a\\u0000\"", "2:1: name has a NUL in it"},
        {"name = 'x'\nmax_spans = 1",
         "1:1: [[assertion]] needs a type: critical_path, span_count, memory_usage, anti_pattern or custom"},
        {"name = 'x'\n  type = 'critcal_path'", "3:3: unknown type 'critcal_path'; did you mean 'critical_path'?"},
        {"name = 'x'\ntype = 'performance'",
         "3:1: unknown type 'performance'; it is critical_path, span_count, memory_usage, anti_pattern or custom"},
        {"name = 'x'\ntype = 'span_count'\nmax_spans = '5'", "4:1: max_spans has to be an integer, not a string"},
        {"name = 'x'\ntype = 'span_count'\nmax_spans = 1.5", "4:1: max_spans has to be a whole number"},
        {"name = 'x'\ntype = 'span_count'\nmax_spans = -1", "4:1: max_spans must not be negative"},
        {"name = 'x'\ntype = 'span_count'\nmax_spans = 9007199254740994",
         "4:1: max_spans is too large: at most 9007199254740992"},
        {"name = 'x'\ntype = 'span_count'\nmax_spans = 9007199254740993",
         "4:1: max_spans is too large: at most 9007199254740992"},
        {"name = 'x'\ntype = 'span_count'\ncalls = 'read'",
         "1:1: assertion 'x' limits nothing: it needs one of max_spans, max_increase"},
        {"name = 'x'\ntype = 'span_count'\nmax_spans = 1\nspan_name_pattern = '('",
         "5:1: span_name_pattern is no regular expression: missing closing parenthesis at offset 1 of '('"},
        {"name = 'x'\ntype = 'critical_path'",
         "1:1: assertion 'x' limits nothing: it needs one of max_duration_ms, max_increase"},
        {"name = 'x'\ntype = 'critical_path'\nmax_duration_ms = nan", "4:1: max_duration_ms has to be a finite number"},
        {"name = 'x'\ntype = 'critical_path'\nmax_duration_ms = -inf",
         "4:1: max_duration_ms has to be a finite number"},
        {"name = 'x'\ntype = 'critical_path'\nmax_duration_ms = -0.5", "4:1: max_duration_ms must not be negative"},
        {"name = 'x'\ntype = 'critical_path'\nmax_duration_ms = 1e10",
         "4:1: max_duration_ms is too large: at most 9007199254"},
        {"name = 'x'\ntype = 'critical_path'\nmax_duration_ms = true",
         "4:1: max_duration_ms has to be a number, not true or false"},
        {"name = 'x'\ntype = 'critical_path'\nclock = 'wal'", "4:1: unknown clock 'wal'; did you mean 'wall'?"},
        {"name = 'x'\ntype = 'critical_path'\nclock = 'monotonic'",
         "4:1: unknown clock 'monotonic'; it is kernel or wall"},
        {"name = 'x'\ntype = 'memory_usage'\ntracking_mode = 'rss'",
         "1:1: assertion 'x' limits nothing: it needs one of max_bytes, max_increase"},
        {"name = 'x'\ntype = 'memory_usage'\nmax_bytes = 1\ntracking_mode = 'heap'",
         "5:1: unknown tracking_mode 'heap'; it is allocations or rss"},
        {"name = 'x'\ntype = 'anti_pattern'\nthreshold = 0.5",
         "1:1: assertion 'x' needs a pattern: TightLoop or GodProcess"},
        {"name = 'x'\ntype = 'anti_pattern'\npattern = 'GodProcess'", "1:1: assertion 'x' needs a threshold"},
        {"name = 'x'\ntype = 'anti_pattern'\npattern = 'GodProces'",
         "4:1: unknown pattern 'GodProces'; did you mean 'GodProcess'?"},
        {"name = 'x'\ntype = 'anti_pattern'\nthreshold = 1.01", "4:1: threshold has to be from 0 to 1"},
        {"name = 'x'\ntype = 'anti_pattern'\nthreshold = -1", "4:1: threshold must not be negative"},
        {"name = 'x'\ntype = 'anti_pattern'\nthreshold = '0.5'", "4:1: threshold has to be a number, not a string"},
        {"name = 'x'\ntype = 'custom'\nenabled = 'yes'", "4:1: enabled has to be true or false, not a string"},
        {"name = 'x'\ntype = 'custom'\nfail_on_violation = 0",
         "4:1: fail_on_violation has to be true or false, not an integer"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[512];
        snprintf(text, sizeof(text), "[[assertion]]\n%s\n", cases[i].text);
        assert_mistake(text, cases[i].problem);
    }
}

/* --------------------------------------------------------------------- budgets */

static void test_keys_of_budgets(void **state) {
    (void)state;
    struct budget_file file =
        read_text("[[budget]]\nname = 'all'\nmax_errors = 2\nmax_count = 10\nmin_count = 2\nmax_time_us = 1500\n"
                  "max_bytes = 4096\nmax_count_increase = '5%'\nmax_errors_increase = 0\nmax_time_increase = 0.25\n"
                  "max_bytes_increase = '0.5%'\nfail_on_violation = false\nenabled = false\ndescription = 'any'\n"
                  "trace_name_pattern = 't'\nprocess_name_pattern = 'p'\n"
                  "[[budget]]\nname = 'some'\ncalls = ['openat', '%memory', '!brk']\nmax_increase = '10%'\n"
                  "path = ['/etc/', '/usr/lib/*.so', '/tmp/a\\b', '/a\\*']\n"
                  "[[budget]]\nname = 'one'\ncalls = 'trace=read,write'\npath = '/dev/null'\nmax_time_ms = 2\n");
    assert_int_equal(file.count, 3);
    const struct budget *all = &file.budgets[0];
    assert_int_equal(all->kind, BUDGET_CALLS);
    assert_string_equal(all->type, "budget");
    assert_false(all->fails || all->enabled);
    assert_null(all->calls.selection);
    const struct limit *count = &all->limits[QUANTITY_COUNT];
    assert_true(count->has_max && count->max == 10 && count->has_min && count->min == 2 && count->line == 4);
    assert_increase(all, QUANTITY_COUNT, 5, true);
    assert_limit(all, QUANTITY_ERRORS, 2, 3);
    assert_increase(all, QUANTITY_ERRORS, 0, false);
    assert_limit(all, QUANTITY_TIME, 1.5e6, 6);
    assert_increase(all, QUANTITY_TIME, 250000, false);
    assert_limit(all, QUANTITY_BYTES, 4096, 7);
    assert_increase(all, QUANTITY_BYTES, 0.5, true);
    assert_true(is_unlimited(all, QUANTITY_SCORE));
    assert_non_null(all->trace_pattern);
    assert_non_null(all->process_pattern);

    const struct budget *some = &file.budgets[1];
    assert_true(some->fails && some->enabled);
    assert_true(call_names_have(&some->calls, "openat") && call_names_have(&some->calls, "mmap"));
    assert_false(call_names_have(&some->calls, "brk") || call_names_have(&some->calls, "read"));
    assert_increase(some, QUANTITY_COUNT, 10, true);
    assert_int_equal(some->limits[QUANTITY_COUNT].line, 20);
    assert_true(is_unlimited(some, QUANTITY_TIME));
    static const char *const paths[] = {"/etc/", "/usr/lib/*.so", "/tmp/a\\b", "/a\\*"};
    assert_int_equal(some->path_count, COUNT_OF(paths));
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_string_equal(some->paths[i], paths[i]);
    }

    const struct budget *one = &file.budgets[2];
    assert_limit(one, QUANTITY_TIME, 2e6, 26);
    assert_true(call_names_have(&one->calls, "write"));
    assert_int_equal(one->path_count, 1);
    assert_string_equal(one->paths[0], "/dev/null");
    budget_file_finish(&file);
}

static void test_mistakes_in_budgets(void **state) {
    (void)state;
    static const struct {
        const char *text; /* behind the first two lines */
        const char *problem;
    } cases[] = {
        {"calls = 'read'",
         "1:1: budget 'x' limits nothing: it needs one of max_count, min_count, max_errors, max_time_ms, max_time_us, "
         "max_bytes, max_increase, max_errors_increase, max_time_increase, max_bytes_increase"},
        {"calls = 'opne'", "3:1: unknown system call 'opne' in calls; did you mean 'open'?"},
        {"calls = ['read', 'write,%nte']", "3:1: unknown class '%nte' in calls; did you mean '%net'?"},
        {"calls = []", "3:1: calls is empty; without it all are meant"},
        {"calls = ['read',\n  4]", "4:3: calls has to be a string, not an integer"},
        {"calls = ['']", "3:10: calls is empty"},
        {"calls = {}", "3:1: calls has to be a string or an array of strings, not a table"},
        {"path = 1", "3:1: path has to be a string or an array of strings, not an integer"},
        {"path = []", "3:1: path is empty; without it all are meant"},
        {"path = ['/a', '']", "3:15: path is empty"},
        {"path = \"/a\\u0000b\"", "3:1: path has a NUL in it"},
        {"max_time_ms = 1\nmax_time_us = 1", "4:1: max_time_us is the second maximum of time here"},
        {"max_count_increase = 1\nmax_increase = '1%'", "4:1: max_increase is the second increase of calls here"},
        {"max_increase = '10'", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = '%'", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = '-1%'", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = '1.%'", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = '1e3%'", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = '10%%'", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = \"10%\\u0000\"", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = true", "3:1: max_increase has to be a share such as \"10%\", or a number"},
        {"max_increase = '9999999999999999999%'", "3:1: max_increase is too large"},
        {"max_increase = 0.5", "3:1: max_increase has to be a whole number"},
        {"max_time_increase = -1", "3:1: max_time_increase must not be negative"},
        {"max_time_us = 1e13", "3:1: max_time_us is too large: at most 9007199254740"},
        {"max_count = 1\nmin_count = 2", "4:1: min_count is above max_count"},
        {"min_count = [1]", "3:1: min_count has to be an integer, not an array"},
        {"max_bytes = 1979-05-27", "3:1: max_bytes has to be an integer, not a date or time"},
        {"max_errors = 1\nprocess_name_pattern = '*'",
         "4:1: process_name_pattern is no regular expression: quantifier does not follow a repeatable item at offset 0 "
         "of '*'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[512];
        snprintf(text, sizeof(text), "[[budget]]\nname = 'x'\n%s\n", cases[i].text);
        assert_mistake(text, cases[i].problem);
    }
    assert_mistake("[[budget]]\nmax_count = 1\n", "1:1: [[budget]] needs a name");
}

static void test_required_and_forbidden(void **state) {
    (void)state;
    struct budget_file file = read_text("[[forbidden]]\ncalls = 'connect'\npath = '/run/*'\n"
                                        "[[required]]\npath = ['/etc/a', '/etc/b']\n"
                                        "[[required]]\nname = 'twice'\ncalls = ['fsync', 'fdatasync']\nmin_count = 2\n"
                                        "fail_on_violation = false\ntrace_name_pattern = 't'\n"
                                        "[[forbidden]]\ncalls = '%network'\nmax_count = 3\nenabled = false\n"
                                        "process_name_pattern = 'p'\n");
    static const struct {
        enum budget_kind kind;
        const char *type;
        const char *name;
        double limit;
        unsigned limit_line;
        unsigned line;
    } expected[] = {
        {BUDGET_FORBIDDEN, "forbidden", "forbidden: connect /run/*", 0, 0, 1},
        {BUDGET_REQUIRED, "required", "required: /etc/a,/etc/b", 1, 0, 4},
        {BUDGET_REQUIRED, "required", "twice", 2, 9, 6},
        {BUDGET_FORBIDDEN, "forbidden", "forbidden: %network", 3, 14, 12},
    };
    assert_int_equal(file.count, COUNT_OF(expected));
    for (size_t i = 0; i < file.count; i++) {
        const struct budget *budget = &file.budgets[i];
        const struct limit *count = &budget->limits[QUANTITY_COUNT];
        bool is_required = expected[i].kind == BUDGET_REQUIRED;
        assert_int_equal(budget->kind, expected[i].kind);
        assert_string_equal(budget->type, expected[i].type);
        assert_string_equal(budget->name, expected[i].name);
        assert_int_equal(budget->line, expected[i].line);
        assert_int_equal(count->has_min, is_required);
        assert_int_equal(count->has_max, !is_required);
        assert_true((is_required ? count->min : count->max) == expected[i].limit);
        assert_int_equal(count->line, expected[i].limit_line);
        assert_int_equal(budget->fails, i != 2);
        assert_int_equal(budget->enabled, i != 3);
    }
    assert_notes(&file, "");
    budget_file_finish(&file);

    assert_mistake("[[required]]\nname = 'x'\n", "1:1: [[required]] needs calls, path or both");
    assert_mistake("[[forbidden]]\nmax_count = 1\n", "1:1: [[forbidden]] needs calls, path or both");
    assert_mistake("[[required]]\ncalls = 'read'\nmin_count = 0\n", "3:1: min_count has to be at least 1");
    assert_mistake("[[forbidden]]\ncalls = '/zzz/'\n", "2:1: no system call matches 'zzz' in calls");
}

/* ------------------------------------------------------------------ other tables */

static void test_semantic_equivalence_with_our_names(void **state) {
    (void)state;
    struct budget_file file = read_text("[semantic_equivalence]\ngolden_dir = 'golden'\n"
                                        "enabled = false\ncheck_memory_allocations = true\n"
                                        "check_write_patterns = false\ncheck_file_operations = false\n"
                                        "check_output_correctness = false\n");
    const struct equivalence *equivalence = &file.equivalence;
    assert_int_equal(file.count, 0);
    assert_true(equivalence->is_set && equivalence->check_memory);
    assert_false(equivalence->enabled || equivalence->check_writes || equivalence->check_files ||
                 equivalence->check_output || file.fail_fast);
    assert_string_equal(equivalence->golden_dir, "golden");
    assert_null(equivalence->baseline_dir);
    budget_file_finish(&file);
}

static void test_defaults_of_semantic_equivalence(void **state) {
    (void)state;
    static const char *const texts[] = {"[semantic_equivalence]\n", "[[required]]\ncalls = 'read'\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct budget_file file = read_text(texts[i]);
        const struct equivalence *equivalence = &file.equivalence;
        assert_int_equal(equivalence->is_set, i == 0);
        assert_int_equal(equivalence->line, i == 0);
        assert_true(equivalence->enabled && equivalence->check_writes && equivalence->check_files &&
                    equivalence->check_output && !equivalence->check_memory);
        assert_null(equivalence->golden_dir);
        assert_true(equivalence->min_confidence == 0 && equivalence->speedup_min < 0 && equivalence->speedup_max < 0 &&
                    equivalence->memory_reduction_min < 0);
        assert_int_equal(equivalence->confidence_line + equivalence->speedup_min_line + equivalence->speedup_max_line +
                             equivalence->memory_line,
                         0);
        budget_file_finish(&file);
    }
}

static void test_mistakes_in_other_tables(void **state) {
    (void)state;
    assert_mistake("[semantic_equivalence]\nmin_confidence = 1.5\n", "2:1: min_confidence has to be from 0 to 1");
    assert_mistake("[semantic_equivalence]\nmin_confidence = '90%'\n",
                   "2:1: min_confidence has to be a number, not a string");
    assert_mistake("[semantic_equivalence]\nexpected_speedup_min = -1\n",
                   "2:1: expected_speedup_min must not be negative");
    assert_mistake("[semantic_equivalence]\nexpected_memory_reduction_min = inf\n",
                   "2:1: expected_memory_reduction_min has to be a finite number");
    assert_mistake("[semantic_equivalence]\nexpected_speedup_max = 1e300\n", "2:1: expected_speedup_max is too large");
    assert_mistake("[semantic_equivalence]\nexpected_speedup_max = 2\nexpected_speedup_min = 3.0\n",
                   "3:1: expected_speedup_min is above expected_speedup_max");
    assert_mistake("[semantic_equivalence]\ngolden_dir = 'a'\npython_trace_dir = 'b'\n",
                   "3:1: python_trace_dir is another name of a key that is there already");
    assert_mistake("[semantic_equivalence]\nbaseline_dir = ''\n", "2:1: baseline_dir is empty");
    assert_mistake("[semantic_equivalence]\ncheck_write_patterns = 1\n",
                   "2:1: check_write_patterns has to be true or false, not an integer");
    assert_mistake("[[semantic_equivalence]]\n",
                   "1:3: semantic_equivalence has to be a table, not an array: write [semantic_equivalence]");
    assert_mistake("ci = 1\n", "1:1: ci has to be a table, not an integer: write [ci]");
    assert_mistake("[ci]\nfail_fast = 'yes'\n", "2:1: fail_fast has to be true or false, not a string");
    assert_mistake("[assertion]\nname = 'x'\n",
                   "1:2: assertion has to be an array of tables, not a table: write [[assertion]]");
    assert_mistake("budget = [{name = 'x', max_count = 1}, 3]\n",
                   "1:40: budget has to be an array of tables, and here it has an integer");
}

static void test_a_file_without_budgets(void **state) {
    (void)state;
    static const char *const texts[] = {"", "# nothing\n", "assertion = []\n", "[ci]\nfail_fast = true\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_mistake(texts[i], "1:1: no budgets in it: neither [[assertion]], [[budget]], [[required]], "
                                 "[[forbidden]] nor [semantic_equivalence]");
    }
    /* What was meant is told by a note. */
    struct budget_file file;
    char problem[256];
    static const char text[] = "[[assertions]]\nname = 'x'\n";
    assert_int_equal(read_bytes(&file, text, sizeof(text) - 1, problem, sizeof(problem)), -EINVAL);
    assert_notes(&file, "1 warning: unknown table [[assertions]]; did you mean [[assertion]]?\n");
    budget_file_finish(&file);
}

static void test_files_that_cannot_be_read(void **state) {
    (void)state;
    struct budget_file file;
    char problem[256] = "";
    assert_int_equal(budget_file_read(&file, "/nonexistent.toml", problem, sizeof(problem)), -ENOENT);
    assert_string_equal(problem, "cannot read '/nonexistent.toml': No such file or directory");
    budget_file_finish(&file);
    assert_int_equal(read_bytes(&file, "[[budget]\n", 10, problem, sizeof(problem)), -EINVAL);
    assert_memory_equal(problem, "1:", 2);
    budget_file_finish(&file);
    budget_file_finish(&file);
}

/* ----------------------------------------------------------------------- notes */

static void test_unknown_keys_are_warnings(void **state) {
    (void)state;
    struct budget_file file =
        read_text("version = 1\n"
                  "[[assertion]]\nname = 'a'\ntype = 'span_count'\nmax_spans = 1\nmax_span = 2\ncalls = 'read'\n"
                  "[[budget]]\nmax_counts = 1\nname = 'b'\nmax_count = 1\ntype = 'x'\n"
                  "[ci]\nfailfast = true\nshell = 'sh'\n"
                  "[semantic_equivalence]\nmin_confidense = 0.5\n"
                  "[semantic_equivalenze]\n"
                  "[[require]]\n"
                  "[\"a\\nb\\u001b\"]\n"
                  "[[required]]\ncalls = 'read'\nmax_count = 1\n"
                  "[[forbidden]]\ncalls = 'read'\nmin_count = 1\n");
    assert_int_equal(file.count, 4);
    assert_notes(&file, "1 warning: unknown key 'version'\n"
                        "6 warning: unknown key 'max_span' in [[assertion]] of type span_count; did you mean "
                        "'max_spans'?\n"
                        "7 warning: unknown key 'calls' in [[assertion]] of type span_count\n"
                        "9 warning: unknown key 'max_counts' in [[budget]]; did you mean 'max_count'?\n"
                        "12 warning: unknown key 'type' in [[budget]]\n"
                        "14 warning: unknown key 'failfast' in [ci]; did you mean 'fail_fast'?\n"
                        "15 warning: unknown key 'shell' in [ci]\n"
                        "17 warning: unknown key 'min_confidense' in [semantic_equivalence]; did you mean "
                        "'min_confidence'?\n"
                        "18 warning: unknown table [semantic_equivalenze]; did you mean [semantic_equivalence]?\n"
                        "19 warning: unknown table [[require]]; did you mean [[required]]?\n"
                        "20 warning: unknown table [a\\nb\\033]\n"
                        "23 warning: unknown key 'max_count' in [[required]]; did you mean 'min_count'?\n"
                        "26 warning: unknown key 'min_count' in [[forbidden]]; did you mean 'max_count'?\n");
    budget_file_finish(&file);
}

static void test_long_keys_are_like_nothing(void **state) {
    (void)state;
    char text[512];
    char expected[512];
    char key[201];
    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = 0;
    snprintf(text, sizeof(text), "%s = 1\n[semantic_equivalence]\n", key);
    snprintf(expected, sizeof(expected), "1 warning: unknown key '%s'\n", key);
    struct budget_file file = read_text(text);
    assert_notes(&file, expected);
    budget_file_finish(&file);
}

static void test_tables_that_do_not_apply(void **state) {
    (void)state;
    struct budget_file file = read_text("[[forbidden]]\ncalls = 'connect'\n[otlp]\n"
                                        "[compression]\na=1\nb=1\nc=1\nd=1\ne=1\nf=1\ng=1\nh=1\ni=1\nj=1\nk=1\nl=1\n"
                                        "m=1\nn=1\no=1\np=1\nq=1\n");
    assert_notes(&file, "3 note: [otlp] does not apply: there is no OTLP export\n"
                        "4 note: [compression] (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ...) does not apply: "
                        "traces are not compressed by renacer-sv\n");
    budget_file_finish(&file);
}

static void test_names_that_are_there_twice(void **state) {
    (void)state;
    struct budget_file file = read_text("[[budget]]\nname = 'a'\nmax_count = 1\n"
                                        "[[required]]\ncalls = 'read'\n"
                                        "[[budget]]\nname = 'a'\nmax_count = 2\n"
                                        "[[required]]\ncalls = 'read'\n");
    /* In the order of the file. */
    assert_int_equal(file.count, 4);
    assert_int_equal(file.budgets[1].kind, BUDGET_REQUIRED);
    assert_int_equal(file.budgets[2].kind, BUDGET_CALLS);
    assert_notes(&file, "6 warning: the name 'a' is there twice: in line 1 as well\n"
                        "9 warning: the name 'required: read' is there twice: in line 4 as well\n");
    budget_file_finish(&file);
}

static void test_there_are_not_too_many(void **state) {
    (void)state;
    enum {
        MOST = 4096,
    };
    static char text[64 * (MOST + 1)];
    size_t length = 0;
    for (unsigned i = 0; i <= MOST; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "[[budget]]\nname = '%u'\nmax_count = 1\n", i);
        if (i + 1 == MOST) {
            struct budget_file file = read_text(text);
            assert_int_equal(file.count, MOST);
            assert_string_equal(file.budgets[MOST - 1].name, "4095");
            budget_file_finish(&file);
        }
    }
    assert_mistake(text, "12289:1: there are more than 4096 budgets");
}

static void test_names_of_quantities(void **state) {
    (void)state;
    static const char *const names[QUANTITIES] = {"calls", "errors", "time", "bytes", "score"};
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        assert_string_equal(quantity_name(quantity), names[quantity]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_assertions_of_a_user),
        cmocka_unit_test(test_the_rest_of_the_file_of_a_user),
        cmocka_unit_test(test_the_file_to_start_from_is_one),
        cmocka_unit_test(test_keys_of_assertions),
        cmocka_unit_test(test_assertions_that_no_trace_can_tell),
        cmocka_unit_test(test_mistakes_in_assertions),
        cmocka_unit_test(test_keys_of_budgets),
        cmocka_unit_test(test_mistakes_in_budgets),
        cmocka_unit_test(test_required_and_forbidden),
        cmocka_unit_test(test_semantic_equivalence_with_our_names),
        cmocka_unit_test(test_defaults_of_semantic_equivalence),
        cmocka_unit_test(test_mistakes_in_other_tables),
        cmocka_unit_test(test_a_file_without_budgets),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_unknown_keys_are_warnings),
        cmocka_unit_test(test_long_keys_are_like_nothing),
        cmocka_unit_test(test_tables_that_do_not_apply),
        cmocka_unit_test(test_names_that_are_there_twice),
        cmocka_unit_test(test_there_are_not_too_many),
        cmocka_unit_test(test_names_of_quantities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
