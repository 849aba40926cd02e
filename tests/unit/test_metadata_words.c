/* SPDX-License-Identifier: MIT
 *
 * A line of options is split as a shell would.
 */
#include "unit.h"

#include "cleanup.h"
#include "metadata_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char problem[128];

static void assert_words(const char *line, const char *const *expected) {
    char **words;
    size_t count;
    auto_free char *exact = strdup(line); /* so that a sanitizer sees whoever reads beyond */
    assert_int_equal(metadata_split(exact, &words, &count, problem, sizeof(problem)), 0);
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_true(i < count);
        assert_string_equal(words[i], expected[i]);
    }
    assert_int_equal(count, i);
    assert_null(words[count]);
    free(words);
}

#define WORDS(...)                                                                                                     \
    (const char *const[]) {                                                                                            \
        __VA_ARGS__, NULL                                                                                              \
    }

static void test_words(void **state) {
    (void)state;
    static const char *const none[] = {NULL};
    assert_words("", none);
    assert_words(" \t ", none);
    assert_words("a", WORDS("a"));
    assert_words("  -e\ttrace=%file   -y ", WORDS("-e", "trace=%file", "-y"));
    assert_words("-e '!read'", WORDS("-e", "!read"));
    assert_words("''", WORDS(""));
    assert_words("'' \"\"", WORDS("", ""));
    assert_words("a'b c'\"d e\"f", WORDS("ab cd ef"));
    assert_words("'\\n\"' x", WORDS("\\n\"", "x"));
    assert_words("'\\\\ \\\" \\$'", WORDS("\\\\ \\\" \\$"));
    assert_words("\"a\\\"b\\\\c\\$d\\`e\\fg'\"", WORDS("a\"b\\c$d`e\\fg'"));
    assert_words("a\\ b \\'c \\\\ \\d", WORDS("a b", "'c", "\\", "d"));
    assert_words("$HOME `x` * ~ #a ; | > & {a,b}", WORDS("$HOME", "`x`", "*", "~", "#a", ";", "|", ">", "&", "{a,b}"));
    assert_words("-P /gr\303\274n", WORDS("-P", "/gr\303\274n"));
}

static void assert_refused(const char *line, const char *words) {
    char **none = NULL;
    size_t count = 7;
    auto_free char *exact = strdup(line);
    assert_int_equal(metadata_split(exact, &none, &count, problem, sizeof(problem)), -EINVAL);
    assert_non_null(strstr(problem, words));
    assert_null(none);
    assert_int_equal(count, 7);
}

static void test_refused(void **state) {
    (void)state;
    assert_refused("'", "quotation mark");
    assert_refused("a \"b c", "quotation mark");
    assert_refused("a 'b\"", "quotation mark");
    assert_refused("\"a\\\"", "quotation mark");
    assert_refused("\"a\\", "quotation mark");
    assert_refused("a\\", "backslash");
    assert_refused("\\", "backslash");
    assert_refused("a\nb", "control character");
    assert_refused("'a\rb'", "control character");
    assert_refused("\033", "control character");
    assert_refused("a \177", "control character");
}

/* `words` words of `length` bytes each. */
static char *make_line(size_t words, size_t length) {
    char *line = malloc(words * (length + 1) + 1);
    assert_non_null(line);
    memset(line, 'a', words * (length + 1));
    for (size_t i = 1; i <= words; i++) {
        line[i * (length + 1) - 1] = ' ';
    }
    line[words * (length + 1)] = 0;
    return line;
}

static void test_how_many(void **state) {
    (void)state;
    for (size_t length = 1; length <= 40; length += 13) {
        auto_free char *most = make_line(METADATA_WORDS_MAX, length);
        auto_free char *more = make_line(METADATA_WORDS_MAX + 1, length);
        char **words;
        size_t count;
        assert_int_equal(metadata_split(most, &words, &count, problem, sizeof(problem)), 0);
        assert_int_equal(count, METADATA_WORDS_MAX);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(strlen(words[i]), length);
        }
        assert_null(words[count]);
        free(words);
        assert_refused(more, "too many words");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_how_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
