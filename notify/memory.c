/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <errno.h>

static ssize_t live_read(const struct memory *memory, pid_t tid, const struct iovec *local, const struct iovec *remote,
                         unsigned count) {
    (void)memory;
    ssize_t copied = process_vm_readv(tid, local, count, remote, count, 0);
    return copied < 0 ? -errno : copied;
}

static ssize_t live_write(const struct memory *memory, pid_t tid, const struct iovec *local, const struct iovec *remote,
                          unsigned count) {
    (void)memory;
    ssize_t copied = process_vm_writev(tid, local, count, remote, count, 0);
    return copied < 0 ? -errno : copied;
}

const struct memory live_memory = {.read = live_read, .write = live_write};

int memory_read_exact(const struct memory *memory, pid_t tid, uint64_t address, void *buffer, size_t size) {
    struct iovec local = {.iov_base = buffer, .iov_len = size};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
    ssize_t copied = memory->read(memory, tid, &local, &remote, 1);
    if (copied < 0) {
        return (int)copied;
    }
    return (size_t)copied == size ? 0 : -EFAULT;
}
