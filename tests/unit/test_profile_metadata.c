/* SPDX-License-Identifier: MIT
 *
 * listenerMetadata: what is written for the agent is split into the same words by it.
 */
#include "profile_metadata.h"

#include "metadata_words.h"
#include "option_table.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROBLEM_BYTES = 256,
};

static void assert_words(const char *line, const char *const *expected, size_t count) {
    char **words;
    size_t found;
    char problem[PROBLEM_BYTES];
    if (metadata_split(line, &words, &found, problem, sizeof(problem)) < 0) {
        fail_msg("%s: %s", line, problem);
    }
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(words[i], expected[i]);
    }
    free(words);
}

static void test_options_are_words_again(void **state) {
    (void)state;
    static const struct {
        int option;
        const char *argument;
    } options[] = {{OPTION_DESCRIPTORS, NULL},
                   {OPTION_EXPRESSION, "trace=file,!close"},
                   {OPTION_PATH, "/a b/it's \"so\" \\ $HOME `x`"},
                   {OPTION_STRING_LIMIT, "64"},
                   {OPTION_TRACE, "/^open.*(a|b)/"},
                   {OPTION_REDACT, ""},
                   {OPTION_EVENTS, NULL},
                   {OPTION_PATH, "/\xc3\xa4"}};
    static const char *const words[] = {"-y",
                                        "-e",
                                        "trace=file,!close",
                                        "-P",
                                        "/a b/it's \"so\" \\ $HOME `x`",
                                        "--string-limit",
                                        "64",
                                        "--trace",
                                        "/^open.*(a|b)/",
                                        "--redact",
                                        "",
                                        "--events",
                                        "-P",
                                        "/\xc3\xa4"};
    struct text line = {0};
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        assert_int_equal(profile_metadata_add(&line, options[i].option, options[i].argument), 0);
    }
    assert_words(line.bytes, words, COUNT_OF(words));
    text_finish(&line);
}

static void test_what_is_no_plain_text_is_refused(void **state) {
    (void)state;
    struct text line = {0};
    assert_int_equal(profile_metadata_add(&line, OPTION_PATH, "/a\nb"), -EINVAL);
    assert_int_equal(profile_metadata_add(&line, OPTION_PATH, "/a\x7f"), -EINVAL);
    assert_int_equal(profile_metadata_add(&line, OPTION_PATH, "/\xff"), -EINVAL);
    assert_int_equal(line.length, 0);
    text_finish(&line);
}

static void fill(struct name_list *list, size_t count) {
    while (count--) {
        assert_int_equal(name_list_add(list, "personality"), 0);
    }
}

static void test_calls_that_do_not_notify_are_named(void **state) {
    (void)state;
    struct unnotified unnotified = {0};
    struct text line = {0};
    bool left_out = true;
    assert_int_equal(profile_metadata_add_unnotified(&line, &unnotified, &left_out), 0);
    assert_true(line.length == 0 && !left_out);
    assert_int_equal(name_list_add(&unnotified.calls[UNNOTIFIED_RUNTIME], "write"), 0);
    assert_int_equal(name_list_add(&unnotified.calls[UNNOTIFIED_DENIED], "mount"), 0);
    assert_int_equal(name_list_add(&unnotified.calls[UNNOTIFIED_DENIED], "bpf"), 0);
    assert_int_equal(profile_metadata_add(&line, OPTION_DESCRIPTORS, NULL), 0);
    assert_int_equal(profile_metadata_add_unnotified(&line, &unnotified, &left_out), 0);
    assert_string_equal(line.bytes, "-y --unnotified=write,mount,bpf");
    assert_false(left_out);
    /* Denied ones need not be named. */
    text_clear(&line);
    fill(&unnotified.calls[UNNOTIFIED_DENIED], 400);
    assert_int_equal(profile_metadata_add_unnotified(&line, &unnotified, &left_out), 0);
    assert_string_equal(line.bytes, "--unnotified=write");
    assert_true(left_out);
    text_clear(&line);
    fill(&unnotified.calls[UNNOTIFIED_SEEN], 400);
    assert_int_equal(profile_metadata_add_unnotified(&line, &unnotified, &left_out), -E2BIG);
    text_finish(&line);
    unnotified_finish(&unnotified);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_are_words_again),
        cmocka_unit_test(test_what_is_no_plain_text_is_refused),
        cmocka_unit_test(test_calls_that_do_not_notify_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
