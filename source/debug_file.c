/* SPDX-License-Identifier: MIT */
#include "debug_file.h"

#include "abbreviations.h"
#include "cleanup.h"
#include "libdw_memory.h"
#include "regular_file.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEBUG_FOLDER "/usr/lib/debug"

static const uint64_t DWARF_BYTES_MAX = (uint64_t)2 << 30;      /* of all its sections, not compressed */
static const uint64_t DWARF_BYTES_TOGETHER = (uint64_t)3 << 30; /* of all files that are open */
static const off_t FILE_BYTES_MAX = (off_t)8 << 30;

enum {
    NOTE_BYTES_MAX = 1 << 16, /* of a section or segment of notes */
    LINK_BYTES_MAX = PATH_MAX + BUILD_ID_MAX,
    CHECKED_BYTES_MAX = 1 << 28, /* of a file whose checksum is taken */
    SECTIONS_MAX = 1 << 15,      /* linked files have some forty, compiled ones one or more for each function */
    NAMES_MAX = 4 << 20,         /* bytes of the names of sections */
    PIECE_BYTES = 1 << 16,
};

static int open_regular(const char *path) {
    struct stat about;
    auto_fd place = regular_file_find(path, &about);
    if (place < 0) {
        return place;
    }
    return about.st_size > FILE_BYTES_MAX ? -ENOEXEC : regular_file_open(place);
}

/* Whether it takes no time to find a section by its name. libelf looks for the end of a name from the end of all names
 * on, each time. */
static bool has_plain_names(Elf *elf) {
    size_t count;
    size_t index;
    GElf_Shdr header;
    if (elf_getshdrnum(elf, &count) < 0 || count > SECTIONS_MAX || elf_getshdrstrndx(elf, &index) < 0) {
        return false;
    }
    if (!count || index == SHN_UNDEF) {
        return true;
    }
    Elf_Scn *section = elf_getscn(elf, index);
    if (!section || !gelf_getshdr(section, &header) || header.sh_type != SHT_STRTAB || header.sh_size > NAMES_MAX) {
        return false;
    }
    Elf_Data *names = elf_rawdata(section, NULL);
    return names && names->d_buf && names->d_size && ((const char *)names->d_buf)[names->d_size - 1] == '\0';
}

bool elf_is_plain(Elf *elf) {
    size_t size;
    const char *identification = elf_kind(elf) == ELF_K_ELF ? elf_getident(elf, &size) : NULL;
    return identification && size > EI_DATA && identification[EI_CLASS] == ELFCLASS64 &&
           identification[EI_DATA] == ELFDATA2LSB && has_plain_names(elf);
}

int elf_file_open(struct elf_file *result, const char *path) {
    *result = (struct elf_file){.file = open_regular(path)};
    int status = result->file;
    if (result->file >= 0) {
        elf_version(EV_CURRENT);
        result->elf = elf_begin(result->file, ELF_C_READ, NULL);
        result->path = strdup(path);
        status = !result->path ? -ENOMEM : result->elf && elf_is_plain(result->elf) ? 0 : -ENOEXEC;
    }
    if (status < 0) {
        elf_file_close(result);
    }
    return status < 0 ? status : 0;
}

void elf_file_detach(struct elf_file *file) {
    if (file->elf && file->file >= 0) {
        elf_cntl(file->elf, ELF_C_FDDONE);
        close_fd(&file->file);
    }
}

void elf_file_close(struct elf_file *file) {
    elf_dwarf_end(file->dwarf, file->dwarf_bytes);
    if (file->elf) {
        elf_end(file->elf);
    }
    close_fd(&file->file);
    free(file->path);
    *file = (struct elf_file){.file = -1};
}

static size_t id_from_notes(Elf_Data *data, uint8_t id[BUILD_ID_MAX]) {
    GElf_Nhdr note;
    size_t name;
    size_t description;
    size_t offset = 0;
    while (data && data->d_buf && (offset = gelf_getnote(data, offset, &note, &name, &description)) > 0) {
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") && note.n_descsz &&
            note.n_descsz <= BUILD_ID_MAX && memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")) == 0) {
            memcpy(id, (char *)data->d_buf + description, note.n_descsz);
            return note.n_descsz;
        }
    }
    return 0;
}

size_t elf_loaded_build_id(Elf *elf, uint8_t id[BUILD_ID_MAX]) {
    size_t count = 0;
    size_t size = 0;
    GElf_Phdr segment;
    if (elf_getphdrnum(elf, &count) < 0 || count > INT_MAX) {
        return 0;
    }
    for (size_t i = 0; !size && i < count; i++) {
        if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_NOTE && segment.p_filesz &&
            segment.p_filesz <= NOTE_BYTES_MAX && segment.p_offset <= INT64_MAX - NOTE_BYTES_MAX) {
            size = id_from_notes(elf_getdata_rawchunk(elf, (int64_t)segment.p_offset, segment.p_filesz,
                                                      segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR),
                                 id);
        }
    }
    return size;
}

size_t elf_build_id(Elf *elf, uint8_t id[BUILD_ID_MAX]) {
    size_t size = 0;
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    while (!size && (section = elf_nextscn(elf, section))) {
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_NOTE && header.sh_size <= NOTE_BYTES_MAX) {
            size = id_from_notes(elf_getdata(section, NULL), id);
        }
    }
    return size ? size : elf_loaded_build_id(elf, id);
}

/* The next section with contents after `section`, with its name. */
static Elf_Scn *next_section(Elf *elf, Elf_Scn *section, GElf_Shdr *header, const char **name) {
    size_t names;
    if (elf_getshdrstrndx(elf, &names) < 0) {
        return NULL;
    }
    while ((section = elf_nextscn(elf, section))) {
        if (gelf_getshdr(section, header) && header->sh_type != SHT_NOBITS &&
            (*name = elf_strptr(elf, names, header->sh_name))) {
            return section;
        }
    }
    return NULL;
}

static bool is_dwarf(const char *name) {
    return strncmp(name, ".debug_", 7) == 0 || strncmp(name, ".zdebug_", 8) == 0;
}

bool elf_has_dwarf(Elf *elf) {
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    const char *name;
    while ((section = next_section(elf, section, &header, &name))) {
        if (strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0 ||
            strcmp(name, ".debug_info.dwo") == 0) {
            return true;
        }
    }
    return false;
}

/* How many bytes it is when nothing is compressed. */
static uint64_t inflated_size(Elf_Scn *section, const GElf_Shdr *header, const char *name) {
    GElf_Chdr compression;
    if (header->sh_size > DWARF_BYTES_MAX) {
        return header->sh_size;
    }
    if (header->sh_flags & SHF_COMPRESSED) {
        return gelf_getchdr(section, &compression) ? compression.ch_size : 0;
    }
    if (strncmp(name, ".zdebug_", 8) == 0) { /* "ZLIB" and its size, the highest byte first */
        Elf_Data *data = elf_rawdata(section, NULL);
        uint64_t size = 0;
        for (size_t i = 4; data && data->d_buf && data->d_size >= 12 && i < 12; i++) {
            size = size << 8 | ((uint8_t *)data->d_buf)[i];
        }
        return size;
    }
    return header->sh_size;
}

/* Of all that are open. A few hostile files, with little in them that is not compressed or a hole, could else take more
 * memory than there is. */
static uint64_t bytes_together;

Dwarf *elf_dwarf(Elf *elf, uint64_t *bytes) {
    uint64_t total = 0;
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    const char *name;
    *bytes = 0;
    while ((section = next_section(elf, section, &header, &name))) {
        uint64_t size = is_dwarf(name) ? inflated_size(section, &header, name) : 0;
        /* libdw reads them all at once, and gives the process up when there is no memory. */
        if (size > DWARF_BYTES_MAX - total) {
            return NULL;
        }
        total += size;
    }
    if (!total || total > DWARF_BYTES_TOGETHER - bytes_together) {
        return NULL;
    }
    /* What was read stays with `elf`, also if it is of no use. */
    bytes_together += total;
    *bytes = total;
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    if (dwarf) {
        libdw_memory_watch(dwarf);
    }
    if (dwarf && elf_has_dwarf(elf) && !abbreviations_fit(dwarf)) {
        dwarf_end(dwarf);
        return NULL;
    }
    return dwarf;
}

void elf_dwarf_end(Dwarf *dwarf, uint64_t bytes) {
    if (dwarf) {
        dwarf_end(dwarf);
    }
    bytes_together -= bytes;
}

Elf_Data *elf_section(Elf *elf, const char *name) {
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    const char *found;
    while ((section = next_section(elf, section, &header, &found))) {
        bool same = strcmp(found, name) == 0 ||
                    (strncmp(found, ".zdebug_", 8) == 0 && name[0] == '.' && strcmp(found + 2, name + 1) == 0);
        if (same && header.sh_size <= DWARF_BYTES_MAX) {
            Elf_Data *data = elf_rawdata(section, NULL);
            return data && data->d_buf && data->d_size ? data : NULL;
        }
    }
    return NULL;
}

/* The checksum of .gnu_debuglink: CRC-32 as in Ethernet. */
static bool has_checksum(int file, uint32_t expected) {
    uint32_t table[256];
    struct stat status;
    auto_free uint8_t *piece = malloc(PIECE_BYTES);
    if (!piece || fstat(file, &status) < 0 || status.st_size > CHECKED_BYTES_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (unsigned bit = 0; bit < 8; bit++) {
            table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320U : table[i] >> 1;
        }
    }
    uint32_t sum = ~(uint32_t)0;
    off_t offset = 0;
    ssize_t size;
    while ((size = pread(file, piece, PIECE_BYTES, offset)) > 0 && offset <= CHECKED_BYTES_MAX) {
        for (ssize_t i = 0; i < size; i++) {
            sum = table[(sum ^ piece[i]) & 0xff] ^ sum >> 8;
        }
        offset += size;
    }
    return size == 0 && ~sum == expected;
}

struct wanted {
    uint8_t id[BUILD_ID_MAX];
    size_t id_size;
    const uint32_t *checksum; /* NULL: the build id must be the same */
};

__attribute__((format(printf, 3, 4))) static bool take(struct elf_file *result, const struct wanted *wanted,
                                                       const char *format, ...) {
    char path[PATH_MAX];
    uint8_t id[BUILD_ID_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(path, sizeof(path), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(path) || elf_file_open(result, path) < 0) {
        return false;
    }
    size_t size = elf_build_id(result->elf, id);
    bool same = size && size == wanted->id_size && memcmp(id, wanted->id, size) == 0;
    bool other = size && wanted->id_size && !same;
    if (same || (!other && wanted->checksum && has_checksum(result->file, *wanted->checksum))) {
        return true;
    }
    elf_file_close(result);
    return false;
}

static bool take_by_id(struct elf_file *result, const struct wanted *wanted) {
    char name[2 * BUILD_ID_MAX + 1];
    if (wanted->id_size < 2) {
        return false;
    }
    for (size_t i = 0; i < wanted->id_size; i++) {
        snprintf(name + 2 * i, 3, "%02x", wanted->id[i]);
    }
    return take(result, wanted, DEBUG_FOLDER "/.build-id/%.2s/%s.debug", name, name + 2);
}

/* The folder of a path with its last slash. */
static int folder_size(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash - path < PATH_MAX ? (int)(slash - path + 1) : 0;
}

static bool take_by_link(struct elf_file *result, struct wanted *wanted, Elf *elf, const char *path) {
    GElf_Word checksum;
    Elf_Data *section = elf_section(elf, ".gnu_debuglink");
    bool sane = section && section->d_size <= LINK_BYTES_MAX && memchr(section->d_buf, 0, section->d_size);
    const char *name = sane ? dwelf_elf_gnu_debuglink(elf, &checksum) : NULL;
    int folder = folder_size(path);
    if (!name || !*name || strchr(name, '/') || !folder) {
        return false;
    }
    uint32_t sum = checksum;
    wanted->checksum = &sum;
    bool found = take(result, wanted, "%.*s%s", folder, path, name) ||
                 take(result, wanted, "%.*s.debug/%s", folder, path, name) ||
                 (path[0] == '/' && take(result, wanted, DEBUG_FOLDER "%.*s%s", folder, path, name));
    wanted->checksum = NULL;
    return found;
}

/* What has been found is of use with DWARF alone, or with more symbols than the file itself has. */
int debug_file_find(struct elf_file *result, Elf *elf, const char *path) {
    struct wanted wanted = {.checksum = NULL};
    wanted.id_size = elf_build_id(elf, wanted.id);
    *result = (struct elf_file){.file = -1};
    return take_by_id(result, &wanted) || take_by_link(result, &wanted, elf, path) ? 0 : -ENOENT;
}

int debug_file_find_supplement(struct elf_file *result, Dwarf *dwarf, const char *path) {
    const char *name;
    const void *id;
    struct wanted wanted = {.checksum = NULL};
    ssize_t size = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &id);
    *result = (struct elf_file){.file = -1};
    if (size <= 0) {
        return -ENODATA;
    }
    if (size > BUILD_ID_MAX) {
        return -ENOENT;
    }
    memcpy(wanted.id, id, (size_t)size);
    wanted.id_size = (size_t)size;
    if (take_by_id(result, &wanted)) {
        return 0;
    }
    bool found = name[0] == '/' ? take(result, &wanted, "%s", name)
                                : take(result, &wanted, "%.*s%s", folder_size(path), path, name);
    return found ? 0 : -ENOENT;
}
