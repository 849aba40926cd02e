/* SPDX-License-Identifier: MIT
 *
 * bpf(2): the attributes of each command. They are a union whose parts have grown: how much of it there is, is another
 * argument of the call. What a command has are rows of tables.
 */
#include "bpf_attributes.h"
#include "decode_bpf.h"

#include <linux/bpf.h>
#include <string.h>

enum {
    ATTRIBUTES_MAX = 4096, /* bytes; the kernel refuses more than a page */
    ATTRIBUTES_KNOWN = 128,
};

#define OF(member) offsetof(union bpf_attr, member), sizeof(((union bpf_attr *)NULL)->member)
#define NUMBER(name, member)                                                                                           \
    { name, ATTRIBUTE_UNSIGNED, 0, OF(member) }
#define POINTER(name, member)                                                                                          \
    { name, ATTRIBUTE_POINTER, 0, OF(member) }
#define DESCRIPTOR(name, member)                                                                                       \
    { name, ATTRIBUTE_DESCRIPTOR, 0, OF(member) }
#define NAMED(name, member, set)                                                                                       \
    { name, ATTRIBUTE_SET, set, OF(member) }
#define OTHER(name, member, kind)                                                                                      \
    { name, kind, 0, OF(member) }
/* The first one of those that came together with a later version. */
#define LATER(...)                                                                                                     \
    { .is_later = true, __VA_ARGS__ }

static const struct attribute map_create[] = {
    NAMED("map_type", map_type, A_BPF_MAP_TYPE),
    NUMBER("key_size", key_size),
    NUMBER("value_size", value_size),
    NUMBER("max_entries", max_entries),
    {"map_flags", ATTRIBUTE_SET, A_BPF_MAP_FLAGS, OF(map_flags), true},
    {"inner_map_fd", ATTRIBUTE_DESCRIPTOR, 0, OF(inner_map_fd), true},
    {"numa_node", ATTRIBUTE_NODE, 0, OF(numa_node), true},
    {"map_name", ATTRIBUTE_NAME, 0, OF(map_name), true},
    {"map_ifindex", ATTRIBUTE_INTERFACE, 0, OF(map_ifindex), true},
    {"btf_fd", ATTRIBUTE_DESCRIPTOR, 0, OF(btf_fd), true},
    NUMBER("btf_key_type_id", btf_key_type_id),
    NUMBER("btf_value_type_id", btf_value_type_id),
    {"btf_vmlinux_value_type_id", ATTRIBUTE_UNSIGNED, 0, OF(btf_vmlinux_value_type_id), true},
    {"map_extra", ATTRIBUTE_EXTRA, 0, OF(map_extra), true},
};

static const struct attribute map_lookup[] = {
    DESCRIPTOR("map_fd", map_fd),
    POINTER("key", key),
    POINTER("value", value),
    {"flags", ATTRIBUTE_SET, A_BPF_ELEMENT_FLAGS, OF(flags), true},
};

static const struct attribute map_update[] = {
    DESCRIPTOR("map_fd", map_fd),
    POINTER("key", key),
    POINTER("value", value),
    NAMED("flags", flags, A_BPF_UPDATE_FLAGS),
};

static const struct attribute map_delete[] = {
    DESCRIPTOR("map_fd", map_fd),
    POINTER("key", key),
};

static const struct attribute map_next_key[] = {
    DESCRIPTOR("map_fd", map_fd),
    POINTER("key", key),
    POINTER("next_key", next_key),
};

static const struct attribute map_freeze[] = {
    DESCRIPTOR("map_fd", map_fd),
};

static const struct attribute program_load[] = {
    NAMED("prog_type", prog_type, A_BPF_PROG_TYPE),
    NUMBER("insn_cnt", insn_cnt),
    OTHER("insns", insns, ATTRIBUTE_PROGRAM),
    OTHER("license", license, ATTRIBUTE_STRING),
    {"log_level", ATTRIBUTE_UNSIGNED, 0, OF(log_level), true},
    NUMBER("log_size", log_size),
    {"log_buf", ATTRIBUTE_TEXT, 0, OF(log_buf), .other = offsetof(union bpf_attr, log_size)},
    {"kern_version", ATTRIBUTE_VERSION, 0, OF(kern_version), true},
    {"prog_flags", ATTRIBUTE_SET, A_BPF_PROG_FLAGS, OF(prog_flags), true},
    {"prog_name", ATTRIBUTE_NAME, 0, OF(prog_name), true},
    {"prog_ifindex", ATTRIBUTE_INTERFACE, 0, OF(prog_ifindex), true},
    {"expected_attach_type", ATTRIBUTE_SET, A_BPF_ATTACH_TYPE, OF(expected_attach_type), true},
    {"prog_btf_fd", ATTRIBUTE_DESCRIPTOR, 0, OF(prog_btf_fd), true},
    NUMBER("func_info_rec_size", func_info_rec_size),
    POINTER("func_info", func_info),
    NUMBER("func_info_cnt", func_info_cnt),
    NUMBER("line_info_rec_size", line_info_rec_size),
    POINTER("line_info", line_info),
    NUMBER("line_info_cnt", line_info_cnt),
    {"attach_btf_id", ATTRIBUTE_UNSIGNED, 0, OF(attach_btf_id), true},
    {"attach_prog_fd", ATTRIBUTE_DESCRIPTOR, 0, OF(attach_prog_fd), true},
    {"fd_array", ATTRIBUTE_POINTER, 0, OF(fd_array), true},
};

static const struct attribute object[] = {
    OTHER("pathname", pathname, ATTRIBUTE_PATH),
    DESCRIPTOR("bpf_fd", bpf_fd),
    {"file_flags", ATTRIBUTE_SET, A_BPF_FILE_FLAGS, OF(file_flags), true},
};

static const struct attribute attach[] = {
    DESCRIPTOR("target_fd", target_fd),
    DESCRIPTOR("attach_bpf_fd", attach_bpf_fd),
    NAMED("attach_type", attach_type, A_BPF_ATTACH_TYPE),
    NAMED("attach_flags", attach_flags, A_BPF_ATTACH_FLAGS),
    {"replace_bpf_fd", ATTRIBUTE_DESCRIPTOR, 0, OF(replace_bpf_fd), true},
};

static const struct attribute detach[] = {
    DESCRIPTOR("target_fd", target_fd),
    NAMED("attach_type", attach_type, A_BPF_ATTACH_TYPE),
};

static const struct attribute test_run[] = {
    DESCRIPTOR("prog_fd", test.prog_fd),
    NUMBER("retval", test.retval),
    NUMBER("data_size_in", test.data_size_in),
    NUMBER("data_size_out", test.data_size_out),
    POINTER("data_in", test.data_in),
    POINTER("data_out", test.data_out),
    NUMBER("repeat", test.repeat),
    NUMBER("duration", test.duration),
    {"ctx_size_in", ATTRIBUTE_UNSIGNED, 0, OF(test.ctx_size_in), true},
    NUMBER("ctx_size_out", test.ctx_size_out),
    POINTER("ctx_in", test.ctx_in),
    POINTER("ctx_out", test.ctx_out),
    {"flags", ATTRIBUTE_SET, A_BPF_TEST_FLAGS, OF(test.flags), true},
    NUMBER("cpu", test.cpu),
    {"batch_size", ATTRIBUTE_UNSIGNED, 0, OF(test.batch_size), true},
};

#define IDS(first)                                                                                                     \
    NUMBER(first, start_id), OTHER("next_id", next_id, ATTRIBUTE_CHANGED), {                                           \
        "open_flags", ATTRIBUTE_SET, A_BPF_FILE_FLAGS, OF(open_flags), true                                            \
    }

static const struct attribute next_id[] = {IDS("start_id")};
static const struct attribute program_id[] = {IDS("prog_id")};
static const struct attribute map_id[] = {IDS("map_id")};
static const struct attribute btf_id[] = {NUMBER("btf_id", btf_id)};
static const struct attribute link_id[] = {NUMBER("link_id", link_id)};

static const struct attribute info[] = {
    DESCRIPTOR("bpf_fd", info.bpf_fd),
    NUMBER("info_len", info.info_len),
    POINTER("info", info.info),
};

static const struct attribute query[] = {
    DESCRIPTOR("target_fd", query.target_fd),
    NAMED("attach_type", query.attach_type, A_BPF_ATTACH_TYPE),
    NAMED("query_flags", query.query_flags, A_BPF_QUERY_FLAGS),
    NAMED("attach_flags", query.attach_flags, A_BPF_ATTACH_FLAGS),
    {"prog_ids", ATTRIBUTE_IDS, 0, OF(query.prog_ids), .other = offsetof(union bpf_attr, query.prog_cnt)},
    OTHER("prog_cnt", query.prog_cnt, ATTRIBUTE_CHANGED),
};

static const struct attribute raw_tracepoint[] = {
    OTHER("name", raw_tracepoint.name, ATTRIBUTE_STRING),
    DESCRIPTOR("prog_fd", raw_tracepoint.prog_fd),
};

static const struct attribute btf_load[] = {
    {"btf", ATTRIBUTE_BYTES, 0, OF(btf), .other = offsetof(union bpf_attr, btf_size)},
    POINTER("btf_log_buf", btf_log_buf),
    NUMBER("btf_size", btf_size),
    NUMBER("btf_log_size", btf_log_size),
    NUMBER("btf_log_level", btf_log_level),
};

static const struct attribute task_fd_query[] = {
    OTHER("pid", task_fd_query.pid, ATTRIBUTE_PROCESS),
    DESCRIPTOR("fd", task_fd_query.fd),
    NUMBER("flags", task_fd_query.flags),
    NUMBER("buf_len", task_fd_query.buf_len),
    {"buf", ATTRIBUTE_TEXT, 0, OF(task_fd_query.buf), .other = offsetof(union bpf_attr, task_fd_query.buf_len)},
    NUMBER("prog_id", task_fd_query.prog_id),
    NAMED("fd_type", task_fd_query.fd_type, A_BPF_FD_TYPE),
    OTHER("probe_offset", task_fd_query.probe_offset, ATTRIBUTE_HEX),
    OTHER("probe_addr", task_fd_query.probe_addr, ATTRIBUTE_HEX),
};

#define BATCH_TAIL                                                                                                     \
    NUMBER("count", batch.count), DESCRIPTOR("map_fd", batch.map_fd),                                                  \
        NAMED("elem_flags", batch.elem_flags, A_BPF_ELEMENT_FLAGS), OTHER("flags", batch.flags, ATTRIBUTE_HEX)

static const struct attribute batch_lookup[] = {
    POINTER("in_batch", batch.in_batch),
    POINTER("out_batch", batch.out_batch),
    POINTER("keys", batch.keys),
    POINTER("values", batch.values),
    BATCH_TAIL,
};
static const struct attribute batch_update[] = {POINTER("keys", batch.keys), POINTER("values", batch.values),
                                                BATCH_TAIL};
static const struct attribute batch_delete[] = {POINTER("keys", batch.keys), BATCH_TAIL};

static const struct attribute link_create[] = {
    DESCRIPTOR("prog_fd", link_create.prog_fd),
    DESCRIPTOR("target_fd", link_create.target_fd),
    NAMED("attach_type", link_create.attach_type, A_BPF_ATTACH_TYPE),
    OTHER("flags", link_create.flags, ATTRIBUTE_HEX),
    OTHER(NULL, link_create.flags, ATTRIBUTE_LINK),
};

static const struct attribute link_update[] = {
    DESCRIPTOR("link_fd", link_update.link_fd),
    DESCRIPTOR("new_prog_fd", link_update.new_prog_fd),
    NAMED("flags", link_update.flags, A_BPF_ATTACH_FLAGS),
    OTHER("old_prog_fd", link_update.old_prog_fd, ATTRIBUTE_REPLACED),
};

#define COMMAND(members, known, ...)                                                                                   \
    { members, sizeof(members) / sizeof((members)[0]), known, __VA_ARGS__ }

/* Of those that are not here nothing is shown but the address. */
static const struct command commands[] = {
    [BPF_MAP_CREATE] = COMMAND(map_create, 72, NULL),
    [BPF_MAP_LOOKUP_ELEM] = COMMAND(map_lookup, 32, NULL),
    [BPF_MAP_UPDATE_ELEM] = COMMAND(map_update, 32, NULL),
    [BPF_MAP_DELETE_ELEM] = COMMAND(map_delete, 16, NULL),
    [BPF_MAP_GET_NEXT_KEY] = COMMAND(map_next_key, 24, NULL),
    [BPF_PROG_LOAD] = COMMAND(program_load, 128, NULL),
    [BPF_OBJ_PIN] = COMMAND(object, 16, NULL),
    [BPF_OBJ_GET] = COMMAND(object, 16, NULL),
    [BPF_PROG_ATTACH] = COMMAND(attach, 20, NULL),
    [BPF_PROG_DETACH] = COMMAND(detach, 12, NULL),
    [BPF_PROG_TEST_RUN] = COMMAND(test_run, 76, "test"),
    [BPF_PROG_GET_NEXT_ID] = COMMAND(next_id, 12, NULL),
    [BPF_MAP_GET_NEXT_ID] = COMMAND(next_id, 12, NULL),
    [BPF_PROG_GET_FD_BY_ID] = COMMAND(program_id, 12, NULL),
    [BPF_MAP_GET_FD_BY_ID] = COMMAND(map_id, 12, NULL),
    [BPF_OBJ_GET_INFO_BY_FD] = COMMAND(info, 16, "info"),
    [BPF_PROG_QUERY] = COMMAND(query, 28, "query"),
    [BPF_RAW_TRACEPOINT_OPEN] = COMMAND(raw_tracepoint, 12, "raw_tracepoint"),
    [BPF_BTF_LOAD] = COMMAND(btf_load, 28, NULL),
    [BPF_BTF_GET_FD_BY_ID] = COMMAND(btf_id, 4, NULL),
    [BPF_TASK_FD_QUERY] = COMMAND(task_fd_query, 48, "task_fd_query"),
    [BPF_MAP_LOOKUP_AND_DELETE_ELEM] = COMMAND(map_lookup, 32, NULL),
    [BPF_MAP_FREEZE] = COMMAND(map_freeze, 4, NULL),
    [BPF_BTF_GET_NEXT_ID] = COMMAND(next_id, 12, NULL),
    [BPF_MAP_LOOKUP_BATCH] = COMMAND(batch_lookup, 56, "batch"),
    [BPF_MAP_LOOKUP_AND_DELETE_BATCH] = COMMAND(batch_lookup, 56, "batch"),
    [BPF_MAP_UPDATE_BATCH] = COMMAND(batch_update, 56, "batch"),
    [BPF_MAP_DELETE_BATCH] = COMMAND(batch_delete, 56, "batch"),
    [BPF_LINK_CREATE] = COMMAND(link_create, 16, "link_create"),
    [BPF_LINK_UPDATE] = COMMAND(link_update, 16, "link_update"),
    [BPF_LINK_GET_FD_BY_ID] = COMMAND(link_id, 4, NULL),
    [BPF_LINK_GET_NEXT_ID] = COMMAND(next_id, 12, NULL),
};

/* Whether the call leaves something in the attributes that is shown. */
static bool is_changed(const struct command *command) {
    for (unsigned i = 0; i < command->count; i++) {
        if (command->attributes[i].kind == ATTRIBUTE_CHANGED) {
            return true;
        }
    }
    return false;
}

/* Bytes behind those that are known: as long as they are 0, nobody speaks of them. */
static void show_extra(struct decoding *decoding, const uint8_t *bytes, uint32_t from, uint32_t size) {
    bool is_zero = true;
    for (uint32_t i = from; i < size; i++) {
        is_zero = is_zero && !bytes[i];
    }
    if (is_zero) {
        return;
    }
    if (decoding->verbose) {
        show_bytes_in_hex(decoding, "extra_data", bytes + from, size - from);
        show_comment(decoding, "bytes %u..%u", from, size - 1);
    } else {
        show_dots(decoding);
    }
}

static void show_attributes(struct decoding *decoding, const struct command *command, struct attributes *attributes) {
    if (command->name) {
        show_open(decoding, command->name, "{");
    }
    for (unsigned i = 0; i < command->count; i++) {
        const struct attribute *attribute = &command->attributes[i];
        if (attribute->is_later && attributes->size <= attribute->offset) {
            if (attribute->kind != ATTRIBUTE_NODE) {
                break;
            }
            continue;
        }
        show_attribute(decoding, attribute, attributes);
    }
    if (command->name) {
        show_close(decoding, "}");
    }
}

void decode_bpf_attributes(struct decoding *decoding, uint64_t address) {
    uint32_t number = (uint32_t)argument_of(decoding, 0);
    uint32_t size = (uint32_t)referenced(decoding);
    const struct command *command = number < sizeof(commands) / sizeof(commands[0]) ? &commands[number] : NULL;
    bool is_known = command && command->count && size && size <= ATTRIBUTES_MAX;
    const uint8_t *now =
        is_known && decoding->delivered && is_changed(command) ? memory_at(decoding, address, size) : NULL;
    if (is_read_at_exit(decoding) && !(now && command->attributes == query)) {
        return;
    }
    look_back(decoding, true);
    const uint8_t *before = is_known ? memory_at(decoding, address, size) : NULL;
    look_back(decoding, false);
    if (is_read_at_exit(decoding)) {
        before = now;
    }
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    struct attributes attributes = {.size = size, .known = command->known};
    size_t known = size < ATTRIBUTES_KNOWN ? size : ATTRIBUTES_KNOWN;
    memcpy(attributes.before, before, known);
    memcpy(attributes.now, now ? now : before, known);
    attributes.is_delivered = now != NULL;
    show_open(decoding, NULL, "{");
    look_back(decoding, !now);
    show_attributes(decoding, command, &attributes);
    look_back(decoding, false);
    show_extra(decoding, before, attributes.known, size);
    show_close(decoding, "}");
}
