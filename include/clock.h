/* SPDX-License-Identifier: MIT
 *
 * The clock of every time stamp: CLOCK_MONOTONIC, as the perf rings have it;
 * and the one on the wall, for those who read them.
 */
#ifndef RENACER_CLOCK_H
#define RENACER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of this clock. */
static inline uint64_t clock_now(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t monotonic_now(void) {
    return clock_now(CLOCK_MONOTONIC);
}

static inline uint64_t realtime_now(void) {
    return clock_now(CLOCK_REALTIME);
}

#endif
