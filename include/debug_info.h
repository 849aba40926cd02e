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
    const char *file;     /* as the compiler was given it: relative to its folder if it was; NULL: not known */
    unsigned line;        /* 0: not known */
    uint64_t offset;      /* from the beginning of the function; of an inlined one, of the function that it is in */
    bool inlined;         /* in the next place */
    bool has_debug;       /* DWARF tells of it, not the table of symbols alone */
    bool of_library;      /* its source belongs to a language's library or runtime: see include/user_frame.h */
};

/* `elf` must outlive it; `path` is that of its file, beside which debug files are looked for. The debug file is found
 * by build id (/usr/lib/debug/.build-id and folders like it) or by .gnu_debuglink; nothing is asked of the network. 0
 * or -ENOMEM. */
int debug_info_open(struct debug_info **result, Elf *elf, const char *path);
/* NULL is fine. */
void debug_info_close(struct debug_info *info);

/* Whether there is any DWARF with lines for this file. */
bool debug_info_has_lines(struct debug_info *info);

/* CFI of .debug_frame, which may be in the debug file, or NULL. Owned by `info`. */
Dwarf_CFI *debug_info_frames(struct debug_info *info);

/* The functions at `address`, innermost first; the last one is not inlined. At most `room` of them, and always the
 * last. 0: not even a symbol is known. */
size_t debug_info_places(struct debug_info *info, uint64_t address, struct debug_place *places, size_t room);

#endif
