/* SPDX-License-Identifier: MIT
 *
 * The memory of a process: what its maps and its calls make of addresses.
 */
#include "process_memory.h"

#include "fake_call.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static const char maps[] = "555555554000-555555556000 r--p 00000000 fe:01 100  /usr/bin/cat\n"
                           "555555556000-55555555b000 r-xp 00002000 fe:01 100  /usr/bin/cat\n"
                           "55555555b000-55555555c000 rw-p 00007000 fe:01 100  /usr/bin/cat\n"
                           "55555555c000-55555555d000 rw-p 00000000 00:00 0    [heap]\n"
                           "7ffff7fc1000-7ffff7fc5000 r--p 00000000 00:00 0    [vvar]\n"
                           "7ffff7fc5000-7ffff7fc7000 r-xp 00000000 00:00 0    [vdso]\n"
                           "7ffff7fc7000-7ffff7ff0000 r--p 00000000 fe:01 7    /usr/lib/ld a.so (deleted)\n"
                           "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0    [stack]\n";

enum {
    STACK_BELOW = 0x540,
};
#define STACK (UINT64_C(0x7fffffffe000) + STACK_BELOW)

static int set_up(void **state) {
    *state = process_memory_start(STACK, maps, strlen(maps));
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    process_memory_destroy(*state);
    return 0;
}

static void assert_name(const struct process_memory *memory, uint64_t address, const char *expected) {
    struct text text = {0};
    bool has_name = process_memory_name(memory, address, &text);
    assert_int_equal(has_name, expected != NULL);
    if (expected) {
        assert_string_equal(text.bytes, expected);
    }
    text_finish(&text);
}

static int take(struct process_memory *memory, int number, const uint64_t *args, uint64_t result, const char *file) {
    static struct fake_call call;
    fake_call_init(&call, ARCH_X86_64, number, args, (int64_t)result);
    struct mapping_names names = {.file = file, .anonymous = "mmap#1", .shared = "shm#1"};
    process_memory_ask(memory, &call.record);
    return process_memory_take(memory, &call.record, &names);
}

static void test_what_a_program_starts_with(void **state) {
    struct process_memory *memory = *state;
    assert_name(memory, 0x555555554000, "cat");
    assert_name(memory, 0x55555555b010, "cat+0x7010");
    assert_name(memory, 0x55555555c010, "cat+0x8010"); /* what is zero in it */
    assert_name(memory, 0x7ffff7fc1000, "[vvar]");
    assert_name(memory, 0x7ffff7fc5010, "[vdso]+0x10");
    assert_name(memory, 0x7ffff7fc8000, "ld a.so+0x1000");
    assert_name(memory, STACK, "args");
    assert_name(memory, STACK + 8, "args+0x8");
    assert_name(memory, STACK - 0x20, "stack+0x20");
    assert_name(memory, STACK - 0x100000, "stack+0x100000"); /* it grows */
    assert_name(memory, 0x1000, NULL);
    assert_name(memory, UINT64_MAX, NULL);
}

static void test_the_heap_begins_where_the_first_brk_says(void **state) {
    struct process_memory *memory = *state;
    take(memory, SYS_brk, ARGS(0), 0x55555555c800, NULL);
    assert_name(memory, 0x55555555c800, "heap");
    assert_name(memory, 0x55555555c7ff, "cat+0x87ff");
    take(memory, SYS_brk, ARGS(0x55555557d800), 0x55555557d800, NULL);
    assert_name(memory, 0x55555557d800, "heap+0x21000");
    assert_name(memory, 0x55555555c900, "heap+0x100");
}

static void test_what_is_asked_of_brk_has_a_name_before_it_is_there(void **state) {
    struct process_memory *memory = *state;
    take(memory, SYS_brk, ARGS(0), 0x55555555d000, NULL);
    static struct fake_call call;
    fake_call_init(&call, ARCH_X86_64, SYS_brk, ARGS(0x55555557e000), 0);
    process_memory_ask(memory, &call.record);
    assert_name(memory, 0x55555557e000, "heap+0x21000");
    fake_call_init(&call, ARCH_X86_64, SYS_brk, ARGS(UINT64_MAX), 0);
    process_memory_ask(memory, &call.record);
    assert_name(memory, UINT64_MAX - 1, NULL);
}

static void test_mappings(void **state) {
    struct process_memory *memory = *state;
    uint64_t library = 0x7ffff7dd5000;
    assert_int_equal(take(memory, SYS_mmap, ARGS(0, 0x100, 0, MAP_PRIVATE | MAP_ANONYMOUS), 0x7ffff7fbe000, NULL), 1);
    assert_name(memory, 0x7ffff7fbefff, "mmap#1+0xfff");
    assert_int_equal(take(memory, SYS_mmap, ARGS(0, 0x1e0000, 0, MAP_PRIVATE, 3), library, "libc++.so"), 0);
    assert_name(memory, library, "libc++.so");
    /* Parts of it are mapped again, and what is zero in it. */
    uint64_t fixed = MAP_PRIVATE | MAP_FIXED;
    take(memory, SYS_mmap, ARGS(library + 0x26000, 0x1000, 0, fixed, 3), library + 0x26000, "libc++.so");
    assert_name(memory, library + 0x26010, "libc++.so+0x26010");
    assert_int_equal(
        take(memory, SYS_mmap, ARGS(library + 0x1d0000, 0x1000, 0, fixed | MAP_ANONYMOUS), library + 0x1d0000, NULL),
        0);
    assert_name(memory, library + 0x1d0000, "libc++.so+0x1d0000");
    /* Another file there is another area. */
    take(memory, SYS_mmap, ARGS(library + 0x1000, 0x1000, 0, fixed, 3), library + 0x1000, "other");
    assert_name(memory, library + 0x1010, "other+0x10");
    assert_name(memory, library + 0x2000, "libc++.so+0x2000");
}

static void test_a_file_whose_name_is_not_known_is_like_none(void **state) {
    struct process_memory *memory = *state;
    assert_int_equal(take(memory, SYS_mmap, ARGS(0, 0x1000, 0, MAP_PRIVATE, 3), 0x7ffff0000000, NULL), 1);
    assert_name(memory, 0x7ffff0000000, "mmap#1");
}

static void test_mremap_and_shmat(void **state) {
    struct process_memory *memory = *state;
    take(memory, SYS_mmap, ARGS(0, 0x1000, 0, MAP_PRIVATE | MAP_ANONYMOUS), 0x7ffff0000000, NULL);
    take(memory, SYS_mremap, ARGS(0x7ffff0000000, 0x1000, 0x4000, MREMAP_MAYMOVE), 0x7fffe0000000, NULL);
    assert_name(memory, 0x7fffe0003000, "mmap#1+0x3000");
    take(memory, SYS_shmat, ARGS(5, 0, 0), 0x7fffd0000000, NULL);
    assert_name(memory, 0x7fffd0000008, "shm#1+0x8");
}

static void test_calls_of_i386(void **state) {
    struct process_memory *memory = *state;
    static struct fake_call call;
    fake_call_init(&call, ARCH_I386, 192, ARGS(0, 0x1000, 0, MAP_PRIVATE | MAP_ANONYMOUS, UINT32_MAX, 0),
                   (int64_t)(int32_t)0xf7fc0000);
    struct mapping_names names = {.anonymous = "mmap#1"};
    assert_int_equal(process_memory_take(memory, &call.record, &names), 1);
    assert_name(memory, 0xf7fc0010, "mmap#1+0x10");
    fake_call_init(&call, ARCH_I386, 90, ARGS(0xff000000), 0x1000); /* its arguments are in memory */
    assert_int_equal(process_memory_take(memory, &call.record, &names), 0);
}

static void test_a_copy_goes_its_own_way(void **state) {
    struct process_memory *memory = *state;
    take(memory, SYS_brk, ARGS(0), 0x55555555d000, NULL);
    struct process_memory *copy = process_memory_copy(memory);
    take(copy, SYS_brk, ARGS(0x55555557e000), 0x55555557e000, NULL);
    assert_name(copy, 0x55555557d000, "heap+0x20000");
    assert_name(memory, 0x55555557d000, NULL);
    process_memory_destroy(copy);
}

/* Whatever the maps say, nothing breaks. */
static void test_maps_that_are_none(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "\n\n\n",
        "nonsense",
        "10-5 r--p 0 0:0 0 /x\n",
        "0-ffffffffffffffff rw-p 0 00:00 0 [stack]\n",
        "ffffffffffffffff-0 rw-p 0 00:00 0 [stack]\n",
        "1000-2000 r--p 00000000 00:00 0 /\x01\x02\xff\n3000-4000 r--p 00000000 00:00 0 ",
        "99999999999999999999999999-1 r--p 0 0:0 0\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct process_memory *memory = process_memory_start(i * 0x1000, texts[i], strlen(texts[i]));
        assert_non_null(memory);
        struct text text = {0};
        process_memory_name(memory, 0x1000, &text);
        assert_null(text.bytes ? strpbrk(text.bytes, "\x01\x02\xff") : NULL);
        text_finish(&text);
        process_memory_destroy(memory);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_what_a_program_starts_with),
        TEST(test_the_heap_begins_where_the_first_brk_says),
        TEST(test_what_is_asked_of_brk_has_a_name_before_it_is_there),
        TEST(test_mappings),
        TEST(test_a_file_whose_name_is_not_known_is_like_none),
        TEST(test_mremap_and_shmat),
        TEST(test_calls_of_i386),
        TEST(test_a_copy_goes_its_own_way),
        cmocka_unit_test(test_maps_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
