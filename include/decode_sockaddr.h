/* SPDX-License-Identifier: MIT
 *
 * Addresses of sockets, by family (decode/sockaddr.c and its parts): what stands behind the family.
 */
#ifndef RENACER_DECODE_SOCKADDR_H
#define RENACER_DECODE_SOCKADDR_H

#include "decode_network.h"

enum {
    SOCKADDR_MAX = 128, /* sizeof(struct sockaddr_storage) */
};

/* Its first `size` bytes, at most SOCKADDR_MAX; NUL bytes behind them. */
struct sockaddr_bytes {
    size_t size;
    uint8_t bytes[SOCKADDR_MAX + 16];
};

/* How the addresses of a family are shown. */
struct sockaddr_family {
    size_t least; /* bytes; a shorter one is shown as bytes */
    void (*show)(struct decoding *decoding, const struct sockaddr_bytes *address);
};

/* Of a family that decode/sockaddr.c does not show itself; NULL: nor does strace. (decode/sockaddr_radio.c and
 * decode/sockaddr_other.c) */
const struct sockaddr_family *sockaddr_radio_family(unsigned family);
const struct sockaddr_family *sockaddr_other_family(unsigned family);

/* What the family has not said. */
void show_sockaddr_data(struct decoding *decoding, const struct sockaddr_bytes *address);

/* Of AF_INET and AF_INET6, behind the family. `size` bytes count. */
void show_inet_data(struct decoding *decoding, const uint8_t *bytes);
void show_inet6_data(struct decoding *decoding, const uint8_t *bytes, size_t size);

/* Members of `size` bytes that end in a NUL: the last byte is not shown, and dots say that it is another. */
void show_terminated(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);

/* 0xa, 00: as many characters as `size` bytes have digits, with the 0x. */
void show_padded_hex(struct decoding *decoding, const char *name, uint64_t number, unsigned size);

static inline struct members sockaddr_members(const struct decoding *decoding, const struct sockaddr_bytes *address,
                                              unsigned from) {
    return (struct members){.bytes = address->bytes, .at = from, .arch = decoding->arch};
}

#endif
