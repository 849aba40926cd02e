/* SPDX-License-Identifier: MIT
 * Calls from twenty lines, ten frames deep:
 *
 *     lines CALLS
 *
 * Prints nanoseconds per call. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    LINES = 20,
};

#define APART __attribute__((noinline))
/* So that what stands before it is no jump. */
#define STAYS() __asm__ volatile("" ::: "memory")

static double nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Called by four others, main and three of the C library; getppid() is the tenth. */
APART static void twenty(void) {
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    getppid();
    STAYS();
}

/* Each keeps something on the stack, so that no frame is empty. */
#define LEVEL(name, next)                                                                                              \
    APART static void name(void) {                                                                                     \
        volatile char room[48] = {0};                                                                                  \
        next();                                                                                                        \
        room[1] = room[0];                                                                                             \
        STAYS();                                                                                                       \
    }
LEVEL(fourth, twenty)
LEVEL(third, fourth)
LEVEL(second, third)
LEVEL(first, second)

int main(int argc, char *argv[]) {
    long rounds = argc > 1 ? (atol(argv[1]) + LINES - 1) / LINES : 0;
    if (rounds < 1) {
        return 2;
    }
    double start = nanoseconds();
    for (long round = 0; round < rounds; round++) {
        first();
    }
    printf("%.1f\n", (nanoseconds() - start) / (double)(rounds * LINES));
    return 0;
}
