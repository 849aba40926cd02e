/* SPDX-License-Identifier: MIT
 *
 * What the addresses of a process point to: its areas, by name, as they are
 * known from its start and from the calls that map memory. An address is named
 * by the area that it is or was last in: "libc.so.6+0x1f0", "mmap#3".
 */
#ifndef RENACER_ADDRESS_SPACE_H
#define RENACER_ADDRESS_SPACE_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct address_space;

/* Empty, or NULL: no memory. */
struct address_space *address_space_create(void);
/* As a child of fork has it; NULL: no memory. */
struct address_space *address_space_copy(const struct address_space *space);
void address_space_destroy(struct address_space *space);

/* From now on [start, start + length) is part of the area `name`, offsets in which count from `base`. Areas that it
 * covers lose that part. 0 or -ENOMEM. */
int address_space_map(struct address_space *space, uint64_t start, uint64_t length, const char *name, uint64_t base);

/* The same for one that grows downwards: offsets count from `base` down for addresses below it, and are shown behind
 * `name`; from `base` on the area is `above`, where offsets count up. */
int address_space_map_stack(struct address_space *space, uint64_t start, uint64_t length, uint64_t base,
                            const char *name, const char *above);

/* A part of the space was moved: mremap. What is named there keeps its name. 0 or -ENOMEM. */
int address_space_move(struct address_space *space, uint64_t from, uint64_t length, uint64_t to, uint64_t new_length);

/* The name of the area that the address is in, without an offset; NULL: it is in none. It lives as long as the space.
 */
const char *address_space_area(const struct address_space *space, uint64_t address);

/* Append what the address is, "name+0x10" or "name"; false, and nothing, for one that is in no area. */
bool address_space_name(const struct address_space *space, uint64_t address, struct text *text);

#endif
