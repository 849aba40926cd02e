/* SPDX-License-Identifier: MIT
 *
 * What an ELF file, and the debug file that belongs to it, know of an address:
 * its symbol, and with DWARF the functions that it is in (those that are inlined
 * there, too), and its line in the source.
 *
 * Strings that are given are valid until debug_info_close().
 */
#ifndef RENACER_DEBUG_INFO_H
#define RENACER_DEBUG_INFO_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct debug_info;

/* One function at an address. */
struct debug_place {
    const char *function; /* demangled; NULL: not known */
    const char *file;     /* as the compiler was given it (__FILE__): relative if it was; NULL: not known */
    unsigned line;        /* 0: not known */
    uint64_t offset;      /* from the function's symbol, else its first address; of an inlined one, of what it is in */
    bool inlined;         /* in the next place */
    bool has_debug;       /* DWARF tells of it, not the table of symbols alone */
    bool of_library;      /* its source belongs to a language's library or runtime: see include/user_frame.h */
};

/* `elf`, opened with ELF_C_READ, must outlive it and stay readable; `path` is that of its file, beside which debug
 * files are looked for. Nothing is read yet: the first question finds the debug information, and takes as long as
 * reading it.
 *
 * DWARF 2 to 5 is in the file itself, or in its debug file: that is found by build id (/usr/lib/debug/.build-id) or by
 * .gnu_debuglink (beside it, in .debug beside it, in /usr/lib/debug), and belongs to it by build id or checksum. Split
 * units are found in .dwo files where they were written, or beside the file; packages of them (.dwp) are not read. What
 * dwz has put into another file is found; without that file DWARF is as if it were not there. Nothing is asked of the
 * network. Files may hold anything: DWARF of more than 2 GiB, or of more than 3 GiB in all files that are open, and
 * what makes no sense, is as if it were not there.
 *
 * 0 or -ENOMEM. */
int debug_info_open(struct debug_info **result, Elf *elf, const char *path);
/* NULL is fine. */
void debug_info_close(struct debug_info *info);

/* Whether there is any DWARF with lines for this file. */
bool debug_info_has_lines(struct debug_info *info);
/* Whether there was no memory for DWARF, at some time: from then on there are only symbols. */
bool debug_info_is_exhausted(const struct debug_info *info);

/* CFI of .debug_frame, which may be in the debug file, or NULL. Owned by `info`. */
Dwarf_CFI *debug_info_frames(struct debug_info *info);

/* The functions at `address` (for a return address: the byte before), innermost first; the last one is not inlined. At
 * most `room` of them, and always the last. Lines that no function is known for are a place, too. 0: not even a symbol
 * is known. Answers are not remembered, tables are: a unit's at its first address. */
size_t debug_info_places(struct debug_info *info, uint64_t address, struct debug_place *places, size_t room);

#endif
