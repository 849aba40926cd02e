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

/* What select(2) found and how much time is left: " (in [3], out [4], left {tv_sec=1, tv_usec=500})". Of its arguments,
 * and of the time that ppoll(2) waits, each shows its part. */
void found_fd_set(struct decoding *decoding, uint64_t address);
void found_wait_timeval(struct decoding *decoding, uint64_t address);
void found_wait_timespec(struct decoding *decoding, uint64_t address);
void found_wait_timespec64(struct decoding *decoding, uint64_t address);
void found_select_arguments(struct decoding *decoding, uint64_t address);

/* Members that have no meaning yet: `count` numbers of `size` bytes, shown if they are not 0. */
void show_reserved(struct decoding *decoding, const char *name, struct members *members, unsigned count, unsigned size);

/* struct iovec[] without the bytes of each. */
void show_iovec_addresses(struct decoding *decoding, const char *name, uint64_t address, uint64_t count);

#endif
