/* SPDX-License-Identifier: MIT
 *
 * Records as the kernel writes them into a ring, made by hand: what becomes of them.
 */
#include "perf_parse.h"
#include "registers.h"

#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    PID = 4711,
    TID = 4712,
    ENTER_ID = 17,
    EXIT_ID = 18,
    CALL_ENTER_ID = 300,
    SIGNAL_ID = 301,
    SENT_ID = 302,
    NUMBER = 257,
    RAW = 28, /* offset of a sample's payload */
    ARGUMENTS = 6,
    RING = 1 << 16,
};

static const uint64_t TIME = 123456789012345;

static struct perf_plan plans[] = {
    {.kind = PLAN_RAW_EXIT, .id = EXIT_ID},
    {.kind = PLAN_RAW_EXIT, .id = EXIT_ID, .registers = true},
    {.kind = PLAN_RAW_ENTER, .id = ENTER_ID, .stack = true},
    {.kind = PLAN_CALL_ENTER, .id = CALL_ENTER_ID, .widening = true},
    {.kind = PLAN_SIGNAL, .id = SIGNAL_ID},
    {.kind = PLAN_SIGNAL_SENT, .id = SENT_ID},
};

/* A record that is being written. Memory of its exact size, so that a sanitizer sees what is read behind it. */
struct writing {
    uint8_t bytes[PERF_RECORD_MOST];
    size_t size;
};

struct world {
    struct writing writing;
    struct perf_event_header *record; /* the finished one; NULL: none */
    struct perf_room room;
    struct kernel_event event;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    world->room.stack = malloc(sizeof(struct stack_sample) + PERF_RECORD_MOST);
    world->room.mapping = malloc(MAPPING_BOUND);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    free(world->record);
    free(world->room.stack);
    free(world->room.mapping);
    free(world);
    return 0;
}

/* ------------------------------------------------------------------- what a record has */

static void put(struct world *world, const void *bytes, size_t size) {
    memcpy(world->writing.bytes + world->writing.size, bytes, size);
    world->writing.size += size;
}

static void put_u32(struct world *world, uint32_t value) {
    put(world, &value, sizeof(value));
}

static void put_u64(struct world *world, uint64_t value) {
    put(world, &value, sizeof(value));
}

static void begin(struct world *world, uint32_t type, uint16_t misc) {
    struct perf_event_header header = {.type = type, .misc = misc};
    world->writing.size = 0;
    put(world, &header, sizeof(header));
}

/* pid, tid, time: at the start of a sample, and at the end of every other record. */
static void put_identity(struct world *world) {
    put_u32(world, PID);
    put_u32(world, TID);
    put_u64(world, TIME);
}

/* The payload of a tracepoint, which is padded behind its size. */
static void put_raw(struct world *world, uint16_t id, const void *fields, size_t size) {
    static const uint8_t common[6];
    static const uint8_t padding[8];
    size_t unpadded = sizeof(uint32_t) + sizeof(id) + sizeof(common) + size;
    size_t padded = (unpadded + 7) & ~(size_t)7;
    put_u32(world, (uint32_t)(padded - sizeof(uint32_t)));
    put(world, &id, sizeof(id));
    put(world, common, sizeof(common));
    put(world, fields, size);
    put(world, padding, padded - unpadded);
}

static void finish(struct world *world) {
    struct perf_event_header header;
    assert_int_equal(world->writing.size % 8, 0);
    memcpy(&header, world->writing.bytes, sizeof(header));
    header.size = (uint16_t)world->writing.size;
    memcpy(world->writing.bytes, &header, sizeof(header));
    free(world->record);
    world->record = malloc(world->writing.size);
    memcpy(world->record, world->writing.bytes, world->writing.size);
}

static bool parses(struct world *world) {
    world->event = (struct kernel_event){.kind = KERNEL_LOST};
    return perf_parse(plans, COUNT_OF(plans), world->record, &world->room, &world->event);
}

/* ---------------------------------------------------------------------------- entries */

static void begin_enter(struct world *world) {
    static const uint64_t fields[1 + ARGUMENTS] = {NUMBER, 1, 2, 3, 4, 5, 6};
    begin(world, PERF_RECORD_SAMPLE, 0);
    put_identity(world);
    put_raw(world, ENTER_ID, fields, sizeof(fields));
}

/* Registers that are 100 times the number of each for perf. */
static void put_registers(struct world *world, uint64_t abi) {
    put_u64(world, abi);
    for (uint64_t i = 0; i < 64; i++) {
        if (registers_perf_unwind_mask() >> i & 1) {
            put_u64(world, 100 * i);
        }
    }
}

/* A stack of `asked` bytes of which `copied` were readable; all others are not zero, as in a ring. */
static void put_stack(struct world *world, uint64_t asked, uint64_t copied) {
    put_u64(world, asked);
    for (uint64_t i = 0; i < asked; i += 8) {
        put_u64(world, i < copied ? i : UINT64_MAX);
    }
    if (asked) {
        put_u64(world, copied);
    }
}

static void make_enter(struct world *world, uint64_t abi, uint64_t asked, uint64_t copied) {
    begin_enter(world);
    if (abi == PERF_SAMPLE_REGS_ABI_NONE) {
        put_u64(world, abi);
    } else {
        put_registers(world, abi);
    }
    put_stack(world, asked, copied);
    finish(world);
}

static void expect_enter(const struct world *world) {
    const struct kernel_event *event = &world->event;
    assert_int_equal(event->kind, KERNEL_ENTER);
    assert_int_equal(event->pid, PID);
    assert_int_equal(event->tid, TID);
    assert_false(event->foreign);
    assert_int_equal(event->enter.number, NUMBER);
    for (uint64_t i = 0; i < ARGUMENTS; i++) {
        assert_int_equal(event->enter.args[i], i + 1);
    }
}

static const struct stack_sample *expect_stack(const struct world *world, size_t size, bool cut) {
    expect_enter(world);
    const struct stack_sample *stack = world->event.enter.stack;
    assert_non_null(stack);
    assert_int_equal(stack->size, size);
    assert_int_equal(stack->cut, cut);
    for (uint64_t i = 0; i < size; i += 8) {
        uint64_t word;
        memcpy(&word, stack_sample_bytes(stack) + i, sizeof(word));
        assert_int_equal(word, i);
    }
    return stack;
}

static void test_an_entry_with_its_stack(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 4096, 1024);
    assert_true(parses(world));
    const struct stack_sample *stack = expect_stack(world, 1024, false);
    assert_false(stack->is_32_bit);
    /* By the numbers of DWARF: ax, dx, cx, bx, si, di, bp, sp, r8 to r15, ip. */
    static const uint64_t expected[STACK_REGISTERS] = {0,    300,  200,  100,  400,  500,  600,  700, 1600,
                                                       1700, 1800, 1900, 2000, 2100, 2200, 2300, 800};
    for (size_t i = 0; i < STACK_REGISTERS; i++) {
        assert_int_equal(stack->registers[i], expected[i]);
    }
    assert_int_equal(perf_record_time(world->record), TIME);
}

static void test_a_stack_that_was_cut(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 512, 512);
    assert_true(parses(world));
    expect_stack(world, 512, true);
}

static void test_the_largest_stack(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, STACK_SAMPLE_MOST, STACK_SAMPLE_MOST);
    assert_true(parses(world));
    expect_stack(world, STACK_SAMPLE_MOST, true);
}

static void test_a_stack_that_could_not_be_read(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 512, 0);
    assert_true(parses(world));
    expect_stack(world, 0, false);
    /* The stack pointer was above all memory of the user. */
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 0, 0);
    assert_true(parses(world));
    const struct stack_sample *stack = expect_stack(world, 0, false);
    assert_int_equal(stack->registers[STACK_REGISTER_SP], 700);
}

static void test_an_odd_number_of_bytes(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 512, 509);
    assert_true(parses(world));
    expect_stack(world, 504, false);
}

static void test_an_entry_without_registers(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_NONE, 0, 0);
    assert_true(parses(world));
    expect_enter(world);
    assert_null(world->event.enter.stack);
}

static void test_an_entry_of_32_bits(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_32, 512, 64);
    assert_true(parses(world));
    assert_true(expect_stack(world, 64, false)->is_32_bit);
}

static void test_an_entry_that_has_no_stack_by_plan(void **state) {
    struct world *world = *state;
    /* The number of a call's own tracepoint is an int. */
    static const uint64_t fields[] = {UINT64_C(0xabcdef00000000) << 8 | NUMBER, 1, 2, 3, 4, 5, 6};
    begin(world, PERF_RECORD_SAMPLE, 0);
    put_identity(world);
    put_raw(world, CALL_ENTER_ID, fields, sizeof(fields) - sizeof(uint64_t));
    finish(world);
    assert_true(parses(world));
    assert_true(world->event.foreign);
    assert_int_equal(world->event.enter.number, NUMBER);
    assert_int_equal(world->event.enter.args[4], 5);
    /* It has five arguments; there are 4 bytes of padding at most behind them. */
    assert_int_equal(world->event.enter.args[5], 0);
    assert_null(world->event.enter.stack);
}

/* Cut anywhere behind the payload, no entry is lost and nothing behind the record is read. */
static void test_entries_that_are_too_short(void **state) {
    struct world *world = *state;
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 64, 64);
    uint16_t whole = world->record->size;
    begin_enter(world);
    size_t payload = world->writing.size;
    for (uint16_t size = (uint16_t)payload; size < whole; size += 8) {
        make_enter(world, PERF_SAMPLE_REGS_ABI_64, 64, 64);
        struct perf_event_header *shorter = malloc(size);
        memcpy(shorter, world->record, size);
        shorter->size = size;
        free(world->record);
        world->record = shorter;
        assert_true(parses(world));
        expect_enter(world);
        assert_true(!world->event.enter.stack || world->event.enter.stack->size == 0);
    }
    /* Sizes that cannot be. */
    for (unsigned i = 0; i < 2; i++) {
        make_enter(world, PERF_SAMPLE_REGS_ABI_64, 64, 64);
        uint8_t *bytes = (uint8_t *)world->record;
        memset(bytes + whole - (i ? 8 : 64 + 16), 0xff, 8);
        assert_true(parses(world));
        expect_stack(world, 0, false);
    }
}

/* ------------------------------------------------------------------------------- exits */

static void make_exit(struct world *world, int64_t result, bool registers, uint64_t abi) {
    const int64_t fields[] = {NUMBER, result};
    begin(world, PERF_RECORD_SAMPLE, 0);
    put_identity(world);
    put_raw(world, EXIT_ID, fields, sizeof(fields));
    if (registers) {
        put_u64(world, abi);
    }
    if (registers && abi != PERF_SAMPLE_REGS_ABI_NONE) {
        put_u64(world, 0x7000);
        put_u64(world, 0x1234);
    }
    finish(world);
}

/* Two plans have the same tracepoint: the record tells which it was. */
static void test_exits_with_registers_and_without(void **state) {
    struct world *world = *state;
    make_exit(world, -512, true, PERF_SAMPLE_REGS_ABI_64);
    assert_true(parses(world));
    assert_int_equal(world->event.kind, KERNEL_EXIT);
    assert_int_equal(world->event.exit.result, -512);
    assert_true(world->event.exit.has_registers);
    assert_false(world->event.exit.is_32_bit);
    assert_int_equal(world->event.exit.sp, 0x7000);
    assert_int_equal(world->event.exit.ip, 0x1234);
    make_exit(world, -4, true, PERF_SAMPLE_REGS_ABI_32);
    assert_true(parses(world));
    assert_true(world->event.exit.is_32_bit);
    make_exit(world, -4, true, PERF_SAMPLE_REGS_ABI_NONE);
    assert_true(parses(world));
    assert_false(world->event.exit.has_registers);
    make_exit(world, 7, false, 0);
    assert_true(parses(world));
    assert_int_equal(world->event.exit.number, NUMBER);
    assert_int_equal(world->event.exit.result, 7);
    assert_false(world->event.exit.has_registers);
}

/* ----------------------------------------------------------------------------- signals */

static void test_signals(void **state) {
    struct world *world = *state;
    struct {
        int32_t number, error, code, pad;
        uint64_t handler, flags;
    } delivered = {.number = 10, .error = 2, .code = -6, .handler = 0x4000, .flags = 0x10000000};
    begin(world, PERF_RECORD_SAMPLE, 0);
    put_identity(world);
    put_raw(world, SIGNAL_ID, &delivered, sizeof(delivered));
    finish(world);
    assert_true(parses(world));
    assert_int_equal(world->event.kind, KERNEL_SIGNAL);
    assert_int_equal(world->event.signal.number, 10);
    assert_int_equal(world->event.signal.code, -6);
    assert_int_equal(world->event.signal.handler, 0x4000);
    assert_int_equal(world->event.signal.flags, 0x10000000);
    struct {
        int32_t number, error, code;
        char name[16];
        int32_t target, group, result;
    } sent = {.number = 15, .code = 128, .name = "program", .target = 99};
    begin(world, PERF_RECORD_SAMPLE, 0);
    put_identity(world);
    put_raw(world, SENT_ID, &sent, sizeof(sent));
    finish(world);
    assert_true(parses(world));
    assert_int_equal(world->event.kind, KERNEL_SENT);
    assert_int_equal(world->event.signal.number, 15);
    assert_int_equal(world->event.signal.target, 99);
}

static void test_a_tracepoint_that_nobody_has_planned(void **state) {
    static const uint64_t fields[] = {1, 2};
    struct world *world = *state;
    begin(world, PERF_RECORD_SAMPLE, 0);
    put_identity(world);
    put_raw(world, 999, fields, sizeof(fields));
    finish(world);
    assert_false(parses(world));
}

/* ------------------------------------------------------------------------------- tasks */

static void test_what_tasks_do(void **state) {
    struct world *world = *state;
    static const uint32_t types[] = {PERF_RECORD_FORK, PERF_RECORD_EXIT};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        begin(world, types[i], 0);
        put_u32(world, 21);
        put_u32(world, 11);
        put_u32(world, 22);
        put_u32(world, 12);
        put_u64(world, 5);
        put_identity(world);
        finish(world);
        assert_true(parses(world));
        assert_int_equal(world->event.kind, i ? KERNEL_END : KERNEL_FORK);
        assert_int_equal(world->event.pid, 21);
        assert_int_equal(world->event.tid, 22);
        assert_int_equal(perf_record_time(world->record), TIME);
    }
    begin(world, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
    put_u32(world, PID);
    put_u32(world, TID);
    put(world, "program\0", 8);
    put_identity(world);
    finish(world);
    assert_true(parses(world));
    assert_int_equal(world->event.kind, KERNEL_EXEC);
    assert_int_equal(world->event.tid, TID);
    /* Only its name has changed. */
    world->record->misc = 0;
    assert_false(parses(world));
    begin(world, PERF_RECORD_LOST, 0);
    put_u64(world, 1);
    put_u64(world, 77);
    put_identity(world);
    finish(world);
    assert_true(parses(world));
    assert_int_equal(world->event.kind, KERNEL_LOST);
    assert_int_equal(world->event.lost, 77);
}

/* ---------------------------------------------------------------------------- mappings */

static void make_mapping(struct world *world, bool build_id, uint8_t id_size, const char *path) {
    static const uint8_t id[MAPPING_BUILD_ID_MAX] = {0xc8, 0x91, 3, [19] = 0x7e};
    size_t length = strlen(path) + 1;
    begin(world, PERF_RECORD_MMAP2, build_id ? PERF_RECORD_MISC_MMAP_BUILD_ID : 0);
    put_u32(world, PID);
    put_u32(world, TID);
    put_u64(world, 0x7f0000001000);
    put_u64(world, 0x26000);
    put_u64(world, 0x2000);
    if (build_id) {
        put(world, (const uint8_t[4]){id_size}, 4);
        put(world, id, sizeof(id));
    } else {
        put_u32(world, 8);
        put_u32(world, 1);
        put_u64(world, 123456);
        put_u64(world, 9);
    }
    put_u32(world, 5);
    put_u32(world, 2);
    put(world, path, length);
    put(world, "\0\0\0\0\0\0\0", (8 - length % 8) % 8);
    put_identity(world);
    finish(world);
}

static const struct mapping *expect_mapping(const struct world *world, const char *path) {
    const struct kernel_event *event = &world->event;
    assert_int_equal(event->kind, KERNEL_MAPPING);
    assert_int_equal(event->pid, PID);
    assert_int_equal(event->tid, TID);
    assert_int_equal(event->mapping->start, 0x7f0000001000);
    assert_int_equal(event->mapping->length, 0x26000);
    assert_int_equal(event->mapping->offset, 0x2000);
    assert_int_equal(event->mapping->file, -1);
    assert_string_equal(event->mapping->path, path);
    assert_int_equal(event->mapping->path_size, strlen(path) + 1);
    assert_int_equal(perf_record_time(world->record), TIME);
    return event->mapping;
}

static void test_a_mapping_with_its_build_id(void **state) {
    struct world *world = *state;
    make_mapping(world, true, 20, "/usr/bin/true");
    assert_true(parses(world));
    const struct mapping *mapping = expect_mapping(world, "/usr/bin/true");
    assert_int_equal(mapping->build_id_size, 20);
    assert_int_equal(mapping->build_id[0], 0xc8);
    assert_int_equal(mapping->build_id[19], 0x7e);
    assert_int_equal(mapping->inode, 0);
    /* Shorter, and longer than can be. */
    make_mapping(world, true, 16, "/usr/bin/true");
    assert_true(parses(world));
    assert_int_equal(world->event.mapping->build_id_size, 16);
    assert_int_equal(world->event.mapping->build_id[19], 0);
    make_mapping(world, true, 255, "/usr/bin/true");
    assert_true(parses(world));
    assert_int_equal(world->event.mapping->build_id_size, MAPPING_BUILD_ID_MAX);
}

static void test_a_mapping_with_its_inode(void **state) {
    static const char *const paths[] = {"/usr/bin/true", "[vdso]", "//anon", "", "/1234567"};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        make_mapping(world, false, 0, paths[i]);
        assert_true(parses(world));
        const struct mapping *mapping = expect_mapping(world, paths[i]);
        assert_int_equal(mapping->build_id_size, 0);
        assert_int_equal(mapping->inode, 123456);
        assert_true(mapping_size(mapping) <= MAPPING_BOUND);
    }
}

static void test_a_mapping_with_a_long_path(void **state) {
    char path[MAPPING_PATH_MAX + 10];
    struct world *world = *state;
    memset(path, 'x', sizeof(path));
    path[MAPPING_PATH_MAX - 1] = 0;
    make_mapping(world, true, 20, path);
    assert_true(parses(world));
    expect_mapping(world, path);
    assert_true(mapping_size(world->event.mapping) <= MAPPING_BOUND);
    path[MAPPING_PATH_MAX - 1] = 'x';
    path[sizeof(path) - 1] = 0;
    make_mapping(world, true, 20, path);
    assert_true(parses(world));
    path[MAPPING_PATH_MAX - 1] = 0;
    expect_mapping(world, path);
}

static void test_mappings_that_nobody_wants(void **state) {
    struct world *world = *state;
    make_mapping(world, true, 20, "/usr/bin/true");
    static const struct perf_room empty;
    assert_false(perf_parse(plans, COUNT_OF(plans), world->record, &empty, &world->event));
    world->record->size = 80;
    assert_false(parses(world));
}

/* -------------------------------------------------------------------------- the ring */

/* A record at each place of a ring, so that all parts of it are once behind the end. */
static void test_a_record_that_crosses_the_end(void **state) {
    struct world *world = *state;
    uint8_t *ring = malloc(RING);
    uint8_t *wrapped = malloc(PERF_RECORD_MOST);
    make_enter(world, PERF_SAMPLE_REGS_ABI_64, 512, 512);
    size_t size = world->record->size;
    unsigned crossed = 0;
    for (uint64_t tail = 5UL * RING - size - 16; tail < 5UL * RING + 16; tail += 8) {
        memset(ring, 0xee, RING);
        for (size_t i = 0; i < size; i++) {
            ring[(tail + i) % RING] = ((const uint8_t *)world->record)[i];
        }
        const struct perf_event_header *record = perf_record_at(ring, RING, tail, wrapped);
        crossed += (const uint8_t *)record == wrapped;
        assert_int_equal(perf_record_time(record), TIME);
        world->event = (struct kernel_event){.kind = KERNEL_LOST};
        assert_true(perf_parse(plans, COUNT_OF(plans), record, &world->room, &world->event));
        expect_stack(world, 512, true);
    }
    assert_int_equal(crossed, size / 8 - 1);
    free(ring);
    free(wrapped);
}

#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_an_entry_with_its_stack),
        WORLD_TEST(test_a_stack_that_was_cut),
        WORLD_TEST(test_the_largest_stack),
        WORLD_TEST(test_a_stack_that_could_not_be_read),
        WORLD_TEST(test_an_odd_number_of_bytes),
        WORLD_TEST(test_an_entry_without_registers),
        WORLD_TEST(test_an_entry_of_32_bits),
        WORLD_TEST(test_an_entry_that_has_no_stack_by_plan),
        WORLD_TEST(test_entries_that_are_too_short),
        WORLD_TEST(test_exits_with_registers_and_without),
        WORLD_TEST(test_signals),
        WORLD_TEST(test_a_tracepoint_that_nobody_has_planned),
        WORLD_TEST(test_what_tasks_do),
        WORLD_TEST(test_a_mapping_with_its_build_id),
        WORLD_TEST(test_a_mapping_with_its_inode),
        WORLD_TEST(test_a_mapping_with_a_long_path),
        WORLD_TEST(test_mappings_that_nobody_wants),
        WORLD_TEST(test_a_record_that_crosses_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
