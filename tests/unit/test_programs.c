/* SPDX-License-Identifier: MIT
 *
 * Which program a process runs, as records tell it.
 */
#include "programs.h"

#include "fake_call.h"
#include "mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

struct world {
    struct programs *programs;
    struct fake_call call;
    struct {
        struct record record;
        uint64_t mapping[MAPPING_BOUND / 8];
    } mapping;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    *state = world;
    if (world) {
        world->programs = programs_create();
    }
    return world && world->programs ? 0 : -1;
}

static int tear_down(void **state) {
    struct world *world = *state;
    programs_destroy(world->programs);
    free(world);
    return 0;
}

static void map(struct world *world, int32_t pid, const char *path) {
    struct mapping *mapping = (struct mapping *)(void *)world->mapping.mapping;
    *mapping = (struct mapping){.start = 0x1000, .length = 0x1000, .file = -1, .path_size = (uint32_t)strlen(path) + 1};
    memcpy(mapping->path, path, mapping->path_size);
    world->mapping.record = (struct record){
        .kind = RECORD_MAPPING, .pid = pid, .tid = pid, .maps = {.size = (uint32_t)mapping_size(mapping)}};
    programs_take(world->programs, &world->mapping.record);
}

static void start(struct world *world, int32_t pid, int32_t tid, int32_t parent) {
    struct record record = {
        .kind = RECORD_START, .pid = pid, .tid = tid, .start = {.parent_pid = parent, .parent_tid = parent}};
    programs_take(world->programs, &record);
}

static void exec(struct world *world, int32_t pid) {
    struct record record = {.kind = RECORD_EXEC, .pid = pid, .tid = pid, .exec = {.former_tid = pid}};
    programs_take(world->programs, &record);
}

static void end(struct world *world, int32_t pid, int32_t tid) {
    struct record record = {.kind = RECORD_END, .pid = pid, .tid = tid};
    programs_take(world->programs, &record);
}

/* The program of the next call of this process; NULL: not known. */
static const char *program_of(struct world *world, int32_t pid, int number, int64_t result) {
    fake_call_init(&world->call, ARCH_X86_64, number, ARGS(0), result);
    world->call.record.pid = pid;
    world->call.record.tid = pid;
    programs_take(world->programs, &world->call.record);
    return programs_of(world->programs, &world->call.record);
}

#define RUNS(world, pid, name) assert_string_equal(program_of(world, pid, SYS_close, 0), name)
#define UNKNOWN(world, pid) assert_null(program_of(world, pid, SYS_close, 0))

static void test_the_first_file_that_is_mapped(void **state) {
    struct world *world = *state;
    UNKNOWN(world, 10);
    exec(world, 10);
    map(world, 10, "[vdso]");
    UNKNOWN(world, 10);
    map(world, 10, "/usr/bin/prog");
    map(world, 10, "/usr/lib/ld-linux-x86-64.so.2");
    RUNS(world, 10, "prog");
    UNKNOWN(world, 11);
}

static void test_names_of_files(void **state) {
    struct world *world = *state;
    static const struct {
        const char *path;
        const char *name;
    } cases[] = {{"/prog", "prog"},
                 {"/a b/prog; x", "prog; x"},
                 {"/tmp/prog (deleted)", "prog"},
                 {"/memfd:prog (deleted)", "memfd:prog"},
                 {"//anon", NULL},
                 {"", NULL},
                 {"/tmp/ (deleted)", NULL}};
    for (int32_t i = 0; i < (int32_t)COUNT_OF(cases); i++) {
        map(world, 10 + i, cases[i].path);
        if (cases[i].name) {
            RUNS(world, 10 + i, cases[i].name);
        } else {
            UNKNOWN(world, 10 + i);
        }
    }
}

static void test_the_longest_path(void **state) {
    struct world *world = *state;
    char path[MAPPING_PATH_MAX];
    memset(path, 'x', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = 0;
    map(world, 10, path);
    RUNS(world, 10, path + 1);
}

static void test_children_run_what_their_parent_does(void **state) {
    struct world *world = *state;
    map(world, 10, "/bin/sh");
    start(world, 20, 20, 10);
    start(world, 10, 11, 10);
    RUNS(world, 20, "sh");
    exec(world, 20);
    map(world, 20, "/bin/ls");
    RUNS(world, 20, "ls");
    RUNS(world, 10, "sh");
}

/* An execve that succeeds is a call of the program that made it. */
static void test_an_exec_belongs_to_the_former_program(void **state) {
    struct world *world = *state;
    map(world, 10, "/bin/sh");
    exec(world, 10);
    map(world, 10, "/bin/ls");
    assert_string_equal(program_of(world, 10, SYS_execve, 0), "sh");
    RUNS(world, 10, "ls");
    assert_string_equal(program_of(world, 10, SYS_execve, -2), "ls");
    exec(world, 10);
    map(world, 10, "/bin/cat");
    /* The call itself was not recorded. */
    RUNS(world, 10, "cat");
    assert_string_equal(program_of(world, 10, SYS_execve, 0), "cat");
}

/* Of the first one nothing was seen. */
static void test_the_first_exec(void **state) {
    struct world *world = *state;
    exec(world, 10);
    map(world, 10, "/bin/ls");
    assert_string_equal(program_of(world, 10, SYS_execve, 0), "ls");
}

static void test_ids_are_used_again(void **state) {
    struct world *world = *state;
    map(world, 10, "/bin/sh");
    end(world, 10, 11);
    RUNS(world, 10, "sh");
    end(world, 10, 10);
    UNKNOWN(world, 10);
    map(world, 12, "/bin/ls");
    start(world, 12, 12, 99);
    UNKNOWN(world, 12);
}

/* More processes at a time than are remembered. */
static void test_many_processes(void **state) {
    struct world *world = *state;
    for (int32_t pid = 1; pid <= 70000; pid++) {
        map(world, pid, pid % 2 ? "/bin/odd" : "/bin/even");
    }
    RUNS(world, 65536, "even");
    UNKNOWN(world, 70000);
    end(world, 1, 1);
    map(world, 70000, "/bin/new");
    RUNS(world, 70000, "new");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_file_that_is_mapped),
        TEST(test_names_of_files),
        TEST(test_the_longest_path),
        TEST(test_children_run_what_their_parent_does),
        TEST(test_an_exec_belongs_to_the_former_program),
        TEST(test_the_first_exec),
        TEST(test_ids_are_used_again),
        TEST(test_many_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
