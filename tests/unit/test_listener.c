/* SPDX-License-Identifier: MIT
 *
 * Answers under a hail of signals, on a real listener: no answer may be lost.
 */
#include "listener.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

/* The listener of a filter that notifies access(), made by the calling thread. */
static int install_filter(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_access, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {COUNT_OF(code), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* The child: say the listener's number, wait until it was taken, make calls in several threads. */
static _Noreturn void run_callers(int ready, int taken) {
    pthread_t threads[CALLERS];
    char byte;
    int listener = install_filter();
    if (listener < 0 || write(ready, &listener, sizeof(listener)) < 0 || read(taken, &byte, 1) != 1) {
        _exit(1);
    }
    close(listener);
    for (int i = 0; i < CALLERS; i++) {
        pthread_create(&threads[i], NULL, make_calls, NULL);
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
    }
    _exit(0);
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
static int hail_until_ended(pid_t child, const pthread_t *receivers) {
    static const struct timespec moment = {.tv_nsec = 1000};
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    time_t start = time(NULL);
    int status = -1;
    while (poll(&end, 1, 0) == 0 && time(NULL) - start < PATIENCE_S) {
        for (int i = 0; i < RECEIVERS; i++) {
            pthread_kill(receivers[i], SIGUSR1);
        }
        nanosleep(&moment, NULL);
    }
    if (waitpid(child, &status, WNOHANG) != child) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        status = -1;
    }
    close(pidfd);
    return status;
}

static void test_no_answer_is_lost_to_a_signal(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = ignore}; /* without SA_RESTART, as a receiver's kick */
    sigaction(SIGUSR1, &action, NULL);
    int ready[2];
    int taken[2];
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(taken, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run_callers(ready[1], taken[0]);
    }
    int number;
    assert_int_equal(read(ready[0], &number, sizeof(number)), sizeof(number));
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    struct receiving receiving = {.listener = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0)};
    assert_true(receiving.listener >= 0);
    pthread_t receivers[RECEIVERS];
    for (int i = 0; i < RECEIVERS; i++) {
        assert_int_equal(pthread_create(&receivers[i], NULL, answer_calls, &receiving), 0);
    }
    assert_int_equal(write(taken[1], "", 1), 1);
    int status = hail_until_ended(child, receivers);
    atomic_store(&receiving.done, true);
    for (int i = 0; i < RECEIVERS; i++) {
        while (pthread_tryjoin_np(receivers[i], NULL) == EBUSY) {
            pthread_kill(receivers[i], SIGUSR1);
        }
    }
    close(receiving.listener);
    close(pidfd);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(taken[i]);
    }
    assert_int_equal(status, 0);
    assert_int_equal(receiving.errors, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_answer_is_lost_to_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
