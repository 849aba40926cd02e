/* SPDX-License-Identifier: MIT
 *
 * A receiver whose answer waits for room is kicked until it comes to look, and not faster than it can. What a signal
 * breaks off meanwhile is mended.
 */
#include "receiver.h"

#include "capture.h"
#include "clock.h"
#include "kick.h"
#include "notifying_child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
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

/* A child that calls, and receivers without events whose answers wait. */
struct world {
    struct notifying_child child;
    atomic_bool supplies;
    struct troubles troubles;
    struct waker waker;
    struct unanswered *unanswered;
    struct receivers *receivers;
};

static const struct capture_options capture = {.string_limit = 32};

static void begin(struct world *world, void (*run)(void)) {
    *world = (struct world){.child = notifying_child_start(run)};
    assert_int_equal(waker_init(&world->waker), 0);
    assert_int_equal(unanswered_create(&world->unanswered, receivers_max()), 0);
    struct receivers_options options = {.listener = world->child.listener,
                                        .root = world->child.pid,
                                        .follow = true,
                                        .capture = &capture,
                                        .memory = &live_memory,
                                        .supplies = &world->supplies,
                                        .troubles = &world->troubles,
                                        .unanswered = world->unanswered,
                                        .collector = &world->waker};
    assert_int_equal(receivers_create(&world->receivers, &options), 0);
    receivers_hold(world->receivers, true);
    notifying_child_go(&world->child);
}

static void await_deferred(const struct world *world, uint64_t count) {
    while (receivers_counts(world->receivers).deferred < count) {
        sched_yield();
    }
}

/* Let the answers go: how many calls were noted until the child has ended, as it should. */
static unsigned answer(struct world *world) {
    receivers_hold(world->receivers, false);
    unsigned notes = 0;
    int status = -1;
    uint64_t start = monotonic_now();
    while (waitpid(world->child.pid, &status, WNOHANG) == 0 && monotonic_now() - start < ANSWER_NS) {
        receivers_drain(world->receivers, take, &notes);
    }
    assert_int_equal(status, 0);
    receivers_drain(world->receivers, take, &notes);
    return notes;
}

static void end(struct world *world) {
    receivers_destroy(world->receivers);
    unanswered_destroy(world->unanswered);
    waker_finish(&world->waker);
    notifying_child_close(&world->child);
}

static void test_kicks_leave_time_to_act_on_them(void **state) {
    (void)state;
    struct world world;
    begin(&world, call_once);
    await_deferred(&world, 1);
    uint64_t elapsed;
    kicks_are_lost = true;
    unsigned count = drain_in_vain(world.receivers, &elapsed);
    assert_in_range(count, 1, elapsed / PATIENCE_NS + 2);
    kicks_are_lost = false;
    drain_in_vain(world.receivers, &elapsed);
    assert_int_equal(answer(&world), 1);
    end(&world);
}

static void on_signal(int number) {
    (void)number;
}

static void call_and_be_disturbed(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    _exit(access("/", F_OK) == 0 ? 0 : errno);
}

/* Its filter lacks WAIT_KILLABLE_RECV, as those of most container runtimes. */
static void test_what_is_broken_off_before_its_answer_is_mended(void **state) {
    (void)state;
    struct world world;
    begin(&world, call_and_be_disturbed);
    await_deferred(&world, 1);
    kill(world.child.pid, SIGUSR1);
    /* The sigreturn of its handler. */
    await_deferred(&world, 2);
    /* That one, and the call that came again; the first one never ran. */
    assert_int_equal(answer(&world), 2);
    assert_int_equal(receivers_counts(world.receivers).repaired, 1);
    end(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kicks_leave_time_to_act_on_them),
        cmocka_unit_test(test_what_is_broken_off_before_its_answer_is_mended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
