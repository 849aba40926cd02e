/* SPDX-License-Identifier: MIT
 *
 * Capabilities of this process (capabilities(7)), with system calls alone: /proc
 * may be missing.
 *
 * They may come with the file of the program (setcap(8)), for a user who has none.
 * Then they are ours to guard: they are lowered as soon as we run, raised only
 * around the calls that need them, and dropped for good before the traced
 * program runs. It never has them: execve(2) of an ordinary file gives none.
 */
#ifndef RENACER_CAPABILITY_H
#define RENACER_CAPABILITY_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

/* linux/capability.h of Linux 5.8 */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif

#define CAPABILITY_BIT(number) ((uint64_t)1 << (number))

/* What the calling thread may do now, and what it may raise; a bit each, by number. */
uint64_t capability_effective(void);
uint64_t capability_permitted(void);

/* Whether the calling thread has this one now. */
bool capability_has(int number);

/* Whether the capabilities came with our file, so that our user does not have them. */
bool capability_is_from_file(void);

/* To be called first of all, before there are threads. If capabilities came with our
 * file: lower them all, give up those that tracing has no use for, and let our own
 * children be looked at (PR_SET_DUMPABLE; who lacks our capabilities still cannot
 * look at us). 0; -EPERM: the file is setuid or setgid, which cannot be made safe;
 * another -errno: they cannot be lowered. */
int capability_begin(void);

/* Give up what came with our file, for good: in the calling thread, so before there
 * are others. 0 or -errno. */
int capability_drop(void);

/* Raise these, as far as they are permitted, in the calling thread. Returns what was
 * effective before, for capability_restore(). errno is kept. */
uint64_t capability_raise(uint64_t wanted);
void capability_restore(const uint64_t *before);

/* Raised until the scope ends. */
#define auto_raised __attribute__((cleanup(capability_restore), unused)) uint64_t

#endif
