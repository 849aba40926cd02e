/* SPDX-License-Identifier: MIT
 *
 * What the head of a trace says of its filter.
 */
#include "filter_words.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void assert_member(const struct filter_words *words, bool spaced, const char *expected) {
    struct text text = {0};
    filter_words_to_json(words, spaced, &text);
    assert_false(text.failed);
    assert_string_equal(text.bytes ? text.bytes : "", expected);
    text_finish(&text);
}

static void test_without_a_filter_nothing_is_said(void **state) {
    (void)state;
    struct filter_words none = {0};
    assert_false(filter_words_any(&none));
    assert_member(NULL, true, "");
}

static void test_all_kinds(void **state) {
    (void)state;
    struct filter_words words = {
        .trace = "write,!open", .status = "failed", .paths = {"/a \"b\"", "/c\xff\n"}, .path_count = 2};
    assert_true(filter_words_any(&words));
    assert_member(&words, true,
                  ", \"filter\": [\"trace=write,!open\", \"status=failed\", \"path=/a \\\"b\\\"\", "
                  "\"path=/c\\\\377\\\\n\"]");
    words.trace = words.status = NULL;
    words.paths[0] = "/\xc3\xa4\t";
    words.path_count = 1;
    assert_true(filter_words_any(&words));
    assert_member(&words, false, ",\"filter\":[\"path=/\xc3\xa4\\t\"]");
}

/* A reader looks for the head in the first 64 KiB. */
static void test_what_is_too_long_is_not_written(void **state) {
    (void)state;
    char *list = malloc(FILTER_WORDS_BYTES + 1);
    assert_non_null(list);
    memset(list, 'x', FILTER_WORDS_BYTES);
    list[FILTER_WORDS_BYTES] = 0;
    struct filter_words words = {.trace = list, .status = "failed"};
    assert_member(&words, true, ", \"filter\": [\"trace=...\", \"status=failed\"]");
    list[FILTER_WORDS_BYTES / 2] = 0;
    words = (struct filter_words){.status = "failed"};
    for (unsigned i = 0; i < FILTER_PATHS_MAX; i++) {
        words.paths[words.path_count++] = list;
    }
    struct text text = {0};
    filter_words_to_json(&words, false, &text);
    assert_false(text.failed);
    assert_in_range(text.length, FILTER_WORDS_BYTES / 2, FILTER_WORDS_BYTES + FILTER_PATHS_MAX * 12);
    assert_non_null(strstr(text.bytes, "xxx\",\"path=...\",\"path=...\","));
    text_finish(&text);
    free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_filter_nothing_is_said),
        cmocka_unit_test(test_all_kinds),
        cmocka_unit_test(test_what_is_too_long_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
