/* SPDX-License-Identifier: MIT
 *
 * Reading and writing the memory of a tracee: a table of functions, so that
 * capture, decoding and repair can be tested on fake memory.
 */
#ifndef RENACER_MEMORY_H
#define RENACER_MEMORY_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct memory {
    /* Copy `count` remote ranges into the local ones, in order, as
     * process_vm_readv(2): returns the bytes copied, which are fewer than asked
     * for where a range ends in unmapped memory, or -errno if there are none. */
    ssize_t (*read)(const struct memory *memory, pid_t tid, const struct iovec *local, const struct iovec *remote,
                    unsigned count);
    /* The same in the other direction, as process_vm_writev(2). */
    ssize_t (*write)(const struct memory *memory, pid_t tid, const struct iovec *local, const struct iovec *remote,
                     unsigned count);
};

/* The memory of live threads. */
extern const struct memory live_memory;

/* The memory of stopped tracees of the calling thread: the same, and with PTRACE_PEEKDATA
 * where process_vm_readv(2) is refused. It is not written. */
extern const struct memory tracee_memory;

/* Read exactly `size` bytes at `address` into `buffer`: 0, or -errno (-EFAULT for a short read). */
int memory_read_exact(const struct memory *memory, pid_t tid, uint64_t address, void *buffer, size_t size);

#endif
