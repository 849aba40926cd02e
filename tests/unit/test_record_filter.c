/* SPDX-License-Identifier: MIT
 *
 * Which records pass -e status=, -e signal=, -z, -Z and -P.
 */
#include "record_filter.h"

#include "fake_call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct world {
    struct record_filter filter;
    struct fake_call call;
    char problem[256];
    char folder[64];
    int old_folder;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    *state = world;
    if (!world) {
        return -1;
    }
    record_filter_init(&world->filter);
    strcpy(world->folder, "/tmp/renacer-unit-XXXXXX");
    world->old_folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return world->old_folder >= 0 && mkdtemp(world->folder) ? 0 : -1;
}

static int tear_down(void **state) {
    struct world *world = *state;
    record_filter_finish(&world->filter);
    int status = chdir(world->folder);
    unlink("file");
    unlink("link");
    status |= fchdir(world->old_folder);
    status |= rmdir(world->folder);
    close(world->old_folder);
    free(world);
    return status;
}

static void parse_status(struct world *world, const char *list) {
    assert_int_equal(record_filter_parse_status(&world->filter, list, world->problem, sizeof(world->problem)), 0);
}

static void parse_signals(struct world *world, const char *list) {
    assert_int_equal(record_filter_parse_signals(&world->filter, list, world->problem, sizeof(world->problem)), 0);
}

static bool keeps(const struct world *world) {
    return record_filter_keeps(&world->filter, &world->call.record);
}

/* ------------------------------------------------------------------------ status */

static bool keeps_call(struct world *world, uint32_t flags, int64_t result) {
    fake_call_init(&world->call, ARCH_X86_64, SYS_getpid, ARGS(0), result);
    world->call.record.call.flags = flags;
    return keeps(world);
}

/* Which calls pass: successful, failed, unfinished and unavailable ones, as letters. */
static void assert_kept(struct world *world, const char *letters) {
    enum {
        RETURNED = CALL_HAS_ARGS | CALL_HAS_RESULT,
    };
    assert_int_equal(keeps_call(world, RETURNED, 0), strchr(letters, 's') != NULL);
    assert_int_equal(keeps_call(world, RETURNED, 77), strchr(letters, 's') != NULL);
    assert_int_equal(keeps_call(world, RETURNED, -4096), strchr(letters, 's') != NULL);
    assert_int_equal(keeps_call(world, RETURNED, -ENOENT), strchr(letters, 'f') != NULL);
    assert_int_equal(keeps_call(world, RETURNED, -512), strchr(letters, 'f') != NULL);
    assert_int_equal(keeps_call(world, CALL_HAS_ARGS | CALL_UNRETURNED, 0), strchr(letters, 'u') != NULL);
    assert_int_equal(keeps_call(world, CALL_HAS_ARGS, -ENOENT), strchr(letters, 'n') != NULL);
}

static void test_everything_passes_at_first(void **state) {
    assert_kept(*state, "sfun");
}

static void test_statuses(void **state) {
    static const struct {
        const char *list;
        const char *kept;
    } cases[] = {
        {"successful", "s"},    {"failed", "f"},
        {"unfinished", "u"},    {"unavailable", "n"},
        {"detached", ""},       {"successful,failed", "sf"},
        {"failed,failed", "f"}, {"unfinished,unavailable", "un"},
        {"all", "sfun"},        {"none", ""},
        {"none,failed", "f"},   {"failed,all", "sfun"},
        {"!failed", "sun"},     {"!failed,successful", "un"},
        {"!none", "sfun"},      {"!all", ""},
        {"!detached", "sfun"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        parse_status(world, cases[i].list);
        assert_kept(world, cases[i].kept);
    }
}

static void test_the_last_list_counts(void **state) {
    struct world *world = *state;
    parse_status(world, "failed");
    parse_status(world, "successful");
    assert_kept(world, "s");
}

static void assert_bad_status(struct world *world, const char *list, const char *problem) {
    assert_int_equal(record_filter_parse_status(&world->filter, list, world->problem, sizeof(world->problem)), -EINVAL);
    assert_string_equal(world->problem, problem);
    assert_kept(world, "sfun"); /* as it was */
}

static void test_unknown_statuses(void **state) {
    struct world *world = *state;
    assert_bad_status(world, "faled", "unknown status 'faled' in -e status=; did you mean 'failed'?");
    assert_bad_status(world, "failed,succesful",
                      "unknown status 'succesful' in -e status=; did you mean 'successful'?");
    assert_bad_status(world, "!faild", "unknown status 'faild' in -e status=; did you mean 'failed'?");
    assert_bad_status(world, "xyzzy",
                      "unknown status 'xyzzy' in -e status=; there are successful, failed, unfinished, "
                      "unavailable and detached");
    static const char *const empty[] = {"", "failed,", ",failed", "!", "Failed", "failed successful"};
    for (size_t i = 0; i < COUNT_OF(empty); i++) {
        assert_int_equal(record_filter_parse_status(&world->filter, empty[i], world->problem, sizeof(world->problem)),
                         -EINVAL);
        assert_kept(world, "sfun");
    }
}

static void test_a_short_room_for_the_problem_is_not_overrun(void **state) {
    struct world *world = *state;
    memset(world->problem, '#', sizeof(world->problem));
    assert_int_equal(record_filter_parse_status(&world->filter, "xyzzy", world->problem, 8), -EINVAL);
    assert_string_equal(world->problem, "unknown");
    assert_int_equal(world->problem[8], '#');
}

/* ----------------------------------------------------------------------- signals */

static bool keeps_signal(const struct world *world, int number) {
    struct record record = {.kind = RECORD_SIGNAL, .pid = 100, .tid = 100, .signal = {.number = number}};
    return record_filter_keeps(&world->filter, &record);
}

/* Of all 64 exactly these pass. */
static void assert_signals(const struct world *world, uint64_t kept) {
    for (int number = 1; number <= 64; number++) {
        assert_int_equal(keeps_signal(world, number), kept >> (number - 1) & 1);
    }
}

static uint64_t bit(int number) {
    return 1ULL << (number - 1);
}

static void test_signals(void **state) {
    struct world *world = *state;
    assert_signals(world, UINT64_MAX);
    const struct {
        const char *list;
        uint64_t kept;
    } cases[] = {
        {"SIGUSR1", bit(SIGUSR1)},
        {"USR1", bit(SIGUSR1)},
        {"usr1", bit(SIGUSR1)},
        {"sigusr1", bit(SIGUSR1)},
        {"10", bit(SIGUSR1)},
        {"1", bit(SIGHUP)},
        {"64", bit(64)},
        {"33", bit(33)},
        {"SIGSEGV,chld,15", bit(SIGSEGV) | bit(SIGCHLD) | bit(SIGTERM)},
        {"!SIGCHLD", ~bit(SIGCHLD)},
        {"!chld,64", ~(bit(SIGCHLD) | bit(64))},
        {"all", UINT64_MAX},
        {"none", 0},
        {"!none", UINT64_MAX},
        {"!all", 0},
        {"none,hup", bit(SIGHUP)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        parse_signals(world, cases[i].list);
        assert_signals(world, cases[i].kept);
    }
}

static void test_unknown_signals(void **state) {
    struct world *world = *state;
    parse_signals(world, "USR1");
    static const char *const unknown[] = {"SIGFOO", "",      "0", "65",    "-1",
                                          "SIG",    "USR1,", "!", "USR1 ", "99999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        assert_int_equal(
            record_filter_parse_signals(&world->filter, unknown[i], world->problem, sizeof(world->problem)), -EINVAL);
        assert_signals(world, bit(SIGUSR1));
    }
    assert_int_equal(record_filter_parse_signals(&world->filter, "USR1,SIGFOO", world->problem, sizeof(world->problem)),
                     -EINVAL);
    assert_memory_equal(world->problem, "unknown signal 'SIGFOO' in -e signal=", 37);
}

static void test_signals_are_no_matter_of_statuses_and_paths(void **state) {
    struct world *world = *state;
    parse_status(world, "none");
    assert_int_equal(record_filter_add_path(&world->filter, "/nonexistent"), 0);
    assert_signals(world, UINT64_MAX);
    parse_status(world, "all");
    parse_signals(world, "none");
    assert_false(keeps_call(world, CALL_HAS_ARGS | CALL_HAS_RESULT, 0)); /* for its path, not for its status */
}

static void test_execs_and_ends_always_pass(void **state) {
    struct world *world = *state;
    parse_status(world, "none");
    parse_signals(world, "none");
    assert_int_equal(record_filter_add_path(&world->filter, "/nonexistent"), 0);
    for (enum record_kind kind = RECORD_EXEC; kind <= RECORD_END; kind++) {
        struct record record = {.kind = (uint8_t)kind, .pid = 100, .tid = 100};
        assert_true(record_filter_keeps(&world->filter, &record));
    }
}

/* ------------------------------------------------------------------------- paths */

static void add_path(struct world *world, const char *path) {
    assert_int_equal(record_filter_add_path(&world->filter, path), 0);
}

static bool keeps_openat(struct world *world, const char *path) {
    fake_call_init(&world->call, ARCH_X86_64, SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, O_RDONLY), 3);
    fake_call_string(&world->call, 1, path);
    return keeps(world);
}

/* A read whose descriptor is what include/descriptor.h would write. */
static bool keeps_read(struct world *world, const char *description, size_t size) {
    fake_call_init(&world->call, ARCH_X86_64, SYS_read, ARGS(3, 0x1000, 10), 3);
    fake_call_capture(&world->call, 0, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, description, size, size);
    return keeps(world);
}

static void test_a_path_is_compared_literally(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    assert_true(keeps_openat(world, "/nonexistent/file"));
    assert_false(keeps_openat(world, "/nonexistent/file2"));
    assert_false(keeps_openat(world, "/nonexistent/fil"));
    assert_false(keeps_openat(world, "/nonexistent/./file"));
    assert_false(keeps_openat(world, ""));
}

static void test_what_a_path_resolves_to_counts_as_well(void **state) {
    struct world *world = *state;
    assert_int_equal(chdir(world->folder), 0);
    int fd = creat("file", 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(symlink("file", "link"), 0);
    char resolved[128];
    snprintf(resolved, sizeof(resolved), "%s/file", world->folder);
    add_path(world, "link");
    assert_true(keeps_openat(world, "link"));
    assert_true(keeps_openat(world, resolved));
    assert_true(keeps_read(world, resolved, strlen(resolved)));
    assert_false(keeps_openat(world, "file"));
    assert_int_equal(world->filter.path_count, 2);
}

static void test_a_path_that_is_resolved_already_takes_one_place(void **state) {
    struct world *world = *state;
    add_path(world, "/");
    add_path(world, "/nonexistent");
    assert_int_equal(world->filter.path_count, 2);
}

static void test_several_paths(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/a");
    add_path(world, "/nonexistent/b");
    assert_true(keeps_openat(world, "/nonexistent/a"));
    assert_true(keeps_openat(world, "/nonexistent/b"));
    assert_false(keeps_openat(world, "/nonexistent/c"));
}

static void test_descriptors(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    static const char plain[] = "/nonexistent/file";
    static const char detailed[] = "/nonexistent/file\0<char 1:3>";
    static const char deleted[] = "/nonexistent/file\0\0(deleted)";
    static const char longer[] = "/nonexistent/file2";
    static const char inner[] = "x\0/nonexistent/file";
    assert_true(keeps_read(world, plain, sizeof(plain) - 1));
    assert_true(keeps_read(world, detailed, sizeof(detailed) - 1));
    assert_true(keeps_read(world, deleted, sizeof(deleted) - 1));
    assert_false(keeps_read(world, longer, sizeof(longer) - 1));
    assert_false(keeps_read(world, inner, sizeof(inner) - 1));
    assert_false(keeps_read(world, "", 0));
}

static void test_content_is_no_path(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    fake_call_init(&world->call, ARCH_X86_64, SYS_write, ARGS(1, 0x1000, 17), 17);
    fake_call_string(&world->call, 1, "/nonexistent/file");
    assert_false(keeps(world));
}

static void test_every_argument_is_looked_at(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    for (unsigned arg = 0; arg < 2; arg++) {
        fake_call_init(&world->call, ARCH_X86_64, SYS_rename, ARGS(0x1000, 0x2000), 0);
        fake_call_string(&world->call, arg, "/nonexistent/file");
        fake_call_string(&world->call, 1 - arg, "/nonexistent/other");
        assert_true(keeps(world));
    }
}

static void test_results_are_not_looked_at(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    fake_call_init(&world->call, ARCH_X86_64, SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, O_RDONLY), 3);
    fake_call_string(&world->call, 1, "link");
    static const char opened[] = "/nonexistent/file";
    fake_call_capture(&world->call, CAPTURE_RESULT, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, opened, sizeof(opened) - 1,
                      sizeof(opened) - 1);
    assert_false(keeps(world));
}

static void test_calls_without_paths_or_names_do_not_pass(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    fake_call_init(&world->call, ARCH_X86_64, SYS_getpid, ARGS(0), 1);
    assert_false(keeps(world));
    fake_call_init(&world->call, ARCH_X86_64, 9999, ARGS(0), 1);
    assert_false(keeps(world));
}

static void test_status_and_path_both_have_to_fit(void **state) {
    struct world *world = *state;
    add_path(world, "/nonexistent/file");
    parse_status(world, "failed");
    assert_false(keeps_openat(world, "/nonexistent/file"));
    world->call.record.call.result = -ENOENT;
    assert_true(keeps(world));
}

static void test_too_many_paths_are_refused(void **state) {
    struct world *world = *state;
    char path[32];
    for (int i = 0; i < FILTER_PATHS_MAX; i++) {
        snprintf(path, sizeof(path), "/nonexistent/%d", i);
        add_path(world, path);
    }
    assert_int_equal(record_filter_add_path(&world->filter, "/nonexistent/more"), -E2BIG);
    assert_true(keeps_openat(world, "/nonexistent/63"));
    assert_false(keeps_openat(world, "/nonexistent/more"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_everything_passes_at_first),
        TEST(test_statuses),
        TEST(test_the_last_list_counts),
        TEST(test_unknown_statuses),
        TEST(test_a_short_room_for_the_problem_is_not_overrun),
        TEST(test_signals),
        TEST(test_unknown_signals),
        TEST(test_signals_are_no_matter_of_statuses_and_paths),
        TEST(test_execs_and_ends_always_pass),
        TEST(test_a_path_is_compared_literally),
        TEST(test_what_a_path_resolves_to_counts_as_well),
        TEST(test_a_path_that_is_resolved_already_takes_one_place),
        TEST(test_several_paths),
        TEST(test_descriptors),
        TEST(test_content_is_no_path),
        TEST(test_every_argument_is_looked_at),
        TEST(test_results_are_not_looked_at),
        TEST(test_calls_without_paths_or_names_do_not_pass),
        TEST(test_status_and_path_both_have_to_fit),
        TEST(test_too_many_paths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
