/* SPDX-License-Identifier: MIT
 *
 * Code that has no CFI where it is needed, but is known by its instructions, byte for byte. Nothing is guessed from
 * prologues.
 *
 * - What makes a system call that a new thread returns from, too (clone, clone3): the C library ends its CFI before the
 *   call, for the thread has no caller. But the one that called has, and the next thing that it does is return.
 * - What a signal handler returns to (rt_sigreturn): that of musl and that of Go.
 * - Where the kernel starts glibc's dynamic loader.
 */
#ifndef RENACER_KNOWN_CODE_H
#define RENACER_KNOWN_CODE_H

#include "unwind_rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KNOWN_CODE_BEFORE = 8, /* bytes before the place */
    KNOWN_CODE_SIZE = 24,  /* and all together */
    KNOWN_START_SIZE = 4,
};

/* The rule of a place (as module_unwind_rule() has it) by the code around it, which is 0 where it is not known.
 * `start`: the code where the kernel starts the file, and how far behind that the place is. */
bool known_code_rule(const uint8_t code[KNOWN_CODE_SIZE], const uint8_t start[KNOWN_START_SIZE], uint64_t behind_start,
                     struct unwind_rule *rule);

#endif
