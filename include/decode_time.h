/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: decode/time.def.
 */
#ifndef RENACER_DECODE_TIME_H
#define RENACER_DECODE_TIME_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/time.def"
#undef DECODED

#endif
