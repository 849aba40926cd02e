/* SPDX-License-Identifier: MIT */
#include "toml_document.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct toml_document *parsed(const char *text) {
    struct toml_document *document;
    char problem[256] = "";
    if (toml_document_parse(&document, text, strlen(text), "test.toml", problem, sizeof(problem)) != 0) {
        fail_msg("%s", problem);
    }
    return document;
}

static void assert_place(const struct toml_node *node, unsigned line, unsigned column) {
    assert_non_null(node);
    assert_int_equal(node->line, line);
    assert_int_equal(node->column, column);
}

static void test_every_kind_with_its_place(void **state) {
    (void)state;
    struct toml_document *document = parsed("s = \"a\\u0000b\"\n"
                                            "  i = -9223372036854775808\n"
                                            "f = 1.5\n"
                                            "t = true\n"
                                            "d = 1979-05-27\n"
                                            "a = [1, 'two',\n 3.0]\n"
                                            "[table]\nkey = 1\n");
    const struct toml_node *root = toml_document_root(document);
    const struct toml_node *string = toml_member(root, "s");
    assert_place(string, 1, 1);
    assert_int_equal(string->kind, TOML_STRING);
    assert_int_equal(string->string.size, 3);
    assert_memory_equal(string->string.bytes, "a\0b", 4);
    const struct toml_node *integer = toml_member(root, "i");
    assert_place(integer, 2, 3);
    assert_true(integer->kind == TOML_INTEGER && integer->integer == INT64_MIN);
    assert_true(toml_member(root, "f")->number == 1.5);
    assert_true(toml_member(root, "t")->truth);
    assert_int_equal(toml_member(root, "d")->kind, TOML_DATE);
    const struct toml_node *array = toml_member(root, "a");
    assert_int_equal(array->count, 3);
    assert_place(&array->children[2], 7, 2);
    assert_null(array->children[2].key);
    assert_place(toml_member(toml_member(root, "table"), "key"), 9, 1);
    assert_null(toml_member(root, "nothing"));
    assert_null(toml_member(string, "s"));
    assert_null(toml_member(NULL, "s"));
    toml_document_destroy(document);
}

static void test_the_order_is_that_of_the_file(void **state) {
    (void)state;
    struct toml_document *document = parsed("z = 1\nb = 2\n[m]\n[[l]]\nx = 1\n[[l]]\n[a]\n");
    const struct toml_node *root = toml_document_root(document);
    static const char *const keys[] = {"z", "b", "m", "l", "a"};
    assert_int_equal(root->count, 5);
    for (size_t i = 0; i < root->count; i++) {
        assert_string_equal(root->children[i].key, keys[i]);
    }
    const struct toml_node *list = toml_member(root, "l");
    assert_int_equal(list->count, 2);
    assert_int_equal(list->children[0].line, 4);
    assert_int_equal(list->children[1].line, 6);
    toml_document_destroy(document);
}

static void assert_problem(const char *text, size_t size, const char *begin) {
    struct toml_document *document;
    char problem[256] = "";
    assert_int_equal(toml_document_parse(&document, text, size, "test.toml", problem, sizeof(problem)), -EINVAL);
    if (strncmp(problem, begin, strlen(begin)) != 0) {
        fail_msg("%s", problem);
    }
}

static void test_what_is_wrong_has_a_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *begin;
    } cases[] = {
        {"a = 1\nb = \n", "test.toml:2:"},
        {"a = 1\na = 2\n", "test.toml:2:"},
        {"[t\n", "test.toml:1:"},
        {"a = 1\n[[[a]]]\n", "test.toml:2:3: "},
        {"[[=", "test.toml:1:3: "},
        {"a\u00e9 = 1", "test.toml:1:2: "},
        {"a\u00d7 = 1", "test.toml:1:2: "},
        {"a\u1681 = 1", "test.toml:1:2: "},
        {"a = 1 \ufefe", "test.toml:1:7: "},
        {"a = \"x\n", "test.toml:1:"},
        {"a = 99999999999999999999\n", "test.toml:1:"},
        {"= 1", "test.toml:1:1: "},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_problem(cases[i].text, strlen(cases[i].text), cases[i].begin);
    }
    assert_problem("a = \"\xff\"\n", 8, "test.toml:1:");
    assert_problem("a = 1\n\0", 7, "test.toml:");
    char deep[4096];
    memset(deep, '[', sizeof(deep));
    memcpy(deep, "a = ", 4);
    assert_problem(deep, sizeof(deep), "test.toml:1:");
}

static void test_endless_keys(void **state) {
    (void)state;
    enum {
        PARTS = 200000,
    };
    static char text[2 * PARTS + 16] = "x = 1\n";
    for (int i = 0; i < PARTS; i++) {
        memcpy(text + 6 + 2 * i, i % 2 ? "b." : "a.", 3);
    }
    strcat(text, "c = 1\n");
    assert_problem(text, strlen(text), "test.toml:2:1: a key here has more parts");
    static const char header[] = "[a.a.a.a.a]\nb . c . \"d.e\" = [1.5, 2.5]\n";
    toml_document_destroy(parsed(header));
}

static void test_files(void **state) {
    (void)state;
    struct toml_document *document = NULL;
    char problem[256] = "";
    assert_int_equal(toml_document_read(&document, "/nonexistent.toml", problem, sizeof(problem)), -ENOENT);
    assert_string_equal(problem, "cannot read '/nonexistent.toml': No such file or directory");
    assert_int_equal(toml_document_read(&document, "/", problem, sizeof(problem)), -EISDIR);

    int file = memfd_create("toml", MFD_CLOEXEC);
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    assert_int_equal(toml_document_read(&document, path, problem, sizeof(problem)), 0);
    assert_int_equal(toml_document_root(document)->count, 0);
    toml_document_destroy(document);
    assert_int_equal(ftruncate(file, TOML_BYTES_MAX + 1), 0);
    assert_int_equal(toml_document_read(&document, path, problem, sizeof(problem)), -EFBIG);
    close(file);
    toml_document_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_with_its_place),
        cmocka_unit_test(test_the_order_is_that_of_the_file),
        cmocka_unit_test(test_what_is_wrong_has_a_place),
        cmocka_unit_test(test_endless_keys),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
