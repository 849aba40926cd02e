/* SPDX-License-Identifier: MIT
 *
 * The source map as the writer uses it: records in, places and stacks out. The stacks are those of the test itself.
 */
#include "own_stack.h"

#include "source_map.h"
#include "syscall_table.h"

#include <sys/resource.h>
#include <sys/syscall.h>

enum {
    CHILD = 1 << 22, /* a process that there is not */
};

struct world {
    struct user_rule *rule;
    struct source_map *map;
    struct own_sample own;
    uint64_t record[(sizeof(struct record) + sizeof(struct own_sample) + MAPPING_BOUND) / 8]; /* the current one */
};

static struct world *world;

static void take(const struct record *record, const void *payload, const struct stack_sample *stack) {
    assert_in_range(record_size(record), 1, sizeof(world->record));
    record_store(world->record, record, payload, stack);
    source_map_take(world->map, (const struct record *)(const void *)world->record);
}

static void take_mapping(void *context, const struct mapping *mapping) {
    (void)context;
    struct record record = {.kind = RECORD_MAPPING, .pid = getpid(), .tid = getpid()};
    record.maps.size = (uint32_t)mapping_size(mapping);
    take(&record, mapping, NULL);
}

static int set_up(void **state) {
    world = calloc(1, sizeof(*world));
    assert_non_null(world);
    world->rule = user_rule_create();
    assert_non_null(world->rule);
    assert_int_equal(source_map_create(&world->map, world->rule), 0);
    own_each_mapping(take_mapping, NULL);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    source_map_destroy(world->map);
    user_rule_destroy(world->rule);
    free(world);
    return 0;
}

/* The stack as it is here becomes that of the next calls. */
__attribute__((noinline)) static void sample(uint32_t most) {
    own_take(&world->own, own_stack_end(), most);
    __asm__ volatile(""); /* not a tail call */
}

/* A process makes a call that returns `result`. */
static void call(pid_t pid, int number, int64_t result) {
    struct record record = {.kind = RECORD_CALL, .arch = ARCH_X86_64, .pid = pid, .tid = pid};
    record.call.number = number;
    record.call.flags = CALL_HAS_ARGS | CALL_HAS_RESULT;
    record.call.result = result;
    record.call.stack_size = (uint32_t)stack_sample_size(&world->own.sample);
    take(&record, NULL, &world->own.sample);
}

static void assert_stack_ends(enum stack_end end, bool has_frames) {
    const struct call_stack *stack = source_map_stack(world->map);
    assert_int_equal(stack->end, end);
    assert_int_equal(stack->count > 0, has_frames);
}

static void test_a_stack(void **state) {
    (void)state;
    char path[4096] = "";
    assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
    sample(STACK_SAMPLE_MOST);
    call(getpid(), SYS_getpid, 0);
    assert_stack_ends(STACK_END_OUTERMOST, true);
    const struct call_stack *stack = source_map_stack(world->map);
    assert_true(stack->count >= (size_t)world->own.expected_count);
    assert_string_equal(stack->frames[0].module, path);
    assert_string_equal(stack->frames[0].function, "own_take");
}

static void test_what_is_counted(void **state) {
    (void)state;
    const struct source_map_counts *counts = source_map_counts(world->map);
    sample(STACK_SAMPLE_MOST);
    for (unsigned i = 0; i < 3; i++) {
        call(getpid(), SYS_getpid, 0);
        source_map_place(world->map);
        source_map_stack(world->map);
        source_map_place(world->map);
    }
    assert_int_equal(counts->calls, 3);
    assert_int_equal(counts->unwound, 1);
    assert_true(counts->placed == 0 || counts->placed == 3); /* as this program was built */
    assert_int_equal(counts->cut, 0);
}

static void test_a_cut_stack(void **state) {
    (void)state;
    char hint[256];
    sample(STACK_SAMPLE_LEAST);
    assert_false(source_map_hint(world->map, hint, sizeof(hint)));
    call(getpid(), SYS_getpid, 0);
    source_map_stack(world->map);
    source_map_stack(world->map);
    assert_stack_ends(STACK_END_CUT, true);
    assert_int_equal(source_map_counts(world->map)->cut, 1);
    assert_true(source_map_hint(world->map, hint, sizeof(hint)));
}

static void test_code_of_another_architecture(void **state) {
    (void)state;
    sample(STACK_SAMPLE_MOST);
    world->own.sample.is_32_bit = true;
    call(getpid(), SYS_getpid, 0);
    assert_null(source_map_place(world->map));
    assert_stack_ends(STACK_END_FOREIGN, false);
}

static void test_nothing_is_known(void **state) {
    (void)state;
    sample(STACK_SAMPLE_MOST);
    call(CHILD, SYS_getpid, 0);
    assert_null(source_map_place(world->map));
    assert_stack_ends(STACK_END_NONE, false);
    struct record record = {.kind = RECORD_CALL, .arch = ARCH_X86_64, .pid = getpid(), .tid = getpid()};
    take(&record, NULL, NULL);
    assert_null(source_map_place(world->map));
    assert_stack_ends(STACK_END_NONE, false);
}

static void test_a_forked_process_and_its_exec(void **state) {
    (void)state;
    struct record record = {.kind = RECORD_START, .pid = CHILD, .tid = CHILD};
    record.start.parent_pid = getpid();
    sample(STACK_SAMPLE_MOST);
    take(&record, NULL, NULL);
    call(CHILD, SYS_getpid, 0);
    assert_stack_ends(STACK_END_OUTERMOST, true);
    take(&(struct record){.kind = RECORD_EXEC, .pid = CHILD, .tid = CHILD}, NULL, NULL);
    /* It was made by the old program, and the record of it comes behind that of the exec. */
    call(CHILD, SYS_execve, 0);
    assert_stack_ends(STACK_END_OUTERMOST, true);
    call(CHILD, SYS_getpid, 0);
    assert_stack_ends(STACK_END_UNKNOWN, true);
    take(&(struct record){.kind = RECORD_END, .pid = CHILD, .tid = CHILD}, NULL, NULL);
    call(CHILD, SYS_getpid, 0);
    assert_stack_ends(STACK_END_NONE, false);
}

/* Without descriptors no file can be opened; that is not what is known of it for ever. */
static void test_descriptors_that_run_out(void **state) {
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    sample(STACK_SAMPLE_MOST);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    call(getpid(), SYS_getpid, 0);
    const struct call_stack *stack = source_map_stack(world->map);
    bool known = stack->count && stack->frames[0].function;
    uint64_t number = stack->number;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_false(known);
    assert_int_equal(number, 0);
    call(getpid(), SYS_getpid, 0);
    assert_stack_ends(STACK_END_OUTERMOST, true);
    stack = source_map_stack(world->map);
    assert_non_null(stack->frames[0].function);
    assert_string_equal(stack->frames[0].function, "own_take");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_stack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_cut_stack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_code_of_another_architecture, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_forked_process_and_its_exec, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_descriptors_that_run_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
