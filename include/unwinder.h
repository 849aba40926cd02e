/* SPDX-License-Identifier: MIT
 *
 * The unwinder: from a stack sample and what a process has mapped to the chain of
 * its return addresses. All reads are of the sample; nothing of the program is
 * looked at.
 */
#ifndef RENACER_UNWINDER_H
#define RENACER_UNWINDER_H

#include "call_stack.h"
#include "mapped_modules.h"
#include "stack_sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unwinder;

enum {
    UNWIND_FRAMES_MAX = 512, /* of one stack; deeper ones end with STACK_END_TOO_DEEP */
};

/* One physical frame. */
struct unwound_frame {
    uint64_t ip;                  /* in the process's memory: where it goes on */
    struct mapped_module *module; /* NULL: in no file */
    uint64_t address;             /* of `ip` in the module, as it was linked */
    bool interrupted;             /* `ip` was interrupted by a signal, and is not a return address */
    bool trampoline; /* to which a signal handler returns: nothing has called it, and `ip` is its beginning */
};

/* 0 or -ENOMEM. Rules of places are kept, in bounded memory. */
int unwinder_create(struct unwinder **result);
/* NULL is fine. */
void unwinder_destroy(struct unwinder *unwinder);

/* Begin with the innermost frame: `ip` of the sample. Both must stay valid until the next begin. False: there is
 * nothing to begin with (either is NULL, or it is 32-bit code), and unwinder_end() says so. */
bool unwinder_begin(struct unwinder *unwinder, struct mapped_modules *modules, const struct stack_sample *sample);
/* The next frame outwards; false at the end, of which unwinder_end() tells what it was. The first one is the innermost.
 */
bool unwinder_next(struct unwinder *unwinder, struct unwound_frame *frame);
enum stack_end unwinder_end(const struct unwinder *unwinder);

#endif
