/* SPDX-License-Identifier: MIT
 * Threads that wait in calls, one call each, and one thread that is at work.
 * Nothing may disturb them. Reads commands, a line each, and answers each with a line:
 *
 *     fork     a child looks for /child-of-waits, and for nothing else
 *     thread   so does a new thread, for /thread-of-waits
 *     storm    children come and go, and signals that are ignored arrive all the time
 *     end      the threads are let go, and print what their calls returned
 *
 * The end of its input ends it too. With --more some threads are in waits
 * that every stop breaks, without a tracer as well. */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int gate; /* an eventfd: readable when all is to end */
static int ends[2];
static atomic_uint door;
static atomic_int is_ending;
static atomic_long rounds;
static int semaphores;

static long wait_in_epoll(void) {
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(set, EPOLL_CTL_ADD, gate, &event);
    return epoll_wait(set, &event, 1, -1);
}

static long wait_in_poll(void) {
    struct pollfd file = {gate, POLLIN, 0};
    return poll(&file, 1, -1);
}

static long wait_in_read(void) {
    char byte;
    return read(ends[0], &byte, 1);
}

static long wait_in_futex(void) {
    long result = syscall(SYS_futex, &door, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    /* A call that is made again after a stop may find the door open by then. */
    return result == -1 && errno == EAGAIN && door ? 0 : result;
}

/* With a time, from a poll that is made again by restart_syscall(2). */
static long wait_in_poll_with_time(void) {
    struct pollfd file = {gate, POLLIN, 0};
    return poll(&file, 1, 3600000);
}

/* Sleeps that must be neither cut short nor stretched by much. */
static long wait_in_nanosleep(void) {
    struct timespec nap = {0, 200000000};
    while (!is_ending) {
        struct timespec start;
        struct timespec end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        if (nanosleep(&nap, NULL) != 0) {
            return -1;
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        if ((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec < nap.tv_nsec) {
            errno = ERANGE;
            return -1;
        }
    }
    return 0;
}

static long be_at_work(void) {
    struct timespec moment = {0, 1000000};
    while (!is_ending) {
        if (access("/work-of-waits", F_OK) != -1 || errno != ENOENT || nanosleep(&moment, NULL) != 0) {
            return -1;
        }
        rounds++;
    }
    return 0;
}

static long wait_for_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    int number = sigwaitinfo(&set, NULL);
    return number == SIGUSR2 ? 0 : -1;
}

static long wait_for_semaphore(void) {
    struct sembuf down = {0, -1, 0};
    return semop(semaphores, &down, 1);
}

static const struct wait {
    const char *name;
    long (*wait)(void);
} waits[] = {
    {"epoll_wait", wait_in_epoll},
    {"poll", wait_in_poll},
    {"read", wait_in_read},
    {"futex", wait_in_futex},
    {"poll with a time", wait_in_poll_with_time},
    {"nanosleep", wait_in_nanosleep},
    {"work", be_at_work},
    {"sigwaitinfo", wait_for_signal},
    {"semop", wait_for_semaphore},
};

enum {
    WAITS = sizeof(waits) / sizeof(waits[0]),
    COMMON_WAITS = WAITS - 2,
};

struct outcome {
    const struct wait *wait;
    pthread_t thread;
    long result;
    int error;
};

static void *run(void *context) {
    struct outcome *outcome = context;
    outcome->result = outcome->wait->wait();
    outcome->error = errno;
    return NULL;
}

static void *look(void *context) {
    return access("/thread-of-waits", F_OK) == -1 && errno == ENOENT ? context : NULL;
}

/* Ignored signals, to the process and to whichever thread the kernel picks. */
static int storm(void) {
    for (int i = 0; i < 300; i++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        int status = -1;
        kill(getpid(), i % 2 ? SIGWINCH : SIGURG);
        if (waitpid(child, &status, 0) != child || status != 0) {
            return 0;
        }
    }
    return 1;
}

static int obey(const char *command) {
    if (strcmp(command, "storm\n") == 0) {
        return storm();
    }
    if (strcmp(command, "fork\n") == 0) {
        pid_t child = fork();
        if (child == 0) {
            _exit(access("/child-of-waits", F_OK) == -1 && errno == ENOENT ? 0 : 1);
        }
        int status = -1;
        return waitpid(child, &status, 0) == child && status == 0;
    }
    pthread_t thread;
    void *result = NULL;
    return pthread_create(&thread, NULL, look, (void *)command) == 0 && pthread_join(thread, &result) == 0 && result;
}

static void let_go(void) {
    is_ending = 1;
    door = 1;
    syscall(SYS_futex, &door, FUTEX_WAKE_PRIVATE, WAITS, NULL, NULL, 0);
    uint64_t one = 1;
    if (write(gate, &one, sizeof(one)) != sizeof(one) || write(ends[1], "x", 1) != 1) {
        abort();
    }
    kill(getpid(), SIGUSR2);
    struct sembuf up = {0, 1, 0};
    semop(semaphores, &up, 1);
}

int main(int argc, char *argv[]) {
    size_t count = argc > 1 && strcmp(argv[1], "--more") == 0 ? WAITS : COMMON_WAITS;
    struct outcome outcomes[WAITS] = {0};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    gate = eventfd(0, EFD_CLOEXEC);
    semaphores = semget(IPC_PRIVATE, 1, 0600);
    if (pipe(ends) != 0) {
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < count; i++) {
        outcomes[i].wait = &waits[i];
        pthread_create(&outcomes[i].thread, NULL, run, &outcomes[i]);
    }
    printf("ready %d\n", getpid());
    char command[64];
    ssize_t size;
    /* One command comes at a time. EINTR is the tester's failure here as well. */
    while ((size = read(0, command, sizeof(command) - 1)) > 0) {
        command[size] = '\0';
        if (strcmp(command, "end\n") == 0) {
            break;
        }
        printf("%s\n", obey(command) ? "done" : "failed");
    }
    printf("commands: %s\n", size < 0 ? strerrorname_np(errno) : "ok");
    let_go();
    for (size_t i = 0; i < count; i++) {
        pthread_join(outcomes[i].thread, NULL);
        printf("%s: %ld%s%s\n", outcomes[i].wait->name, outcomes[i].result, outcomes[i].result < 0 ? " " : "",
               outcomes[i].result < 0 ? strerrorname_np(outcomes[i].error) : "");
    }
    semctl(semaphores, 0, IPC_RMID);
    printf("rounds: %s\n", rounds > 0 ? "some" : "none");
    return 6;
}
