/* SPDX-License-Identifier: MIT
 *
 * A stack sample: the registers of a thread at the entry of a call, and the part
 * of its stack that was copied with them. Unwinding needs nothing else of the
 * program. It follows the captures of a call's record.
 */
#ifndef RENACER_STACK_SAMPLE_H
#define RENACER_STACK_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By the numbers of DWARF (System V ABI, AMD64 supplement, figure 3.36): rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to
 * r15, and the return address, which is the instruction pointer. */
enum {
    STACK_REGISTER_BP = 6,
    STACK_REGISTER_SP = 7,
    STACK_REGISTER_IP = 16,
    STACK_REGISTERS = 17,
};

enum {
    /* Of the stack, in bytes: multiples of 8. The most is what a perf sample has room for: its size is in 16 bits. */
    STACK_SAMPLE_DEFAULT = 16384,
    STACK_SAMPLE_LEAST = 512,
    STACK_SAMPLE_MOST = 65536 - 1024,
};

struct stack_sample {
    uint32_t size; /* bytes of the stack that follow, from registers[STACK_REGISTER_SP] upwards; a multiple of 8 */
    bool cut;      /* as many as were asked for: there may be more of the stack */
    /* Fewer (of perf alone): the copy has ended at memory that does not exist, or that the kernel would have had to
     * fetch first, such as a page that was never touched. ptrace fetches it: there is no more. */
    bool partial;
    bool is_32_bit;                      /* the code is; not unwound */
    uint64_t registers[STACK_REGISTERS]; /* [STACK_REGISTER_IP] is behind the instruction that made the call */
};

static inline const uint8_t *stack_sample_bytes(const struct stack_sample *sample) {
    return (const uint8_t *)(sample + 1);
}

/* With its stack. A multiple of 8. */
static inline size_t stack_sample_size(const struct stack_sample *sample) {
    return sizeof(*sample) + sample->size;
}

#endif
