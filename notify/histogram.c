/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <stddef.h>

/* Durations below HISTOGRAM_PARTS have a bucket each; from there on the three bits behind the highest one count. */
static size_t bucket_of(uint64_t ns) {
    if (ns < HISTOGRAM_PARTS) {
        return ns;
    }
    unsigned highest = 63 - (unsigned)__builtin_clzll(ns);
    return (size_t)(highest - 2) * HISTOGRAM_PARTS + (ns >> (highest - 3) & (HISTOGRAM_PARTS - 1));
}

/* The longest duration of a bucket. */
static uint64_t longest_of(size_t bucket) {
    if (bucket < HISTOGRAM_PARTS) {
        return bucket;
    }
    unsigned shift = (unsigned)(bucket / HISTOGRAM_PARTS) - 1;
    uint64_t shortest = (HISTOGRAM_PARTS + (uint64_t)(bucket % HISTOGRAM_PARTS)) << shift;
    return shortest + ((UINT64_C(1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, uint64_t ns) {
    histogram->count++;
    histogram->buckets[bucket_of(ns)]++;
    uint64_t us = ns / 1000;
    unsigned power = us ? 64 - (unsigned)__builtin_clzll(us) : 0;
    histogram->powers[power < HISTOGRAM_POWERS ? power : HISTOGRAM_POWERS - 1]++;
    if (ns > histogram->max) {
        histogram->max = ns;
    }
}

uint64_t histogram_percentile(const struct histogram *histogram, unsigned percent) {
    if (!histogram->count) {
        return 0;
    }
    /* Of the durations in order, which one is meant; rounded up. */
    uint64_t rank = histogram->count / 100 * percent + (histogram->count % 100 * percent + 99) / 100;
    uint64_t seen = 0;
    size_t bucket = 0;
    while ((seen += histogram->buckets[bucket]) < (rank ? rank : 1)) {
        bucket++;
    }
    uint64_t longest = longest_of(bucket);
    return longest < histogram->max ? longest : histogram->max;
}
