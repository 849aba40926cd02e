/* SPDX-License-Identifier: MIT
 *
 * Capture, on memory with holes. BASE is the first of two mapped pages; what
 * comes behind them and before them is not there.
 */
#include "capture.h"

#include "fake_memory.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum {
    BASE = 0x10000,
    SECOND_PAGE = BASE + FAKE_PAGE,
    HOLE = BASE + 2 * FAKE_PAGE,
    VECTOR = 0x50000, /* a mapped page for pointers */
    NOWHERE = 0x900000,
    LIMIT = 32, /* the string limit where a test does not say another */
    I386_WRITE = 4,
    I386_EXECVE = 11,
    I386_WRITEV = 146,
};

struct world {
    struct fake_memory memory;
    void *captures;
    size_t size;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    fake_memory_init(&world->memory);
    fake_map(&world->memory, BASE, 2 * FAKE_PAGE);
    fake_map(&world->memory, VECTOR, FAKE_PAGE);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    free(world->captures);
    free(world);
    return 0;
}

static const uint8_t guard[17] = "beyond the bound";

/* Capture into exactly the memory that capture_bound() promises to suffice. */
static void capture_from(struct world *world, const struct memory *memory, const struct syscall_row *row,
                         enum arch arch, const uint64_t *args, uint32_t limit) {
    struct capture_options options = {.memory = true, .string_limit = limit};
    size_t bound = capture_bound(&options);
    free(world->captures);
    world->captures = malloc(bound + sizeof(guard));
    assert_non_null(world->captures);
    memcpy((uint8_t *)world->captures + bound, guard, sizeof(guard));
    world->size = capture_call(row, arch, args, memory, FAKE_TID, &options, world->captures);
    assert_in_range(world->size, 0, bound);
    assert_memory_equal((uint8_t *)world->captures + bound, guard, sizeof(guard));
}

static void capture_numbered(struct world *world, enum arch arch, int number, const uint64_t *args, uint32_t limit) {
    const struct syscall_row *row = syscall_row(arch, number);
    assert_non_null(row);
    world->memory.reads = 0;
    capture_from(world, &world->memory.functions, row, arch, args, limit);
}

#define ARGS(...) ((const uint64_t[SYSCALL_MAX_ARGS]){__VA_ARGS__})

static void capture_it(struct world *world, int number, const uint64_t *args) {
    capture_numbered(world, ARCH_X86_64, number, args, LIMIT);
}

static const struct capture *found(const struct world *world, unsigned arg, unsigned element) {
    const struct capture *capture = capture_find(world->captures, world->size, arg, element);
    assert_non_null(capture);
    return capture;
}

static void assert_capture(const struct world *world, unsigned arg, unsigned element, enum capture_state state,
                           const void *bytes, size_t size, uint64_t full_length) {
    const struct capture *capture = found(world, arg, element);
    assert_int_equal(capture->state, state);
    assert_int_equal(capture->size, size);
    assert_memory_equal(capture_bytes(capture), bytes, size);
    assert_int_equal(capture->full_length, full_length);
}

static void assert_whole_string(const struct world *world, unsigned arg, unsigned element, const char *string) {
    assert_capture(world, arg, element, CAPTURE_WHOLE, string, strlen(string), strlen(string));
}

static void assert_no_capture(const struct world *world, unsigned arg) {
    assert_null(capture_find(world->captures, world->size, arg, 0));
}

/* A string of `length` different letters, in memory that the test frees. */
static char *letters(size_t length) {
    char *string = malloc(length + 1);
    assert_non_null(string);
    for (size_t i = 0; i < length; i++) {
        string[i] = (char)('a' + (i + i / 26) % 26);
    }
    string[length] = 0;
    return string;
}

/* ------------------------------------------------------------------------- strings */

static void test_a_path(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, BASE, "/etc/passwd");
    capture_it(world, SYS_openat, ARGS((uint64_t)AT_FDCWD, BASE));
    assert_whole_string(world, 1, 0, "/etc/passwd");
    assert_int_equal(world->memory.reads, 1);
}

static void test_an_empty_path(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, BASE, "");
    capture_it(world, SYS_openat, ARGS((uint64_t)AT_FDCWD, BASE));
    assert_whole_string(world, 1, 0, "");
}

static void test_two_paths_take_one_read(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, BASE, "/old");
    fake_put_string(&world->memory, SECOND_PAGE + 9, "/newer");
    capture_it(world, SYS_rename, ARGS(BASE, SECOND_PAGE + 9));
    assert_whole_string(world, 0, 0, "/old");
    assert_whole_string(world, 1, 0, "/newer");
    assert_int_equal(world->memory.reads, 1);
}

static void test_a_string_at_the_end_of_what_is_mapped(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, HOLE - 5, "last");
    capture_it(world, SYS_unlink, ARGS(HOLE - 5));
    assert_whole_string(world, 0, 0, "last");
}

static void test_a_string_that_runs_into_a_hole(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, HOLE - 4, "last", 4);
    capture_it(world, SYS_unlink, ARGS(HOLE - 4));
    assert_capture(world, 0, 0, CAPTURE_UNREADABLE, "last", 4, CAPTURE_LENGTH_UNKNOWN);
}

static void test_a_string_across_pages(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, SECOND_PAGE - 3, "across");
    capture_it(world, SYS_unlink, ARGS(SECOND_PAGE - 3));
    assert_whole_string(world, 0, 0, "across");
    assert_int_equal(world->memory.reads, 1);
}

static void test_a_string_that_is_not_there(void **state) {
    struct world *world = *state;
    capture_it(world, SYS_unlink, ARGS(NOWHERE));
    assert_capture(world, 0, 0, CAPTURE_UNREADABLE, "", 0, CAPTURE_LENGTH_UNKNOWN);
}

static void test_one_bad_pointer_does_not_spoil_the_other_argument(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, BASE, "/old");
    capture_it(world, SYS_rename, ARGS(NOWHERE, BASE));
    assert_capture(world, 0, 0, CAPTURE_UNREADABLE, "", 0, CAPTURE_LENGTH_UNKNOWN);
    assert_whole_string(world, 1, 0, "/old");
    capture_it(world, SYS_rename, ARGS(BASE, NOWHERE));
    assert_whole_string(world, 0, 0, "/old");
    assert_capture(world, 1, 0, CAPTURE_UNREADABLE, "", 0, CAPTURE_LENGTH_UNKNOWN);
}

static void test_null_is_not_captured(void **state) {
    struct world *world = *state;
    fake_put_string(&world->memory, BASE, "/old");
    capture_it(world, SYS_rename, ARGS(0, BASE));
    assert_no_capture(world, 0);
    assert_whole_string(world, 1, 0, "/old");
    capture_it(world, SYS_execve, ARGS(0, 0, 0));
    assert_int_equal(world->size, 0);
    assert_int_equal(world->memory.reads, 0);
}

static void test_what_is_read_depends_on_other_arguments(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "v\0w", 4);
    capture_it(world, SYS_fsconfig, ARGS(3, FSCONFIG_SET_STRING, BASE, BASE, 0));
    assert_whole_string(world, 2, 0, "v");
    assert_whole_string(world, 3, 0, "v");
    capture_it(world, SYS_fsconfig, ARGS(3, FSCONFIG_SET_BINARY, BASE, BASE, 3));
    assert_capture(world, 3, 0, CAPTURE_WHOLE, "v\0w", 3, 3);
    capture_it(world, SYS_fsconfig, ARGS(3, FSCONFIG_SET_FLAG, BASE, BASE, 0));
    assert_no_capture(world, 3);
    capture_it(world, SYS_fsconfig, ARGS(3, FSCONFIG_CMD_CREATE, BASE, BASE, 0));
    assert_no_capture(world, 2);
    capture_it(world, SYS_mount, ARGS(BASE, BASE, BASE, MS_REMOUNT, BASE));
    assert_no_capture(world, 2);
    assert_whole_string(world, 4, 0, "v");
}

static void test_a_set_of_signals(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "12345678rest", 12);
    capture_it(world, SYS_rt_sigprocmask, ARGS(0, BASE, BASE, 8));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "12345678", 8, 8);
    assert_no_capture(world, 2);
    capture_it(world, SYS_rt_sigprocmask, ARGS(0, BASE, 0, 128));
    assert_capture(world, 1, 0, CAPTURE_CUT, "12345678", 8, 128);
}

static void test_what_is_read_depends_on_the_command(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "a name that is too long", 24);
    capture_it(world, SYS_prctl, ARGS(PR_SET_NAME, BASE, BASE));
    assert_capture(world, 1, 0, CAPTURE_CUT, "a name that is ", 15, CAPTURE_LENGTH_UNKNOWN);
    assert_no_capture(world, 2);
    capture_it(world, SYS_prctl, ARGS(PR_GET_DUMPABLE, BASE));
    assert_no_capture(world, 1);
    capture_it(world, SYS_keyctl, ARGS(KEYCTL_UPDATE, 1, BASE, 6));
    assert_capture(world, 2, 0, CAPTURE_WHOLE, "a name", 6, 6);
    capture_it(world, SYS_keyctl, ARGS(KEYCTL_SEARCH, 1, BASE, BASE + 2, 0));
    assert_whole_string(world, 3, 0, "name that is too long");
}

static void test_a_call_without_memory_reads_nothing(void **state) {
    struct world *world = *state;
    capture_it(world, SYS_read, ARGS(0, BASE, 100));
    assert_int_equal(world->size, 0);
    assert_int_equal(world->memory.reads, 0);
}

/* setxattr's name is a string that is no path: the limit holds for it. */
static void capture_attribute_name(struct world *world, const char *name) {
    fake_put_string(&world->memory, BASE, "/file");
    fake_put_string(&world->memory, SECOND_PAGE, name);
    capture_it(world, SYS_removexattr, ARGS(BASE, SECOND_PAGE));
    assert_whole_string(world, 0, 0, "/file");
}

static void test_a_string_as_long_as_the_limit_is_whole(void **state) {
    struct world *world = *state;
    char *name = letters(LIMIT);
    capture_attribute_name(world, name);
    assert_whole_string(world, 1, 0, name);
    free(name);
}

static void test_a_string_longer_than_the_limit_is_cut(void **state) {
    struct world *world = *state;
    char *name = letters(LIMIT + 1);
    capture_attribute_name(world, name);
    assert_capture(world, 1, 0, CAPTURE_CUT, name, LIMIT, CAPTURE_LENGTH_UNKNOWN);
    free(name);
}

static void test_a_string_cut_just_before_a_hole_is_cut(void **state) {
    struct world *world = *state;
    char *name = letters(LIMIT + 1);
    fake_put_string(&world->memory, BASE, "/file");
    fake_put(&world->memory, HOLE - LIMIT - 1, name, LIMIT + 1);
    capture_it(world, SYS_removexattr, ARGS(BASE, HOLE - LIMIT - 1));
    assert_capture(world, 1, 0, CAPTURE_CUT, name, LIMIT, CAPTURE_LENGTH_UNKNOWN);
    fake_put(&world->memory, HOLE - LIMIT, name, LIMIT);
    capture_it(world, SYS_removexattr, ARGS(BASE, HOLE - LIMIT));
    assert_capture(world, 1, 0, CAPTURE_UNREADABLE, name, LIMIT, CAPTURE_LENGTH_UNKNOWN);
    free(name);
}

static void test_long_paths_are_whole_whatever_the_limit(void **state) {
    struct world *world = *state;
    static const size_t lengths[] = {254, 255, 256, 257, 511, 512, 1000, 4094, 4095};
    for (unsigned i = 0; i < COUNT_OF(lengths); i++) {
        char *path = letters(lengths[i]);
        fake_put_string(&world->memory, BASE + 100, path);
        capture_numbered(world, ARCH_X86_64, SYS_unlink, ARGS(BASE + 100), 8);
        assert_whole_string(world, 0, 0, path);
        free(path);
    }
}

static void test_a_path_that_no_kernel_takes_is_cut(void **state) {
    struct world *world = *state;
    char *path = letters(4096);
    fake_put_string(&world->memory, BASE + 100, path);
    capture_it(world, SYS_unlink, ARGS(BASE + 100));
    assert_capture(world, 0, 0, CAPTURE_CUT, path, 4095, CAPTURE_LENGTH_UNKNOWN);
    free(path);
}

static void test_a_long_path_that_runs_into_a_hole(void **state) {
    struct world *world = *state;
    char *path = letters(3000);
    fake_put(&world->memory, HOLE - 3000, path, 3000);
    capture_it(world, SYS_unlink, ARGS(HOLE - 3000));
    assert_capture(world, 0, 0, CAPTURE_UNREADABLE, path, 3000, CAPTURE_LENGTH_UNKNOWN);
    free(path);
}

/* ------------------------------------------------------------------------- buffers */

static void test_a_buffer(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "a\0b\n", 4);
    capture_it(world, SYS_write, ARGS(1, BASE, 4));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "a\0b\n", 4, 4);
    assert_int_equal(world->memory.reads, 1);
}

static void test_an_empty_buffer(void **state) {
    struct world *world = *state;
    capture_it(world, SYS_write, ARGS(1, BASE, 0));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "", 0, 0);
}

static void test_a_buffer_longer_than_the_limit_is_cut(void **state) {
    struct world *world = *state;
    char *bytes = letters(LIMIT + 1);
    fake_put(&world->memory, BASE, bytes, LIMIT + 1);
    capture_it(world, SYS_write, ARGS(1, BASE, LIMIT));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, bytes, LIMIT, LIMIT);
    capture_it(world, SYS_write, ARGS(1, BASE, LIMIT + 1));
    assert_capture(world, 1, 0, CAPTURE_CUT, bytes, LIMIT, LIMIT + 1);
    assert_int_equal(world->memory.reads, 1);
    free(bytes);
}

static void test_a_huge_count_reads_no_more_than_the_limit(void **state) {
    struct world *world = *state;
    char *bytes = letters(LIMIT);
    fake_put(&world->memory, BASE, bytes, LIMIT);
    capture_it(world, SYS_write, ARGS(1, BASE, (uint64_t)1 << 62));
    assert_capture(world, 1, 0, CAPTURE_CUT, bytes, LIMIT, (uint64_t)1 << 62);
    fake_put(&world->memory, HOLE - 7, "partial", 7);
    capture_it(world, SYS_write, ARGS(1, HOLE - 7, (uint64_t)1 << 62));
    assert_capture(world, 1, 0, CAPTURE_UNREADABLE, "partial", 7, (uint64_t)1 << 62);
    free(bytes);
}

static void test_a_buffer_across_pages_takes_one_read(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, SECOND_PAGE - 3, "across", 6);
    capture_it(world, SYS_write, ARGS(1, SECOND_PAGE - 3, 6));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "across", 6, 6);
    assert_int_equal(world->memory.reads, 1);
}

static void test_a_buffer_that_runs_into_a_hole(void **state) {
    struct world *world = *state;
    char *bytes = letters(FAKE_PAGE + 50);
    uint64_t address = HOLE - FAKE_PAGE - 50;
    fake_put(&world->memory, address, bytes, FAKE_PAGE + 50);
    capture_numbered(world, ARCH_X86_64, SYS_write, ARGS(1, address, 8000), 10000);
    assert_capture(world, 1, 0, CAPTURE_UNREADABLE, bytes, FAKE_PAGE + 50, 8000);
    free(bytes);
}

static void test_a_buffer_that_is_not_there(void **state) {
    struct world *world = *state;
    capture_it(world, SYS_write, ARGS(1, NOWHERE, 5));
    assert_capture(world, 1, 0, CAPTURE_UNREADABLE, "", 0, 5);
    capture_it(world, SYS_write, ARGS(1, UINT64_MAX - 2, 5));
    assert_capture(world, 1, 0, CAPTURE_UNREADABLE, "", 0, 5);
}

static void test_a_large_buffer_with_a_large_limit(void **state) {
    struct world *world = *state;
    char *bytes = letters(2 * FAKE_PAGE);
    fake_put(&world->memory, BASE, bytes, 2 * FAKE_PAGE);
    capture_numbered(world, ARCH_X86_64, SYS_write, ARGS(1, BASE, 2 * FAKE_PAGE), CAPTURE_LIMIT_MAX);
    assert_capture(world, 1, 0, CAPTURE_WHOLE, bytes, 2 * FAKE_PAGE, 2 * FAKE_PAGE);
    assert_int_equal(world->memory.reads, 1);
    free(bytes);
}

static void test_a_buffer_and_an_address(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "datagram", 8);
    fake_put(&world->memory, SECOND_PAGE, "\1\0/run/x", 9);
    capture_it(world, SYS_sendto, ARGS(3, BASE, 8, 0, SECOND_PAGE, 9));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "datagram", 8, 8);
    assert_capture(world, 4, CAPTURE_AT, CAPTURE_WHOLE, "\1\0/run/x", 9, 9);
    assert_int_equal(world->memory.reads, 1);
    capture_it(world, SYS_sendto, ARGS(3, BASE, 8, 0, 0, 0));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "datagram", 8, 8);
    assert_no_capture(world, 4);
}

static void test_an_address_is_no_longer_than_addresses_are(void **state) {
    struct world *world = *state;
    char *bytes = letters(129);
    fake_put(&world->memory, BASE, bytes, 129);
    capture_it(world, SYS_connect, ARGS(3, BASE, 129));
    assert_capture(world, 1, CAPTURE_AT, CAPTURE_CUT, bytes, 128, 129);
    /* The length is an int: what is above it does not count. */
    capture_it(world, SYS_connect, ARGS(3, BASE, 0xabcd00000010));
    assert_capture(world, 1, CAPTURE_AT, CAPTURE_WHOLE, bytes, 16, 16);
    free(bytes);
}

/* ------------------------------------------------------------------------- vectors */

/* Write `count` pointers to "s0", "s1"... and a NULL; words of `width` bytes. */
static void put_vector(struct world *world, uint64_t vector, unsigned count, unsigned width) {
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "s%u", i);
        fake_put_string(&world->memory, BASE + 8 * i, name);
        fake_put_word(&world->memory, vector + (uint64_t)i * width, BASE + 8 * i, width);
    }
    fake_put_word(&world->memory, vector + (uint64_t)count * width, 0, width);
}

static void assert_vector(const struct world *world, enum capture_state state, unsigned count) {
    assert_capture(world, 1, 0, state, "", 0, count);
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "s%u", i);
        assert_whole_string(world, 1, i + 1, name);
    }
    assert_null(capture_find(world->captures, world->size, 1, count + 1));
}

static void test_argv(void **state) {
    struct world *world = *state;
    static const unsigned counts[] = {0, 1, 3, 63, 64};
    for (unsigned i = 0; i < COUNT_OF(counts); i++) {
        put_vector(world, VECTOR, counts[i], 8);
        capture_it(world, SYS_execve, ARGS(0, VECTOR, 0));
        assert_vector(world, CAPTURE_WHOLE, counts[i]);
    }
}

static void test_argv_with_many_elements_is_cut(void **state) {
    struct world *world = *state;
    put_vector(world, VECTOR, 100, 8);
    capture_it(world, SYS_execve, ARGS(0, VECTOR, 0));
    assert_vector(world, CAPTURE_CUT, CAPTURE_VECTOR_MAX);
}

static void test_argv_that_ends_with_the_page(void **state) {
    struct world *world = *state;
    put_vector(world, VECTOR + FAKE_PAGE - 32, 3, 8);
    capture_it(world, SYS_execve, ARGS(0, VECTOR + FAKE_PAGE - 32, 0));
    assert_vector(world, CAPTURE_WHOLE, 3);
}

static void test_argv_without_an_end(void **state) {
    struct world *world = *state;
    put_vector(world, VECTOR, 3, 8);
    for (unsigned i = 0; i < 3; i++) {
        fake_put_word(&world->memory, VECTOR + FAKE_PAGE - 24 + 8 * i, BASE + 8 * i, 8);
    }
    capture_it(world, SYS_execve, ARGS(0, VECTOR + FAKE_PAGE - 24, 0));
    assert_vector(world, CAPTURE_UNREADABLE, 3);
}

static void test_argv_that_is_not_there(void **state) {
    struct world *world = *state;
    capture_it(world, SYS_execve, ARGS(0, NOWHERE, 0));
    assert_vector(world, CAPTURE_UNREADABLE, 0);
}

static void test_a_bad_pointer_in_argv(void **state) {
    struct world *world = *state;
    put_vector(world, VECTOR, 3, 8);
    fake_put_word(&world->memory, VECTOR + 8, NOWHERE, 8);
    capture_it(world, SYS_execve, ARGS(0, VECTOR, 0));
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "", 0, 3);
    assert_whole_string(world, 1, 1, "s0");
    assert_capture(world, 1, 2, CAPTURE_UNREADABLE, "", 0, CAPTURE_LENGTH_UNKNOWN);
    assert_whole_string(world, 1, 3, "s2");
}

static void test_an_element_of_argv_longer_than_the_limit_is_cut(void **state) {
    struct world *world = *state;
    char *argument = letters(LIMIT + 1);
    put_vector(world, VECTOR, 3, 8);
    fake_put_string(&world->memory, SECOND_PAGE, argument);
    fake_put_word(&world->memory, VECTOR + 8, SECOND_PAGE, 8);
    capture_it(world, SYS_execve, ARGS(0, VECTOR, 0));
    assert_capture(world, 1, 2, CAPTURE_CUT, argument, LIMIT, CAPTURE_LENGTH_UNKNOWN);
    assert_whole_string(world, 1, 3, "s2");
    free(argument);
}

static void test_execve_has_path_argv_and_the_size_of_its_environment(void **state) {
    struct world *world = *state;
    put_vector(world, VECTOR, 3, 8);
    fake_put_string(&world->memory, SECOND_PAGE, "/bin/true");
    for (unsigned i = 0; i < 200; i++) {
        fake_put_word(&world->memory, VECTOR + 1024 + 8 * i, NOWHERE, 8);
    }
    fake_put_word(&world->memory, VECTOR + 1024 + 8 * 200, 0, 8);
    capture_it(world, SYS_execve, ARGS(SECOND_PAGE, VECTOR, VECTOR + 1024));
    assert_whole_string(world, 0, 0, "/bin/true");
    assert_vector(world, CAPTURE_WHOLE, 3);
    assert_capture(world, 2, 0, CAPTURE_WHOLE, "", 0, 200);
}

static void test_sizes_of_environments(void **state) {
    struct world *world = *state;
    for (unsigned count = 0; count <= 130; count++) {
        for (unsigned i = 0; i < count; i++) {
            fake_put_word(&world->memory, VECTOR + 8 * i, NOWHERE, 8);
        }
        fake_put_word(&world->memory, VECTOR + 8 * count, 0, 8);
        capture_it(world, SYS_execve, ARGS(0, 0, VECTOR));
        assert_capture(world, 2, 0, CAPTURE_WHOLE, "", 0, count);
    }
    for (unsigned i = 0; i < 10; i++) {
        fake_put_word(&world->memory, VECTOR + FAKE_PAGE - 80 + 8 * i, NOWHERE, 8);
    }
    capture_it(world, SYS_execve, ARGS(0, 0, VECTOR + FAKE_PAGE - 80));
    assert_capture(world, 2, 0, CAPTURE_UNREADABLE, "", 0, 10);
}

/* ---------------------------------------------------------------------------- i386 */

static void test_i386_words_are_four_bytes(void **state) {
    struct world *world = *state;
    put_vector(world, VECTOR, 3, 4);
    capture_numbered(world, ARCH_I386, I386_EXECVE, ARGS(0, VECTOR, VECTOR), LIMIT);
    assert_vector(world, CAPTURE_WHOLE, 3);
    assert_capture(world, 2, 0, CAPTURE_WHOLE, "", 0, 3);

    fake_put(&world->memory, BASE, "headbody", 8);
    capture_numbered(world, ARCH_I386, I386_WRITE, ARGS(1, BASE, 8), LIMIT);
    assert_capture(world, 1, 0, CAPTURE_WHOLE, "headbody", 8, 8);
}

static void test_i386_pointers_at_odd_addresses(void **state) {
    struct world *world = *state;
    uint64_t vector = VECTOR + FAKE_PAGE - 6; /* the second pointer lies in two pages */
    fake_map(&world->memory, VECTOR + FAKE_PAGE, FAKE_PAGE);
    put_vector(world, vector, 3, 4);
    capture_numbered(world, ARCH_I386, I386_EXECVE, ARGS(0, vector, 0), LIMIT);
    assert_vector(world, CAPTURE_WHOLE, 3);
}

/* --------------------------------------------------------------------------- bounds */

/* Memory without any hole or NUL, in which each word points to more of it. */
static ssize_t read_endless(const struct memory *memory, pid_t tid, const struct iovec *local,
                            const struct iovec *remote, unsigned count) {
    (void)memory;
    (void)tid;
    (void)remote;
    ssize_t copied = 0;
    for (unsigned i = 0; i < count; i++) {
        memset(local[i].iov_base, 'a', local[i].iov_len);
        copied += (ssize_t)local[i].iov_len;
    }
    return copied;
}

/* Whether something was captured. */
static bool bound_holds(struct world *world, const struct syscall_row *row, const uint64_t *args, uint32_t limit) {
    static const struct memory endless = {.read = read_endless};
    enum arch arch = row->number[ARCH_X86_64] >= 0 ? ARCH_X86_64 : ARCH_I386;
    bool needed = capture_needed(row, &(struct capture_options){.memory = true});
    capture_from(world, &endless, row, arch, args, limit);
    assert_int_equal(world->size % 8, 0);
    /* With these values the call may have nothing to read even if it can have. */
    assert_true(needed || world->size == 0);
    return world->size > 0;
}

static void test_no_call_writes_more_than_the_bound(void **state) {
    struct world *world = *state;
    static const uint32_t limits[] = {0, 1, 7, 8, 32, 255, 4094, 4095, 4096, 4097, 10000};
    const struct syscall_row *row;
    unsigned captured = 0;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (unsigned j = 0; j < COUNT_OF(limits); j++) {
            /* Pointers and lengths at once, and flags with which mount reads four strings. */
            captured += bound_holds(world, row, ARGS(65535, 65535, 65535, 65535, 65535, 65535), limits[j]);
            captured += bound_holds(world, row, ARGS(65536, 65536, 65536, 65536, 65536, 65536), limits[j]);
        }
    }
    assert_in_range(captured, 100 * COUNT_OF(limits), SIZE_MAX);
}

static void test_nothing_is_found_among_no_captures(void **state) {
    (void)state;
    assert_null(capture_find(NULL, 0, 0, 0));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_path),
        TEST(test_an_empty_path),
        TEST(test_two_paths_take_one_read),
        TEST(test_a_string_at_the_end_of_what_is_mapped),
        TEST(test_a_string_that_runs_into_a_hole),
        TEST(test_a_string_across_pages),
        TEST(test_a_string_that_is_not_there),
        TEST(test_one_bad_pointer_does_not_spoil_the_other_argument),
        TEST(test_null_is_not_captured),
        TEST(test_what_is_read_depends_on_other_arguments),
        TEST(test_a_set_of_signals),
        TEST(test_what_is_read_depends_on_the_command),
        TEST(test_a_call_without_memory_reads_nothing),
        TEST(test_a_string_as_long_as_the_limit_is_whole),
        TEST(test_a_string_longer_than_the_limit_is_cut),
        TEST(test_a_string_cut_just_before_a_hole_is_cut),
        TEST(test_long_paths_are_whole_whatever_the_limit),
        TEST(test_a_path_that_no_kernel_takes_is_cut),
        TEST(test_a_long_path_that_runs_into_a_hole),
        TEST(test_a_buffer),
        TEST(test_an_empty_buffer),
        TEST(test_a_buffer_longer_than_the_limit_is_cut),
        TEST(test_a_huge_count_reads_no_more_than_the_limit),
        TEST(test_a_buffer_across_pages_takes_one_read),
        TEST(test_a_buffer_that_runs_into_a_hole),
        TEST(test_a_buffer_that_is_not_there),
        TEST(test_a_large_buffer_with_a_large_limit),
        TEST(test_a_buffer_and_an_address),
        TEST(test_an_address_is_no_longer_than_addresses_are),
        TEST(test_argv),
        TEST(test_argv_with_many_elements_is_cut),
        TEST(test_argv_that_ends_with_the_page),
        TEST(test_argv_without_an_end),
        TEST(test_argv_that_is_not_there),
        TEST(test_a_bad_pointer_in_argv),
        TEST(test_an_element_of_argv_longer_than_the_limit_is_cut),
        TEST(test_execve_has_path_argv_and_the_size_of_its_environment),
        TEST(test_sizes_of_environments),
        TEST(test_i386_words_are_four_bytes),
        TEST(test_i386_pointers_at_odd_addresses),
        TEST(test_no_call_writes_more_than_the_bound),
        TEST(test_nothing_is_found_among_no_captures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
