/* SPDX-License-Identifier: MIT
 * All ways to make, replace and end processes and threads. Prints a line for
 * each, the same in every run:  clones [PROGRAM that exits with 5] */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STACK_BYTES = 65536,
    POOL_THREADS = 8,
    POOL_ROUNDS = 40,
    CROWD = 100,
    GENERATIONS = 20,
};

static char *self;
static atomic_int seen;

static void check(const char *what, int good) {
    printf("%s: %s\n", what, good ? "ok" : "WRONG");
}

/* Calls that stop and calls that do not, which have to work. */
static int works(void) {
    int file = open("/dev/null", O_WRONLY);
    int good = file >= 0 && write(file, "x", 1) == 1 && access("/", F_OK) == 0 && getppid() > 0;
    return good && close(file) == 0;
}

static int status_of(pid_t child, int options) {
    int status = -1;
    return waitpid(child, &status, options) == child ? status : -1;
}

static int exits_with(pid_t child, int code, int options) {
    int status = status_of(child, options);
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static int child_main(void *context) {
    seen = 1;
    return works() ? (int)(intptr_t)context : 99;
}

static pid_t clone_with(int flags, int code) {
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    seen = 0;
    return clone(child_main, stack + STACK_BYTES, flags, (void *)(intptr_t)code);
}

static void on_signal(int number) {
    (void)number;
    seen++;
}

static void flags(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(works() ? 3 : 99);
    }
    check("fork", exits_with(child, 3, 0));
    child = vfork();
    if (child == 0) {
        _exit(4);
    }
    check("vfork", exits_with(child, 4, 0));
    check("clone", exits_with(clone_with(SIGCHLD, 5), 5, 0) && !seen);
    check("CLONE_VM", exits_with(clone_with(CLONE_VM | SIGCHLD, 6), 6, 0) && seen);
    check("CLONE_VM|CLONE_FILES|CLONE_SIGHAND",
          exits_with(clone_with(CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | SIGCHLD, 7), 7, 0) && seen);
    check("CLONE_VM|CLONE_VFORK", exits_with(clone_with(CLONE_VM | CLONE_VFORK | SIGCHLD, 8), 8, 0) && seen);
    check("no signal at the end", exits_with(clone_with(0, 9), 9, __WCLONE));
    check("CLONE_UNTRACED", exits_with(clone_with(CLONE_UNTRACED | SIGCHLD, 10), 10, 0));
    signal(SIGUSR1, on_signal);
    seen = 0;
    child = (pid_t)syscall(SYS_clone, SIGUSR1, NULL, NULL, NULL, 0);
    if (child == 0) {
        _exit(11);
    }
    check("another signal at the end", exits_with(child, 11, __WALL) && seen == 1);
}

static void other_parents(void) {
    int ends[2];
    pid_t grandchild = 0;
    if (pipe(ends) != 0) {
        exit(1);
    }
    pid_t child = fork();
    if (child == 0) {
        grandchild = clone_with(CLONE_PARENT | SIGCHLD, 12);
        _exit(write(ends[1], &grandchild, sizeof(grandchild)) == sizeof(grandchild) ? 13 : 99);
    }
    int good = exits_with(child, 13, 0) && read(ends[0], &grandchild, sizeof(grandchild)) == sizeof(grandchild);
    check("CLONE_PARENT", good && exits_with(grandchild, 12, 0));
    child = fork();
    if (child == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            while (getppid() == parent) {
                usleep(1000);
            }
            _exit(write(ends[1], works() ? "orphan" : "broken", 6) != 6);
        }
        _exit(14);
    }
    char word[6] = "";
    good = exits_with(child, 14, 0) && read(ends[0], word, sizeof(word)) == 6;
    check("an orphan", good && memcmp(word, "orphan", 6) == 0);
    close(ends[0]);
    close(ends[1]);
}

static void clone_3(void) {
    int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
    if (child == 0) {
        _exit(works() ? 15 : 99);
    }
    struct pollfd ended = {pidfd, POLLIN, 0};
    siginfo_t info = {0};
    check("clone3", poll(&ended, 1, -1) == 1 && waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) == 0 &&
                        info.si_status == 15 && info.si_pid == child);
    close(pidfd);
    arguments = (struct clone_args){.exit_signal = SIGCHLD, .flags = CLONE_VM | CLONE_THREAD};
    check("clone3 that fails", syscall(SYS_clone3, &arguments, sizeof(arguments)) == -1 && errno == EINVAL);
}

static void *use(void *context) {
    return works() ? context : NULL;
}

static void *fork_it(void *context) {
    pid_t child = fork();
    if (child == 0) {
        _exit(works() ? 16 : 99);
    }
    return exits_with(child, 16, 0) ? context : NULL;
}

static int run_threads(void *(*start)(void *)) {
    pthread_t threads[POOL_THREADS];
    int good = 0;
    for (int i = 0; i < POOL_THREADS; i++) {
        pthread_create(&threads[i], NULL, start, threads);
    }
    for (int i = 0; i < POOL_THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good += result == threads;
    }
    return good;
}

static void threads(void) {
    int good = 0;
    for (int i = 0; i < POOL_ROUNDS; i++) {
        good += run_threads(use);
    }
    printf("threads: %d\n", good);
    printf("forks by threads: %d\n", run_threads(fork_it));
}

static void *loop(void *context) {
    for (;;) {
        works();
    }
    return context;
}

static void *exit_later(void *context) {
    (void)context;
    usleep(20000);
    exit(works() ? 17 : 99);
}

static void *execute(void *context) {
    char *const *arguments = context;
    usleep(5000);
    execv(arguments[0], arguments);
    _exit(99);
}

/* A child with threads that make calls; its leader goes on in `last`. */
static pid_t busy_child(void *(*last)(void *), void *context, void *(*another)(void *)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        for (int i = 0; i < 3; i++) {
            pthread_create(&thread, NULL, loop, NULL);
        }
        if (another) {
            pthread_create(&thread, NULL, another, context);
        }
        last(context);
    }
    return child;
}

static void *leave(void *context) {
    pthread_exit(context);
}

static void *exit_at_once(void *context) {
    _exit(*(int *)context);
}

static void ends(void) {
    static char shell[] = "/bin/sh";
    static char command[] = "-c";
    static char script[] = "/bin/true; exit 18";
    char *program[] = {shell, command, script, NULL};
    int code = 19;
    check("the leader ends first", exits_with(busy_child(leave, NULL, exit_later), 17, 0));
    check("exit while threads make calls", exits_with(busy_child(exit_at_once, &code, NULL), 19, 0));
    check("exec while threads make calls", exits_with(busy_child(execute, program, NULL), 18, 0));
    check("exec by another thread", exits_with(busy_child(loop, program, execute), 18, 0));
    check("exec by another thread, the leader has ended", exits_with(busy_child(leave, program, execute), 18, 0));
    pid_t child = busy_child(loop, NULL, NULL);
    usleep(5000);
    kill(child, SIGKILL);
    int status = status_of(child, 0);
    check("killed while threads make calls", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    /* Exec of oneself, again and again, each time by another thread. */
    char *again[] = {self, (char[]){"exec"}, (char[]){"20"}, NULL};
    check("exec by thread after thread", exits_with(busy_child(loop, again, execute), 21, 0));
}

static void crowds(const char *other) {
    int good = 0;
    pid_t children[CROWD];
    for (int i = 0; i < CROWD; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            _exit(works() ? i : 255);
        }
    }
    for (int i = 0; i < CROWD; i++) {
        good += exits_with(children[i], i, 0);
    }
    printf("children at once: %d\n", good);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 1; i < GENERATIONS; i++) {
            pid_t next = fork();
            if (next > 0) {
                int status = status_of(next, 0);
                _exit(WEXITSTATUS(status) + 1);
            }
        }
        _exit(works() ? 1 : 200);
    }
    check("generations", exits_with(child, GENERATIONS, 0));
    if (other) {
        fflush(stdout);
        child = fork();
        if (child == 0) {
            execl(other, other, NULL);
            _exit(99);
        }
        check("another program", exits_with(child, 5, 0));
    }
}

/* Replace oneself by a thread's exec, `left` times. */
static void exec_again(int left) {
    if (left == 0) {
        exit(21);
    }
    char number[16];
    snprintf(number, sizeof(number), "%d", left - 1);
    char *again[] = {self, (char[]){"exec"}, number, NULL};
    pthread_t thread;
    pthread_create(&thread, NULL, execute, again);
    pthread_join(thread, NULL);
}

int main(int argc, char *argv[]) {
    self = argv[0];
    if (argc == 3 && strcmp(argv[1], "exec") == 0) {
        exec_again(atoi(argv[2]));
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    flags();
    other_parents();
    clone_3();
    threads();
    ends();
    crowds(argc > 1 ? argv[1] : NULL);
    return 0;
}
