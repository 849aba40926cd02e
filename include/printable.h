/* SPDX-License-Identifier: MIT
 *
 * Bytes of a trace as text for people: nothing in it moves a cursor, changes a
 * colour or the direction of writing, and it is UTF-8 whatever the bytes are.
 */
#ifndef RENACER_PRINTABLE_H
#define RENACER_PRINTABLE_H

#include "text.h"

#include <stdbool.h>

/* Append the bytes; control characters and what is not UTF-8 become \n, \t, \r or octal. `quote`: quotation marks and
 * backslashes are escaped as well, so that different bytes give different text. */
void printable_add(struct text *text, const char *bytes, size_t size, bool quote);

/* Append lines as printable_add() does, unquoted; what ends them stays. */
void printable_add_lines(struct text *text, const char *lines);

/* How many of the bytes of a text of UTF-8 to keep so that no character is cut: at most `most`. */
size_t printable_cut(const char *text, size_t size, size_t most);

#endif
