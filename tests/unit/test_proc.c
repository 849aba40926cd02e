/* SPDX-License-Identifier: MIT
 *
 * What /proc says of real processes and threads.
 */
#include "proc.h"

#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    THREADS = 3,
    NOBODY = 65534,
};

/* A process id that nobody has: that of a child that has ended. */
static pid_t nobody_has(void) {
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return pid;
}

/* ----------------------------------------------------------------------- numbers */

/* proc_number() of a file with this text. */
static pid_t number_in(const char *text, const char *key) {
    char path[48];
    int file = memfd_create("status", MFD_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    pid_t number = proc_number(path, key);
    close(file);
    return number;
}

static void test_a_number_stands_behind_its_key(void **state) {
    (void)state;
    static const char text[] = "Name:\tTgid: 9\nTgidX:\t3\nTgid:\t4\nPid: 5\nTgid:\t6\nlast:7";
    assert_int_equal(number_in(text, "Tgid"), 4);
    assert_int_equal(number_in(text, "Pid"), 5);
    assert_int_equal(number_in(text, "last"), 7);
    assert_int_equal(number_in(text, "Name"), 0);
    assert_int_equal(number_in(text, "Tgi"), 0);
    assert_int_equal(number_in(text, "PPid"), 0);
    assert_int_equal(number_in("", "Tgid"), 0);
    assert_int_equal(proc_number("/proc/self/nothing", "Tgid"), 0);
}

/* ----------------------------------------------------------------------- signals */

static uint64_t bit(int number) {
    return UINT64_C(1) << (number - 1);
}

static void on_signal(int number) {
    (void)number;
}

static void set_action(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    assert_int_equal(sigaction(number, &action, NULL), 0);
}

static void test_what_a_thread_does_with_signals(void **state) {
    (void)state;
    const uint64_t ours = bit(SIGHUP) | bit(SIGUSR1) | bit(SIGUSR2) | bit(SIGPIPE) | bit(SIGRTMAX);
    struct proc_signals signals;
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGHUP);
    sigaddset(&blocked, SIGUSR2);
    sigaddset(&blocked, SIGRTMAX);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    set_action(SIGUSR1, SIG_IGN);
    set_action(SIGPIPE, SIG_IGN);
    set_action(SIGUSR2, on_signal);
    set_action(SIGHUP, on_signal);
    set_action(SIGRTMAX, on_signal);
    assert_int_equal(proc_signals(getpid(), &signals), 0);
    assert_int_equal(signals.ignored & ours, bit(SIGUSR1) | bit(SIGPIPE));
    assert_int_equal(signals.caught & ours, bit(SIGHUP) | bit(SIGUSR2) | bit(SIGRTMAX));
    assert_int_equal(signals.blocked & ours, bit(SIGHUP) | bit(SIGUSR2) | bit(SIGRTMAX));
    assert_int_equal(signals.pending & ours, 0);
    /* One for the thread, one for its process. */
    syscall(SYS_tgkill, getpid(), gettid(), SIGRTMAX);
    kill(getpid(), SIGUSR2);
    assert_int_equal(proc_signals(getpid(), &signals), 0);
    assert_int_equal(signals.pending & ours, bit(SIGUSR2) | bit(SIGRTMAX));
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(proc_signals(getpid(), &signals), 0);
    assert_int_equal(signals.pending & ours, 0);
    assert_int_equal(signals.blocked & ours, 0);
    set_action(SIGPIPE, SIG_DFL);
    set_action(SIGUSR1, SIG_DFL);
    assert_int_equal(proc_signals(getpid(), &signals), 0);
    assert_int_equal(signals.ignored & ours, 0);
}

static void test_which_signals_have_no_effect(void **state) {
    (void)state;
    const uint64_t child = UINT64_C(1) << (SIGCHLD - 1);
    const uint64_t user = UINT64_C(1) << (SIGUSR1 - 1);
    const uint64_t harmless =
        child | UINT64_C(1) << (SIGCONT - 1) | UINT64_C(1) << (SIGURG - 1) | UINT64_C(1) << (SIGWINCH - 1);
    assert_int_equal(proc_signals_without_effect(&(struct proc_signals){0}), harmless);
    assert_int_equal(proc_signals_without_effect(&(struct proc_signals){.ignored = user}), harmless | user);
    assert_int_equal(proc_signals_without_effect(&(struct proc_signals){.caught = child | user}), harmless & ~child);
    /* Whether they are blocked or pending is another question. */
    assert_int_equal(proc_signals_without_effect(&(struct proc_signals){.blocked = child, .pending = child}), harmless);
}

static void test_signals_of_somebody_who_is_gone(void **state) {
    (void)state;
    struct proc_signals signals = {.pending = 1};
    assert_int_equal(proc_signals(nobody_has(), &signals), -ESRCH);
}

/* ----------------------------------------------------------------------- threads */

struct waiting {
    pthread_t threads[THREADS];
    pid_t tids[THREADS];
    pthread_barrier_t begin;
    pthread_barrier_t end;
    atomic_uint next;
};

static void *wait_for_end(void *context) {
    struct waiting *waiting = context;
    unsigned index = atomic_fetch_add(&waiting->next, 1);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGRTMIN + 1 + (int)index);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    waiting->tids[index] = gettid();
    pthread_barrier_wait(&waiting->begin);
    pthread_barrier_wait(&waiting->end);
    return NULL;
}

static void start_threads(struct waiting *waiting) {
    *waiting = (struct waiting){0};
    pthread_barrier_init(&waiting->begin, NULL, THREADS + 1);
    pthread_barrier_init(&waiting->end, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&waiting->threads[i], NULL, wait_for_end, waiting), 0);
    }
    pthread_barrier_wait(&waiting->begin);
}

static void end_threads(struct waiting *waiting) {
    pthread_barrier_wait(&waiting->end);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(waiting->threads[i], NULL);
    }
    pthread_barrier_destroy(&waiting->begin);
    pthread_barrier_destroy(&waiting->end);
}

static bool has(const pid_t *tids, ssize_t count, pid_t tid) {
    bool found = false;
    for (ssize_t i = 0; i < count; i++) {
        found = found || tids[i] == tid;
    }
    return found;
}

static void test_threads_of_a_process(void **state) {
    (void)state;
    struct waiting waiting;
    start_threads(&waiting);
    pid_t *tids;
    ssize_t count = proc_threads(getpid(), &tids);
    assert_true(has(tids, count, getpid()));
    for (int i = 0; i < THREADS; i++) {
        struct proc_signals signals;
        assert_true(has(tids, count, waiting.tids[i]));
        assert_int_equal(proc_process_of(waiting.tids[i]), getpid());
        /* Each has a mask of its own. */
        assert_int_equal(proc_signals(waiting.tids[i], &signals), 0);
        assert_true(signals.blocked & bit(SIGRTMIN + 1 + i));
        assert_false(signals.blocked & bit(SIGRTMIN + 1 + (i + 1) % THREADS));
    }
    free(tids);
    end_threads(&waiting);
}

/* Every child has one thread, for fork(2) copies no other. */
static void test_a_child_has_one_thread(void **state) {
    (void)state;
    struct waiting waiting;
    start_threads(&waiting);
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    pid_t *tids;
    assert_int_equal(proc_threads(child, &tids), 1);
    assert_int_equal(tids[0], child);
    free(tids);
    assert_int_equal(proc_process_of(child), child);
    kill(child, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    /* Dead, but somebody may still ask for how. */
    assert_int_equal(proc_threads(child, &tids), 1);
    free(tids);
    waitpid(child, NULL, 0);
    end_threads(&waiting);
}

static void test_threads_of_somebody_who_is_gone(void **state) {
    (void)state;
    pid_t gone = nobody_has();
    pid_t *tids = &gone;
    assert_int_equal(proc_threads(gone, &tids), -ESRCH);
    assert_null(tids);
    assert_int_equal(proc_process_of(gone), 0);
}

/* ---------------------------------------------------------------------- identity */

static void test_our_own_identity(void **state) {
    (void)state;
    struct proc_identity identity;
    assert_int_equal(proc_identity(getpid(), &identity), 0);
    assert_int_equal(identity.uid, geteuid());
    assert_int_equal(identity.gid, getegid());
}

static void test_the_effective_identity_counts(void **state) {
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    struct proc_identity identity;
    assert_int_equal(setresgid(0, NOBODY, 0), 0);
    assert_int_equal(setresuid(0, NOBODY - 1, 0), 0);
    int status = proc_identity(getpid(), &identity);
    assert_int_equal(setresuid(0, 0, 0), 0);
    assert_int_equal(setresgid(0, 0, 0), 0);
    assert_int_equal(status, 0);
    assert_int_equal(identity.uid, NOBODY - 1);
    assert_int_equal(identity.gid, NOBODY);
}

static void test_the_identity_of_somebody_who_is_gone(void **state) {
    (void)state;
    struct proc_identity identity;
    assert_int_equal(proc_identity(nobody_has(), &identity), -ESRCH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_stands_behind_its_key),
        cmocka_unit_test(test_what_a_thread_does_with_signals),
        cmocka_unit_test(test_which_signals_have_no_effect),
        cmocka_unit_test(test_signals_of_somebody_who_is_gone),
        cmocka_unit_test(test_threads_of_a_process),
        cmocka_unit_test(test_a_child_has_one_thread),
        cmocka_unit_test(test_threads_of_somebody_who_is_gone),
        cmocka_unit_test(test_our_own_identity),
        cmocka_unit_test(test_the_effective_identity_counts),
        cmocka_unit_test(test_the_identity_of_somebody_who_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
