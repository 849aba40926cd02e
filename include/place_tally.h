/* SPDX-License-Identifier: MIT
 *
 * The tally of -c -s: calls, errors and time of each place in the source that made
 * calls. Calls that did not return do not count, as in include/tally.h.
 */
#ifndef RENACER_PLACE_TALLY_H
#define RENACER_PLACE_TALLY_H

#include "call_stack.h"
#include "record.h"
#include "tally.h"

#include <stddef.h>
#include <stdint.h>

enum {
    PLACE_ROWS_MOST = 1 << 17, /* places beyond are counted together */
};

enum place_kind {
    PLACE_IN_SOURCE,   /* file, line, and function unless that is not known */
    PLACE_IN_FUNCTION, /* function and module: there is no debug information */
    PLACE_NOT_KNOWN,
    PLACE_OTHERS, /* all for which there was no room */
    PLACE_LOST,   /* what another process had counted, which is gone with it */
};

struct place_row {
    enum place_kind kind;
    const char *file; /* these as in struct frame; NULL where the kind has none */
    const char *function;
    const char *module;
    unsigned line;
    uint64_t calls;
    uint64_t errors;
    uint64_t time_ns;
};

struct place_tally;

/* At most `most` places are told apart. 0 or -ENOMEM. */
int place_tally_create(struct place_tally **result, size_t most);
/* NULL is fine. */
void place_tally_destroy(struct place_tally *tally);

/* Count a RECORD_CALL of this place, whose names are copied; NULL: it is not known. */
void place_tally_add(struct place_tally *tally, const struct frame *place, const struct record *record);

/* All calls there were, as somebody else has counted them: what this tally has not seen is lost. */
void place_tally_complete(struct place_tally *tally, const struct tally_row *total);

/* Calls for whose place there was no room. */
uint64_t place_tally_overflow(const struct place_tally *tally);

/* The rows that have calls, in this order: *rows is malloc'd and the caller's, its names are the tally's until the next
 * call is counted. Returns how many, or -ENOMEM. By name: by file, line and function; what has no file comes last. */
int place_tally_rows(const struct place_tally *tally, enum tally_order order, struct place_row **rows);

#endif
