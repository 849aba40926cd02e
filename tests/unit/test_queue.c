/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

enum {
    CAPACITY = 1024,
    HEADER = 8, /* what an entry takes beside its bytes */
};

static struct queue new_queue(size_t capacity) {
    struct queue queue;
    assert_int_equal(queue_init(&queue, capacity), 0);
    return queue;
}

/* Put `size` bytes, each `fill`, into the queue; whether there was room. */
static bool put(struct queue *queue, size_t size, int fill) {
    void *room = queue_reserve(queue, size);
    if (!room) {
        return false;
    }
    assert_int_equal((uintptr_t)room % 8, 0);
    memset(room, fill, size);
    queue_commit(queue, size);
    return true;
}

/* Take the oldest entry, which has to be `size` bytes, each `fill`. */
static void take(struct queue *queue, size_t size, int fill) {
    size_t found;
    const uint8_t *bytes = queue_peek(queue, &found);
    assert_non_null(bytes);
    assert_int_equal(found, size);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], fill);
    }
    queue_pop(queue);
}

static void assert_empty(struct queue *queue) {
    size_t size;
    assert_null(queue_peek(queue, &size));
    assert_int_equal(queue_used(queue), 0);
}

static void test_first_in_first_out(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    assert_empty(&queue);
    assert_true(put(&queue, 1, 'a'));
    assert_true(put(&queue, 17, 'b'));
    assert_true(put(&queue, 0, 'c'));
    assert_true(put(&queue, 8, 'd'));
    take(&queue, 1, 'a');
    take(&queue, 17, 'b');
    take(&queue, 0, 'c');
    take(&queue, 8, 'd');
    assert_empty(&queue);
    queue_finish(&queue);
}

static void test_peek_takes_nothing(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    size_t size;
    put(&queue, 5, 'a');
    const void *first = queue_peek(&queue, &size);
    assert_ptr_equal(queue_peek(&queue, &size), first);
    assert_int_equal(queue_used(&queue), HEADER + 8);
    take(&queue, 5, 'a');
    queue_finish(&queue);
}

/* What follows an empty queue stands where the last things stood, however large it is. */
static void test_an_empty_queue_starts_over(void **state) {
    (void)state;
    enum {
        LARGE = 1 << 26,
        ENTRY = 1 << 14,
        ROUNDS = 4096,
        AREA = 1 << 23,
    };
    struct queue queue = new_queue(LARGE);
    for (int round = 0; round < ROUNDS; round++) {
        assert_true(put(&queue, ENTRY, round % 100));
        size_t size;
        const uint8_t *entry = queue_peek(&queue, &size);
        assert_in_range(entry - queue.bytes, 0, AREA + ENTRY);
        take(&queue, ENTRY, round % 100);
        assert_empty(&queue);
    }
    /* And takes as much as ever, when somebody looks; at the end of the buffer, and where it has begun, may be some
     * room left. */
    size_t count = 0;
    while (put(&queue, ENTRY, 'a')) {
        count++;
    }
    assert_true(count >= AREA / (ENTRY + HEADER) - 1);
    take(&queue, ENTRY, 'a');
    while (put(&queue, ENTRY, 'a')) {
        count++;
    }
    assert_true(count >= LARGE / (ENTRY + HEADER) - 2);
    queue_finish(&queue);
}

static void test_another_consumer_goes_on(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    put(&queue, 500, 'a');
    put(&queue, 300, 'b');
    take(&queue, 500, 'a');
    /* Behind 'b', 'c' does not fit. */
    put(&queue, 400, 'c');
    size_t size;
    assert_non_null(queue_peek(&queue, &size));
    size_t position = queue_position(&queue);
    queue_resume(&queue, position);
    take(&queue, 400, 'c');
    /* It had been there before. */
    queue_resume(&queue, position);
    assert_empty(&queue);
    queue_finish(&queue);
}

static void test_nothing_is_there_before_the_commit(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    size_t size;
    assert_non_null(queue_reserve(&queue, 100));
    assert_null(queue_peek(&queue, &size));
    queue_commit(&queue, 100);
    assert_non_null(queue_peek(&queue, &size));
    queue_finish(&queue);
}

static void test_an_entry_may_turn_out_shorter_than_reserved(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    void *room = queue_reserve(&queue, 500);
    assert_non_null(room);
    memset(room, 'a', 500);
    queue_commit(&queue, 3);
    assert_int_equal(queue_used(&queue), HEADER + 8);
    assert_true(put(&queue, 700, 'b'));
    take(&queue, 3, 'a');
    take(&queue, 700, 'b');
    queue_finish(&queue);
}

static void test_a_full_queue_refuses_and_recovers(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    const size_t size = 56; /* 16 entries of 64 bytes fill it exactly */
    for (int i = 0; i < 16; i++) {
        assert_true(put(&queue, size, i));
    }
    assert_int_equal(queue_used(&queue), CAPACITY);
    assert_false(put(&queue, size, 99));
    assert_false(put(&queue, 0, 99));
    take(&queue, size, 0);
    assert_true(put(&queue, size, 16));
    assert_false(put(&queue, 0, 99));
    for (int i = 1; i <= 16; i++) {
        take(&queue, size, i);
    }
    assert_empty(&queue);
    queue_finish(&queue);
}

static void test_an_entry_larger_than_the_queue_is_refused(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    assert_false(put(&queue, CAPACITY, 'a'));
    assert_false(put(&queue, CAPACITY - HEADER + 1, 'a'));
    assert_true(put(&queue, CAPACITY - HEADER, 'b'));
    take(&queue, CAPACITY - HEADER, 'b');
    queue_finish(&queue);
}

static void test_a_quarter_of_the_capacity_fits_wherever_the_queue_stands(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    for (size_t round = 0; round < 2 * CAPACITY / HEADER; round++) {
        assert_true(put(&queue, CAPACITY / 4, (int)round & 0xff));
        take(&queue, CAPACITY / 4, (int)round & 0xff);
        assert_empty(&queue);
        assert_true(put(&queue, 0, 0)); /* one step further */
        take(&queue, 0, 0);
    }
    queue_finish(&queue);
}

static void test_entries_survive_the_end_of_the_buffer(void **state) {
    (void)state;
    struct queue queue = new_queue(CAPACITY);
    unsigned oldest = 0;
    unsigned next = 0;
    /* Sizes that fit the end of the buffer, and sizes that do not. */
    while (next < 5000) {
        if (put(&queue, next * 13 % 200, (int)(next & 0xff))) {
            next++;
        } else {
            take(&queue, oldest * 13 % 200, (int)(oldest & 0xff));
            oldest++;
        }
    }
    while (oldest < next) {
        take(&queue, oldest * 13 % 200, (int)(oldest & 0xff));
        oldest++;
    }
    assert_empty(&queue);
    queue_finish(&queue);
}

/* -------------------------------------------------------------------- two threads */

enum {
    ENTRIES = 200000,
    WORDS_MAX = 40,
};

/* Words that depend on the entry and on their place, so that nothing can be
 * swapped, torn or read twice unnoticed. */
static uint64_t word_of(uint64_t entry, uint64_t index) {
    uint64_t word = entry * UINT64_C(0x9e3779b97f4a7c15) + index * UINT64_C(0xbf58476d1ce4e5b9);
    return word ^ word >> 29;
}

static size_t words_of(uint64_t entry) {
    return word_of(entry, 99) % WORDS_MAX;
}

static void *produce(void *context) {
    struct queue *queue = context;
    for (uint64_t entry = 0; entry < ENTRIES; entry++) {
        uint64_t *words;
        while (!(words = queue_reserve(queue, WORDS_MAX * sizeof(*words)))) {
            sched_yield();
        }
        size_t count = words_of(entry);
        for (size_t i = 0; i < count; i++) {
            words[i] = word_of(entry, i);
        }
        queue_commit(queue, count * sizeof(*words));
    }
    return NULL;
}

static void test_two_threads(void **state) {
    (void)state;
    struct queue queue = new_queue(4096);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce, &queue), 0);
    uint64_t sum = 0;
    uint64_t expected = 0;
    uint64_t misplaced = 0;
    for (uint64_t entry = 0; entry < ENTRIES; entry++) {
        const uint64_t *words;
        size_t size;
        while (!(words = queue_peek(&queue, &size))) {
            sched_yield();
        }
        misplaced += size != words_of(entry) * sizeof(*words);
        for (size_t i = 0; i < size / sizeof(*words); i++) {
            sum = sum * 31 + words[i];
            expected = expected * 31 + word_of(entry, i);
        }
        queue_pop(&queue);
    }
    pthread_join(producer, NULL);
    assert_int_equal(misplaced, 0);
    assert_int_equal(sum, expected);
    assert_empty(&queue);
    queue_finish(&queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_peek_takes_nothing),
        cmocka_unit_test(test_an_empty_queue_starts_over),
        cmocka_unit_test(test_another_consumer_goes_on),
        cmocka_unit_test(test_nothing_is_there_before_the_commit),
        cmocka_unit_test(test_an_entry_may_turn_out_shorter_than_reserved),
        cmocka_unit_test(test_a_full_queue_refuses_and_recovers),
        cmocka_unit_test(test_an_entry_larger_than_the_queue_is_refused),
        cmocka_unit_test(test_a_quarter_of_the_capacity_fits_wherever_the_queue_stands),
        cmocka_unit_test(test_entries_survive_the_end_of_the_buffer),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
