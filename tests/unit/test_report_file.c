/* SPDX-License-Identifier: MIT
 *
 * A file for a report is there whole, or as it was.
 */
#include "unit.h"

#include "report_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    char file[96];
};

static int set_up(void **state) {
    struct folder *folder = calloc(1, sizeof(*folder));
    assert_non_null(folder);
    strcpy(folder->path, "/tmp/renacer-report-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->file, sizeof(folder->file), "%s/report", folder->path);
    *state = folder;
    return 0;
}

/* How many names are in it; all of them are removed. */
static size_t clear(const struct folder *folder) {
    DIR *stream = opendir(folder->path);
    assert_non_null(stream);
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_int_equal(unlinkat(dirfd(stream), entry->d_name, 0), 0);
            count++;
        }
    }
    closedir(stream);
    return count;
}

static int tear_down(void **state) {
    struct folder *folder = *state;
    clear(folder);
    int status = rmdir(folder->path);
    free(folder);
    return status;
}

static void put(const char *path, const char *text, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void assert_content(const char *path, const char *expected) {
    char text[256] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof(text) - 1) >= 0);
    close(fd);
    assert_string_equal(text, expected);
}

static int report(const char *path, const char *text) {
    struct report_file file;
    int status = report_file_begin(&file, path);
    if (status == 0) {
        fputs(text, file.stream);
        status = report_file_finish(&file);
    }
    return status;
}

static void test_a_new_file(void **state) {
    const struct folder *folder = *state;
    mode_t mask = umask(027);
    assert_int_equal(report(folder->file, "new"), 0);
    umask(mask);
    struct stat made;
    assert_int_equal(stat(folder->file, &made), 0);
    assert_int_equal(made.st_mode & 07777, 0640);
    assert_content(folder->file, "new");
    assert_int_equal(clear(folder), 1);
}

static void test_an_old_file(void **state) {
    const struct folder *folder = *state;
    put(folder->file, "what was there", 0604);
    struct report_file file;
    assert_int_equal(report_file_begin(&file, folder->file), 0);
    fputs("new", file.stream);
    fflush(file.stream);
    assert_content(folder->file, "what was there");
    assert_true(file.is_file);
    assert_int_equal(report_file_finish(&file), 0);
    assert_content(folder->file, "new");
    struct stat made;
    assert_int_equal(stat(folder->file, &made), 0);
    assert_int_equal(made.st_mode & 07777, 0604);
    assert_int_equal(clear(folder), 1);
}

static void test_a_link_is_followed(void **state) {
    const struct folder *folder = *state;
    char link[128];
    snprintf(link, sizeof(link), "%s/link", folder->path);
    put(folder->file, "old", 0600);
    assert_int_equal(symlink("report", link), 0);
    assert_int_equal(report(link, "new"), 0);
    assert_content(folder->file, "new");
    struct stat made;
    assert_int_equal(lstat(link, &made), 0);
    assert_true(S_ISLNK(made.st_mode));
    assert_int_equal(clear(folder), 2);
}

static void test_abandoned(void **state) {
    const struct folder *folder = *state;
    put(folder->file, "old", 0600);
    struct report_file file;
    assert_int_equal(report_file_begin(&file, folder->file), 0);
    fputs("half", file.stream);
    report_file_abandon(&file);
    assert_content(folder->file, "old");
    assert_int_equal(clear(folder), 1);
}

static void test_a_failed_write_leaves_the_old_one(void **state) {
    const struct folder *folder = *state;
    put(folder->file, "old", 0600);
    struct report_file file;
    assert_int_equal(report_file_begin(&file, folder->file), 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_int_equal(dup2(full, file.fd), file.fd);
    close(full);
    fputs("new", file.stream);
    assert_int_equal(report_file_finish(&file), -ENOSPC);
    assert_content(folder->file, "old");
    assert_int_equal(clear(folder), 1);
}

/* Longer than what a stream keeps of its own. */
static void test_a_long_report(void **state) {
    const struct folder *folder = *state;
    enum {
        LINES = 100000,
        LINE = 8
    };
    struct report_file file;
    assert_int_equal(report_file_begin(&file, folder->file), 0);
    for (int i = 0; i < LINES; i++) {
        fprintf(file.stream, "%07d\n", i);
    }
    assert_int_equal(report_file_finish(&file), 0);
    FILE *stream = fopen(folder->file, "re");
    assert_non_null(stream);
    char line[LINE + 2];
    for (int i = 0; i < LINES; i++) {
        assert_non_null(fgets(line, sizeof(line), stream));
        assert_int_equal(strlen(line), LINE);
        assert_int_equal(atoi(line), i);
    }
    assert_null(fgets(line, sizeof(line), stream));
    fclose(stream);
    assert_int_equal(report(folder->file, ""), 0);
    assert_content(folder->file, "");
    assert_int_equal(clear(folder), 1);
}

static void test_devices_are_written_to(void **state) {
    (void)state;
    struct stat before;
    struct stat after;
    assert_int_equal(stat("/dev/full", &before), 0);
    assert_int_equal(report("/dev/null", "nothing"), 0);
    assert_int_equal(report("/dev/full", "short"), -ENOSPC);
    assert_int_equal(stat("/dev/full", &after), 0);
    assert_true(S_ISCHR(after.st_mode) && before.st_ino == after.st_ino);
}

static void test_where_nothing_can_be(void **state) {
    const struct folder *folder = *state;
    char path[160];
    assert_int_equal(report(folder->path, ""), -EISDIR);
    snprintf(path, sizeof(path), "%s/none/report", folder->path);
    assert_int_equal(report(path, ""), -ENOENT);
    put(folder->file, "", 0600);
    snprintf(path, sizeof(path), "%s/report", folder->file);
    assert_int_equal(report(path, ""), -ENOTDIR);
    assert_int_equal(report("", ""), -ENOENT);
    assert_int_equal(clear(folder), 1);
}

/* What stands in it already stays. */
static void test_standard_output_by_its_name(void **state) {
    const struct folder *folder = *state;
    put(folder->file, "before, ", 0600);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    int fd = open(folder->file, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(saved >= 0 && fd >= 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    int status[] = {report("/dev/stdout", "by a name, "), report("-", "by a dash, "), report(NULL, "by none")};
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(fd);
    for (size_t i = 0; i < COUNT_OF(status); i++) {
        assert_int_equal(status[i], 0);
    }
    assert_content(folder->file, "before, by a name, by a dash, by none");
    assert_int_equal(clear(folder), 1);
}

static void test_names_that_are_taken(void **state) {
    const struct folder *folder = *state;
    char path[160];
    snprintf(path, sizeof(path), "%s/.renacer-sv.%ld.0", folder->path, (long)getpid());
    put(path, "of somebody else", 0600);
    assert_int_equal(report(folder->file, "new"), 0);
    assert_content(path, "of somebody else");
    assert_content(folder->file, "new");
    assert_int_equal(clear(folder), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_new_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_old_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_link_is_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abandoned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_write_leaves_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_report, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_devices_are_written_to, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_where_nothing_can_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_standard_output_by_its_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_names_that_are_taken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
