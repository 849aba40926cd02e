/* SPDX-License-Identifier: MIT
 * Stops and continues children, and looks whether they really stand still
 * meanwhile and whether their parent is told of it. Prints what it finds. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS_MAX = 4,
    STANDS_STILL_US = 30000,
    SELF_STOPS = 100,
};

/* What a child and its parent both see. */
struct shared {
    atomic_long steps[THREADS_MAX];
    atomic_int continued; /* handlers of SIGCONT that ran */
    atomic_int told;      /* handlers of SIGUSR1 that ran */
    atomic_int failed;    /* calls that were not as they should be */
};

static struct shared *shared;

static void check(const char *what, const char *detail, int good) {
    printf("%s, %s: %s\n", what, detail, good ? "ok" : "WRONG");
}

static void on_continue(int number) {
    (void)number;
    shared->continued++;
}

static void on_user(int number) {
    (void)number;
    shared->told++;
}

static void *step(void *context) {
    atomic_long *steps = context;
    for (;;) {
        syscall(SYS_getppid);
        (*steps)++;
    }
    return NULL;
}

static pid_t start_steps(int threads) {
    memset(shared, 0, sizeof(*shared));
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0); /* a group of its own; it is not orphaned: the terminal's signals stop it */
        signal(SIGCONT, on_continue);
        signal(SIGUSR1, on_user);
        pthread_t thread;
        for (int i = 1; i < threads; i++) {
            pthread_create(&thread, NULL, step, &shared->steps[i]);
        }
        step(&shared->steps[0]);
    }
    return child;
}

static long sum_of_steps(void) {
    long sum = 0;
    for (int i = 0; i < THREADS_MAX; i++) {
        sum += shared->steps[i];
    }
    return sum;
}

/* Wait until each of the threads has made a step more. */
static void wait_for_steps(int threads) {
    for (int i = 0; i < threads; i++) {
        long before = shared->steps[i];
        while (shared->steps[i] == before) {
            usleep(1000);
        }
    }
}

static int is_reported(pid_t child, int options, int code, int status) {
    siginfo_t info = {0};
    int looked = waitid(P_PID, (id_t)child, &info, options | WNOWAIT);
    int good = looked == 0 && info.si_code == code && info.si_status == status && info.si_pid == child;
    int taken;
    pid_t waited = waitpid(child, &taken, WUNTRACED | WCONTINUED);
    good &= waited == child;
    return good && (code == CLD_CONTINUED ? WIFCONTINUED(taken) : WIFSTOPPED(taken) && WSTOPSIG(taken) == status);
}

/* The SIGCHLD, which is blocked, that told of it. */
static int is_signalled(pid_t child, int code, int status) {
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    return sigwaitinfo(&set, &info) == SIGCHLD && info.si_code == code && info.si_status == status &&
           info.si_pid == child;
}

static void stop_and_continue(int number, int threads) {
    char name[64];
    snprintf(name, sizeof(name), "SIG%s, %d threads", sigabbrev_np(number), threads);
    pid_t child = start_steps(threads);
    wait_for_steps(threads);
    kill(child, number);
    check(name, "SIGCHLD of the stop", is_signalled(child, CLD_STOPPED, number));
    check(name, "stopped", is_reported(child, WSTOPPED, CLD_STOPPED, number));
    long before = sum_of_steps();
    kill(child, SIGUSR1);
    usleep(STANDS_STILL_US);
    check(name, "stands still", sum_of_steps() == before);
    check(name, "takes no signal", shared->told == 0);
    kill(child, SIGCONT);
    check(name, "SIGCHLD of the continuation", is_signalled(child, CLD_CONTINUED, SIGCONT));
    check(name, "continued", is_reported(child, WCONTINUED, CLD_CONTINUED, SIGCONT));
    wait_for_steps(threads);
    while (shared->told == 0 || shared->continued == 0) {
        usleep(1000);
    }
    check(name, "takes each signal once", shared->told == 1 && shared->continued == 1);
    kill(child, SIGSTOP);
    check(name, "stopped again",
          is_signalled(child, CLD_STOPPED, SIGSTOP) && is_reported(child, WSTOPPED, CLD_STOPPED, SIGSTOP));
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    check(name, "killed while stopped", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    is_signalled(child, CLD_KILLED, SIGKILL);
}

/* A child that stops itself again and again, and ends well. */
static void stop_itself(int number) {
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        for (int i = 0; i < SELF_STOPS; i++) {
            raise(number);
        }
        _exit(7);
    }
    int stops = 0;
    int status;
    while (waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == number) {
        stops++;
        kill(child, SIGCONT);
    }
    printf("stops itself with SIG%s: %d times, then %d\n", sigabbrev_np(number), stops, WEXITSTATUS(status));
}

/* A stop is no reason for a call to fail, nor to take less time. */
static void stop_in_a_call(int with_read) {
    memset(shared, 0, sizeof(*shared));
    int ends[2];
    if (pipe(ends) != 0) {
        exit(1);
    }
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        shared->steps[0] = 1;
        struct timespec half = {0, 500000000};
        struct timespec start;
        struct timespec end;
        char byte;
        clock_gettime(CLOCK_MONOTONIC, &start);
        int good = with_read ? read(ends[0], &byte, 1) == 1 : nanosleep(&half, NULL) == 0;
        clock_gettime(CLOCK_MONOTONIC, &end);
        double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
        _exit(good && (with_read || seconds >= 0.5) ? 0 : 1);
    }
    while (!shared->steps[0]) {
        usleep(1000);
    }
    int status;
    for (int i = 0; i < 3; i++) {
        usleep(20000);
        kill(child, SIGSTOP);
        waitpid(child, &status, WUNTRACED);
        kill(child, SIGCONT);
        waitpid(child, &status, WCONTINUED);
    }
    if (write(ends[1], "x", 1) != 1) {
        exit(1);
    }
    waitpid(child, &status, 0);
    printf("stopped in %s: %s\n", with_read ? "read" : "nanosleep", status == 0 ? "ok" : "WRONG");
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    static const int numbers[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        stop_and_continue(numbers[i], 1);
        stop_and_continue(numbers[i], THREADS_MAX);
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        stop_itself(numbers[i]);
    }
    stop_in_a_call(0);
    stop_in_a_call(1);
    return 0;
}
