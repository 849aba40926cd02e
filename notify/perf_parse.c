/* SPDX-License-Identifier: MIT */
#include "perf_parse.h"

#include "registers.h"

#include <string.h>

const struct perf_event_header *perf_record_at(const uint8_t *data, size_t size, uint64_t tail,
                                               uint8_t wrapped[PERF_RECORD_MOST]) {
    size_t offset = tail & (size - 1);
    /* A header is 8 bytes and records are aligned to 8: it never crosses the end. */
    const struct perf_event_header *record = (const struct perf_event_header *)(const void *)(data + offset);
    size_t length = record->size;
    if (offset + length <= size) {
        return record;
    }
    size_t first = size - offset;
    memcpy(wrapped, data + offset, first);
    memcpy(wrapped + first, data, length - first);
    return (const struct perf_event_header *)(const void *)wrapped;
}

static uint64_t read_u64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static uint32_t read_u32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

/* Samples: header, pid, tid, time. Others end with sample_id: pid, tid, time. */
uint64_t perf_record_time(const struct perf_event_header *record) {
    const uint8_t *bytes = (const uint8_t *)record;
    return record->type == PERF_RECORD_SAMPLE ? read_u64(bytes + 16) : read_u64(bytes + record->size - 8);
}

static const struct perf_plan *plan_of(const struct perf_plan *plans, unsigned count, uint16_t id) {
    for (unsigned i = 0; i < count; i++) {
        if (plans[i].id == id) {
            return &plans[i];
        }
    }
    return NULL;
}

/* REGS_USER: the ABI, then the registers of the mask in ascending order: SP, IP. */
static void parse_registers(const struct perf_event_header *record, const uint8_t *registers,
                            struct kernel_event *event) {
    event->exit.has_registers = registers + 24 <= (const uint8_t *)record + record->size && read_u64(registers) != 0;
    if (event->exit.has_registers) {
        event->exit.is_32_bit = read_u64(registers) == PERF_SAMPLE_REGS_ABI_32;
        event->exit.sp = read_u64(registers + 8);
        event->exit.ip = read_u64(registers + 16);
    }
}

/* REGS_USER with all of them, and STACK_USER: its size; if that is not 0, so many bytes, and how many of them were
 * copied. NULL: there are no user's registers, or the record is not as it should be. */
static const struct stack_sample *parse_stack(const struct perf_event_header *record, const uint8_t *registers,
                                              struct stack_sample *sample) {
    uint64_t sampled[STACK_REGISTERS];
    enum {
        HEAD = sizeof(uint64_t) + sizeof(sampled) + sizeof(uint64_t),
    };
    const uint8_t *end = (const uint8_t *)record + record->size;
    if (!sample || end - registers < HEAD) {
        return NULL;
    }
    uint64_t abi = read_u64(registers);
    if (abi != PERF_SAMPLE_REGS_ABI_64 && abi != PERF_SAMPLE_REGS_ABI_32) {
        return NULL;
    }
    memcpy(sampled, registers + sizeof(abi), sizeof(sampled));
    const uint8_t *stack = registers + HEAD;
    uint64_t asked = read_u64(stack - sizeof(asked));
    uint64_t copied = 0;
    if (asked) {
        size_t left = (size_t)(end - stack);
        copied = left >= sizeof(copied) && asked <= left - sizeof(copied) ? read_u64(stack + asked) : 0;
        copied = copied <= asked ? copied : 0;
    }
    *sample = (struct stack_sample){.size = (uint32_t)copied & ~UINT32_C(7),
                                    .cut = copied && copied == asked,
                                    .partial = copied < asked,
                                    .is_32_bit = abi == PERF_SAMPLE_REGS_ABI_32};
    registers_from_perf(sampled, sample->registers);
    memcpy(sample + 1, stack, sample->size);
    return sample;
}

static void parse_arguments(const uint8_t *raw, size_t size, struct kernel_event *event) {
    memset(event->enter.args, 0, sizeof(event->enter.args));
    memcpy(event->enter.args, raw, size < sizeof(event->enter.args) ? size : sizeof(event->enter.args));
}

static void parse_signal(const uint8_t *raw, struct kernel_event *event) {
    event->kind = KERNEL_SIGNAL;
    event->signal.number = (int32_t)read_u32(raw + 8);
    event->signal.error = (int32_t)read_u32(raw + 12);
    event->signal.code = (int32_t)read_u32(raw + 16);
    event->signal.handler = read_u64(raw + 24);
    event->signal.flags = read_u64(raw + 32);
}

static void parse_signal_sent(const uint8_t *raw, struct kernel_event *event) {
    event->kind = KERNEL_SENT;
    event->signal.number = (int32_t)read_u32(raw + 8);
    event->signal.error = (int32_t)read_u32(raw + 12);
    event->signal.code = (int32_t)read_u32(raw + 16);
    /* Behind 16 bytes of the target's name. */
    event->signal.target = (int32_t)read_u32(raw + 36);
}

/* The payload of a tracepoint sample: 8 common bytes, then the event's fields
 * (events/.../format in tracefs). The number of a call's own tracepoint is an
 * int, that of raw_syscalls a long; behind it stand the arguments or the result. */
static bool parse_sample(const struct perf_plan *plans, unsigned count, const struct perf_event_header *record,
                         const struct perf_room *room, struct kernel_event *event) {
    enum {
        ARGUMENTS = 16, /* offset */
    };
    const uint8_t *bytes = (const uint8_t *)record;
    uint32_t raw_size = read_u32(bytes + 24);
    const uint8_t *raw = bytes + 28;
    uint16_t id;
    memcpy(&id, raw, sizeof(id));
    const struct perf_plan *plan = plan_of(plans, count, id);
    if (!plan) {
        return false;
    }
    event->pid = (int32_t)read_u32(bytes + 8);
    event->tid = (int32_t)read_u32(bytes + 12);
    event->foreign = plan->widening;
    bool is_raw = plan->kind == PLAN_RAW_ENTER || plan->kind == PLAN_RAW_EXIT;
    int64_t number = is_raw ? (int64_t)read_u64(raw + 8) : (int32_t)read_u32(raw + 8);
    switch (plan->kind) {
    case PLAN_RAW_ENTER:
    case PLAN_CALL_ENTER:
        event->kind = KERNEL_ENTER;
        event->enter.number = number;
        parse_arguments(raw + ARGUMENTS, raw_size - ARGUMENTS, event);
        event->enter.stack = plan->stack ? parse_stack(record, raw + raw_size, room->stack) : NULL;
        break;
    case PLAN_RAW_EXIT:
    case PLAN_CALL_EXIT:
        event->kind = KERNEL_EXIT;
        event->exit.number = number;
        event->exit.result = (int64_t)read_u64(raw + ARGUMENTS);
        parse_registers(record, raw + raw_size, event);
        break;
    case PLAN_SIGNAL:
        parse_signal(raw, event);
        break;
    case PLAN_SIGNAL_SENT:
        parse_signal_sent(raw, event);
        break;
    }
    return true;
}

/* pid, tid, address, length, offset; a build id with its size in front, or device (2 * 4 bytes), inode and generation;
 * protection, flags; name, padded. */
static bool parse_mapping(const struct perf_event_header *record, struct mapping *mapping, struct kernel_event *event) {
    enum {
        IDENTITY = 40,
        NAME = 72,
        TRAILER = 16, /* sample_id */
    };
    const uint8_t *bytes = (const uint8_t *)record;
    if (!mapping || record->size < NAME + TRAILER) {
        return false;
    }
    event->kind = KERNEL_MAPPING;
    event->pid = (int32_t)read_u32(bytes + 8);
    event->tid = (int32_t)read_u32(bytes + 12);
    event->mapping = mapping;
    *mapping = (struct mapping){
        .start = read_u64(bytes + 16), .length = read_u64(bytes + 24), .offset = read_u64(bytes + 32), .file = -1};
    if (record->misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
        uint8_t size = bytes[IDENTITY];
        mapping->build_id_size = size < MAPPING_BUILD_ID_MAX ? size : MAPPING_BUILD_ID_MAX;
        memcpy(mapping->build_id, bytes + IDENTITY + 4, mapping->build_id_size);
    } else {
        mapping->inode = read_u64(bytes + IDENTITY + 8);
    }
    size_t length = strnlen((const char *)bytes + NAME, record->size - TRAILER - NAME);
    length = length < MAPPING_PATH_MAX ? length : MAPPING_PATH_MAX - 1;
    memcpy(mapping->path, bytes + NAME, length);
    mapping->path[length] = 0;
    mapping->path_size = (uint32_t)length + 1;
    return true;
}

bool perf_parse(const struct perf_plan *plans, unsigned count, const struct perf_event_header *record,
                const struct perf_room *room, struct kernel_event *event) {
    const uint8_t *bytes = (const uint8_t *)record;
    switch (record->type) {
    case PERF_RECORD_SAMPLE:
        return parse_sample(plans, count, record, room, event);
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT: /* pid, ppid, tid, ptid, time */
        event->kind = record->type == PERF_RECORD_FORK ? KERNEL_FORK : KERNEL_END;
        event->pid = (int32_t)read_u32(bytes + 8);
        event->tid = (int32_t)read_u32(bytes + 16);
        if (event->kind == KERNEL_FORK) {
            event->fork.parent_pid = (int32_t)read_u32(bytes + 12);
            event->fork.parent_tid = (int32_t)read_u32(bytes + 20);
        }
        return true;
    case PERF_RECORD_COMM: /* pid, tid, name */
        event->kind = KERNEL_EXEC;
        event->pid = (int32_t)read_u32(bytes + 8);
        event->tid = (int32_t)read_u32(bytes + 12);
        return record->misc & PERF_RECORD_MISC_COMM_EXEC;
    case PERF_RECORD_MMAP2:
        return parse_mapping(record, room->mapping, event);
    case PERF_RECORD_LOST: /* id, how many */
        event->kind = KERNEL_LOST;
        event->lost = read_u64(bytes + 16);
        return true;
    case PERF_RECORD_SWITCH: /* nothing but sample_id: pid, tid, time */
        event->kind = KERNEL_SWITCH;
        event->pid = (int32_t)read_u32(bytes + 8);
        event->tid = (int32_t)read_u32(bytes + 12);
        event->switched_off = record->misc & PERF_RECORD_MISC_SWITCH_OUT;
        return true;
    default:
        return false;
    }
}
