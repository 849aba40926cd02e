/* SPDX-License-Identifier: MIT
 * How long calls that are notified take, by the program's own clock:
 *
 *     late MILLISECONDS
 *
 * It says "ready", works and calls access(2) again and again for so long, and prints the nanoseconds of each
 * of these calls. Nothing else that it does meanwhile is a system call. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    CALLS_MAX = 100000,
    WORK_NS = 300000, /* between two calls */
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char *argv[]) {
    static long long taken[CALLS_MAX];
    size_t count = 0;
    if (argc != 2) {
        return 2;
    }
    puts("ready");
    fflush(stdout);
    long long end = now() + atoll(argv[1]) * 1000000;
    while (now() < end && count < CALLS_MAX) {
        long long start = now();
        access("/", F_OK);
        taken[count++] = now() - start;
        while (now() < start + WORK_NS) {
        }
    }
    for (size_t i = 0; i < count; i++) {
        printf("%lld\n", taken[i]);
    }
    return 0;
}
