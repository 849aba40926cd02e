/* SPDX-License-Identifier: MIT
 *
 * How threads are scheduled and on which processors, and kcmp(2).
 */
#include "decode_processes.h"

#include <string.h>

/* ------------------------------------------------------------------------ attributes */

enum {
    FIRST_SIZE = 48, /* SCHED_ATTR_SIZE_VER0 */
    KNOWN_SIZE = 56, /* SCHED_ATTR_SIZE_VER1 */
    KEEP_POLICY = 0x08,
    KEEP_PARAMS = 0x10,
};

/* Members of struct sched_attr as far as `size` goes; those that the kernel is told to keep are left out. */
static void show_members(struct decoding *decoding, const uint8_t *bytes, uint32_t size, bool is_asked) {
    struct members members = {.bytes = bytes};
    show_unsigned(decoding, "size", take_u32(&members));
    if (size < FIRST_SIZE) {
        return;
    }
    uint32_t policy = take_u32(&members);
    uint64_t flags = take_u64(&members);
    if (!is_asked || (int32_t)policy < 0 || !(flags & (KEEP_POLICY | KEEP_PARAMS))) {
        show_set(decoding, "sched_policy", A_SCHED, policy);
    }
    show_set(decoding, "sched_flags", A_SCHED_FLAGS, flags);
    if (!is_asked || !(flags & KEEP_PARAMS)) {
        show_signed(decoding, "sched_nice", take_i32(&members));
        show_unsigned(decoding, "sched_priority", take_u32(&members));
        show_unsigned(decoding, "sched_runtime", take_u64(&members));
        show_unsigned(decoding, "sched_deadline", take_u64(&members));
        show_unsigned(decoding, "sched_period", take_u64(&members));
    }
    if (size >= KNOWN_SIZE) {
        members.at = FIRST_SIZE;
        show_unsigned(decoding, "sched_util_min", take_u32(&members));
        show_unsigned(decoding, "sched_util_max", take_u32(&members));
    }
}

static void show_attr(struct decoding *decoding, const uint8_t *bytes, uint32_t size, uint32_t whole, bool is_asked) {
    show_open(decoding, NULL, "{");
    show_members(decoding, bytes, size, is_asked);
    if (whole > size) {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

/* The structure says its own size; 0 is that of the first. */
static void show_attr_asked(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(uint32_t));
    uint32_t whole = bytes ? (uint32_t)number_in(bytes, sizeof(whole)) : 0;
    whole = whole ? whole : FIRST_SIZE;
    uint32_t size = whole < KNOWN_SIZE ? whole : KNOWN_SIZE;
    if (bytes && size >= FIRST_SIZE) {
        bytes = memory_at(decoding, address, size);
    }
    if (bytes) {
        show_attr(decoding, bytes, size, whole, true);
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_sched_attr(struct decoding *decoding, uint64_t address) {
    if (!is_read_at_exit(decoding)) {
        look_back(decoding, true);
        show_attr_asked(decoding, address);
        look_back(decoding, false);
    }
    /* If it is too large for the kernel, that says which size it knows: decoded_at_failure(). */
    bool is_told = decoding->delivered && decoding->result < 0;
    const uint8_t *size = is_told ? memory_at(decoding, address, sizeof(uint32_t)) : NULL;
    if (size) {
        show_change(decoding);
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "size", number_in(size, sizeof(uint32_t)));
        show_close(decoding, "}");
    }
}

void decode_found_sched_attr(struct decoding *decoding, uint64_t address) {
    uint32_t room = (uint32_t)argument_of(decoding, 2);
    uint32_t size = room < KNOWN_SIZE ? room : KNOWN_SIZE;
    const uint8_t *bytes = size ? memory_at(decoding, address, size) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    uint8_t padded[KNOWN_SIZE] = {0};
    memcpy(padded, bytes, size);
    show_attr(decoding, padded, (uint32_t)number_in(padded, sizeof(uint32_t)), 0, false);
}

/* ------------------------------------------------------------------------ processors */

void decode_cpus(struct decoding *decoding, uint64_t address) {
    enum {
        MASK_MAX = 128, /* bytes of which the kernel takes notice, unless it was made for more than 1024 processors */
    };
    uint32_t length = (uint32_t)referenced(decoding);
    uint32_t size = length < MASK_MAX ? length : MASK_MAX;
    const uint8_t *mask = size ? memory_at(decoding, address, size) : NULL;
    if (size && !mask) {
        show_address(decoding, NULL, address);
        return;
    }
    const char *separator = "";
    show_open(decoding, NULL, "[");
    for (unsigned cpu = 0; cpu < 8 * size; cpu++) {
        if (mask[cpu / 8] >> cpu % 8 & 1) {
            show_more(decoding, "%s%u", separator, cpu);
            separator = " ";
        }
    }
    if (length > size) {
        show_more(decoding, "%s...", separator);
    }
    show_close(decoding, "]");
}

/* --------------------------------------------------------------------------- kcmp(2) */

/* A descriptor that an instance of epoll watches. They are another process's. */
void decode_epoll_slot(struct decoding *decoding, uint64_t address) {
    static const char *const names[] = {"efd", "tfd", "toff"};
    const uint8_t *bytes = memory_at(decoding, address, sizeof(names) / sizeof(names[0]) * sizeof(uint32_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_signed(decoding, names[0], take_i32(&members));
    show_signed(decoding, names[1], take_i32(&members));
    show_unsigned(decoding, names[2], take_u32(&members));
    show_close(decoding, "}");
}
