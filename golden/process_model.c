/* SPDX-License-Identifier: MIT */
#include "process_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* A number that is or was a descriptor. */
struct descriptor {
    int number;
    uint32_t file; /* index into the model's files; NO_FILE: closed */
    bool on_exec;  /* closed then */
    /* What it was when it was closed. */
    enum open_kind was : 8;
    uint32_t object;
};

#define NO_FILE UINT32_MAX

/* Descriptors in the order of their numbers. Processes have the same table until one of them changes it. */
struct table {
    uint32_t references;
    uint32_t count;
    uint32_t room;
    struct descriptor entries[];
};

/* What CLONE_FILES shares. */
struct files {
    uint32_t references;
    struct table *table;
};

struct entry {
    struct process process;
    UT_hash_handle hh;
};

/* A thread and its number; a process's first one has the process's id. */
struct thread {
    int64_t id;
    uint32_t task;
    UT_hash_handle hh;
};

struct process_model {
    struct observations *observations;
    const struct birth *births;
    size_t birth_count;
    bool by_thread;
    struct open_file *open;
    uint32_t open_count;
    uint32_t open_room;
    uint32_t open_free;      /* index of one that is not used, in whose `object` the next is; NO_FILE: none */
    struct entry *processes; /* by id */
    struct entry **by_number;
    uint32_t process_count;
    uint32_t process_room;
    struct thread *threads;
    uint32_t task_count;
};

/* ---------------------------------------------------------------- open files */

static void drop_file(struct process_model *model, uint32_t index) {
    struct open_file *file = &model->open[index];
    if (--file->references == 0) {
        free(file->name);
        *file = (struct open_file){.object = model->open_free};
        model->open_free = index;
    }
}

/* A place for one, without references. */
static uint32_t new_file(struct process_model *model) {
    if (model->open_free != NO_FILE) {
        uint32_t index = model->open_free;
        model->open_free = model->open[index].object;
        return index;
    }
    if (model->open_count == model->open_room) {
        uint64_t room = model->open_room ? (uint64_t)model->open_room * 2 : 64;
        struct open_file *grown = room < NO_FILE ? realloc(model->open, room * sizeof(*grown)) : NULL;
        if (!grown) {
            return NO_FILE;
        }
        model->open = grown;
        model->open_room = (uint32_t)room;
    }
    return model->open_count++;
}

/* -------------------------------------------------------------------- tables */

static void drop_table(struct process_model *model, struct table *table) {
    if (!table || --table->references) {
        return;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        if (table->entries[i].file != NO_FILE) {
            drop_file(model, table->entries[i].file);
        }
    }
    free(table);
}

static void drop_files(struct process_model *model, struct files *files) {
    if (files && --files->references == 0) {
        drop_table(model, files->table);
        free(files);
    }
}

/* The table to be changed, with room for one more entry; NULL: no memory. */
static struct table *own_table(struct process_model *model, struct files *files) {
    struct table *table = files->table;
    bool shared = table && table->references > 1;
    if (table && !shared && table->count < table->room) {
        return table;
    }
    uint32_t count = table ? table->count : 0;
    uint32_t room = count < 8 ? 16 : count * 2;
    struct table *changed = realloc(shared ? NULL : table, sizeof(*table) + (size_t)room * sizeof(struct descriptor));
    if (!changed) {
        return NULL;
    }
    changed->room = room;
    if (shared || !table) {
        changed->references = 1;
        changed->count = count;
    }
    if (shared) {
        memcpy(changed->entries, table->entries, count * sizeof(*table->entries));
        for (uint32_t i = 0; i < count; i++) {
            if (changed->entries[i].file != NO_FILE) {
                model->open[changed->entries[i].file].references++;
            }
        }
        table->references--;
    }
    files->table = changed;
    return changed;
}

/* Where the number is, or would be. */
static uint32_t place_of(const struct table *table, int number) {
    uint32_t low = 0;
    uint32_t high = table ? table->count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->entries[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct descriptor *find_descriptor(const struct process *process, int number) {
    struct table *table = process->files ? process->files->table : NULL;
    uint32_t place = place_of(table, number);
    return table && place < table->count && table->entries[place].number == number ? &table->entries[place] : NULL;
}

/* The entry of a number, to be changed; made if there is none. NULL: no memory. */
static struct descriptor *own_descriptor(struct process_model *model, struct process *process, int number) {
    struct table *table = own_table(model, process->files);
    if (!table) {
        return NULL;
    }
    uint32_t place = place_of(table, number);
    struct descriptor *entry = &table->entries[place];
    if (place == table->count || entry->number != number) {
        memmove(entry + 1, entry, (table->count - place) * sizeof(*entry));
        table->count++;
        *entry = (struct descriptor){.number = number, .file = NO_FILE, .object = NO_OBJECT, .was = OPEN_UNKNOWN};
    }
    return entry;
}

static void close_entry(struct process_model *model, struct descriptor *entry, bool remember) {
    if (entry->file != NO_FILE) {
        const struct open_file *file = &model->open[entry->file];
        entry->was = remember ? file->kind : OPEN_UNKNOWN;
        entry->object = remember ? file->object : NO_OBJECT;
        drop_file(model, entry->file);
        entry->file = NO_FILE;
    }
}

/* ---------------------------------------------------------------- descriptors */

struct open_file *process_model_open(struct process_model *model, struct process *process, int descriptor,
                                     const struct open_file *file, bool closes_on_exec) {
    struct descriptor *entry = own_descriptor(model, process, descriptor);
    uint32_t index = entry ? new_file(model) : NO_FILE;
    if (index == NO_FILE) {
        free(file->name);
        return NULL;
    }
    close_entry(model, entry, false);
    model->open[index] = *file;
    model->open[index].references = 1;
    entry->file = index;
    entry->on_exec = closes_on_exec;
    return &model->open[index];
}

struct open_file *process_model_file(struct process_model *model, struct process *process, int descriptor) {
    const struct descriptor *entry = find_descriptor(process, descriptor);
    if (!entry) {
        return NULL;
    }
    if (entry->file != NO_FILE) {
        return &model->open[entry->file];
    }
    if (entry->was == OPEN_UNKNOWN || entry->was == OPEN_SOCKET) {
        return NULL;
    }
    struct open_file again = {.kind = entry->was, .object = entry->object, .position = POSITION_UNKNOWN};
    return process_model_open(model, process, descriptor, &again, entry->on_exec);
}

int process_model_close(struct process_model *model, struct process *process, int descriptor) {
    if (!find_descriptor(process, descriptor)) {
        return 0;
    }
    struct descriptor *entry = own_descriptor(model, process, descriptor);
    if (!entry) {
        return -ENOMEM;
    }
    close_entry(model, entry, true);
    return 0;
}

int process_model_close_range(struct process_model *model, struct process *process, uint64_t first, uint64_t last,
                              bool on_exec) {
    struct table *table = process->files ? process->files->table : NULL;
    if (!table || first > last) {
        return 0;
    }
    table = own_table(model, process->files);
    if (!table) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        struct descriptor *entry = &table->entries[i];
        if ((uint64_t)entry->number < first || (uint64_t)entry->number > last) {
            continue;
        }
        if (on_exec) {
            entry->on_exec = true;
        } else {
            close_entry(model, entry, true);
        }
    }
    return 0;
}

int process_model_duplicate(struct process_model *model, struct process *process, int from, int to,
                            bool closes_on_exec) {
    const struct descriptor *source = find_descriptor(process, from);
    uint32_t file = source ? source->file : NO_FILE;
    if (from == to) {
        return 0;
    }
    if (file == NO_FILE) {
        /* What it stands for is not known, and so is what the other stands for now. */
        return process_model_close(model, process, to);
    }
    struct descriptor *entry = own_descriptor(model, process, to);
    if (!entry) {
        return -ENOMEM;
    }
    model->open[file].references++;
    close_entry(model, entry, false);
    entry->file = file;
    entry->on_exec = closes_on_exec;
    return 0;
}

int process_model_on_exec(struct process_model *model, struct process *process, int descriptor, bool closes) {
    if (!find_descriptor(process, descriptor)) {
        return 0;
    }
    struct descriptor *entry = own_descriptor(model, process, descriptor);
    if (!entry) {
        return -ENOMEM;
    }
    entry->on_exec = closes;
    return 0;
}

int process_model_free_descriptor(const struct process *process, int from) {
    const struct table *table = process->files ? process->files->table : NULL;
    int number = from;
    for (uint32_t i = place_of(table, from); table && i < table->count; i++) {
        if (table->entries[i].number != number) {
            break;
        }
        if (table->entries[i].file == NO_FILE) {
            break;
        }
        number++;
    }
    return number;
}

int process_model_unshare(struct process_model *model, struct process *process) {
    if (process->files->references == 1) {
        return 0;
    }
    struct files *files = malloc(sizeof(*files));
    if (!files) {
        return -ENOMEM;
    }
    process->files->references--;
    *files = (struct files){1, process->files->table};
    if (files->table) {
        files->table->references++;
    }
    process->files = files;
    return own_table(model, files) ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------ processes */

/* One without files and parent. */
static struct process *add_process(struct process_model *model, int64_t id) {
    if (model->process_count == model->process_room) {
        uint64_t room = model->process_room ? (uint64_t)model->process_room * 2 : 16;
        struct entry **grown = room < UINT32_MAX ? realloc(model->by_number, room * sizeof(struct entry *)) : NULL;
        if (!grown) {
            return NULL;
        }
        model->by_number = grown;
        model->process_room = (uint32_t)room;
    }
    struct entry *entry = calloc(1, sizeof(*entry));
    char *directory = strdup("");
    struct files *files = calloc(1, sizeof(*files));
    if (!entry || !directory || !files) {
        free(entry);
        free(directory);
        free(files);
        return NULL;
    }
    files->references = 1;
    entry->process = (struct process){.id = id,
                                      .number = model->process_count,
                                      .parent = model->process_count,
                                      .owner = model->process_count,
                                      .files = files,
                                      .directory = directory};
    struct entry *old;
    HASH_FIND(hh, model->processes, &id, sizeof(id), old);
    if (old) {
        HASH_DEL(model->processes, old); /* the number was given again; the old one is still there by its own */
    }
    HASH_ADD(hh, model->processes, process.id, sizeof(id), entry);
    model->by_number[model->process_count++] = entry;
    return &entry->process;
}

static int add_standard_streams(struct process_model *model, struct process *process) {
    static const enum subject subjects[] = {SUBJECT_INPUT, SUBJECT_OUTPUT, SUBJECT_ERROR};
    static const char *const names[] = {"standard input", "standard output", "standard error"};
    for (int i = 0; i < 3; i++) {
        struct open_file file = {.kind = OPEN_STREAM, .position = POSITION_UNKNOWN};
        int status = observations_find(model->observations, subjects[i], names[i], &file.object);
        if (status < 0 || !process_model_open(model, process, i, &file, false)) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int add_thread(struct process_model *model, int64_t id, uint32_t process, uint32_t *task) {
    struct thread *old;
    HASH_FIND(hh, model->threads, &id, sizeof(id), old);
    if (old) {
        HASH_DEL(model->threads, old); /* the number was given again */
        free(old);
    }
    struct thread *thread = malloc(sizeof(*thread));
    if (!thread) {
        return -ENOMEM;
    }
    *thread = (struct thread){.id = id, .task = model->task_count++};
    HASH_ADD(hh, model->threads, id, sizeof(id), thread);
    *task = thread->task;
    return observations_task(model->observations, thread->task, process);
}

/* A copy of the parent, as fork makes it. */
static struct process *copy_process(struct process_model *model, const struct process *parent, int64_t id,
                                    bool shares_files) {
    struct process *child = add_process(model, id);
    char *directory = child ? strdup(parent->directory) : NULL;
    if (!directory) {
        return NULL;
    }
    free(child->directory);
    child->directory = directory;
    child->parent = parent->number;
    child->running = parent->running;
    memcpy(child->own_files, parent->own_files, sizeof(child->own_files));
    child->executed = parent->executed;
    child->hides_pipes = parent->hides_pipes;
    if (shares_files && parent->files) {
        drop_files(model, child->files);
        child->files = parent->files;
        child->files->references++;
    } else if (parent->files && parent->files->table) {
        child->files->table = parent->files->table;
        child->files->table->references++;
    }
    return child;
}

int process_model_fork(struct process_model *model, struct process *parent, int64_t id, bool shares_files) {
    struct process *child = process_model_with_id(model, id);
    if (child && child->is_early) {
        child->is_early = false;
        return 0;
    }
    child = copy_process(model, parent, id, shares_files);
    if (!child) {
        return -ENOMEM;
    }
    child->is_pending = true;
    return 0;
}

struct process *process_model_with_id(struct process_model *model, int64_t id) {
    struct entry *entry;
    HASH_FIND(hh, model->processes, &id, sizeof(id), entry);
    return entry ? &entry->process : NULL;
}

struct process *process_model_number(struct process_model *model, uint32_t number) {
    return &model->by_number[number]->process;
}

/* The first call of a process, or of a thread that is followed by itself: that has files of its own in the model, and
 * is part of its process for all else. */
static int begin_process(struct process_model *model, struct process *process, int64_t pid, int64_t tid) {
    process->is_pending = false;
    process->owner = process->number;
    if (model->by_thread && pid != tid) {
        const struct process *owner = process_model_with_id(model, pid);
        process->owner = owner ? owner->owner : model->by_number[process->parent]->process.owner;
    }
    int status = add_thread(model, process->id, process->owner, &process->task);
    if (status == 0 && process->owner == process->number && process->parent != process->number) {
        status = observations_process_began(model->observations, model->by_number[process->parent]->process.owner);
    }
    return status;
}

static int compare_birth(const void *key, const void *birth) {
    int64_t child = *(const int64_t *)key;
    const struct birth *other = birth;
    return (child > other->child) - (child < other->child);
}

/* One that no call has made yet: by its birth, which stands further down, or one of which nothing is known. */
static int meet_process(struct process_model *model, int64_t id, struct process **process) {
    if (model->process_count && !model->births) {
        return -ENOENT;
    }
    const struct birth *birth =
        model->birth_count ? bsearch(&id, model->births, model->birth_count, sizeof(*birth), compare_birth) : NULL;
    const struct process *parent = birth ? process_model_with_id(model, birth->parent) : NULL;
    *process = parent ? copy_process(model, parent, id, false) : add_process(model, id);
    if (!*process) {
        return -ENOMEM;
    }
    (*process)->is_pending = true;
    (*process)->is_early = parent != NULL;
    return parent ? 0 : add_standard_streams(model, *process);
}

int process_model_find(struct process_model *model, int64_t pid, int64_t tid, struct process **process,
                       uint32_t *task) {
    int64_t id = model->by_thread && tid ? tid : pid;
    *process = process_model_with_id(model, id);
    int status = *process ? 0 : meet_process(model, id, process);
    if (status == 0 && (*process)->is_pending) {
        status = begin_process(model, *process, pid, tid ? tid : id);
    }
    if (status < 0) {
        return status;
    }
    *task = (*process)->task;
    if (tid && tid != id) {
        struct thread *thread;
        HASH_FIND(hh, model->threads, &tid, sizeof(tid), thread);
        if (thread) {
            *task = thread->task;
        } else {
            status = add_thread(model, tid, (*process)->owner, task);
        }
    }
    return status;
}

int process_model_ended(struct process_model *model, struct process *process, struct process *waiter) {
    if (process->has_ended) {
        return 0;
    }
    process->has_ended = true;
    drop_files(model, process->files);
    process->files = calloc(1, sizeof(*process->files));
    if (!process->files) {
        return -ENOMEM;
    }
    process->files->references = 1;
    return observations_process_ended(model->observations, process->owner, waiter->owner);
}

int process_model_exec(struct process_model *model, struct process *process) {
    int status = process_model_unshare(model, process);
    struct table *table = status == 0 && process->files->table ? own_table(model, process->files) : NULL;
    if (!table) {
        return status < 0 ? status : process->files->table ? -ENOMEM : 0;
    }
    for (uint32_t i = 0; i < table->count; i++) {
        struct descriptor *entry = &table->entries[i];
        if (entry->file == NO_FILE || entry->on_exec) {
            close_entry(model, entry, false);
            entry->was = OPEN_UNKNOWN;
        }
    }
    return 0;
}

int process_model_change_directory(struct process *process, const char *path) {
    char *directory = strdup(path);
    if (!directory) {
        return -ENOMEM;
    }
    free(process->directory);
    process->directory = directory;
    return 0;
}

/* ------------------------------------------------------------------ the model */

struct process_model *process_model_create(struct observations *observations, const struct birth *births,
                                           size_t birth_count, bool by_thread) {
    struct process_model *model = calloc(1, sizeof(*model));
    if (model) {
        *model = (struct process_model){.observations = observations,
                                        .births = births,
                                        .birth_count = birth_count,
                                        .by_thread = by_thread,
                                        .open_free = NO_FILE};
    }
    return model;
}

void process_model_destroy(struct process_model *model) {
    if (!model) {
        return;
    }
    HASH_CLEAR(hh, model->processes);
    for (uint32_t i = 0; i < model->process_count; i++) {
        drop_files(model, model->by_number[i]->process.files);
        free(model->by_number[i]->process.directory);
        free(model->by_number[i]);
    }
    struct thread *thread;
    struct thread *next;
    HASH_ITER(hh, model->threads, thread, next) {
        HASH_DEL(model->threads, thread);
        free(thread);
    }
    free(model->by_number);
    free(model->open);
    free(model);
}
