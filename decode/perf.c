/* SPDX-License-Identifier: MIT
 *
 * perf_event_open(2) and the requests of its descriptors: what is measured.
 */
#include "decode_bpf.h"

#include <linux/perf_event.h>
#include <string.h>

enum {
    ATTRIBUTES_KNOWN = 128, /* PERF_ATTR_SIZE_VER7, up to sig_data */
    ATTRIBUTES_SHORT = 48,  /* up to the bits: what is shown without -v */
};

/* The bits behind read_format, by their places. */
static const char *const bit_names[] = {
    "disabled",
    "inherit",
    "pinned",
    "exclusive",
    "exclude_user",
    "exclude_kernel",
    "exclude_hv",
    "exclude_idle",
    "mmap",
    "comm",
    "freq",
    "inherit_stat",
    "enable_on_exec",
    "task",
    "watermark",
    NULL, /* precise_ip */
    NULL,
    "mmap_data",
    "sample_id_all",
    "exclude_host",
    "exclude_guest",
    "exclude_callchain_kernel",
    "exclude_callchain_user",
    "mmap2",
    "comm_exec",
    "use_clockid",
    "context_switch",
    "write_backward",
    "namespaces",
    "ksymbol",
    "bpf_event",
    "aux_output",
    "cgroup",
    "text_poke",
    "build_id",
    "inherit_thread",
    "remove_on_exec",
    "sigtrap",
};

enum {
    BIT_FREQ = 10,
    BIT_WATERMARK = 14,
    BIT_PRECISE = 15, /* and the next */
    BIT_CLOCK = 25,
    BITS = sizeof(bit_names) / sizeof(bit_names[0]),
};

static bool has_bit(uint64_t bits, unsigned bit) {
    return bits >> bit & 1;
}

static void show_cache(struct decoding *decoding, uint64_t config) {
    if (config >> 32) {
        show_words(decoding, "config", "%#x<<32", (unsigned)(config >> 32));
        show_joint(decoding, "|");
    }
    const char *name = config >> 32 ? NULL : "config";
    if (config >> 24 & 0xff) {
        show_words(decoding, name, "%#x<<24", (unsigned)(config >> 24 & 0xff));
        show_joint(decoding, "|");
        name = NULL;
    }
    show_set(decoding, name, A_PERF_CACHE_RESULT, config >> 16 & 0xff);
    show_more(decoding, "<<16");
    show_joint(decoding, "|");
    show_set(decoding, NULL, A_PERF_CACHE_OP, config >> 8 & 0xff);
    show_more(decoding, "<<8");
    show_joint(decoding, "|");
    show_set(decoding, NULL, A_PERF_CACHE, config & 0xff);
}

static void show_config(struct decoding *decoding, uint32_t type, uint64_t config) {
    switch (type) {
    case PERF_TYPE_HARDWARE:
        if (config >> 32) {
            show_words(decoding, "config", "%#x<<32", (unsigned)(config >> 32));
            show_joint(decoding, "|");
        }
        show_set(decoding, config >> 32 ? NULL : "config", A_PERF_HARDWARE, (uint32_t)config);
        break;
    case PERF_TYPE_SOFTWARE:
        show_set(decoding, "config", A_PERF_SOFTWARE, config);
        break;
    case PERF_TYPE_TRACEPOINT:
        show_unsigned(decoding, "config", config);
        break;
    case PERF_TYPE_HW_CACHE:
        show_cache(decoding, config);
        break;
    default:
        show_hex(decoding, "config", config);
        break;
    }
}

/* Without -v those alone that are set. */
static void show_bits(struct decoding *decoding, uint64_t bits) {
    static const char *const skids[] = {"arbitrary skid", "constant skid", "requested to have 0 skid",
                                        "must have 0 skid"};
    for (unsigned i = 0; i < BITS; i++) {
        if (i == BIT_PRECISE) {
            show_unsigned(decoding, "precise_ip", bits >> i & 3);
            show_comment(decoding, "%s", skids[bits >> i & 3]);
        } else if (bit_names[i] && (decoding->verbose || has_bit(bits, i))) {
            show_unsigned(decoding, bit_names[i], has_bit(bits, i));
        }
    }
    if (bits >> BITS) {
        show_hex(decoding, "__reserved_1", bits >> BITS);
        show_comment(decoding, "Bits %u..%u", 63, BITS);
    }
}

/* Of the first version of the structure. */
struct head {
    uint32_t type;
    uint64_t sample_type;
    uint64_t bits;
    uint64_t config1;
    uint32_t wakeup;
    uint32_t bp_type;
};

/* If the structure is too large for the kernel, that says there which size it knows: decoded_at_failure(). */
static void show_known_size(struct decoding *decoding, uint64_t address) {
    look_back(decoding, false);
    const uint8_t *bytes = memory_at(decoding, address, 2 * sizeof(uint32_t));
    look_back(decoding, true);
    if (bytes) {
        show_change(decoding);
        show_set(decoding, NULL, A_PERF_ATTR_SIZE, number_in(bytes + sizeof(uint32_t), sizeof(uint32_t)));
    }
}

static struct head show_head(struct decoding *decoding, uint64_t address, struct members *members) {
    struct head head = {.type = take_u32(members)};
    show_set(decoding, "type", A_PERF_TYPE, head.type);
    show_set(decoding, "size", A_PERF_ATTR_SIZE, take_u32(members));
    if (decoding->delivered && decoding->result < 0) {
        show_known_size(decoding, address);
    }
    show_config(decoding, head.type, take_u64(members));
    uint64_t sample = take_u64(members);
    head.sample_type = take_u64(members);
    uint64_t format = take_u64(members);
    head.bits = take_u64(members);
    head.wakeup = take_u32(members);
    head.bp_type = take_u32(members);
    head.config1 = take_u64(members);
    show_unsigned(decoding, has_bit(head.bits, BIT_FREQ) ? "sample_freq" : "sample_period", sample);
    show_set(decoding, "sample_type", A_PERF_SAMPLE, head.sample_type);
    show_set(decoding, "read_format", A_PERF_FORMAT, format);
    show_bits(decoding, head.bits);
    return head;
}

/* What the second half of 4 bytes holds that has no meaning yet. */
static void show_unused(struct decoding *decoding, unsigned number, unsigned first, unsigned last) {
    if (number) {
        show_comment(decoding, "bytes %u..%u: %#x", first, last, number);
    }
}

/* Members that later versions have added, as far as they are there. */
static void show_additions(struct decoding *decoding, const struct head *head, struct members *members, size_t size) {
    bool is_breakpoint = head->type == PERF_TYPE_BREAKPOINT;
    bool has_more = members->at < size;
    uint64_t config2 = take_u64(members);
    if (has_more && is_breakpoint) {
        show_unsigned(decoding, "bp_len", config2);
    } else if (has_more) {
        show_hex(decoding, "config2", config2);
    }
    has_more = members->at < size;
    uint64_t branches = take_u64(members);
    if (has_more && head->sample_type & PERF_SAMPLE_BRANCH_STACK) {
        show_set(decoding, "branch_sample_type", A_PERF_BRANCH, branches);
    }
    if (members->at < size) {
        show_hex(decoding, "sample_regs_user", take_u64(members));
    }
    has_more = members->at < size;
    uint32_t stack = take_u32(members);
    if (has_more && head->sample_type & PERF_SAMPLE_STACK_USER) {
        show_hex(decoding, "sample_stack_user", stack);
    }
    has_more = members->at < size;
    uint32_t clock = take_u32(members);
    if (has_more && has_bit(head->bits, BIT_CLOCK)) {
        show_set(decoding, "clockid", A_CLOCK_NAME, clock);
    }
    if (members->at < size) {
        show_hex(decoding, "sample_regs_intr", take_u64(members));
    }
    if (members->at < size) {
        show_unsigned(decoding, "aux_watermark", take_u32(members));
    }
    if (members->at < size) {
        show_unsigned(decoding, "sample_max_stack", take_u16(members));
        show_unused(decoding, take_u16(members), 110, 111);
    }
    if (members->at < size) {
        show_unsigned(decoding, "aux_sample_size", take_u32(members));
        show_unused(decoding, take_u32(members), 116, 119);
    }
    if (members->at < size) {
        show_hex(decoding, "sig_data", take_u64(members));
    }
}

static void show_details(struct decoding *decoding, const struct head *head, struct members *members, uint32_t size) {
    show_unsigned(decoding, has_bit(head->bits, BIT_WATERMARK) ? "wakeup_watermark" : "wakeup_events", head->wakeup);
    if (head->type == PERF_TYPE_BREAKPOINT) {
        show_set(decoding, "bp_type", A_HW_BREAKPOINT, head->bp_type);
        show_hex(decoding, "bp_addr", head->config1);
    } else {
        show_hex(decoding, "config1", head->config1);
    }
    show_additions(decoding, head, members, size);
    if (size > ATTRIBUTES_KNOWN) {
        show_dots(decoding);
    }
}

/* The size is a member; 0 is that of the first version. */
static uint32_t attributes_size(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, ATTRIBUTES_SHORT);
    uint32_t size = bytes ? (uint32_t)number_in(bytes + sizeof(uint32_t), sizeof(uint32_t)) : 1;
    return size ? size : PERF_ATTR_SIZE_VER0;
}

static void show_attributes(struct decoding *decoding, uint64_t address) {
    uint8_t whole[ATTRIBUTES_KNOWN + sizeof(uint64_t)] = {0};
    uint32_t size = attributes_size(decoding, address);
    size_t most = decoding->verbose ? ATTRIBUTES_KNOWN : ATTRIBUTES_SHORT;
    size_t known = size < most ? size : most;
    const uint8_t *bytes = size >= PERF_ATTR_SIZE_VER0 ? memory_at(decoding, address, known) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    memcpy(whole, bytes, known);
    struct members members = members_of(decoding, whole);
    show_open(decoding, NULL, "{");
    struct head head = show_head(decoding, address, &members);
    if (decoding->verbose) {
        show_details(decoding, &head, &members, size);
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

void decode_perf_attributes(struct decoding *decoding, uint64_t address) {
    if (!is_read_at_exit(decoding)) {
        look_back(decoding, true);
        show_attributes(decoding, address);
        look_back(decoding, false);
    } else if (decoding->result < 0) {
        memory_at(decoding, address, 2 * sizeof(uint32_t));
    }
}

static void show_program(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_unsigned(decoding, NULL, number_in(element, sizeof(uint32_t)));
}

/* struct perf_event_query_bpf: how many programs there is room for, and which there are. */
void decode_perf_query(struct decoding *decoding, uint64_t address) {
    look_back(decoding, !is_read_at_exit(decoding));
    const uint8_t *room = memory_at(decoding, address, sizeof(uint32_t));
    look_back(decoding, false);
    if (!room) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "ids_len", number_in(room, sizeof(uint32_t)));
    const uint8_t *found = decoding->delivered ? memory_at(decoding, address, 2 * sizeof(uint32_t)) : NULL;
    if (found) {
        show_unsigned(decoding, "prog_cnt", number_in(found + sizeof(uint32_t), sizeof(uint32_t)));
        show_vector(decoding, "ids", address + 2 * sizeof(uint32_t),
                    number_in(found + sizeof(uint32_t), sizeof(uint32_t)), sizeof(uint32_t), show_program, NULL);
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}
