/* SPDX-License-Identifier: MIT
 *
 * One attribute of bpf(2).
 */
#include "bpf_attributes.h"

#include "decode_network.h"

#include <linux/bpf.h>
#include <string.h>

static uint64_t number_of(const struct attribute *attribute, const uint8_t *bytes) {
    return number_in(bytes + attribute->offset, attribute->size);
}

static uint32_t other_of(const struct attribute *attribute, const uint8_t *bytes) {
    return (uint32_t)number_in(bytes + attribute->other, sizeof(uint32_t));
}

/* A string that may not end where its room does. */
static void show_text(struct decoding *decoding, const char *name, uint64_t address, uint32_t room) {
    uint32_t have = 0;
    bool cut = false;
    if (!address || !room) {
        if (address) {
            show_words(decoding, name, "\"\"");
        } else {
            show_address(decoding, name, address);
        }
        return;
    }
    const uint8_t *bytes = memory_some(decoding, address, room, CAPTURE_TO_LIMIT, &have, &cut);
    bool ends = bytes && memchr(bytes, 0, have);
    if (!bytes || (have < room && !cut && !ends)) {
        show_address(decoding, name, address);
        return;
    }
    show_characters(decoding, name, bytes, have);
    show_more(decoding, "%s", ends ? "" : "...");
}

/* Characters in the union itself, of which it may hold but a part; the last is for the NUL. */
static void show_name(struct decoding *decoding, const struct attribute *attribute,
                      const struct attributes *attributes) {
    uint32_t there = attributes->size - attribute->offset;
    size_t room = there < attribute->size ? there : attribute->size;
    const uint8_t *name = attributes->before + attribute->offset;
    bool ends = memchr(name, 0, room);
    show_characters(decoding, attribute->name, name, ends ? room : room - 1);
    show_more(decoding, "%s", ends ? "" : "...");
}

static void show_node(struct decoding *decoding, const struct attribute *attribute, const uint8_t *bytes) {
    uint32_t flags = (uint32_t)number_in(bytes + offsetof(union bpf_attr, map_flags), sizeof(flags));
    uint32_t node = (uint32_t)number_of(attribute, bytes);
    if (flags & BPF_F_NUMA_NODE) {
        show_unsigned(decoding, attribute->name, node);
        if (node == UINT32_MAX) {
            show_comment(decoding, "NUMA_NO_NODE");
        }
    }
}

static void show_changed(struct decoding *decoding, const struct attribute *attribute,
                         const struct attributes *attributes) {
    uint64_t before = number_of(attribute, attributes->before);
    uint64_t now = number_of(attribute, attributes->now);
    show_unsigned(decoding, attribute->name, before);
    if (now != before) {
        show_more(decoding, " => %llu", (unsigned long long)now);
    }
}

static void show_number(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_unsigned(decoding, NULL, number_in(element, sizeof(uint32_t)));
}

/* What the call has found; of one that failed nothing. */
static void show_ids(struct decoding *decoding, const struct attribute *attribute,
                     const struct attributes *attributes) {
    uint64_t address = number_of(attribute, attributes->now);
    uint32_t count = other_of(attribute, attributes->now);
    if (attributes->is_delivered || !count) {
        show_vector(decoding, attribute->name, address, count, sizeof(uint32_t), show_number, NULL);
    } else {
        show_address(decoding, attribute->name, address);
    }
}

/* ---------------------------------------------------------------------------- links */

static void show_word(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_hex(decoding, NULL, number_in(element, sizeof(uint64_t)));
}

static void show_symbol(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_string_at(decoding, NULL, number_in(element, word_bytes(decoding)));
}

static void show_iterated(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_open(decoding, NULL, "{");
    show_open(decoding, "map", "{");
    show_descriptor(decoding, "map_fd", (int32_t)number_in(element, sizeof(int32_t)));
    show_close(decoding, "}");
    show_close(decoding, "}");
}

static void show_probes(struct decoding *decoding, struct members *members) {
    show_open(decoding, "kprobe_multi", "{");
    show_set(decoding, "flags", A_BPF_PROBE_FLAGS, take_u32(members));
    uint32_t count = take_u32(members);
    show_unsigned(decoding, "cnt", count);
    show_vector(decoding, "syms", take_u64(members), count, word_bytes(decoding), show_symbol, NULL);
    show_vector(decoding, "addrs", take_u64(members), count, sizeof(uint64_t), show_word, NULL);
    show_vector(decoding, "cookies", take_u64(members), count, sizeof(uint64_t), show_word, NULL);
    show_close(decoding, "}");
}

/* Members that depend on the type of the link, if the union is large enough for one. */
static void show_link(struct decoding *decoding, struct attributes *attributes) {
    enum {
        AT = 16,
        PERF_EVENT = 41, /* of enum bpf_attach_type */
        KPROBE_MULTI = 42,
    };
    uint32_t type = (uint32_t)number_in(attributes->before + offsetof(union bpf_attr, link_create.attach_type), 4);
    struct members members = members_of(decoding, attributes->before + AT);
    if (attributes->size <= AT) {
        return;
    }
    if (type == BPF_TRACE_ITER) {
        uint64_t address = take_u64(&members);
        uint32_t count = take_u32(&members);
        show_vector(decoding, "iter_info", address, count, sizeof(uint32_t), show_iterated, NULL);
        show_unsigned(decoding, "iter_info_len", count);
    } else if (type == PERF_EVENT) {
        show_open(decoding, "perf_event", "{");
        show_hex(decoding, "bpf_cookie", take_u64(&members));
        show_close(decoding, "}");
    } else if (type == KPROBE_MULTI) {
        show_probes(decoding, &members);
    } else if (type == 0) {
        uint32_t target = take_u32(&members);
        if (target) {
            show_unsigned(decoding, "target_btf_id", target);
        }
    }
    attributes->known = AT + members.at;
}

/* ------------------------------------------------------------------------- every kind */

static void show_version(struct decoding *decoding, const char *name, uint64_t version) {
    show_words(decoding, name, "KERNEL_VERSION(%u, %u, %u)", (unsigned)(version >> 16), (unsigned)(version >> 8 & 0xff),
               (unsigned)(version & 0xff));
}

static void show_extra_number(struct decoding *decoding, const char *name, uint64_t number) {
    if (number == UINT64_MAX) {
        show_words(decoding, name, "UINT64_MAX");
    } else {
        show_unsigned(decoding, name, number);
    }
}

static void show_replaced(struct decoding *decoding, const struct attribute *attribute, const uint8_t *bytes) {
    if (number_in(bytes + attribute->offset - sizeof(uint32_t), sizeof(uint32_t)) & BPF_F_REPLACE) {
        show_descriptor(decoding, attribute->name, (int32_t)number_of(attribute, bytes));
    }
}

/* Of the kinds that are nothing but a number. */
static void show_plain(struct decoding *decoding, const struct attribute *attribute, uint64_t number) {
    switch (attribute->kind) {
    case ATTRIBUTE_HEX:
        show_hex(decoding, attribute->name, number);
        break;
    case ATTRIBUTE_POINTER:
        show_address(decoding, attribute->name, number);
        break;
    case ATTRIBUTE_SET:
        show_set(decoding, attribute->name, attribute->set, number);
        break;
    case ATTRIBUTE_DESCRIPTOR:
        show_descriptor(decoding, attribute->name, (int32_t)number);
        break;
    case ATTRIBUTE_PROCESS:
        show_process(decoding, attribute->name, (int32_t)number);
        break;
    case ATTRIBUTE_INTERFACE:
        show_interface(decoding, attribute->name, (uint32_t)number);
        break;
    case ATTRIBUTE_VERSION:
        show_version(decoding, attribute->name, number);
        break;
    case ATTRIBUTE_EXTRA:
        show_extra_number(decoding, attribute->name, number);
        break;
    case ATTRIBUTE_STRING:
        show_string_at(decoding, attribute->name, number);
        break;
    case ATTRIBUTE_PATH:
        show_path_at(decoding, attribute->name, number);
        break;
    default:
        show_unsigned(decoding, attribute->name, number);
        break;
    }
}

void show_attribute(struct decoding *decoding, const struct attribute *attribute, struct attributes *attributes) {
    const uint8_t *before = attributes->before;
    uint64_t number = number_of(attribute, before);
    switch (attribute->kind) {
    case ATTRIBUTE_NAME:
        show_name(decoding, attribute, attributes);
        break;
    case ATTRIBUTE_NODE:
        show_node(decoding, attribute, before);
        break;
    case ATTRIBUTE_TEXT:
        show_text(decoding, attribute->name, number, other_of(attribute, before));
        break;
    case ATTRIBUTE_BYTES:
        show_buffer_at(decoding, attribute->name, number, other_of(attribute, before));
        break;
    case ATTRIBUTE_PROGRAM:
        show_instructions(decoding, attribute->name, number,
                          number_in(before + offsetof(union bpf_attr, insn_cnt), sizeof(uint32_t)));
        break;
    case ATTRIBUTE_IDS:
        show_ids(decoding, attribute, attributes);
        break;
    case ATTRIBUTE_CHANGED:
        show_changed(decoding, attribute, attributes);
        break;
    case ATTRIBUTE_REPLACED:
        show_replaced(decoding, attribute, before);
        break;
    case ATTRIBUTE_LINK:
        show_link(decoding, attributes);
        break;
    default:
        show_plain(decoding, attribute, number);
        break;
    }
}
