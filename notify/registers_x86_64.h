/* SPDX-License-Identifier: MIT
 *
 * include/registers.h for x86-64, with programs of i386.
 */
#ifndef RENACER_REGISTERS_X86_64_H
#define RENACER_REGISTERS_X86_64_H

#include <linux/perf_event.h>

#include <asm/perf_regs.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

/* PTRACE_GETREGS shows those of 32-bit programs as those of 64-bit programs. */
struct registers {
    struct user_regs_struct user;
};

static inline const char *machine_problem(void) {
    return NULL;
}

static inline bool registers_read(pid_t tid, struct registers *registers) {
    return syscall(SYS_ptrace, PTRACE_GETREGS, tid, 0, &registers->user) == 0;
}

static inline bool registers_write(pid_t tid, const struct registers *registers) {
    return syscall(SYS_ptrace, PTRACE_SETREGS, tid, 0, &registers->user) == 0;
}

static inline bool registers_are_32_bit(const struct registers *registers) {
    enum {
        CS_32_BIT = 0x23, /* the code segment of 32-bit programs (arch/x86/include/asm/segment.h) */
    };
    return registers->user.cs == CS_32_BIT;
}

static inline int64_t registers_number(const struct registers *registers) {
    return (int64_t)registers->user.orig_rax;
}

static inline void registers_arguments(const struct registers *registers, uint64_t args[SYSCALL_MAX_ARGS]) {
    const struct user_regs_struct *user = &registers->user;
    const uint64_t each[][SYSCALL_MAX_ARGS] = {
        {user->rdi, user->rsi, user->rdx, user->r10, user->r8, user->r9},
        {user->rbx, user->rcx, user->rdx, user->rsi, user->rdi, user->rbp},
    };
    memcpy(args, each[registers_are_32_bit(registers)], sizeof(each[0]));
}

static inline int64_t registers_result(const struct registers *registers) {
    return registers_are_32_bit(registers) ? (int32_t)registers->user.rax : (int64_t)registers->user.rax;
}

static inline void registers_set_result(struct registers *registers, int64_t result) {
    registers->user.rax = (uint64_t)result;
}

static inline uint64_t registers_ip(const struct registers *registers) {
    return registers->user.rip;
}

static inline void registers_for_unwinding(const struct registers *registers, uint64_t numbered[STACK_REGISTERS]) {
    const struct user_regs_struct *user = &registers->user;
    const uint64_t each[STACK_REGISTERS] = {user->rax, user->rdx, user->rcx, user->rbx, user->rsi, user->rdi,
                                            user->rbp, user->rsp, user->r8,  user->r9,  user->r10, user->r11,
                                            user->r12, user->r13, user->r14, user->r15, user->rip};
    memcpy(numbered, each, sizeof(each));
}

static inline void registers_go_back(struct registers *registers) {
    enum {
        INSTRUCTION = 2, /* bytes of syscall, and of int $0x80 */
    };
    registers->user.rax = registers->user.orig_rax;
    registers->user.orig_rax = UINT64_MAX;
    registers->user.rip -= INSTRUCTION;
}

static inline void registers_poke_first(pid_t tid, uint64_t value) {
    syscall(SYS_ptrace, PTRACE_POKEUSER, tid, offsetof(struct user, regs.rdi), value);
}

static inline uint64_t registers_perf_mask(void) {
    return UINT64_C(1) << PERF_REG_X86_SP | UINT64_C(1) << PERF_REG_X86_IP;
}

/* A sample has the registers in the order of enum perf_event_x86_regs: ax, bx, cx, dx, si, di, bp, sp, ip, r8 to r15.
 */
static inline uint64_t registers_perf_unwind_mask(void) {
    uint64_t mask = 0;
    for (unsigned i = PERF_REG_X86_AX; i <= PERF_REG_X86_IP; i++) {
        mask |= UINT64_C(1) << i;
    }
    for (unsigned i = PERF_REG_X86_R8; i <= PERF_REG_X86_R15; i++) {
        mask |= UINT64_C(1) << i;
    }
    return mask;
}

static inline void registers_from_perf(const uint64_t sampled[STACK_REGISTERS], uint64_t registers[STACK_REGISTERS]) {
    enum {
        R8 = 8, /* for DWARF */
    };
    static const uint8_t first[] = {0, 3, 2, 1, 4, 5, STACK_REGISTER_BP, STACK_REGISTER_SP, STACK_REGISTER_IP};
    for (size_t i = 0; i < sizeof(first); i++) {
        registers[first[i]] = sampled[i];
    }
    memcpy(&registers[R8], &sampled[sizeof(first)], (STACK_REGISTERS - sizeof(first)) * sizeof(*sampled));
}

#endif
