/* SPDX-License-Identifier: MIT
 *
 * Tracepoint ids out of tracefs: from where it is mounted, else from a private
 * mount that nobody else sees and that leaves nothing to undo.
 */
#ifndef RENACER_TRACEFS_H
#define RENACER_TRACEFS_H

#include <stdbool.h>

/* The id of tracepoint `name` ("raw_syscalls/sys_enter"), greater than 0, or -errno. */
int tracefs_event_id(int tracefs, const char *name);

/* The id of the tracepoint of one call of the native architecture, at its enter
 * or its exit ("syscalls/sys_enter_openat"), or -errno (-ENOENT: it has none). */
int tracefs_call_id(int tracefs, bool enter, const char *call);

/* The kernel's function of that call, after which its tracepoints are named. */
const char *tracefs_function_of(const char *call);

/* A descriptor of the root of tracefs, owned by the caller, or -errno. */
int tracefs_open(void);

#endif
