/* SPDX-License-Identifier: MIT
 *
 * How much memory the processes of a trace have asked for, from the calls that
 * map and unmap it: what they have at a time, and the most that it was.
 */
#ifndef RENACER_ALLOCATIONS_H
#define RENACER_ALLOCATIONS_H

#include "call_traits.h"
#include "trace_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MEMORY_BLOCKS_MAX = 8,       /* of a peak, that are named */
    MEMORY_PIECES_MAX = 1 << 16, /* of all processes at a time: beyond that nothing is measured */
};

/* Memory that was there at the peak: of one call, or of all calls of a name but those that are named by themselves. Of
 * several the lines are those from the first to the last of them. A call whose memory
 * was cut in two counts as one, as long as its first part is there. */
struct memory_block {
    const char *call; /* a literal */
    bool is_single;
    double calls;
    double bytes;
    uint64_t first_line, last_line;
};

struct memory_peak {
    double bytes;
    int64_t process;
    struct memory_block blocks[MEMORY_BLOCKS_MAX]; /* most first */
    size_t block_count;
};

/* What all memory of a trace has in common. */
struct allocations;

/* `in_registers`: of renacer 0.6, which has three arguments of each call. NULL: no memory. */
struct allocations *allocations_create(bool is_golden, bool in_registers);
void allocations_destroy(struct allocations *allocations); /* NULL is fine; all its spaces are gone by then */

/* Why what was measured may be wrong; NULL: it is not. A literal. */
const char *allocations_problem(const struct allocations *allocations);

/* The memory of a process. */
struct memory_space;

struct memory_space *memory_space_create(struct allocations *allocations, int64_t process); /* NULL: no memory */
/* As a child of fork has it; NULL: no memory. */
struct memory_space *memory_space_copy(const struct memory_space *space, int64_t process);
/* One more user of it; it is dropped by each of them. */
struct memory_space *memory_space_share(struct memory_space *space);
void memory_space_drop(struct memory_space *space); /* NULL is fine */

/* A call, which has not failed, changes the memory. 0 or -ENOMEM. */
int memory_space_call(struct memory_space *space, const struct trace_call *call, enum call_effect effect,
                      uint64_t line);

/* The most that it was; valid until it is asked again. */
const struct memory_peak *memory_space_peak(struct memory_space *space);

#endif
