/* SPDX-License-Identifier: MIT
 *
 * Classic programs of BPF: filters of seccomp(2) and of sockets.
 */
#include "decode_bpf.h"

#include <linux/filter.h>

/* The bits of an instruction's code that its class leaves. */
static void show_rest(struct decoding *decoding, unsigned rest) {
    if (rest) {
        show_joint(decoding, "|");
        show_hex(decoding, NULL, rest);
        show_comment(decoding, "BPF_???");
    }
}

static void show_part(struct decoding *decoding, enum arg_type set, unsigned part) {
    show_joint(decoding, "|");
    show_set(decoding, NULL, set, part);
}

static void show_code(struct decoding *decoding, unsigned code) {
    show_set(decoding, NULL, A_BPF_CLASS, BPF_CLASS(code));
    switch (BPF_CLASS(code)) {
    case BPF_LD:
    case BPF_LDX:
        show_part(decoding, A_BPF_SIZE, BPF_SIZE(code));
        show_part(decoding, A_BPF_MODE, BPF_MODE(code));
        break;
    case BPF_ALU:
        show_part(decoding, A_BPF_SRC, BPF_SRC(code));
        show_part(decoding, A_BPF_ALU_OP, BPF_OP(code));
        break;
    case BPF_JMP:
        show_part(decoding, A_BPF_SRC, BPF_SRC(code));
        show_part(decoding, A_BPF_JMP_OP, BPF_OP(code));
        break;
    case BPF_RET:
        show_part(decoding, A_BPF_RVAL, BPF_RVAL(code));
        show_rest(decoding, code & ~0x1fU);
        break;
    case BPF_MISC:
        show_part(decoding, A_BPF_MISC_OP, BPF_MISCOP(code));
        show_rest(decoding, code & ~0xffU);
        break;
    default: /* BPF_ST, BPF_STX */
        show_rest(decoding, code & ~7U);
        break;
    }
}

/* What a filter of seccomp returns. */
static void show_action(struct decoding *decoding, uint32_t number) {
    show_set(decoding, NULL, A_SECCOMP_RET, number & 0xffff0000);
    if (number & 0xffff) {
        show_joint(decoding, "|");
        show_hex(decoding, NULL, number & 0xffff);
    }
}

/* Where a filter of a socket reads: in the packet, or behind places that stand for other things. */
static void show_place(struct decoding *decoding, uint32_t number) {
    if (number >= (uint32_t)SKF_AD_OFF) {
        show_words(decoding, NULL, "SKF_AD_OFF");
        show_joint(decoding, "+");
        show_set(decoding, NULL, A_SKF_AD, number - (uint32_t)SKF_AD_OFF);
    } else if (number >= (uint32_t)SKF_NET_OFF) {
        show_words(decoding, NULL, "SKF_NET_OFF+%u", number - (uint32_t)SKF_NET_OFF);
    } else if (number >= (uint32_t)SKF_LL_OFF) {
        show_words(decoding, NULL, "SKF_LL_OFF+%u", number - (uint32_t)SKF_LL_OFF);
    } else {
        show_hex(decoding, NULL, number);
    }
}

static void show_statement(struct decoding *decoding, unsigned code, uint32_t number, enum filter_kind kind) {
    show_open(decoding, NULL, "BPF_STMT(");
    show_code(decoding, code);
    if (kind == FILTER_OF_SECCOMP && BPF_CLASS(code) == BPF_RET) {
        show_action(decoding, number);
    } else if (kind == FILTER_OF_SOCKET && BPF_CLASS(code) == BPF_LD && BPF_MODE(code) == BPF_ABS) {
        show_place(decoding, number);
    } else {
        show_hex(decoding, NULL, number);
    }
    show_close(decoding, ")");
}

static void show_instruction(struct decoding *decoding, const uint8_t *element, void *context) {
    const enum filter_kind *kind = context;
    struct members members = members_of(decoding, element);
    unsigned code = take_u16(&members);
    unsigned if_true = take_u8(&members);
    unsigned if_false = take_u8(&members);
    uint32_t number = take_u32(&members);
    if (!if_true && !if_false) {
        show_statement(decoding, code, number, *kind);
        return;
    }
    show_open(decoding, NULL, "BPF_JUMP(");
    show_code(decoding, code);
    show_hex(decoding, NULL, number);
    show_hex(decoding, NULL, if_true);
    show_hex(decoding, NULL, if_false);
    show_close(decoding, ")");
}

void show_sock_filters(struct decoding *decoding, const char *name, uint64_t address, uint64_t count,
                       enum filter_kind kind) {
    if (decoding->verbose) {
        show_vector(decoding, name, address, count, sizeof(struct sock_filter), show_instruction, &kind);
    } else {
        show_address(decoding, name, address);
    }
}

void show_sock_fprog(struct decoding *decoding, const char *name, uint64_t address, enum filter_kind kind) {
    const uint8_t *bytes = memory_at(decoding, address, 2 * (size_t)word_bytes(decoding));
    if (!bytes) {
        show_address(decoding, name, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    unsigned count = take_u16(&members);
    uint64_t filter = take_word(&members);
    show_open(decoding, name, "{");
    show_unsigned(decoding, "len", count);
    show_sock_filters(decoding, "filter", filter, count, kind);
    show_close(decoding, "}");
}

void decode_seccomp_filter(struct decoding *decoding, uint64_t address) {
    show_sock_fprog(decoding, NULL, address, FILTER_OF_SECCOMP);
}

void decode_socket_filter(struct decoding *decoding, uint64_t address) {
    show_sock_fprog(decoding, NULL, address, FILTER_OF_SOCKET);
}
