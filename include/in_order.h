/* SPDX-License-Identifier: MIT
 *
 * Order of stores to memory that another process goes on with when the one that
 * writes it has been killed.
 */
#ifndef RENACER_IN_ORDER_H
#define RENACER_IN_ORDER_H

#include <stdatomic.h>

/* What stands before must be in memory when what follows is: whoever goes on sees the one only with the other. Between
 * processors the kernel sees to that: a process has stopped for good before another one is told of its death. */
static inline void in_order(void) {
    atomic_signal_fence(memory_order_release);
}

#endif
