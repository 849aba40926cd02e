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
    atomic_store(&waker.written, true);
    waker_settle(&waker);
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
};

static atomic_uint made;
static atomic_bool ended;

static void *make(void *context) {
    for (unsigned i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&made, 1);
        waker_wake(context);
    }
    atomic_store(&ended, true);
    waker_wake(context);
    return NULL;
}

/* Nothing that was made before a wake is slept over. */
static void test_no_wake_is_missed(void **state) {
    (void)state;
    struct waker waker;
    pthread_t thread;
    assert_int_equal(waker_init(&waker), 0);
    assert_int_equal(pthread_create(&thread, NULL, make, &waker), 0);
    unsigned taken = 0;
    while (taken < ROUNDS || !atomic_load(&ended)) {
        waker_prepare(&waker);
        if (atomic_load(&made) == taken && !atomic_load(&ended)) {
            waker_wait(&waker);
        }
        waker_settle(&waker);
        taken = atomic_load(&made);
    }
    pthread_join(thread, NULL);
    waker_prepare(&waker);
    waker_settle(&waker);
    assert_false(is_readable(&waker));
    waker_finish(&waker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_wake),
        cmocka_unit_test(test_a_late_wake_is_taken_out),
        cmocka_unit_test(test_no_wake_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
