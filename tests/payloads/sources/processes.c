/* SPDX-License-Identifier: MIT
 * Marked calls (marks.h) around fork, vfork, exec, and in what does not return:
 *
 *     processes            all of it
 *     processes executed   what it executes */
#define _GNU_SOURCE
#include "marks.h"

#include <signal.h>
#include <sys/wait.h>

APART static void await(pid_t pid) {
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        abort();
    }
}

APART static void in_child(void) {
    MARK_IN(1, "child of fork", "forked main", CLOSE(1));
}

APART static void forked(void) {
    pid_t pid = fork();
    if (pid == 0) {
        in_child();
        MARK_MORE(2, "child of fork that does not return", "", CALLS("exit_group", 4), _exit(4));
    }
    await(pid);
    MARK(3, "parent of fork", CLOSE(3));
}

APART static void of_vfork(void) {
    MARK(4, "child of vfork", CLOSE(4));
}

APART static void vforked(void) {
    pid_t pid = vfork();
    if (pid == 0) {
        of_vfork();
        _exit(0);
    }
    await(pid);
    MARK(5, "parent of vfork", CLOSE(5));
}

/* A child of a child, by then without any mapping that was told of itself. */
APART static void grandchild(void) {
    pid_t pid = fork();
    if (pid == 0) {
        pid_t below = fork();
        if (below == 0) {
            MARK(6, "grandchild", CLOSE(6));
            _exit(0);
        }
        await(below);
        _exit(0);
    }
    await(pid);
}

APART static void executing(char *self) {
    char *const arguments[] = {self, "executed", NULL};
    pid_t pid = fork();
    if (pid == 0) {
        MARK(7, "exec that fails", execv("/nonexistent/mark 7", arguments));
        MARK(8, "behind an exec that failed", CLOSE(8));
        execv("/proc/self/exe", arguments);
        abort();
    }
    await(pid);
}

APART static void aborting(void) {
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        MARK_MORE(9, "abort", "", ", \"call\": \"tgkill\"", abort());
    }
    await(pid);
}

int main(int argc, char *argv[]) {
    if (argc > 1) {
        MARK(10, "executed", CLOSE(10));
        return 0;
    }
    forked();
    vforked();
    grandchild();
    executing(argv[0]);
    aborting();
    MARK(11, "behind all of them", CLOSE(11));
    return 0;
}
