/* SPDX-License-Identifier: MIT
 * Processes whose threads are in the middle of a call when they die, each time of something else:
 *
 *     deaths ROUNDS
 *
 * Prints how many died as they should of each. What their calls point to says whose it is. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    THREADS = 3,
    PIECES = 64,
    DELAY_NS_MAX = 300000,
    EXITED = 7,
    EXECUTED = 8,
};

static char *self;
static unsigned seed;

static void delay(void) {
    struct timespec start;
    struct timespec now;
    long nanoseconds = rand_r(&seed) % DELAY_NS_MAX;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < nanoseconds);
}

static void on_signal(int number) {
    (void)number;
}

/* Calls that are read, one of them for long, and some that wait for more than that with -y. */
static void *calls(void *context) {
    char mark[48];
    struct iovec pieces[PIECES];
    snprintf(mark, sizeof(mark), "/nonexistent/%d/%d", getpid(), (int)syscall(SYS_gettid));
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = (struct iovec){mark, strlen(mark)};
    }
    for (;;) {
        syscall(SYS_access, mark, F_OK);
        int file = open("/dev/null", O_WRONLY);
        if (writev(file, pieces, PIECES) > 0) {
            close(file);
        }
    }
    return context;
}

static void start_threads(void *(*run)(void *), void *context) {
    pthread_t thread;
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&thread, NULL, run, context);
    }
}

/* ------------------------------------------------- what children do, and how they die */

static void be_killed(void) {
    start_threads(calls, NULL);
    calls(NULL);
}

static void exit_all(void) {
    start_threads(calls, NULL);
    delay();
    _exit(EXITED);
}

static void *exit_by_thread(void *context) {
    delay();
    _exit(EXITED);
    return context;
}

static void exit_by_other(void) {
    pthread_t thread;
    start_threads(calls, NULL);
    pthread_create(&thread, NULL, exit_by_thread, NULL);
    calls(NULL);
}

static void *execute(void *context) {
    char *again[] = {self, (char[]){"exec"}, NULL};
    delay();
    execv(self, again);
    _exit(1);
    return context;
}

static void exec_by_leader(void) {
    start_threads(calls, NULL);
    execute(NULL);
}

static void exec_by_other(void) {
    pthread_t thread;
    start_threads(calls, NULL);
    pthread_create(&thread, NULL, execute, NULL);
    calls(NULL);
}

static void *terminate(void *context) {
    delay();
    kill(getpid(), SIGTERM);
    return context;
}

static void be_terminated(void) {
    start_threads(calls, NULL);
    terminate(NULL);
    calls(NULL);
}

static void *fault(void *context) {
    delay();
    *(volatile int *)context = 1;
    return context;
}

static void fault_beside_others(void) {
    pthread_t thread;
    start_threads(calls, NULL);
    pthread_create(&thread, NULL, fault, NULL);
    calls(NULL);
}

/* A child that dies with its parent, which does not wait for it. */
static void leave_child(void) {
    pid_t parent = getpid();
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(0);
        }
        be_killed();
    }
    delay();
    _exit(EXITED);
}

/* Calls that are broken off all the time, and are to go on when the handler returns. */
static void *disturb(void *context) {
    for (;;) {
        syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
    }
    return context;
}

static void be_disturbed(void) {
    struct sigaction action = {.sa_handler = on_signal};
    pthread_t thread;
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&thread, NULL, disturb, NULL);
    calls(NULL);
}

/* Killed by the parent where `signal` is not 0; else by itself. */
static const struct {
    const char *name;
    void (*run)(void);
    int kill;
    int signal;
    int code;
} kinds[] = {
    {"killed", be_killed, 1, SIGKILL, 0},
    {"killed amid signals", be_disturbed, 1, SIGKILL, 0},
    {"exit", exit_all, 0, 0, EXITED},
    {"exit by another thread", exit_by_other, 0, 0, EXITED},
    {"exec", exec_by_leader, 0, 0, EXECUTED},
    {"exec by another thread", exec_by_other, 0, 0, EXECUTED},
    {"terminated", be_terminated, 0, SIGTERM, 0},
    {"fault", fault_beside_others, 0, SIGSEGV, 0},
    {"parent gone", leave_child, 0, 0, EXITED},
};

enum {
    KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

static int die(int kind) {
    pid_t child = fork();
    if (child == 0) {
        kinds[kind].run();
    }
    if (kinds[kind].kill) {
        delay();
        kill(child, SIGKILL);
    }
    int status;
    if (waitpid(child, &status, 0) != child) {
        return 0;
    }
    /* Children of children have come to us. */
    int other;
    while (waitpid(-1, &other, 0) > 0) {
    }
    return kinds[kind].signal ? WIFSIGNALED(status) && WTERMSIG(status) == kinds[kind].signal
                              : WIFEXITED(status) && WEXITSTATUS(status) == kinds[kind].code;
}

int main(int argc, char *argv[]) {
    static int good[KINDS];
    static const struct rlimit no_core = {0, 0};
    self = argv[0];
    if (argc < 2) {
        return 2;
    }
    if (strcmp(argv[1], "exec") == 0) {
        _exit(access(argv[0], X_OK) == 0 ? EXECUTED : 1);
    }
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int rounds = atoi(argv[1]);
    for (int i = 0; i < rounds; i++) {
        for (int kind = 0; kind < KINDS; kind++) {
            seed = (unsigned)(i * KINDS + kind);
            good[kind] += die(kind);
        }
    }
    for (int kind = 0; kind < KINDS; kind++) {
        printf("%s: %d\n", kinds[kind].name, good[kind]);
    }
    printf("%s\n", wait(NULL) == -1 && errno == ECHILD ? "none left" : "some left");
    return 0;
}
