/* SPDX-License-Identifier: MIT
 *
 * What the arguments of a call that was read from a trace mean, whoever wrote
 * it: renacer-sv shows numbers in decimal and constants by name, renacer 0.6
 * the first three registers in hex.
 */
#ifndef RENACER_TRACE_VALUE_H
#define RENACER_TRACE_VALUE_H

#include "trace_reader.h"

#include <stdbool.h>
#include <stdint.h>

/* The argument as the number that it is: decimal, negative, octal (0644), hex, "NULL". False if it is none, or not
 * there. */
bool trace_number(const struct trace_call *call, unsigned index, uint64_t *number);

/* Whether the call looks as renacer 0.6 writes it: each argument is a register in hex, or a string in quotation marks.
 */
bool trace_in_registers(const struct trace_call *call);

#endif
