/* SPDX-License-Identifier: MIT
 *
 * The mappings of this very process, as events with their files.
 */
#include "mapping_events.h"

#include "cleanup.h"
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t TIME = 42;

struct world {
    atomic_bool supplies;
    struct mapping_events *events;
    struct stat program;
    char path[512];
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    world->events = mapping_events_create(&world->supplies);
    assert_non_null(world->events);
    assert_true(readlink("/proc/self/exe", world->path, sizeof(world->path) - 1) > 0);
    assert_int_equal(stat(world->path, &world->program), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    mapping_events_destroy(world->events);
    free(world);
    return 0;
}

/* Take all; how many of them are of our program's code. *files: how many of these had a file. */
static unsigned take_all(struct world *world, pid_t pid, unsigned *files) {
    struct kernel_event event;
    unsigned found = 0;
    *files = 0;
    while (mapping_events_next(world->events, TIME, &event)) {
        assert_int_equal(event.kind, KERNEL_MAPPING);
        assert_int_equal(event.pid, pid);
        assert_int_equal(event.tid, pid);
        assert_int_equal(event.time, TIME);
        assert_true(event.mapping->length > 0);
        auto_fd file = event.mapping->file;
        if (strcmp(event.mapping->path, world->path) == 0) {
            struct stat status;
            found++;
            if (file >= 0) {
                assert_int_equal(fstat(file, &status), 0);
                assert_int_equal(status.st_ino, world->program.st_ino);
                ++*files;
            }
        }
    }
    return found;
}

static void test_what_is_mapped_already(void **state) {
    struct world *world = *state;
    unsigned files;
    assert_int_equal(take_all(world, getpid(), &files), 0);
    mapping_events_read(world->events, getpid());
    assert_true(take_all(world, getpid(), &files) >= 1);
    assert_int_equal(files, 1);
    /* And again, in which the file has been seen. */
    mapping_events_read(world->events, getpid());
    assert_true(take_all(world, getpid(), &files) >= 1);
    assert_int_equal(files, 0);
}

static void test_several_processes(void **state) {
    struct world *world = *state;
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    mapping_events_read(world->events, pid);
    unsigned files;
    unsigned found = take_all(world, pid, &files);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(found >= 1);
    assert_int_equal(files, 1);
    mapping_events_read(world->events, pid);
    assert_int_equal(take_all(world, pid, &files), 0);
}

static void test_the_file_of_an_event(void **state) {
    struct world *world = *state;
    struct mapping *mapping = calloc(1, MAPPING_BOUND);
    *mapping = (struct mapping){.start = 0x1000,
                                .length = 0x1000,
                                .inode = world->program.st_ino,
                                .file = -1,
                                .path_size = (uint32_t)strlen(world->path) + 1};
    strcpy(mapping->path, world->path);
    /* A program that serves a file system may be the one that has to answer. */
    atomic_store(&world->supplies, true);
    struct kernel_event event = {.kind = KERNEL_MAPPING, .pid = getpid(), .tid = getpid(), .mapping = mapping};
    mapping_events_open(world->events, &event);
    assert_int_equal(event.mapping->file, -1);
    atomic_store(&world->supplies, false);
    event.mapping = mapping;
    mapping_events_open(world->events, &event);
    auto_fd file = event.mapping->file;
    assert_true(file >= 0);
    assert_string_equal(event.mapping->path, world->path);
    assert_int_equal(event.mapping->start, 0x1000);
    assert_int_equal(mapping->file, -1);
    free(mapping);
}

/* What is left is freed with them. */
static void test_mappings_that_nobody_takes(void **state) {
    struct world *world = *state;
    mapping_events_read(world->events, getpid());
    mapping_events_read(world->events, getpid());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_mapped_already, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_several_processes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_file_of_an_event, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mappings_that_nobody_takes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
