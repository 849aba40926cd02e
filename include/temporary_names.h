/* SPDX-License-Identifier: MIT
 *
 * Names that a program made up for its temporary files (mkstemp(3) and the
 * like), so that they can be told where they appear later.
 */
#ifndef RENACER_TEMPORARY_NAMES_H
#define RENACER_TEMPORARY_NAMES_H

#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct temporary_name;

/* Zero-initialised is empty. */
struct temporary_names {
    struct temporary_name *names;
    uint64_t count;
};

void temporary_names_finish(struct temporary_names *names);

/* If the call made a file or a folder under a name that it made up, keep that. 0 or -ENOMEM. */
int temporary_names_call(struct temporary_names *names, const struct record *call);

/* Whether these bytes are such a name: its number, from 1, or 0. */
uint64_t temporary_names_find(const struct temporary_names *names, const uint8_t *bytes, size_t size);

/* Whether a byte can be part of such a name. */
bool temporary_name_byte(uint8_t byte);

#endif
