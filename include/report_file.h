/* SPDX-License-Identifier: MIT
 *
 * Where a report goes: to standard output, or to a file that is there whole or
 * as it was before.
 */
#ifndef RENACER_REPORT_FILE_H
#define RENACER_REPORT_FILE_H

#include <stdio.h>

struct report_file {
    FILE *stream;    /* to write to */
    char *path;      /* what the temporary becomes; NULL: the stream is what was asked for */
    char *temporary; /* beside it, or NULL */
};

/* Begin. `path` NULL or "-" is standard output. A file is written to a temporary in the same folder, with the
 * permissions of the file that it replaces; a link is followed. What is no regular file (a device, a pipe) is written
 * as it is. 0 or -errno; then there is nothing to finish. */
int report_file_begin(struct report_file *file, const char *path);

/* All was written: the temporary takes its place. 0, or -errno if it could not be written or not be put there; then it
 * is removed and the old file is as it was. The stream is closed, but for standard output. */
int report_file_finish(struct report_file *file);

/* The report could not be made: what was begun is removed. */
void report_file_abandon(struct report_file *file);

#endif
