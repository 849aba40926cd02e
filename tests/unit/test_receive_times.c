/* SPDX-License-Identifier: MIT
 *
 * What context switches say about notifications, and the histogram of it.
 */
#include "receive_times.h"

#include "unit.h"

#include <stdlib.h>

enum {
    THREAD = 100,
    OTHER = 100 + 1024, /* in the same chain */
    US = 1000,
};

static int set_up(void **state) {
    *state = receive_times_create();
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    receive_times_destroy(*state);
    return 0;
}

static void event(struct receive_times *times, enum kernel_event_kind kind, int32_t tid, uint64_t time) {
    struct kernel_event event = {.kind = kind, .tid = tid, .time = time};
    receive_times_event(times, &event);
}

static void switched(struct receive_times *times, int32_t tid, uint64_t time, bool off) {
    struct kernel_event event = {.kind = KERNEL_SWITCH, .tid = tid, .time = time, .switched_off = off};
    receive_times_event(times, &event);
}

static const struct histogram *finished(struct receive_times *times) {
    receive_times_finish(times);
    return &receive_times_counts(times)->waits;
}

static void assert_counts(struct receive_times *times, uint64_t count, uint64_t awake, uint64_t unmeasured) {
    const struct receive_counts *counts = receive_times_counts(times);
    assert_int_equal(counts->waits.count, count);
    assert_int_equal(counts->awake, awake);
    assert_int_equal(counts->unmeasured, unmeasured);
}

static void test_it_waits_since_its_thread_slept(void **state) {
    struct receive_times *times = *state;
    receive_times_note(times, THREAD, 9 * US);
    event(times, KERNEL_EXIT, THREAD, 1 * US);
    switched(times, THREAD, 2 * US, true);
    switched(times, THREAD, 12 * US, false);
    assert_counts(times, 1, 0, 0);
    const struct histogram *waits = finished(times);
    assert_int_equal(waits->max, 7 * US);
    assert_int_equal(waits->powers[3], 1);
}

static void test_a_note_may_come_behind_younger_events(void **state) {
    struct receive_times *times = *state;
    event(times, KERNEL_EXIT, THREAD, 1 * US);
    switched(times, THREAD, 2 * US, true);
    switched(times, THREAD, 12 * US, false);
    switched(times, THREAD, 13 * US, true);
    receive_times_note(times, THREAD, 9 * US);
    assert_counts(times, 1, 0, 0);
    assert_int_equal(finished(times)->max, 7 * US);
}

static void test_one_whose_thread_still_runs_has_not_waited(void **state) {
    struct receive_times *times = *state;
    switched(times, THREAD, 1 * US, true);
    switched(times, THREAD, 2 * US, false);
    receive_times_note(times, THREAD, 3 * US);
    switched(times, THREAD, 4 * US, true);
    /* A loss of a switch does not make it long: what the thread did shows that it ran. */
    event(times, KERNEL_ENTER, THREAD, 500 * US);
    receive_times_note(times, THREAD, 501 * US);
    const struct histogram *waits = finished(times);
    assert_counts(times, 2, 2, 0);
    assert_int_equal(waits->powers[0], 2);
    assert_int_equal(waits->max, 0);
}

static void test_each_of_a_batch_has_its_own_time(void **state) {
    enum {
        ROUNDS = 100, /* more than there is room for at first */
    };
    struct receive_times *times = *state;
    for (uint64_t i = 1; i <= ROUNDS; i++) {
        receive_times_note(times, THREAD, i * 1000 * US + i * US);
        receive_times_note(times, OTHER, i * 1000 * US + 1);
    }
    for (uint64_t i = 1; i <= ROUNDS; i++) {
        switched(times, THREAD, i * 1000 * US, true);
        switched(times, OTHER, i * 1000 * US, true);
        switched(times, THREAD, i * 1000 * US + 200 * US, false);
        switched(times, OTHER, i * 1000 * US + 300 * US, false);
    }
    const struct histogram *waits = finished(times);
    assert_counts(times, 2 * ROUNDS, 0, 0);
    assert_int_equal(waits->max, 100 * US);
    assert_int_equal(waits->powers[0], ROUNDS);
    assert_int_equal(waits->powers[1], 1);  /* 1 us */
    assert_int_equal(waits->powers[6], 32); /* 32 to 63 */
    assert_int_equal(waits->powers[7], 100 - 63);
}

static void test_receivers_tell_in_any_order(void **state) {
    struct receive_times *times = *state;
    static const uint64_t received[] = {3, 13, 33, 23, 43, 8};
    for (size_t i = 0; i < COUNT_OF(received); i++) {
        receive_times_note(times, THREAD, received[i]);
    }
    for (uint64_t i = 0; i < 5; i++) {
        switched(times, THREAD, 10 * i, true);
        switched(times, THREAD, 10 * i + 5, false);
    }
    finished(times);
    assert_counts(times, 6, 1, 0);
    assert_int_equal(receive_times_counts(times)->waits.max, 3);
}

static void test_rooms_are_used_again(void **state) {
    struct receive_times *times = *state;
    for (uint64_t i = 1; i <= 10000; i++) {
        receive_times_note(times, THREAD, 10 * i + 5);
        switched(times, THREAD, 10 * i + 1, true);
        switched(times, THREAD, 10 * i + 8, false);
    }
    assert_counts(times, 10000, 0, 0);
    assert_int_equal(finished(times)->max, 4);
}

static void test_without_events_nothing_is_measured(void **state) {
    struct receive_times *times = *state;
    receive_times_note(times, THREAD, 5 * US);
    switched(times, OTHER, 1 * US, true);
    finished(times);
    assert_counts(times, 0, 0, 1);
}

static void test_behind_losses_nothing_is_measured(void **state) {
    struct receive_times *times = *state;
    switched(times, THREAD, 1 * US, true);
    event(times, KERNEL_LOST, OTHER, 2 * US);
    receive_times_note(times, THREAD, 5 * US);
    switched(times, THREAD, 6 * US, false);
    assert_counts(times, 0, 0, 1);
    /* Until there is something to stand on again. */
    switched(times, THREAD, 7 * US, true);
    receive_times_note(times, THREAD, 9 * US);
    finished(times);
    assert_counts(times, 1, 0, 1);
}

static void test_an_id_that_is_used_again_is_another_thread(void **state) {
    struct receive_times *times = *state;
    switched(times, OTHER, 1 * US, true);
    switched(times, THREAD, 1 * US, true);
    receive_times_note(times, THREAD, 2 * US);
    receive_times_note(times, THREAD, 400 * US);
    event(times, KERNEL_END, THREAD, 3 * US);
    assert_counts(times, 1, 0, 1);
    receive_times_note(times, THREAD, 800 * US);
    receive_times_note(times, OTHER, 2 * US);
    finished(times);
    assert_counts(times, 2, 0, 2);
}

static void test_percentiles(void **state) {
    (void)state;
    struct histogram histogram = {0};
    assert_int_equal(histogram_percentile(&histogram, 50), 0);
    for (uint64_t ns = 1; ns <= 1000; ns++) {
        histogram_add(&histogram, ns);
    }
    for (unsigned percent = 1; percent <= 100; percent++) {
        uint64_t exact = percent * 10;
        uint64_t told = histogram_percentile(&histogram, percent);
        assert_in_range(told, exact, exact + exact / 8);
    }
    assert_int_equal(histogram_percentile(&histogram, 0), 1);
    assert_int_equal(histogram_percentile(&histogram, 100), 1000);
}

/* Every duration is in a bucket that is right for it, and in the right power. */
static void test_buckets(void **state) {
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++) {
        for (int aside = -1; aside <= 1; aside++) {
            uint64_t ns = (UINT64_C(1) << shift) + (uint64_t)(int64_t)aside;
            struct histogram histogram = {0};
            histogram_add(&histogram, ns);
            histogram_add(&histogram, UINT64_MAX);
            assert_in_range(histogram_percentile(&histogram, 50), ns,
                            ns < UINT64_MAX - ns / 8 ? ns + ns / 8 : UINT64_MAX);
            assert_int_equal(histogram.max, UINT64_MAX);
            for (unsigned i = 0; i + 1 < HISTOGRAM_POWERS; i++) {
                uint64_t least = i ? UINT64_C(1000) << (i - 1) : 0;
                assert_int_equal(histogram.powers[i], ns >= least && ns < UINT64_C(1000) << i);
            }
        }
    }
}

static void test_destroying_nothing_is_fine(void **state) {
    (void)state;
    receive_times_destroy(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_it_waits_since_its_thread_slept),
        TEST(test_a_note_may_come_behind_younger_events),
        TEST(test_one_whose_thread_still_runs_has_not_waited),
        TEST(test_each_of_a_batch_has_its_own_time),
        TEST(test_receivers_tell_in_any_order),
        TEST(test_rooms_are_used_again),
        TEST(test_without_events_nothing_is_measured),
        TEST(test_behind_losses_nothing_is_measured),
        TEST(test_an_id_that_is_used_again_is_another_thread),
        TEST(test_percentiles),
        TEST(test_buckets),
        TEST(test_destroying_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
