/* SPDX-License-Identifier: MIT
 *
 * A kick gets a thread out of a system call that it waits in: the call fails
 * with EINTR. One that comes just before the call is lost, so whoever kicks
 * repeats it until the thread has done what it was to do.
 */
#ifndef RENACER_KICK_H
#define RENACER_KICK_H

#include <pthread.h>

/* Before the first kick of the process: 0 or -errno. */
int kick_install(void);

/* The calling thread may be kicked from now on. */
void kick_accept(void);

void kick_thread(pthread_t thread);

#endif
