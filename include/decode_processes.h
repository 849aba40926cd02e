/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: decode/processes.def.
 */
#ifndef RENACER_DECODE_PROCESSES_H
#define RENACER_DECODE_PROCESSES_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/processes.def"
#undef DECODED

/* Behind the result. */
void found_thread_area(struct decoding *decoding, uint64_t address);

/* struct user_desc at `address`. (decode/segment.c) */
void show_user_desc_at(struct decoding *decoding, const char *name, uint64_t address);

/* A number of 32 bits at `address`, by the names of a set, in brackets. (decode/prctl.c) */
void show_one(struct decoding *decoding, uint64_t address, enum arg_type set);

#endif
