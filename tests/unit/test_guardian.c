/* SPDX-License-Identifier: MIT
 *
 * Waiting for a guardian that is slow to settle, and one that cannot.
 */
#include "guardian.h"

#include "unit.h"

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
    assert_true(guardian_is_dead(&guardian));
    guardian_await(&guardian);
    guardian_finish(&guardian);
    munmap(seen, sizeof(*seen));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_has_settled),
        cmocka_unit_test(test_it_has_died),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
