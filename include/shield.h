/* SPDX-License-Identifier: MIT
 *
 * The traced program often belongs to the user that we belong to, and the kernel then lets it
 * look at us: ptrace(2), /proc/PID/mem, pidfd_getfd(2) would give it our listener, our
 * perf descriptors and the trace. A process that is not dumpable is looked at by none but
 * those with CAP_SYS_PTRACE. What else one process may do to another of its user, signals
 * and limits, the kernel does not let us refuse. (SECURITY.md)
 */
#ifndef RENACER_SHIELD_H
#define RENACER_SHIELD_H

/* For this process, and for those that it forks from now on, until they execute something. Not before the program's
 * process has been forked: it could not be traced. */
void shield_raise(void);

/* As it was: children can be looked at again, and leaks of memory be looked for at the end. */
void shield_lower(void);

#endif
