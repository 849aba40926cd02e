/* SPDX-License-Identifier: MIT
 *
 * The event loop: every test runs on io_uring (where the kernel grants it) and on poll.
 */
#include "event_loop.h"

#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    SOURCES = 200, /* more than the ring has entries */
    SOON = 1000 * 1000 * 1000,
    MILLISECOND = 1000 * 1000,
};

/* One watched eventfd, and what its handler is to do. */
struct watch {
    struct event_loop *loop;
    struct event_source *source;
    int fd;
    unsigned calls;
    unsigned revents; /* of the last call */
    enum event_verdict verdict;
    bool drain;
    struct watch *removes; /* another one, or itself */
    struct watch *adds;
};

struct world {
    struct event_loop *loop;
    struct watch watches[SOURCES];
    unsigned count;
};

static int set_up(void **state, bool use_poll) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    *state = world;
    return event_loop_create(&world->loop, use_poll);
}

static int set_up_uring(void **state) {
    return set_up(state, false);
}

static int set_up_poll(void **state) {
    return set_up(state, true);
}

static int tear_down(void **state) {
    struct world *world = *state;
    event_loop_destroy(world->loop);
    for (unsigned i = 0; i < world->count; i++) {
        close(world->watches[i].fd);
    }
    free(world);
    return 0;
}

static enum event_verdict on_ready(void *context, unsigned revents);

static void start_watching(struct watch *watch) {
    watch->source = event_loop_add(watch->loop, watch->fd, POLLIN, on_ready, watch);
    assert_non_null(watch->source);
}

static enum event_verdict on_ready(void *context, unsigned revents) {
    struct watch *watch = context;
    watch->calls++;
    watch->revents = revents;
    if (watch->drain) {
        eventfd_t value;
        assert_int_equal(eventfd_read(watch->fd, &value), 0);
    }
    if (watch->removes) {
        event_loop_remove(watch->loop, watch->removes->source);
        watch->removes = NULL;
    }
    if (watch->adds) {
        start_watching(watch->adds);
        watch->adds = NULL;
    }
    return watch->verdict;
}

/* An eventfd that is not ready, not watched yet. */
static struct watch *new_watch(struct world *world) {
    assert_in_range(world->count, 0, SOURCES - 1);
    struct watch *watch = &world->watches[world->count++];
    watch->loop = world->loop;
    watch->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(watch->fd >= 0);
    return watch;
}

static struct watch *new_watched(struct world *world) {
    struct watch *watch = new_watch(world);
    start_watching(watch);
    return watch;
}

static void make_ready(const struct watch *watch) {
    assert_int_equal(eventfd_write(watch->fd, 1), 0);
}

static void run(struct world *world) {
    assert_int_equal(event_loop_run(world->loop, 0), 0);
}

/* Go round until all that is under way in the kernel has come in. */
static void run_dry(struct world *world) {
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(event_loop_run(world->loop, MILLISECOND), 0);
    }
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * (int64_t)1000000000 + time.tv_nsec;
}

/* ---------------------------------------------------------------------------- tests */

static void test_the_backend_is_the_one_asked_for(void **state) {
    (void)state;
    struct event_loop *loop;
    assert_int_equal(event_loop_create(&loop, true), 0);
    assert_string_equal(event_loop_backend(loop), "poll");
    event_loop_destroy(loop);
    assert_int_equal(event_loop_create(&loop, false), 0);
    if (strcmp(event_loop_backend(loop), "io_uring") != 0) {
        print_message("io_uring is refused here: only poll is tested\n");
    }
    event_loop_destroy(loop);
    event_loop_destroy(NULL);
}

static void test_only_what_is_ready_is_called(void **state) {
    struct world *world = *state;
    struct watch *idle = new_watched(world);
    struct watch *busy = new_watched(world);
    busy->drain = true;
    make_ready(busy);
    assert_int_equal(event_loop_run(world->loop, SOON), 0);
    assert_int_equal(busy->calls, 1);
    assert_int_equal(busy->revents & POLLIN, POLLIN);
    run_dry(world);
    assert_int_equal(busy->calls, 1);
    assert_int_equal(idle->calls, 0);
    make_ready(busy);
    assert_int_equal(event_loop_run(world->loop, SOON), 0);
    assert_int_equal(busy->calls, 2);
}

static void test_what_is_left_behind_is_shown_again(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    make_ready(watch);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(event_loop_run(world->loop, SOON), 0);
        assert_int_equal(watch->calls, i);
    }
    watch->drain = true;
    assert_int_equal(event_loop_run(world->loop, SOON), 0);
    run_dry(world);
    assert_int_equal(watch->calls, 6);
}

static void test_a_handler_can_close_its_source(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    watch->verdict = EVENT_CLOSE;
    make_ready(watch);
    assert_int_equal(event_loop_run(world->loop, SOON), 0);
    run_dry(world);
    assert_int_equal(watch->calls, 1);
    assert_int_equal(eventfd_write(watch->fd, 1), 0); /* the descriptor is still open */
}

static void test_a_removed_source_is_not_called(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    struct watch *other = new_watched(world);
    run(world); /* armed */
    event_loop_remove(world->loop, watch->source);
    make_ready(watch);
    make_ready(other);
    run_dry(world);
    assert_int_equal(watch->calls, 0);
    assert_in_range(other->calls, 1, 10);
    event_loop_remove(world->loop, NULL);
}

static void test_a_source_can_be_removed_before_it_was_ever_waited_for(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    make_ready(watch);
    event_loop_remove(world->loop, watch->source);
    run_dry(world);
    assert_int_equal(watch->calls, 0);
}

static void test_a_handler_can_remove_its_own_source(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    watch->removes = watch;
    make_ready(watch);
    run_dry(world);
    assert_int_equal(watch->calls, 1);
}

/* Whichever of two ready sources comes first removes the other, which must not be called any more. */
static void test_a_handler_can_remove_another_source_that_is_ready(void **state) {
    struct world *world = *state;
    struct watch *one = new_watched(world);
    struct watch *two = new_watched(world);
    one->removes = two;
    two->removes = one;
    make_ready(one);
    make_ready(two);
    run_dry(world);
    assert_true((one->calls == 0) != (two->calls == 0));
}

static void test_a_removed_descriptor_can_be_closed_and_used_again(void **state) {
    struct world *world = *state;
    struct watch *old = new_watched(world);
    run(world);
    event_loop_remove(world->loop, old->source);
    int number = old->fd;
    close(old->fd);
    struct watch *new = new_watch(world);
    assert_int_equal(new->fd, number);
    old->fd = -1;
    new->drain = true;
    start_watching(new);
    make_ready(new);
    run_dry(world);
    assert_int_equal(new->calls, 1);
    assert_int_equal(old->calls, 0);
}

static void test_a_handler_can_add_a_source(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    struct watch *added = new_watch(world);
    watch->drain = true;
    watch->adds = added;
    added->drain = true;
    make_ready(watch);
    make_ready(added);
    run_dry(world);
    assert_int_equal(watch->calls, 1);
    assert_int_equal(added->calls, 1);
}

static void test_two_sources_of_one_descriptor(void **state) {
    struct world *world = *state;
    struct watch *one = new_watched(world);
    struct watch *two = new_watched(world);
    event_loop_remove(world->loop, two->source);
    int own = two->fd;
    two->fd = one->fd;
    start_watching(two);
    two->fd = own;
    make_ready(one);
    run_dry(world);
    assert_in_range(one->calls, 1, 10);
    assert_in_range(two->calls, 1, 10);
}

static void test_many_sources(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < SOURCES; i++) {
        struct watch *watch = new_watched(world);
        watch->drain = true;
        make_ready(watch);
    }
    run_dry(world);
    for (unsigned i = 0; i < SOURCES; i++) {
        assert_int_equal(world->watches[i].calls, 1);
    }
}

static void test_many_sources_removed_at_once(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < SOURCES; i++) {
        new_watched(world);
    }
    run(world);
    for (unsigned i = 0; i < SOURCES; i++) {
        event_loop_remove(world->loop, world->watches[i].source);
        make_ready(&world->watches[i]);
    }
    run_dry(world);
    for (unsigned i = 0; i < SOURCES; i++) {
        assert_int_equal(world->watches[i].calls, 0);
    }
}

static void test_a_hang_up_is_told(void **state) {
    struct world *world = *state;
    int ends[2];
    struct watch watch = {.verdict = EVENT_CLOSE};
    assert_int_equal(pipe(ends), 0);
    assert_non_null(event_loop_add(world->loop, ends[0], POLLIN, on_ready, &watch));
    close(ends[1]);
    assert_int_equal(event_loop_run(world->loop, SOON), 0);
    assert_int_equal(watch.calls, 1);
    assert_int_equal(watch.revents & (POLLIN | POLLHUP), POLLHUP);
    run_dry(world);
    close(ends[0]);
}

static void test_waiting_ends_with_its_time(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    int64_t begin = now();
    assert_int_equal(event_loop_run(world->loop, 30 * MILLISECOND), 0);
    int64_t waited = now() - begin;
    assert_in_range(waited, 29 * MILLISECOND, (int64_t)5 * SOON);
    assert_int_equal(watch->calls, 0);
    begin = now();
    run(world);
    assert_in_range(now() - begin, 0, SOON / 2);
}

static void test_waiting_without_sources(void **state) {
    struct world *world = *state;
    int64_t begin = now();
    assert_int_equal(event_loop_run(world->loop, 10 * MILLISECOND), 0);
    assert_true(now() - begin >= 9 * MILLISECOND);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number) {
    (void)number;
    alarms = alarms + 1;
}

/* Signals come while it waits, again and again: that is no error, and nothing is lost by it. */
static void test_a_signal_is_no_error(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    watch->drain = true;
    struct sigaction action = {.sa_handler = on_alarm};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    struct itimerval often = {.it_value.tv_usec = 5000, .it_interval.tv_usec = 5000};
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    alarms = 0;
    int64_t begin = now();
    while (now() - begin < 100 * MILLISECOND) {
        assert_int_equal(event_loop_run(world->loop, 20 * MILLISECOND), 0);
    }
    make_ready(watch);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(event_loop_run(world->loop, 20 * MILLISECOND), 0);
    }
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    assert_true(alarms > 5);
    assert_int_equal(watch->calls, 1);
}

static void test_without_a_limit_it_waits_for_as_long_as_it_takes(void **state) {
    struct world *world = *state;
    struct watch *watch = new_watched(world);
    watch->drain = true;
    make_ready(watch);
    assert_int_equal(event_loop_run(world->loop, -1), 0);
    assert_int_equal(watch->calls, 1);
}

#define TEST(function)                                                                                                 \
    {#function " on io_uring", function, set_up_uring, tear_down, NULL}, {                                             \
#function " on poll", function, set_up_poll, tear_down, NULL                                                   \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_backend_is_the_one_asked_for),
        TEST(test_only_what_is_ready_is_called),
        TEST(test_what_is_left_behind_is_shown_again),
        TEST(test_a_handler_can_close_its_source),
        TEST(test_a_removed_source_is_not_called),
        TEST(test_a_source_can_be_removed_before_it_was_ever_waited_for),
        TEST(test_a_handler_can_remove_its_own_source),
        TEST(test_a_handler_can_remove_another_source_that_is_ready),
        TEST(test_a_removed_descriptor_can_be_closed_and_used_again),
        TEST(test_a_handler_can_add_a_source),
        TEST(test_two_sources_of_one_descriptor),
        TEST(test_many_sources),
        TEST(test_many_sources_removed_at_once),
        TEST(test_a_hang_up_is_told),
        TEST(test_waiting_ends_with_its_time),
        TEST(test_waiting_without_sources),
        TEST(test_a_signal_is_no_error),
        TEST(test_without_a_limit_it_waits_for_as_long_as_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
