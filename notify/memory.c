/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Copy one range word by word; returns the bytes copied, or -errno if there are none. */
static ssize_t peek_range(pid_t tid, const struct iovec *local, const struct iovec *remote) {
    uint8_t *to = local->iov_base;
    uint64_t address = (uint64_t)(uintptr_t)remote->iov_base;
    size_t copied = 0;
    while (copied < remote->iov_len) {
        uint64_t word;
        uint64_t start = (address + copied) & ~(uint64_t)(sizeof(word) - 1);
        if (syscall(SYS_ptrace, PTRACE_PEEKDATA, tid, start, &word) < 0) {
            return copied ? (ssize_t)copied : -errno;
        }
        size_t skip = address + copied - start;
        size_t piece = sizeof(word) - skip;
        piece = piece < remote->iov_len - copied ? piece : remote->iov_len - copied;
        memcpy(to + copied, (uint8_t *)&word + skip, piece);
        copied += piece;
    }
    return (ssize_t)copied;
}

static ssize_t tracee_read(const struct memory *memory, pid_t tid, const struct iovec *local,
                           const struct iovec *remote, unsigned count) {
    ssize_t total = live_read(memory, tid, local, remote, count);
    if (total != -EPERM && total != -ENOSYS && total != -EACCES) {
        return total;
    }
    total = 0;
    for (unsigned i = 0; i < count; i++) {
        ssize_t copied = peek_range(tid, &local[i], &remote[i]);
        if (copied < 0) {
            return total ? total : copied;
        }
        total += copied;
        if ((size_t)copied < remote[i].iov_len) {
            break;
        }
    }
    return total;
}

static ssize_t tracee_write(const struct memory *memory, pid_t tid, const struct iovec *local,
                            const struct iovec *remote, unsigned count) {
    (void)memory;
    (void)tid;
    (void)local;
    (void)remote;
    (void)count;
    return -ENOTSUP;
}

const struct memory tracee_memory = {.read = tracee_read, .write = tracee_write};

int memory_read_exact(const struct memory *memory, pid_t tid, uint64_t address, void *buffer, size_t size) {
    struct iovec local = {.iov_base = buffer, .iov_len = size};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
    ssize_t copied = memory->read(memory, tid, &local, &remote, 1);
    if (copied < 0) {
        return (int)copied;
    }
    return (size_t)copied == size ? 0 : -EFAULT;
}
