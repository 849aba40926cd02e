/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "decoding.h"
#include "socket_names.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
    MMAP2_SHIFT = 12,   /* whatever the size of a page */
    BLOB_MAX = 1 << 20, /* the most bytes that fsconfig takes: fs/fsopen.c */
};

/* The argument as wide as the architecture has it. */
static uint64_t argument(const struct record *record, unsigned index) {
    uint64_t value = record->call.args[index];
    return record->arch == ARCH_I386 ? (uint32_t)value : value;
}

/* How what the call's arguments point to looks. */
static enum arch layout_of(const struct record *record) {
    return syscall_layout(record->arch, record->call.number);
}

static struct value number_value(enum value_kind kind, uint64_t number) {
    return (struct value){.kind = kind, .number = number};
}

static struct value int_value(uint64_t number) {
    return number_value(VALUE_SIGNED, (uint64_t)(int64_t)(int32_t)number);
}

static struct value set_value(enum arg_type type, uint64_t number) {
    const struct constant_set *set = constant_set(type);
    if (set->is_htons) {
        number = ntohs((uint16_t)number);
    }
    return (struct value){.kind = VALUE_CONSTANTS, .number = set->is_wide ? number : (uint32_t)number, .set = set};
}

/* A value whose bytes were captured as this element of the argument, or its address where they were not. */
static struct value element_value(const struct record *record, unsigned index, unsigned element, enum value_kind kind) {
    const void *captures = record_captures(record);
    uint32_t size = record->call.captures_size;
    const struct capture *capture = capture_find(captures, size, index, element);
    uint64_t address = argument(record, index);
    if (!address || !capture || (capture->state == CAPTURE_UNREADABLE && !capture->size && !capture->full_length)) {
        return number_value(VALUE_ADDRESS, address);
    }
    /* Unreadable from the first byte: a pointer to nothing. */
    bool is_counted = kind == VALUE_STRINGS || kind == VALUE_COUNTED;
    if (capture->state == CAPTURE_UNREADABLE && capture->size == 0 && !is_counted) {
        return number_value(VALUE_ADDRESS, address);
    }
    return (struct value){.kind = kind,
                          .number = address,
                          .capture = capture,
                          .captures = captures,
                          .captures_size = size,
                          .arg = (uint8_t)index,
                          .arch = layout_of(record)};
}

/* A value that was captured at the entry of the call. */
static struct value captured_value(const struct record *record, unsigned index, enum value_kind kind) {
    return element_value(record, index, 0, kind);
}

/* How many there are; all of them if they were captured, as with -v. */
static struct value environment_value(const struct record *record, unsigned index) {
    struct value value = captured_value(record, index, VALUE_COUNTED);
    if (value.kind == VALUE_COUNTED && value.capture->address) {
        value.kind = VALUE_STRINGS;
    }
    return value;
}

/* The value as one structure; its address if not all of it is there. */
static struct value as_structure(struct value value, enum arg_type type) {
    value.structure = structure_of(type);
    if (value.kind == VALUE_STRUCTURE && value.capture->size < value.structure->size[value.arch]) {
        return number_value(VALUE_ADDRESS, value.number);
    }
    return value;
}

/* A set of signals; its address if it is not of the size that the kernel takes. */
static struct value signals_value(const struct record *record, unsigned index) {
    struct value value = as_structure(captured_value(record, index, VALUE_STRUCTURE), A_TO_SIGSET);
    bool is_larger = value.kind == VALUE_STRUCTURE && value.capture->state != CAPTURE_WHOLE;
    return is_larger ? number_value(VALUE_ADDRESS, value.number) : value;
}

/* The name of a thread. */
static struct value comm_value(const struct record *record, unsigned index) {
    struct value value = captured_value(record, index, VALUE_STRING);
    value.looks_cut = value.kind == VALUE_STRING && value.capture->size == CAPTURE_COMM_MAX;
    return value;
}

/* The value of an extended attribute, as long as the kernel takes it. */
static struct value attribute_value(const struct record *record, unsigned index, uint64_t length) {
    if (length > XATTR_SIZE_MAX) {
        return number_value(VALUE_ADDRESS, argument(record, index));
    }
    struct value value = captured_value(record, index, VALUE_STRING);
    value.hides_nul = true;
    return value;
}

static struct value hex_string_value(const struct record *record, unsigned index) {
    struct value value = captured_value(record, index, VALUE_STRING);
    value.in_hex = true;
    return value;
}

/* By name where the family has any. */
static struct value protocol_value(enum arg_type set, uint64_t number) {
    return set == A_NONE ? number_value(VALUE_UNSIGNED, number) : set_value(set, number);
}

/* By name where the level has any. */
static struct value option_value(enum arg_type set, uint64_t number) {
    return set == A_NONE ? number_value(VALUE_UNSIGNED, (uint32_t)number) : set_value(set, number);
}

/* A descriptor, and what it was at the call if somebody looked. */
static struct value descriptor_value(const struct record *record, unsigned index, struct value value) {
    value.descriptor = capture_find(record_captures(record), record->call.captures_size, index, CAPTURE_DESCRIPTOR);
    return value;
}

/* --------------------------------------------------------------------- outputs */

static struct value output_value(const struct record *record, unsigned index, enum value_kind kind) {
    return element_value(record, index, CAPTURE_OUTPUT, kind);
}

static struct value structure_value(const struct record *record, unsigned index, enum arg_type type) {
    return as_structure(output_value(record, index, VALUE_STRUCTURE), type);
}

static struct value vector_value(const struct record *record, unsigned index, enum arg_type type) {
    struct value value = output_value(record, index, VALUE_STRUCTURES);
    value.structure = structure_of(type);
    return value;
}

/* What was there before the call, and, where that was captured, what is there now. */
static struct value changed_value(const struct record *record, unsigned index, enum value_kind kind) {
    struct value value = captured_value(record, index, kind);
    if (value.kind == kind && value.capture->state == CAPTURE_UNREADABLE) {
        return number_value(VALUE_ADDRESS, value.number);
    }
    if (value.kind == kind) {
        const struct capture *now =
            capture_find(record_captures(record), record->call.captures_size, index, CAPTURE_OUTPUT);
        value.before = value.capture;
        value.capture = now ? now : value.before;
    }
    return value;
}

/* What a function decodes: only if something was captured for it, at the exit of the call if it is an output. */
static struct value decoded_value(const struct shown_argument *shown, const struct record *record) {
    enum arch layout = layout_of(record);
    uint64_t address = record->call.args[shown->index];
    struct value value = {.kind = VALUE_ADDRESS,
                          .number = layout == ARCH_I386 ? (uint32_t)address : address,
                          .captures = record_captures(record),
                          .captures_size = record->call.captures_size,
                          .record = record,
                          .arg = shown->index,
                          .reference = shown->reference,
                          .arch = (uint8_t)layout};
    if (!value.number && shown->type == A_TO_MAPPER) {
        value.kind = VALUE_HEX; /* strace has no NULL there */
    }
    const uint8_t *end = (const uint8_t *)value.captures + value.captures_size;
    for (const uint8_t *at = value.captures; value.number && at < end;) {
        const struct capture *capture = (const struct capture *)(const void *)at;
        bool is_of_exit = capture->element == CAPTURE_AT_EXIT || capture->element == CAPTURE_STRING_AT_EXIT;
        if (capture->arg == shown->index && (is_of_exit || shown->direction != DIRECTION_OUT)) {
            value.kind = VALUE_DECODED;
            value.shows_descriptors = true;
            value.delivered = value.delivered || is_of_exit;
        }
        at = capture_end(capture);
    }
    return value;
}

/* A buffer that was captured as element `element` of the argument, or messages of netlink, if it holds these. */
static struct value buffer_value(const struct shown_argument *shown, const struct record *record, unsigned element) {
    const void *captures = record_captures(record);
    if (!capture_find(captures, record->call.captures_size, shown->index, CAPTURE_NETLINK)) {
        return element_value(record, shown->index, element, VALUE_STRING);
    }
    struct value value = decoded_value(shown, record);
    value.type = A_NETLINK_MESSAGES;
    return value;
}

/* A flat structure, which was read when its direction says. */
static struct value flat_value(const struct shown_argument *shown, const struct record *record) {
    return shown->direction == DIRECTION_IN
               ? as_structure(captured_value(record, shown->index, VALUE_STRUCTURE), shown->type)
               : structure_value(record, shown->index, shown->type);
}

static struct value decode_output(const struct shown_argument *shown, const struct record *record) {
    unsigned index = shown->index;
    struct value value;
    switch ((enum arg_type)shown->type) {
    case A_OUT_BUF_:
        return buffer_value(shown, record, CAPTURE_OUTPUT);
    case A_OUT_NAMES_:
    case A_OUT_PATH_:
        return output_value(record, index, VALUE_STRING);
    case A_OUT_RANDOM_:
        value = output_value(record, index, VALUE_STRING);
        value.in_hex = true;
        return value;
    case A_OUT_ATTRIBUTE_:
        value = output_value(record, index, VALUE_STRING);
        value.hides_nul = true;
        return value;
    case A_MOVED_OFFSET:
    case A_MOVED_OFFSET64:
        return changed_value(record, index, VALUE_MOVED);
    case A_OUT_DIRENTS:
    case A_OUT_DIRENTS64:
        return output_value(record, index, VALUE_ENTRIES);
    case A_OUT_CPUS:
        return output_value(record, index, VALUE_CPUS);
    case A_OUT_EPOLL_:
        return vector_value(record, index, A_EPOLL_EVENT);
    case A_OUT_REMAINDER:
        return structure_value(record, index, A_TO_TIMESPEC);
    case A_OUT_REMAINDER64:
        return structure_value(record, index, A_TO_TIMESPEC64);
    default:
        return number_value(VALUE_ADDRESS, argument(record, index));
    }
}

/* A descriptor, or one of the names that this set has for others. */
static struct value place_value(const struct record *record, unsigned index, enum arg_type names) {
    uint64_t number = (uint32_t)record->call.args[index];
    bool has_name = constant_find(constant_set(names), number);
    return descriptor_value(record, index, has_name ? set_value(names, number) : int_value(number));
}

/* The 64 bits of two arguments of an i386 call. */
static uint64_t pair(const struct record *record, unsigned low, unsigned high) {
    return (uint32_t)record->call.args[low] | record->call.args[high] << 32;
}

static struct value decode_pair(enum arg_type type, const struct record *record, unsigned index) {
    uint64_t number = pair(record, index, index + 1);
    switch (type) {
    case A_SIZE_PAIR:
        return number_value(VALUE_UNSIGNED, number);
    case A_HIGH_PAIR:
        return number_value(VALUE_SIGNED, pair(record, index + 1, index));
    case A_FAN_EVENTS_PAIR:
        return set_value(A_FAN_EVENTS, number);
    default:
        return number_value(VALUE_SIGNED, number);
    }
}

/* Of a type that stands in a table: an output, a set of constants, or packed. */
static struct value other_value(const struct shown_argument *shown, const struct record *record) {
    enum arg_type type = shown->type;
    uint64_t number = argument(record, shown->index);
    if (type <= A_LAST_OUTPUT) {
        return decode_output(shown, record);
    }
    if (type <= A_LAST_STRUCTURE) {
        return flat_value(shown, record);
    }
    if (type < A_FIRST_SET) {
        return decoded_value(shown, record);
    }
    if (type >= A_FIRST_PACKED) {
        return (struct value){.kind = VALUE_PACKED, .number = (uint32_t)number, .packed = packed_number(type)};
    }
    return set_value(type, number);
}

/* The number of a process, a thread, a user, or a thing of System V's. */
static struct value id_value(enum arg_type type, uint64_t number) {
    uint64_t with_sign = (uint64_t)(int64_t)(int32_t)number;
    switch (type) {
    case A_IPC_ID:
        return number_value(VALUE_IPC, with_sign);
    case A_JOINED:
        return number_value(VALUE_THREAD, (uint32_t)number);
    case A_PID:
        return number_value(VALUE_ID, with_sign);
    default:
        return (uint32_t)number == UINT32_MAX ? int_value(number) : number_value(VALUE_UNSIGNED, (uint32_t)number);
    }
}

static struct value decode_value(const struct shown_argument *shown, const struct record *record) {
    unsigned index = shown->index;
    uint64_t number = argument(record, index);
    uint64_t reference = argument(record, shown->reference);
    enum arg_type type = shown->type;
    switch (type) {
    case A_INT:
    case A_MEMBARRIER_CPU:
        return int_value(number);
    case A_IPC_ID:
    case A_JOINED:
    case A_PID:
    case A_UID:
        return id_value(type, number);
    case A_FD:
        return descriptor_value(record, index, int_value(number));
    case A_DIRFD:
        return place_value(record, index, A_AT_FDCWD);
    case A_FAN_PLACE:
        return place_value(record, index, A_FAN_DIRFD);
    case A_HANDLE_PLACE:
        return place_value(record, index, A_HANDLE_ROOT);
    case A_PIDFD:
        return place_value(record, index, A_PIDFD_SELF);
    case A_ERRNO:
        return number_value(VALUE_ERROR, (uint32_t)number);
    case A_OLD_MASK:
        return number_value(VALUE_OLD_MASK, (uint32_t)number);
    case A_UINT:
    case A_READDIR_COUNT:
        return number_value(VALUE_UNSIGNED, (uint32_t)number);
    case A_LONG:
        return number_value(VALUE_SIGNED, record->arch == ARCH_I386 ? (uint64_t)(int64_t)(int32_t)number : number);
    case A_SIZE:
        return number_value(VALUE_UNSIGNED, number);
    case A_HEX:
        return number_value(VALUE_WORD, number);
    case A_HEX32:
        return number_value(VALUE_HEX, (uint32_t)number);
    case A_LONG_PAIR:
    case A_SIZE_PAIR:
    case A_HIGH_PAIR:
    case A_FAN_EVENTS_PAIR:
        return decode_pair(type, record, index);
    case A_OFFSET:
        return number_value(number ? VALUE_HEX : VALUE_UNSIGNED, number);
    case A_PAGES:
        return number_value(VALUE_HEX, number << MMAP2_SHIFT);
    case A_MODE:
    case A_OPEN_MODE:
        return number_value(VALUE_OCTAL, (uint16_t)number); /* umode_t */
    case A_NODE_MODE:
        return set_value(type, (uint16_t)number);
    case A_DEV:
    case A_NODE_DEV:
        return number_value(VALUE_DEVICE, (uint32_t)number);
    case A_COMM:
        return comm_value(record, index);
    case A_PATH:
    case A_STR:
        return captured_value(record, index, VALUE_STRING);
    case A_ATTRIBUTE_:
        return attribute_value(record, index, reference);
    case A_BUF_:
        return buffer_value(shown, record, 0);
    case A_BLOB_:
        return (uint32_t)reference > BLOB_MAX ? number_value(VALUE_ADDRESS, number) : hex_string_value(record, index);
    case A_SIGSET_:
        return signals_value(record, index);
    case A_ARGV:
        return captured_value(record, index, VALUE_STRINGS);
    case A_ENVP:
        return environment_value(record, index);
    case A_SOCK_PROTOCOL_:
        return protocol_value(socket_protocol_set(reference), number);
    case A_SET_OPTION_:
    case A_GET_OPTION_:
        return option_value(socket_option_set(reference, number, type == A_SET_OPTION_), number);
    case A_PTR:
    case A_MREMAP_ADDRESS:
    case A_HIDDEN:
    case A_NONE:
        break;
    default:
        return other_value(shown, record);
    }
    return number_value(VALUE_ADDRESS, number);
}

const char *call_name(const struct record *record, char unknown[CALL_NAME_MAX]) {
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    if (row) {
        return row->name;
    }
    snprintf(unknown, CALL_NAME_MAX, "syscall_0x%" PRIx64, (uint64_t)record->call.number);
    return unknown;
}

/* A call that nobody has a name for: all that a call can have. */
static void decode_unknown(const struct record *record, struct decoded_call *call) {
    call->count = SYSCALL_MAX_ARGS;
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        call->values[i] = number_value(VALUE_WORD, argument(record, i));
    }
}

void decoded_call_hide_descriptors(struct decoded_call *call) {
    call->result_descriptor = NULL;
    for (unsigned i = 0; i < call->count; i++) {
        call->values[i].descriptor = NULL;
        call->values[i].shows_descriptors = false;
    }
}

static void decode_row(const struct syscall_row *row, const struct record *record, struct decoded_call *call) {
    struct shown_argument shown[SYSCALL_MAX_ARGS];
    call->count = row_arguments(row, record->call.args, shown);
    for (unsigned i = 0; i < call->count; i++) {
        call->values[i] = decode_value(&shown[i], record);
        if (!call->values[i].type) {
            call->values[i].type = shown[i].type;
        }
        call->values[i].direction = shown[i].direction;
    }
}

void decode_call(const struct record *record, struct decoded_call *call) {
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    call->result_descriptor =
        capture_find(record_captures(record), record->call.captures_size, CAPTURE_RESULT, CAPTURE_DESCRIPTOR);
    call->row = row;
    call->name = call_name(record, call->unknown_name);
    call->count = 0;
    if (!row) {
        decode_unknown(record, call);
    } else {
        decode_row(row, record, call);
    }
    if (!(record->call.flags & CALL_HAS_ARGS)) {
        call->count = row ? row_arg_count(row) : SYSCALL_MAX_ARGS;
        memset(call->values, 0, sizeof(call->values)); /* VALUE_UNKNOWN */
    }
}
