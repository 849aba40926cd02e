/* SPDX-License-Identifier: MIT
 *
 * What ptrace(2) tells of a thread that is traced, beside its registers.
 */
#include "decode_bpf.h"
#include "decode_processes.h"
#include "decode_signals.h"
#include "value.h"

#include <stddef.h>

/* ---------------------------------------------------------------------------- signals */

static void show_element(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_siginfo(decoding, NULL, element);
}

/* PTRACE_PEEKSIGINFO: as many as it has found. */
void decode_traced_siginfos(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, (uint64_t)decoding->result, SIGINFO_SIZE, show_element, NULL);
}

void decode_peek_siginfo_args(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, 16);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "off", take_u64(&members));
    show_set(decoding, "flags", A_PTRACE_PEEK_FLAGS, take_u32(&members));
    show_unsigned(decoding, "nr", take_u32(&members));
    show_close(decoding, "}");
}

/* ---------------------------------------------------------------------------- filters */

/* PTRACE_SECCOMP_GET_FILTER: as many instructions as it has. */
void decode_traced_filter(struct decoding *decoding, uint64_t address) {
    if (decoding->verbose) {
        show_sock_filters(decoding, NULL, address, (uint64_t)decoding->result, FILTER_OF_SECCOMP);
    } else {
        show_address(decoding, NULL, address);
    }
}

/* The number of the filter is asked for, what is known of it is the answer. */
void decode_seccomp_metadata(struct decoding *decoding, uint64_t address) {
    enum {
        OFFSET_SIZE = 8,
        WHOLE_SIZE = 16,
    };
    uint64_t result = decoding->delivered ? (uint64_t)decoding->result : 0;
    bool is_cut = result > OFFSET_SIZE && result < WHOLE_SIZE;
    const uint8_t *flags = NULL;
    if (result >= WHOLE_SIZE) {
        flags = memory_at(decoding, address + OFFSET_SIZE, OFFSET_SIZE);
        is_cut = !flags;
    }
    if (is_read_at_exit(decoding)) {
        return;
    }
    look_back(decoding, true);
    const uint8_t *number = referenced(decoding) < OFFSET_SIZE ? NULL : memory_at(decoding, address, OFFSET_SIZE);
    look_back(decoding, false);
    if (!number) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "filter_off", number_in(number, OFFSET_SIZE));
    if (flags) {
        show_set(decoding, "flags", A_SECCOMP_FILTER_FLAGS, number_in(flags, OFFSET_SIZE));
    }
    if (is_cut) {
        show_words(decoding, NULL, "???");
    }
    if (result > WHOLE_SIZE) {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

/* ------------------------------------------------------------------------------ calls */

/* struct ptrace_syscall_info of linux/ptrace.h, which is the same on all architectures. */
enum {
    OP_ENTRY = 1,
    OP_EXIT = 2,
    OP_SECCOMP = 3,
    ARCH_AT = 4,
    INSTRUCTION_AT = 8,
    STACK_AT = 16,
    NUMBER_AT = 24, /* or the result */
    ARGUMENTS_AT = 32,
    IS_ERROR_AT = 32,
    RET_DATA_AT = 80,
    INFO_SIZE = 84,
    ARGUMENTS = 6,
    WORD = 8,
    HALF = 4,
    AUDIT_I386 = 0x40000003, /* AUDIT_ARCH_I386 */
};

/* "__NR_getppid", or the number if it is of another kind than the calls of the program that traces. */
static void show_call_number(struct decoding *decoding, uint64_t number, uint32_t audit_arch) {
    enum arch arch = audit_arch == AUDIT_I386 ? ARCH_I386 : ARCH_X86_64;
    const struct syscall_row *row = number <= INT32_MAX ? syscall_row(arch, (int)number) : NULL;
    if (row && arch == decoding->arch && !syscall_is_x32(arch, (int64_t)number)) {
        show_words(decoding, "nr", "__NR_%s", row->name);
        return;
    }
    show_unsigned(decoding, "nr", number);
    if (row) {
        show_comment(decoding, "%s", row->name);
    }
}

/* As many arguments as there was room for. */
static void show_call(struct decoding *decoding, const uint8_t *bytes, size_t size) {
    bool is_filtered = *bytes == OP_SECCOMP;
    unsigned count = size < ARGUMENTS_AT ? 0 : (unsigned)(size - ARGUMENTS_AT) / WORD;
    show_open(decoding, is_filtered ? "seccomp" : "entry", "{");
    show_call_number(decoding, number_in(bytes + NUMBER_AT, WORD), (uint32_t)number_in(bytes + ARCH_AT, HALF));
    if (count) {
        show_open(decoding, "args", "[");
        for (unsigned i = 0; i < count && i < ARGUMENTS; i++) {
            show_hex(decoding, NULL, number_in(bytes + ARGUMENTS_AT + (size_t)i * WORD, WORD));
        }
        show_close(decoding, "]");
    }
    if (is_filtered && size >= INFO_SIZE) {
        show_unsigned(decoding, "ret_data", number_in(bytes + RET_DATA_AT, HALF));
    }
    show_close(decoding, "}");
}

static void show_return(struct decoding *decoding, const uint8_t *bytes, size_t size) {
    int64_t result = signed_in(bytes + NUMBER_AT, WORD);
    bool is_whole = size > IS_ERROR_AT;
    const char *error = is_whole && bytes[IS_ERROR_AT] && result < 0 && result > INT32_MIN ? errno_name(-result) : NULL;
    show_open(decoding, "exit", "{");
    if (error) {
        show_words(decoding, "rval", "-%s", error);
    } else {
        show_signed(decoding, "rval", result);
    }
    if (is_whole) {
        show_unsigned(decoding, "is_error", bytes[IS_ERROR_AT]);
    }
    show_close(decoding, "}");
}

void decode_syscall_info(struct decoding *decoding, uint64_t address) {
    uint64_t room = referenced(decoding);
    uint64_t there = (uint64_t)decoding->result < room ? (uint64_t)decoding->result : room;
    size_t size = there < INFO_SIZE ? (size_t)there : INFO_SIZE;
    const uint8_t *bytes = size ? memory_at(decoding, address, size) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_set(decoding, "op", A_PTRACE_SYSCALL_INFO, *bytes);
    if (size >= INSTRUCTION_AT) {
        show_set(decoding, "arch", A_AUDIT_ARCH, number_in(bytes + ARCH_AT, HALF));
    }
    if (size >= STACK_AT) {
        show_address(decoding, "instruction_pointer", number_in(bytes + INSTRUCTION_AT, WORD));
    }
    if (size >= NUMBER_AT) {
        show_address(decoding, "stack_pointer", number_in(bytes + STACK_AT, WORD));
    }
    if (size >= ARGUMENTS_AT && (*bytes == OP_ENTRY || *bytes == OP_SECCOMP)) {
        show_call(decoding, bytes, size);
    } else if (size >= ARGUMENTS_AT && *bytes == OP_EXIT) {
        show_return(decoding, bytes, size);
    }
    show_close(decoding, "}");
}
