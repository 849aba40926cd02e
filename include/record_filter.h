/* SPDX-License-Identifier: MIT
 *
 * Which records of calls are kept by what is known only when they are complete:
 * how they ended (-e status=, -z, -Z) and what files they touch (-P).
 */
#ifndef RENACER_RECORD_FILTER_H
#define RENACER_RECORD_FILTER_H

#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum call_status {
    STATUS_SUCCESSFUL = 1 << 0,
    STATUS_FAILED = 1 << 1,
    STATUS_UNFINISHED = 1 << 2,  /* did not return */
    STATUS_UNAVAILABLE = 1 << 3, /* returned, but nothing measured the result */
    STATUS_DETACHED = 1 << 4,    /* the tracer let go of the thread meanwhile */
    STATUS_ALL = (1 << 5) - 1,
};

enum {
    FILTER_PATHS_MAX = 64, /* -P options, and what they resolve to */
};

struct record_filter {
    unsigned statuses;      /* enum call_status, those that are kept */
    uint64_t quiet_signals; /* signals that are not shown, bit n - 1 for signal n */
    unsigned path_count;
    char *paths[FILTER_PATHS_MAX]; /* owned */
};

void record_filter_init(struct record_filter *filter);
void record_filter_finish(struct record_filter *filter);

/* Keep only calls of these statuses: names joined by commas, '!' in front takes
 * them out. 0, or -EINVAL with a sentence in `problem`. */
int record_filter_parse_status(struct record_filter *filter, const char *list, char *problem, size_t size);

/* Show only these signals: as above, with or without "SIG". */
int record_filter_parse_signals(struct record_filter *filter, const char *list, char *problem, size_t size);

/* Keep only calls that touch this path, or what it resolves to now. 0, -ENOMEM, or -E2BIG. */
int record_filter_add_path(struct record_filter *filter, const char *path);

/* Whether a record passes. */
bool record_filter_keeps(const struct record_filter *filter, const struct record *record);

#endif
