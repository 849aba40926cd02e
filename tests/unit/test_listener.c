/* SPDX-License-Identifier: MIT
 *
 * Answers under a hail of signals, on a real listener: no answer may be lost.
 */
#include "listener.h"
#include "notifying_child.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RECEIVERS = 3,
    CALLERS = 4,
    ROUNDS = 4000,
    PATIENCE_S = 60,
};

static void ignore(int number) {
    (void)number;
}

static void *make_calls(void *context) {
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        access("/", F_OK);
    }
    return NULL;
}

/* The child: make calls in several threads. */
static void run_callers(void) {
    pthread_t threads[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        pthread_create(&threads[i], NULL, make_calls, NULL);
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
    }
}

struct receiving {
    int listener;
    atomic_bool done;
    _Atomic uint64_t errors;
};

/* Receive and answer until nobody is left. */
static void *answer_calls(void *context) {
    struct receiving *receiving = context;
    union listener_notification notification;
    while (!atomic_load(&receiving->done)) {
        int status = listener_receive(receiving->listener, &notification);
        if (status == 0) {
            status = listener_continue(receiving->listener, notification.notif.id);
            atomic_fetch_add(&receiving->errors, status < 0 && status != -ENOENT);
        }
    }
    return NULL;
}

/* Wait for the child under a hail of signals to the receivers: its wait status, or -1 if it hangs. */
static int hail_until_ended(const struct notifying_child *child, const pthread_t *receivers) {
    static const struct timespec moment = {.tv_nsec = 1000};
    struct pollfd end = {.fd = child->pidfd, .events = POLLIN};
    time_t start = time(NULL);
    int status = -1;
    while (poll(&end, 1, 0) == 0 && time(NULL) - start < PATIENCE_S) {
        for (int i = 0; i < RECEIVERS; i++) {
            pthread_kill(receivers[i], SIGUSR1);
        }
        nanosleep(&moment, NULL);
    }
    if (waitpid(child->pid, &status, WNOHANG) != child->pid) {
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
        status = -1;
    }
    return status;
}

static void test_no_answer_is_lost_to_a_signal(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = ignore}; /* without SA_RESTART, as a receiver's kick */
    sigaction(SIGUSR1, &action, NULL);
    struct notifying_child child = notifying_child_start(run_callers);
    struct receiving receiving = {.listener = child.listener};
    pthread_t receivers[RECEIVERS];
    for (int i = 0; i < RECEIVERS; i++) {
        assert_int_equal(pthread_create(&receivers[i], NULL, answer_calls, &receiving), 0);
    }
    notifying_child_go(&child);
    int status = hail_until_ended(&child, receivers);
    atomic_store(&receiving.done, true);
    for (int i = 0; i < RECEIVERS; i++) {
        while (pthread_tryjoin_np(receivers[i], NULL) == EBUSY) {
            pthread_kill(receivers[i], SIGUSR1);
        }
    }
    notifying_child_close(&child);
    assert_int_equal(status, 0);
    assert_int_equal(receiving.errors, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_answer_is_lost_to_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
