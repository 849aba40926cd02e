/* SPDX-License-Identifier: MIT
 *
 * Places in the source, and stacks, as text and as JSON shows them. The names in
 * frames are those of the program's files, and may be any bytes: what is written is
 * printable ASCII in text and UTF-8 in JSON, as everywhere.
 */
#ifndef RENACER_SOURCE_TEXT_H
#define RENACER_SOURCE_TEXT_H

#include "call_stack.h"
#include "stack_sample.h"
#include "text.h"

#include <stdbool.h>

/* Append a name with everything escaped that is no printable ASCII. */
void source_name_to_text(const char *name, struct text *text);

/* Append `before`, and where the frame is: "src/main.c:42 (main)"; without debug information "main+0x1d
 * (/usr/bin/prog)", and without a function its address. Nothing if `place` is NULL. */
void source_to_text(const struct frame *place, const char *before, struct text *text);

/* The same for CSV: "src/main.c:42", or "/usr/bin/prog(main+0x1d)". */
void source_to_field(const struct frame *place, struct text *text);
/* What a field of CSV begins with before this file: "./" if a spreadsheet would take the name for a formula, else "".
 */
const char *source_field_start(const char *file);

/* Append a line for each frame, behind a newline. `places`: with files and lines. */
void stack_to_text(const struct call_stack *stack, bool places, struct text *text);
/* Append one that says why the stack, of which `sample` is what was copied (NULL: nothing), ends where it ends; nothing
 * if that is known to be its end. */
void stack_end_to_text(const struct call_stack *stack, const struct stack_sample *sample, struct text *text);

/* Append an object with the members of -s, or null. */
void source_to_json(const struct frame *place, struct text *text);

/* Append the member "stack" of a call, and "stack_end" if it does not end where it began, each behind a comma. */
void stack_to_json(const struct call_stack *stack, bool places, struct text *text);

#endif
