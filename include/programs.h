/* SPDX-License-Identifier: MIT
 *
 * Which program each process runs, by the name of its file, as records tell it:
 * the first file that is mapped after an exec is the program.
 */
#ifndef RENACER_PROGRAMS_H
#define RENACER_PROGRAMS_H

#include "record.h"

struct programs;

/* NULL without memory. */
struct programs *programs_create(void);
/* NULL is fine. */
void programs_destroy(struct programs *programs);

/* The next record of the trace, shown or not. */
void programs_take(struct programs *programs, const struct record *record);

/* The program that made this RECORD_CALL, which was the last one that was taken; of an execve that has succeeded the
 * one that it has replaced. The last element of its path; NULL: not known. Valid until the next record is taken. */
const char *programs_of(const struct programs *programs, const struct record *record);

#endif
