/* SPDX-License-Identifier: MIT
 *
 * Names of calls and paths of a trace, each kept once: equal ones have the
 * same address, and what is found out about one is kept with it.
 */
#ifndef RENACER_TRACE_WORDS_H
#define RENACER_TRACE_WORDS_H

#include "trace_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

struct trace_word {
    UT_hash_handle hh;
    size_t size;
    char *text;                  /* ends with a NUL */
    _Alignas(8) uint8_t notes[]; /* of whoever keeps the words: so many as was asked for, all 0 at first */
};

struct trace_words {
    struct trace_word *table;
    size_t notes;     /* bytes for each */
    size_t bytes;     /* of text */
    size_t words_max; /* more than these are not kept */
    size_t bytes_max;
    bool is_full; /* there were more */
};

/* The word; NULL and -ENOMEM, or NULL and 0 if there are too many. */
int trace_words_find(struct trace_words *words, const char *text, size_t size, struct trace_word **word);
void trace_words_finish(struct trace_words *words);

#endif
