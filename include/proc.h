/* SPDX-License-Identifier: MIT
 *
 * Numbers out of the files in /proc that hold a "Key: value" on each line
 * (proc_pid_status(5), proc_pid_fdinfo(5)).
 */
#ifndef RENACER_PROC_H
#define RENACER_PROC_H

#include <sys/types.h>

/* The number behind "KEY:" at the start of a line; 0 if there is none, or no file. */
pid_t proc_number(const char *path, const char *key);

/* The process of thread `tid`; 0 if it is gone. */
pid_t proc_process_of(pid_t tid);

#endif
