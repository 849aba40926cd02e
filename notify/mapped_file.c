/* SPDX-License-Identifier: MIT */
#include "mapped_file.h"

#include "cleanup.h"
#include "hash64.h"
#include "regular_file.h"

#include <elf.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    SLOTS = 4096,
    FULL = SLOTS / 2,
    SEGMENTS_MAX = 128,
    NOTES_MAX = 4096, /* bytes of one segment that are looked at; the kernel looks at no more */
    NUMBERS_MOST = 512,
};

/* Hashes of identities, open addressing; 0: free. */
struct mapped_files {
    int numbers; /* descriptors from this one on are for others */
    size_t count;
    uint64_t slots[SLOTS];
};

struct mapped_files *mapped_files_create(void) {
    struct mapped_files *seen = calloc(1, sizeof(*seen));
    struct rlimit limit;
    if (seen) {
        bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0;
        seen->numbers = known && limit.rlim_cur / 2 < NUMBERS_MOST ? (int)(limit.rlim_cur / 2) : NUMBERS_MOST;
    }
    return seen;
}

void mapped_files_destroy(struct mapped_files *seen) {
    free(seen);
}

/* ----------------------------------------------------------------- what was seen */

static uint64_t identity(const struct mapping *mapping) {
    uint64_t hash = mapping->build_id_size;
    if (mapping->build_id_size) {
        hash = hash64_bytes(hash, mapping->build_id, mapping->build_id_size);
    } else {
        hash = hash64_mix(hash, mapping->inode);
    }
    /* A copy under another name is another file. */
    hash = hash64_bytes(hash, mapping->path, strlen(mapping->path));
    return hash ? hash : 1;
}

/* The slot that has it, or the one where it belongs. */
static uint64_t *slot_of(struct mapped_files *seen, uint64_t hash) {
    size_t i = hash % SLOTS;
    while (seen->slots[i] && seen->slots[i] != hash) {
        i = (i + 1) % SLOTS;
    }
    return &seen->slots[i];
}

static void remember(struct mapped_files *seen, uint64_t hash) {
    if (seen->count == FULL) {
        memset(seen->slots, 0, sizeof(seen->slots));
        seen->count = 0;
    }
    *slot_of(seen, hash) = hash;
    seen->count++;
}

/* ----------------------------------------------------------------------- build ids */

struct segment {
    uint64_t offset;
    uint64_t size;
};

static bool read_at(int file, uint64_t offset, void *bytes, size_t size) {
    return offset <= INT64_MAX && pread(file, bytes, size, (off_t)offset) == (ssize_t)size;
}

/* The PT_NOTE segments of an ELF file; how many. */
static size_t note_segments(int file, struct segment notes[SEGMENTS_MAX]) {
    union {
        unsigned char ident[EI_NIDENT];
        Elf64_Ehdr wide;
        Elf32_Ehdr narrow;
    } head;
    /* No file that is mapped as code is shorter than the longer of them. */
    if (!read_at(file, 0, &head, sizeof(head)) || memcmp(head.ident, ELFMAG, SELFMAG) != 0) {
        return 0;
    }
    bool wide = head.ident[EI_CLASS] == ELFCLASS64;
    uint64_t offset = wide ? head.wide.e_phoff : head.narrow.e_phoff;
    size_t count = wide ? head.wide.e_phnum : head.narrow.e_phnum;
    size_t size = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    size_t found = 0;
    for (size_t i = 0; i < count && i < SEGMENTS_MAX && offset <= INT64_MAX; i++) {
        union {
            Elf64_Phdr wide;
            Elf32_Phdr narrow;
        } segment;
        if (!read_at(file, offset + i * size, &segment, size)) {
            break;
        }
        /* The type is the first member of both. */
        if (segment.wide.p_type == PT_NOTE) {
            notes[found++] = wide ? (struct segment){segment.wide.p_offset, segment.wide.p_filesz}
                                  : (struct segment){segment.narrow.p_offset, segment.narrow.p_filesz};
        }
    }
    return found;
}

/* Names and contents of notes are aligned to 4. */
static size_t note_padded(uint32_t size) {
    return ((size_t)size + 3) & ~(size_t)3;
}

/* Whether the notes have this build id. */
static bool notes_have(const uint8_t *notes, size_t size, const struct mapping *mapping) {
    static const char name[4] = "GNU";
    Elf64_Nhdr note;
    size_t at = 0;
    while (size - at >= sizeof(note)) {
        memcpy(&note, notes + at, sizeof(note));
        at += sizeof(note);
        if (note_padded(note.n_namesz) > size - at ||
            note_padded(note.n_descsz) > size - at - note_padded(note.n_namesz)) {
            return false;
        }
        const uint8_t *content = notes + at + note_padded(note.n_namesz);
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(name) &&
            memcmp(notes + at, name, sizeof(name)) == 0) {
            return note.n_descsz == mapping->build_id_size && memcmp(content, mapping->build_id, note.n_descsz) == 0;
        }
        at += note_padded(note.n_namesz) + note_padded(note.n_descsz);
    }
    return false;
}

static bool has_build_id(int file, const struct mapping *mapping) {
    struct segment segments[SEGMENTS_MAX];
    uint8_t notes[NOTES_MAX];
    size_t count = note_segments(file, segments);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        size_t size = segments[i].size < sizeof(notes) ? (size_t)segments[i].size : sizeof(notes);
        found = read_at(file, segments[i].offset, notes, size) && notes_have(notes, size, mapping);
    }
    return found;
}

/* ------------------------------------------------------------------------- opening */

/* A regular file, and the one of the mapping; -1: it is not. */
static int open_at(const char *path, const struct mapping *mapping) {
    struct stat about;
    auto_fd place = regular_file_find(path, &about);
    if (place < 0) {
        return -1;
    }
    bool has_id = mapping->build_id_size > 0;
    if (!has_id && mapping->inode && about.st_ino != mapping->inode) {
        return -1;
    }
    auto_fd file = regular_file_open(place);
    return file >= 0 && (!has_id || has_build_id(file, mapping)) ? steal_fd(&file) : -1;
}

int mapped_file_open(struct mapped_files *seen, pid_t pid, const struct mapping *mapping) {
    char path[48 + MAPPING_PATH_MAX];
    /* "[vdso]", "//anon", nothing: no file. */
    if (mapping->path[0] != '/' || mapping->path[1] == '/' || mapping->build_id_size > MAPPING_BUILD_ID_MAX) {
        return -1;
    }
    uint64_t hash = identity(mapping);
    if (*slot_of(seen, hash) == hash) {
        return -1;
    }
    /* Also deleted files, but only for root. */
    snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, mapping->start,
             mapping->start + mapping->length);
    int file = open_at(path, mapping);
    if (file < 0) {
        /* The process may have another root. */
        snprintf(path, sizeof(path), "/proc/%d/root%s", pid, mapping->path);
        file = open_at(path, mapping);
    }
    if (file < 0) {
        file = open_at(mapping->path, mapping);
    }
    bool identified = mapping->inode || mapping->build_id_size;
    bool deleted;
    mapping_path_length(mapping, &deleted);
    if (file < 0 && identified && deleted) {
        /* A program that has been deleted is there for everybody who may trace it; its libraries are not. */
        snprintf(path, sizeof(path), "/proc/%d/exe", pid);
        file = open_at(path, mapping);
    }
    if (file >= seen->numbers) {
        close_fd(&file);
    }
    if (file >= 0) {
        remember(seen, hash);
    }
    return file;
}
