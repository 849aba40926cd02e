/* SPDX-License-Identifier: MIT */
#include "code_maps.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

/* A mapping with room for its path. */
union mapping_room {
    struct mapping mapping;
    uint8_t bytes[MAPPING_BOUND];
};

/* ------------------------------------------------------------------ asked for one by one */

/* ioctl(2) PROCMAP_QUERY of <linux/fs.h>, Linux 6.11. */
struct map_query {
    uint64_t size; /* of this structure */
    uint64_t flags;
    uint64_t address;
    uint64_t start;
    uint64_t end;
    uint64_t access;
    uint64_t page_size;
    uint64_t offset;
    uint64_t inode;
    uint32_t major;
    uint32_t minor;
    uint32_t name_size; /* room for the name, and then its bytes with the NUL */
    uint32_t build_id_size;
    uint64_t name;
    uint64_t build_id;
};

enum {
    MAP_QUERY_EXECUTABLE = 0x04,
    MAP_QUERY_THIS_OR_NEXT = 0x10,
};

/* The mapping of code at `address`, or the first one behind it. 0 or -errno: -ENOENT if there is none. */
static int query(int maps, uint64_t address, bool build_id, union mapping_room *room) {
    static const unsigned long request = _IOWR('f', 17, struct map_query);
    struct mapping *mapping = &room->mapping;
    struct map_query query = {.size = sizeof(query),
                              .flags = MAP_QUERY_EXECUTABLE | MAP_QUERY_THIS_OR_NEXT,
                              .address = address,
                              .name_size = MAPPING_PATH_MAX,
                              .build_id_size = build_id ? MAPPING_BUILD_ID_MAX : 0,
                              .name = (uintptr_t)mapping->path,
                              .build_id = build_id ? (uintptr_t)mapping->build_id : 0};
    mapping->path[0] = 0;
    int status = ioctl(maps, request, &query);
    if (status < 0 && errno == ENAMETOOLONG) {
        query.name_size = 0;
        query.name = 0;
        status = ioctl(maps, request, &query);
    }
    if (status < 0) {
        return -errno;
    }
    mapping->start = query.start;
    mapping->length = query.end - query.start;
    mapping->offset = query.offset;
    mapping->inode = query.inode;
    mapping->file = -1;
    mapping->build_id_size = (uint8_t)query.build_id_size;
    mapping->path_size = (uint32_t)strnlen(mapping->path, MAPPING_PATH_MAX - 1) + 1;
    return 0;
}

static int read_by_queries(int maps, struct code_range range, bool build_ids, code_maps_taker *take, void *context) {
    union mapping_room room;
    uint64_t address = range.start;
    int status = 0;
    while (address < range.end && (status = query(maps, address, build_ids, &room)) == 0 &&
           room.mapping.start < range.end) {
        take(context, &room.mapping);
        address = room.mapping.start + room.mapping.length;
    }
    return status == -ENOENT ? 0 : status;
}

/* ----------------------------------------------------------------------------- by lines */

/* The number that `*text` begins with, and the character behind it, which is skipped. */
static bool take_number(char **text, int base, char behind, uint64_t *number) {
    char *end;
    *number = strtoull(*text, &end, base);
    bool taken = end != *text && *end == behind;
    *text = taken ? end + 1 : end;
    return taken;
}

/* A path as it is: the kernel writes the end of a line in it as \012. */
static void copy_path(struct mapping *mapping, const char *text) {
    size_t size = 0;
    while (*text && *text != '\n' && size < MAPPING_PATH_MAX - 1) {
        bool escaped = strncmp(text, "\\012", 4) == 0;
        mapping->path[size++] = *text;
        if (escaped) {
            mapping->path[size - 1] = '\n';
        }
        text += escaped ? 4 : 1;
    }
    mapping->path[size] = 0;
    mapping->path_size = (uint32_t)size + 1;
}

/* Whether the line tells of code. */
static bool parse_line(char *line, union mapping_room *room) {
    enum {
        EXECUTABLE = 2, /* of the four letters of the permissions */
        LETTERS = 5,    /* and a space */
    };
    struct mapping *mapping = &room->mapping;
    uint64_t end;
    uint64_t device;
    if (!take_number(&line, 16, '-', &mapping->start) || !take_number(&line, 16, ' ', &end) || end <= mapping->start ||
        strnlen(line, LETTERS) < LETTERS || line[EXECUTABLE] != 'x') {
        return false;
    }
    line += LETTERS;
    if (!take_number(&line, 16, ' ', &mapping->offset) || !take_number(&line, 16, ':', &device) ||
        !take_number(&line, 16, ' ', &device)) {
        return false;
    }
    mapping->inode = strtoull(line, &line, 10);
    mapping->length = end - mapping->start;
    mapping->file = -1;
    mapping->build_id_size = 0;
    copy_path(mapping, line + strspn(line, " "));
    /* A page of the kernel's that is there in every process: nothing makes calls there. */
    return strcmp(mapping->path, "[vsyscall]") != 0;
}

void code_maps_read_text(FILE *maps, struct code_range range, code_maps_taker *take, void *context) {
    union mapping_room room;
    auto_free char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, maps) > 0) {
        bool told = parse_line(line, &room);
        if (told && room.mapping.start >= range.end) {
            break;
        }
        if (told && room.mapping.start + room.mapping.length > range.start) {
            take(context, &room.mapping);
        }
    }
}

int code_maps_read(pid_t tid, struct code_range range, bool build_ids, code_maps_taker *take, void *context) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/maps", tid);
    auto_fd maps = open(path, O_RDONLY | O_CLOEXEC);
    if (maps < 0) {
        return -errno;
    }
    int status = read_by_queries(maps, range, build_ids, take, context);
    if (status != -ENOTTY) {
        return status;
    }
    auto_file FILE *text = fdopen(maps, "r");
    if (!text) {
        return -errno;
    }
    (void)steal_fd(&maps);
    code_maps_read_text(text, range, take, context);
    return 0;
}

/* -------------------------------------------------------------------------------- calls */

enum {
    PAGE = 4096,
};

/* `size` bytes, in whole pages. */
static bool from(uint64_t start, uint64_t size, struct code_range *range) {
    uint64_t pages = size + PAGE - 1 < size ? UINT64_MAX : (size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    *range = (struct code_range){start, start + pages < start ? UINT64_MAX : start + pages};
    return true;
}

bool code_maps_changed(int64_t number, const uint64_t args[6], int64_t result, struct code_range *range) {
    enum { /* asm/unistd_64.h */
        MMAP = 9,
        MPROTECT = 10,
        MREMAP = 25,
        SHMAT = 30,
        PKEY_MPROTECT = 329,
    };
    if (result < 0) {
        return false;
    }
    switch (number) {
    case MMAP:
        return args[2] & PROT_EXEC && from((uint64_t)result, args[1], range);
    case MPROTECT:
    case PKEY_MPROTECT:
        return args[2] & PROT_EXEC && from(args[0], args[1], range);
    case MREMAP: /* of whatever was there */
        return from((uint64_t)result, args[2], range);
    case SHMAT: /* how large it is, is not known; it is one mapping */
        return args[2] & SHM_EXEC && from((uint64_t)result, 1, range);
    default:
        return false;
    }
}
