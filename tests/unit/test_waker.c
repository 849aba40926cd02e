/* SPDX-License-Identifier: MIT
 * Wakers: a wake is seen once, and none stays behind. */
#include "unit.h"

#include "waker.h"

#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

static bool is_readable(const struct waker *waker) {
    struct pollfd wait = {.fd = waker->fd, .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

static void test_a_wake(void **state) {
    (void)state;
    struct waker waker;
    assert_int_equal(waker_init(&waker), 0);
    waker_wake(&waker);
    assert_false(is_readable(&waker)); /* nobody sleeps */
    waker_prepare(&waker);
    waker_wake(&waker);
    waker_wake(&waker);
    assert_true(is_readable(&waker));
    waker_settle(&waker);
    assert_false(is_readable(&waker));
    waker_finish(&waker);
}

/* The waiter wakes by itself between the two halves of a wake: what is written late must not
 * keep the descriptor readable for ever. */
static void test_a_late_wake_is_taken_out(void **state) {
    (void)state;
    struct waker waker;
    assert_int_equal(waker_init(&waker), 0);
    waker_prepare(&waker);
    assert_true(atomic_exchange(&waker.asleep, false));
    atomic_fetch_add(&waker.written, 1);
    waker_settle(&waker);
    uint64_t one = 1;
    assert_int_equal(write(waker.fd, &one, sizeof(one)), sizeof(one));
    waker_prepare(&waker);
    assert_true(is_readable(&waker));
    waker_settle(&waker);
    assert_false(is_readable(&waker));
    waker_finish(&waker);
}

/* Two threads wake, and the first is slow: the second's wake comes and is taken out in between. */
static void test_an_overtaken_wake_is_taken_out(void **state) {
    (void)state;
    struct waker waker;
    assert_int_equal(waker_init(&waker), 0);
    waker_prepare(&waker);
    assert_true(atomic_exchange(&waker.asleep, false));
    atomic_fetch_add(&waker.written, 1);
    waker_settle(&waker);
    waker_prepare(&waker);
    waker_wake(&waker);
    waker_settle(&waker);
    assert_false(is_readable(&waker));
    uint64_t one = 1;
    assert_int_equal(write(waker.fd, &one, sizeof(one)), sizeof(one));
    waker_prepare(&waker);
    assert_true(is_readable(&waker));
    waker_settle(&waker);
    assert_false(is_readable(&waker));
    waker_finish(&waker);
}

enum {
    ROUNDS = 20000,
    WAKERS = 3,
};

static atomic_uint made;
static atomic_uint ended; /* of them */

static void *make(void *context) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&made, 1);
        waker_wake(context);
    }
    atomic_fetch_add(&ended, 1);
    waker_wake(context);
    return NULL;
}

/* Nothing that was made before a wake is slept over, and no wake stays behind, with so many threads that wake. */
static void assert_wakes(unsigned wakers) {
    struct waker waker;
    pthread_t threads[WAKERS];
    assert_int_equal(waker_init(&waker), 0);
    atomic_store(&made, 0);
    atomic_store(&ended, 0);
    for (unsigned i = 0; i < wakers; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make, &waker), 0);
    }
    unsigned taken = 0;
    while (taken < ROUNDS * wakers || atomic_load(&ended) < wakers) {
        waker_prepare(&waker);
        if (atomic_load(&made) == taken && atomic_load(&ended) < wakers) {
            waker_wait(&waker);
        }
        waker_settle(&waker);
        taken = atomic_load(&made);
    }
    for (unsigned i = 0; i < wakers; i++) {
        pthread_join(threads[i], NULL);
    }
    waker_prepare(&waker);
    waker_settle(&waker);
    assert_int_equal(atomic_load(&waker.written), 0);
    assert_false(is_readable(&waker));
    waker_finish(&waker);
}

static void test_no_wake_is_missed(void **state) {
    (void)state;
    assert_wakes(1);
}

static void test_no_wake_of_several_threads_is_missed(void **state) {
    (void)state;
    assert_wakes(WAKERS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wake),
        cmocka_unit_test(test_a_late_wake_is_taken_out),
        cmocka_unit_test(test_an_overtaken_wake_is_taken_out),
        cmocka_unit_test(test_no_wake_is_missed),
        cmocka_unit_test(test_no_wake_of_several_threads_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
