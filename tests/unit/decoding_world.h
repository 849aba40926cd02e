/* SPDX-License-Identifier: MIT
 *
 * A call from its memory to its line of text: what the memory holds is captured as
 * an engine captures it, at the entry of the call and when it returns, and decoded.
 *
 *     static void test_sleep(void **state) {
 *         struct decoding_world *world = *state;
 *         world_put(world, WORLD_BASE, &(struct timespec){1, 2}, sizeof(struct timespec));
 *         world_enter(world, ARCH_X86_64, SYS_nanosleep, ARGS(WORLD_BASE, 0));
 *         world_return(world, 0);
 *         world_shows(world, "nanosleep({tv_sec=1, tv_nsec=2}, NULL) = 0");
 *     }
 *
 * Two pages are mapped at WORLD_BASE, nothing behind them (WORLD_HOLE), and one at WORLD_OTHER.
 */
#ifndef RENACER_TESTS_DECODING_WORLD_H
#define RENACER_TESTS_DECODING_WORLD_H

#include "fake_call.h"
#include "fake_memory.h"
#include "seed.h"
#include "value.h"

#include <stdlib.h>

enum {
    WORLD_BASE = 0x10000,
    WORLD_HOLE = WORLD_BASE + 2 * FAKE_PAGE,
    WORLD_OTHER = 0x50000,
    WORLD_NOWHERE = 0x900000,
};

struct decoding_world {
    struct fake_memory memory;
    struct capture_options options; /* as text has them, with outputs; a test may change them before world_enter() */
    struct fake_call call;
    size_t entry_size;
    struct any_memory entry; /* what stood in memory then, to be kept for the fuzzer */
};

/* Pages that tests map besides are not kept. */
static inline void world_copy(const struct decoding_world *world, struct any_memory *copy) {
    memset(copy->bytes, SEED_FILL, sizeof(copy->bytes));
    for (unsigned i = 0; i < world->memory.page_count; i++) {
        const struct fake_page *page = &world->memory.pages[i];
        if (any_page(copy, page->address)) {
            memcpy((uint8_t *)(uintptr_t)any_page(copy, page->address), page->bytes, FAKE_PAGE);
        }
    }
}

/* The call as it is now is an input of the fuzzer. */
static inline void world_keep(const struct decoding_world *world) {
    const struct record *record = &world->call.record;
    struct any_memory now;
    struct any_call call = {.arch = (enum arch)record->arch,
                            .number = record->call.number,
                            .result = record->call.result,
                            .options = world->options,
                            .entry = &world->entry,
                            .exit = &now};
    memcpy(call.args, record->call.args, sizeof(call.args));
    world_copy(world, &now);
    seed_keep(&call);
}

static inline int world_set_up(void **state) {
    struct decoding_world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    fake_memory_init(&world->memory);
    fake_map(&world->memory, WORLD_BASE, 2 * FAKE_PAGE);
    fake_map(&world->memory, WORLD_OTHER, FAKE_PAGE);
    world->options = (struct capture_options){.memory = true, .outputs = true, .string_limit = 32, .vector_limit = 32};
    *state = world;
    return 0;
}

static inline int world_tear_down(void **state) {
    free(*state);
    return 0;
}

static inline void world_put(struct decoding_world *world, uint64_t address, const void *bytes, size_t size) {
    fake_put(&world->memory, address, bytes, size);
}

static inline void world_put_string(struct decoding_world *world, uint64_t address, const char *string) {
    fake_put_string(&world->memory, address, string);
}

/* The call begins; it has no result yet. */
static inline void world_enter(struct decoding_world *world, enum arch arch, int number, const uint64_t *args) {
    struct fake_call *call = &world->call;
    const struct syscall_row *row = syscall_row(arch, number);
    assert_non_null(row);
    assert_in_range(capture_bound(&world->options), 0, sizeof(call->captures));
    fake_call_init(call, arch, number, args, 0);
    call->record.call.flags = CALL_HAS_ARGS;
    world_copy(world, &world->entry);
    world->entry_size = capture_call(row, syscall_layout(arch, number), args, &world->memory.functions, FAKE_TID,
                                     &world->options, call->captures);
    call->record.call.captures_size = (uint32_t)world->entry_size;
}

/* It returns; what it has left behind must be in memory by now. */
static inline void world_return(struct decoding_world *world, int64_t result) {
    struct fake_call *call = &world->call;
    struct call_record *record = &call->record.call;
    enum arch arch = (enum arch)call->record.arch;
    const struct syscall_row *row = syscall_row(arch, record->number);
    uint64_t kept[CAPTURE_KEPT_MAX / sizeof(uint64_t)];
    size_t kept_size = capture_keep(row, record->args, call->captures, world->entry_size, kept);
    record->flags |= CALL_HAS_RESULT;
    record->result = result;
    record->captures_size = (uint32_t)capture_outputs(row, syscall_layout(arch, record->number), record->args, result,
                                                      &world->memory.functions, FAKE_TID, &world->options, kept,
                                                      kept_size, call->captures, world->entry_size);
}

/* Fail unless it is shown as this line. */
static inline void world_shows(const struct decoding_world *world, const char *expected) {
    world_keep(world);
    struct decoded_call decoded;
    struct text text = {.verbose = world->options.verbose};
    decode_call(&world->call.record, &decoded);
    text_add_string(&text, decoded.name);
    text_add_char(&text, '(');
    arguments_to_text(&decoded, &text);
    text_add_string(&text, ") = ");
    result_to_text(&world->call.record, &decoded, &text);
    assert_false(text.failed);
    if (strcmp(text.bytes, expected) != 0) {
        fail_msg("shown    %s\nexpected %s", text.bytes, expected);
    }
    text_finish(&text);
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, world_set_up, world_tear_down)

#endif
