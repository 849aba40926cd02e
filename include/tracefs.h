/* SPDX-License-Identifier: MIT
 *
 * Tracepoint ids out of tracefs: from where it is mounted, else from a private
 * mount that nobody else sees and that leaves nothing to undo.
 */
#ifndef RENACER_TRACEFS_H
#define RENACER_TRACEFS_H

/* The id of tracepoint `name` ("raw_syscalls/sys_enter"), greater than 0, or -errno. */
int tracefs_event_id(int tracefs, const char *name);

/* A descriptor of the root of tracefs, owned by the caller, or -errno. */
int tracefs_open(void);

#endif
