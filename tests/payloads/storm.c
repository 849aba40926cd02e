/* SPDX-License-Identifier: MIT
 * Signals without SA_RESTART against calls that can never say EINTR, and
 * against one that has to.
 *
 *     storm ROUNDS MICROSECONDS
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SIGNALS_MAX = 10000,
};

static volatile sig_atomic_t nested;
static volatile sig_atomic_t signals;

static void end_storm(void) {
    static const struct itimerval none;
    setitimer(ITIMER_REAL, &none, NULL);
    setitimer(ITIMER_VIRTUAL, &none, NULL);
}

static void on_alarm(int number) {
    (void)number;
    /* On a machine that is too slow the signals would come faster than calls can be made. */
    if (++signals == SIGNALS_MAX) {
        end_storm();
    }
    /* A call in the handler can be interrupted by the other signal. */
    if (access("/", F_OK) != 0) {
        nested++;
    }
}

static int wrong;

static void expect(int happened, const char *call) {
    if (!happened) {
        wrong++;
        printf("%s: %s\n", call, strerror(errno));
    }
}

static void one_round(int round) {
    int ends[2];
    expect(pipe(ends) == 0, "pipe");
    int file = open("/dev/null", O_WRONLY);
    expect(file >= 0, "open");
    expect(write(file, "x", 1) == 1, "write");
    expect(close(file) == 0, "close");
    expect(access("/", F_OK) == 0, "access");
    close(ends[0]);
    close(ends[1]);
    if (round % 200 == 0) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        expect(child > 0, "fork");
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
}

int main(int argc, char *argv[]) {
    int rounds = argc > 1 ? atoi(argv[1]) : 1000;
    int interval = argc > 2 ? atoi(argv[2]) : 200;
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGVTALRM, &action, NULL);
    struct itimerval timer = {{0, interval}, {0, interval}};
    setitimer(ITIMER_REAL, &timer, NULL);
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    for (int i = 0; i < rounds; i++) {
        one_round(i);
    }
    /* A call that really waits is interrupted, and must say so. */
    end_storm();
    signals = SIGNALS_MAX; /* the next ones do not count */
    timer = (struct itimerval){{0, 5000}, {0, 5000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    int ends[2];
    char byte;
    expect(pipe(ends) == 0, "pipe");
    for (int i = 0; i < 20; i++) {
        expect(read(ends[0], &byte, 1) == -1 && errno == EINTR, "read without EINTR");
    }
    end_storm();
    expect(nested == 0, "access in the handler");
    printf("wrong: %d\n", wrong);
    return wrong != 0;
}
