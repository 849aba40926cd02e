/* SPDX-License-Identifier: MIT
 *
 * select(2) and its relatives, epoll(7), futex_waitv(2): what is waited for at the entry, what happened behind the
 * result.
 */
#include "decoding_world.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>

enum {
    I386_SELECT = 82,
    I386_NEWSELECT = 142,
    I386_PSELECT6 = 308,
    I386_PPOLL = 309,
    I386_PSELECT6_TIME64 = 413,
    I386_PPOLL_TIME64 = 414,
    WAITV = 449,
    IN = WORLD_BASE,
    OUT_SET = WORLD_BASE + 0x100,
    TIME = WORLD_BASE + 0x200,
    MASK = WORLD_BASE + 0x300,
    SIGNALS = WORLD_BASE + 0x400,
};

static void put_word(struct decoding_world *world, uint64_t address, uint64_t word) {
    world_put(world, address, &word, sizeof(word));
}

static void put_u32(struct decoding_world *world, uint64_t address, uint32_t number) {
    world_put(world, address, &number, sizeof(number));
}

static void put_two(struct decoding_world *world, uint64_t address, uint64_t first, uint64_t second) {
    put_word(world, address, first);
    put_word(world, address + 8, second);
}

/* ------------------------------------------------------------------------- select */

static void test_select(void **state) {
    struct decoding_world *world = *state;
    put_word(world, IN, 1 << 3 | 1 << 5);
    put_word(world, OUT_SET, 1 << 4);
    put_two(world, TIME, 1, 500);
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(6, IN, OUT_SET, 0, TIME));
    world_shows(world, "select(6, [3 5], [4], NULL, {tv_sec=1, tv_usec=500}) = ? <unavailable>");
    put_word(world, IN, 1 << 5);
    put_two(world, TIME, 0, 7);
    world_return(world, 2);
    world_shows(world, "select(6, [3 5], [4], NULL, {tv_sec=1, tv_usec=500}) = 2 (in [5], out [4], left {tv_sec=0, "
                       "tv_usec=7})");
}

static void test_select_without_time(void **state) {
    struct decoding_world *world = *state;
    put_word(world, OUT_SET, 1 << 4);
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(6, 0, 0, OUT_SET, 0));
    world_return(world, 1);
    world_shows(world, "select(6, NULL, NULL, [4], NULL) = 1 (except [4])");
    world_return(world, 0);
    world_shows(world, "select(6, NULL, NULL, [4], NULL) = 0 (Timeout)");
    world_return(world, -EBADF);
    world_shows(world, "select(6, NULL, NULL, [4], NULL) = -1 EBADF (Bad file descriptor)");
}

/* No more is shown than the call has found. */
static void test_select_result_is_small(void **state) {
    struct decoding_world *world = *state;
    put_word(world, IN, UINT64_MAX);
    put_word(world, OUT_SET, UINT64_MAX);
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(3, IN, OUT_SET, 0, 0));
    world_return(world, 2);
    world_shows(world, "select(3, [0 1 2], [0 1 2], NULL, NULL) = 2 (in [0 1])");
    world_return(world, INT64_MAX);
    world_shows(world, "select(3, [0 1 2], [0 1 2], NULL, NULL) = 9223372036854775807 (in [0 1 2], out [0 1 2])");
}

static void test_select_limits(void **state) {
    struct decoding_world *world = *state;
    put_word(world, IN, UINT64_MAX);
    put_two(world, TIME, 0, 0);
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(0, IN, WORLD_NOWHERE, 0, 0));
    world_shows(world, "select(0, 0x10000, 0x900000, NULL, NULL) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(UINT32_MAX, IN, 0, 0, 0));
    world_shows(world, "select(-1, 0x10000, NULL, NULL, NULL) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(INT32_MAX, IN, 0, 0, TIME));
    world_return(world, 1);
    world_shows(world,
                "select(2147483647, 0x10000, NULL, NULL, {tv_sec=0, tv_usec=0}) = 1 (left {tv_sec=0, tv_usec=0})");
}

static void test_select_at_end_of_memory(void **state) {
    struct decoding_world *world = *state;
    put_word(world, WORLD_HOLE - 8, 1);
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(64, WORLD_HOLE - 8, 0, 0, WORLD_HOLE - 8));
    world_shows(world, "select(64, [0], NULL, NULL, 0x11ff8) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_select, ARGS(65, WORLD_HOLE - 8, 0, WORLD_NOWHERE, WORLD_NOWHERE));
    world_shows(world, "select(65, 0x11ff8, NULL, 0x900000, 0x900000) = ? <unavailable>");
}

static void test_select_of_i386(void **state) {
    struct decoding_world *world = *state;
    put_u32(world, IN, 1 << 3);
    put_u32(world, TIME, 1);
    put_u32(world, TIME + 4, 500);
    world_enter(world, ARCH_I386, I386_NEWSELECT, ARGS(32, IN, 0, 0, TIME));
    world_return(world, 1);
    world_shows(world, "_newselect(32, [3], NULL, NULL, {tv_sec=1, tv_usec=500}) = 1 (in [3], left {tv_sec=1, "
                       "tv_usec=500})");
    /* A word has 32 bits. */
    put_u32(world, WORLD_HOLE - 4, 2);
    world_enter(world, ARCH_I386, I386_NEWSELECT, ARGS(32, WORLD_HOLE - 4, 0, 0, 0));
    world_shows(world, "_newselect(32, [1], NULL, NULL, NULL) = ? <unavailable>");
}

static void test_old_select_of_i386(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t arguments[] = {4, IN, 0, OUT_SET, TIME};
    put_u32(world, IN, 1 << 3);
    put_u32(world, OUT_SET, 0);
    put_u32(world, TIME, 1);
    put_u32(world, TIME + 4, 500);
    world_put(world, MASK, arguments, sizeof(arguments));
    world_enter(world, ARCH_I386, I386_SELECT, ARGS(MASK));
    world_return(world, 1);
    world_shows(world, "select(4, [3], NULL, [], {tv_sec=1, tv_usec=500}) = 1 (in [3], left {tv_sec=1, tv_usec=500})");
    world_enter(world, ARCH_I386, I386_SELECT, ARGS(WORLD_HOLE - 8));
    world_shows(world, "select(0x11ff8) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_SELECT, ARGS(0));
    world_shows(world, "select(NULL) = ? <unavailable>");
}

/* ----------------------------------------------------------------------- pselect6 */

static void test_pselect(void **state) {
    struct decoding_world *world = *state;
    put_word(world, IN, 1 << 3);
    put_two(world, TIME, 1, 7);
    put_two(world, MASK, SIGNALS, 8);
    put_word(world, SIGNALS, 2);
    world_enter(world, ARCH_X86_64, SYS_pselect6, ARGS(4, IN, 0, 0, TIME, MASK));
    world_return(world, 1);
    world_shows(world, "pselect6(4, [3], NULL, NULL, {tv_sec=1, tv_nsec=7}, {sigmask=[INT], sigsetsize=8}) = 1 (in "
                       "[3], left {tv_sec=1, tv_nsec=7})");
}

static void test_pselect_mask(void **state) {
    struct decoding_world *world = *state;
    put_two(world, MASK, SIGNALS, 7);
    world_enter(world, ARCH_X86_64, SYS_pselect6, ARGS(0, 0, 0, 0, 0, MASK));
    world_shows(world, "pselect6(0, NULL, NULL, NULL, NULL, {sigmask=0x10400, sigsetsize=7}) = ? <unavailable>");
    put_two(world, MASK, WORLD_NOWHERE, 8);
    world_enter(world, ARCH_X86_64, SYS_pselect6, ARGS(0, 0, 0, 0, 0, MASK));
    world_shows(world, "pselect6(0, NULL, NULL, NULL, NULL, {sigmask=0x900000, sigsetsize=8}) = ? <unavailable>");
    put_two(world, MASK, 0, UINT64_MAX);
    world_enter(world, ARCH_X86_64, SYS_pselect6, ARGS(0, 0, 0, 0, 0, MASK));
    world_shows(world, "pselect6(0, NULL, NULL, NULL, NULL, {sigmask=NULL, sigsetsize=18446744073709551615}) = ? "
                       "<unavailable>");
    world_enter(world, ARCH_X86_64, SYS_pselect6, ARGS(0, 0, 0, 0, 0, WORLD_HOLE - 8));
    world_shows(world, "pselect6(0, NULL, NULL, NULL, NULL, 0x11ff8) = ? <unavailable>");
}

static void test_pselect_of_i386(void **state) {
    struct decoding_world *world = *state;
    put_u32(world, TIME, 1);
    put_u32(world, TIME + 4, 7);
    put_u32(world, MASK, SIGNALS);
    put_u32(world, MASK + 4, 8);
    put_word(world, SIGNALS, 2);
    world_enter(world, ARCH_I386, I386_PSELECT6, ARGS(0, 0, 0, 0, TIME, MASK));
    world_shows(world, "pselect6(0, NULL, NULL, NULL, {tv_sec=1, tv_nsec=7}, {sigmask=[INT], sigsetsize=8}) = ? "
                       "<unavailable>");
    put_two(world, TIME, 1, 7);
    world_enter(world, ARCH_I386, I386_PSELECT6_TIME64, ARGS(0, 0, 0, 0, TIME, 0));
    world_return(world, 1);
    world_shows(world, "pselect6_time64(0, NULL, NULL, NULL, {tv_sec=1, tv_nsec=7}, NULL) = 1 (left {tv_sec=1, "
                       "tv_nsec=7})");
}

/* --------------------------------------------------------------------------- ppoll */

static void test_ppoll(void **state) {
    struct decoding_world *world = *state;
    struct pollfd one = {4, POLLIN, 0};
    world_put(world, IN, &one, sizeof(one));
    put_two(world, TIME, 1, 7);
    world_enter(world, ARCH_X86_64, SYS_ppoll, ARGS(IN, 1, TIME, 0, 8));
    one.revents = POLLIN;
    world_put(world, IN, &one, sizeof(one));
    put_two(world, TIME, 0, 3);
    world_return(world, 1);
    world_shows(world, "ppoll([{fd=4, events=POLLIN}], 1, {tv_sec=1, tv_nsec=7}, NULL, 8) = 1 ([{fd=4, "
                       "revents=POLLIN}], left {tv_sec=0, tv_nsec=3})");
    world_enter(world, ARCH_X86_64, SYS_ppoll, ARGS(IN, 1, 0, 0, 8));
    world_return(world, 1);
    world_shows(world, "ppoll([{fd=4, events=POLLIN}], 1, NULL, NULL, 8) = 1 ([{fd=4, revents=POLLIN}])");
    world_enter(world, ARCH_X86_64, SYS_ppoll, ARGS(0, 0, TIME, 0, 8));
    world_return(world, 1);
    world_shows(world, "ppoll(NULL, 0, {tv_sec=0, tv_nsec=3}, NULL, 8) = 1 (left {tv_sec=0, tv_nsec=3})");
}

static void test_ppoll_of_i386(void **state) {
    struct decoding_world *world = *state;
    struct pollfd one = {4, POLLIN, POLLIN};
    world_put(world, IN, &one, sizeof(one));
    put_u32(world, TIME, 1);
    put_u32(world, TIME + 4, 7);
    world_enter(world, ARCH_I386, I386_PPOLL, ARGS(IN, 1, TIME, 0, 8));
    world_return(world, 1);
    world_shows(world, "ppoll([{fd=4, events=POLLIN}], 1, {tv_sec=1, tv_nsec=7}, NULL, 8) = 1 ([{fd=4, "
                       "revents=POLLIN}], left {tv_sec=1, tv_nsec=7})");
    world_enter(world, ARCH_I386, I386_PPOLL_TIME64, ARGS(IN, 1, WORLD_HOLE - 8, 0, 8));
    world_shows(world, "ppoll_time64([{fd=4, events=POLLIN}], 1, 0x11ff8, NULL, 8) = ? <unavailable>");
}

/* --------------------------------------------------------------------------- epoll */

static void test_epoll(void **state) {
    struct decoding_world *world = *state;
    struct epoll_event event = {.events = EPOLLIN | EPOLLHUP | EPOLLRDNORM, .data.u64 = 0x500000007};
    world_put(world, IN, &event, sizeof(event));
    world_enter(world, ARCH_X86_64, SYS_epoll_ctl, ARGS(3, EPOLL_CTL_ADD, 4, IN));
    world_shows(world, "epoll_ctl(3, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLHUP|EPOLLRDNORM, data={u32=7, "
                       "u64=21474836487}}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_epoll_ctl, ARGS(3, EPOLL_CTL_DEL, 4, IN));
    world_shows(world, "epoll_ctl(3, EPOLL_CTL_DEL, 4, 0x10000) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_epoll_ctl, ARGS(3, EPOLL_CTL_MOD, 4, WORLD_HOLE - 8));
    world_shows(world, "epoll_ctl(3, EPOLL_CTL_MOD, 4, 0x11ff8) = ? <unavailable>");
}

static void test_epoll_pwait2(void **state) {
    struct decoding_world *world = *state;
    put_two(world, TIME, 1, 7);
    put_word(world, SIGNALS, 2);
    world_enter(world, ARCH_X86_64, SYS_epoll_pwait2, ARGS(3, IN, 1, TIME, SIGNALS, 8));
    world_return(world, 0);
    world_shows(world, "epoll_pwait2(3, [], 1, {tv_sec=1, tv_nsec=7}, [INT], 8) = 0");
    world_return(world, -EINTR);
    world_shows(world, "epoll_pwait2(3, 0x10000, 1, 0x10200, 0x10400, 8) = -1 EINTR (Interrupted system call)");
    world_enter(world, ARCH_X86_64, SYS_epoll_pwait2, ARGS(3, IN, 1, WORLD_NOWHERE, SIGNALS, 4));
    world_shows(world, "epoll_pwait2(3, 0x10000, 1, 0x900000, 0x10400, 4) = ? <unavailable>");
}

/* --------------------------------------------------------------------------- futex */

static void test_waiters(void **state) {
    struct decoding_world *world = *state;
    static const struct futex_waitv waiters[] = {{1, 0x1000, 2, 0}, {0xffffffffff, 0, 0x83, 7}};
    world_put(world, IN, waiters, sizeof(waiters));
    world_enter(world, ARCH_X86_64, WAITV, ARGS(IN, 2, 0, 0, 1));
    world_shows(world, "futex_waitv([{val=0x1, uaddr=0x1000, flags=FUTEX_32}, {val=0xffffffffff, uaddr=NULL, "
                       "flags=FUTEX_32|FUTEX_PRIVATE_FLAG|0x1, __reserved=0x7}], 2, 0, NULL, CLOCK_MONOTONIC) = ? "
                       "<unavailable>");
    world_enter(world, ARCH_I386, WAITV, ARGS(IN, 1, 0, 0, 1));
    world_shows(world, "futex_waitv([{val=0x1, uaddr=0x1000, flags=FUTEX_32}], 1, 0, NULL, CLOCK_MONOTONIC) = ? "
                       "<unavailable>");
    world->options.vector_limit = 1;
    world_enter(world, ARCH_X86_64, WAITV, ARGS(IN, UINT32_MAX, 0, 0, 0));
    world_shows(world, "futex_waitv([{val=0x1, uaddr=0x1000, flags=FUTEX_32}, ...], 4294967295, 0, NULL, "
                       "CLOCK_REALTIME) = ? <unavailable>");
}

static void test_waiters_odd(void **state) {
    struct decoding_world *world = *state;
    static const struct futex_waitv waiter = {1, 0x1000, 2, 0};
    world_put(world, WORLD_HOLE - sizeof(waiter), &waiter, sizeof(waiter));
    world_enter(world, ARCH_X86_64, WAITV, ARGS(WORLD_HOLE - sizeof(waiter), 2, 0, WORLD_NOWHERE, 0));
    world_shows(world, "futex_waitv([{val=0x1, uaddr=0x1000, flags=FUTEX_32}, ... /* 0x12000 */], 2, 0, 0x900000, "
                       "CLOCK_REALTIME) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, WAITV, ARGS(IN, 0, 0, 0, 0));
    world_shows(world, "futex_waitv([], 0, 0, NULL, CLOCK_REALTIME) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, WAITV, ARGS(UINT64_MAX - 8, 4, 0, 0, 0));
    world_shows(world, "futex_waitv(0xfffffffffffffff7, 4, 0, NULL, CLOCK_REALTIME) = ? <unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_select),
        WORLD_TEST(test_select_without_time),
        WORLD_TEST(test_select_result_is_small),
        WORLD_TEST(test_select_limits),
        WORLD_TEST(test_select_at_end_of_memory),
        WORLD_TEST(test_select_of_i386),
        WORLD_TEST(test_old_select_of_i386),
        WORLD_TEST(test_pselect),
        WORLD_TEST(test_pselect_mask),
        WORLD_TEST(test_pselect_of_i386),
        WORLD_TEST(test_ppoll),
        WORLD_TEST(test_ppoll_of_i386),
        WORLD_TEST(test_epoll),
        WORLD_TEST(test_epoll_pwait2),
        WORLD_TEST(test_waiters),
        WORLD_TEST(test_waiters_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
