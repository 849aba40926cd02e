/* SPDX-License-Identifier: MIT
 * Children send SIGTERM to the whole process group; each must arrive once. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CHILDREN = 30,
};

static volatile sig_atomic_t received;

static void on_term(int number) {
    (void)number;
    received++;
}

int main(void) {
    struct sigaction action = {.sa_handler = on_term, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &action, NULL);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGTERM, SIG_IGN);
            kill(0, SIGTERM);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    usleep(300000); /* for what may come a second time */
    printf("%d\n", (int)received);
    return 0;
}
