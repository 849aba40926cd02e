/* SPDX-License-Identifier: MIT
 *
 * A mapping: a part of a process's memory that holds code, as the program made
 * it, with what is needed to find the file again. A mapping replaces what was
 * mapped there before.
 */
#ifndef RENACER_MAPPING_H
#define RENACER_MAPPING_H

#include "align.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    MAPPING_PATH_MAX = 4096, /* with its final NUL; a longer one is cut */
    MAPPING_BUILD_ID_MAX = 20,
    MAPPING_BOUND = 64 + MAPPING_PATH_MAX, /* the most bytes of a mapping with its path, padded */
};

struct mapping {
    uint64_t start;
    uint64_t length;
    uint64_t offset; /* in the file */
    uint64_t inode;  /* 0: not told, or there is no file */
    /* The file, opened for reading when the mapping was seen, even if it has been deleted since. Whoever takes the
     * mapping from the queue owns it. -1: it was handed over with an earlier mapping of the same file, or there is
     * none, or it may not be opened. A number of the supervisor's process. */
    int32_t file;
    uint32_t path_size;    /* with its NUL */
    uint8_t build_id_size; /* 0: not told */
    uint8_t build_id[MAPPING_BUILD_ID_MAX];
    /* As the kernel names it (proc_pid_maps(5)): a path, which may end with " (deleted)"; "[vdso]"; "//anon" or empty:
     * no file. */
    char path[];
};

/* With its path. A multiple of 8. */
static inline size_t mapping_size(const struct mapping *mapping) {
    return padded(offsetof(struct mapping, path) + mapping->path_size);
}

/* The length of its path without the " (deleted)" that the kernel puts behind that of a file that is gone. */
static inline size_t mapping_path_length(const struct mapping *mapping, bool *deleted) {
    static const char mark[] = " (deleted)";
    const size_t size = sizeof(mark) - 1;
    size_t length = mapping->path_size ? strnlen(mapping->path, mapping->path_size) : 0;
    *deleted = length > size && memcmp(mapping->path + length - size, mark, size) == 0;
    return *deleted ? length - size : length;
}

#endif
