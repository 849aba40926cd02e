/* SPDX-License-Identifier: MIT
 *
 * Which names are taken for made up.
 */
#include "temporary_names.h"

#include "fake_call.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

static struct fake_call call;

/* The number that the last component of a file's name has after it was opened so. */
static uint64_t opened(const char *path, int flags, unsigned mode, int64_t result) {
    struct temporary_names names = {0};
    fake_call_init(&call, ARCH_X86_64, SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, (uint64_t)flags, mode), result);
    fake_call_string(&call, 1, path);
    assert_int_equal(temporary_names_call(&names, &call.record), 0);
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    uint64_t number = temporary_names_find(&names, (const uint8_t *)name, strlen(name));
    temporary_names_finish(&names);
    return number;
}

static uint64_t made(const char *path, unsigned mode) {
    struct temporary_names names = {0};
    fake_call_init(&call, ARCH_X86_64, SYS_mkdir, ARGS(0x1000, mode), 0);
    fake_call_string(&call, 0, path);
    assert_int_equal(temporary_names_call(&names, &call.record), 0);
    const char *name = strrchr(path, '/') + 1;
    uint64_t number = temporary_names_find(&names, (const uint8_t *)name, strlen(name));
    temporary_names_finish(&names);
    return number;
}

static void test_files(void **state) {
    (void)state;
    int exclusive = O_RDWR | O_CREAT | O_EXCL;
    assert_int_equal(opened("/tmp/tmp.q3CbIe1IAe", exclusive, 0600, 3), 1);
    assert_int_equal(opened("/home/me/.fileXy12ab", exclusive, 0600, 3), 1);
    assert_int_equal(opened("sedqwXYzt", exclusive, 0600, 3), 1);
    assert_int_equal(opened("objects/ab/tmp_obj_kQ3xY9", exclusive, 0444, 3), 1);
    assert_int_equal(opened(".git/index.lock", exclusive, 0666, 3), 0);
    assert_int_equal(opened(".git/config.lock", exclusive, 0666, 3), 0);
    assert_int_equal(opened("/tmp/tmp.q3CbIe1IAe", O_RDWR | O_CREAT, 0600, 3), 0); /* it may have been there */
    assert_int_equal(opened("/tmp/tmp.q3CbIe1IAe", exclusive, 0600, -EEXIST), 0);
    assert_int_equal(opened("/tmp/a", exclusive, 0600, 3), 0); /* too short to be random */
}

static void test_folders(void **state) {
    (void)state;
    assert_int_equal(made("/tmp/tmpabcdefgh", 0700), 1);
    assert_int_equal(made("/home/me/build.Xk3Pq9", 0700), 1);
    assert_int_equal(made("/home/me/downloads", 0700), 0);
    assert_int_equal(made("/tmp/tmpab12cdef", 0777), 0);
}

static void test_names_are_numbered(void **state) {
    (void)state;
    struct temporary_names names = {0};
    static const char *const paths[] = {"/tmp/aaaaaa1", "/tmp/bbbbbb2", "/tmp/aaaaaa1"};
    for (size_t i = 0; i < 3; i++) {
        fake_call_init(&call, ARCH_X86_64, SYS_open, ARGS(0x1000, O_CREAT | O_EXCL, 0600), 3);
        fake_call_string(&call, 0, paths[i]);
        assert_int_equal(temporary_names_call(&names, &call.record), 0);
    }
    assert_int_equal(temporary_names_find(&names, (const uint8_t *)"aaaaaa1", 7), 1);
    assert_int_equal(temporary_names_find(&names, (const uint8_t *)"bbbbbb2", 7), 2);
    assert_int_equal(temporary_names_find(&names, (const uint8_t *)"bbbbbb", 6), 0);
    assert_int_equal(names.count, 2);
    temporary_names_finish(&names);
}

static void test_paths_that_are_none(void **state) {
    (void)state;
    static const char *const paths[] = {"", "/", "///", "/tmp/", "\xff\xfe"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(opened(paths[i], O_CREAT | O_EXCL, 0600, 3), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_names_are_numbered),
        cmocka_unit_test(test_paths_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
