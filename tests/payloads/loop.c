/* SPDX-License-Identifier: MIT
 * One call again and again:
 *
 *     loop getppid|access ROUNDS
 *
 * Prints nanoseconds per call. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char *argv[]) {
    if (argc < 3) {
        return 2;
    }
    long rounds = atol(argv[2]);
    double start = nanoseconds();
    if (argv[1][0] == 'g') {
        for (long i = 0; i < rounds; i++) {
            syscall(SYS_getppid);
        }
    } else {
        for (long i = 0; i < rounds; i++) {
            access("/", F_OK);
        }
    }
    printf("%.1f\n", (nanoseconds() - start) / (double)rounds);
    return 0;
}
