/* SPDX-License-Identifier: MIT
 *
 * The tally of a trace: how often each call was made, how often it failed, and
 * how long it took in the kernel. Calls that did not return do not count.
 */
#ifndef RENACER_TALLY_H
#define RENACER_TALLY_H

#include "record.h"
#include "value.h"

#include <stddef.h>
#include <stdint.h>

/* In the order of --summary-sort-by's words in the table of options. */
enum tally_order {
    TALLY_BY_CALLS, /* most first; equal ones by name, as in every order */
    TALLY_BY_TIME,
    TALLY_BY_ERRORS,
    TALLY_BY_NAME,
};

struct tally_row {
    char name[CALL_NAME_MAX];
    uint64_t calls;
    uint64_t errors;
    uint64_t time_ns;
};

enum {
    TALLY_NUMBERS = 1024,          /* numbers below have a place of their own, in each architecture */
    TALLY_STRANGERS_MAX = 256,     /* other calls that are told apart; a program may invent them without end */
    TALLY_PLACES = ARCH_COUNT + 1, /* x32 has numbers of its own */
    TALLY_ROWS_MAX = TALLY_NUMBERS * TALLY_PLACES + TALLY_STRANGERS_MAX + 1,
};

/* Without pointers, to be shared between processes (include/output.h). Zeroes are an empty one. */
struct tally {
    unsigned count; /* of rows */
    unsigned strangers;
    uint16_t by_number[TALLY_PLACES * TALLY_NUMBERS]; /* index of the row + 1, as soon as the call was made */
    struct tally_row rows[TALLY_ROWS_MAX];
};

/* What a call makes of a row. */
struct tally_change {
    unsigned row; /* its index + 1; 0: nothing changes */
    uint64_t calls;
    uint64_t errors;
    uint64_t time_ns;
};

/* What a RECORD_CALL will change; only its row, which may be new, is there then. */
struct tally_change tally_count(struct tally *tally, const struct record *record);
/* Count it. Doing that twice in a row is the same as once, so that it can be done again by who does not know whether it
 * has been. */
void tally_apply(struct tally *tally, const struct tally_change *change);

/* The rows in this order: *rows is malloc'd and the caller's. Returns how many, or -ENOMEM. */
int tally_rows(const struct tally *tally, enum tally_order order, struct tally_row **rows);

/* The sum of all rows, under the name "total". */
struct tally_row tally_total(const struct tally_row *rows, size_t count);

#endif
