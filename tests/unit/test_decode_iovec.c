/* SPDX-License-Identifier: MIT
 *
 * Vectors of buffers: what a call takes from them, and what it has put there.
 */
#include "decoding_world.h"

#include <sys/syscall.h>
#include <sys/uio.h>

enum {
    I386_READV = 145,
    I386_WRITEV = 146,
    BYTES = WORLD_OTHER,
};

/* Elements of base and length, each word `width` bytes wide. */
static void put_words(struct decoding_world *world, uint64_t address, const uint64_t *words, unsigned count,
                      unsigned width) {
    for (unsigned i = 0; i < count; i++) {
        world_put(world, address + (uint64_t)i * width, &words[i], width);
    }
}

#define PUT(world, address, width, ...)                                                                                \
    put_words(world, address, (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8, width)

static void writes(struct decoding_world *world, uint64_t address, uint64_t count) {
    world_enter(world, ARCH_X86_64, SYS_writev, ARGS(1, address, count));
}

static void test_what_is_written(void **state) {
    struct decoding_world *world = *state;
    world_put(world, BYTES, "head\nbody", 9);
    PUT(world, WORLD_BASE, 8, BYTES, 5, BYTES + 5, 4, BYTES, 0, 0, 0);
    writes(world, WORLD_BASE, 4);
    world_shows(world, "writev(1, [{iov_base=\"head\\n\", iov_len=5}, {iov_base=\"body\", iov_len=4}, {iov_base=\"\", "
                       "iov_len=0}, {iov_base=NULL, iov_len=0}], 4) = ? <unavailable>");
    writes(world, WORLD_BASE, 0);
    world_shows(world, "writev(1, [], 0) = ? <unavailable>");
    writes(world, 0, 0);
    world_shows(world, "writev(1, NULL, 0) = ? <unavailable>");
    world->options.string_limit = 2;
    writes(world, WORLD_BASE, 1);
    world_shows(world, "writev(1, [{iov_base=\"he\"..., iov_len=5}], 1) = ? <unavailable>");
    world->options.vector_limit = 1;
    writes(world, WORLD_BASE, 1024);
    world_shows(world, "writev(1, [{iov_base=\"he\"..., iov_len=5}, ...], 1024) = ? <unavailable>");
    world->options.verbose = true;
    writes(world, WORLD_BASE, 2);
    world_shows(world, "writev(1, [{iov_base=\"he\"..., iov_len=5}, {iov_base=\"bo\"..., iov_len=4}], 2) = ? "
                       "<unavailable>");
}

static void test_i386(void **state) {
    struct decoding_world *world = *state;
    world_put(world, BYTES, "head\nbody", 9);
    PUT(world, WORLD_BASE, 4, BYTES, 5, BYTES + 5, 4);
    world_enter(world, ARCH_I386, I386_WRITEV, ARGS(1, WORLD_BASE, 2));
    world_shows(world, "writev(1, [{iov_base=\"head\\n\", iov_len=5}, {iov_base=\"body\", iov_len=4}], 2) = ? "
                       "<unavailable>");
    world_enter(world, ARCH_I386, I386_READV, ARGS(0, WORLD_BASE, 2));
    world_return(world, 7);
    world_shows(world, "readv(0, [{iov_base=\"head\\n\", iov_len=5}, {iov_base=\"bo\", iov_len=4}], 2) = 7");
}

static void test_memory_that_is_not_there(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_HOLE - 3, "end", 3);
    PUT(world, WORLD_BASE, 8, WORLD_NOWHERE, 4, WORLD_HOLE - 3, 6, 0, 7, WORLD_HOLE - 3, 3, WORLD_NOWHERE, 0);
    writes(world, WORLD_BASE, 5);
    world_shows(world, "writev(1, [{iov_base=0x900000, iov_len=4}, {iov_base=0x11ffd, iov_len=6}, {iov_base=NULL, "
                       "iov_len=7}, {iov_base=\"end\", iov_len=3}, {iov_base=\"\", iov_len=0}], 5) = ? <unavailable>");
    writes(world, WORLD_NOWHERE, 2);
    world_shows(world, "writev(1, 0x900000, 2) = ? <unavailable>");
    PUT(world, WORLD_HOLE - 24, 8, BYTES, 0, BYTES);
    writes(world, WORLD_HOLE - 24, 2);
    world_shows(world, "writev(1, [{iov_base=\"\", iov_len=0}, ... /* 0x11ff8 */], 2) = ? <unavailable>");
    writes(world, WORLD_HOLE - 8, 2);
    world_shows(world, "writev(1, 0x11ff8, 2) = ? <unavailable>");
}

/* As much as the limit can be read, and no more. */
static void test_a_byte_behind_the_limit_has_to_be_there(void **state) {
    struct decoding_world *world = *state;
    world->options.string_limit = 4;
    PUT(world, WORLD_BASE, 8, WORLD_HOLE - 4, 4, WORLD_HOLE - 4, 5, WORLD_HOLE - 5, 50);
    world_put(world, WORLD_HOLE - 5, "abcde", 5);
    writes(world, WORLD_BASE, 3);
    world_shows(world, "writev(1, [{iov_base=\"bcde\", iov_len=4}, {iov_base=0x11ffc, iov_len=5}, "
                       "{iov_base=\"abcd\"..., iov_len=50}], 3) = ? <unavailable>");
}

static void test_absurd_counts(void **state) {
    struct decoding_world *world = *state;
    world->options.vector_limit = 1;
    writes(world, WORLD_BASE, UINT64_MAX);
    world_shows(world, "writev(1, 0x10000, 18446744073709551615) = ? <unavailable>");
    writes(world, WORLD_BASE, UINT64_MAX / 16);
    world_shows(world, "writev(1, 0x10000, 1152921504606846975) = ? <unavailable>");
    PUT(world, WORLD_BASE, 8, 0, 0);
    writes(world, WORLD_BASE, INT64_MAX / 16);
    world_shows(world, "writev(1, [{iov_base=NULL, iov_len=0}, ...], 576460752303423487) = ? <unavailable>");
    PUT(world, WORLD_BASE, 8, WORLD_BASE, UINT64_MAX, UINT64_MAX, UINT64_MAX);
    world->options.vector_limit = 2;
    world->options.string_limit = 0;
    writes(world, WORLD_BASE, 2);
    world_shows(world, "writev(1, [{iov_base=\"\"..., iov_len=18446744073709551615}, {iov_base=0xffffffffffffffff, "
                       "iov_len=18446744073709551615}], 2) = ? <unavailable>");
}

static void test_what_was_read(void **state) {
    struct decoding_world *world = *state;
    PUT(world, WORLD_BASE, 8, BYTES, 5, BYTES + 100, 10, WORLD_NOWHERE, 7);
    world_enter(world, ARCH_X86_64, SYS_readv, ARGS(0, WORLD_BASE, 3));
    world_shows(world, "readv(0, 0x10000, 3) = ? <unavailable>");
    world_put(world, BYTES, "01234", 5);
    world_put(world, BYTES + 100, "567\0\0\0\0\0\0", 10);
    world_return(world, 8);
    world_shows(world, "readv(0, [{iov_base=\"01234\", iov_len=5}, {iov_base=\"567\", iov_len=10}, {iov_base=\"\", "
                       "iov_len=7}], 3) = 8");
    world_return(world, 0);
    world_shows(world, "readv(0, [{iov_base=\"\", iov_len=5}, {iov_base=\"\", iov_len=10}, {iov_base=\"\", "
                       "iov_len=7}], 3) = 0");
    world_return(world, -EBADF);
    world_shows(world, "readv(0, [{iov_base=0x50000, iov_len=5}, {iov_base=0x50064, iov_len=10}, {iov_base=0x900000, "
                       "iov_len=7}], 3) = -1 EBADF (Bad file descriptor)");
    world_return(world, INT64_MAX);
    world_shows(world, "readv(0, [{iov_base=\"01234\", iov_len=5}, {iov_base=\"567\\0\\0\\0\\0\\0\\0\\0\", "
                       "iov_len=10}, {iov_base=0x900000, iov_len=7}], 3) = 9223372036854775807");
}

/* The vector lies in what it describes. */
static void test_a_vector_that_holds_itself(void **state) {
    struct decoding_world *world = *state;
    PUT(world, WORLD_BASE, 8, WORLD_BASE, 8);
    writes(world, WORLD_BASE, 1);
    world_shows(world, "writev(1, [{iov_base=\"\\0\\0\\1\\0\\0\\0\\0\\0\", iov_len=8}], 1) = ? <unavailable>");
}

/* More than a call may capture is shown as its address. */
static void test_many_large_buffers(void **state) {
    struct decoding_world *world = *state;
    world->options.string_limit = FAKE_PAGE;
    for (unsigned i = 0; i < 32; i++) {
        PUT(world, WORLD_BASE + 16 * i, 8, WORLD_OTHER, FAKE_PAGE - i);
    }
    writes(world, WORLD_BASE, 32);
    world_return(world, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_what_is_written),
        WORLD_TEST(test_i386),
        WORLD_TEST(test_memory_that_is_not_there),
        WORLD_TEST(test_a_byte_behind_the_limit_has_to_be_there),
        WORLD_TEST(test_absurd_counts),
        WORLD_TEST(test_what_was_read),
        WORLD_TEST(test_a_vector_that_holds_itself),
        WORLD_TEST(test_many_large_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
