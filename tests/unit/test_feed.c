/* SPDX-License-Identifier: MIT
 *
 * The feed: what comes out, in which order, and who waits for whom.
 */
#include "feed.h"

#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TAIL = 8192, /* the most bytes behind the captures */
};

struct channel {
    struct feed feed;
    struct waker consumer;
};

static int set_up(void **state) {
    static const struct capture_options capture = {.memory = true, .string_limit = 4096};
    struct channel *channel = calloc(1, sizeof(*channel));
    if (!channel || waker_init(&channel->consumer) < 0 ||
        feed_init(&channel->feed, &capture, 0, TAIL, &channel->consumer) < 0) {
        return -1;
    }
    *state = channel;
    return 0;
}

static int tear_down(void **state) {
    struct channel *channel = *state;
    feed_finish(&channel->feed);
    waker_finish(&channel->consumer);
    free(channel);
    return 0;
}

/* Whether the consumer would be woken from its sleep now. */
static bool is_woken(const struct channel *channel) {
    struct pollfd wait = {.fd = channel->consumer.fd, .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

/* ------------------------------------------------------------------ what is told */

/* Bytes that depend on the entry and on their place. */
static uint8_t byte_of(uint64_t entry, size_t index) {
    return (uint8_t)(entry * 31 + index * 7 + 1);
}

/* An event whose time is `entry`, with a note of `size` bytes of captures; false once the feed is closed. */
static bool put(struct feed *feed, uint64_t entry, uint32_t size) {
    struct feed_entry *room = feed_reserve(feed);
    if (!room) {
        return false;
    }
    room->event = (struct kernel_event){.kind = KERNEL_ENTER, .tid = 100, .time = entry};
    room->has_note = true;
    room->note = (struct note){.kind = NOTE_CALL, .tid = 100, .time = entry, .captures_size = size};
    uint8_t *captures = feed_captures(room);
    for (size_t i = 0; i < size; i++) {
        captures[i] = byte_of(entry, i);
    }
    feed_commit(feed, room);
    return true;
}

/* The same without a note. */
static bool put_event(struct feed *feed, uint64_t entry) {
    struct feed_entry *room = feed_reserve(feed);
    if (!room) {
        return false;
    }
    room->event = (struct kernel_event){.kind = KERNEL_EXIT, .tid = 100, .time = entry};
    feed_commit(feed, room);
    return true;
}

static unsigned wrong_bytes(const struct note *note, uint64_t entry) {
    const uint8_t *captures = note_captures(note);
    unsigned wrong = 0;
    for (size_t i = 0; i < note->captures_size; i++) {
        wrong += captures[i] != byte_of(entry, i);
    }
    return wrong;
}

static void take(struct feed *feed, uint64_t entry, uint32_t size) {
    struct kernel_event event;
    assert_true(feed_next(feed, &event));
    assert_int_equal(event.kind, KERNEL_ENTER);
    assert_int_equal(event.time, entry);
    assert_non_null(event.note);
    assert_int_equal(event.note->time, entry);
    assert_int_equal(event.note->captures_size, size);
    assert_int_equal(wrong_bytes(event.note, entry), 0);
}

static void take_event(struct feed *feed, uint64_t entry) {
    struct kernel_event event;
    assert_true(feed_next(feed, &event));
    assert_int_equal(event.kind, KERNEL_EXIT);
    assert_int_equal(event.time, entry);
    assert_null(event.note);
}

static void assert_empty(struct feed *feed) {
    struct kernel_event event;
    assert_false(feed_next(feed, &event));
    assert_int_equal(queue_used(&feed->queue), 0);
}

static void test_what_is_told_comes_out_in_order(void **state) {
    struct channel *channel = *state;
    assert_empty(&channel->feed);
    put(&channel->feed, 1, 0);
    put_event(&channel->feed, 2);
    put(&channel->feed, 3, 3000);
    put(&channel->feed, 4, 1);
    put_event(&channel->feed, 5);
    take(&channel->feed, 1, 0);
    take_event(&channel->feed, 2);
    take(&channel->feed, 3, 3000);
    take(&channel->feed, 4, 1);
    take_event(&channel->feed, 5);
    assert_empty(&channel->feed);
}

static void test_an_entry_begins_empty(void **state) {
    struct channel *channel = *state;
    static const struct feed_entry nothing;
    for (unsigned i = 0; i < 3; i++) {
        struct feed_entry *entry = feed_reserve(&channel->feed);
        assert_non_null(entry);
        assert_memory_equal(entry, &nothing, sizeof(nothing));
        memset(entry, 0xff, sizeof(*entry)); /* not committed: it is handed out again */
    }
}

static void test_the_largest_captures_fit(void **state) {
    struct channel *channel = *state;
    static const struct capture_options capture = {.memory = true, .string_limit = 4096};
    uint32_t bound = (uint32_t)capture_bound(&capture);
    put(&channel->feed, 1, bound);
    put(&channel->feed, 2, bound);
    take(&channel->feed, 1, bound);
    take(&channel->feed, 2, bound);
}

static void test_captures_of_any_size_have_room(void **state) {
    (void)state;
    static const struct capture_options large = {.memory = true, .string_limit = CAPTURE_LIMIT_MAX};
    struct channel channel = {0};
    assert_int_equal(waker_init(&channel.consumer), 0);
    assert_int_equal(feed_init(&channel.feed, &large, 0, 0, &channel.consumer), 0);
    uint32_t bound = (uint32_t)capture_bound(&large);
    for (uint64_t entry = 0; entry < 7; entry++) {
        assert_true(put(&channel.feed, entry, bound));
        take(&channel.feed, entry, bound);
    }
    feed_finish(&channel.feed);
    waker_finish(&channel.consumer);
}

/* -------------------------------------------------------------- stacks and mappings */

/* A stack of `size` bytes behind a note with `captures` bytes; UINT32_MAX: without a note. */
static void put_stack(struct feed *feed, uint64_t number, uint32_t captures, uint32_t size) {
    struct feed_entry *entry = feed_reserve(feed);
    assert_non_null(entry);
    entry->event = (struct kernel_event){.kind = KERNEL_ENTER, .tid = 100, .time = number};
    entry->has_note = captures != UINT32_MAX;
    if (entry->has_note) {
        entry->note = (struct note){.kind = NOTE_CALL, .tid = 100, .time = number, .captures_size = captures};
        memset(feed_captures(entry), 0xee, captures);
    }
    struct stack_sample *stack = feed_tail(entry);
    *stack = (struct stack_sample){.size = size, .registers = {[STACK_REGISTER_IP] = number}};
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)(stack + 1))[i] = byte_of(number, i);
    }
    entry->tail_size = (uint32_t)stack_sample_size(stack);
    feed_commit(feed, entry);
}

static void take_stack(struct feed *feed, uint64_t number, uint32_t captures, uint32_t size) {
    struct kernel_event event;
    assert_true(feed_next(feed, &event));
    assert_int_equal(event.time, number);
    const struct stack_sample *stack = event.enter.stack;
    assert_non_null(stack);
    assert_int_equal((uintptr_t)stack % 8, 0);
    assert_int_equal(stack->size, size);
    assert_int_equal(stack->registers[STACK_REGISTER_IP], number);
    unsigned wrong = 0;
    for (size_t i = 0; i < size; i++) {
        wrong += stack_sample_bytes(stack)[i] != byte_of(number, i);
    }
    assert_int_equal(wrong, 0);
    if (captures == UINT32_MAX) {
        assert_null(event.note);
        return;
    }
    assert_int_equal(event.note->captures_size, captures);
    const uint8_t *bytes = note_captures(event.note);
    for (uint32_t i = 0; i < captures; i++) {
        wrong += bytes[i] != 0xee;
    }
    assert_int_equal(wrong, 0);
}

static void test_stacks_come_with_notes_and_without(void **state) {
    struct channel *channel = *state;
    static const struct capture_options capture = {.memory = true, .string_limit = 4096};
    const uint32_t captures[] = {UINT32_MAX, 0, 1, 7, 8, 9, 2000, (uint32_t)capture_bound(&capture)};
    const uint32_t sizes[] = {0, 8, 512, TAIL - sizeof(struct stack_sample)};
    for (unsigned round = 0; round < 50; round++) { /* beyond the end of the buffer */
        for (size_t i = 0; i < COUNT_OF(captures); i++) {
            for (size_t j = 0; j < COUNT_OF(sizes); j++) {
                put_stack(&channel->feed, i * 100 + j, captures[i], sizes[j]);
            }
            for (size_t j = 0; j < COUNT_OF(sizes); j++) {
                take_stack(&channel->feed, i * 100 + j, captures[i], sizes[j]);
            }
        }
    }
    assert_empty(&channel->feed);
}

static void test_a_call_without_a_stack_has_none(void **state) {
    struct channel *channel = *state;
    struct kernel_event event;
    put(&channel->feed, 1, 100);
    assert_true(feed_next(&channel->feed, &event));
    assert_null(event.enter.stack);
}

static int put_mapping(struct feed *feed, const char *path) {
    struct feed_entry *entry = feed_reserve(feed);
    assert_non_null(entry);
    entry->event = (struct kernel_event){.kind = KERNEL_MAPPING, .tid = 100};
    struct mapping *mapping = feed_tail(entry);
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    *mapping = (struct mapping){.start = 4096, .length = 8192, .file = file, .path_size = (uint32_t)strlen(path) + 1};
    memcpy(mapping->path, path, mapping->path_size);
    entry->tail_size = (uint32_t)mapping_size(mapping);
    feed_commit(feed, entry);
    return file;
}

static void test_mappings_belong_to_whoever_takes_them(void **state) {
    struct channel *channel = *state;
    struct kernel_event event;
    char longest[MAPPING_PATH_MAX] = "";
    memset(longest, 'x', sizeof(longest) - 1);
    int file = put_mapping(&channel->feed, longest);
    int left = put_mapping(&channel->feed, "/left");
    assert_true(feed_next(&channel->feed, &event));
    assert_int_equal(event.kind, KERNEL_MAPPING);
    assert_int_equal(event.mapping->length, 8192);
    assert_int_equal(event.mapping->file, file);
    assert_string_equal(event.mapping->path, longest);
    assert_null(event.note);
    feed_finish(&channel->feed);
    /* What was taken is the taker's; what was not is closed. */
    assert_true(fcntl(file, F_GETFD) >= 0);
    assert_int_equal(fcntl(left, F_GETFD), -1);
    close(file);
    static const struct capture_options capture = {.memory = true, .string_limit = 4096};
    assert_int_equal(feed_init(&channel->feed, &capture, 0, 0, &channel->consumer), 0);
}

static void test_what_was_given_stays_until_the_next(void **state) {
    struct channel *channel = *state;
    struct kernel_event event;
    put(&channel->feed, 1, 500);
    assert_true(feed_next(&channel->feed, &event));
    size_t used = queue_used(&channel->feed.queue);
    assert_true(used > 500);
    put(&channel->feed, 2, 500);
    assert_int_equal(wrong_bytes(event.note, 1), 0);
    assert_true(queue_used(&channel->feed.queue) > used);
    take(&channel->feed, 2, 500);
    assert_int_equal(queue_used(&channel->feed.queue), used);
    assert_empty(&channel->feed);
}

static void test_an_entry_takes_no_more_room_than_it_needs(void **state) {
    struct channel *channel = *state;
    put_event(&channel->feed, 1);
    size_t event = queue_used(&channel->feed.queue);
    assert_true(event < sizeof(struct feed_entry) + 32);
    put(&channel->feed, 2, 8);
    assert_int_equal(queue_used(&channel->feed.queue), 2 * event + 8);
}

static void test_notes_alone(void **state) {
    struct channel *channel = *state;
    assert_null(feed_next_note(&channel->feed));
    put(&channel->feed, 1, 10);
    put(&channel->feed, 2, 2000);
    const struct note *note = feed_next_note(&channel->feed);
    assert_non_null(note);
    assert_int_equal(note->time, 1);
    assert_int_equal(note->captures_size, 10);
    assert_int_equal(wrong_bytes(note, 1), 0);
    note = feed_next_note(&channel->feed);
    assert_int_equal(note->time, 2);
    assert_int_equal(wrong_bytes(note, 2), 0);
    assert_null(feed_next_note(&channel->feed));
    assert_int_equal(queue_used(&channel->feed.queue), 0);
}

static void test_entries_survive_the_end_of_the_buffer(void **state) {
    struct channel *channel = *state;
    /* Several times around, never full: one is put, then the one before it is taken. */
    uint64_t last = 4 * channel->feed.queue.capacity / 1000;
    put(&channel->feed, 0, 0);
    for (uint64_t entry = 1; entry < last; entry++) {
        assert_true(put(&channel->feed, entry, (uint32_t)(entry * 37 % 4000)));
        take(&channel->feed, entry - 1, (uint32_t)((entry - 1) * 37 % 4000));
    }
    take(&channel->feed, last - 1, (uint32_t)((last - 1) * 37 % 4000));
    assert_empty(&channel->feed);
}

/* ------------------------------------------------------------------------ urgency */

static void test_few_entries_are_not_urgent(void **state) {
    struct channel *channel = *state;
    waker_prepare(&channel->consumer);
    put(&channel->feed, 1, 100);
    put(&channel->feed, 2, 100);
    assert_false(feed_is_urgent(&channel->feed));
    assert_false(is_woken(channel));
}

static void test_a_hurry_wakes_the_consumer(void **state) {
    struct channel *channel = *state;
    waker_prepare(&channel->consumer);
    feed_hurry(&channel->feed);
    assert_true(feed_is_urgent(&channel->feed));
    assert_true(is_woken(channel));
}

static void test_a_look_ends_the_urgency(void **state) {
    struct channel *channel = *state;
    struct kernel_event event;
    feed_hurry(&channel->feed);
    assert_false(feed_next(&channel->feed, &event));
    assert_false(feed_is_urgent(&channel->feed));
    feed_hurry(&channel->feed);
    assert_null(feed_next_note(&channel->feed));
    assert_false(feed_is_urgent(&channel->feed));
}

static void test_a_feed_that_is_half_full_is_urgent(void **state) {
    struct channel *channel = *state;
    waker_prepare(&channel->consumer);
    uint64_t entry = 0;
    while (!feed_is_urgent(&channel->feed)) {
        assert_false(is_woken(channel));
        /* One that begins behind the middle hurries. */
        assert_true(queue_used(&channel->feed.queue) <= channel->feed.queue.capacity * 5 / 8);
        assert_true(put(&channel->feed, entry++, 4000));
    }
    assert_true(queue_used(&channel->feed.queue) > channel->feed.queue.capacity / 2);
    assert_true(is_woken(channel));
}

/* --------------------------------------------------------------------- two threads */

/* A thread that puts as many entries as it can, up to a number. */
struct producer {
    pthread_t thread;
    struct feed *feed;
    _Atomic uint64_t entries;
    uint32_t size;        /* of their captures; 0: of many sizes */
    _Atomic uint64_t put; /* how many it has put */
};

static void *produce(void *context) {
    struct producer *producer = context;
    for (uint64_t entry = 0; entry < atomic_load(&producer->entries); entry++) {
        if (!put(producer->feed, entry, (uint32_t)(producer->size ? producer->size : entry * 37 % 4000))) {
            break;
        }
        atomic_fetch_add(&producer->put, 1);
    }
    return NULL;
}

static void start(struct producer *producer, struct feed *feed, uint64_t entries, uint32_t size) {
    *producer = (struct producer){.feed = feed, .entries = entries, .size = size};
    assert_int_equal(pthread_create(&producer->thread, NULL, produce, producer), 0);
}

/* Until the producer sleeps, because there is no room. */
static void await_starving(const struct feed *feed) {
    while (!atomic_load(&feed->starving) || !atomic_load(&feed->producer.asleep)) {
        sched_yield();
    }
}

static void test_a_full_feed_holds_its_producer_until_half_is_taken(void **state) {
    struct channel *channel = *state;
    struct feed *feed = &channel->feed;
    struct producer producer;
    waker_prepare(&channel->consumer);
    start(&producer, feed, UINT64_MAX, 4000);
    await_starving(feed);
    assert_true(is_woken(channel));
    uint64_t held = atomic_load(&producer.put);
    assert_in_range(held, 2, 999);
    assert_true(queue_used(&feed->queue) + feed->entry_bound > feed->queue.capacity / 2);
    atomic_store(&producer.entries, held + 5);
    uint64_t taken = 0;
    while (atomic_load(&feed->producer.asleep)) {
        assert_int_equal(atomic_load(&producer.put), held);
        take(feed, taken++, 4000);
    }
    /* One that was given is done with when the next is taken. */
    uint64_t margin = feed->entry_bound / 4000;
    assert_in_range(taken, held / 2 - 1 - margin, held / 2 + 3);
    pthread_join(producer.thread, NULL);
    assert_int_equal(producer.put, held + 5);
    while (taken < held + 5) {
        take(feed, taken++, 4000);
    }
    assert_empty(feed);
}

static void test_a_close_lets_a_waiting_producer_go(void **state) {
    struct channel *channel = *state;
    struct producer producer;
    start(&producer, &channel->feed, UINT64_MAX, 4000);
    await_starving(&channel->feed);
    feed_close(&channel->feed);
    pthread_join(producer.thread, NULL);
    assert_in_range(producer.put, 2, 999);
}

static void test_a_closed_feed_does_not_wait(void **state) {
    struct channel *channel = *state;
    feed_close(&channel->feed);
    uint64_t entry = 0;
    while (put(&channel->feed, entry, 4000)) {
        assert_in_range(entry++, 0, 999);
    }
    assert_in_range(entry, 2, 999);
}

static void test_nothing_is_lost_between_two_threads(void **state) {
    struct channel *channel = *state;
    struct feed *feed = &channel->feed;
    enum {
        ENTRIES = 20000, /* about forty times the feed */
    };
    struct producer producer;
    struct kernel_event event;
    uint64_t wrong = 0;
    start(&producer, feed, ENTRIES, 0);
    for (uint64_t entry = 0; entry < ENTRIES; entry++) {
        while (!feed_next(feed, &event)) {
            sched_yield();
        }
        wrong +=
            event.time != entry || event.note->captures_size != entry * 37 % 4000 || wrong_bytes(event.note, entry);
    }
    pthread_join(producer.thread, NULL);
    assert_int_equal(wrong, 0);
    assert_empty(feed);
}

/* The same, and both sleep whenever they may: the consumer until something is urgent, the producer while there is no
 * room. */
static void *produce_and_hurry(void *context) {
    struct producer *producer = context;
    produce(producer);
    feed_hurry(producer->feed);
    return NULL;
}

static void test_nobody_sleeps_for_ever(void **state) {
    struct channel *channel = *state;
    struct feed *feed = &channel->feed;
    enum {
        ENTRIES = 10000, /* about forty times the feed */
        SIZE = 4000,
    };
    struct producer producer = {.feed = feed, .entries = ENTRIES, .size = SIZE};
    struct kernel_event event;
    uint64_t wrong = 0;
    uint64_t taken = 0;
    assert_int_equal(pthread_create(&producer.thread, NULL, produce_and_hurry, &producer), 0);
    while (taken < ENTRIES) {
        waker_prepare(&channel->consumer);
        if (!feed_is_urgent(feed)) {
            waker_wait(&channel->consumer);
        }
        waker_settle(&channel->consumer);
        while (feed_next(feed, &event)) {
            wrong += event.time != taken++ || event.note->captures_size != SIZE;
        }
    }
    pthread_join(producer.thread, NULL);
    assert_int_equal(wrong, 0);
    assert_empty(feed);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_told_comes_out_in_order),
        TEST(test_an_entry_begins_empty),
        TEST(test_the_largest_captures_fit),
        cmocka_unit_test(test_captures_of_any_size_have_room),
        TEST(test_stacks_come_with_notes_and_without),
        TEST(test_a_call_without_a_stack_has_none),
        TEST(test_mappings_belong_to_whoever_takes_them),
        TEST(test_what_was_given_stays_until_the_next),
        TEST(test_an_entry_takes_no_more_room_than_it_needs),
        TEST(test_notes_alone),
        TEST(test_entries_survive_the_end_of_the_buffer),
        TEST(test_few_entries_are_not_urgent),
        TEST(test_a_hurry_wakes_the_consumer),
        TEST(test_a_look_ends_the_urgency),
        TEST(test_a_feed_that_is_half_full_is_urgent),
        TEST(test_a_full_feed_holds_its_producer_until_half_is_taken),
        TEST(test_a_close_lets_a_waiting_producer_go),
        TEST(test_a_closed_feed_does_not_wait),
        TEST(test_nothing_is_lost_between_two_threads),
        TEST(test_nobody_sleeps_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
