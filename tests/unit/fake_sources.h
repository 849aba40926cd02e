/* SPDX-License-Identifier: MIT
 *
 * A source map that knows what the test says, in place of the library's: a
 * program that includes this defines all functions of include/source_map.h.
 */
#ifndef RENACER_TESTS_FAKE_SOURCES_H
#define RENACER_TESTS_FAKE_SOURCES_H

#include "fake_trace.h"
#include "source_map.h"

#include <stdio.h>

/* What it says of the record that it has taken. Names are copied when that record is taken, and overwritten by the next
 * one, as the library's are: whoever keeps them shows the wrong ones. */
struct source_map {
    const struct frame *place;
    struct call_stack stack;
    struct source_map_counts counts;
    unsigned taken;
    unsigned given;
    struct frame frame; /* `place` as it is given */
    struct frame frames[64];
    char names[1 << 16];
    size_t used;
};

static const char *fake_sources_name(struct source_map *map, const char *name) {
    if (!name) {
        return NULL;
    }
    size_t size = strlen(name) + 1;
    assert_in_range(map->used + size, 0, sizeof(map->names));
    char *copy = map->names + map->used;
    memcpy(copy, name, size);
    map->used += size;
    return copy;
}

static struct frame fake_sources_frame(struct source_map *map, const struct frame *frame) {
    struct frame copy = *frame;
    copy.module = fake_sources_name(map, frame->module);
    copy.function = fake_sources_name(map, frame->function);
    copy.file = fake_sources_name(map, frame->file);
    return copy;
}

int source_map_create(struct source_map **result, const struct user_rule *rule) {
    (void)rule;
    *result = calloc(1, sizeof(**result));
    return *result ? 0 : -ENOMEM;
}

void source_map_destroy(struct source_map *map) {
    free(map);
}

void source_map_take(struct source_map *map, const struct record *record) {
    (void)record;
    map->taken++;
    memset(map->names, '#', sizeof(map->names) - 1);
    map->used = 0;
}

const struct frame *source_map_place(struct source_map *map) {
    map->given++;
    if (!map->place) {
        return NULL;
    }
    map->frame = fake_sources_frame(map, map->place);
    return &map->frame;
}

const struct call_stack *source_map_stack(struct source_map *map) {
    static struct call_stack stack;
    map->given++;
    stack = map->stack;
    stack.frames = map->frames;
    for (size_t i = 0; i < stack.count; i++) {
        map->frames[i] = fake_sources_frame(map, &map->stack.frames[i]);
    }
    return &stack;
}

const struct source_map_counts *source_map_counts(const struct source_map *map) {
    return &map->counts;
}

bool source_map_hint(const struct source_map *map, char *hint, size_t size) {
    (void)map;
    (void)hint;
    (void)size;
    return false;
}

/* A trace with a source map of its own. */
static inline struct source_map *fake_sources_set_up(struct fake_trace *trace) {
    assert_int_equal(source_map_create(&trace->options.output.sources, NULL), 0);
    return trace->options.output.sources;
}

static inline int fake_sources_tear_down(void **state) {
    struct fake_trace *trace = *state;
    struct source_map *map = trace->options.output.sources;
    int status = fake_trace_tear_down(state);
    source_map_destroy(map);
    return status;
}

/* The next calls are made on this stack, innermost frame first; their place is the first frame of the user's. */
static inline void fake_sources_stack(struct source_map *map, const struct frame *frames, size_t count,
                                      enum stack_end end) {
    map->stack = (struct call_stack){.frames = frames, .count = count, .end = end};
    map->place = NULL;
    for (size_t i = 0; i < count && !map->place; i++) {
        map->place = frames[i].user ? &frames[i] : NULL;
    }
}

/* A call that has returned, and took so long. */
static inline void fake_sources_call(struct fake_trace *trace, int number, uint64_t duration_ns) {
    fake_trace_next(trace, number, ARGS(3), 0);
    trace->call.record.call.duration_ns = duration_ns;
    fake_trace_call(trace);
}

/* The same on this stack. */
static inline void call_on(struct fake_trace *trace, const struct frame *frames, size_t count, enum stack_end end,
                           int number, uint64_t duration_ns) {
    fake_sources_stack(trace->options.output.sources, frames, count, end);
    fake_sources_call(trace, number, duration_ns);
}

#define CALL_ON(trace, frames, number, duration_ns)                                                                    \
    call_on(trace, frames, COUNT_OF(frames), STACK_END_OUTERMOST, number, duration_ns)

#endif
