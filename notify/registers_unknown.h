/* SPDX-License-Identifier: MIT
 *
 * include/registers.h for a machine whose calls are not in the table: nothing is
 * ever read, because no engine starts.
 */
#ifndef RENACER_REGISTERS_UNKNOWN_H
#define RENACER_REGISTERS_UNKNOWN_H

#include <string.h>

struct registers {
    char none;
};

static inline const char *machine_problem(void) {
    return "this build knows only the system calls of x86-64 and i386";
}

static inline bool registers_read(pid_t tid, struct registers *registers) {
    (void)tid;
    (void)registers;
    return false;
}

static inline bool registers_write(pid_t tid, const struct registers *registers) {
    (void)tid;
    (void)registers;
    return false;
}

static inline bool registers_are_32_bit(const struct registers *registers) {
    (void)registers;
    return false;
}

static inline int64_t registers_number(const struct registers *registers) {
    (void)registers;
    return -1;
}

static inline void registers_arguments(const struct registers *registers, uint64_t args[SYSCALL_MAX_ARGS]) {
    (void)registers;
    memset(args, 0, SYSCALL_MAX_ARGS * sizeof(args[0]));
}

static inline int64_t registers_result(const struct registers *registers) {
    (void)registers;
    return 0;
}

static inline void registers_set_result(struct registers *registers, int64_t result) {
    (void)registers;
    (void)result;
}

static inline uint64_t registers_ip(const struct registers *registers) {
    (void)registers;
    return 0;
}

static inline void registers_for_unwinding(const struct registers *registers, uint64_t numbered[STACK_REGISTERS]) {
    (void)registers;
    memset(numbered, 0, STACK_REGISTERS * sizeof(numbered[0]));
}

static inline void registers_go_back(struct registers *registers) {
    (void)registers;
}

static inline void registers_poke_first(pid_t tid, uint64_t value) {
    (void)tid;
    (void)value;
}

static inline uint64_t registers_perf_mask(void) {
    return 0;
}

static inline uint64_t registers_perf_unwind_mask(void) {
    return 0;
}

static inline void registers_from_perf(const uint64_t sampled[STACK_REGISTERS], uint64_t registers[STACK_REGISTERS]) {
    (void)sampled;
    (void)registers;
}

#endif
