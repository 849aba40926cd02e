/* SPDX-License-Identifier: MIT
 *
 * io_uring_register(2): what is registered, by operation.
 */
#include "decode_waiting.h"

#include <linux/io_uring.h>

enum {
    PROBE_MAX = 256, /* operations that the kernel tells of */
    CPUS_MAX = 128,  /* bytes of a mask of processors */
};

/* The number of things that are registered, or the size of the structure that tells of them. */
static uint32_t count_of(const struct decoding *decoding) {
    return (uint32_t)referenced(decoding);
}

/* ------------------------------------------------------------------------- vectors */

static void show_fd(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_descriptor(decoding, NULL, (int32_t)number_in(element, sizeof(int32_t)));
}

static void show_fds(struct decoding *decoding, const char *name, uint64_t address, uint64_t count) {
    show_vector(decoding, name, address, count, sizeof(int32_t), show_fd, NULL);
}

/* In an update one can be left as it is. */
static void show_new_fd(struct decoding *decoding, const uint8_t *element, void *context) {
    if ((int32_t)number_in(element, sizeof(int32_t)) == IORING_REGISTER_FILES_SKIP) {
        show_words(decoding, NULL, "IORING_REGISTER_FILES_SKIP");
    } else {
        show_fd(decoding, element, context);
    }
}

static void show_tag(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_hex(decoding, NULL, number_in(element, sizeof(uint64_t)));
}

static void show_tags(struct decoding *decoding, const char *name, uint64_t address, uint64_t count) {
    show_vector(decoding, name, address, count, sizeof(uint64_t), show_tag, NULL);
}

static void show_ring_fd(struct decoding *decoding, const uint8_t *element, void *context) {
    const bool *is_new = context;
    struct members members = members_of(decoding, element);
    uint32_t offset = take_u32(&members);
    uint32_t reserved = take_u32(&members);
    uint64_t data = take_u64(&members);
    show_open(decoding, NULL, "{");
    if (*is_new && offset == UINT32_MAX) {
        show_signed(decoding, "offset", -1);
    } else {
        show_unsigned(decoding, "offset", offset);
    }
    if (reserved) {
        show_hex(decoding, "resv", reserved);
    }
    if (*is_new) {
        show_descriptor(decoding, "data", (int32_t)data);
    } else {
        show_hex(decoding, "data", data);
    }
    show_close(decoding, "}");
}

static void show_ring_fds(struct decoding *decoding, uint64_t address, bool is_new) {
    show_vector(decoding, NULL, address, count_of(decoding), sizeof(struct io_uring_rsrc_update), show_ring_fd,
                &is_new);
}

static void show_restriction(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct members members = members_of(decoding, element);
    uint16_t code = take_u16(&members);
    uint8_t what = take_u8(&members);
    uint8_t reserved = take_u8(&members);
    show_open(decoding, NULL, "{");
    show_set(decoding, "opcode", A_IORING_RESTRICTION, code);
    switch (code) {
    case IORING_RESTRICTION_REGISTER_OP:
        show_set(decoding, "register_op", A_IORING_REGISTER, what);
        break;
    case IORING_RESTRICTION_SQE_OP:
        show_set(decoding, "sqe_op", A_IORING_OP, what);
        break;
    case IORING_RESTRICTION_SQE_FLAGS_ALLOWED:
    case IORING_RESTRICTION_SQE_FLAGS_REQUIRED:
        show_set(decoding, "sqe_flags", A_IOSQE, what);
        break;
    default:
        show_comment(decoding, what ? "op: %#x" : "op: %x", what);
        break;
    }
    if (reserved) {
        show_hex(decoding, "resv", reserved);
    }
    show_reserved(decoding, "resv2", &members, 3, sizeof(uint32_t));
    show_close(decoding, "}");
}

/* ----------------------------------------------------------------------- structures */

static void show_files_update(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct io_uring_files_update));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "offset", take_u32(&members));
    uint32_t reserved = take_u32(&members);
    if (reserved) {
        show_hex(decoding, "resv", reserved);
    }
    show_vector(decoding, "fds", take_u64(&members), count_of(decoding), sizeof(int32_t), show_new_fd, NULL);
    show_close(decoding, "}");
}

/* The size stands beside the address; of others than this nothing is known. */
static const uint8_t *resources_at(struct decoding *decoding, uint64_t address) {
    enum {
        SIZE = 32, /* of struct io_uring_rsrc_register and struct io_uring_rsrc_update2 */
    };
    const uint8_t *bytes = count_of(decoding) == SIZE ? memory_at(decoding, address, SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
    }
    return bytes;
}

static void show_registration(struct decoding *decoding, uint64_t address, bool are_files) {
    const uint8_t *bytes = resources_at(decoding, address);
    if (!bytes) {
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint32_t count = take_u32(&members);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "nr", count);
    show_set(decoding, "flags", A_IORING_RSRC, take_u32(&members));
    uint64_t reserved = take_u64(&members);
    if (reserved) {
        show_hex(decoding, "resv2", reserved);
    }
    uint64_t data = take_u64(&members);
    if (are_files) {
        show_fds(decoding, "data", data, count);
    } else {
        show_iovec_addresses(decoding, "data", data, count);
    }
    show_tags(decoding, "tags", take_u64(&members), count);
    show_close(decoding, "}");
}

static void show_update(struct decoding *decoding, uint64_t address, bool are_files) {
    const uint8_t *bytes = resources_at(decoding, address);
    if (!bytes) {
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint32_t offset = take_u32(&members);
    uint32_t reserved = take_u32(&members);
    uint64_t data = take_u64(&members);
    uint64_t tags = take_u64(&members);
    uint32_t count = take_u32(&members);
    uint32_t reserved2 = take_u32(&members);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "offset", offset);
    if (reserved) {
        show_hex(decoding, "resv", reserved);
    }
    if (are_files) {
        show_vector(decoding, "data", data, count, sizeof(int32_t), show_new_fd, NULL);
    } else {
        show_iovec_addresses(decoding, "data", data, count);
    }
    show_tags(decoding, "tags", tags, count);
    show_unsigned(decoding, "nr", count);
    if (reserved2) {
        show_hex(decoding, "resv2", reserved2);
    }
    show_close(decoding, "}");
}

static void show_buffer_ring(struct decoding *decoding, uint64_t address) {
    enum {
        SIZE = 40, /* of struct io_uring_buf_reg */
    };
    const uint8_t *bytes = memory_at(decoding, address, SIZE);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_hex(decoding, "ring_addr", take_u64(&members));
    show_unsigned(decoding, "ring_entries", take_u32(&members));
    show_unsigned(decoding, "bgid", take_u16(&members));
    uint16_t padding = take_u16(&members);
    if (padding) {
        show_hex(decoding, "pad", padding);
    }
    show_reserved(decoding, "resv", &members, 3, sizeof(uint64_t));
    show_close(decoding, "}");
}

static void show_processors(struct decoding *decoding, uint64_t address) {
    uint32_t size = count_of(decoding);
    uint32_t have = size < CPUS_MAX ? size : CPUS_MAX;
    const uint8_t *mask = have ? memory_at(decoding, address, have) : NULL;
    if (!mask && (have || !address)) {
        show_address(decoding, NULL, address);
        return;
    }
    const char *before = "";
    show_open(decoding, NULL, "[");
    for (unsigned cpu = 0; cpu < 8 * have; cpu++) {
        if (mask[cpu / 8] >> cpu % 8 & 1) {
            show_joint(decoding, before);
            show_unsigned(decoding, NULL, cpu);
            before = " ";
        }
    }
    if (have < size) {
        show_joint(decoding, before);
        show_dots(decoding);
    }
    show_close(decoding, "]");
}

/* ------------------------------------------------------------- what is told in return */

static void show_worker(struct decoding *decoding, const uint8_t *element, void *context) {
    unsigned *index = context;
    show_open(decoding, NULL, "[");
    show_set(decoding, NULL, A_IO_WQ, (*index)++);
    show_close(decoding, "]");
    show_joint(decoding, "=");
    show_unsigned(decoding, NULL, number_in(element, sizeof(uint32_t)));
}

static bool show_workers(struct decoding *decoding, uint64_t address) {
    unsigned index = 0;
    return show_vector(decoding, NULL, address, count_of(decoding), sizeof(uint32_t), show_worker, &index) > 0;
}

/* How many threads there may be, and how many there might have been before. */
static void show_worker_limits(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        show_workers(decoding, address);
        return;
    }
    look_back(decoding, true);
    bool has_any = show_workers(decoding, address);
    look_back(decoding, false);
    if (!has_any) {
        return;
    }
    show_joint(decoding, " => ");
    if (decoding->delivered) {
        show_workers(decoding, address);
    } else {
        show_address(decoding, NULL, address);
    }
}

static size_t probe_size(const struct decoding *decoding) {
    return sizeof(struct io_uring_probe) + count_of(decoding) * sizeof(struct io_uring_probe_op);
}

static void show_probe(struct decoding *decoding, const uint8_t *bytes) {
    uint32_t count = count_of(decoding);
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_set(decoding, "last_op", A_IORING_OP_NUMBER, take_u8(&members));
    show_unsigned(decoding, "ops_len", take_u8(&members));
    take_u16(&members);
    show_reserved(decoding, "resv2", &members, 3, sizeof(uint32_t));
    show_open(decoding, "ops", "[");
    unsigned shown = decoding->verbose || count < 32 ? count : 32;
    for (unsigned i = 0; i < shown; i++) {
        show_open(decoding, NULL, "{");
        show_set(decoding, "op", A_IORING_OP_NUMBER, take_u8(&members));
        uint8_t reserved = take_u8(&members);
        if (reserved) {
            show_hex(decoding, "resv", reserved);
        }
        show_set(decoding, "flags", A_IO_URING_OP, take_u16(&members));
        uint32_t reserved2 = take_u32(&members);
        if (reserved2) {
            show_hex(decoding, "resv2", reserved2);
        }
        show_close(decoding, "}");
    }
    if (shown < count) {
        show_dots(decoding);
    }
    show_close(decoding, "]");
    show_close(decoding, "}");
}

static bool is_zero(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

/* Which operations the kernel has. What stood there before is shown only if it was not 0, as it should be. */
static void show_probing(struct decoding *decoding, uint64_t address) {
    size_t size = probe_size(decoding);
    bool fits = count_of(decoding) <= PROBE_MAX;
    const uint8_t *after = fits && decoding->delivered ? memory_at(decoding, address, size) : NULL;
    if (is_read_at_exit(decoding)) {
        return;
    }
    look_back(decoding, true);
    const uint8_t *before = fits ? memory_at(decoding, address, size) : NULL;
    look_back(decoding, false);
    if (!before) {
        show_address(decoding, NULL, address);
    } else if (!after) {
        show_probe(decoding, before);
    } else {
        if (!is_zero(before, size)) {
            show_probe(decoding, before);
            show_joint(decoding, " => ");
        }
        show_probe(decoding, after);
    }
}

/* -------------------------------------------------------------------- every operation */

static void show_argument(struct decoding *decoding, uint64_t address) {
    uint32_t count = count_of(decoding);
    switch ((uint32_t)argument_of(decoding, 1)) {
    case IORING_REGISTER_BUFFERS:
        show_iovec_addresses(decoding, NULL, address, count);
        break;
    case IORING_REGISTER_FILES:
    case IORING_REGISTER_EVENTFD:
    case IORING_REGISTER_EVENTFD_ASYNC:
        show_fds(decoding, NULL, address, count);
        break;
    case IORING_REGISTER_FILES_UPDATE:
        show_files_update(decoding, address);
        break;
    case IORING_REGISTER_RESTRICTIONS:
        show_vector(decoding, NULL, address, count, sizeof(struct io_uring_restriction), show_restriction, NULL);
        break;
    case IORING_REGISTER_FILES2:
    case IORING_REGISTER_BUFFERS2:
        show_registration(decoding, address, argument_of(decoding, 1) == IORING_REGISTER_FILES2);
        break;
    case IORING_REGISTER_FILES_UPDATE2:
    case IORING_REGISTER_BUFFERS_UPDATE:
        show_update(decoding, address, argument_of(decoding, 1) == IORING_REGISTER_FILES_UPDATE2);
        break;
    case IORING_REGISTER_IOWQ_AFF:
        show_processors(decoding, address);
        break;
    case IORING_REGISTER_RING_FDS:
    case IORING_UNREGISTER_RING_FDS:
        show_ring_fds(decoding, address, argument_of(decoding, 1) == IORING_REGISTER_RING_FDS);
        break;
    case IORING_REGISTER_PBUF_RING:
    case IORING_UNREGISTER_PBUF_RING:
        show_buffer_ring(decoding, address);
        break;
    default:
        show_address(decoding, NULL, address);
        break;
    }
}

void decode_uring_argument(struct decoding *decoding, uint64_t address) {
    switch ((uint32_t)argument_of(decoding, 1)) {
    case IORING_REGISTER_PROBE:
        show_probing(decoding, address);
        break;
    case IORING_REGISTER_IOWQ_MAX_WORKERS:
        show_worker_limits(decoding, address);
        break;
    default:
        if (!is_read_at_exit(decoding)) {
            look_back(decoding, true);
            show_argument(decoding, address);
            look_back(decoding, false);
        }
        break;
    }
}
