/* SPDX-License-Identifier: MIT */
#include "task_parts.h"

#include "hash64.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS_MAX = 256, /* of one object: what more tasks do goes into the part that was quiet for longest */
};

/* One task's part of an object. It is in two lists: the object's and its process's. */
struct part {
    struct part *next; /* of the object */
    struct part *previous;
    struct part *next_of_process;
    uint32_t object;
    uint32_t task;
    uint32_t process;
    uint32_t section; /* of its process, when `children` was added to */
    bool has_holes;
    uint64_t length;
    struct sha256_ctx content;
    struct task_sums done;     /* hashes of what happened, in order */
    struct task_sums children; /* sums over those that ended in that section */
};

struct process {
    struct part *parts;
    uint32_t first_task;
    uint32_t children;    /* that have not been waited for */
    uint32_t section;     /* how often there were none any more */
    uint32_t ended_into;  /* the process that waited for it; itself while it runs */
    uint32_t ended_while; /* the section of that, then */
};

struct task_parts {
    struct process *processes;
    uint32_t process_count;
    uint32_t *process_of; /* by task; UINT32_MAX: not told */
    uint32_t task_count;
};

struct task_parts *task_parts_create(void) {
    return calloc(1, sizeof(struct task_parts));
}

void task_parts_destroy(struct task_parts *parts) {
    if (parts) {
        free(parts->processes);
        free(parts->process_of);
        free(parts);
    }
}

/* The array with room for `index`, which grows twofold; NULL: no memory, and it is as it was. */
static void *grow(void *array, uint32_t *room, uint32_t index, size_t size) {
    if (index < *room) {
        return array;
    }
    uint64_t wanted = (uint64_t)index * 2 + 16;
    void *grown = wanted < UINT32_MAX ? realloc(array, wanted * size) : NULL;
    *room = grown ? (uint32_t)wanted : *room;
    return grown;
}

static int reserve_process(struct task_parts *parts, uint32_t process) {
    uint32_t had = parts->process_count;
    struct process *processes = grow(parts->processes, &parts->process_count, process, sizeof(*processes));
    if (!processes) {
        return -ENOMEM;
    }
    parts->processes = processes;
    for (uint32_t i = had; i < parts->process_count; i++) {
        processes[i] = (struct process){.ended_into = i, .first_task = UINT32_MAX};
    }
    return 0;
}

int task_parts_task(struct task_parts *parts, uint32_t task, uint32_t process) {
    uint32_t had = parts->task_count;
    uint32_t *process_of = grow(parts->process_of, &parts->task_count, task, sizeof(*process_of));
    if (!process_of) {
        return -ENOMEM;
    }
    parts->process_of = process_of;
    for (uint32_t i = had; i < parts->task_count; i++) {
        process_of[i] = UINT32_MAX;
    }
    process_of[task] = process;
    int status = reserve_process(parts, process);
    if (status == 0 && parts->processes[process].first_task == UINT32_MAX) {
        parts->processes[process].first_task = task;
    }
    return status;
}

/* ---------------------------------------------------------------------- lists */

static struct part *add_part(struct task_parts *parts, uint32_t object, struct part **first, uint32_t task,
                             uint32_t process) {
    struct part *part = calloc(1, sizeof(*part));
    if (!part) {
        return NULL;
    }
    sha256_init(&part->content);
    part->object = object;
    part->task = task;
    part->process = process;
    part->next = *first;
    if (*first) {
        (*first)->previous = part;
    }
    *first = part;
    part->section = parts->processes[process].section;
    struct part **of_process = &parts->processes[process].parts;
    part->next_of_process = *of_process;
    *of_process = part;
    return part;
}

static void remove_from_object(struct part **first, struct part *part) {
    if (part->previous) {
        part->previous->next = part->next;
    } else {
        *first = part->next;
    }
    if (part->next) {
        part->next->previous = part->previous;
    }
}

/* ------------------------------------------------------------------------ sums */

/* What the children did is in the order of what comes after it, from here on. */
static void settle_children(struct part *part) {
    if (part->children.by_length) {
        part->done.by_content = hash64_mix(hash64_mix(part->done.by_content, part->children.by_content), part->length);
        part->done.by_length = hash64_mix(hash64_mix(part->done.by_length, part->children.by_length), part->length);
        part->children = (struct task_sums){0};
    }
}

/* Those of a section that is over are in order. */
static void refresh(const struct task_parts *parts, struct part *part) {
    uint32_t section = parts->processes[part->process].section;
    if (part->section != section) {
        settle_children(part);
        part->section = section;
    }
}

/* The task's part, which stands first then: tasks take turns, but mostly one writes several times. */
static struct part *part_of(struct task_parts *parts, uint32_t object, struct part **first, uint32_t task,
                            uint32_t process) {
    struct part *part = *first;
    for (unsigned i = 1; part && part->task != task; i++) {
        if (i == PARTS_MAX) {
            break;
        }
        part = part->next;
    }
    if (!part) {
        return add_part(parts, object, first, task, process);
    }
    if (part != *first) {
        remove_from_object(first, part);
        part->previous = NULL;
        part->next = *first;
        if (*first) {
            (*first)->previous = part;
        }
        *first = part;
    }
    refresh(parts, part);
    return part;
}

/* A part as a summand. */
static struct task_sums summand(const struct part *part) {
    uint8_t digest[SHA256_DIGEST_SIZE];
    uint64_t start;
    struct sha256_ctx content = part->content;
    sha256_digest(&content, sizeof(digest), digest);
    memcpy(&start, digest, sizeof(start));
    /* Never 0: a sum tells whether there is anything in it. */
    return (struct task_sums){hash64_mix(hash64_mix(part->done.by_content, start), part->length) | 1,
                              hash64_mix(part->done.by_length, part->length) | 1, part->has_holes};
}

static void add_sum(struct task_sums *sum, const struct task_sums *more) {
    sum->by_content += more->by_content;
    sum->by_length += more->by_length;
    sum->has_holes |= more->has_holes;
}

/* A child that has been waited for in that section did this. */
static void add_child(const struct task_parts *parts, struct part *part, const struct task_sums *sum,
                      uint32_t section) {
    refresh(parts, part);
    add_sum(&part->children, sum);
    part->has_holes |= sum->has_holes;
    if (part->section != section) {
        settle_children(part);
    }
}

/* --------------------------------------------------------------------- interface */

int task_parts_begin(struct task_parts *parts, uint32_t object, struct part **first, uint32_t owner,
                     const struct sha256_ctx *content, const struct object *so_far) {
    uint32_t process = owner < parts->task_count ? parts->process_of[owner] : UINT32_MAX;
    if (process == UINT32_MAX) {
        return -EINVAL;
    }
    uint32_t heir = process;
    uint32_t section = 0;
    while (parts->processes[heir].ended_into != heir) {
        section = parts->processes[heir].ended_while;
        heir = parts->processes[heir].ended_into;
    }
    struct part own = {.has_holes = so_far->seen < so_far->length, .length = so_far->length};
    own.done = (struct task_sums){so_far->history, so_far->history, false};
    if (content) {
        own.content = *content;
    } else {
        sha256_init(&own.content);
    }
    uint32_t task = heir == process ? owner : parts->processes[heir].first_task;
    struct part *part = add_part(parts, object, first, task, heir);
    if (!part) {
        return -ENOMEM;
    }
    if (heir == process) {
        part->has_holes = own.has_holes;
        part->length = own.length;
        part->done = own.done;
        part->content = own.content;
    } else {
        struct task_sums sum = summand(&own);
        add_child(parts, part, &sum, section);
    }
    return 0;
}

int task_parts_happened(struct task_parts *parts, uint32_t object, struct part **first, const struct occasion *occasion,
                        uint64_t what) {
    struct part *part = part_of(parts, object, first, occasion->task, occasion->process);
    if (!part) {
        return -ENOMEM;
    }
    part->done.by_content = hash64_mix(hash64_mix(part->done.by_content, what), part->length);
    part->done.by_length = hash64_mix(hash64_mix(part->done.by_length, what), part->length);
    return 0;
}

int task_parts_wrote(struct task_parts *parts, uint32_t object, struct part **first, const struct occasion *occasion,
                     const struct written *written) {
    struct part *part = part_of(parts, object, first, occasion->task, occasion->process);
    if (!part) {
        return -ENOMEM;
    }
    part->length += written->length;
    part->has_holes |= written->seen < written->length;
    sha256_update(&part->content, written->seen, written->bytes);
    return 0;
}

int task_parts_process_began(struct task_parts *parts, uint32_t parent) {
    int status = reserve_process(parts, parent);
    if (status == 0) {
        parts->processes[parent].children++;
    }
    return status;
}

int task_parts_process_ended(struct task_parts *parts, uint32_t process, uint32_t parent,
                             struct part **(*list_of)(void *context, uint32_t object), void *context) {
    int status = reserve_process(parts, process > parent ? process : parent);
    if (status < 0 || process == parent) {
        return status;
    }
    struct process *waiting = &parts->processes[parent];
    struct process *ended = &parts->processes[process];
    if (ended->ended_into != process) {
        return 0;
    }
    ended->ended_into = parent;
    ended->ended_while = waiting->section;
    waiting->children -= waiting->children > 0;
    while (ended->parts) {
        struct part *part = ended->parts;
        ended->parts = part->next_of_process;
        struct part **first = list_of(context, part->object);
        settle_children(part);
        struct task_sums sum = summand(part);
        remove_from_object(first, part);
        struct part *heir = *first;
        while (heir && heir->process != parent) {
            heir = heir->next;
        }
        if (!heir) {
            heir = add_part(parts, part->object, first, waiting->first_task, parent);
        }
        free(part);
        if (!heir) {
            return -ENOMEM;
        }
        add_child(parts, heir, &sum, ended->ended_while);
    }
    if (waiting->children == 0) {
        waiting->section++;
    }
    return 0;
}

struct task_sums task_parts_finish(struct part **first) {
    struct task_sums sums = {0};
    while (*first) {
        struct part *part = *first;
        *first = part->next;
        settle_children(part);
        struct task_sums sum = summand(part);
        add_sum(&sums, &sum);
        free(part);
    }
    return sums;
}
