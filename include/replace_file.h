/* SPDX-License-Identifier: MIT
 *
 * Files that are replaced as a whole: who reads one gets the old or the new
 * content, also after a crash.
 */
#ifndef RENACER_REPLACE_FILE_H
#define RENACER_REPLACE_FILE_H

#include <stddef.h>

/* All of a file: malloc'd, with a NUL behind its bytes. 0, or -errno with a sentence in `problem`. */
int file_read(const char *path, char **bytes, size_t *length, char *problem, size_t size);

/* Write the bytes to the file, which is made if it is not there, and keeps its mode if it is. A symbolic link stays
 * one. 0, or -errno with a sentence in `problem`: then nothing has changed. */
int file_replace(const char *path, const char *bytes, size_t length, char *problem, size_t size);

/* Put a file that was written, which is on the same file system, in the place of `path`, whose mode it gets. As above.
 */
int file_move(const char *from, const char *path, char *problem, size_t size);

#endif
