/* SPDX-License-Identifier: MIT
 *
 * A collector with what it is told, as perf and receivers tell it, and what it
 * makes of that. Times are small numbers; process 100 is the started one, 101
 * and 102 are its threads, 200 is its child and 201 a thread of that.
 */
#ifndef RENACER_TESTS_FAKE_COLLECTOR_H
#define RENACER_TESTS_FAKE_COLLECTOR_H

#include "collector.h"

#include "capture.h"
#include "fake_memory.h"

#include <stdlib.h>
#include <sys/syscall.h>

enum {
    ROOT = 100,
    THREAD = 101,
    OTHER_THREAD = 102,
    CHILD = 200,
    CHILD_THREAD = 201,
    RECORDS = 256,
    RETURNED = CALL_HAS_ARGS | CALL_HAS_RESULT | CALL_HAS_DURATION,
};

struct seen {
    struct record record;
    char captures[64];
    uint64_t sp; /* of its stack; 0: it has none */
};

struct world {
    struct collector *collector;
    struct collector_options options;
    struct selection selection;
    struct fake_memory memory;
    struct seen seen[RECORDS];
    unsigned emitted;
    unsigned read; /* records that the test has looked at */
    uint64_t answered[8];
    unsigned answers;
    int answer_result;
    int32_t reopened[8];
    unsigned reopens;
    int reopen_result;
    int32_t widened; /* the last thread that was */
    struct described {
        pid_t tid;
        int fd;
    } described[8];
    unsigned descriptions;
    size_t (*read_maps)(void *context, void *to, pid_t pid); /* the collector's action; NULL: notes tell */
};

/* ---------------------------------------------------------------- the world */

static inline void keep_record(void *context, const struct record *record, const void *captures,
                               const struct stack_sample *stack) {
    struct world *world = context;
    assert_in_range(world->emitted, 0, RECORDS - 1);
    struct seen *seen = &world->seen[world->emitted++];
    seen->record = *record;
    if (record_payload(record)) {
        assert_in_range(record_payload(record), 1, sizeof(seen->captures));
        memcpy(seen->captures, captures, record_payload(record));
    }
    assert_int_equal(stack != NULL, record->kind == RECORD_CALL && record->call.stack_size);
    seen->sp = stack ? stack->registers[STACK_REGISTER_SP] : 0;
}

static inline int keep_answer(void *context, uint64_t id) {
    struct world *world = context;
    assert_in_range(world->answers, 0, COUNT_OF(world->answered) - 1);
    world->answered[world->answers++] = id;
    return world->answer_result;
}

static inline int keep_reopen(void *context, pid_t tid) {
    struct world *world = context;
    assert_in_range(world->reopens, 0, COUNT_OF(world->reopened) - 1);
    world->reopened[world->reopens++] = tid;
    return world->reopen_result;
}

/* What a descriptor is: here one byte, behind what was captured. */
static inline size_t keep_description(void *context, void *captures, size_t size, pid_t tid, int fd) {
    struct world *world = context;
    assert_in_range(world->descriptions, 0, COUNT_OF(world->described) - 1);
    world->described[world->descriptions++] = (struct described){.tid = tid, .fd = fd};
    ((char *)captures)[size] = '#';
    return size + 1;
}

static inline int keep_widened(void *context, pid_t tid) {
    struct world *world = context;
    world->widened = tid;
    return 0;
}

/* Begin anew with the options as the test has changed them. */
static inline void start(struct world *world) {
    collector_destroy(world->collector);
    struct collector_actions actions = {.context = world,
                                        .emit = keep_record,
                                        .answer = keep_answer,
                                        .reopen = keep_reopen,
                                        .widen = keep_widened,
                                        .read_maps = world->read_maps,
                                        .describe = keep_description};
    assert_int_equal(collector_create(&world->collector, &world->options, &actions), 0);
}

static inline int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    selection_init(&world->selection);
    fake_memory_init(&world->memory);
    world->memory.tid = ROOT;
    static const struct capture_options capture = {.memory = true, .string_limit = 32};
    world->options = (struct collector_options){.capture = &capture,
                                                .selection = &world->selection,
                                                .root = ROOT,
                                                .follow = true,
                                                .has_events = true,
                                                .memory = &world->memory.functions};
    start(world);
    *state = world;
    return 0;
}

/* No test may leave a record unread. */
static inline int tear_down(void **state) {
    struct world *world = *state;
    bool all_read = world->read == world->emitted;
    if (!all_read) {
        print_error("%u records were emitted, the test expected %u\n", world->emitted, world->read);
    }
    collector_destroy(world->collector);
    free(world);
    return all_read ? 0 : -1;
}

static inline int32_t process_of(int32_t tid) {
    return tid / 100 * 100;
}

static inline struct kernel_event event_of(enum kernel_event_kind kind, int32_t tid, uint64_t time) {
    return (struct kernel_event){.kind = kind, .pid = process_of(tid), .tid = tid, .time = time};
}

/* ----------------------------------------------------------- what the kernel says */

static inline void enters(struct world *world, int32_t tid, uint64_t time, int64_t number) {
    struct kernel_event event = event_of(KERNEL_ENTER, tid, time);
    event.enter.number = number;
    for (unsigned i = 0; i < 6; i++) {
        event.enter.args[i] = time + i;
    }
    collector_event(world->collector, &event);
}

/* A call with these first two arguments. */
static inline void enters_with(struct world *world, int32_t tid, uint64_t time, int64_t number, uint64_t first,
                               uint64_t second) {
    struct kernel_event event = event_of(KERNEL_ENTER, tid, time);
    event.enter.number = number;
    event.enter.args[0] = first;
    event.enter.args[1] = second;
    collector_event(world->collector, &event);
}

static inline void exits(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result) {
    struct kernel_event event = event_of(KERNEL_EXIT, tid, time);
    event.exit.number = number;
    event.exit.result = result;
    collector_event(world->collector, &event);
}

static inline void is_created(struct world *world, int32_t tid, uint64_t time, int32_t parent) {
    struct kernel_event event = event_of(KERNEL_FORK, tid, time);
    event.fork.parent_pid = process_of(parent);
    event.fork.parent_tid = parent;
    collector_event(world->collector, &event);
}

static inline void execs(struct world *world, int32_t tid, uint64_t time) {
    struct kernel_event event = event_of(KERNEL_EXEC, tid, time);
    collector_event(world->collector, &event);
}

static inline void ends(struct world *world, int32_t tid, uint64_t time) {
    struct kernel_event event = event_of(KERNEL_END, tid, time);
    collector_event(world->collector, &event);
}

static inline void gets_signal(struct world *world, int32_t tid, uint64_t time, int32_t number) {
    struct kernel_event event = event_of(KERNEL_SIGNAL, tid, time);
    event.signal.number = number;
    event.signal.code = -6;
    collector_event(world->collector, &event);
}

/* ------------------------------------------------------------ what a receiver says */

struct note_with_bytes {
    struct note note;
    char bytes[32];
};

static inline void hand_over(struct world *world, struct note note, const char *captures) {
    struct note_with_bytes whole = {.note = note};
    whole.note.captures_size = (uint32_t)strlen(captures);
    assert_in_range(whole.note.captures_size, 0, sizeof(whole.bytes));
    memcpy(whole.bytes, captures, whole.note.captures_size);
    collector_note(world->collector, &whole.note);
}

static inline struct note note_of(int32_t tid, uint64_t time, int64_t number) {
    return (struct note){.kind = NOTE_CALL,
                         .arch = ARCH_X86_64,
                         .tid = tid,
                         .number = number,
                         .id = time,
                         .time = time,
                         .args = {time, 77}};
}

/* The call was received and read; `captures` stands for the bytes of its arguments. */
static inline void is_noted(struct world *world, int32_t tid, uint64_t time, int64_t number, const char *captures) {
    hand_over(world, note_of(tid, time, number), captures);
}

static inline void is_noted_i386(struct world *world, int32_t tid, uint64_t time, int64_t number,
                                 const char *captures) {
    struct note note = note_of(tid, time, number);
    note.arch = ARCH_I386;
    hand_over(world, note, captures);
}

/* -------------------------------------------------------------- what comes out */

static inline const struct seen *next_seen(struct world *world, enum record_kind kind, int32_t tid, uint64_t time) {
    assert_true(world->read < world->emitted);
    const struct seen *seen = &world->seen[world->read++];
    assert_int_equal(seen->record.kind, kind);
    assert_int_equal(seen->record.tid, tid);
    assert_int_equal(seen->record.time_ns, time);
    return seen;
}

/* The next record is this call, of which exactly that much is known. */
static inline const struct record *next_call(struct world *world, int32_t tid, uint64_t time, int64_t number,
                                             uint32_t flags, int64_t result) {
    const struct record *record = &next_seen(world, RECORD_CALL, tid, time)->record;
    assert_int_equal(record->call.number, number);
    assert_int_equal(record->call.flags, flags);
    assert_int_equal(record->call.result, result);
    return record;
}

static inline const struct record *next_record(struct world *world, enum record_kind kind, int32_t tid, uint64_t time) {
    return &next_seen(world, kind, tid, time)->record;
}

/* The record that was looked at last came with these captures. */
static inline void assert_captures(const struct world *world, const char *captures) {
    const struct seen *seen = &world->seen[world->read - 1];
    assert_int_equal(seen->record.call.captures_size, strlen(captures));
    assert_memory_equal(seen->captures, captures, strlen(captures));
}

static inline void assert_nothing_more(const struct world *world) {
    assert_int_equal(world->emitted, world->read);
}

static inline const struct record *next_signal(struct world *world, int32_t tid, uint64_t time, int32_t number) {
    const struct record *record = next_record(world, RECORD_SIGNAL, tid, time);
    assert_int_equal(record->signal.number, number);
    return record;
}

/* A whole call, of ten nanoseconds, that is recorded at once: its record. */
static inline const struct record *gets_pid(struct world *world, int32_t tid, uint64_t time) {
    enters(world, tid, time, SYS_getpid);
    exits(world, tid, time + 10, SYS_getpid, 1);
    return next_call(world, tid, time, SYS_getpid, RETURNED, 1);
}

/* A test with a world of its own. */
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
