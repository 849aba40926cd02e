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

#endif
