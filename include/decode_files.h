/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: decode/files.def.
 */
#ifndef RENACER_DECODE_FILES_H
#define RENACER_DECODE_FILES_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/files.def"
#undef DECODED

#endif
