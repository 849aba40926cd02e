/* SPDX-License-Identifier: MIT
 *
 * Threads that run as soon as there is something for them to do, though the machine is busy.
 */
#ifndef RENACER_EAGERNESS_H
#define RENACER_EAGERNESS_H

#include <stdbool.h>

enum {
    EAGER_NICE = 5,       /* steps that an eager thread is above what it was */
    EAGER_SLICE = 100000, /* ns, the shortest that the kernel takes */
};

/* The calling thread, and threads that it makes afterwards, get a shorter slice, so that their turn is sooner
 * (Linux 6.12; ignored before), and a higher priority. Both or nothing: false, and nothing has changed, if that is
 * refused (CAP_SYS_NICE, RLIMIT_NICE) or the thread has a policy that we have not given it. */
bool eagerness_set(void);

#endif
