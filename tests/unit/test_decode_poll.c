/* SPDX-License-Identifier: MIT
 *
 * poll(2): what is waited for at the entry, what happened behind the result.
 */
#include "decoding_world.h"

#include <poll.h>
#include <sys/syscall.h>

static void poll_three(struct decoding_world *world) {
    static const struct pollfd fds[] = {{4, POLLIN, 0}, {9, POLLIN | POLLOUT, 0}, {-1, 0, 0}};
    world_put(world, WORLD_BASE, fds, sizeof(fds));
}

static void happens(struct decoding_world *world, unsigned index, short revents) {
    world_put(world, WORLD_BASE + index * sizeof(struct pollfd) + offsetof(struct pollfd, revents), &revents,
              sizeof(revents));
}

static void test_entry(void **state) {
    struct decoding_world *world = *state;
    poll_three(world);
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_BASE, 3, 0));
    world_shows(world, "poll([{fd=4, events=POLLIN}, {fd=9, events=POLLIN|POLLOUT}, {fd=-1}], 3, 0) = ? <unavailable>");
}

static void test_what_happened(void **state) {
    struct decoding_world *world = *state;
    poll_three(world);
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_BASE, 3, 0));
    happens(world, 1, POLLOUT);
    world_return(world, 1);
    world_shows(world, "poll([{fd=4, events=POLLIN}, {fd=9, events=POLLIN|POLLOUT}, {fd=-1}], 3, 0) = 1 ([{fd=9, "
                       "revents=POLLOUT}])");
}

static void test_cut(void **state) {
    struct decoding_world *world = *state;
    world->options.vector_limit = 1;
    poll_three(world);
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_BASE, 3, 0));
    happens(world, 0, POLLHUP);
    happens(world, 1, POLLOUT);
    world_return(world, 2);
    world_shows(world, "poll([{fd=4, events=POLLIN}, ...], 3, 0) = 2 ([{fd=4, revents=POLLHUP}, ...])");
    world_return(world, 0);
    world_shows(world, "poll([{fd=4, events=POLLIN}, ...], 3, 0) = 0 (Timeout)");
}

static void test_odd_memory(void **state) {
    struct decoding_world *world = *state;
    static const struct pollfd one = {4, POLLIN, 0};
    world_put(world, WORLD_HOLE - sizeof(one), &one, sizeof(one));
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_HOLE - sizeof(one), 2, 0));
    world_shows(world, "poll([{fd=4, events=POLLIN}, ... /* 0x12000 */], 2, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_NOWHERE, 2, 0));
    world_shows(world, "poll(0x900000, 2, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(0, 2, 0));
    world_shows(world, "poll(NULL, 2, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_BASE, 0, 0));
    world_shows(world, "poll([], 0, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_poll, ARGS(WORLD_NOWHERE, UINT32_MAX, 0));
    world_return(world, -EINVAL);
    world_shows(world, "poll(0x900000, 4294967295, 0) = -1 EINVAL (Invalid argument)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_entry),
        WORLD_TEST(test_what_happened),
        WORLD_TEST(test_cut),
        WORLD_TEST(test_odd_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
