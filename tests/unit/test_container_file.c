/* SPDX-License-Identifier: MIT
 *
 * The files of containers' traces, and the agent's socket: who finds what there.
 */
#include "agent_socket.h"
#include "container_file.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct folder {
    char path[64];
    int fd;
};

static int set_up(void **state) {
    struct folder *folder = calloc(1, sizeof(*folder));
    strcpy(folder->path, "/tmp/renacer-unit-XXXXXX");
    folder->fd = mkdtemp(folder->path) ? open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    *state = folder;
    return folder->fd < 0 ? -1 : 0;
}

static int tear_down(void **state) {
    struct folder *folder = *state;
    static const char *const names[] = {"c.json", "c.2.json", "c.3.json", "link.json", "fifo.json", "target", "a.sock"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unlinkat(folder->fd, names[i], 0);
    }
    close(folder->fd);
    int status = rmdir(folder->path);
    free(folder);
    return status;
}

static void test_one_after_the_other(void **state) {
    const struct folder *folder = *state;
    char name[CONTAINER_FILE_NAME];
    int fd = container_file_open(folder->fd, "c", "json", name);
    assert_true(fd >= 0);
    assert_string_equal(name, "c.json");
    struct stat info;
    fstat(fd, &info);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(write(fd, "old", 3), 3);
    close(fd);
    fd = container_file_open(folder->fd, "c", "json", name);
    assert_string_equal(name, "c.json");
    fstat(fd, &info);
    assert_int_equal(info.st_size, 3);
    close(fd);
}

static void test_several_at_once(void **state) {
    const struct folder *folder = *state;
    char name[CONTAINER_FILE_NAME];
    int first = container_file_open(folder->fd, "c", "json", name);
    int second = container_file_open(folder->fd, "c", "json", name);
    assert_string_equal(name, "c.2.json");
    close(second);
    /* What is there now belongs to the second one, over or not. */
    int third = container_file_open(folder->fd, "c", "json", name);
    assert_string_equal(name, "c.3.json");
    assert_true(first >= 0 && third >= 0);
    close(first);
    close(third);
}

static void test_what_is_no_file(void **state) {
    const struct folder *folder = *state;
    char name[CONTAINER_FILE_NAME];
    assert_int_equal(symlinkat("target", folder->fd, "link.json"), 0);
    assert_int_equal(mkfifoat(folder->fd, "fifo.json", 0600), 0);
    assert_int_equal(container_file_open(folder->fd, "link", "json", name), -EEXIST);
    assert_int_equal(container_file_open(folder->fd, "fifo", "json", name), -EEXIST);
    assert_int_equal(faccessat(folder->fd, "target", F_OK, 0), -1);
}

static int connects(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int status = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    close(fd);
    return status;
}

static void test_sockets(void **state) {
    const struct folder *folder = *state;
    char path[128];
    char problem[256];
    snprintf(path, sizeof(path), "%s/a.sock", folder->path);
    int fd = agent_socket_listen(path, false, problem, sizeof(problem));
    assert_true(fd >= 0);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(connects(path), 0);
    /* Of one that lives. */
    assert_int_equal(agent_socket_listen(path, false, problem, sizeof(problem)), -EADDRINUSE);
    assert_non_null(strstr(problem, "another agent listens"));
    close(fd);
    /* Of one that is dead. */
    assert_int_equal(connects(path), -ECONNREFUSED);
    fd = agent_socket_listen(path, true, problem, sizeof(problem));
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0666);
    close(fd);
}

static void test_no_place_for_a_socket(void **state) {
    const struct folder *folder = *state;
    char path[256];
    char problem[256];
    snprintf(path, sizeof(path), "%s/c.json", folder->path);
    close(openat(folder->fd, "c.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(agent_socket_listen(path, false, problem, sizeof(problem)), -EEXIST);
    assert_non_null(strstr(problem, "no socket"));
    snprintf(path, sizeof(path), "%s/nowhere/a.sock", folder->path);
    assert_int_equal(agent_socket_listen(path, false, problem, sizeof(problem)), -ENOENT);
    memset(path, 'x', 120);
    path[120] = 0;
    assert_int_equal(agent_socket_listen(path, false, problem, sizeof(problem)), -ENAMETOOLONG);
    assert_non_null(strstr(problem, "107 bytes"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_after_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_several_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sockets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_place_for_a_socket, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
