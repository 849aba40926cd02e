/* SPDX-License-Identifier: MIT */
#include "mapping_events.h"

#include "code_maps.h"
#include "mapped_file.h"
#include "proc.h"

#include <stdlib.h>
#include <string.h>

/* A mapping that was read, and not given yet. */
struct waiting {
    struct waiting *next;
    struct mapping *mapping; /* behind it */
    pid_t pid;
    pid_t tid;
};

struct mapping_events {
    const atomic_bool *supplies;
    struct mapped_files *seen;
    struct mapping *current; /* MAPPING_BOUND bytes */
    struct waiting *first;
    struct waiting **last; /* where the next one belongs */
};

struct mapping_events *mapping_events_create(const atomic_bool *supplies) {
    struct mapping_events *events = calloc(1, sizeof(*events));
    if (!events) {
        return NULL;
    }
    events->supplies = supplies;
    events->last = &events->first;
    events->seen = mapped_files_create();
    events->current = malloc(MAPPING_BOUND);
    if (!events->seen || !events->current) {
        mapping_events_destroy(events);
        return NULL;
    }
    return events;
}

static struct waiting *take_first(struct mapping_events *events) {
    struct waiting *first = events->first;
    if (first) {
        events->first = first->next;
        events->last = events->first ? events->last : &events->first;
    }
    return first;
}

void mapping_events_destroy(struct mapping_events *events) {
    if (!events) {
        return;
    }
    struct waiting *waiting;
    while ((waiting = take_first(events))) {
        free(waiting);
    }
    mapped_files_destroy(events->seen);
    free(events->current);
    free(events);
}

static bool may_open(const struct mapping_events *events) {
    return !atomic_load_explicit(events->supplies, memory_order_relaxed);
}

void mapping_events_open(struct mapping_events *events, struct kernel_event *event) {
    memcpy(events->current, event->mapping, mapping_size(event->mapping));
    events->current->file = may_open(events) ? mapped_file_open(events->seen, event->pid, events->current) : -1;
    event->mapping = events->current;
}

struct reading {
    struct mapping_events *events;
    pid_t pid;
    pid_t tid;
};

static void keep(void *context, const struct mapping *mapping) {
    const struct reading *reading = context;
    struct mapping_events *events = reading->events;
    struct waiting *waiting = calloc(1, sizeof(*waiting) + mapping_size(mapping));
    if (!waiting) {
        return; /* frames there have no module */
    }
    *waiting = (struct waiting){.mapping = (struct mapping *)(waiting + 1), .pid = reading->pid, .tid = reading->tid};
    memcpy(waiting->mapping, mapping, offsetof(struct mapping, path) + mapping->path_size);
    *events->last = waiting;
    events->last = &waiting->next;
}

void mapping_events_read(struct mapping_events *events, pid_t tid) {
    struct reading reading = {.events = events, .pid = proc_process_of(tid), .tid = tid};
    if (reading.pid > 0) {
        (void)code_maps_read(tid, CODE_ANYWHERE, may_open(events), keep, &reading);
    }
}

bool mapping_events_next(struct mapping_events *events, uint64_t time, struct kernel_event *event) {
    struct waiting *waiting = take_first(events);
    if (!waiting) {
        return false;
    }
    *event = (struct kernel_event){.kind = KERNEL_MAPPING, .pid = waiting->pid, .tid = waiting->tid, .time = time};
    event->mapping = waiting->mapping;
    mapping_events_open(events, event);
    free(waiting);
    return true;
}
