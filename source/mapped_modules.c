/* SPDX-License-Identifier: MIT */
#include "mapped_modules.h"

#include "cleanup.h"
#include "mappings.h"
#include "regular_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Out of memory must not end the supervisor: uthash then leaves the table as it was. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* What makes a file the same as another one, before its path, which follows it without NUL. Compared as bytes, so what
 * is between the members is 0. */
struct identity {
    uint64_t inode; /* 0 with a build id */
    uint8_t build_id_size;
    uint8_t build_id[MAPPING_BUILD_ID_MAX];
};

struct tracked {
    struct mapped_module shown; /* first, so that it is found from there */
    struct module_table *table;
    int file;      /* handed over, until it is opened; -1: none */
    uint64_t used; /* when, by the table's clock */
    bool was_open; /* `device` and `inode` are those of the file that was */
    dev_t device;
    ino_t inode;
    struct module_segment *segments; /* known from the first opening on */
    size_t segment_count;
    struct identity *identity;
    UT_hash_handle hh;
};

struct mapped_modules {
    struct mappings *areas;
};

struct process {
    pid_t pid;
    struct mapped_modules now;
    struct mapped_modules former; /* areas NULL: none */
    UT_hash_handle hh;
};

struct module_table {
    pid_t owner;
    struct process *processes;
    struct tracked *modules; /* by identity */
    uint64_t clock;
    struct tracked **open;
    size_t open_count;
    size_t open_room;
    struct tracked *files[MODULE_FILES_MAX]; /* those with a file, the oldest first */
    size_t file_count;
};

int module_table_create(struct module_table **result) {
    *result = calloc(1, sizeof(**result));
    if (!*result) {
        return -ENOMEM;
    }
    (*result)->owner = getpid();
    return 0;
}

/* -- Files that were handed over -- */

/* In another process the numbers are of something else. */
static bool owns_files(const struct module_table *table) {
    return table->owner == getpid();
}

static void forget_file(struct module_table *table, size_t at) {
    if (owns_files(table)) {
        close_fd(&table->files[at]->file);
    }
    table->files[at]->file = -1;
    table->file_count--;
    memmove(table->files + at, table->files + at + 1, (table->file_count - at) * sizeof(struct tracked *));
}

/* The file that it has for opening, or -1. */
static int take_file(struct tracked *tracked) {
    struct module_table *table = tracked->table;
    if (tracked->file < 0) {
        return -1;
    }
    int file = owns_files(table) ? steal_fd(&tracked->file) : -1;
    for (size_t i = 0; i < table->file_count; i++) {
        if (table->files[i] == tracked) {
            forget_file(table, i);
            break;
        }
    }
    return file;
}

/* Whether there is any hope of opening it by its path. */
static bool has_path(const struct tracked *tracked) {
    return !tracked->shown.deleted || tracked->identity->build_id_size;
}

/* Takes it over. */
static void keep_file(struct module_table *table, struct tracked *tracked, int file) {
    if (tracked->shown.module || tracked->file >= 0) {
        close(file);
        return;
    }
    if (table->file_count == MODULE_FILES_MAX) {
        size_t oldest = 0;
        while (oldest < table->file_count && !has_path(table->files[oldest])) {
            oldest++;
        }
        forget_file(table, oldest < table->file_count ? oldest : 0);
    }
    tracked->file = file;
    tracked->shown.error = 0;
    table->files[table->file_count++] = tracked;
}

/* -- Modules -- */

static void close_module(struct tracked *tracked) {
    module_close(tracked->shown.module);
    tracked->shown.module = NULL;
}

static void free_module(struct tracked *tracked) {
    close_module(tracked);
    free(tracked->segments);
    free(tracked->identity);
    free((char *)tracked->shown.path);
    free(tracked);
}

static bool is_vdso(const char *path) {
    return strcmp(path, "[vdso]") == 0;
}

static bool is_of_file(const struct mapping *mapping, size_t length) {
    return (length == 6 && memcmp(mapping->path, "[vdso]", 6) == 0) ||
           (length > 1 && mapping->path[0] == '/' && !(length == 6 && memcmp(mapping->path, "//anon", 6) == 0));
}

static struct tracked *new_module(struct module_table *table, const struct mapping *mapping, size_t length) {
    struct tracked *tracked = calloc(1, sizeof(*tracked));
    struct identity *identity = calloc(1, sizeof(*identity) + length);
    char *path = strndup(mapping->path, length);
    if (!tracked || !identity || !path) {
        free(tracked);
        free(identity);
        free(path);
        return NULL;
    }
    tracked->identity = identity;
    tracked->table = table;
    tracked->file = -1;
    tracked->shown.path = path;
    tracked->shown.number = HASH_COUNT(table->modules);
    identity->build_id_size =
        mapping->build_id_size <= MAPPING_BUILD_ID_MAX ? mapping->build_id_size : MAPPING_BUILD_ID_MAX;
    memcpy(identity->build_id, mapping->build_id, identity->build_id_size);
    identity->inode = identity->build_id_size ? 0 : mapping->inode;
    memcpy(identity + 1, mapping->path, length);
    return tracked;
}

/* The one of a mapping; NULL: of no file, or there is no room for it. */
static struct tracked *module_of(struct module_table *table, const struct mapping *mapping) {
    bool deleted;
    size_t length = mapping_path_length(mapping, &deleted);
    if (!is_of_file(mapping, length)) {
        return NULL;
    }
    struct tracked *made = new_module(table, mapping, length);
    struct tracked *found;
    if (!made) {
        return NULL;
    }
    HASH_FIND(hh, table->modules, made->identity, sizeof(struct identity) + length, found);
    if (!found && HASH_COUNT(table->modules) < MODULES_MAX) {
        HASH_ADD_KEYPTR(hh, table->modules, made->identity, sizeof(struct identity) + length, made);
        found = made->hh.tbl ? made : NULL;
    }
    if (found != made) {
        free_module(made);
    }
    if (found) {
        found->shown.deleted = deleted;
    }
    return found;
}

/* The file at its path, if it is the one that was mapped, or -errno. */
static int open_path(const struct tracked *tracked) {
    const struct identity *identity = tracked->identity;
    struct stat about;
    if (!has_path(tracked)) {
        return -ENOENT;
    }
    auto_fd place = regular_file_find(tracked->shown.path, &about);
    if (place < 0) {
        return place;
    }
    bool same = identity->build_id_size || (identity->inode && identity->inode == about.st_ino);
    if (tracked->was_open) {
        same = tracked->device == about.st_dev && tracked->inode == about.st_ino;
    }
    return same ? regular_file_open(place) : -ESTALE;
}

static bool has_build_id(const struct module *module, const struct identity *identity) {
    size_t size;
    const uint8_t *build_id = module_build_id(module, &size);
    return build_id && size == identity->build_id_size && memcmp(build_id, identity->build_id, size) == 0;
}

static int open_module(struct tracked *tracked, struct module **module) {
    struct stat about;
    if (is_vdso(tracked->shown.path)) {
        return module_open_vdso(module);
    }
    int file = take_file(tracked);
    bool by_path = file < 0;
    if (by_path) {
        file = open_path(tracked);
    }
    if (file < 0) {
        return file;
    }
    if (fstat(file, &about) == 0) {
        tracked->device = about.st_dev;
        tracked->inode = about.st_ino;
        tracked->was_open = true;
    }
    int status = module_open(module, file, tracked->shown.path);
    if (status == 0 && by_path && tracked->identity->build_id_size && !has_build_id(*module, tracked->identity)) {
        module_close(*module);
        *module = NULL;
        status = -ESTALE;
    }
    return status;
}

static bool keep_segments(struct tracked *tracked, const struct module *module) {
    size_t count;
    const struct module_segment *segments = module_segments(module, &count);
    if (tracked->segments) {
        return true;
    }
    tracked->segments = malloc((count + 1) * sizeof(*segments));
    if (!tracked->segments) {
        return false;
    }
    memcpy(tracked->segments, segments, count * sizeof(*segments));
    tracked->segment_count = count;
    return true;
}

static bool note_open(struct module_table *table, struct tracked *tracked) {
    if (table->open_count == table->open_room) {
        size_t room = table->open_room ? 2 * table->open_room : 32;
        struct tracked **open = realloc(table->open, room * sizeof(struct tracked *));
        if (!open) {
            return false;
        }
        table->open = open;
        table->open_room = room;
    }
    table->open[table->open_count++] = tracked;
    return true;
}

struct module *mapped_module_open(struct mapped_module *mapped) {
    struct tracked *tracked = (struct tracked *)mapped;
    struct module *module = NULL;
    tracked->used = ++tracked->table->clock;
    if (mapped->module || mapped->error) {
        return mapped->module;
    }
    int status = open_module(tracked, &module);
    if (status == 0 && (!keep_segments(tracked, module) || !note_open(tracked->table, tracked))) {
        module_close(module);
        return NULL;
    }
    bool passes = status == -ENOMEM || status == -EMFILE || status == -ENFILE || status == -EINTR;
    mapped->error = passes ? 0 : -status;
    mapped->module = status == 0 ? module : NULL;
    return mapped->module;
}

/* The one to close first: the one that was used longest ago, rather one that can be opened again. */
static size_t least_used(const struct module_table *table) {
    size_t found = 0;
    for (size_t i = 1; i < table->open_count; i++) {
        const struct tracked *one = table->open[i];
        const struct tracked *best = table->open[found];
        if (has_path(one) != has_path(best) ? has_path(one) : one->used < best->used) {
            found = i;
        }
    }
    return found;
}

bool module_table_trim(struct module_table *table) {
    if (table->open_count <= MODULES_OPEN_MAX) {
        return false;
    }
    /* Some more than need be, so that it is not the next record's turn again. */
    while (table->open_count > MODULES_OPEN_MAX - MODULES_OPEN_MAX / 8) {
        size_t at = least_used(table);
        close_module(table->open[at]);
        table->open[at] = table->open[--table->open_count];
    }
    return true;
}

/* -- Processes -- */

static struct process *find_process(struct module_table *table, pid_t pid) {
    struct process *process;
    HASH_FIND(hh, table->processes, &pid, sizeof(pid), process);
    return process;
}

/* Takes over `areas`, also when it fails. */
static struct process *add_process(struct module_table *table, pid_t pid, struct mappings *areas) {
    struct process *process = areas ? calloc(1, sizeof(*process)) : NULL;
    if (process) {
        process->pid = pid;
        process->now.areas = areas;
        HASH_ADD(hh, table->processes, pid, sizeof(process->pid), process);
        if (process->hh.tbl) {
            return process;
        }
    }
    free(process);
    mappings_release(areas);
    return NULL;
}

static void free_process(struct process *process) {
    mappings_release(process->now.areas);
    mappings_release(process->former.areas);
    free(process);
}

void module_table_map(struct module_table *table, pid_t pid, const struct mapping *mapping) {
    struct tracked *tracked = module_of(table, mapping);
    if (mapping->file >= 0 && owns_files(table)) {
        if (tracked) {
            keep_file(table, tracked, mapping->file);
        } else {
            close(mapping->file);
        }
    }
    struct process *process = find_process(table, pid);
    if (!process) {
        process = add_process(table, pid, mappings_create());
    }
    if (process && mapping->length <= UINT64_MAX - mapping->start) {
        struct area area = {mapping->start, mapping->start + mapping->length, mapping->offset, tracked};
        mappings_set(&process->now.areas, &area);
    }
}

void module_table_fork(struct module_table *table, pid_t pid, pid_t parent) {
    if (pid == parent) {
        return;
    }
    module_table_end(table, pid);
    struct process *from = find_process(table, parent);
    if (from) {
        add_process(table, pid, mappings_share(from->now.areas));
    }
}

void module_table_exec(struct module_table *table, pid_t pid) {
    struct process *process = find_process(table, pid);
    struct mappings *fresh = process ? mappings_create() : NULL;
    if (!fresh) {
        /* Rather nothing than what is not there any more. */
        module_table_end(table, pid);
        return;
    }
    mappings_release(process->former.areas);
    process->former.areas = process->now.areas;
    process->now.areas = fresh;
}

void module_table_end(struct module_table *table, pid_t pid) {
    struct process *process = find_process(table, pid);
    if (process) {
        HASH_DEL(table->processes, process);
        free_process(process);
    }
}

void module_table_destroy(struct module_table *table) {
    struct process *process;
    struct process *next_process;
    struct tracked *tracked;
    struct tracked *next;
    if (!table) {
        return;
    }
    while (table->file_count) {
        forget_file(table, 0);
    }
    HASH_ITER(hh, table->processes, process, next_process) {
        HASH_DEL(table->processes, process);
        free_process(process);
    }
    HASH_ITER(hh, table->modules, tracked, next) {
        HASH_DEL(table->modules, tracked);
        free_module(tracked);
    }
    free(table->open);
    free(table);
}

struct mapped_modules *module_table_of(struct module_table *table, pid_t pid) {
    struct process *process = find_process(table, pid);
    return process ? &process->now : NULL;
}

struct mapped_modules *module_table_former(struct module_table *table, pid_t pid) {
    struct process *process = find_process(table, pid);
    return process && process->former.areas ? &process->former : NULL;
}

struct mapped_module *mapped_modules_find(struct mapped_modules *modules, uint64_t ip, uint64_t *address) {
    const struct area *area = mappings_find(modules->areas, ip);
    if (!area) {
        return NULL;
    }
    struct tracked *tracked = area->of;
    uint64_t offset = area->offset + (ip - area->start);
    if (!tracked->segments && !mapped_module_open(&tracked->shown)) {
        *address = offset;
        return &tracked->shown;
    }
    return module_segment_address(tracked->segments, tracked->segment_count, offset, address) ? &tracked->shown : NULL;
}
