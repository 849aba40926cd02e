/* SPDX-License-Identifier: MIT
 *
 * Where a process has code: its executable mappings, as the kernel tells them of a
 * process that stands still, and which calls change them.
 */
#ifndef RENACER_CODE_MAPS_H
#define RENACER_CODE_MAPS_H

#include "mapping.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Addresses from `start` to before `end`. */
struct code_range {
    uint64_t start;
    uint64_t end;
};

#define CODE_ANYWHERE ((struct code_range){0, UINT64_MAX})

/* Takes a mapping, which is valid only during the call. Its file is -1. */
typedef void code_maps_taker(void *context, const struct mapping *mapping);

/* Hand over the executable mappings of the process of thread `tid` of which a part lies in the range, in the order
 * of their addresses. `build_ids`: with these, where the kernel tells them; it reads them from the files, and waits for
 * whoever supplies those. 0, or -errno if they cannot be asked for. */
int code_maps_read(pid_t tid, struct code_range range, bool build_ids, code_maps_taker *take, void *context);

/* The same from a text as proc_pid_maps(5) has it: for kernels that cannot be asked for one mapping (before Linux
 * 6.11); there are no build ids. Lines that are not understood are left out. */
void code_maps_read_text(FILE *maps, struct code_range range, code_maps_taker *take, void *context);

/* Whether a native call of x86-64 that has returned `result` may have mapped code, and where then. One that takes code
 * away is not told: nothing runs there until other code is mapped. Of other architectures no stack is unwound. */
bool code_maps_changed(int64_t number, const uint64_t args[6], int64_t result, struct code_range *range);

#endif
