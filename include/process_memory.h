/* SPDX-License-Identifier: MIT
 *
 * The memory of a process for a golden trace: what its program started with,
 * and what its calls mapped since (include/address_space.h has the names).
 */
#ifndef RENACER_PROCESS_MEMORY_H
#define RENACER_PROCESS_MEMORY_H

#include "record.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_memory;

/* Of a process of which nothing is known. NULL: no memory. */
struct process_memory *process_memory_create(void);
/* As a child of fork has it. NULL: no memory. */
struct process_memory *process_memory_copy(const struct process_memory *memory);
/* NULL is fine. */
void process_memory_destroy(struct process_memory *memory);

/* The memory of a program that starts: the text of its /proc/PID/maps, of which any bytes are safe, and the stack
 * pointer with which it starts (0: not known). NULL: no memory. */
struct process_memory *process_memory_start(uint64_t stack, const char *maps, size_t size);

/* What new areas are called. */
struct mapping_names {
    const char *file;      /* mapped by the call, or NULL if it is not known */
    const char *anonymous; /* the next mapping without a file */
    const char *shared;    /* the segment of a shmat */
};

/* A call that asks for memory is about to be shown: what brk asks for is known from now on. */
void process_memory_ask(struct process_memory *memory, const struct record *call);

/* Such a call succeeded. 1 if the name of an anonymous mapping was used, 0 if not, or -ENOMEM. */
int process_memory_take(struct process_memory *memory, const struct record *call, const struct mapping_names *names);

/* Append the name of an address; false, and nothing, if it has none. */
bool process_memory_name(const struct process_memory *memory, uint64_t address, struct text *text);

/* The name of the area that the address is in, or NULL. */
const char *process_memory_area(const struct process_memory *memory, uint64_t address);

/* The bytes of a file's path that name its mappings, up to *length. */
const char *mapped_name(const char *path, size_t size, size_t *length);

/* Append such a name so that it can stand in a line: UTF-8 without control characters. */
void mapped_name_to_text(const char *name, size_t length, struct text *text);

#endif
