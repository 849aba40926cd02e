/* SPDX-License-Identifier: MIT
 * Children that are as busy as can be are killed at any moment of their lives:
 *
 *     kill_storm ROUNDS
 *
 * Prints which did not die as they should, how many did, and whether anything is left of them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    KINDS = 6,
    DELAY_NS_MAX = 400000,
};

static char *self;

static void *calls(void *context) {
    for (;;) {
        int file = open("/dev/null", O_WRONLY);
        if (write(file, "x", 1) == 1) {
            close(file);
        }
        access("/nonexistent", F_OK);
    }
    return context;
}

static void *threads(void *context) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, calls, NULL);
    }
    return calls(context);
}

/* Children and threads that come and go. */
static void *families(void *context) {
    for (;;) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        waitpid(child, NULL, 0);
        child = vfork();
        if (child == 0) {
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    return context;
}

static void *nothing(void *context) {
    return context;
}

static void *short_threads(void *context) {
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, nothing, context) == 0) {
            pthread_join(thread, NULL);
        }
    }
    return context;
}

static void *programs(void *context) {
    char *again[] = {self, (char[]){"exec"}, NULL};
    execv(self, again);
    return context;
}

static void *thread_programs(void *context) {
    pthread_t thread;
    pthread_create(&thread, NULL, calls, NULL);
    pthread_create(&thread, NULL, programs, NULL);
    return calls(context);
}

static void delay(long nanoseconds) {
    struct timespec start;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < nanoseconds);
}

int main(int argc, char *argv[]) {
    static void *(*const kinds[KINDS])(void *) = {calls, threads, families, short_threads, programs, thread_programs};
    self = argv[0];
    if (argc < 2) {
        return 2;
    }
    if (strcmp(argv[1], "exec") == 0) {
        programs(NULL);
        return 3;
    }
    int rounds = atoi(argv[1]);
    int killed = 0;
    srand(1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < rounds; i++) {
        pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            kinds[i % KINDS](NULL);
            _exit(3); /* it could not be executed */
        }
        if (child < 0) {
            perror("fork");
            return 1;
        }
        setpgid(child, child);
        delay(rand() % DELAY_NS_MAX);
        kill(-child, SIGKILL);
        int status = 0;
        if (waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
            killed++;
        } else {
            printf("round %d, kind %d: child %d has status %#x\n", i, i % KINDS, (int)child, (unsigned)status);
        }
        /* Children of children have come to us. */
        while (waitpid(-1, &status, 0) > 0) {
        }
    }
    printf("%d killed, %s\n", killed, errno == ECHILD ? "none left" : "some left");
    return 0;
}
