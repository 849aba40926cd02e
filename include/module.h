/* SPDX-License-Identifier: MIT
 *
 * A module: an ELF file that processes map, with what it tells about addresses in
 * it. Addresses are those for which it was linked, as addr2line(1) takes them.
 *
 * Files are read, never mapped: whoever owns one may truncate it at any moment.
 * They may hold anything; what makes no sense is as if it were not there.
 */
#ifndef RENACER_MODULE_H
#define RENACER_MODULE_H

#include "debug_info.h"
#include "unwind_rule.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module;

enum {
    MODULE_SEGMENTS_MAX = 32, /* that are loaded; a file with more of them makes no sense */
};

/* A loaded part of the file: PT_LOAD. */
struct module_segment {
    uint64_t offset; /* in the file */
    uint64_t size;   /* of what the file has of it */
    uint64_t address;
};

/* Open the ELF file behind descriptor `file`, which it takes over whatever happens. `path` is for
 * finding debug files beside it. 0 with *result, or -errno (-ENOEXEC: not an ELF file for this machine). */
int module_open(struct module **result, int file, const char *path);
/* The vDSO of our own process, which is that of all processes of this kernel. */
int module_open_vdso(struct module **result);
/* NULL is fine. */
void module_close(struct module *module);

/* How many bytes it is; NULL with 0: it has none. */
const uint8_t *module_build_id(const struct module *module, size_t *size);

/* Its segments, those with code first, and how many they are; valid as long as the module. */
const struct module_segment *module_segments(const struct module *module, size_t *count);

/* The address of what stands at this offset in the file; false if no loaded segment has it. */
bool module_segment_address(const struct module_segment *segments, size_t count, uint64_t file_offset,
                            uint64_t *address);

/* How to unwind from a place (include/unwind_rule.h), from .eh_frame, else by the code itself
 * (include/known_code.h), else from .debug_frame. `address` is inside the
 * function, for callers the return address - 1. False: the file says nothing of it, or nonsense. The rule is the
 * caller's, and needs the module no longer. The first time reads the section as a whole. */
bool module_unwind_rule(struct module *module, uint64_t address, struct unwind_rule *rule);

/* Its symbols and what its debug information knows, found at first use; owned by the module. NULL without memory. */
struct debug_info *module_debug_info(struct module *module);

#endif
