/* SPDX-License-Identifier: MIT
 *
 * Groups and capabilities.
 */
#include "decode_processes.h"

#include <linux/capability.h>

/* ---------------------------------------------------------------------------- groups */

enum {
    GROUPS_MAX = 65536, /* NGROUPS_MAX of the kernel */
};

static void show_group(struct decoding *decoding, const uint8_t *element, void *context) {
    unsigned size = *(const unsigned *)context;
    uint64_t group = number_in(element, size);
    show_signed(decoding, NULL, group == (UINT32_MAX >> (32 - 8 * size)) ? -1 : (int64_t)group);
}

/* As many as the program says, or as the call has found. */
static void show_groups(struct decoding *decoding, uint64_t address, unsigned size) {
    uint32_t count = (uint32_t)(decoding->delivered ? (uint64_t)decoding->result : referenced(decoding));
    if (count > GROUPS_MAX) {
        show_address(decoding, NULL, address);
    } else {
        show_vector(decoding, NULL, address, count, size, show_group, &size);
    }
}

/* Calls without "32" in their name have 16 bits on i386. */
void decode_groups(struct decoding *decoding, uint64_t address) {
    show_groups(decoding, address, decoding->arch == ARCH_I386 ? sizeof(uint16_t) : sizeof(uint32_t));
}

void decode_groups32(struct decoding *decoding, uint64_t address) {
    show_groups(decoding, address, sizeof(uint32_t));
}

/* ---------------------------------------------------------------------- capabilities */

enum {
    HEADER_SIZE = 8,
    SET_SIZE = 12, /* of struct __user_cap_data_struct */
    SETS = 3,
    SET_BITS = 32,
};

void decode_cap_header(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, HEADER_SIZE);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "version", A_CAP_VERSION, take_u32(&members));
    show_process(decoding, "pid", take_i32(&members));
    show_close(decoding, "}");
}

/* The capabilities of one word, of which the lowest bit is capability `first`. */
static void show_half(struct decoding *decoding, uint32_t half, unsigned first, const char *separator) {
    uint32_t rest = 0;
    bool has_name = false;
    for (unsigned bit = 0; bit < SET_BITS; bit++) {
        const struct constant *constant = constant_find(constant_set(A_CAP), first + bit);
        uint32_t here = half & 1U << bit;
        if (here && constant) {
            show_more(decoding, "%s1<<%s", separator, constant->name);
            has_name = true;
            separator = "|";
        } else {
            rest |= here;
        }
    }
    if (rest) {
        show_more(decoding, has_name ? "%s%#x" : "%s%#x /* CAP_??? */", separator, rest);
    }
}

static void show_capabilities(struct decoding *decoding, const char *name, uint32_t low, uint32_t high) {
    show_words(decoding, name, "%s", low || high ? "" : "0");
    show_half(decoding, low, 0, "");
    show_half(decoding, high, SET_BITS, low ? "|" : "");
}

/* How many words each set has: the header says which version it is. */
static unsigned words_per_set(struct decoding *decoding) {
    const uint8_t *header = memory_at(decoding, argument_of(decoding, 0), HEADER_SIZE);
    uint32_t version = header ? (uint32_t)number_in(header, sizeof(version)) : 0;
    if (!header) {
        return 0;
    }
    return version == _LINUX_CAPABILITY_VERSION_2 || version == _LINUX_CAPABILITY_VERSION_3 ? 2 : 1;
}

void decode_cap_data(struct decoding *decoding, uint64_t address) {
    static const char *const names[SETS] = {"effective", "permitted", "inheritable"};
    unsigned words = words_per_set(decoding);
    const uint8_t *bytes = words ? memory_at(decoding, address, (size_t)words * SET_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    for (unsigned i = 0; i < SETS; i++) {
        const uint8_t *low = bytes + (size_t)i * sizeof(uint32_t);
        uint64_t high = words > 1 ? number_in(low + SET_SIZE, sizeof(uint32_t)) : 0;
        show_capabilities(decoding, names[i], (uint32_t)number_in(low, sizeof(uint32_t)), (uint32_t)high);
    }
    show_close(decoding, "}");
}
