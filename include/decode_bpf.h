/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: programs of BPF, classic and extended, and events of perf (decode/bpf.def).
 */
#ifndef RENACER_DECODE_BPF_H
#define RENACER_DECODE_BPF_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/bpf.def"
#undef DECODED

/* Who runs a classic program: that says what its constants mean. */
enum filter_kind {
    FILTER_OF_SECCOMP,
    FILTER_OF_SOCKET,
};

/* The struct sock_fprog at `address`: {len=1, filter=[BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)]}. Its instructions
 * are shown with -v alone. */
void show_sock_fprog(struct decoding *decoding, const char *name, uint64_t address, enum filter_kind kind);

/* `count` instructions of struct sock_filter there. */
void show_sock_filters(struct decoding *decoding, const char *name, uint64_t address, uint64_t count,
                       enum filter_kind kind);

#endif
