/* SPDX-License-Identifier: MIT
 * Processes that compute, with a call that stops every so often:
 *
 *     parallel PROCESSES CALLS SPINS
 *
 * Prints the wall time in microseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void compute(long calls, long spins) {
    volatile double value = 1;
    for (long i = 0; i < calls; i++) {
        for (long j = 0; j < spins; j++) {
            value = value * 1.0000001 + 0.1;
        }
        access("/", F_OK);
    }
}

int main(int argc, char *argv[]) {
    if (argc < 4) {
        return 2;
    }
    int processes = atoi(argv[1]);
    double start = microseconds();
    for (int i = 0; i < processes; i++) {
        if (fork() == 0) {
            compute(atol(argv[2]), atol(argv[3]));
            _exit(0);
        }
    }
    for (int i = 0; i < processes; i++) {
        wait(NULL);
    }
    printf("%.0f\n", microseconds() - start);
    return 0;
}
