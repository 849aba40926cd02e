/* SPDX-License-Identifier: MIT
 * Programs that do odd things with memory, rights, limits and descriptors, one by its name each: "odd NAME".
 * They print what they see, which has to be the same without a tracer. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE = 4096,
};

extern char **environ;

static void say(const char *what, long result) {
    char line[200];
    int length = snprintf(line, sizeof(line), "%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "works");
    if (write(STDOUT_FILENO, line, (size_t)length) < 0) {
        _exit(9);
    }
}

static void say_number(const char *what, long number) {
    char line[200];
    int length = snprintf(line, sizeof(line), "%s: %ld\n", what, number);
    if (write(STDOUT_FILENO, line, (size_t)length) < 0) {
        _exit(9);
    }
}

/* Run a program in a child and say how it ends. */
static void run(const char *program, const char *const argv[]) {
    pid_t child = fork();
    if (child == 0) {
        execve(program, (char *const *)(uintptr_t)argv, environ);
        _exit(100 + errno % 100);
    }
    int status = -1;
    say("wait", waitpid(child, &status, 0));
    say_number(program, status);
}

static void run_true(void) {
    run("/bin/true", (const char *[]){"true", NULL});
}

/* -------------------------------------------------------------- memory of arguments */

static void use(const char *what, void *at) {
    static const struct timespec none;
    char text[100];
    snprintf(text, sizeof(text), "open %s", what);
    say(text, open(at, O_RDONLY | O_CLOEXEC));
    snprintf(text, sizeof(text), "write %s", what);
    say(text, write(STDERR_FILENO, at, 20));
    say("a line", write(STDERR_FILENO, "\n", 1));
    snprintf(text, sizeof(text), "nanosleep %s", what);
    say(text, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL) == 0 ? 0 : -1);
    snprintf(text, sizeof(text), "nanosleep with %s", what);
    say(text, nanosleep(&none, at));
}

static void *map(size_t size, int protection, int flags, int fd) {
    void *at = mmap(NULL, size, protection, flags, fd, 0);
    if (at == MAP_FAILED) {
        say("mmap", -1);
        _exit(8);
    }
    return at;
}

static int memory(void) {
    static const int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    int both = PROT_READ | PROT_WRITE;
    char *at = map(4 * PAGE, both, anonymous, -1);
    use("untouched", at);
    memset(at, 0, PAGE);
    madvise(at, PAGE, MADV_DONTNEED);
    use("not needed", at);
    mprotect(at, PAGE, PROT_NONE);
    use("protected", at);
    mprotect(at, PAGE, PROT_WRITE);
    use("only written", at);
    /* mseal(2), Linux 6.10: from here on it can only be what it is. */
    long sealed = syscall(462, at, (size_t)PAGE, 0L);
    use(sealed == 0 ? "sealed" : "not sealed", at);
    int file = memfd_create("odd", MFD_CLOEXEC);
    say("ftruncate", ftruncate(file, 10));
    at = map(4 * PAGE, both, MAP_SHARED, file);
    use("shared", at);
    use("at the end of a file", at + PAGE - 10);
    use("behind the end of a file", at + 2 * PAGE);
    at = mmap(NULL, 2 << 20, both, anonymous | MAP_HUGETLB, -1, 0);
    if (at != MAP_FAILED) {
        use("huge", at);
    }
    at = map(16 * PAGE, both, anonymous | MAP_GROWSDOWN, -1);
    use("growing", at);
    int key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
    if (key >= 0) {
        at = map(PAGE, both, anonymous, -1);
        pkey_mprotect(at, PAGE, both, key);
        use("under a key", at);
    }
    use("of nobody", (void *)8);
    use("of the kernel", (void *)0xffffffff81000000);
    return 3;
}

static atomic_bool over;
static char *moving;

static void *move(void *unused) {
    while (!atomic_load(&over)) {
        mmap(moving, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        munmap(moving, PAGE);
    }
    return unused;
}

/* Memory that another thread takes away in the middle of calls. */
static int taken(void) {
    pthread_t thread;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    moving = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    pthread_create(&thread, NULL, move, NULL);
    int calls = 0;
    for (int i = 0; i < 300; i++) {
        long opened = open(moving, O_RDONLY | O_CLOEXEC);
        calls += opened < 0 && (errno == ENOENT || errno == EFAULT);
        calls += write(null, moving, 100) == 100; /* the device looks at nothing */
    }
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    say_number("as they should", calls);
    return 4;
}

/* -------------------------------------------------------------------------- rights */

static int undumpable(void) {
    say("prctl", prctl(PR_SET_DUMPABLE, 0));
    say("open", open("/dev/null", O_RDONLY | O_CLOEXEC));
    run_true();
    say_number("dumpable", prctl(PR_GET_DUMPABLE));
    say("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    run_true();
    return 5;
}

/* Only read, write, exit and sigreturn are left then, and the end of anything else is SIGKILL. */
static int strict(void) {
    say("strict", prctl(PR_SET_SECCOMP, 1 /* SECCOMP_MODE_STRICT */));
    say("write", 0);
    syscall(SYS_exit, 15);
    return 1;
}

static int names(void) {
    char name[17] = "";
    say("a name", prctl(PR_SET_NAME, "\x1b[31m\n\"\\\xff\xc3(\x01)\x7f"));
    prctl(PR_GET_NAME, name);
    for (unsigned i = 0; i < 16 && name[i]; i++) {
        say_number("byte", (unsigned char)name[i]);
    }
    say("a subreaper", prctl(PR_SET_CHILD_SUBREAPER, 1));
    say("a signal at the parent's death", prctl(PR_SET_PDEATHSIG, SIGUSR1));
    say("a personality", personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC));
    run_true();
    int orphan = fork();
    if (orphan == 0) {
        if (fork() == 0) {
            usleep(20000);
            _exit(getppid() == 1 ? 1 : 2);
        }
        _exit(7);
    }
    for (int i = 0; i < 2; i++) {
        int status;
        say("wait", wait(&status));
        say_number("status", WEXITSTATUS(status));
    }
    long ring = syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, "odd");
    say("a keyring", ring);
    return 6;
}

/* As root: become nobody in one of several ways, and run on. */
static int becoming(void) {
    static const gid_t groups[] = {65534, 1};
    for (int way = 0; way < 4; way++) {
        pid_t child = fork();
        if (child == 0) {
            if (way == 0) {
                say("setgroups", setgroups(2, groups));
                say("setgid", setgid(65534));
                say("setuid", setuid(65534));
            } else if (way == 1) {
                say("setresuid", setresuid(65534, 65534, 0));
                say("open", open("/etc/shadow", O_RDONLY | O_CLOEXEC));
                say("seteuid", seteuid(0));
                say("setgid", setgid(65534));
                say("setreuid", setreuid(1, 65534));
            } else if (way == 2) {
                struct {
                    uint32_t version;
                    int pid;
                    uint32_t sets[6];
                } none = {.version = 0x20080522};
                say("capset", syscall(SYS_capset, &none, none.sets));
            } else {
                say("setfsuid", syscall(SYS_setfsuid, 65534));
                say("keeping", prctl(PR_SET_KEEPCAPS, 1));
                say("setresuid", setresuid(1, 1, 1));
            }
            say("open", open("/etc/shadow", O_RDONLY | O_CLOEXEC));
            say_number("dumpable", prctl(PR_GET_DUMPABLE));
            run_true();
            run("/usr/bin/id", (const char *[]){"id", NULL});
            _exit(0);
        }
        int status = -1;
        waitpid(child, &status, 0);
        say_number("way", status);
    }
    return 7;
}

static int in_new_root(void *folder) {
    say("chroot", chroot(folder));
    say("chdir", chdir("/"));
    say("open", open("/proc/self/status", O_RDONLY | O_CLOEXEC));
    run("/no-such", (const char *[]){"no", NULL});
    say("a child", fork() == 0 ? (_exit(0), 0) : 0);
    say("wait", wait(NULL));
    return 0;
}

/* As root: namespaces, and a root without /proc. */
static int spaces(void) {
    say("unshare", unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWCGROUP));
    say("private", mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL));
    say("sethostname", sethostname("odd", 3));
    pid_t first = fork();
    if (first == 0) {
        say_number("pid", getpid());
        if (fork() == 0) {
            pause(); /* until its pid 1 is gone */
        }
        run_true();
        _exit(3);
    }
    int status = -1;
    waitpid(first, &status, 0);
    say_number("pid 1", WEXITSTATUS(status));
    say("no fork any more", fork());
    pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        _exit(1);
    }
    char folder[] = "/tmp/renacer-odd-XXXXXX";
    say("mkdtemp", mkdtemp(folder) ? 0 : -1);
    say("tmpfs", mount("none", folder, "tmpfs", 0, NULL));
    int old = open("/proc/1/ns/pid", O_RDONLY | O_CLOEXEC);
    say("setns", setns(old, CLONE_NEWPID));
    child = fork();
    if (child == 0) {
        _exit(in_new_root(folder));
    }
    waitpid(child, &status, 0);
    say_number("in a new root", status);
    say("umount", umount(folder));
    rmdir(folder);
    return 8;
}

/* --------------------------------------------------------------------------- limits */

static int limits(void) {
    signal(SIGXFSZ, SIG_IGN);
    static const struct {
        int resource;
        rlim_t limit;
    } lowered[] = {{RLIMIT_NOFILE, 3},     {RLIMIT_FSIZE, 0},    {RLIMIT_STACK, 1 << 16}, {RLIMIT_NPROC, 1},
                   {RLIMIT_DATA, 1 << 16}, {RLIMIT_MEMLOCK, 0},  {RLIMIT_CORE, 0},        {RLIMIT_CPU, 100},
                   {RLIMIT_SIGPENDING, 0}, {RLIMIT_MSGQUEUE, 0}, {RLIMIT_AS, 1 << 16},    {RLIMIT_NICE, 0}};
    for (size_t i = 0; i < sizeof(lowered) / sizeof(lowered[0]); i++) {
        struct rlimit before;
        getrlimit(lowered[i].resource, &before);
        struct rlimit limit = {lowered[i].limit, before.rlim_max};
        say("setrlimit", setrlimit(lowered[i].resource, &limit));
        int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
        say("open", opened);
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        say("fork", child);
        if (child > 0) {
            waitpid(child, NULL, 0);
        }
        if (opened >= 0) {
            close(opened);
        }
        setrlimit(lowered[i].resource, &before);
    }
    return 9;
}

/* ---------------------------------------------------------------------- descriptors */

static int closing(void) {
    int kept = dup(STDOUT_FILENO);
    say("with CLOEXEC", close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
    run("/bin/sh", (const char *[]){"sh", "-c", "ls /proc/self/fd | wc -l", NULL});
    say("of its own", close_range(3, ~0U, CLOSE_RANGE_UNSHARE));
    say("it is gone", write(kept, "no\n", 3));
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    int most = files.rlim_cur < 1024 ? (int)files.rlim_cur : 1024;
    for (int fd = 3; fd < most; fd++) {
        if (dup2(STDOUT_FILENO, fd) != fd) {
            say("dup2", -1);
        }
    }
    say("full", dup(STDOUT_FILENO) < most ? 0 : 1);
    run_true();
    closefrom(3);
    for (int fd = 3; fd < most; fd++) {
        if (close(fd) == 0) {
            say_number("was open", fd);
        }
    }
    run_true();
    say("all of them", 0);
    close_range(0, ~0U, 0);
    return open("/dev/null", O_RDONLY) == 0 ? 10 : 11;
}

/* ---------------------------------------------------------------------- executions */

static int executions(void) {
    static char text[200000];
    int status = -1;
    pid_t child = vfork();
    if (child == 0) {
        execl("/no-such", "no", (char *)NULL);
        _exit(21);
    }
    waitpid(child, &status, 0);
    say_number("a failing execve", status);
    child = vfork();
    if (child == 0) {
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &status, 0);
    say_number("killed", status);
    char no[] = "no";
    char *argv[] = {no, NULL};
    say_number("posix_spawn", posix_spawn(&child, "/no-such", NULL, NULL, argv, environ));
    say_number("a folder", posix_spawn(&child, "/", NULL, NULL, argv, environ));
    memset(text, 'x', sizeof(text) - 1);
    say("too big", execl("/bin/true", "true", text, (char *)NULL));
    char path[] = "/tmp/renacer-odd-XXXXXX";
    int file = mkstemp(path);
    say("mkstemp", file < 0 || write(file, "#!/no-such\n", 11) < 0 || fchmod(file, 0755) < 0 ? -1 : 0);
    argv[0] = path;
    say("busy", execve(path, argv, environ));
    close(file);
    say("no interpreter", execve(path, argv, environ));
    file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    say("no format", file < 0 ||
                             write(file,
                                   "\x7f"
                                   "ELF no",
                                   7) < 0 ||
                             close(file) < 0
                         ? -1
                         : execve(path, argv, environ));
    unlink(path);
    return 12;
}

/* What it can see of itself that does not depend on when and who it is. */
static void show(const char *path) {
    char text[8192];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length;
    while (file >= 0 && (length = read(file, text, sizeof(text))) > 0) {
        if (write(STDOUT_FILENO, text, (size_t)length) < 0) {
            _exit(9);
        }
    }
    say(path, file);
    close(file);
}

static int itself(void) {
    static const char *const files[] = {"limits",         "oom_score_adj", "cgroup",    "coredump_filter", "autogroup",
                                        "timerslack_ns",  "comm",          "cmdline",   "environ",         "fdinfo/0",
                                        "personality",    "loginuid",      "sessionid", "setgroups",       "uid_map",
                                        "timens_offsets", "attr/current"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[100];
        snprintf(path, sizeof(path), "/proc/self/%s", files[i]);
        show(path);
    }
    struct sched_param parameter;
    say_number("policy", sched_getscheduler(0));
    sched_getparam(0, &parameter);
    say_number("priority", parameter.sched_priority);
    say_number("nice", getpriority(PRIO_PROCESS, 0));
    say_number("io priority", syscall(SYS_ioprio_get, 1, 0));
    say_number("threads", (long)syscall(SYS_gettid) - getpid());
    return 13;
}

int main(int argc, char *argv[]) {
    static const struct {
        const char *name;
        int (*run)(void);
    } all[] = {{"memory", memory},   {"taken", taken},       {"undumpable", undumpable}, {"names", names},
               {"strict", strict},   {"becoming", becoming}, {"spaces", spaces},         {"limits", limits},
               {"closing", closing}, {"itself", itself},     {"executions", executions}};
    for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(argv[1], all[i].name) == 0) {
            return all[i].run();
        }
    }
    return 1;
}
