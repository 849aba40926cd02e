/* SPDX-License-Identifier: MIT
 *
 * ELF files that hold debug information, and how they are found: beside the file
 * that they belong to, or in /usr/lib/debug. All are read, never mapped: whoever
 * owns one may truncate it. Whatever is no regular file is not opened, for its
 * path may come from a file that anybody has written.
 */
#ifndef RENACER_DEBUG_FILE_H
#define RENACER_DEBUG_FILE_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUILD_ID_MAX = 64,
};

struct elf_file {
    Elf *elf;             /* NULL: none is open */
    Dwarf *dwarf;         /* for whoever opens it; closed with the file */
    uint64_t dwarf_bytes; /* that it takes */
    int file;             /* -1: closed */
    char *path;
};

/* Open a file for this machine. 0, or -errno with nothing open. */
int elf_file_open(struct elf_file *result, const char *path);
/* What was not read by now no longer can be. */
void elf_file_detach(struct elf_file *file);
/* Nothing open, with -1 for `file`, is fine, and is what it leaves. */
void elf_file_close(struct elf_file *file);

/* The build id's size, at most BUILD_ID_MAX; 0: none. By the sections, for the segments of a debug file lead nowhere;
 * without sections by the segments. */
size_t elf_build_id(Elf *elf, uint8_t id[BUILD_ID_MAX]);
/* The same by the segments alone, which is where the kernel finds it. */
size_t elf_loaded_build_id(Elf *elf, uint8_t id[BUILD_ID_MAX]);
/* Whether it is little-endian with 64 bits as we are, and its sections and their names are so many as there may be. */
bool elf_is_plain(Elf *elf);
/* Whether the file has DWARF itself. */
bool elf_has_dwarf(Elf *elf);
/* NULL: it has none, or more than is read, of one file or of all that are open, or nonsense. Of `elf`, which must
 * outlive it. *bytes: what it takes of memory, about, also then. */
Dwarf *elf_dwarf(Elf *elf, uint64_t *bytes);
/* Close what that gave, before `elf` ends. */
void elf_dwarf_end(Dwarf *dwarf, uint64_t bytes);
/* The contents of a section, with DWARF's compression undone once elf_dwarf() was there; NULL: none. */
Elf_Data *elf_section(Elf *elf, const char *name);

/* The debug file of `elf`, a file with this path. 0, or -ENOENT with nothing open. */
int debug_file_find(struct elf_file *result, Elf *elf, const char *path);
/* The supplementary file of dwz that `dwarf` refers to, which stands in a file with this path. 0, -ENOENT: it is not
 * found, or -ENODATA: it needs none. */
int debug_file_find_supplement(struct elf_file *result, Dwarf *dwarf, const char *path);

#endif
