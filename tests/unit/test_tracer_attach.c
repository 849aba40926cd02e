/* SPDX-License-Identifier: MIT
 *
 * The tracer attached to processes that run, and letting them go.
 */
#include "tracer_bench.h"

#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------------------------------ attaching */

/* A process whose threads wait in different calls, and what they share with the test. */
enum {
    WAITERS = 7,
};

struct shared {
    _Atomic int tids[WAITERS];
    _Atomic uint32_t word;
};

static struct shared *shared;
static int happening[2]; /* a pipe, readable when the threads are to go on */
static int semaphore;

static int wait_in_read(void) {
    char byte;
    return read(happening[0], &byte, 1) == 0;
}

static int wait_in_poll(void) {
    struct pollfd wait = {.fd = happening[0], .events = POLLIN};
    return syscall(SYS_poll, &wait, 1, -1) == 1;
}

static int wait_in_epoll(void) {
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(epoll, EPOLL_CTL_ADD, happening[0], &event);
    return syscall(SYS_epoll_wait, epoll, &event, 1, -1) == 1;
}

static int wait_in_futex(void) {
    /* Awakened, or told that there is no need to wait. */
    return syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 || errno == EAGAIN;
}

static int wait_in_sigtimedwait(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, _NSIG / 8) == SIGUSR1;
}

static int wait_in_semop(void) {
    struct sembuf take = {.sem_op = -1};
    return syscall(SYS_semop, semaphore, &take, 1) == 0;
}

/* The last one is the leader. */
static const struct waiter {
    long number;
    int (*wait)(void);
} waiters[WAITERS] = {
    {SYS_read, wait_in_read},        {SYS_poll, wait_in_poll},   {SYS_futex, wait_in_futex},
    {SYS_epoll_wait, wait_in_epoll}, {SYS_semop, wait_in_semop}, {SYS_rt_sigtimedwait, wait_in_sigtimedwait},
    {SYS_read, wait_in_read},
};

static void *run_waiter(void *context) {
    size_t index = (size_t)(uintptr_t)context;
    atomic_store(&shared->tids[index], gettid());
    return (void *)(uintptr_t)(waiters[index].wait() ? 0 : 1);
}

/* How many waits went wrong. */
static int run_waiters(void) {
    pthread_t threads[WAITERS];
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    close(happening[1]);
    for (size_t i = 0; i < WAITERS - 1; i++) {
        pthread_create(&threads[i], NULL, run_waiter, (void *)(uintptr_t)i);
    }
    int wrong = run_waiter((void *)(uintptr_t)(WAITERS - 1)) != NULL;
    for (size_t i = 0; i < WAITERS - 1; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += result != NULL;
    }
    return wrong;
}

/* Until every thread sleeps in its call; one that was made again by the kernel may be in restart_syscall. */
static void await_waiters(pid_t pid) {
    for (size_t i = 0; i < WAITERS; i++) {
        long number;
        do {
            sched_yield();
            pid_t tid = atomic_load(&shared->tids[i]);
            number = tid && state_of(pid, tid) == 'S' ? call_of(pid, tid) : -1;
        } while (number != waiters[i].number && number != SYS_restart_syscall);
    }
}

static void start_waiters(struct bench *bench) {
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    assert_int_equal(pipe2(happening, O_CLOEXEC), 0);
    semaphore = semget(IPC_PRIVATE, 1, 0600);
    assert_true(semaphore >= 0);
    bench->pid = fork();
    assert_true(bench->pid >= 0);
    if (bench->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(run_waiters());
    }
    await_waiters(bench->pid);
}

/* What all of them wait for happens. */
static void happen(const struct bench *bench) {
    struct sembuf give = {.sem_op = 1};
    atomic_store(&shared->word, 1);
    syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0);
    kill(bench->pid, SIGUSR1);
    assert_int_equal(semop(semaphore, &give, 1), 0);
    close(happening[1]);
}

static void finish_waiters(void) {
    semctl(semaphore, 0, IPC_RMID);
    close(happening[0]);
    munmap(shared, sizeof(*shared));
}

/* Nobody traces them any more: they still wait, and then end as they should. */
static void end_waiters(const struct bench *bench) {
    int status;
    await_waiters(bench->pid);
    happen(bench);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_int_equal(status, 0);
    finish_waiters();
}

static void attach(struct bench *bench) {
    choose(bench, "trace=read,poll,futex,epoll_wait,semop,rt_sigtimedwait,restart_syscall");
    bench->options.attach = true;
    bench->options.signals = false;
    create(bench);
    assert_int_equal(tracer_counts(bench->tracer).attached, WAITERS);
    assert_int_equal(tracer_counts(bench->tracer).tracees, WAITERS);
}

static unsigned count_events(const struct bench *bench, enum kernel_event_kind kind, pid_t tid) {
    unsigned count = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        count += bench->kept[i].event.kind == kind && bench->kept[i].event.tid == tid;
    }
    return count;
}

/* Until each thread has told that it is in its call again. */
static void await_calls(struct bench *bench) {
    for (size_t i = 0; i < WAITERS; i++) {
        while (count_events(bench, KERNEL_ENTER, shared->tids[i]) == 0) {
            drain(bench);
            sched_yield();
        }
    }
}

static void detach(struct bench *bench) {
    while (!tracer_ended(bench->tracer)) {
        static const struct timespec moment = {.tv_nsec = 1000000};
        tracer_detach(bench->tracer);
        nanosleep(&moment, NULL);
    }
    drain(bench);
}

static void test_a_running_process_is_attached_to_with_all_its_threads(void **state) {
    struct bench *bench = *state;
    start_waiters(bench);
    attach(bench);
    await_calls(bench);
    happen(bench);
    drain_to_end(bench);
    /* Every wait has ended as it should, and was seen to. */
    assert_outcome(bench, 0);
    for (size_t i = 0; i < WAITERS; i++) {
        pid_t tid = shared->tids[i];
        assert_int_equal(count_events(bench, KERNEL_FORK, tid), 1);
        assert_true(count_events(bench, KERNEL_ENTER, tid) >= 1);
        assert_int_equal(count_events(bench, KERNEL_END, tid), 1);
    }
    finish_waiters();
}

static void test_threads_are_let_go_unharmed(void **state) {
    struct bench *bench = *state;
    start_waiters(bench);
    attach(bench);
    await_calls(bench);
    await_waiters(bench->pid);
    detach(bench);
    assert_null(tracer_outcome(bench->tracer));
    assert_int_equal(tracer_counts(bench->tracer).tracees, 0);
    for (size_t i = 0; i < WAITERS; i++) {
        /* Nobody has seen the call end, for it has not. */
        assert_int_equal(count_events(bench, KERNEL_ENTER, shared->tids[i]), 1);
        assert_int_equal(count_events(bench, KERNEL_EXIT, shared->tids[i]), 0);
        assert_int_equal(count_events(bench, KERNEL_END, shared->tids[i]), 0);
    }
    end_waiters(bench);
}

static void test_a_process_can_be_attached_to_again_and_again(void **state) {
    struct bench *bench = *state;
    start_waiters(bench);
    for (int i = 0; i < 20; i++) {
        attach(bench);
        await_calls(bench);
        await_waiters(bench->pid);
        detach(bench);
        tracer_destroy(bench->tracer);
        bench->tracer = NULL;
        bench->count = 0;
    }
    end_waiters(bench);
}

static pid_t start_sleeper(void) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
        _exit(0);
    }
    return pid;
}

static void test_a_stopped_process_stays_stopped_when_it_is_let_go(void **state) {
    struct bench *bench = *state;
    int status;
    bench->pid = start_sleeper();
    kill(bench->pid, SIGSTOP);
    assert_int_equal(waitpid(bench->pid, &status, WUNTRACED), bench->pid);
    bench->options.attach = true;
    create(bench);
    assert_int_equal(tracer_stop_signal(bench->tracer), SIGSTOP);
    detach(bench);
    while (state_of(bench->pid, bench->pid) != 'T') { /* it is on its way from one stop to the other */
        sched_yield();
    }
    kill(bench->pid, SIGCONT);
    assert_int_equal(waitpid(bench->pid, &status, WCONTINUED), bench->pid);
    assert_true(WIFCONTINUED(status));
    kill(bench->pid, SIGTERM);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_int_equal(status, SIGTERM);
}

/* ------------------------------------------------------------------------- refusals */

/* Attaching to these processes must fail. */
static int refuse(struct bench *bench, const pid_t *pids, size_t count) {
    bench->options.attach = true;
    bench->options.pids = pids;
    bench->options.count = count;
    int status = tracer_create(&bench->tracer, &bench->options, bench->problem, sizeof(bench->problem));
    assert_null(bench->tracer);
    return status;
}

static void assert_says(const struct bench *bench, const char *before, pid_t pid, const char *behind) {
    char part[128];
    snprintf(part, sizeof(part), "%s%d%s", before, pid, behind);
    if (!strstr(bench->problem, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, bench->problem);
    }
}

static pid_t nobody_has(void) {
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return pid;
}

static void test_a_process_that_does_not_exist_is_refused(void **state) {
    struct bench *bench = *state;
    pid_t gone = nobody_has();
    assert_int_equal(refuse(bench, &gone, 1), -ESRCH);
    assert_says(bench, "there is no process ", gone, "");
}

static void test_we_do_not_trace_ourselves(void **state) {
    struct bench *bench = *state;
    pid_t self = getpid();
    assert_int_equal(refuse(bench, &self, 1), -EPERM);
    assert_says(bench, "process ", self, " is renacer-sv itself");
}

static pid_t tracer_of(pid_t pid) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    return proc_number(path, "TracerPid");
}

static void test_who_is_traced_already_is_refused(void **state) {
    struct bench *bench = *state;
    pid_t sleeper = start_sleeper();
    assert_int_equal(ptrace(PTRACE_SEIZE, sleeper, NULL, NULL), 0);
    assert_int_equal(refuse(bench, &sleeper, 1), -EPERM);
    assert_says(bench, "process ", sleeper, " is traced by process ");
    assert_says(bench, "traced by process ", getpid(), " already");
    assert_int_equal(tracer_of(sleeper), getpid());
    kill(sleeper, SIGKILL);
    waitpid(sleeper, NULL, 0);
}

static void test_who_was_seized_before_the_refusal_is_let_go(void **state) {
    struct bench *bench = *state;
    pid_t sleeper = start_sleeper();
    const pid_t pids[] = {sleeper, nobody_has()};
    assert_int_equal(refuse(bench, pids, 2), -ESRCH);
    /* The kernel lets go a moment after the thread could be joined. */
    while (tracer_of(sleeper)) {
        sched_yield();
    }
    assert_int_equal(waitpid(sleeper, NULL, WNOHANG), 0);
    kill(sleeper, SIGKILL);
    int status;
    assert_int_equal(waitpid(sleeper, &status, 0), sleeper);
    assert_int_equal(status, SIGKILL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_running_process_is_attached_to_with_all_its_threads),
        TEST(test_threads_are_let_go_unharmed),
        TEST(test_a_process_can_be_attached_to_again_and_again),
        TEST(test_a_stopped_process_stays_stopped_when_it_is_let_go),
        TEST(test_a_process_that_does_not_exist_is_refused),
        TEST(test_we_do_not_trace_ourselves),
        TEST(test_who_is_traced_already_is_refused),
        TEST(test_who_was_seized_before_the_refusal_is_let_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
