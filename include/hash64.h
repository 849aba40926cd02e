/* SPDX-License-Identifier: MIT
 *
 * Hashes of 64 bits, the same in every run and on every machine.
 */
#ifndef RENACER_HASH64_H
#define RENACER_HASH64_H

#include <stddef.h>
#include <stdint.h>

/* Every bit of the result depends on every bit of both. */
static inline uint64_t hash64_mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) + 0x9e3779b97f4a7c15U + (hash << 6) + (value >> 3);
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebU;
    return hash ^ hash >> 31;
}

static inline uint64_t hash64_bytes(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ byte[i]) * 0x100000001b3U;
    }
    return hash64_mix(hash, size);
}

#endif
