/* SPDX-License-Identifier: MIT
 *
 * How --folded names what stands between the semicolons of a line.
 */
#ifndef RENACER_FOLDED_H
#define RENACER_FOLDED_H

#include "call_stack.h"
#include "text.h"

/* Append a name: a semicolon becomes a colon; control characters, and what is not UTF-8, are escaped. */
void folded_label(const char *name, struct text *text);

/* Of a frame with a function or a module: append the name of the function, with "_[i]" behind one that was inlined;
 * without function its module in brackets: "[libx.so]". */
void folded_frame_label(const struct frame *frame, struct text *text);

#endif
