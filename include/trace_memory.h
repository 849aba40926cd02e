/* SPDX-License-Identifier: MIT
 *
 * What the addresses of a process of a trace mean, as far as its calls tell:
 * the heap, what it has mapped and of which file. Nothing is known of what was mapped before
 * the trace or the program began, such as the stack.
 */
#ifndef RENACER_TRACE_MEMORY_H
#define RENACER_TRACE_MEMORY_H

#include "text.h"
#include "trace_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PROCESS_MAPPINGS_MAX = 16384, /* of a process: one that has made more has no names for any address */
};

struct trace_memory;

/* NULL: no memory. */
struct trace_memory *trace_memory_create(void);
/* As a child of fork has it; NULL: no memory. */
struct trace_memory *trace_memory_copy(const struct trace_memory *memory);
/* NULL is fine. */
void trace_memory_destroy(struct trace_memory *memory);

/* How many mappings it remembers. */
unsigned trace_memory_size(const struct trace_memory *memory);

/* Forget all of it, and learn nothing more. */
void trace_memory_forget(struct trace_memory *memory);

/* What the call does to it. `task` is the number of the thread; `mapped` counts what it has mapped without a file, by
 * which such memory is named. 0 or -ENOMEM. */
int trace_memory_call(struct trace_memory *memory, const struct trace_call *call, int64_t task, uint64_t *mapped);

/* Append the name of an address; false, and nothing, if it is not known. `is_break`: it is an end of the heap. */
bool trace_memory_name(const struct trace_memory *memory, uint64_t address, bool is_break, struct text *text);

#endif
