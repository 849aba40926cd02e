/* SPDX-License-Identifier: MIT */
#include "files.h"

#include "cleanup.h"
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct place {
    char folder[64];
    char file[128];
    char link[128];
    char problem[512];
};

static int begin(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->folder, "/tmp/unit-files-XXXXXX");
    if (!mkdtemp(place->folder)) {
        return -1;
    }
    snprintf(place->file, sizeof(place->file), "%s/file", place->folder);
    snprintf(place->link, sizeof(place->link), "%s/link", place->folder);
    *state = place;
    return 0;
}

static int end(void **state) {
    struct place *place = *state;
    unlink(place->file);
    unlink(place->link);
    /* Fails if a temporary file was left behind. */
    int status = rmdir(place->folder);
    free(place);
    return status;
}

static void assert_content(const char *path, const char *content) {
    char problem[512];
    auto_free char *bytes = NULL;
    size_t length;
    assert_int_equal(file_read(path, &bytes, &length, problem, sizeof(problem)), 0);
    assert_string_equal(bytes, content);
}

static void test_staging(void **state) {
    struct place *place = *state;
    struct staged_file staged;
    assert_int_equal(file_stage(&staged, place->file, "one", 3, place->problem, sizeof(place->problem)), 0);
    assert_true(staged.is_new);
    assert_int_equal(access(place->file, F_OK), -1);
    assert_int_equal(file_commit(&staged, place->problem, sizeof(place->problem)), 0);
    file_stage_finish(&staged);
    assert_content(place->file, "one");
    /* What was not put in place changes nothing; the mode stays, and a link is followed. */
    assert_int_equal(chmod(place->file, 0640), 0);
    assert_int_equal(symlink("file", place->link), 0);
    assert_int_equal(file_stage(&staged, place->link, "two", 3, place->problem, sizeof(place->problem)), 0);
    file_stage_finish(&staged);
    assert_content(place->file, "one");
    assert_int_equal(
        file_stage_copy(&staged, place->link, "/proc/sys/kernel/ostype", place->problem, sizeof(place->problem)), 0);
    assert_false(staged.is_new);
    assert_int_equal(file_commit(&staged, place->problem, sizeof(place->problem)), 0);
    /* It has replaced one, which is not brought back. */
    file_take_back(&staged);
    file_stage_finish(&staged);
    struct stat info;
    assert_int_equal(lstat(place->link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(place->file, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    assert_content(place->file, "Linux\n");
}

static void test_taking_back(void **state) {
    struct place *place = *state;
    struct staged_file staged;
    assert_int_equal(file_stage(&staged, place->file, "one", 3, place->problem, sizeof(place->problem)), 0);
    file_take_back(&staged);
    assert_int_equal(file_commit(&staged, place->problem, sizeof(place->problem)), 0);
    assert_content(place->file, "one");
    file_take_back(&staged);
    assert_int_equal(access(place->file, F_OK), -1);
    file_stage_finish(&staged);
}

static void test_what_cannot_be_replaced(void **state) {
    struct place *place = *state;
    struct staged_file staged;
    assert_int_equal(file_stage(&staged, place->folder, "", 0, place->problem, sizeof(place->problem)), -EINVAL);
    assert_non_null(strstr(place->problem, "is no file that can be replaced"));
    file_stage_finish(&staged);
    assert_int_equal(file_stage(&staged, "/nonexistent/x", "", 0, place->problem, sizeof(place->problem)), -ENOENT);
    assert_string_equal(place->problem, "cannot write '/nonexistent/x': No such file or directory");
    file_stage_finish(&staged);
    assert_int_equal(symlink("nowhere", place->link), 0);
    assert_int_equal(file_stage(&staged, place->link, "", 0, place->problem, sizeof(place->problem)), -ENOENT);
    file_stage_finish(&staged);
    assert_int_equal(file_stage_copy(&staged, place->file, "/nonexistent", place->problem, sizeof(place->problem)),
                     -ENOENT);
    file_stage_finish(&staged);
    /* A FIFO is not waited for. */
    assert_int_equal(mkfifo(place->file, 0600), 0);
    auto_free char *bytes = NULL;
    size_t length;
    assert_int_equal(file_read(place->file, &bytes, &length, place->problem, sizeof(place->problem)), -EINVAL);
}

static void test_folders(void **state) {
    struct place *place = *state;
    char inner[160];
    snprintf(inner, sizeof(inner), "%s/a/b", place->folder);
    assert_int_equal(folder_prepare(inner, place->problem, sizeof(place->problem)), 0);
    assert_int_equal(folder_prepare(inner, place->problem, sizeof(place->problem)), 0);
    folder_remove(inner);
    snprintf(inner, sizeof(inner), "%s/a", place->folder);
    folder_remove(inner);
    assert_int_equal(folder_prepare("/proc/self/x", place->problem, sizeof(place->problem)), -ENOENT);
    assert_int_equal(folder_prepare("/dev/null/x", place->problem, sizeof(place->problem)), -ENOTDIR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_staging, begin, end),
        cmocka_unit_test_setup_teardown(test_taking_back, begin, end),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_replaced, begin, end),
        cmocka_unit_test_setup_teardown(test_folders, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
