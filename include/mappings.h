/* SPDX-License-Identifier: MIT
 *
 * What one address space has mapped: areas that do not overlap, in order. Processes
 * that were forked share theirs until one of them changes it.
 */
#ifndef RENACER_MAPPINGS_H
#define RENACER_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MAPPINGS_MAX = 65536, /* areas; as many as vm.max_map_count usually allows. More are not taken in */
};

struct area {
    uint64_t start;
    uint64_t end;
    uint64_t offset; /* of the start, in the file */
    void *of;        /* what is mapped, to whoever uses this; NULL: nothing that matters, which leaves a hole */
};

struct mappings;

/* NULL without memory. */
struct mappings *mappings_create(void);
/* One more owner. */
struct mappings *mappings_share(struct mappings *mappings);
/* NULL is fine. */
void mappings_release(struct mappings *mappings);

/* An area replaces what was there. *mappings becomes another one if it is shared. 0; -ENOMEM, -ENOSPC or -EINVAL:
 * nothing was changed. */
int mappings_set(struct mappings **mappings, const struct area *area);

/* The area with this address, or NULL; valid until the next change. */
const struct area *mappings_find(const struct mappings *mappings, uint64_t address);
size_t mappings_count(const struct mappings *mappings);

#endif
