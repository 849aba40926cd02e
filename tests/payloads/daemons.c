/* SPDX-License-Identifier: MIT
 * Starts daemons, as daemon(3) does, and ends:
 *
 *     daemons COUNT FOLDER
 *
 * Prints their ids. Each goes on making calls until there is a file `go` in the folder; then it leaves a file there
 * named after itself, which says how it fared, and ends. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    REST_US = 2000,
};

static const char *folder;

static _Noreturn void be_daemon(void) {
    char go[PATH_MAX];
    char proof[PATH_MAX];
    snprintf(go, sizeof(go), "%s/go", folder);
    snprintf(proof, sizeof(proof), "%s/%d", folder, getpid());
    int good = 1;
    while (access(go, F_OK) != 0) {
        /* Of both kinds, and children of its own. */
        good = good && access("/", F_OK) == 0 && getppid() > 0;
        pid_t child = fork();
        if (child == 0) {
            _exit(access("/", F_OK) == 0 ? 3 : 4);
        }
        int status = 0;
        good = good && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 3;
        usleep(REST_US);
    }
    int file = open(proof, O_WRONLY | O_CREAT | O_EXCL, 0644);
    const char *word = good ? "good" : "bad";
    _exit(write(file, word, strlen(word)) < 0);
}

static void start_daemon(void) {
    int ends[2];
    pid_t daemon = 0;
    if (pipe(ends) != 0) {
        exit(1);
    }
    pid_t child = fork();
    if (child == 0) {
        setsid();
        daemon = fork();
        if (daemon == 0) {
            umask(0);
            if (chdir("/") != 0) {
                _exit(1);
            }
            syscall(SYS_close_range, 0, ~0U, 0);
            be_daemon();
        }
        _exit(write(ends[1], &daemon, sizeof(daemon)) != sizeof(daemon));
    }
    if (waitpid(child, NULL, 0) != child || read(ends[0], &daemon, sizeof(daemon)) != sizeof(daemon)) {
        exit(1);
    }
    printf("%d\n", daemon);
    close(ends[0]);
    close(ends[1]);
}

int main(int argc, char *argv[]) {
    if (argc < 3) {
        return 2;
    }
    folder = argv[2];
    for (int i = atoi(argv[1]); i > 0; i--) {
        fflush(stdout);
        start_daemon();
    }
    return 0;
}
