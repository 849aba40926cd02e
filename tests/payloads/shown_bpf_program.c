/* SPDX-License-Identifier: MIT
 *
 * Programs of eBPF as they are shown with -v: see shown.h.
 */
#include "shown.h"

#include <linux/bpf.h>
#include <stdint.h>

int main(void) {
    shown_options("-v");
    shown_calls("bpf");
    struct bpf_insn instructions[] = {
        {.code = 0xb7, .dst_reg = 1, .src_reg = 2, .off = -3, .imm = -4},
        {.code = 0x61, .dst_reg = 10},
        {.code = 0xff, .dst_reg = 15, .src_reg = 11},
        {.code = 0x16, .imm = 7},
    };
    union bpf_attr attributes = {.prog_type = UINT32_MAX, .insn_cnt = 4, .insns = (uintptr_t)instructions};
    shown(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, 24),
          "bpf(BPF_PROG_LOAD, {prog_type=0xffffffff /* BPF_PROG_TYPE_??? */, insn_cnt=4, "
          "insns=[{code=BPF_ALU64|BPF_K|BPF_MOV, dst_reg=BPF_REG_1, src_reg=BPF_REG_2, off=-3, imm=0xfffffffc}, "
          "{code=BPF_LDX|BPF_W|BPF_MEM, dst_reg=BPF_REG_10, src_reg=BPF_REG_0, off=0, imm=0}, "
          "{code=BPF_ALU64|BPF_X|0xf0 /* BPF_??? */, dst_reg=0xf /* BPF_REG_??? */, src_reg=0xb /* BPF_REG_??? */, "
          "off=0, imm=0}, {code=BPF_JMP32|0x10 /* BPF_??? */, dst_reg=BPF_REG_0, src_reg=BPF_REG_0, off=0, imm=0x7}], "
          "license=NULL}, 24)");
    unsigned char extra[] = {0xff, 0xff, 0xff, 0xff, 1, 2};
    shown(syscall(SYS_bpf, BPF_MAP_FREEZE, extra, sizeof(extra)),
          "bpf(BPF_MAP_FREEZE, {map_fd=-1, extra_data=\"\\x01\\x02\" /* bytes 4..5 */}, 6)");
    return 0;
}
