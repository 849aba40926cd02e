/* SPDX-License-Identifier: MIT
 *
 * What is known of a signal: siginfo_t, of which the number and the code of the signal say what stands in it.
 */
#include "decode_signals.h"

#include "value.h"

#include <linux/audit.h>
#include <signal.h>

enum {
    TICKS_A_SECOND = 100, /* USER_HZ */
};

/* The members behind the first three. */
static struct members union_of(const struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    members.at = decoding->arch == ARCH_I386 ? 12 : 16;
    return members;
}

/* Who has sent it. */
static void show_source(struct decoding *decoding, int32_t process, uint32_t user) {
    show_process(decoding, "si_pid", process);
    show_id(decoding, "si_uid", user);
}

static void show_sigval(struct decoding *decoding, uint64_t value) {
    show_signed(decoding, "si_int", (int32_t)value);
    show_address(decoding, "si_ptr", value);
}

/* The process, the user, and a value if there is one; `may_be_nobody`: the first two as well only if there are any. */
static void show_sent(struct decoding *decoding, struct members members, bool may_be_nobody) {
    int32_t process = take_i32(&members);
    uint32_t user = take_u32(&members);
    uint64_t value = take_word(&members);
    if (!may_be_nobody || process || user) {
        show_source(decoding, process, user);
    }
    if (value) {
        show_sigval(decoding, value);
    }
}

static void show_timer(struct decoding *decoding, struct members members) {
    show_hex(decoding, "si_timerid", take_u32(&members));
    show_signed(decoding, "si_overrun", take_i32(&members));
    show_sigval(decoding, take_word(&members));
}

static void show_band(struct decoding *decoding, struct members members) {
    show_signed(decoding, "si_band", take_long(&members));
    show_descriptor(decoding, "si_fd", take_i32(&members));
}

static void show_ticks(struct decoding *decoding, const char *name, uint64_t ticks) {
    show_moment(decoding, name, ticks);
    if (ticks && shows_moments(decoding)) {
        show_comment(decoding, "%llu.%02llu s", (unsigned long long)ticks / TICKS_A_SECOND,
                     (unsigned long long)ticks % TICKS_A_SECOND);
    }
}

static void show_child(struct decoding *decoding, struct members members, int32_t code) {
    int32_t process = take_i32(&members);
    show_source(decoding, process, take_u32(&members));
    int32_t status = take_i32(&members);
    if (code == CLD_EXITED) {
        show_signed(decoding, "si_status", status);
    } else {
        show_signal(decoding, "si_status", (uint64_t)(int64_t)status);
    }
    show_ticks(decoding, "si_utime", (uint64_t)take_long(&members));
    show_ticks(decoding, "si_stime", (uint64_t)take_long(&members));
}

static void show_fault(struct decoding *decoding, struct members members, int32_t signal, int32_t code) {
    show_address(decoding, "si_addr", take_word(&members));
    if (signal == SIGBUS && (code == BUS_MCEERR_AR || code == BUS_MCEERR_AO)) {
        show_hex(decoding, "si_addr_lsb", take_u16(&members));
        return;
    }
    /* The number of bits that are lost has the place of a pointer. */
    members.at += word_bytes(decoding);
    if (signal == SIGSEGV && code == SEGV_BNDERR) {
        show_address(decoding, "si_lower", take_word(&members));
        show_address(decoding, "si_upper", take_word(&members));
    } else if (signal == SIGSEGV && code == SEGV_PKUERR) {
        show_unsigned(decoding, "si_pkey", take_u32(&members));
    }
}

/* The call that was not made, by name if its architecture is known. */
static void show_call(struct decoding *decoding, struct members members) {
    show_address(decoding, "si_call_addr", take_word(&members));
    uint32_t number = take_u32(&members);
    uint32_t audit = take_u32(&members);
    enum arch arch = audit == AUDIT_ARCH_X86_64 ? ARCH_X86_64 : ARCH_I386;
    const struct syscall_row *row = NULL;
    if (audit == AUDIT_ARCH_X86_64 || audit == AUDIT_ARCH_I386) {
        row = syscall_row(arch, (int)number);
    }
    if (row && arch == decoding->arch && !syscall_is_x32(arch, number)) {
        show_words(decoding, "si_syscall", "__NR_%s", row->name);
    } else {
        show_unsigned(decoding, "si_syscall", number);
        if (row) {
            show_comment(decoding, "%s", row->name);
        }
    }
    show_set(decoding, "si_arch", A_AUDIT_ARCH, audit);
}

/* A code that a program has given. */
static void show_of_program(struct decoding *decoding, struct members members, int32_t code) {
    switch (code) {
    case SI_USER:
    case SI_TKILL: {
        int32_t process = take_i32(&members);
        show_source(decoding, process, take_u32(&members));
        break;
    }
    case SI_TIMER:
        show_timer(decoding, members);
        break;
    case SI_SIGIO:
        show_band(decoding, members);
        break;
    default:
        show_sent(decoding, members, false);
        break;
    }
}

static void show_of_kernel(struct decoding *decoding, struct members members, int32_t signal, int32_t code) {
    switch (signal) {
    case SIGCHLD:
        show_child(decoding, members, code);
        break;
    case SIGILL:
    case SIGTRAP:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
        show_fault(decoding, members, signal, code);
        break;
    case SIGPOLL:
        if (code <= POLL_HUP) {
            show_band(decoding, members);
        }
        break;
    case SIGSYS:
        show_call(decoding, members);
        break;
    default:
        show_sent(decoding, members, true);
        break;
    }
}

static void show_code(struct decoding *decoding, int32_t signal, int32_t code) {
    const char *name = signal_code_name(signal, code);
    if (name) {
        show_words(decoding, "si_code", "%s", name);
    } else {
        show_hex(decoding, "si_code", (uint32_t)code);
    }
}

void show_siginfo(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    int32_t signal = take_i32(&members);
    uint32_t error = take_u32(&members);
    int32_t code = take_i32(&members);
    show_open(decoding, name, "{");
    if (signal) {
        show_signal(decoding, "si_signo", (uint64_t)(int64_t)signal);
        show_code(decoding, signal, code);
        if (error) {
            show_error(decoding, "si_errno", error);
        }
        if (code <= 0) {
            show_of_program(decoding, union_of(decoding, bytes), code);
        } else {
            show_of_kernel(decoding, union_of(decoding, bytes), signal, code);
        }
    }
    show_close(decoding, "}");
}

static void show_siginfo_at(struct decoding *decoding, const char *name, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, SIGINFO_SIZE);
    if (bytes) {
        show_siginfo(decoding, name, bytes);
    } else {
        show_address(decoding, name, address);
    }
}

void decode_siginfo(struct decoding *decoding, uint64_t address) {
    show_siginfo_at(decoding, NULL, address);
}

/* rt_sigpending(2): the kernel writes no more of the set than it is asked for. */
void decode_pending(struct decoding *decoding, uint64_t address) {
    size_t size = referenced(decoding) < sizeof(uint64_t) ? (size_t)referenced(decoding) : sizeof(uint64_t);
    const uint8_t *set = size ? memory_at(decoding, address, size) : NULL;
    if (set) {
        show_signals(decoding, NULL, number_in(set, (unsigned)size));
    } else {
        show_address(decoding, NULL, address);
    }
}
