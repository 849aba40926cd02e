/* SPDX-License-Identifier: MIT
 *
 * The clock of every time stamp: CLOCK_MONOTONIC, as the perf rings have it.
 */
#ifndef RENACER_CLOCK_H
#define RENACER_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds. */
static inline uint64_t monotonic_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
