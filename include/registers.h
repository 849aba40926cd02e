/* SPDX-License-Identifier: MIT
 *
 * All that depends on the machine this is built for: the registers of a tracee that
 * stands in a ptrace stop of the calling thread, and which registers events carry.
 *
 * The table of system calls is that of x86-64 and i386. Built for another machine
 * renacer-sv says so, and no engine starts: machine_problem().
 */
#ifndef RENACER_REGISTERS_H
#define RENACER_REGISTERS_H

#include "stack_sample.h"
#include "syscall_table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct registers;

/* A sentence about why nothing can be traced with this build, or NULL. */
static inline const char *machine_problem(void);

/* Whether they could be read, or written. */
static inline bool registers_read(pid_t tid, struct registers *registers);
static inline bool registers_write(pid_t tid, const struct registers *registers);

/* Whether the program is one of i386. */
static inline bool registers_are_32_bit(const struct registers *registers);

/* The call that it is in; negative: none. */
static inline int64_t registers_number(const struct registers *registers);
static inline void registers_arguments(const struct registers *registers, uint64_t args[SYSCALL_MAX_ARGS]);

/* What that returns, if it has ended. */
static inline int64_t registers_result(const struct registers *registers);
static inline void registers_set_result(struct registers *registers, int64_t result);

/* Behind the instruction that made the call. */
static inline uint64_t registers_ip(const struct registers *registers);

/* All of them for unwinding, by the numbers of include/stack_sample.h. */
static inline void registers_for_unwinding(const struct registers *registers, uint64_t numbered[STACK_REGISTERS]);

/* Back to the instruction, so that the call is made once more. */
static inline void registers_go_back(struct registers *registers);

/* Change the first argument of the call that begins, or give it back when it has ended. */
static inline void registers_poke_first(pid_t tid, uint64_t value);

/* The mask of perf_event_open(2) for the stack pointer and the ip, in this order. */
static inline uint64_t registers_perf_mask(void);

/* The same for all that unwinding needs, STACK_REGISTERS of them; and from the order in which a sample has these to
 * that of DWARF. */
static inline uint64_t registers_perf_unwind_mask(void);
static inline void registers_from_perf(const uint64_t sampled[STACK_REGISTERS], uint64_t registers[STACK_REGISTERS]);

#ifdef __x86_64__
#include "notify/registers_x86_64.h"
#else
#include "notify/registers_unknown.h"
#endif

#endif
