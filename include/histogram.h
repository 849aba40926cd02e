/* SPDX-License-Identifier: MIT
 *
 * Histograms of durations. A bucket is an eighth of a power of two wide, so that what
 * is asked for is right to 12.5 %, however long the durations are.
 */
#ifndef RENACER_HISTOGRAM_H
#define RENACER_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_PARTS = 8, /* of a power of two */
    HISTOGRAM_BUCKETS = 62 * HISTOGRAM_PARTS,
    HISTOGRAM_POWERS = 40, /* up to six days */
};

struct histogram {
    uint64_t count;
    uint64_t max;                      /* ns */
    uint64_t powers[HISTOGRAM_POWERS]; /* [0]: below 1 us; [i]: from 2^(i-1) us, and below 2^i us */
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The duration (ns) that `percent` of all, at least one, do not exceed: never less than the
 * exact value, and at most an eighth more. 0 if there are none. */
uint64_t histogram_percentile(const struct histogram *histogram, unsigned percent);

#endif
