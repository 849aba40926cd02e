/* SPDX-License-Identifier: MIT
 *
 * Whether text for people is coloured.
 */
#ifndef RENACER_COLOUR_H
#define RENACER_COLOUR_H

#include <stdbool.h>

/* In the order of --color's words in the table of options. */
enum colour {
    COLOUR_AUTO, /* on a terminal, unless NO_COLOR is set */
    COLOUR_ALWAYS,
    COLOUR_NEVER,
};

/* Whether text that goes to `fd` is coloured: https://no-color.org has the rule. */
bool colour_wanted(enum colour choice, int fd);

/* What a colour of a report means. */
enum tint {
    TINT_GOOD,
    TINT_BAD,
    TINT_WARNING,
    TINT_GOLDEN, /* what the golden trace has */
    TINT_NEW,    /* what the new one has */
    TINT_PLACE,
    TINT_WEAK,
};

/* The escape sequences that begin and end it; empty without colours. */
const char *tint_begin(bool colour, enum tint tint);
const char *tint_end(bool colour);

#endif
