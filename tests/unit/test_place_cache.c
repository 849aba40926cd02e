/* SPDX-License-Identifier: MIT
 *
 * Whole stacks that were looked up before, by the chain of their addresses, and their
 * numbers.
 */
#include "place_cache.h"

#include "unit.h"

#include <stdlib.h>

static struct mapped_module prog = {.path = "/usr/bin/prog", .number = 0};
static struct mapped_module library = {.path = "/usr/lib/libz.so", .number = 1};

static const struct frame shown[] = {{.module = "/usr/bin/prog", .function = "f", .file = "f.c", .line = 1},
                                     {.module = "/usr/bin/prog", .function = "main"}};

/* Keep a stack of both frames under this chain: its number. */
static uint64_t add(struct place_cache *cache, const struct unwound_frame *chain, size_t count, enum stack_end end) {
    const struct chain stack = {.stack = {.frames = shown, .count = 2, .end = end, .number = 77}, .place = &shown[0]};
    assert_null(place_cache_find_chain(cache, chain, count, end));
    const struct chain *added = place_cache_add_chain(cache, chain, count, end, &stack);
    assert_non_null(added);
    assert_ptr_equal(place_cache_find_chain(cache, chain, count, end), added);
    assert_int_equal(added->stack.count, 2);
    assert_string_equal(added->stack.frames[1].function, "main");
    assert_ptr_equal(added->place, &added->stack.frames[0]);
    return added->stack.number;
}

/* All that tells stacks apart. */
static void test_chains_and_their_numbers(void **state) {
    (void)state;
    struct place_cache *cache = place_cache_create();
    assert_non_null(cache);
    struct unwound_frame chain[3] = {{.ip = 1, .module = &prog, .address = 0x1161},
                                     {.ip = 2, .module = &prog, .address = 0x1200},
                                     {.ip = 3, .module = &library, .address = 0x1300}};
    uint64_t number = 1;
    assert_int_equal(add(cache, chain, 0, STACK_END_NONE), number++);
    assert_int_equal(add(cache, chain, 2, STACK_END_OUTERMOST), number++);
    assert_int_equal(add(cache, chain, 2, STACK_END_CUT), number++);
    assert_int_equal(add(cache, chain, 3, STACK_END_OUTERMOST), number++);
    chain[0].address = 0x1200;
    chain[1].address = 0x1161;
    assert_int_equal(add(cache, chain, 2, STACK_END_OUTERMOST), number++);
    chain[0].module = &library;
    assert_int_equal(add(cache, chain, 2, STACK_END_OUTERMOST), number++);
    chain[0].interrupted = true;
    assert_int_equal(add(cache, chain, 2, STACK_END_OUTERMOST), number++);
    chain[0].module = NULL;
    chain[0].interrupted = false;
    assert_int_equal(add(cache, chain, 2, STACK_END_OUTERMOST), number++);
    /* Only where it stands in its module counts. */
    chain[0].ip = 99;
    assert_non_null(place_cache_find_chain(cache, chain, 2, STACK_END_OUTERMOST));
    place_cache_destroy(cache);
}

/* What was made of a stack before the memory was full must not be taken for that of another one after it. */
static void test_numbers_are_never_given_again(void **state) {
    (void)state;
    struct place_cache *cache = place_cache_create();
    assert_non_null(cache);
    struct unwound_frame chain[UNWIND_FRAMES_MAX];
    for (size_t i = 0; i < UNWIND_FRAMES_MAX; i++) {
        chain[i] = (struct unwound_frame){.module = &prog, .address = i};
    }
    uint64_t number = 0;
    do {
        chain[0].address = UNWIND_FRAMES_MAX + number;
        assert_int_equal(add(cache, chain, UNWIND_FRAMES_MAX, STACK_END_OUTERMOST), number + 1);
        number++;
        place_cache_trim(cache);
        chain[0].address = UNWIND_FRAMES_MAX;
    } while (place_cache_find_chain(cache, chain, UNWIND_FRAMES_MAX, STACK_END_OUTERMOST));
    assert_true(number > 1000);
    assert_int_equal(add(cache, chain, UNWIND_FRAMES_MAX, STACK_END_OUTERMOST), number + 1);
    place_cache_destroy(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains_and_their_numbers),
        cmocka_unit_test(test_numbers_are_never_given_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
