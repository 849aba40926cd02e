/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: waiting for descriptors (decode/waiting.def), and what they found, behind the result.
 */
#ifndef RENACER_DECODE_WAITING_H
#define RENACER_DECODE_WAITING_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/waiting.def"
#undef DECODED

/* What poll(2) found: " ([{fd=3, revents=POLLIN}])". */
void found_pollfds(struct decoding *decoding, uint64_t address);

#endif
