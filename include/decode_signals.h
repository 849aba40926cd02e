/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: decode/signals.def.
 */
#ifndef RENACER_DECODE_SIGNALS_H
#define RENACER_DECODE_SIGNALS_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/signals.def"
#undef DECODED

/* A siginfo_t whose SIGINFO_SIZE bytes are there. */
enum {
    SIGINFO_SIZE = 128,
};
void show_siginfo(struct decoding *decoding, const char *name, const uint8_t *bytes);

#endif
