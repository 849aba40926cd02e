/* SPDX-License-Identifier: MIT
 *
 * Registers as ptrace(2) gives and takes them: those of the program that traces, not of the one that is traced.
 */
#include "decode_processes.h"

#include <elf.h>

/* One after the other, without padding: arch/x86/include/uapi/asm/ptrace.h and the C library's sys/user.h. */
struct register_field {
    const char *name;
    uint8_t size;
    uint8_t count;       /* elements of an array; 0: it is none */
    bool is_abbreviated; /* without -v only as many elements as of a vector are shown */
};

#define LONG(name)                                                                                                     \
    { name, 8, 0, false }
#define WORD(name)                                                                                                     \
    { name, 4, 0, false }
#define HALF(name)                                                                                                     \
    { name, 2, 0, false }

static const struct register_field general[] = {
    LONG("r15"),     LONG("r14"),      LONG("r13"), LONG("r12"), LONG("rbp"),    LONG("rbx"), LONG("r11"),
    LONG("r10"),     LONG("r9"),       LONG("r8"),  LONG("rax"), LONG("rcx"),    LONG("rdx"), LONG("rsi"),
    LONG("rdi"),     LONG("orig_rax"), LONG("rip"), LONG("cs"),  LONG("eflags"), LONG("rsp"), LONG("ss"),
    LONG("fs_base"), LONG("gs_base"),  LONG("ds"),  LONG("es"),  LONG("fs"),     LONG("gs"),
};

static const struct register_field general_i386[] = {
    WORD("ebx"), WORD("ecx"), WORD("edx"),    WORD("esi"), WORD("edi"), WORD("ebp"),
    WORD("eax"), WORD("xds"), WORD("xes"),    WORD("xfs"), WORD("xgs"), WORD("orig_eax"),
    WORD("eip"), WORD("xcs"), WORD("eflags"), WORD("esp"), WORD("xss"),
};

static const struct register_field floating[] = {
    HALF("cwd"),
    HALF("swd"),
    HALF("ftw"),
    HALF("fop"),
    LONG("rip"),
    LONG("rdp"),
    WORD("mxcsr"),
    WORD("mxcr_mask"),
    {"st_space", 4, 32, true},
    {"xmm_space", 4, 64, true},
    {"padding", 4, 24, true},
};

static const struct register_field floating_i386[] = {
    WORD("cwd"), WORD("swd"), WORD("twd"), WORD("fip"),
    WORD("fcs"), WORD("foo"), WORD("fos"), {"st_space", 4, 20, true},
};

struct register_set {
    const struct register_field *fields;
    unsigned count;
    uint32_t size;
};

enum {
    ELEMENTS = 32, /* of an array, without -v */
};

#define SET(fields, size)                                                                                              \
    { fields, sizeof(fields) / sizeof((fields)[0]), size }

static const struct register_set general_sets[ARCH_COUNT] = {
    [ARCH_X86_64] = SET(general, 216),
    [ARCH_I386] = SET(general_i386, 68),
};

static const struct register_set floating_sets[ARCH_COUNT] = {
    [ARCH_X86_64] = SET(floating, 512),
    [ARCH_I386] = SET(floating_i386, 108),
};

static void show_array(struct decoding *decoding, const struct register_field *field, const uint8_t *bytes,
                       unsigned count) {
    unsigned shown = decoding->verbose || count < ELEMENTS ? count : ELEMENTS;
    show_open(decoding, field->name, "[");
    for (unsigned i = 0; i < shown; i++) {
        show_hex(decoding, NULL, number_in(bytes + (size_t)i * field->size, field->size));
    }
    if (shown < count) {
        show_dots(decoding);
    }
    show_close(decoding, "]");
}

/* The registers that `size` bytes have, of a set that the program takes for `whole` bytes. */
static void show_set_of_registers(struct decoding *decoding, const char *name, const struct register_set *set,
                                  const uint8_t *bytes, uint32_t size, uint64_t whole) {
    uint32_t at = 0;
    show_open(decoding, name, "{");
    for (unsigned i = 0; i < set->count && at < size; i++) {
        const struct register_field *field = &set->fields[i];
        uint32_t room = (size - at) / field->size;
        if (field->count) {
            show_array(decoding, field, bytes + at, room < field->count ? room : field->count);
        } else if (room) {
            show_hex(decoding, field->name, number_in(bytes + at, field->size));
        }
        at += field->size * (field->count ? field->count : 1U);
    }
    if (whole > set->size) {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

static void show_whole_set(struct decoding *decoding, uint64_t address, const struct register_set *set) {
    const uint8_t *bytes = memory_at(decoding, address, set->size);
    if (bytes) {
        show_set_of_registers(decoding, NULL, set, bytes, set->size, set->size);
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_registers(struct decoding *decoding, uint64_t address) {
    show_whole_set(decoding, address, &general_sets[decoding->arch]);
}

void decode_fp_registers(struct decoding *decoding, uint64_t address) {
    show_whole_set(decoding, address, &floating_sets[decoding->arch]);
}

/* --------------------------------------------------------------- one set, by its note */

/* The set whose members are known; NULL: only its address is shown. */
static const struct register_set *set_of_note(const struct decoding *decoding) {
    switch ((uint32_t)argument_of(decoding, 2)) {
    case NT_PRSTATUS:
        return &general_sets[decoding->arch];
    case NT_FPREGSET:
        return &floating_sets[decoding->arch];
    default:
        return NULL;
    }
}

static void show_base(struct decoding *decoding, uint64_t base, uint64_t length) {
    const struct register_set *set = set_of_note(decoding);
    const uint8_t *bytes = NULL;
    uint32_t size = 0;
    if (set && length && length % word_bytes(decoding) == 0) {
        size = length < set->size ? (uint32_t)length : set->size;
        bytes = memory_at(decoding, base, size);
    }
    if (bytes) {
        show_set_of_registers(decoding, "iov_base", set, bytes, size, length);
    } else {
        show_address(decoding, "iov_base", base);
    }
}

/* The iovec as it stands there; false: it cannot be read. */
static bool read_iovec(struct decoding *decoding, uint64_t address, uint64_t *base, uint64_t *length) {
    const uint8_t *bytes = memory_at(decoding, address, (size_t)2 * word_bytes(decoding));
    if (bytes) {
        struct members members = members_of(decoding, bytes);
        *base = take_word(&members);
        *length = take_word(&members);
    }
    return bytes;
}

/* The kernel says in the iovec how much of the set it has got or given. */
void decode_regset(struct decoding *decoding, uint64_t address) {
    enum {
        SETREGSET = 0x4205, /* PTRACE_SETREGSET */
    };
    bool sets = (uint32_t)argument_of(decoding, 0) == SETREGSET;
    uint64_t base;
    uint64_t length;
    uint64_t left;
    if (is_read_at_exit(decoding)) {
        if (read_iovec(decoding, address, &base, &left) && !sets) {
            show_base(decoding, base, left);
        }
        return;
    }
    look_back(decoding, true);
    if (!read_iovec(decoding, address, &base, &length)) {
        look_back(decoding, false);
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    if (sets) {
        show_base(decoding, base, length);
    }
    look_back(decoding, false);
    left = length;
    bool is_known = decoding->delivered && read_iovec(decoding, address, &base, &left);
    if (!sets && is_known) {
        show_base(decoding, base, left);
    } else if (!sets) {
        show_address(decoding, "iov_base", base);
    }
    show_unsigned(decoding, "iov_len", length);
    if (left != length) {
        show_change(decoding);
        show_unsigned(decoding, NULL, left);
    }
    show_close(decoding, "}");
}
