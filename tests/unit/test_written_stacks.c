/* SPDX-License-Identifier: MIT
 *
 * Stacks that were written before: under their numbers, in bounded memory.
 */
#include "written_stacks.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep(struct written_stacks *written, uint64_t number, const char *before, const char *bytes) {
    struct text text = {0};
    text_add_string(&text, before);
    text_add_string(&text, bytes);
    written_stacks_keep(written, number, &text, strlen(before));
    text_finish(&text);
}

/* What is appended for the number; NULL: nothing is. Owned by the caller. */
static char *kept(const struct written_stacks *written, uint64_t number) {
    struct text text = {0};
    text_add_string(&text, "");
    bool known = written_stacks_add(written, number, &text);
    assert_int_equal(known, text.length > 0);
    if (!known) {
        text_finish(&text);
    }
    return text.bytes;
}

static void assert_kept(const struct written_stacks *written, uint64_t number, const char *expected) {
    char *bytes = kept(written, number);
    assert_true(bytes && expected ? strcmp(bytes, expected) == 0 : !bytes && !expected);
    free(bytes);
}

static void test_by_number(void **state) {
    (void)state;
    struct written_stacks written = {0};
    assert_kept(&written, 0, NULL);
    assert_kept(&written, 1, NULL);
    keep(&written, 1, "close(3) = 0", "\n > a");
    keep(&written, 2, "", "\n > b");
    assert_kept(&written, 1, "\n > a");
    assert_kept(&written, 2, "\n > b");
    assert_kept(&written, 3, NULL);
    written_stacks_finish(&written);
    assert_kept(&written, 1, NULL);
}

static void test_what_has_no_number(void **state) {
    (void)state;
    struct written_stacks written = {0};
    keep(&written, 0, "", "\n > a");
    keep(&written, 1, "close(3) = 0", "");
    assert_kept(&written, 0, NULL);
    assert_kept(&written, 1, NULL);
    keep(&written, 1, "", "\n > a");
    assert_kept(&written, 0, NULL);
    written_stacks_finish(&written);
}

static void test_a_text_that_failed(void **state) {
    (void)state;
    struct written_stacks written = {0};
    struct text text = {0};
    text_add_string(&text, "half");
    text.failed = true;
    written_stacks_keep(&written, 1, &text, 0);
    assert_kept(&written, 1, NULL);
    text_finish(&text);
    written_stacks_finish(&written);
}

static void test_the_oldest_make_room(void **state) {
    (void)state;
    struct written_stacks written = {0};
    char name[32];
    for (uint64_t number = 1; number <= (uint64_t)2 * WRITTEN_STACKS; number++) {
        snprintf(name, sizeof(name), "\n > %llu", (unsigned long long)number);
        keep(&written, number, "", name);
        assert_kept(&written, number, name);
    }
    assert_kept(&written, WRITTEN_STACKS, NULL);
    assert_kept(&written, WRITTEN_STACKS + 1, "\n > 4097");
    written_stacks_finish(&written);
}

static void test_memory_is_bounded(void **state) {
    (void)state;
    struct written_stacks written = {0};
    char *bytes = malloc(WRITTEN_STACK_BYTES_MAX + 2);
    assert_non_null(bytes);
    memset(bytes, 'x', WRITTEN_STACK_BYTES_MAX + 1);
    bytes[WRITTEN_STACK_BYTES_MAX + 1] = 0;
    keep(&written, 1, "", bytes);
    assert_kept(&written, 1, NULL);
    bytes[WRITTEN_STACK_BYTES_MAX] = 0;
    for (uint64_t number = 1; number <= 200; number++) {
        keep(&written, number, "", bytes);
        assert_kept(&written, number, bytes);
        assert_true(written.bytes <= WRITTEN_STACKS_BYTES);
    }
    size_t found = 0;
    for (uint64_t number = 1; number <= 200; number++) {
        char *other = kept(&written, number);
        found += other != NULL;
        free(other);
    }
    assert_int_equal(found * WRITTEN_STACK_BYTES_MAX, written.bytes);
    free(bytes);
    written_stacks_finish(&written);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_number),          cmocka_unit_test(test_what_has_no_number),
        cmocka_unit_test(test_a_text_that_failed), cmocka_unit_test(test_the_oldest_make_room),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
