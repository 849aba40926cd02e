/* SPDX-License-Identifier: MIT
 * execve(2) in processes with threads, while these do something else:
 *
 *     executions THREADS ROUNDS [WAYS]
 *
 * Prints a line for each way, the same in every run. The program that is executed is this one: it ends with a status
 * that tells how it was called. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STACK_BYTES = 65536,
    RACERS = 4,
    EXECUTED = 50,
};

static char *self;
static int threads;
static pthread_barrier_t start;
static atomic_int running;

static int exits_with(pid_t child, int code) {
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static void run_thread(void *(*run)(void *), void *context) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (pthread_create(&thread, &attributes, run, context) != 0) {
        _exit(99);
    }
}

static void *call(void *context) {
    running++;
    for (;;) {
        access("/nonexistent", F_OK);
        getppid();
    }
    return context;
}

static void *wait_for_ever(void *context) {
    running++;
    for (;;) {
        pause();
    }
    return context;
}

static void *fork_all_the_time(void *context) {
    running++;
    for (;;) {
        pid_t child = fork();
        if (child == 0) {
            _exit(access("/", F_OK));
        }
        if (child > 0) {
            waitpid(child, NULL, 0);
        }
    }
    return context;
}

static void *vfork_all_the_time(void *context) {
    running++;
    for (;;) {
        pid_t child = vfork();
        if (child == 0) {
            execl("/nonexistent/program", "program", NULL);
            _exit(0);
        }
        if (child > 0) {
            waitpid(child, NULL, 0);
        }
    }
    return context;
}

static void *nothing(void *context) {
    return context;
}

static void *create_all_the_time(void *context) {
    running++;
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, nothing, NULL) == 0) {
            pthread_join(thread, NULL);
        }
    }
    return context;
}

static void *execute(void *context) {
    char *arguments[] = {self, context, NULL};
    execv(self, arguments);
    _exit(98);
}

static void *execute_first(void *context) {
    pthread_barrier_wait(&start);
    return execute(context);
}

/* Programs that do not exist, and then one that does. */
static void *fail_and_execute(void *context) {
    char *arguments[] = {self, NULL};
    for (int i = 0; i < 20; i++) {
        if (execv("/nonexistent/program", arguments) != -1 || errno != ENOENT || execv("/", arguments) != -1 ||
            errno != EACCES) {
            _exit(97);
        }
    }
    return execute(context);
}

/* A child with threads that do `others`, of which the leader or another one then does `last`. */
static int child(void *(*others)(void *), void *(*last)(void *), int by_leader, char *way) {
    pid_t child = fork();
    if (child == 0) {
        running = 0;
        for (int i = 0; i < threads; i++) {
            run_thread(others, NULL);
        }
        while (running < threads) {
            usleep(100);
        }
        if (by_leader) {
            last(way);
        }
        run_thread(last, way);
        pause();
    }
    return exits_with(child, EXECUTED + atoi(way));
}

static int child_with_race(void) {
    pid_t child = fork();
    int status;
    if (child == 0) {
        static char racers[RACERS][2] = {"0", "1", "2", "3"};
        pthread_barrier_init(&start, NULL, RACERS);
        for (int i = 0; i < RACERS; i++) {
            run_thread(execute_first, racers[i]);
        }
        pause();
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) >= EXECUTED &&
           WEXITSTATUS(status) < EXECUTED + RACERS;
}

static const struct {
    const char *name;
    void *(*others)(void *);
    void *(*last)(void *);
} ways[] = {
    {"waiting", wait_for_ever, execute},       {"calls", call, execute},
    {"fork", fork_all_the_time, execute},      {"vfork", vfork_all_the_time, execute},
    {"threads", create_all_the_time, execute}, {"calls, after programs that are not there", call, fail_and_execute},
};

int main(int argc, char *argv[]) {
    static char way[] = "7";
    self = argv[0];
    if (argc == 2) {
        _exit(access("/", F_OK) == 0 ? EXECUTED + atoi(argv[1]) : 96);
    }
    if (argc < 3) {
        return 2;
    }
    threads = atoi(argv[1]);
    int rounds = atoi(argv[2]);
    int count = argc > 3 ? atoi(argv[3]) : (int)(sizeof(ways) / sizeof(ways[0]));
    for (int i = 0; i < count; i++) {
        for (int by_leader = 0; by_leader < 2; by_leader++) {
            int good = 0;
            for (int round = 0; round < rounds; round++) {
                good += child(ways[i].others, ways[i].last, by_leader, way);
            }
            printf("%s, exec by %s: %d\n", ways[i].name, by_leader ? "the leader" : "another thread", good);
            fflush(stdout);
        }
    }
    int good = 0;
    for (int round = 0; round < rounds; round++) {
        good += child_with_race();
    }
    printf("several at once: %d\n", good);
    return 0;
}
