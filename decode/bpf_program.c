/* SPDX-License-Identifier: MIT
 *
 * Programs of eBPF, instruction by instruction.
 */
#include "bpf_attributes.h"

#include <linux/bpf.h>

static void show_part(struct decoding *decoding, enum arg_type set, unsigned part) {
    show_joint(decoding, "|");
    show_set(decoding, NULL, set, part);
}

static void show_code(struct decoding *decoding, unsigned code) {
    unsigned class = BPF_CLASS(code);
    show_set(decoding, "code", A_BPF_INSTRUCTION_CLASS, class);
    switch (class) {
    case BPF_LD:
    case BPF_LDX:
    case BPF_ST:
    case BPF_STX:
        show_part(decoding, A_BPF_SIZE, BPF_SIZE(code));
        show_part(decoding, A_BPF_INSTRUCTION_MODE, BPF_MODE(code));
        break;
    case BPF_ALU:
    case BPF_ALU64:
        show_part(decoding, A_BPF_SRC, BPF_SRC(code));
        show_part(decoding, A_BPF_ALU_OP, BPF_OP(code));
        break;
    case BPF_JMP:
        show_part(decoding, A_BPF_SRC, BPF_SRC(code));
        show_part(decoding, A_BPF_JMP_OP, BPF_OP(code));
        break;
    default: /* BPF_JMP32 */
        if (code & ~7U) {
            show_joint(decoding, "|");
            show_hex(decoding, NULL, code & ~7U);
            show_comment(decoding, "BPF_???");
        }
        break;
    }
}

static void show_instruction(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct members members = members_of(decoding, element);
    show_open(decoding, NULL, "{");
    show_code(decoding, take_u8(&members));
    unsigned registers = take_u8(&members);
    show_set(decoding, "dst_reg", A_BPF_REG, registers & 0xf);
    show_set(decoding, "src_reg", A_BPF_REG, registers >> 4);
    show_signed(decoding, "off", (int16_t)take_u16(&members));
    show_hex(decoding, "imm", take_u32(&members));
    show_close(decoding, "}");
}

void show_instructions(struct decoding *decoding, const char *name, uint64_t address, uint64_t count) {
    if (decoding->verbose) {
        show_vector(decoding, name, address, count, sizeof(struct bpf_insn), show_instruction, NULL);
    } else {
        show_address(decoding, name, address);
    }
}
