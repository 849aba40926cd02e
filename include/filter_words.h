/* SPDX-License-Identifier: MIT
 *
 * Which calls were asked for, in the words of the command line: a trace says so,
 * for what it does not have may have happened all the same.
 */
#ifndef RENACER_FILTER_WORDS_H
#define RENACER_FILTER_WORDS_H

#include "record_filter.h"
#include "text.h"

#include <stdbool.h>

enum {
    FILTER_WORDS_BYTES = 32768, /* that they may take in a head, which readers look for in the first 64 KiB */
};

/* The strings belong to whoever parsed the command line. */
struct filter_words {
    const char *trace;  /* what -e trace= said last; NULL: all calls */
    const char *status; /* what -e status=, -z or -Z said last; NULL: however they end */
    const char *paths[FILTER_PATHS_MAX];
    unsigned path_count;
    const char *unnotified; /* calls that are missing because they do not stop, joined by commas; NULL: none */
};

/* Whether any call is left out. */
bool filter_words_any(const struct filter_words *words);

/* Append the member "filter" of a head behind another one, NAME=VALUE for each expression; nothing for NULL. Values for
 * which there is no room become "..."; paths are redacted. `spaced`: as in a document, else as in JSON Lines. */
void filter_words_to_json(const struct filter_words *words, bool spaced, struct text *text);

#endif
