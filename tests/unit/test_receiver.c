/* SPDX-License-Identifier: MIT
 *
 * A receiver whose answer waits for room is kicked until it comes to look, and not faster than it can.
 */
#include "receiver.h"

#include "capture.h"
#include "clock.h"
#include "kick.h"
#include "notifying_child.h"

#include <sched.h>
#include <sys/wait.h>
#include <time.h>

static const uint64_t ANSWER_NS = 20000000000;

enum {
    MOMENT_NS = 20000000,
    PATIENCE_NS = 100000, /* between two kicks that nothing follows */
};

static unsigned kicks;
static bool kicks_are_lost;

void __real_kick_thread(pthread_t thread);
void __wrap_kick_thread(pthread_t thread);

void __wrap_kick_thread(pthread_t thread) {
    kicks++;
    if (!kicks_are_lost) {
        __real_kick_thread(thread);
    }
}

static void call_once(void) {
    access("/", F_OK);
}

static void take(void *context, const struct note *note) {
    (void)note;
    ++*(unsigned *)context;
}

/* Drain, as a collector that has nothing else to do, while nothing is given room: how many kicks in `*elapsed` ns. */
static unsigned drain_in_vain(struct receivers *receivers, uint64_t *elapsed) {
    unsigned notes = 0;
    uint64_t start = monotonic_now();
    kicks = 0;
    do {
        assert_true(receivers_drain(receivers, take, &notes));
        *elapsed = monotonic_now() - start;
    } while (*elapsed < MOMENT_NS);
    assert_int_equal(notes, 0);
    return kicks;
}

static void test_kicks_leave_time_to_act_on_them(void **state) {
    (void)state;
    static const struct capture_options capture = {.string_limit = 32};
    struct notifying_child child = notifying_child_start(call_once);
    atomic_bool supplies = false;
    struct troubles troubles = {0};
    struct waker waker;
    struct unanswered *unanswered = NULL;
    struct receivers *receivers = NULL;
    assert_int_equal(waker_init(&waker), 0);
    assert_int_equal(unanswered_create(&unanswered, receivers_max()), 0);
    struct receivers_options options = {.listener = child.listener,
                                        .root = child.pid,
                                        .follow = true,
                                        .capture = &capture,
                                        .memory = &live_memory,
                                        .supplies = &supplies,
                                        .troubles = &troubles,
                                        .unanswered = unanswered,
                                        .collector = &waker};
    assert_int_equal(receivers_create(&receivers, &options), 0);
    receivers_hold(receivers, true);
    notifying_child_go(&child);
    while (!receivers_counts(receivers).deferred) {
        sched_yield();
    }
    uint64_t elapsed;
    kicks_are_lost = true;
    unsigned count = drain_in_vain(receivers, &elapsed);
    assert_in_range(count, 1, elapsed / PATIENCE_NS + 2);
    kicks_are_lost = false;
    drain_in_vain(receivers, &elapsed);
    receivers_hold(receivers, false);
    unsigned notes = 0;
    int status = -1;
    uint64_t start = monotonic_now();
    while (waitpid(child.pid, &status, WNOHANG) == 0 && monotonic_now() - start < ANSWER_NS) {
        receivers_drain(receivers, take, &notes);
    }
    assert_int_equal(status, 0);
    receivers_drain(receivers, take, &notes);
    assert_int_equal(notes, 1);
    receivers_destroy(receivers);
    unanswered_destroy(unanswered);
    waker_finish(&waker);
    notifying_child_close(&child);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kicks_leave_time_to_act_on_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
