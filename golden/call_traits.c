/* SPDX-License-Identifier: MIT */
#include "call_traits.h"

#include "syscall_table.h"
#include "trace_value.h"

#include <ctype.h>
#include <string.h>

enum {
    ERRNO_MAX = 4095,
};

/* Calls whose result is a number of bytes that went to or came from somewhere else. What getdents64 returns is the
 * size of the kernel's own records and no content; getrandom's bytes are made and not moved, but are what the program
 * asked for. Of splice and its like the bytes move between two descriptors and count once. */
static const char *const transfers[] = {
    "read",     "pread64",    "readv",  "preadv",  "preadv2",  "recvfrom",  "recvmsg",         "recv",
    "write",    "pwrite64",   "writev", "pwritev", "pwritev2", "sendto",    "sendmsg",         "send",
    "sendfile", "sendfile64", "splice", "tee",     "vmsplice", "getrandom", "copy_file_range",
};

static const struct {
    const char *name;
    enum call_effect effect;
} effects[] = {
    {"mmap", EFFECT_MMAP},       {"mmap2", EFFECT_MMAP},        {"munmap", EFFECT_MUNMAP},
    {"mremap", EFFECT_MREMAP},   {"mprotect", EFFECT_MPROTECT}, {"pkey_mprotect", EFFECT_MPROTECT},
    {"brk", EFFECT_BRK},         {"open", EFFECT_OPEN},         {"openat", EFFECT_OPEN},
    {"openat2", EFFECT_OPEN},    {"creat", EFFECT_OPEN},        {"dup", EFFECT_DUPLICATE},
    {"dup2", EFFECT_DUPLICATE},  {"dup3", EFFECT_DUPLICATE},    {"fcntl", EFFECT_CONTROL},
    {"fcntl64", EFFECT_CONTROL}, {"close", EFFECT_CLOSE},       {"close_range", EFFECT_CLOSE_RANGE},
    {"fork", EFFECT_FORK},       {"vfork", EFFECT_FORK},        {"clone", EFFECT_FORK},
    {"clone3", EFFECT_FORK},     {"execve", EFFECT_EXEC},       {"execveat", EFFECT_EXEC},
    {"bind", EFFECT_ADDRESS},    {"connect", EFFECT_ADDRESS},   {"accept", EFFECT_ACCEPT},
    {"accept4", EFFECT_ACCEPT},  {"wait4", EFFECT_WAIT},        {"waitpid", EFFECT_WAIT},
    {"waitid", EFFECT_WAIT},
};

static const struct syscall_row *find_row(const char *name) {
    const struct syscall_row *row = NULL;
    for (enum arch arch = 0; arch < ARCH_COUNT && !row; arch++) {
        size_t cursor = 0;
        row = syscall_row_named(arch, name, &cursor);
    }
    return row;
}

static enum argument_role role_of(enum arg_type type) {
    switch (type) {
    case A_PATH:
        return ROLE_PATH;
    case A_FD:
    case A_DIRFD:
    case A_FAN_PLACE:
    case A_HANDLE_PLACE:
        return ROLE_DESCRIPTOR;
    case A_SOCKADDR_:
        return ROLE_ADDRESS;
    case A_SENT_MESSAGE:
    case A_RECEIVED_MESSAGE:
        return ROLE_MESSAGE;
    default:
        return ROLE_NONE;
    }
}

/* The arguments as a trace shows them: hidden ones are not there, and two that are one number stand once. */
static void find_roles(struct call_traits *traits, const struct syscall_row *row) {
    unsigned shown = 0;
    unsigned count = row_arg_count(row);
    for (unsigned i = 0; i < count; i++) {
        enum arg_type type = row_arg_type(row, i);
        if (type == A_HIDDEN) {
            continue;
        }
        traits->roles[shown++] = role_of(type);
        bool is_pair = type == A_LONG_PAIR || type == A_SIZE_PAIR || type == A_HIGH_PAIR || type == A_FAN_EVENTS_PAIR;
        i += is_pair;
    }
}

void call_traits_of(struct call_traits *traits, const char *name) {
    *traits = (struct call_traits){.is_nameless = strcmp(name, "unknown") == 0};
    for (size_t i = 0; i < sizeof(transfers) / sizeof(transfers[0]); i++) {
        traits->transfers |= strcmp(name, transfers[i]) == 0;
    }
    for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
        if (strcmp(name, effects[i].name) == 0) {
            traits->effect = effects[i].effect;
        }
    }
    const struct syscall_row *row = find_row(name);
    if (!row) {
        return;
    }
    find_roles(traits, row);
    if (traits->effect == EFFECT_NONE && (row->types[0] & R_TYPE_MASK) == R_FD) {
        traits->effect = EFFECT_NEW_DESCRIPTOR;
    }
}

bool call_has_failed(const struct trace_call *call) {
    return call->error.bytes || (call->has_result && call->result < 0 && call->result >= -ERRNO_MAX);
}

static bool is_word_letter(char letter) {
    return isalnum((unsigned char)letter) || letter == '_';
}

bool call_argument_has(const struct trace_call *call, unsigned index, const char *name, uint64_t bits) {
    uint64_t number;
    if (index >= call->argument_count || !call->arguments[index].text.bytes) {
        return false;
    }
    if (trace_number(call, index, &number)) {
        return bits && (number & bits) == bits;
    }
    size_t size = strlen(name);
    const char *text = call->arguments[index].text.bytes;
    for (const char *at = text; (at = strstr(at, name)); at += size) {
        if ((at == text || !is_word_letter(at[-1])) && !is_word_letter(at[size])) {
            return true;
        }
    }
    return false;
}
