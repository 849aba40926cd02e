/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: decode/ipc.def.
 */
#ifndef RENACER_DECODE_IPC_H
#define RENACER_DECODE_IPC_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/ipc.def"
#undef DECODED

#endif
