/* SPDX-License-Identifier: MIT
 *
 * Mapped files: the file behind a mapping is opened when the mapping is seen, so
 * that it can be read later although it has been deleted or its process has ended.
 * Each file is opened once, however many processes map it.
 */
#ifndef RENACER_MAPPED_FILE_H
#define RENACER_MAPPED_FILE_H

#include "mapping.h"

#include <sys/types.h>

/* Which files have been opened. Its memory is fixed (32 KiB): when it is full it forgets them, and they are opened
 * again. */
struct mapped_files;

/* NULL: there is no memory. */
struct mapped_files *mapped_files_create(void);
/* NULL is fine. */
void mapped_files_destroy(struct mapped_files *seen);

/* Open for reading what process `pid` has mapped; its path has to end with its NUL. The caller owns the descriptor,
 * which is close-on-exec, of a regular file, and of the very one: its build id is the one that was told, or else its
 * inode number. -1: it was opened before, there is no file, or it may not be opened, is gone or another one. Also if so
 * many descriptors are in use that others could lack them: half of what is allowed, or 512. They wait in queues, and a
 * program can map files faster than somebody reads a trace.
 *
 * It is opened with our own rights: a program's file that we may not read stays closed. */
int mapped_file_open(struct mapped_files *seen, pid_t pid, const struct mapping *mapping);

#endif
