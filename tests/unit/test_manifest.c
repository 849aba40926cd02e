/* SPDX-License-Identifier: MIT */
#include "manifest.h"

#include "cleanup.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct place {
    char folder[64];
    char file[128];
    char problem[1024];
};

static int begin(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->folder, "/tmp/unit-manifest-XXXXXX");
    if (!mkdtemp(place->folder)) {
        return -1;
    }
    snprintf(place->file, sizeof(place->file), "%s/m.toml", place->folder);
    *state = place;
    return 0;
}

static int end(void **state) {
    struct place *place = *state;
    unlink(place->file);
    /* Fails if a temporary file was left behind. */
    int status = rmdir(place->folder);
    free(place);
    return status;
}

static void put_file(const struct place *place, const char *text) {
    FILE *file = fopen(place->file, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* cmocka's way to look at what is warned of. */
static void expect_warning(const char *sentence) {
    check_expected_ptr(sentence);
}

static int read_text(struct place *place, struct manifest *manifest, const char *text) {
    put_file(place, text);
    return manifest_read(manifest, place->file, expect_warning, place->problem, sizeof(place->problem));
}

/* ------------------------------------------------------------------------- reading */

static void test_all_keys(void **state) {
    struct place *place = *state;
    struct manifest manifest;
    assert_int_equal(read_text(place, &manifest,
                               "# comment\n[golden.hello]\ncommand = ['a b', \"-x\"]\noptions = ['-f']\n"
                               "directory = 'd'\ninput = 'i'\npass = ['PATH', 'HOME']\n"
                               "environment = { LC_ALL = 'C', \"A.B\" = '' }\nmode = 'semantic'\nignore = ['/etc/*']\n"
                               "[golden.\"b.c\"]\ncommand = ['x']\nmode = 'counts'\ntolerance = '10%,write=2'\n"
                               "options = []\ntimeout = 5\n"
                               "[golden.d]\ncommand = ['x']\n"),
                     0);
    assert_true(manifest.is_there);
    assert_int_equal(manifest.count, 3);
    const struct golden *hello = manifest_find(&manifest, "hello");
    assert_ptr_equal(hello, &manifest.each[0]);
    assert_int_equal(hello->line, 2);
    assert_int_equal(hello->command.count, 2);
    assert_string_equal(hello->command.each[0], "a b");
    assert_string_equal(hello->command.each[1], "-x");
    assert_null(hello->command.each[2]);
    assert_string_equal(hello->options.each[0], "-f");
    assert_string_equal(hello->directory, "d");
    assert_string_equal(hello->input, "i");
    assert_string_equal(hello->pass.each[1], "HOME");
    assert_string_equal(hello->environment.each[0], "LC_ALL=C");
    assert_string_equal(hello->environment.each[1], "A.B=");
    assert_int_equal(hello->mode, COMPARE_SEMANTIC);
    assert_string_equal(hello->ignore.each[0], "/etc/*");
    const struct golden *counts = manifest_find(&manifest, "b.c");
    assert_non_null(counts);
    assert_string_equal(counts->tolerance, "10%,write=2");
    struct compare_options options;
    assert_int_equal(golden_compare_options(counts, &options, place->problem, sizeof(place->problem)), 0);
    assert_int_equal(options.tolerances.count, 2);
    tolerances_finish(&options.tolerances);
    /* What is not said. */
    const struct golden *plain = manifest_find(&manifest, "d");
    assert_int_equal(plain->mode, COMPARE_EXACT);
    assert_int_equal(plain->pass.count, 1);
    assert_string_equal(plain->pass.each[0], "PATH");
    assert_int_equal(plain->options.count, 1);
    assert_string_equal(plain->options.each[0], "-f");
    assert_int_equal(plain->environment.count, 0);
    assert_int_equal(plain->timeout, 0);
    assert_int_equal(counts->options.count, 0);
    assert_int_equal(counts->timeout, 5);
    assert_null(plain->directory);
    assert_null(manifest_find(&manifest, "e"));
    auto_free char *trace = manifest_trace_path(&manifest, "b.c");
    char expected[160];
    snprintf(expected, sizeof(expected), "%s/traces/b.c.json", place->folder);
    assert_string_equal(trace, expected);
    manifest_finish(&manifest);
}

static void test_a_manifest_that_is_not_there_is_empty(void **state) {
    struct place *place = *state;
    struct manifest manifest;
    assert_int_equal(manifest_read(&manifest, "none/m.toml", expect_warning, place->problem, sizeof(place->problem)),
                     0);
    assert_false(manifest.is_there);
    assert_int_equal(manifest.count, 0);
    manifest_finish(&manifest);
    assert_int_equal(manifest_read(&manifest, place->folder, expect_warning, place->problem, sizeof(place->problem)),
                     -EISDIR);
    manifest_finish(&manifest);
    assert_int_equal(manifest_read(&manifest, "m.toml", expect_warning, place->problem, sizeof(place->problem)), 0);
    auto_free char *trace = manifest_trace_path(&manifest, "x");
    assert_string_equal(trace, "traces/x.json");
    manifest_finish(&manifest);
}

static void test_mistakes(void **state) {
    struct place *place = *state;
    static const struct {
        const char *text;
        const char *problem; /* behind the file's name */
    } cases[] = {
        {"golden = 3", ":1:1: golden is a table of tables, not an integer"},
        {"[golden]\nx = 1", ":2:1: golden trace 'x' is a table, not an integer"},
        {"[golden.\"a/b\"]\ncommand = ['x']", ":1:9: 'a/b' is no name of a golden trace: letters, digits, '-', '_' "
                                              "and '.', neither '.' nor '-' first"},
        {"[golden.x]\n", ":1:9: golden trace 'x' has no command: [\"program\", \"argument\"]"},
        {"[golden.x]\ncommand = []", ":2:1: golden trace 'x' has no command: [\"program\", \"argument\"]"},
        {"[golden.x]\ncommand = 'x'", ":2:1: command is an array of strings, not a string"},
        {"[golden.x]\ncommand = ['x', 3]", ":2:17: command has strings in it, not an integer"},
        {"[golden.x]\ncommand = [\"x\\u0000\"]", ":2:12: a string of command has a NUL in it"},
        {"[golden.x]\ncommand = ['x']\ninput = \"\\u0000\"", ":3:1: input has a NUL in it"},
        {"[golden.x]\ncommand = ['x']\ninput = true", ":3:1: input is a string, not true or false"},
        {"[golden.x]\ncommand = ['x']\npass = ['A=1']", ":3:9: 'A=1' is no name of a variable; environment sets them"},
        {"[golden.x]\ncommand = ['x']\nenvironment = ['A=1']", ":3:1: environment is a table of strings, not an array"},
        {"[golden.x]\ncommand = ['x']\nenvironment = { \"A=\" = '1' }", ":3:17: 'A=' is no name of a variable"},
        {"[golden.x]\ncommand = ['x']\nenvironment = { A = 1 }", ":3:17: A is a string, not an integer"},
        {"[golden.x]\ncommand = ['x']\nmode = 'exacd'", ":3:1: mode has no word 'exacd'; did you mean 'exact'?"},
        {"[golden.x]\ncommand = ['x']\ntimeout = 0", ":3:1: timeout is a number of seconds, from 1 to 2147483"},
        {"[golden.x]\ncommand = ['x']\ntimeout = '1'", ":3:1: timeout is a number of seconds, from 1 to 2147483"},
        {"[golden.x]\ncommand = ['x']\nignore = ['/etc/*']", ":3:1: ignore is for mode = \"semantic\""},
        {"[golden.x]\ncommand = ['x']\ntolerance = '3'", ":3:1: tolerance is for mode = \"counts\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct manifest manifest;
        assert_int_equal(read_text(place, &manifest, cases[i].text), -EINVAL);
        assert_string_equal(place->problem + strlen(place->file), cases[i].problem);
        manifest_finish(&manifest);
    }
    /* Of what is not ours the place is what counts. */
    struct manifest manifest;
    assert_int_equal(read_text(place, &manifest, "[golden.x]\ncommand = ['x']\nmode = 'counts'\ntolerance = 'x'"),
                     -EINVAL);
    assert_memory_equal(place->problem + strlen(place->file), ":4:1: ", 6);
    manifest_finish(&manifest);
    assert_int_equal(read_text(place, &manifest, "[golden.x]\ncommand = ["), -EINVAL);
    assert_memory_equal(place->problem + strlen(place->file), ":2:", 3);
    manifest_finish(&manifest);
}

static void test_unknown_keys_are_warned_of(void **state) {
    struct place *place = *state;
    struct manifest manifest;
    char first[256];
    char second[256];
    snprintf(first, sizeof(first), "%s:1:1: unknown key 'goldn'; did you mean 'golden'?", place->file);
    snprintf(second, sizeof(second), "%s:4:1: unknown key 'colour'", place->file);
    expect_string(expect_warning, sentence, first);
    expect_string(expect_warning, sentence, second);
    assert_int_equal(read_text(place, &manifest, "goldn = 1\n[golden.x]\ncommand = ['x']\ncolour = 3\n"), 0);
    assert_int_equal(manifest.count, 1);
    manifest_finish(&manifest);
}

/* ------------------------------------------------------------------------- editing */

static struct golden make(const char *name, const char *word) {
    struct golden golden = {.name = strdup(name), .mode = COMPARE_EXACT};
    assert_int_equal(strings_add(&golden.command, word), 0);
    assert_int_equal(strings_add(&golden.pass, "PATH"), 0);
    return golden;
}

static void check_edit(struct place *place, const char *before, const char *name, const char *after) {
    struct golden golden = make(name, "new");
    char *text = NULL;
    size_t length = 0;
    int status = manifest_edit(before, strlen(before), "m.toml", &golden, &text, &length, place->problem,
                               sizeof(place->problem));
    if (after) {
        assert_int_equal(status, 0);
        assert_string_equal(text, after);
        assert_int_equal(strlen(text), length);
    } else {
        assert_int_equal(status, -EINVAL);
        assert_null(text);
    }
    free(text);
    golden_finish(&golden);
}

#define NEW "command = [\"new\"]\noptions = []\npass = [\"PATH\"]\n"
#define NEW_CRLF "command = [\"new\"]\r\noptions = []\r\npass = [\"PATH\"]\r\n"

static void test_an_entry_is_added_behind_all_others(void **state) {
    check_edit(*state, "", "x", "[golden.x]\n" NEW);
    check_edit(*state, "# c", "x", "# c\n\n[golden.x]\n" NEW);
    check_edit(*state, "[golden.a]\ncommand = ['a']\n", "x.y", "[golden.a]\ncommand = ['a']\n\n[golden.\"x.y\"]\n" NEW);
}

static void test_an_entry_is_replaced_in_its_lines(void **state) {
    static const char head[] = "# of the file\n\n[golden.a] # of a\ncommand = ['a']\n\n# of x\n";
    static const char tail[] = "\n# of b\n# more\n[golden.b]\n  command = ['b'] # kept\n";
    char before[512];
    char after[512];
    snprintf(before, sizeof(before), "%s[golden.x] # here\ncommand = [\n  'old', # why\n  'er'\n]\nmode = 'counts'\n%s",
             head, tail);
    snprintf(after, sizeof(after), "%s[golden.x] # here\n" NEW "%s", head, tail);
    check_edit(*state, before, "x", after);
    /* Comments in it are kept. */
    snprintf(before, sizeof(before), "%s[golden.x]\n# inside\ncommand = ['old']\n  # last\n\n\n%s", head, tail);
    snprintf(after, sizeof(after), "%s[golden.x]\n# inside\n  # last\n" NEW "\n\n%s", head, tail);
    check_edit(*state, before, "x", after);
    /* A table of its own for the environment is a part of it. */
    snprintf(before, sizeof(before), "%s[golden.x]\ncommand = ['old']\n[golden.x.environment]\nA = '1'\n%s", head,
             tail);
    snprintf(after, sizeof(after), "%s[golden.x]\n" NEW "%s", head, tail);
    check_edit(*state, before, "x", after);
    /* The last one, and one without a newline. */
    check_edit(*state, "[golden.x]\ncommand = ['old']", "x", "[golden.x]\n" NEW);
    check_edit(*state, "[golden.x]\ncommand = ['old']\n# end\n\n", "x", "[golden.x]\n# end\n" NEW "\n");
}

static void test_lines_end_as_those_of_the_file(void **state) {
    static const char other[] = "[golden.y]\r\ncommand = ['y']\r\n";
    char before[512];
    char after[512];
    snprintf(before, sizeof(before), "[golden.x]\r\ncommand = ['old']# c\r\n%s", other);
    snprintf(after, sizeof(after), "[golden.x]\r\ncommand = [\"new\"]# c\r\noptions = []\r\npass = [\"PATH\"]\r\n%s",
             other);
    check_edit(*state, before, "x", after);
    snprintf(after, sizeof(after), "%s\r\n[golden.x]\r\n" NEW_CRLF, other);
    check_edit(*state, other, "x", after);
    check_edit(*state, "# c\r\n# d", "x", "# c\r\n# d\r\n\r\n[golden.x]\r\n" NEW_CRLF);
}

static void test_comments_behind_values_stay(void **state) {
    check_edit(*state,
               "[golden.x]\ncommand = ['a#b', \"\\\"#\"] \t# of the command\npass = [ # first\n  'PATH' ] # last\n"
               "options = ['-f']#\nmode = 'counts' # goes\n",
               "x", "[golden.x]\ncommand = [\"new\"] \t# of the command\noptions = []#\npass = [\"PATH\"]\n");
    check_edit(*state, "[golden.x]\ncommand = [\"\"\"a # b\"\"\"]\n", "x", "[golden.x]\n" NEW);
    check_edit(*state, "[golden.x]\ncommand = [\"\"\"\n# b\"\"\"]\n", "x", "[golden.x]\n# b\"\"\"]\n" NEW);
}

static void test_what_cannot_be_replaced_by_lines(void **state) {
    struct place *place = *state;
    check_edit(place, "[golden]\nx = { command = ['old'] }\n", "x", NULL);
    assert_string_equal(place->problem, "m.toml:2:1: golden trace 'x' is not written as a table [golden.x], so it can "
                                        "be changed by hand only");
    check_edit(place, "golden = { a = { command = ['a'] } }\n", "x", NULL);
    assert_non_null(strstr(place->problem, "by hand, as one table [golden.x]"));
    /* Its parts stand apart. */
    check_edit(place, "[golden.x]\ncommand = ['x']\n[golden.y]\ncommand = ['y']\n[golden.x.environment]\nA = '1'\n",
               "x", NULL);
    check_edit(place, "[golden.x.environment]\nA = '1'\n[golden.y]\ncommand = ['y']\n[golden.x]\ncommand = ['x']\n",
               "x", NULL);
}

static void test_words_of_all_kinds_come_back(void **state) {
    struct place *place = *state;
    struct golden golden = make("x", "quote \" back \\ tab \t line \n bell \a del \x7f \xc3\xa4 #]");
    assert_int_equal(strings_add(&golden.command, ""), 0);
    assert_int_equal(strings_add(&golden.options, "-e"), 0);
    assert_int_equal(strings_add(&golden.environment, "A=b=c"), 0);
    assert_int_equal(strings_add(&golden.environment, "A B="), 0);
    golden.directory = strdup("d\"");
    golden.input = strdup("i");
    golden.mode = COMPARE_SEMANTIC;
    golden.timeout = 7;
    assert_int_equal(strings_add(&golden.ignore, "/a'b/*"), 0);
    put_file(place, "");
    assert_int_equal(chmod(place->file, 0640), 0);
    assert_int_equal(manifest_put(place->file, &golden, place->problem, sizeof(place->problem)), 0);
    struct stat info;
    assert_int_equal(stat(place->file, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    struct manifest manifest;
    assert_int_equal(manifest_read(&manifest, place->file, expect_warning, place->problem, sizeof(place->problem)), 0);
    assert_int_equal(manifest.count, 1);
    const struct golden *read = &manifest.each[0];
    assert_int_equal(read->command.count, 2);
    assert_string_equal(read->command.each[0], golden.command.each[0]);
    assert_string_equal(read->command.each[1], "");
    assert_string_equal(read->options.each[0], "-e");
    assert_string_equal(read->environment.each[0], "A=b=c");
    assert_string_equal(read->environment.each[1], "A B=");
    assert_string_equal(read->directory, "d\"");
    assert_string_equal(read->input, "i");
    assert_string_equal(read->ignore.each[0], "/a'b/*");
    assert_int_equal(read->mode, COMPARE_SEMANTIC);
    manifest_finish(&manifest);
    /* Not in TOML. */
    assert_int_equal(strings_add(&golden.command, "\xff"), 0);
    assert_int_equal(manifest_put(place->file, &golden, place->problem, sizeof(place->problem)), -EINVAL);
    assert_non_null(strstr(place->problem, "not UTF-8"));
    golden_finish(&golden);
}

static void test_a_new_manifest_and_a_link(void **state) {
    struct place *place = *state;
    struct golden golden = make("x", "a");
    assert_int_equal(manifest_put(place->file, &golden, place->problem, sizeof(place->problem)), 0);
    char link[160];
    snprintf(link, sizeof(link), "%s/link", place->folder);
    assert_int_equal(symlink("m.toml", link), 0);
    free(golden.name);
    golden.name = strdup("y");
    assert_int_equal(manifest_put(link, &golden, place->problem, sizeof(place->problem)), 0);
    struct stat info;
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    unlink(link);
    struct manifest manifest;
    assert_int_equal(manifest_read(&manifest, place->file, expect_warning, place->problem, sizeof(place->problem)), 0);
    assert_int_equal(manifest.count, 2);
    manifest_finish(&manifest);
    assert_int_equal(manifest_put("/nonexistent/m.toml", &golden, place->problem, sizeof(place->problem)), -ENOENT);
    assert_string_equal(place->problem, "cannot write '/nonexistent/m.toml': No such file or directory");
    golden_finish(&golden);
}

static void test_names(void **state) {
    struct place *place = *state;
    static const char *const good[] = {"a", "A-b_c.d9", "9"};
    static const char *const bad[] = {"", ".a", "-a", "a/b", "a b", "\xc3\xa4", "a\n"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(golden_check_name(good[i], place->problem, sizeof(place->problem)), 0);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(golden_check_name(bad[i], place->problem, sizeof(place->problem)), -EINVAL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_keys, begin, end),
        cmocka_unit_test_setup_teardown(test_a_manifest_that_is_not_there_is_empty, begin, end),
        cmocka_unit_test_setup_teardown(test_mistakes, begin, end),
        cmocka_unit_test_setup_teardown(test_unknown_keys_are_warned_of, begin, end),
        cmocka_unit_test_setup_teardown(test_an_entry_is_added_behind_all_others, begin, end),
        cmocka_unit_test_setup_teardown(test_an_entry_is_replaced_in_its_lines, begin, end),
        cmocka_unit_test_setup_teardown(test_lines_end_as_those_of_the_file, begin, end),
        cmocka_unit_test_setup_teardown(test_comments_behind_values_stay, begin, end),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_replaced_by_lines, begin, end),
        cmocka_unit_test_setup_teardown(test_words_of_all_kinds_come_back, begin, end),
        cmocka_unit_test_setup_teardown(test_a_new_manifest_and_a_link, begin, end),
        cmocka_unit_test_setup_teardown(test_names, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
