/* SPDX-License-Identifier: MIT
 *
 * Where a report goes: to standard output, or to a file that is there whole or
 * as it was before.
 */
#ifndef RENACER_REPORT_FILE_H
#define RENACER_REPORT_FILE_H

#include "memory_stream.h"

#include <stdbool.h>
#include <stdio.h>

/* Stays where it is between begin and finish. */
struct report_file {
    FILE *stream; /* to write to; keeps it in memory */
    bool is_file; /* asked for by name, so that nobody looks at it in a terminal now */
    /* For report_file.c alone. */
    struct memory_stream memory;
    int fd;
    char *path;      /* what the temporary becomes */
    char *temporary; /* beside it; NULL: the descriptor is what was asked for */
};

/* Begin. `path` NULL or "-" is standard output. A file is written to a temporary in the same folder, with the
 * permissions of the file that it replaces; a link is followed. What is no regular file (a device, a pipe), or is
 * standard output by another name, is written to as it is. 0 or -errno; then there is nothing to finish. */
int report_file_begin(struct report_file *file, const char *path);

/* All was given: write it, and let the temporary take its place. 0, or -errno if it could not be written or not be put
 * there; then it is removed and the old file is as it was. */
int report_file_finish(struct report_file *file);

/* The report could not be made: what was begun is removed. */
void report_file_abandon(struct report_file *file);

#endif
