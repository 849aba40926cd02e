/* SPDX-License-Identifier: MIT
 * Signals that are ignored, or that do nothing by default, reach a program in
 * the middle of calls that wait: it must not notice. Prints what the calls returned. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SIGNALS = 20,
    GAP_US = 2000,
    WAIT_MS = 300,
};

static pid_t sender;

/* A child that sends each of the signals again and again while its parent waits. */
static void start_signals(void) {
    static const int numbers[] = {SIGWINCH, SIGURG, SIGCHLD, SIGCONT, SIGUSR1};
    sender = fork();
    if (sender == 0) {
        for (int i = 0; i < SIGNALS; i++) {
            usleep(GAP_US);
            for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j++) {
                kill(getppid(), numbers[j]);
            }
        }
        _exit(0);
    }
}

static void show(const char *name, long result) {
    printf("%s: %ld%s%s\n", name, result, result < 0 ? " " : "", result < 0 ? strerrorname_np(errno) : "");
    waitpid(sender, NULL, 0);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGUSR1, SIG_IGN);
    struct timespec wait = {0, WAIT_MS * 1000000L};
    start_signals();
    show("nanosleep", nanosleep(&wait, NULL));
    start_signals();
    show("poll", poll(NULL, 0, WAIT_MS));
    start_signals();
    struct epoll_event event;
    show("epoll_wait", epoll_wait(epoll_create1(0), &event, 1, WAIT_MS));
    start_signals();
    int ends[2];
    if (pipe(ends) != 0) {
        return 1;
    }
    pid_t writer = fork();
    if (writer == 0) {
        usleep(WAIT_MS * 1000);
        _exit(write(ends[1], "x", 1) != 1);
    }
    char byte;
    show("read", read(ends[0], &byte, 1));
    waitpid(writer, NULL, 0);
    start_signals();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    show("sigtimedwait", sigtimedwait(&set, NULL, &wait));
    return 0;
}
