/* SPDX-License-Identifier: MIT
 *
 * Memory that a program supplies by itself: pages of userfaultfd(2), and of files
 * in a FUSE file system. Who reads a page that is not there waits for the program,
 * and nothing but SIGKILL ends that wait in process_vm_readv(2) or PTRACE_PEEKDATA, of FUSE
 * not even that; the program, whose calls wait for us, would wait for ever. So who reads such
 * a page cannot be helped any more, by no time limit and no other thread.
 *
 * From the first call on by which a program gets hold of such memory, only pages
 * are read that are there, as /proc/PID/pagemap has it, or that come from a disk:
 * a constant that only the kernel looks at may not have been touched before. Of
 * anonymous memory that is not there nothing is read: whether a userfaultfd watches over it
 * says smaps alone, for which the kernel walks through all page tables. What is not
 * read is shown as an address. Programs without such memory pay for one comparison
 * per read.
 *
 * A page may go away (MADV_DONTNEED) between the look and the read: a program
 * that takes an argument away from its own call, in just that moment, may hang.
 * Not known are file systems and disks that the program serves in other ways
 * (a 9P or NFS server, ublk, a loop device on a file of FUSE).
 */
#ifndef RENACER_MEMORY_GUARD_H
#define RENACER_MEMORY_GUARD_H

#include "memory.h"
#include "syscall_table.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct memory_guard {
    struct memory memory;        /* what is to be used */
    const struct memory *inner;  /* what reads */
    const atomic_bool *supplies; /* whether a traced program has memory that it supplies itself */
};

/* Both stay the caller's, and have to outlive the guard, which stays where it is. */
void memory_guard_init(struct memory_guard *guard, const struct memory *inner, const atomic_bool *supplies);

/* Whether a program can get hold of such memory by a call of this number, with the arguments that suit. */
bool memory_is_supplied_by(enum arch arch, int64_t number);

/* ioctl(2)'s request to /dev/userfaultfd for a new one. */
enum {
    USERFAULTFD_NEW = 0xAA00,
};

/* Look at a call of thread `tid` that is about to be made: if it is one of these, `supplies` is set. */
void memory_guard_look_at(atomic_bool *supplies, enum arch arch, int64_t number, const uint64_t *args,
                          const struct memory *memory, pid_t tid);

/* The same of a process that runs already: whether it has a userfaultfd or serves FUSE. */
bool memory_is_supplied_in(pid_t pid);

#endif
