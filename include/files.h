/* SPDX-License-Identifier: MIT
 *
 * Whole files: read, compared, copied, and replaced so that who reads one gets
 * the old or the new content, also after a crash.
 */
#ifndef RENACER_FILES_H
#define RENACER_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* All of a file: malloc'd, with a NUL behind its bytes. 0, or -errno with a sentence in `problem`. */
int file_read(const char *path, char **bytes, size_t *length, char *problem, size_t size);

/* Write the bytes to the file, which is made if it is not there, and keeps its mode if it is. A symbolic link stays
 * one. 0, or -errno with a sentence in `problem`: then nothing has changed. */
int file_replace(const char *path, const char *bytes, size_t length, char *problem, size_t size);

/* Put a file that was written, which is on the same file system, in the place of `path`, whose mode it gets. As above.
 */
int file_move(const char *from, const char *path, char *problem, size_t size);

/* Whether both have the same bytes: 1 or 0, or -errno with a sentence in `problem`. */
int file_is_same(const char *a, const char *b, char *problem, size_t size);

/* A copy, in place of what is there. As file_replace(), but a part of it may be there after an error. */
int file_copy(const char *from, const char *to, char *problem, size_t size);

/* Make the folder, and those that it is in: 0, also if it is there, or -errno with a sentence in `problem`. */
int folder_make(const char *path, char *problem, size_t size);

/* A new empty folder whose name begins so, in `parent`: its path, malloc'd, or NULL with a sentence in `problem`. */
char *folder_make_temporary(const char *parent, const char *begin, char *problem, size_t size);

/* Remove the folder and the files in it, which has no folders. What cannot be removed stays. */
void folder_remove(const char *path);

#endif
