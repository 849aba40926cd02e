/* SPDX-License-Identifier: MIT */
#include "value.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The argument as wide as the architecture has it. */
static uint64_t argument(const struct record *record, unsigned index) {
    uint64_t value = record->call.args[index];
    return record->arch == ARCH_I386 ? (uint32_t)value : value;
}

static struct value number_value(enum value_kind kind, uint64_t number) {
    return (struct value){.kind = kind, .number = number};
}

static struct value int_value(uint64_t number) {
    return number_value(VALUE_SIGNED, (uint64_t)(int64_t)(int32_t)number);
}

static struct value set_value(enum arg_type type, uint64_t number) {
    return (struct value){.kind = VALUE_CONSTANTS, .number = (uint32_t)number, .set = constant_set(type)};
}

/* A value whose bytes were captured, or its address where they were not. */
static struct value captured_value(const struct record *record, unsigned index, enum value_kind kind) {
    const void *captures = record_captures(record);
    uint32_t size = record->call.captures_size;
    const struct capture *capture = capture_find(captures, size, index, 0);
    uint64_t address = argument(record, index);
    if (!address || !capture || (capture->state == CAPTURE_UNREADABLE && !capture->size && !capture->full_length)) {
        return number_value(VALUE_ADDRESS, address);
    }
    /* Unreadable from the first byte: a pointer to nothing. */
    if (capture->state == CAPTURE_UNREADABLE && capture->size == 0) {
        return number_value(VALUE_ADDRESS, address);
    }
    return (struct value){.kind = kind,
                          .number = address,
                          .capture = capture,
                          .captures = captures,
                          .captures_size = size,
                          .arg = (uint8_t)index};
}

/* fcntl's third argument means what its command says. */
static struct value fcntl_value(uint64_t command, uint64_t number) {
    switch ((int)command) {
    case F_SETFD:
        return set_value(A_FD_FLAGS, number);
    case F_SETFL:
        return set_value(A_OPEN_FLAGS, number);
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_SETPIPE_SZ:
    case F_SETOWN:
        return int_value(number);
    case F_SETSIG:
        return set_value(A_SIGNO, number);
    default:
        return number_value(VALUE_HEX, number);
    }
}

/* Commands of fcntl that take no third argument. */
static bool fcntl_without_argument(uint64_t command) {
    switch ((int)command) {
    case F_GETFD:
    case F_GETFL:
    case F_GETOWN:
    case F_GETSIG:
    case F_GETLEASE:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
        return true;
    default:
        return false;
    }
}

/* A descriptor, and what it was at the call if somebody looked. */
static struct value descriptor_value(const struct record *record, unsigned index, struct value value) {
    value.descriptor = capture_find(record_captures(record), record->call.captures_size, index, CAPTURE_DESCRIPTOR);
    return value;
}

static struct value decode_value(const struct syscall_row *row, const struct record *record, unsigned index) {
    uint64_t number = argument(record, index);
    uint64_t reference = argument(record, row_arg_reference(row, index) % SYSCALL_MAX_ARGS);
    enum arg_type type = row_arg_type(row, index);
    switch (type) {
    case A_INT:
    case A_PID:
        return int_value(number);
    case A_FD:
        return descriptor_value(record, index, int_value(number));
    case A_DIRFD:
        return descriptor_value(record, index,
                                (int32_t)number == AT_FDCWD ? set_value(A_AT_FDCWD, number) : int_value(number));
    case A_UID:
        return (uint32_t)number == UINT32_MAX ? int_value(number) : number_value(VALUE_UNSIGNED, (uint32_t)number);
    case A_UINT:
        return number_value(VALUE_UNSIGNED, (uint32_t)number);
    case A_LONG:
        return number_value(VALUE_SIGNED, record->arch == ARCH_I386 ? (uint64_t)(int64_t)(int32_t)number : number);
    case A_SIZE:
        return number_value(VALUE_UNSIGNED, number);
    case A_HEX:
    case A_DEV:
    case A_KEY:
        return number_value(VALUE_HEX, number);
    case A_OFFSET:
        return number_value(number ? VALUE_HEX : VALUE_UNSIGNED, number);
    case A_MODE:
    case A_OPEN_MODE:
        return number_value(VALUE_OCTAL, (uint32_t)number);
    case A_PATH:
    case A_STR:
    case A_BUF_:
        return captured_value(record, index, VALUE_STRING);
    case A_SOCKADDR_:
        return captured_value(record, index, VALUE_SOCKADDR);
    case A_IOVEC_:
        return captured_value(record, index, VALUE_BUFFERS);
    case A_ARGV:
        return captured_value(record, index, VALUE_STRINGS);
    case A_ENVP:
        return captured_value(record, index, VALUE_COUNTED);
    case A_FCNTL_ARG_:
        return fcntl_value(reference, number);
    case A_SOCK_OPT_:
        return reference == SOL_SOCKET ? set_value(type, number) : int_value(number);
    case A_PTR:
    case A_NONE:
        break;
    default:
        return set_value(type, number);
    }
    return number_value(VALUE_ADDRESS, number);
}

/* Whether the call really has this argument. */
static bool has_argument(const struct syscall_row *row, const struct record *record, unsigned index) {
    switch (row_arg_type(row, index)) {
    case A_NONE:
        return false;
    case A_OPEN_MODE: /* open(2): only with these flags */
        return argument(record, index - 1) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
    case A_FCNTL_ARG_:
        return !fcntl_without_argument(argument(record, row_arg_reference(row, index)));
    default:
        return true;
    }
}

const char *call_name(const struct record *record, char unknown[CALL_NAME_MAX]) {
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    if (row) {
        return row->name;
    }
    snprintf(unknown, CALL_NAME_MAX, "syscall_0x%" PRIx32, (uint32_t)record->call.number);
    return unknown;
}

/* A call that nobody has a name for: all that a call can have. */
static void decode_unknown(const struct record *record, struct decoded_call *call) {
    call->count = SYSCALL_MAX_ARGS;
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        call->values[i] = number_value(VALUE_HEX, argument(record, i));
    }
}

void decoded_call_hide_descriptors(struct decoded_call *call) {
    call->result_descriptor = NULL;
    for (unsigned i = 0; i < call->count; i++) {
        call->values[i].descriptor = NULL;
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
        while (call->count < SYSCALL_MAX_ARGS && has_argument(row, record, call->count)) {
            call->values[call->count] = decode_value(row, record, call->count);
            call->count++;
        }
    }
    if (!(record->call.flags & CALL_HAS_ARGS)) {
        call->count = row ? row_arg_count(row) : SYSCALL_MAX_ARGS;
        memset(call->values, 0, sizeof(call->values)); /* VALUE_UNKNOWN */
    }
}
