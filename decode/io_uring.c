/* SPDX-License-Identifier: MIT
 *
 * io_uring_setup(2): what the rings are to be like, and what they are like.
 */
#include "decode_waiting.h"

#include <linux/io_uring.h>

/* "name=[0x1, 0, 0x2]": members that have no meaning yet, which are shown if they are not 0. */
void show_reserved(struct decoding *decoding, const char *name, struct members *members, unsigned count,
                   unsigned size) {
    bool is_set = false;
    struct members ahead = *members;
    for (unsigned i = 0; i < count; i++) {
        is_set = (size == sizeof(uint64_t) ? take_u64(&ahead) : take_u32(&ahead)) || is_set;
    }
    if (is_set) {
        show_open(decoding, name, "[");
        for (unsigned i = 0; i < count; i++) {
            show_hex(decoding, NULL, size == sizeof(uint64_t) ? take_u64(members) : take_u32(members));
        }
        show_close(decoding, "]");
    }
    *members = ahead;
}

static void show_reserved_number(struct decoding *decoding, const char *name, uint64_t number) {
    if (number) {
        show_hex(decoding, name, number);
    }
}

static void show_submission_ring(struct decoding *decoding, struct members *members) {
    show_open(decoding, "sq_off", "{");
    show_unsigned(decoding, "head", take_u32(members));
    show_unsigned(decoding, "tail", take_u32(members));
    show_unsigned(decoding, "ring_mask", take_u32(members));
    show_unsigned(decoding, "ring_entries", take_u32(members));
    show_unsigned(decoding, "flags", take_u32(members));
    show_unsigned(decoding, "dropped", take_u32(members));
    show_unsigned(decoding, "array", take_u32(members));
    show_reserved_number(decoding, "resv1", take_u32(members));
    show_reserved_number(decoding, "resv2", take_u64(members));
    show_close(decoding, "}");
}

static void show_completion_ring(struct decoding *decoding, struct members *members) {
    show_open(decoding, "cq_off", "{");
    show_unsigned(decoding, "head", take_u32(members));
    show_unsigned(decoding, "tail", take_u32(members));
    show_unsigned(decoding, "ring_mask", take_u32(members));
    show_unsigned(decoding, "ring_entries", take_u32(members));
    show_unsigned(decoding, "overflow", take_u32(members));
    show_unsigned(decoding, "cqes", take_u32(members));
    show_unsigned(decoding, "flags", take_u32(members));
    show_reserved_number(decoding, "resv1", take_u32(members));
    show_reserved_number(decoding, "resv2", take_u64(members));
    show_close(decoding, "}");
}

/* What the caller asks for. */
static void show_asked(struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    take_u32(&members);
    take_u32(&members);
    uint32_t flags = take_u32(&members);
    show_set(decoding, "flags", A_IORING_SETUP, flags);
    show_hex(decoding, "sq_thread_cpu", take_u32(&members));
    show_unsigned(decoding, "sq_thread_idle", take_u32(&members));
    take_u32(&members);
    int32_t other_ring = take_i32(&members);
    if (flags & IORING_SETUP_ATTACH_WQ) {
        show_descriptor(decoding, "wq_fd", other_ring);
    }
    show_reserved(decoding, "resv", &members, 3, sizeof(uint32_t));
}

/* What it gets. */
static void show_given(struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    show_unsigned(decoding, "sq_entries", take_u32(&members));
    show_unsigned(decoding, "cq_entries", take_u32(&members));
    take_bytes(&members, 3 * sizeof(uint32_t)); /* flags, sq_thread_cpu, sq_thread_idle */
    show_set(decoding, "features", A_IORING_FEAT, take_u32(&members));
    take_bytes(&members, 4 * sizeof(uint32_t)); /* wq_fd, resv */
    show_submission_ring(decoding, &members);
    show_completion_ring(decoding, &members);
}

void decode_uring_params(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        memory_at(decoding, address, sizeof(struct io_uring_params));
        return;
    }
    look_back(decoding, true);
    const uint8_t *asked = memory_at(decoding, address, sizeof(struct io_uring_params));
    look_back(decoding, false);
    if (!asked) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_asked(decoding, asked);
    const uint8_t *given = decoding->delivered ? memory_at(decoding, address, sizeof(struct io_uring_params)) : NULL;
    if (given) {
        show_given(decoding, given);
    }
    show_close(decoding, "}");
}
