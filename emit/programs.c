/* SPDX-License-Identifier: MIT */
#include "programs.h"

#include "mapping.h"
#include "name_table.h"
#include "plain_path.h"
#include "syscall_table.h"

#include <stdlib.h>
#include <string.h>

/* Out of memory must not end the supervisor: uthash then leaves the table as it was. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum {
    PROCESSES_MOST = 1 << 16, /* beyond these, what runs in a process is not known */
};

struct process {
    int32_t pid;
    uint32_t name;   /* NAME_NONE: no mapping has told it */
    uint32_t former; /* before the exec of which no call has told yet; NAME_NONE: there was none */
    UT_hash_handle hh;
};

struct programs {
    struct process *processes;
    struct name_table names;
};

struct programs *programs_create(void) {
    return calloc(1, sizeof(struct programs));
}

static void forget(struct programs *programs, struct process *process) {
    HASH_DEL(programs->processes, process);
    free(process);
}

void programs_destroy(struct programs *programs) {
    if (!programs) {
        return;
    }
    struct process *process;
    struct process *next;
    HASH_ITER(hh, programs->processes, process, next) {
        forget(programs, process);
    }
    name_table_finish(&programs->names);
    free(programs);
}

static struct process *find(const struct programs *programs, int32_t pid) {
    struct process *process;
    HASH_FIND(hh, programs->processes, &pid, sizeof(pid), process);
    return process;
}

/* The process, known from now on. NULL without memory, or if there are too many. */
static struct process *know(struct programs *programs, int32_t pid) {
    struct process *process = find(programs, pid);
    if (process || HASH_COUNT(programs->processes) >= PROCESSES_MOST) {
        return process;
    }
    process = calloc(1, sizeof(*process));
    if (!process) {
        return NULL;
    }
    *process = (struct process){.pid = pid, .name = NAME_NONE, .former = NAME_NONE};
    HASH_ADD(hh, programs->processes, pid, sizeof(pid), process);
    if (!process->hh.tbl) {
        free(process);
        return NULL;
    }
    return process;
}

static void take_start(struct programs *programs, const struct record *record) {
    if (record->start.parent_pid == record->pid) {
        return;
    }
    const struct process *parent = find(programs, record->start.parent_pid);
    uint32_t name = parent ? parent->name : NAME_NONE;
    struct process *process = know(programs, record->pid);
    if (process) {
        process->name = name;
        process->former = NAME_NONE;
    }
}

static void take_mapping(struct programs *programs, const struct record *record) {
    const struct mapping *mapping = record_captures(record);
    struct process *process = know(programs, record->pid);
    if (!process || process->name != NAME_NONE || mapping->path[0] != '/') {
        return;
    }
    char path[MAPPING_PATH_MAX];
    bool deleted;
    size_t length = mapping_path_length(mapping, &deleted);
    if (length >= sizeof(path)) {
        return;
    }
    memcpy(path, mapping->path, length);
    path[length] = 0;
    const char *name = path_base(path);
    if (strncmp(path, "//", 2) != 0 && name[0] && name_table_add(&programs->names, name, &process->name) < 0) {
        process->name = NAME_NONE;
    }
}

static bool is_exec(const struct record *record) {
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    return row && row_is_exec(row) && !(record->call.flags & CALL_UNRETURNED) && record->call.result == 0;
}

/* The exec is over with the first call behind its own. */
static void take_call(struct programs *programs, const struct record *record) {
    struct process *process = find(programs, record->pid);
    if (process && process->former != NAME_NONE && !is_exec(record)) {
        process->former = NAME_NONE;
    }
}

void programs_take(struct programs *programs, const struct record *record) {
    struct process *process;
    switch (record->kind) {
    case RECORD_CALL:
        take_call(programs, record);
        break;
    case RECORD_START:
        take_start(programs, record);
        break;
    case RECORD_EXEC:
        process = know(programs, record->pid);
        if (process) {
            process->former = process->name;
            process->name = NAME_NONE;
        }
        break;
    case RECORD_MAPPING:
        take_mapping(programs, record);
        break;
    case RECORD_END:
        process = record->tid == record->pid ? find(programs, record->pid) : NULL;
        if (process) {
            forget(programs, process);
        }
        break;
    default:
        break;
    }
}

const char *programs_of(const struct programs *programs, const struct record *record) {
    const struct process *process = find(programs, record->pid);
    if (!process) {
        return NULL;
    }
    bool before = process->former != NAME_NONE && is_exec(record);
    return name_table_get(&programs->names, before ? process->former : process->name);
}
