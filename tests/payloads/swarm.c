/* SPDX-License-Identifier: MIT
 * Many processes and threads that live shortly, and odd ones:
 *
 *     swarm COUNT
 *
 * Prints a line for each kind, the same in every run of the same user. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
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
    AT_ONCE = 8,
    BOMB_DEPTH = 7,
    GENERATIONS = 1000,
    CODE = 33,
};

static void say(const char *what, long result) {
    printf("%s: %ld\n", what, result);
    fflush(stdout);
}

static int exits_with(pid_t child, int code) {
    int status;
    return waitpid(child, &status, __WALL) == child && WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static int works(void) {
    return access("/", F_OK) == 0 && getppid() >= 0;
}

static pid_t fork_to_exit(void) {
    pid_t child = fork();
    if (child == 0) {
        _exit(works() ? CODE : 1);
    }
    return child;
}

static char *new_stack(void) {
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return stack + STACK_BYTES;
}

/* ------------------------------------------------------------------------- many */

static long processes(long count) {
    long good = 0;
    for (long i = 0; i < count; i += AT_ONCE) {
        pid_t children[AT_ONCE];
        for (int j = 0; j < AT_ONCE; j++) {
            children[j] = fork_to_exit();
        }
        for (int j = 0; j < AT_ONCE; j++) {
            good += exits_with(children[j], CODE);
        }
    }
    return good;
}

static int vfork_once(void) {
    pid_t child = vfork();
    if (child == 0) {
        _exit(CODE);
    }
    return exits_with(child, CODE);
}

static long vforks(long count) {
    long good = 0;
    for (long i = 0; i < count; i++) {
        good += vfork_once();
    }
    return good;
}

static void *thread(void *context) {
    return works() ? context : NULL;
}

static long threads(long count) {
    long good = 0;
    for (long i = 0; i < count; i += AT_ONCE) {
        pthread_t all[AT_ONCE];
        for (int j = 0; j < AT_ONCE; j++) {
            pthread_create(&all[j], NULL, thread, all);
        }
        for (int j = 0; j < AT_ONCE; j++) {
            void *result;
            pthread_join(all[j], &result);
            good += result == all;
        }
    }
    return good;
}

static void *detached(void *context) {
    thread(context);
    return NULL;
}

/* Threads that nobody waits for, and that the end of the process may meet anywhere. */
static long detached_threads(long count) {
    pid_t child = fork();
    if (child == 0) {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, STACK_BYTES);
        for (long i = 0; i < count; i++) {
            pthread_t ignored;
            while (pthread_create(&ignored, &attributes, detached, NULL) != 0) {
                sched_yield();
            }
        }
        _exit(CODE);
    }
    return exits_with(child, CODE);
}

/* Each process has two children, down to some depth: how many there were. */
static long bomb(int depth) {
    long sum = 1;
    int ends[2];
    if (depth == 0 || pipe(ends) != 0) {
        return sum;
    }
    for (int i = 0; i < 2; i++) {
        if (fork() == 0) {
            long below = bomb(depth - 1);
            _exit(write(ends[1], &below, sizeof(below)) != sizeof(below));
        }
    }
    for (int i = 0; i < 2; i++) {
        long below = 0;
        sum += read(ends[0], &below, sizeof(below)) == sizeof(below) ? below : 0;
    }
    while (wait(NULL) > 0) {
    }
    close(ends[0]);
    close(ends[1]);
    return sum;
}

/* Generations of processes that share their memory: fork(2) takes longer and longer with each. */
static int generation(void *context) {
    intptr_t left = (intptr_t)context - 1;
    if (left == 0) {
        return works() ? CODE : 1;
    }
    char *stack = new_stack();
    pid_t child = clone(generation, stack, CLONE_VM | SIGCHLD, (void *)left);
    int good = exits_with(child, CODE);
    munmap(stack - STACK_BYTES, STACK_BYTES);
    return good ? CODE : 1;
}

static int tree(void) {
    return generation((void *)(intptr_t)GENERATIONS) == CODE;
}

/* ------------------------------------------------------------- children nobody asks for */

/* Zombies that are never waited for, of a process that goes on for a while. */
static long zombies(long count) {
    pid_t child = fork();
    if (child == 0) {
        for (long i = 0; i < count; i++) {
            fork_to_exit();
        }
        siginfo_t info;
        for (int i = 0; i < 3 && waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0; i++) {
            works();
        }
        _exit(CODE);
    }
    return exits_with(child, CODE);
}

/* Children that their parents leave behind come to us, who asked for it. */
static long orphans(long count) {
    long good = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (long i = 0; i < count; i++) {
        pid_t parent = fork();
        if (parent == 0) {
            pid_t own = getpid();
            if (fork() == 0) {
                while (getppid() == own) {
                    sched_yield();
                }
                _exit(works() ? CODE : 1);
            }
            _exit(0);
        }
        good += exits_with(parent, 0);
    }
    int status;
    long found = 0;
    while (wait(&status) > 0) {
        found += WIFEXITED(status) && WEXITSTATUS(status) == CODE;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    return good == count ? found : -1;
}

static long stopped(long count) {
    long good = 0;
    for (long i = 0; i < count; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            raise(SIGSTOP);
            _exit(works() ? CODE : 1);
        }
        int stops = waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
        kill(child, i % 2 ? SIGKILL : SIGCONT);
        int ends = waitpid(child, &status, 0) == child;
        good += stops && ends &&
                (i % 2 ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
                       : WIFEXITED(status) && WEXITSTATUS(status) == CODE);
    }
    return good;
}

/* ------------------------------------------------------------------------ odd clones */

static int child_main(void *context) {
    int fd = context ? open("/dev/null", O_WRONLY) : 0;
    if (context) {
        *(int *)context = fd;
    }
    return works() && fd >= 0 ? CODE : 1;
}

/* A child that shares descriptors, and nothing else. */
static int shares_files(void) {
    int *fd = mmap(NULL, sizeof(*fd), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = clone(child_main, new_stack(), CLONE_FILES | SIGCHLD, fd);
    int good = exits_with(child, CODE) && fcntl(*fd, F_GETFD) >= 0;
    return close(*fd) == 0 && good;
}

static int vfork_alone(void) {
    return exits_with(clone(child_main, new_stack(), CLONE_VFORK | SIGCHLD, NULL), CODE);
}

static int with_pidfd(void) {
    int pidfd = -1;
    pid_t child = clone(child_main, new_stack(), CLONE_PIDFD | SIGCHLD, NULL, &pidfd);
    struct pollfd ended = {pidfd, POLLIN, 0};
    int good = poll(&ended, 1, -1) == 1;
    close(pidfd);
    return exits_with(child, CODE) && good;
}

/* A thread that no library knows of. */
static int bare_thread(void) {
    static volatile pid_t tid;
    pid_t child = fork();
    if (child == 0) {
        tid = 1;
        pid_t made = clone(child_main, new_stack(),
                           CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                               CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
                           NULL, &tid, NULL, &tid);
        pid_t seen;
        while (made > 0 && (seen = tid) != 0) {
            syscall(SYS_futex, &tid, 0 /* FUTEX_WAIT */, seen, NULL);
        }
        _exit(made > 0 && works() ? CODE : 1);
    }
    return exits_with(child, CODE);
}

static int siblings(void) {
    int good = 0;
    for (int i = 0; i < 20; i++) {
        pid_t *sibling = mmap(NULL, sizeof(*sibling), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        pid_t child = fork();
        if (child == 0) {
            *sibling = clone(child_main, new_stack(), CLONE_PARENT | SIGCHLD, NULL);
            _exit(CODE);
        }
        good += exits_with(child, CODE) && exits_with(*sibling, CODE);
        munmap(sibling, sizeof(*sibling));
    }
    return good;
}

/* In the control group where we are; which the kernel may refuse. */
static int into_cgroup(void) {
    int folder = open("/sys/fs/cgroup/unified", O_RDONLY | O_DIRECTORY);
    if (folder < 0) {
        folder = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY);
    }
    struct clone_args arguments = {
        .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)(int64_t)folder};
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
    if (child == 0) {
        _exit(works() ? CODE : 1);
    }
    int result = child > 0 ? exits_with(child, CODE) : -errno;
    close(folder);
    return result;
}

/* Processes that have the same id one after the other, if that is permitted: each says which of them it is. */
static long same_id(long count) {
    pid_t id = fork_to_exit();
    long good = exits_with(id, CODE) ? 0 : -1;
    for (long i = 0; i < count; i++) {
        struct clone_args arguments = {.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&id, .set_tid_size = 1};
        pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
        if (child < 0) {
            /* EEXIST: somebody else was given the id. */
            return errno == EPERM ? -EPERM : count;
        }
        if (child == 0) {
            char path[48];
            snprintf(path, sizeof(path), "/nonexistent/same/%ld", i);
            access(path, F_OK);
            if (i % 2) {
                kill(getpid(), SIGKILL);
            }
            _exit(CODE);
        }
        int status;
        good += waitpid(child, &status, 0) == id && (i % 2 ? WIFSIGNALED(status) : WIFEXITED(status));
    }
    return good;
}

int main(int argc, char *argv[]) {
    if (argc < 2) {
        return 2;
    }
    long count = atol(argv[1]);
    say("processes", processes(count));
    say("vforks", vforks(count));
    say("threads", threads(count));
    say("detached threads", detached_threads(count));
    say("bomb", bomb(BOMB_DEPTH));
    say("tree", tree());
    say("zombies", zombies(count / 8));
    say("orphans", orphans(count / 8));
    say("stopped", stopped(count / 16));
    say("shared files", shares_files());
    say("CLONE_VFORK alone", vfork_alone());
    say("CLONE_PIDFD", with_pidfd());
    say("bare thread", bare_thread());
    say("siblings", siblings());
    say("CLONE_INTO_CGROUP", into_cgroup());
    say("same id", same_id(count / 8));
    return 0;
}
