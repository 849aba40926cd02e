/* SPDX-License-Identifier: MIT
 *
 * A daemon asks for its parent before and after its own has ended, in a session
 * of its own, and we whether it is gone when it has ended: daemon [stay]
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE = 1000, /* looks, 10 ms each */
};

static void be_daemon(int ready, int stay) {
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    /* Sent when the kernel has given us another parent. */
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    setsid();
    getppid();
    pid_t self = getpid();
    if (write(ready, &self, sizeof(self)) != sizeof(self)) {
        _exit(1);
    }
    sigwait(&set, &number);
    getppid();
    if (stay) {
        sleep(1000);
    }
    _exit(0);
}

int main(int argc, char *argv[]) {
    (void)argv;
    int ends[2];
    pid_t daemon;
    if (pipe(ends) < 0) {
        return 1;
    }
    getppid();
    pid_t parent = fork();
    if (parent == 0) {
        if (fork() == 0) {
            be_daemon(ends[1], argc > 1);
        }
        if (read(ends[0], &daemon, sizeof(daemon)) != sizeof(daemon) ||
            write(ends[1], &daemon, sizeof(daemon)) != sizeof(daemon)) {
            _exit(1);
        }
        _exit(0);
    }
    if (waitpid(parent, NULL, 0) != parent || read(ends[0], &daemon, sizeof(daemon)) != sizeof(daemon)) {
        return 1;
    }
    for (int i = 0; i < PATIENCE; i++) {
        if (kill(daemon, 0) < 0 && errno == ESRCH) {
            return 0;
        }
        usleep(10000);
    }
    return 2;
}
