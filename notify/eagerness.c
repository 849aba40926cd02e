/* SPDX-License-Identifier: MIT */
#include "eagerness.h"

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct sched_attr of sched_setattr(2), as of Linux 3.14. The kernel's header does not go with <sched.h>. */
struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime; /* the slice of SCHED_OTHER and SCHED_BATCH */
    uint64_t deadline;
    uint64_t period;
};

bool eagerness_set(void) {
    enum {
        NICE_LEAST = -20,
    };
    struct attributes attributes = {.size = sizeof(attributes)};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) < 0 ||
        (attributes.policy != SCHED_OTHER && attributes.policy != SCHED_BATCH)) {
        return false;
    }
    attributes.nice = attributes.nice - EAGER_NICE < NICE_LEAST ? NICE_LEAST : attributes.nice - EAGER_NICE;
    attributes.runtime = EAGER_SLICE;
    return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}
