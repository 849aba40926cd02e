/* SPDX-License-Identifier: MIT
 *
 * Addresses of golden traces, "mmap#3+0x1000": each area has numbers of its
 * own for them.
 */
#ifndef RENACER_AREA_NAMES_H
#define RENACER_AREA_NAMES_H

#include "trace_reader.h"

#include <stddef.h>
#include <stdint.h>

enum {
    AREA_NAMES_MAX = 1 << 16,
};

#define AREA_ADDRESSES (UINT64_C(1) << 60) /* where those of all areas begin */
#define AREA_ADDRESSES_END (AREA_ADDRESSES + (UINT64_C(1) << 56))

struct area_name;

/* Zero-initialised before the first call. */
struct area_names {
    struct area_name *table;
};

/* The address: 1; 0 if the text is none that can be followed; -ENOMEM; -E2BIG if there are more than AREA_NAMES_MAX. */
int area_names_parse(struct area_names *names, const struct trace_bytes *text, uint64_t *address);
void area_names_finish(struct area_names *names);

#endif
