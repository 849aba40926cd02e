/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: files, directories and mounts (decode/files.def).
 */
#ifndef RENACER_DECODE_FILES_H
#define RENACER_DECODE_FILES_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/files.def"
#undef DECODED

/* What stands behind the first `known` bytes of a structure of which a call takes `size` bytes: nothing if it is all 0,
 * as those members are then that a later kernel has. (decode/sized.c) */
void show_rest(struct decoding *decoding, uint64_t address, uint64_t known, uint64_t size);

#endif
