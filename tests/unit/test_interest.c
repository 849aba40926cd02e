/* SPDX-License-Identifier: MIT
 *
 * Which files say something of a program.
 */
#include "interest.h"

#include "unit.h"

#include <string.h>

static void test_files_of_the_system(void **state) {
    (void)state;
    static const char *const dull[] = {
        "/etc/ld.so.cache",
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/lib/libz.so",
        "/proc/self/maps",
        "/dev/null",
        "/usr/lib/locale/C.utf8/LC_CTYPE",
        "/usr/share/zoneinfo/Europe/Berlin",
        "/etc/resolv.conf",
    };
    static const char *const interesting[] = {
        "/etc/passwd", "/etc/hosts", "data", "lib.py", "/home/x/so", "/usr/share/dict/words",
    };
    for (size_t i = 0; i < COUNT_OF(dull); i++) {
        assert_false(interest_in_reading(dull[i], 0));
    }
    for (size_t i = 0; i < COUNT_OF(interesting); i++) {
        assert_true(interest_in_reading(interesting[i], 0));
    }
}

static void test_interpreters(void **state) {
    (void)state;
    static const struct {
        const char *program;
        const char *code;
    } all[] = {
        {"/usr/bin/python3.13", "tool.py"},
        {"python", "x/__pycache__/y.pyc"},
        {"/usr/bin/perl", "A/B.pm"},
        {"/opt/ruby3.2", "a.rb"},
        {"/usr/bin/node", "node_modules/x/package.json"},
        {"/usr/bin/java", "app.jar"},
        {"/bin/sh", "run.sh"},
        {"/usr/bin/luajit", "a.lua"},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        interpreters is = interpreters_of_program(all[i].program);
        assert_true(is != 0);
        assert_false(interest_in_reading(all[i].code, is));
        assert_true(interest_in_reading(all[i].code, 0));
        assert_true(interest_in_reading("data.txt", is));
    }
    assert_int_equal(interpreters_of_program("/usr/bin/pythonic"), 0);
    assert_int_equal(interpreters_of_program("/usr/bin/shred"), 0);
    assert_int_equal(interpreters_of_program("cat"), 0);
    assert_int_equal(interpreters_shown_by("/usr/lib/python3.11/os.py"), interpreters_of_program("python3"));
    assert_int_equal(interpreters_shown_by("/home/x/data"), 0);
}

static void assert_masked(const char *path, bool is_private, const char *expected) {
    char masked[64];
    strcpy(masked, path);
    assert_int_equal(interest_mask_random(masked, is_private), strcmp(path, expected) != 0);
    assert_string_equal(masked, expected);
}

static void test_random_names(void **state) {
    (void)state;
    assert_masked("/tmp/tmpab12_xyz", true, "/tmp/*");
    assert_masked("/tmp/tmpabcdefgh.txt", true, "/tmp/*.txt");
    assert_masked("/tmp/tmpabcdefgh.backup", true, "/tmp/*.backup");
    assert_masked("sedAbC123", true, "*");
    assert_masked("dir/out.XyZ123", true, "dir/out.*");
    assert_masked(".git/objects/ab/tmp_obj_fRj2nT", false, ".git/objects/ab/tmp_obj_*");
    assert_masked(".name.AbCd12", false, ".name.*");
    assert_masked("report2024.txt", false, "report2024.txt");
    assert_masked("index.lock", false, "index.lock");
    assert_masked("a.b", true, "a.b");
    assert_masked("AbC123/file", true, "AbC123/file");
    assert_masked("", true, "");
}

static void test_changes_without_effect(void **state) {
    (void)state;
    assert_false(interest_in_changing("/dev/null"));
    assert_false(interest_in_changing("lib/__pycache__/a.cpython-311.pyc"));
    assert_true(interest_in_changing("/dev/tty"));
    assert_true(interest_in_changing("a.py"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_of_the_system),
        cmocka_unit_test(test_interpreters),
        cmocka_unit_test(test_random_names),
        cmocka_unit_test(test_changes_without_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
