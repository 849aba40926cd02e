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

/* Write all of the bytes to a descriptor. 0 or -errno. */
int file_write_all(int file, const char *bytes, size_t length);

/* What will take the place of a file: written beside it, and put in its place in one step. */
struct staged_file {
    char *temporary; /* NULL: none, or it is in place */
    char *target;
    bool is_new; /* there was no such file */
};

/* Write the bytes, or those of another file, to what will be the file `path`. It gets the mode of the one that is
 * there, and a symbolic link stays one. 0, or -errno with a sentence in `problem`. file_stage_finish() in any case. */
int file_stage(struct staged_file *staged, const char *path, const char *bytes, size_t length, char *problem,
               size_t size);
int file_stage_copy(struct staged_file *staged, const char *path, const char *from, char *problem, size_t size);

/* Put it in place. 0, or -errno with a sentence in `problem`: then nothing has changed. */
int file_commit(struct staged_file *staged, char *problem, size_t size);

/* Remove what was put in place where no file was. One that was replaced is not brought back. */
void file_take_back(const struct staged_file *staged);

/* Removes what was not put in place. Zero-initialised is fine. */
void file_stage_finish(struct staged_file *staged);

/* Whether both have the same bytes: 1 or 0, or -errno with a sentence in `problem`. */
int file_is_same(const char *a, const char *b, char *problem, size_t size);

/* A copy, in place of what is there. 0, or -errno with a sentence in `problem`: then a part of it may be there. */
int file_copy(const char *from, const char *to, char *problem, size_t size);

/* Make the folder, and those that it is in: 0, also if it is there, or -errno with a sentence in `problem`. */
int folder_make(const char *path, char *problem, size_t size);

/* The same, of a folder that we may write in. */
int folder_prepare(const char *path, char *problem, size_t size);

/* A new empty folder whose name begins so, in `parent`: its path, malloc'd, or NULL with a sentence in `problem`. */
char *folder_make_temporary(const char *parent, const char *begin, char *problem, size_t size);

/* Remove the folder and the files in it, which has no folders. What cannot be removed stays. */
void folder_remove(const char *path);

#endif
