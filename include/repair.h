/* SPDX-License-Identifier: MIT
 *
 * Repair of interrupted calls. A notification that was not received yet sleeps
 * interruptibly: a signal whose handler lacks SA_RESTART then makes the call
 * fail with EINTR although it never ran, even one that cannot fail that way.
 * The mend is made when that handler returns: its frame is changed so that the
 * call runs then, as if the signal had come one instruction earlier.
 *
 * The caller of rt_sigreturn (sigreturn on i386) is stopped in its own
 * notification while its frame is read and written. Frames: struct rt_sigframe
 * in arch/x86/include/asm/sigframe.h, sigcontext in uapi/asm/sigcontext.h.
 */
#ifndef RENACER_REPAIR_H
#define RENACER_REPAIR_H

#include "memory.h"
#include "syscall_table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The part of a signal frame that matters: where the thread goes on. */
struct repair_frame {
    enum arch arch;          /* of the instruction that made the call */
    unsigned width;          /* bytes of a saved register */
    uint64_t result_address; /* of the saved ax */
    uint64_t ip_address;     /* of the saved ip */
    uint64_t ip;
    uint64_t sp;
};

enum repair_need {
    REPAIR_NONE,      /* the thread does not go on behind a call that says EINTR */
    REPAIR_MAYBE,     /* it does: whether the call ran must be asked of the tracepoints */
    REPAIR_SIGRETURN, /* it goes on behind a sigreturn, which never says EINTR: mend it */
};

/* Whether the call is the one that ends a signal handler. */
bool repair_is_sigreturn(enum arch arch, int64_t number);

/* Look at the frame that a stopped sigreturn of thread `tid` is about to take.
 * `number` is the notified call's; *resume_number is set with REPAIR_SIGRETURN. */
enum repair_need repair_inspect(const struct memory *memory, pid_t tid, enum arch arch, int64_t number, uint64_t sp,
                                struct repair_frame *frame, int *resume_number);

/* The stack pointer of a thread that is stopped in a call, from
 * /proc/TID/syscall (proc_pid_syscall(5)); 0, or -errno. */
int repair_stack_pointer(pid_t tid, uint64_t *sp);

/* Change the frame so that call `number` runs when the handler has returned. 0 or -errno. */
int repair_apply(const struct memory *memory, pid_t tid, const struct repair_frame *frame, int number);

#endif
