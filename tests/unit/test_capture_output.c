/* SPDX-License-Identifier: MIT
 *
 * Capture of output arguments, on memory with holes as in test_capture.c, into
 * exactly the memory that capture_bound() promises to suffice.
 */
#include "capture.h"
#include "structure.h"

#include "fake_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>

enum {
    BASE = 0x10000,
    SECOND_PAGE = BASE + FAKE_PAGE,
    HOLE = BASE + 2 * FAKE_PAGE,
    OTHER = 0x50000, /* a mapped page */
    NOWHERE = 0x900000,
    LIMIT = 32,
    KERNEL_RESTARTBLOCK = 516,
    I386_READ = 3,
    I386_STAT64 = 195,
    I386_READV = 145,
    I386_GETDENTS = 141,
    I386_GETRESUID = 165,
    I386_SENDFILE = 187,
    I386_SENDFILE64 = 239,
};

static const uint8_t guard[17] = "beyond the bound";

#define ARGS(...) ((const uint64_t[SYSCALL_MAX_ARGS]){__VA_ARGS__})

struct world {
    struct fake_memory memory;
    struct capture_options options;
    uint8_t *captures;
    size_t entry_size; /* what was captured before the call */
    size_t size;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    fake_memory_init(&world->memory);
    fake_map(&world->memory, BASE, 2 * FAKE_PAGE);
    fake_map(&world->memory, OTHER, FAKE_PAGE);
    world->options = (struct capture_options){.memory = true, .outputs = true, .string_limit = LIMIT};
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    free(world->captures);
    free(world);
    return 0;
}

static const struct syscall_row *row_of(enum arch arch, int number) {
    const struct syscall_row *row = syscall_row(arch, number);
    assert_non_null(row);
    return row;
}

static void enter(struct world *world, enum arch arch, int number, const uint64_t *args) {
    size_t bound = capture_bound(&world->options);
    free(world->captures);
    world->captures = malloc(bound + sizeof(guard));
    assert_non_null(world->captures);
    memcpy(world->captures + bound, guard, sizeof(guard));
    world->entry_size = capture_call(row_of(arch, number), arch, args, &world->memory.functions, FAKE_TID,
                                     &world->options, world->captures);
}

static void leave(struct world *world, enum arch arch, int number, const uint64_t *args, int64_t result) {
    size_t bound = capture_bound(&world->options);
    uint64_t kept[CAPTURE_KEPT_MAX / sizeof(uint64_t)];
    const struct syscall_row *row = row_of(arch, number);
    size_t kept_size = capture_keep(row, args, world->captures, world->entry_size, kept);
    assert_in_range(kept_size, 0, sizeof(kept));
    world->size = capture_outputs(row, arch, args, result, &world->memory.functions, FAKE_TID, &world->options, kept,
                                  kept_size, world->captures, world->entry_size);
    assert_in_range(world->size, world->entry_size, bound);
    assert_memory_equal(world->captures + bound, guard, sizeof(guard));
}

static void call_on(struct world *world, enum arch arch, int number, const uint64_t *args, int64_t result) {
    enter(world, arch, number, args);
    leave(world, arch, number, args, result);
}

static void call(struct world *world, int number, const uint64_t *args, int64_t result) {
    call_on(world, ARCH_X86_64, number, args, result);
}

static void assert_element(const struct world *world, unsigned arg, unsigned element, enum capture_state state,
                           const void *bytes, size_t size, uint64_t full_length) {
    const struct capture *capture = capture_find(world->captures, world->size, arg, element);
    assert_non_null(capture);
    assert_int_equal(capture->state, state);
    assert_int_equal(capture->size, size);
    assert_memory_equal(capture_bytes(capture), bytes, size);
    assert_int_equal(capture->full_length, full_length);
}

static void assert_output(const struct world *world, unsigned arg, enum capture_state state, const void *bytes,
                          size_t size, uint64_t full_length) {
    assert_element(world, arg, CAPTURE_OUTPUT, state, bytes, size, full_length);
}

static void assert_no_output(const struct world *world, unsigned arg) {
    assert_null(capture_find(world->captures, world->size, arg, CAPTURE_OUTPUT));
}

/* -------------------------------------------------------------------- what is asked for */

static void test_nothing_without_the_option(void **state) {
    struct world *world = *state;
    const struct syscall_row *read_row = row_of(ARCH_X86_64, SYS_read);
    assert_true(capture_has_outputs(read_row, &world->options));
    world->options.outputs = false;
    assert_false(capture_has_outputs(read_row, &world->options));
    assert_false(capture_needed(row_of(ARCH_X86_64, SYS_recvmsg), &world->options));
    call(world, SYS_read, ARGS(0, BASE, 10), 10);
    assert_int_equal(world->size, 0);
    world->options = (struct capture_options){.outputs = true, .string_limit = LIMIT};
    assert_false(capture_has_outputs(read_row, &world->options));
    assert_false(capture_needed(row_of(ARCH_X86_64, SYS_accept), &world->options));
    assert_int_equal(world->memory.reads, 0);
}

static void test_which_calls_have_outputs(void **state) {
    struct world *world = *state;
    static const int with[] = {SYS_read, SYS_fstat, SYS_ioctl, SYS_pipe2, SYS_poll, SYS_prctl, SYS_arch_prctl};
    static const int without[] = {SYS_write, SYS_openat, SYS_close, SYS_execve, SYS_mmap, SYS_futex, SYS_exit_group};
    for (unsigned i = 0; i < COUNT_OF(with); i++) {
        assert_true(capture_has_outputs(row_of(ARCH_X86_64, with[i]), &world->options));
    }
    for (unsigned i = 0; i < COUNT_OF(without); i++) {
        assert_false(capture_has_outputs(row_of(ARCH_X86_64, without[i]), &world->options));
    }
}

static void test_only_inputs_stop_a_call_at_its_entry(void **state) {
    struct world *world = *state;
    static const int stopping[] = {SYS_accept, SYS_getsockopt, SYS_recvfrom, SYS_poll, SYS_sendfile, SYS_ioctl};
    static const int passing[] = {SYS_read, SYS_fstat, SYS_pipe, SYS_wait4};
    for (unsigned i = 0; i < COUNT_OF(stopping); i++) {
        assert_true(capture_needed(row_of(ARCH_X86_64, stopping[i]), &world->options));
    }
    for (unsigned i = 0; i < COUNT_OF(passing); i++) {
        assert_false(capture_needed(row_of(ARCH_X86_64, passing[i]), &world->options));
    }
}

/* ------------------------------------------------------------------------------ buffers */

static void test_as_many_bytes_as_the_result_says(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "hello, world", 12);
    call(world, SYS_read, ARGS(0, BASE, 100), 5);
    assert_output(world, 1, CAPTURE_WHOLE, "hello", 5, 5);
    call(world, SYS_read, ARGS(0, BASE, 100), 0);
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 0);
    call_on(world, ARCH_I386, I386_READ, ARGS(0, BASE | 0xabcd00000000, 100), 12);
    assert_output(world, 1, CAPTURE_WHOLE, "hello, world", 12, 12);
}

static void test_no_more_than_there_was_room_for(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "hello, world", 12);
    call(world, SYS_recvfrom, ARGS(3, BASE, 4, 0, 0, 0), 12);
    assert_output(world, 1, CAPTURE_WHOLE, "hell", 4, 4);
    call(world, SYS_read, ARGS(3, BASE, 0), INT64_MAX);
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 0);
}

static void test_long_buffers_are_cut(void **state) {
    struct world *world = *state;
    uint8_t bytes[LIMIT + 1];
    memset(bytes, 'x', sizeof(bytes));
    fake_put(&world->memory, BASE, bytes, sizeof(bytes));
    call(world, SYS_read, ARGS(0, BASE, 1000), LIMIT);
    assert_output(world, 1, CAPTURE_WHOLE, bytes, LIMIT, LIMIT);
    call(world, SYS_read, ARGS(0, BASE, 1000), LIMIT + 1);
    assert_output(world, 1, CAPTURE_CUT, bytes, LIMIT, LIMIT + 1);
    world->options.string_limit = 0;
    call(world, SYS_read, ARGS(0, BASE, 1000), 7);
    assert_output(world, 1, CAPTURE_CUT, "", 0, 7);
}

static void test_failed_calls_leave_nothing(void **state) {
    struct world *world = *state;
    call(world, SYS_read, ARGS(0, BASE, 100), -EAGAIN);
    assert_no_output(world, 1);
    call(world, SYS_fstat, ARGS(0, BASE), -EBADF);
    assert_no_output(world, 1);
    call(world, SYS_read, ARGS(0, 0, 0), 0);
    assert_no_output(world, 1);
}

static void test_unreadable_buffers(void **state) {
    struct world *world = *state;
    call(world, SYS_read, ARGS(0, NOWHERE, 100), 10);
    assert_output(world, 1, CAPTURE_UNREADABLE, "", 0, 10);
    fake_put(&world->memory, HOLE - 4, "last", 4);
    call(world, SYS_read, ARGS(0, HOLE - 4, 100), 10);
    assert_output(world, 1, CAPTURE_UNREADABLE, "last", 4, 10);
    call(world, SYS_read, ARGS(0, UINT64_MAX - 2, UINT64_MAX), INT64_MAX);
    assert_output(world, 1, CAPTURE_UNREADABLE, "", 0, INT64_MAX);
}

static void test_a_path_is_whole_and_without_its_nul(void **state) {
    struct world *world = *state;
    char path[200];
    memset(path, 'd', sizeof(path));
    path[0] = '/';
    fake_put(&world->memory, BASE, path, sizeof(path));
    call(world, SYS_getcwd, ARGS(BASE, 4096), sizeof(path));
    assert_output(world, 0, CAPTURE_WHOLE, path, sizeof(path) - 1, sizeof(path) - 1);
    call(world, SYS_getcwd, ARGS(BASE, 4096), 0);
    assert_no_output(world, 0);
    call(world, SYS_getcwd, ARGS(BASE, 4096), INT64_MAX);
    assert_int_equal(capture_find(world->captures, world->size, 0, CAPTURE_OUTPUT)->state, CAPTURE_CUT);
}

static void test_attributes_whose_size_is_asked_for(void **state) {
    struct world *world = *state;
    fake_put(&world->memory, BASE, "value", 5);
    fake_put_string(&world->memory, OTHER, "user.a");
    call(world, SYS_fgetxattr, ARGS(3, OTHER, BASE, 100), 5);
    assert_output(world, 2, CAPTURE_WHOLE, "value", 5, 5);
    call(world, SYS_fgetxattr, ARGS(3, OTHER, BASE, 0), 5);
    assert_output(world, 2, CAPTURE_WHOLE, "value", 5, 5);
    call(world, SYS_flistxattr, ARGS(3, BASE, 0), 5);
    assert_no_output(world, 1);
}

/* ------------------------------------------------------------------------------ vectors */

static void test_the_worst_vector_stays_within_the_bound(void **state) {
    struct world *world = *state;
    world->options.string_limit = 2 * FAKE_PAGE;
    for (unsigned i = 0; i < 200; i++) {
        fake_put_word(&world->memory, OTHER + 16 * i, BASE + 1, 8);
        fake_put_word(&world->memory, OTHER + 16 * i + 8, i % 2 ? FAKE_PAGE + 1 : 129, 8);
    }
    call(world, SYS_readv, ARGS(0, OTHER, UINT64_MAX), INT64_MAX);
    assert_int_equal(capture_find(world->captures, world->size, 1, CAPTURE_AT_EXIT)->size, 0);
    call(world, SYS_readv, ARGS(0, OTHER, 200), INT64_MAX);
    assert_int_equal(capture_find(world->captures, world->size, 1, CAPTURE_AT_EXIT)->state, CAPTURE_CUT);
}

static void test_events(void **state) {
    struct world *world = *state;
    call(world, SYS_epoll_wait, ARGS(3, BASE, 10, 0), 2);
    assert_int_equal(capture_find(world->captures, world->size, 1, CAPTURE_OUTPUT)->size, 24);
    call(world, SYS_epoll_wait, ARGS(3, BASE, 1, 0), INT64_MAX);
    assert_int_equal(capture_find(world->captures, world->size, 1, CAPTURE_OUTPUT)->size, 12);
    call(world, SYS_epoll_wait, ARGS(3, BASE, INT32_MAX, 0), INT32_MAX);
    assert_int_equal(capture_find(world->captures, world->size, 1, CAPTURE_OUTPUT)->size, 12 * CAPTURE_VECTOR_MAX);
}

/* Write an entry that says that it is `length` bytes long; returns where the next one goes. */
static uint64_t put_entry(struct world *world, uint64_t address, unsigned at, uint16_t length) {
    fake_put_word(&world->memory, address + at, length, 2);
    return address + length;
}

static void test_directory_entries_are_counted(void **state) {
    struct world *world = *state;
    uint64_t end = BASE;
    for (unsigned i = 0; i < 200; i++) {
        end = put_entry(world, end, 16, i % 2 ? 24 : 32);
    }
    call(world, SYS_getdents64, ARGS(3, BASE, 32768), (int64_t)(end - BASE));
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 200);
    call(world, SYS_getdents, ARGS(3, BASE, 32768), (int64_t)(end - BASE));
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 200);
    call(world, SYS_getdents64, ARGS(3, BASE, 32768), 0);
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 0);
    put_entry(world, put_entry(world, BASE, 8, 20), 8, 20);
    call_on(world, ARCH_I386, I386_GETDENTS, ARGS(3, BASE, 32768), 40);
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 2);
}

static void test_directory_entries_are_captured_with_v(void **state) {
    struct world *world = *state;
    put_entry(world, put_entry(world, BASE, 16, 24), 16, 24);
    world->options.verbose = true;
    call(world, SYS_getdents64, ARGS(3, BASE, 32768), 48);
    const struct capture *entries = capture_find(world->captures, world->size, 1, CAPTURE_OUTPUT);
    assert_non_null(entries);
    assert_int_equal(entries->size, 48);
    assert_int_equal(entries->full_length, 2);
    assert_int_equal(entries->state, CAPTURE_WHOLE);
}

static void test_hostile_directory_entries(void **state) {
    struct world *world = *state;
    put_entry(world, BASE, 16, 0);
    call(world, SYS_getdents64, ARGS(3, BASE, 32768), 1000);
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 0);
    put_entry(world, BASE, 16, UINT16_MAX);
    call(world, SYS_getdents64, ARGS(3, BASE, 32768), 1000);
    assert_output(world, 1, CAPTURE_WHOLE, "", 0, 1);
    call(world, SYS_getdents64, ARGS(3, NOWHERE, 32768), INT64_MAX);
    assert_no_output(world, 1);
}

/* --------------------------------------------------------------- inputs that are outputs */

/* The capture of argument `arg` at the exit that has these bytes; NULL of none. */
static const struct capture *capture_found(const struct world *world, unsigned arg, uint64_t address, size_t size) {
    const uint8_t *at = (const uint8_t *)world->captures;
    const uint8_t *end = at + world->size;
    while (at < end) {
        const struct capture *capture = (const struct capture *)(const void *)at;
        bool is_of_exit = capture->element == CAPTURE_AT_EXIT && capture->arg == arg;
        if (is_of_exit && capture->address == address && (capture->size == size || !size)) {
            return capture;
        }
        at = capture_end(capture);
    }
    return NULL;
}

static void test_an_address_and_its_length(void **state) {
    struct world *world = *state;
    uint32_t room = 128;
    uint32_t length = 16;
    const uint64_t *args = ARGS(3, BASE, OTHER);
    fake_put(&world->memory, OTHER, &room, 4);
    enter(world, ARCH_X86_64, SYS_getsockname, args);
    fake_put(&world->memory, OTHER, &length, 4);
    fake_put(&world->memory, BASE, "0123456789abcdef", 16);
    leave(world, ARCH_X86_64, SYS_getsockname, args, 0);
    assert_element(world, 2, CAPTURE_AT, CAPTURE_WHOLE, &room, 4, 4);
    assert_element(world, 1, CAPTURE_AT_EXIT, CAPTURE_WHOLE, &length, 4, 4);
    assert_non_null(capture_found(world, 1, BASE, 16));
}

/* With this room before the call, and this length behind it, the address has `size` bytes. */
static void assert_address_size(struct world *world, uint32_t room, uint32_t length, size_t size) {
    const uint64_t *args = ARGS(3, BASE, OTHER);
    fake_put(&world->memory, OTHER, &room, 4);
    enter(world, ARCH_X86_64, SYS_accept, args);
    fake_put(&world->memory, OTHER, &length, 4);
    leave(world, ARCH_X86_64, SYS_accept, args, 4);
    const struct capture *capture = capture_found(world, 1, BASE, size);
    assert_int_equal(capture ? capture->size : 0, size);
}

static void test_lengths_of_addresses(void **state) {
    struct world *world = *state;
    assert_address_size(world, 4, 16, 4);
    assert_address_size(world, 0, 16, 0);
    assert_address_size(world, 16, 0, 0);
    assert_address_size(world, (uint32_t)-1, 16, 0);
    assert_address_size(world, 16, (uint32_t)-1, 0);
    assert_address_size(world, INT32_MAX, INT32_MAX, 128);
}

static void test_lengths_without_an_address(void **state) {
    struct world *world = *state;
    call(world, SYS_accept, ARGS(3, 0, OTHER), 4);
    assert_null(capture_found(world, 1, BASE, 0));
    call(world, SYS_accept, ARGS(3, 0, 0), 4);
    assert_int_equal(world->size, 0);
    call(world, SYS_accept, ARGS(3, BASE, NOWHERE), 4);
    assert_no_output(world, 1);
    call(world, SYS_getsockname, ARGS(3, BASE, OTHER), -EBADF);
    assert_null(capture_found(world, 1, BASE, 0));
    assert_non_null(capture_find(world->captures, world->size, 2, CAPTURE_AT));
}

static void test_offsets_are_as_wide_as_the_call_has_them(void **state) {
    struct world *world = *state;
    call(world, SYS_sendfile, ARGS(3, 4, BASE, 10), 10);
    assert_int_equal(capture_find(world->captures, world->size, 2, CAPTURE_OUTPUT)->size, 8);
    call_on(world, ARCH_I386, I386_SENDFILE, ARGS(3, 4, BASE, 10), 10);
    assert_int_equal(capture_find(world->captures, world->size, 2, CAPTURE_OUTPUT)->size, 4);
    call_on(world, ARCH_I386, I386_SENDFILE64, ARGS(3, 4, BASE, 10), 10);
    assert_int_equal(capture_find(world->captures, world->size, 2, 0)->size, 8);
}

/* --------------------------------------------------------------------------- structures */

static size_t structure_size(struct world *world, unsigned arg) {
    const struct capture *capture = capture_find(world->captures, world->size, arg, CAPTURE_OUTPUT);
    return capture ? capture->size : 0;
}

static void test_sizes_of_structures(void **state) {
    struct world *world = *state;
    call(world, SYS_fstat, ARGS(0, BASE), 0);
    assert_int_equal(structure_size(world, 1), 144);
    fake_put_string(&world->memory, OTHER, "/etc");
    call_on(world, ARCH_I386, I386_STAT64, ARGS(OTHER, BASE), 0);
    assert_int_equal(structure_size(world, 1), 96);
    call(world, SYS_getresuid, ARGS(BASE, BASE + 8, BASE + 16), 0);
    assert_int_equal(structure_size(world, 2), 4);
    call_on(world, ARCH_I386, I386_GETRESUID, ARGS(BASE, BASE + 8, BASE + 16), 0);
    assert_int_equal(structure_size(world, 2), 2);
}

static void test_no_structure_is_larger_than_the_bound_takes_it_for(void **state) {
    (void)state;
    for (unsigned type = A_FIRST_STRUCTURE; type <= A_LAST_STRUCTURE; type++) {
        const struct structure *structure = structure_of(type);
        assert_non_null(structure);
        for (unsigned arch = 0; arch < ARCH_COUNT; arch++) {
            assert_in_range(structure->size[arch], 1, STRUCTURE_SIZE_MAX);
            for (unsigned i = 0; i < structure->count; i++) {
                const struct field *field = &structure->fields[i];
                unsigned elements = field->count ? field->count : 1;
                assert_in_range(field->at[arch].offset + elements * field->at[arch].size, 1, structure->size[arch]);
            }
        }
    }
    assert_null(structure_of(A_PTR));
    assert_null(structure_of(A_FIRST_SET));
}

static void test_children_that_were_not_waited_for(void **state) {
    struct world *world = *state;
    call(world, SYS_wait4, ARGS(7, BASE, 0, OTHER), 7);
    assert_int_equal(structure_size(world, 1), 4);
    assert_int_equal(structure_size(world, 3), 144);
    call(world, SYS_wait4, ARGS(7, BASE, 1, OTHER), 0);
    assert_no_output(world, 1);
    assert_no_output(world, 3);
}

static void test_what_is_left_of_a_sleep(void **state) {
    struct world *world = *state;
    call(world, SYS_nanosleep, ARGS(OTHER, BASE), 0);
    assert_no_output(world, 1);
    call(world, SYS_nanosleep, ARGS(OTHER, BASE), -EINVAL);
    assert_no_output(world, 1);
    call(world, SYS_nanosleep, ARGS(OTHER, BASE), -KERNEL_RESTARTBLOCK);
    assert_int_equal(structure_size(world, 1), 16);
    call(world, SYS_clock_nanosleep, ARGS(0, 0, OTHER, BASE), -KERNEL_RESTARTBLOCK);
    assert_int_equal(structure_size(world, 3), 16);
    call(world, SYS_clock_nanosleep, ARGS(0, 1, OTHER, BASE), -KERNEL_RESTARTBLOCK);
    assert_no_output(world, 3);
}

static void test_a_structure_that_cannot_be_read(void **state) {
    struct world *world = *state;
    call(world, SYS_fstat, ARGS(0, HOLE - 10), 0);
    assert_int_equal(capture_find(world->captures, world->size, 1, CAPTURE_OUTPUT)->state, CAPTURE_UNREADABLE);
}

/* --------------------------------------------------------------------------- every call */

static void test_no_call_overflows_the_bound(void **state) {
    struct world *world = *state;
    static const uint64_t values[] = {0, 1, 64, BASE, OTHER, HOLE - 3, NOWHERE, INT32_MAX, UINT32_MAX, UINT64_MAX};
    static const int64_t results[] = {0, 1, 100, INT32_MAX, INT64_MAX, INT64_MIN, -1, -KERNEL_RESTARTBLOCK};
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (unsigned arch = 0; arch < ARCH_COUNT; arch++) {
            for (size_t j = 0; row->number[arch] >= 0 && j < COUNT_OF(values); j++) {
                uint64_t v = values[j];
                const uint64_t *args = j % 2 ? ARGS(v, v, v, v, v, v) : ARGS(BASE, OTHER, BASE, v, v, v);
                call_on(world, arch, row->number[arch], args, results[(i + j) % COUNT_OF(results)]);
            }
        }
    }
}

/* The bound has room for one of them. */
static void test_no_call_has_two_outputs_without_a_fixed_size(void **state) {
    (void)state;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        unsigned count = 0;
        for (unsigned arg = 0; arg < SYSCALL_MAX_ARGS; arg++) {
            enum arg_type type = row_arg_type(row, arg);
            count += type == A_OUT_BUF_ || type == A_OUT_RANDOM_ || type == A_OUT_ATTRIBUTE_ || type == A_OUT_NAMES_ ||
                     type == A_OUT_PATH_;
        }
        assert_in_range(count, 0, 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_without_the_option),
        TEST(test_which_calls_have_outputs),
        TEST(test_only_inputs_stop_a_call_at_its_entry),
        TEST(test_as_many_bytes_as_the_result_says),
        TEST(test_no_more_than_there_was_room_for),
        TEST(test_long_buffers_are_cut),
        TEST(test_failed_calls_leave_nothing),
        TEST(test_unreadable_buffers),
        TEST(test_a_path_is_whole_and_without_its_nul),
        TEST(test_attributes_whose_size_is_asked_for),
        TEST(test_the_worst_vector_stays_within_the_bound),
        TEST(test_events),
        TEST(test_directory_entries_are_counted),
        TEST(test_directory_entries_are_captured_with_v),
        TEST(test_hostile_directory_entries),
        TEST(test_an_address_and_its_length),
        TEST(test_lengths_of_addresses),
        TEST(test_lengths_without_an_address),
        TEST(test_offsets_are_as_wide_as_the_call_has_them),
        TEST(test_sizes_of_structures),
        TEST(test_no_structure_is_larger_than_the_bound_takes_it_for),
        TEST(test_children_that_were_not_waited_for),
        TEST(test_what_is_left_of_a_sleep),
        TEST(test_a_structure_that_cannot_be_read),
        TEST(test_no_call_overflows_the_bound),
        TEST(test_no_call_has_two_outputs_without_a_fixed_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
