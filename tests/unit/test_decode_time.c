/* SPDX-License-Identifier: MIT
 *
 * Times: of sleeps, files, timers, futexes and of the kernel's clock.
 */
#include "decoding_world.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>

enum {
    I386_TIME = 13,
    I386_STIME = 25,
    I386_UTIME = 30,
    I386_ADJTIMEX = 124,
    I386_FUTEX = 240,
    I386_TIMER_SETTIME = 260,
    I386_FUTIMESAT = 299,
    I386_UTIMENSAT = 320,
    I386_CLOCK_ADJTIME64 = 405,
    I386_UTIMENSAT_TIME64 = 412,
    I386_FUTEX_TIME64 = 422,
    PATH = WORLD_OTHER,
};

static void put_words(struct decoding_world *world, uint64_t address, size_t count, const uint64_t *words) {
    world_put(world, address, words, count * sizeof(*words));
}

static void put_halves(struct decoding_world *world, uint64_t address, size_t count, const uint32_t *halves) {
    world_put(world, address, halves, count * sizeof(*halves));
}

#define WORDS(...)                                                                                                     \
    sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (const uint64_t[]) {                                         \
        __VA_ARGS__                                                                                                    \
    }
#define HALVES(...)                                                                                                    \
    sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[]) {                                         \
        __VA_ARGS__                                                                                                    \
    }

static void test_sleep(void **state) {
    struct decoding_world *world = *state;
    put_words(world, WORLD_BASE, WORDS(UINT64_MAX, UINT64_MAX));
    world_enter(world, ARCH_X86_64, SYS_nanosleep, ARGS(WORLD_BASE, 0));
    world_shows(world, "nanosleep({tv_sec=-1, tv_nsec=18446744073709551615}, NULL) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_nanosleep, ARGS(WORLD_HOLE - 8, 0));
    world_shows(world, "nanosleep(0x11ff8, NULL) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_nanosleep, ARGS(0, 0));
    world_shows(world, "nanosleep(NULL, NULL) = ? <unavailable>");
}

static void test_file_times(void **state) {
    struct decoding_world *world = *state;
    world_put_string(world, PATH, "f");
    put_words(world, WORLD_BASE, WORDS(1700000000, 5000, 0, 0));
    world_enter(world, ARCH_X86_64, SYS_utimensat, ARGS(3, PATH, WORLD_BASE, 0));
    world_shows(world,
                "utimensat(3, \"f\", [{tv_sec=1700000000, tv_nsec=5000} /* 2023-11-14T22:13:20.000005000+0000 */, "
                "{tv_sec=0, tv_nsec=0}], 0) = ? <unavailable>");
    put_words(world, WORLD_BASE, WORDS(7, UTIME_NOW, 7, UTIME_OMIT));
    world_enter(world, ARCH_X86_64, SYS_utimensat, ARGS(3, PATH, WORLD_BASE, 0));
    world_shows(world, "utimensat(3, \"f\", [UTIME_NOW, UTIME_OMIT], 0) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_UTIMENSAT_TIME64, ARGS(3, PATH, WORLD_BASE, 0));
    world_shows(world, "utimensat_time64(3, \"f\", [UTIME_NOW, UTIME_OMIT], 0) = ? <unavailable>");
    put_halves(world, WORLD_BASE, HALVES(UINT32_MAX, 1, 1, 1000000000));
    world_enter(world, ARCH_I386, I386_UTIMENSAT, ARGS(3, PATH, WORLD_BASE, 0));
    world_shows(world, "utimensat(3, \"f\", [{tv_sec=-1, tv_nsec=1} /* 1969-12-31T23:59:59.000000001+0000 */, "
                       "{tv_sec=1, tv_nsec=1000000000}], 0) = ? <unavailable>");
    put_halves(world, WORLD_BASE, HALVES(1, 0, 1, 1000000));
    world_enter(world, ARCH_I386, I386_FUTIMESAT, ARGS(3, PATH, WORLD_BASE));
    world_shows(world, "futimesat(3, \"f\", [{tv_sec=1, tv_usec=0} /* 1970-01-01T00:00:01+0000 */, "
                       "{tv_sec=1, tv_usec=1000000}]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_utimes, ARGS(PATH, WORLD_HOLE - 16));
    world_shows(world, "utimes(\"f\", 0x11ff0) = ? <unavailable>");
}

static void test_seconds(void **state) {
    struct decoding_world *world = *state;
    world_put_string(world, PATH, "f");
    put_words(world, WORLD_BASE, WORDS((uint64_t)1 << 62, 1700000000));
    world_enter(world, ARCH_X86_64, SYS_utime, ARGS(PATH, WORLD_BASE));
    world_shows(world,
                "utime(\"f\", {actime=4611686018427387904, modtime=1700000000 /* 2023-11-14T22:13:20+0000 */}) = ? "
                "<unavailable>");
    put_halves(world, WORLD_BASE, HALVES(UINT32_MAX, 0));
    world_enter(world, ARCH_I386, I386_UTIME, ARGS(PATH, WORLD_BASE));
    world_shows(world, "utime(\"f\", {actime=-1 /* 1969-12-31T23:59:59+0000 */, modtime=0}) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_STIME, ARGS(WORLD_BASE));
    world_shows(world, "stime([-1 /* 1969-12-31T23:59:59+0000 */]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_time, ARGS(WORLD_BASE));
    world_shows(world, "time(0x10000) = ? <unavailable>");
    put_words(world, WORLD_BASE, WORDS(60));
    world_return(world, 60);
    world_shows(world, "time([60 /* 1970-01-01T00:01:00+0000 */]) = 60 (1970-01-01T00:01:00+0000)");
    world_enter(world, ARCH_I386, I386_TIME, ARGS(0));
    world_return(world, 60);
    world_shows(world, "time(NULL) = 60 (1970-01-01T00:01:00+0000)");
    world_enter(world, ARCH_X86_64, SYS_time, ARGS(WORLD_NOWHERE));
    world_return(world, -EFAULT);
    world_shows(world, "time(0x900000) = -1 EFAULT (Bad address)");
}

static void test_timers(void **state) {
    struct decoding_world *world = *state;
    put_words(world, WORLD_BASE, WORDS(1, 2, 3, 4, 5, 6, 7, 8));
    world_enter(world, ARCH_X86_64, SYS_timer_settime, ARGS(9, TIMER_ABSTIME, WORLD_BASE, WORLD_BASE + 32));
    world_return(world, 0);
    world_shows(world, "timer_settime(9, TIMER_ABSTIME, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3, "
                       "tv_nsec=4}}, {it_interval={tv_sec=5, tv_nsec=6}, it_value={tv_sec=7, tv_nsec=8}}) = 0");
    world_return(world, -EINVAL);
    world_shows(world, "timer_settime(9, TIMER_ABSTIME, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3, "
                       "tv_nsec=4}}, 0x10020) = -1 EINVAL (Invalid argument)");
    put_halves(world, WORLD_BASE, HALVES(1, 2, 3, 4));
    world_enter(world, ARCH_I386, I386_TIMER_SETTIME, ARGS(9, 0, WORLD_BASE, 0));
    world_shows(world,
                "timer_settime(9, 0, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3, tv_nsec=4}}, NULL) = ? "
                "<unavailable>");
}

static void test_futex(void **state) {
    struct decoding_world *world = *state;
    put_words(world, WORLD_BASE, WORDS(1, 2));
    world_enter(world, ARCH_X86_64, SYS_futex, ARGS(8, FUTEX_WAIT_PRIVATE, 3, WORLD_BASE));
    world_shows(world, "futex(0x8, FUTEX_WAIT_PRIVATE, 3, {tv_sec=1, tv_nsec=2}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_futex, ARGS(8, FUTEX_CMP_REQUEUE, 3, WORLD_BASE, 16, 4));
    world_shows(world, "futex(0x8, FUTEX_CMP_REQUEUE, 3, 65536, 0x10, 4) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_futex, ARGS(8, 99, 3, WORLD_BASE, 16, 4));
    world_shows(world, "futex(0x8, 0x63 /* FUTEX_??? */, 3, 0x10000, 0x10, 0x4) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_futex, ARGS(8, FUTEX_LOCK_PI, 3, WORLD_HOLE));
    world_shows(world, "futex(0x8, FUTEX_LOCK_PI, 0x12000) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_FUTEX_TIME64, ARGS(8, FUTEX_WAIT_BITSET, 3, WORLD_BASE, 0, UINT32_MAX));
    world_shows(world, "futex_time64(0x8, FUTEX_WAIT_BITSET, 3, {tv_sec=1, tv_nsec=2}, FUTEX_BITSET_MATCH_ANY) = ? "
                       "<unavailable>");
    put_halves(world, WORLD_BASE, HALVES(1, 2));
    world_enter(world, ARCH_I386, I386_FUTEX, ARGS(8, FUTEX_WAIT, 3, WORLD_BASE));
    world_shows(world, "futex(0x8, FUTEX_WAIT, 3, {tv_sec=1, tv_nsec=2}) = ? <unavailable>");
}

static void test_waiters(void **state) {
    struct decoding_world *world = *state;
    static const struct futex_waitv waiters[] = {{1, 0x5000, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0}, {2, 0, 4, 7}};
    world_put(world, WORLD_HOLE - sizeof(waiters), waiters, sizeof(waiters));
    world_enter(world, ARCH_X86_64, 449, ARGS(WORLD_HOLE - sizeof(waiters), 2, 0, 0, CLOCK_MONOTONIC));
    world_shows(world, "futex_waitv([{val=0x1, uaddr=0x5000, flags=FUTEX_32|FUTEX_PRIVATE_FLAG}, {val=0x2, uaddr=NULL, "
                       "flags=0x4 /* FUTEX_??? */, __reserved=0x7}], 2, 0, NULL, CLOCK_MONOTONIC) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, 449, ARGS(WORLD_HOLE - sizeof(waiters[0]), 2, 0, 0, CLOCK_MONOTONIC));
    world_shows(world, "futex_waitv([{val=0x2, uaddr=NULL, flags=0x4 /* FUTEX_??? */, __reserved=0x7}, ... /* 0x12000 "
                       "*/], 2, 0, NULL, CLOCK_MONOTONIC) = ? <unavailable>");
    world->options.vector_limit = 1;
    world_put(world, WORLD_BASE, (struct futex_waitv[2]){{0}}, 2 * sizeof(struct futex_waitv));
    world_enter(world, ARCH_X86_64, 449, ARGS(WORLD_BASE, UINT32_MAX, 0, 0, CLOCK_MONOTONIC));
    world_shows(world, "futex_waitv([{val=0, uaddr=NULL, flags=0}, ...], 4294967295, 0, NULL, CLOCK_MONOTONIC) = ? "
                       "<unavailable>");
}

static void test_clock(void **state) {
    struct decoding_world *world = *state;
    struct timex timex = {.modes = ADJ_OFFSET | ADJ_TICK,
                          .offset = -1,
                          .freq = 2,
                          .status = STA_UNSYNC,
                          .time = {3, 4},
                          .tick = 5,
                          .shift = -6,
                          .stabil = 7,
                          .stbcnt = 8,
                          .tai = 9};
    world_enter(world, ARCH_X86_64, SYS_adjtimex, ARGS(WORLD_BASE));
    world_put(world, WORLD_BASE, &timex, sizeof(timex));
    world_return(world, TIME_ERROR);
    world_shows(world, "adjtimex({modes=ADJ_OFFSET|ADJ_TICK, offset=-1, freq=2, maxerror=0, esterror=0, "
                       "status=STA_UNSYNC, constant=0, precision=0, tolerance=0, time={tv_sec=3, tv_usec=4}, tick=5, "
                       "ppsfreq=0, jitter=0, shift=-6, stabil=7, jitcnt=0, calcnt=0, errcnt=0, stbcnt=8, tai=9}) = 5 "
                       "(TIME_ERROR)");
    world_enter(world, ARCH_I386, I386_CLOCK_ADJTIME64, ARGS(0, WORLD_BASE));
    world_return(world, TIME_OK);
    world_shows(world, "clock_adjtime64(CLOCK_REALTIME, {modes=ADJ_OFFSET|ADJ_TICK, offset=-1, freq=2, maxerror=0, "
                       "esterror=0, status=STA_UNSYNC, constant=0, precision=0, tolerance=0, time={tv_sec=3, "
                       "tv_usec=4}, tick=5, ppsfreq=0, jitter=0, shift=-6, stabil=7, jitcnt=0, calcnt=0, errcnt=0, "
                       "stbcnt=8, tai=9}) = 0 (TIME_OK)");
    put_halves(world, WORLD_BASE, HALVES(0, 1, 2, 3, 4, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
    world_enter(world, ARCH_I386, I386_ADJTIMEX, ARGS(WORLD_BASE));
    world_return(world, TIME_OK);
    world_shows(world,
                "adjtimex({modes=0, offset=1, freq=2, maxerror=3, esterror=4, status=0, constant=6, precision=7, "
                "tolerance=8, time={tv_sec=9, tv_usec=10}, tick=11, ppsfreq=12, jitter=13, shift=14, stabil=15, "
                "jitcnt=16, calcnt=17, errcnt=18, stbcnt=19, tai=20}) = 0 (TIME_OK)");
    world_return(world, -EPERM);
    world_shows(world, "adjtimex(0x10000) = -1 EPERM (Operation not permitted)");
}

int main(void) {
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_sleep), WORLD_TEST(test_file_times), WORLD_TEST(test_seconds), WORLD_TEST(test_timers),
        WORLD_TEST(test_futex), WORLD_TEST(test_waiters),    WORLD_TEST(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
