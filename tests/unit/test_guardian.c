/* SPDX-License-Identifier: MIT
 *
 * Waiting for a guardian that is slow to settle, and one that cannot; what an event loop sees of it.
 */
#include "event_loop.h"
#include "guardian.h"

#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* In memory that both share. */
struct seen {
    atomic_bool settled;
    atomic_bool closed; /* the document, as of a supervisor that has died */
    bool dies;
};

static void settle(void *context) {
    struct seen *seen = context;
    const struct timespec moment = {.tv_nsec = 200000000};
    if (seen->dies) {
        raise(SIGKILL);
    }
    nanosleep(&moment, NULL);
    atomic_store(&seen->settled, true);
}

static void rescue(void *context) {
    (void)context;
}

static bool go_on(void *context) {
    (void)context;
    return true;
}

static void close_output(void *context, const char *reason, unsigned attempt,
                         int (*file)(void *context, const struct sink *sink), void *file_context) {
    (void)reason;
    (void)attempt;
    (void)file;
    (void)file_context;
    struct seen *seen = context;
    atomic_store(&seen->closed, true);
}

static struct seen *start(struct guardian *guardian, bool dies) {
    struct seen *seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(seen != MAP_FAILED);
    seen->dies = dies;
    struct guardian_duties duties = {.context = seen,
                                     .listener = -1,
                                     .outputs = {-1, -1, -1},
                                     .settle = settle,
                                     .rescue = rescue,
                                     .go_on = go_on,
                                     .close_output = close_output};
    assert_int_equal(guardian_start(guardian, &duties, NULL, 0), 0);
    return seen;
}

static void test_it_has_settled(void **state) {
    (void)state;
    struct guardian guardian;
    struct seen *seen = start(&guardian, false);
    assert_false(atomic_load(&seen->settled));
    guardian_await(&guardian);
    assert_true(atomic_load(&seen->settled));
    assert_false(guardian_is_dead(&guardian));
    /* And once more, which is as before. */
    guardian_await(&guardian);
    guardian_finish(&guardian);
    assert_false(atomic_load(&seen->closed));
    munmap(seen, sizeof(*seen));
}

static void test_it_has_died(void **state) {
    (void)state;
    struct guardian guardian;
    struct seen *seen = start(&guardian, true);
    guardian_await(&guardian);
    /* Its descriptors are closed one after the other. */
    struct pollfd control = {.fd = guardian.control, .events = 0};
    assert_int_equal(poll(&control, 1, -1), 1);
    assert_true(guardian_is_dead(&guardian));
    guardian_await(&guardian);
    guardian_finish(&guardian);
    munmap(seen, sizeof(*seen));
}

static enum event_verdict on_event(void *context, unsigned revents) {
    (void)revents;
    unsigned *events = context;
    ++*events;
    return EVENT_CONTINUE;
}

/* However long it lives: nothing that wakes the supervisor, once it has settled as before. */
static void check_silence(bool use_poll) {
    const int64_t moment = 50000000;
    unsigned events = 0;
    struct guardian guardian;
    struct seen *seen = start(&guardian, false);
    struct event_loop *loop = NULL;
    assert_int_equal(event_loop_create(&loop, use_poll), 0);
    assert_non_null(event_loop_add(loop, guardian.control, 0, on_event, &events));
    assert_int_equal(event_loop_run(loop, moment), 0);
    guardian_await(&guardian);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(event_loop_run(loop, moment), 0);
    }
    assert_int_equal(events, 0);
    kill(guardian.pid, SIGKILL);
    while (!events) {
        assert_int_equal(event_loop_run(loop, -1), 0);
    }
    assert_true(guardian_is_dead(&guardian));
    event_loop_destroy(loop);
    munmap(seen, sizeof(*seen));
}

static void test_it_is_silent(void **state) {
    (void)state;
    check_silence(false);
    check_silence(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_has_settled),
        cmocka_unit_test(test_it_has_died),
        cmocka_unit_test(test_it_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
