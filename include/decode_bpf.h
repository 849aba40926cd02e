/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: decode/bpf.def.
 */
#ifndef RENACER_DECODE_BPF_H
#define RENACER_DECODE_BPF_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/bpf.def"
#undef DECODED

#endif
