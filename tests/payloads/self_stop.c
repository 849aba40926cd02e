/* SPDX-License-Identifier: MIT
 * Stops itself as the terminal would, and is continued by its own child, which
 * makes calls on the way. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    setpgid(0, 0);
    if (fork() == 0) {
        usleep(300000);
        for (int i = 0; i < 10; i++) {
            access("/", F_OK);
        }
        kill(getppid(), SIGCONT);
        _exit(0);
    }
    kill(getpid(), SIGTSTP);
    puts("continued");
    return 0;
}
