/* SPDX-License-Identifier: MIT */
#include "recorder.h"

#include "cleanup.h"
#include "diag.h"
#include "printable.h"
#include "process_tree.h"
#include "text.h"
#include "trace_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
    TRACER_FAILED = 125, /* as our own exit status says it */
    SAID_BYTES = 2048,   /* of standard output and of standard error each, from the end */
    REASON_BYTES = 512,
};

struct recorder {
    pid_t pid; /* of the keeper, and its process group; 0: reaped */
    int pidfd;
    int wait_status;
    char *trace;
    int said[2]; /* standard output and error, in memory; -1: not kept */
    struct text text;
};

/* What the child makes of itself, all of it prepared before the fork. */
struct child {
    char **argv;
    char *const *environment;
    const char *directory;
    int standard[3];
    pid_t parent; /* of the keeper */
};

/* ------------------------------------------------------------------- the tracer */

/* The program finds the same state of signals wherever it is recorded: background jobs of shells ignore some. */
static void reset_signals(void) {
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_tracer(const struct child *child, pid_t parent) {
    /* Of its own, for a program may signal its whole group, which the keeper must survive. */
    setpgid(0, 0);
    reset_signals();
    /* The tracer passes it on. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        _exit(TRACER_FAILED);
    }
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (dup2(child->standard[fd], fd) < 0) {
            _exit(TRACER_FAILED);
        }
    }
    /* What our caller left open would change the numbers that the program gets. */
    syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    if (child->directory && chdir(child->directory) < 0) {
        diag_errno(errno, "cannot change to the folder '%s'", child->directory);
        _exit(TRACER_FAILED);
    }
    execve("/proc/self/exe", child->argv, child->environment);
    diag_errno(errno, "cannot execute itself (/proc/self/exe)");
    _exit(TRACER_FAILED);
}

/* ------------------------------------------------------------------- the keeper */

/* End as the tracer ended, without a core file. */
static _Noreturn void end_like(int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        reset_signals();
        raise(WTERMSIG(wait_status));
    }
    _exit(WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
}

/* Daemons leave session, group and parent, so they become children of the keeper, a process between us and the tracer:
 * what has to be killed is what descends from it. It is not the tracer, which would have to wait for children that it
 * does not know, and which the program can see: to an orphan its new parent is another process, as it is elsewhere. */
static _Noreturn void run_keeper(const struct child *child) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    setpgid(0, 0);
    reset_signals();
    sigprocmask(SIG_BLOCK, &awaited, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != child->parent) {
        _exit(TRACER_FAILED);
    }
    pid_t self = getpid();
    pid_t tracer = fork();
    if (tracer == 0) {
        run_tracer(child, self);
    }
    if (tracer < 0) {
        diag_errno(errno, "cannot start the tracer");
        _exit(TRACER_FAILED);
    }
    /* Locks and pipes of our caller are not ours to keep. */
    syscall(SYS_close_range, 0, UINT_MAX, 0);
    for (;;) {
        int number;
        int wait_status;
        pid_t ended;
        sigwait(&awaited, &number);
        if (number == SIGTERM) {
            process_tree_kill(self);
        }
        while ((ended = waitpid(-1, &wait_status, WNOHANG)) > 0) {
            if (ended == tracer) {
                end_like(wait_status);
            }
        }
    }
}

static size_t count_words(char *const *words) {
    size_t count = 0;
    while (words && words[count]) {
        count++;
    }
    return count;
}

/* renacer-sv OPTIONS -o TRACE -- COMMAND; malloc'd. */
static char **make_argv(const struct recorder_request *request, char *trace) {
    static char name[] = "renacer-sv";
    static char output[] = "-o";
    static char end[] = "--";
    size_t options = count_words(request->options);
    size_t words = count_words(request->command);
    char **argv = calloc(options + words + 5, sizeof(*argv));
    if (!argv) {
        return NULL;
    }
    size_t count = 0;
    argv[count++] = name;
    for (size_t i = 0; i < options; i++) {
        argv[count++] = request->options[i];
    }
    argv[count++] = output;
    argv[count++] = trace;
    argv[count++] = end;
    for (size_t i = 0; i < words; i++) {
        argv[count++] = request->command[i];
    }
    return argv;
}

/* A path that is good for -o in another folder; malloc'd. NULL with errno. */
static char *absolute(const char *path) {
    char *result = NULL;
    auto_free char *here = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    if (here && asprintf(&result, "%s%s%s", here, here[0] ? "/" : "", path) < 0) {
        result = NULL;
    }
    return result;
}

/* A new file in place of what was there: nothing old can be taken for the new trace. */
static int empty_trace(const char *path, char *problem, size_t size) {
    auto_fd file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (file < 0) {
        int error = errno;
        snprintf(problem, size, "cannot write to '%s': %s", path, strerrordesc_np(error));
        return -error;
    }
    return 0;
}

/* ----------------------------------------------------------------------- beginning */

static const char *kind_of_file(mode_t mode) {
    return S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a FIFO" : S_ISSOCK(mode) ? "a socket" : "a block device";
}

/* The program's standard input: a file, or a device such as /dev/null. A FIFO would have us wait for who writes to it,
 * and is no input that is the same twice; it is not even opened, for who does would take us for its reader. The
 * descriptor, or -errno with a sentence. */
static int open_input(const char *path, char *problem, size_t size) {
    struct stat info;
    auto_fd input = -1;
    int error = stat(path, &info) == 0 ? 0 : errno;
    if (!error && (S_ISREG(info.st_mode) || S_ISCHR(info.st_mode))) {
        /* It may be another one now. */
        input = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        error = input >= 0 && fstat(input, &info) == 0 ? 0 : errno;
    }
    if (!error && !S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode)) {
        snprintf(problem, size, "the program's input '%s' is %s: it has to be a file, or a device such as /dev/null",
                 path, kind_of_file(info.st_mode));
        return -EINVAL;
    }
    /* The program does not get that flag. */
    if (!error && fcntl(input, F_SETFL, 0) < 0) {
        error = errno;
    }
    if (error) {
        snprintf(problem, size, "cannot read the program's input '%s': %s", path, strerrordesc_np(error));
        return -error;
    }
    return steal_fd(&input);
}

/* Standard output and error; isatty(3) is false of them, and -y shows the same name each time. */
static int keep_output(struct recorder *recorder, struct child *child) {
    static const char *const names[] = {"stdout", "stderr"};
    for (int i = 0; i < 2; i++) {
        recorder->said[i] = memfd_create(names[i], MFD_CLOEXEC);
        if (recorder->said[i] < 0) {
            return -errno;
        }
        child->standard[STDOUT_FILENO + i] = recorder->said[i];
    }
    return 0;
}

static int start(struct recorder *recorder, struct child *child, const struct recorder_request *request) {
    recorder->trace = absolute(request->trace);
    auto_free char **argv = recorder->trace ? make_argv(request, recorder->trace) : NULL;
    if (!argv) {
        return -errno;
    }
    child->argv = argv;
    child->environment = request->environment ? request->environment : environ;
    child->directory = request->directory;
    child->parent = getpid();
    int status = request->output == RECORDER_KEEP ? keep_output(recorder, child) : 0;
    if (status < 0) {
        return status;
    }
    pid_t pid = fork();
    if (pid < 0) {
        return -errno;
    }
    if (pid == 0) {
        run_keeper(child);
    }
    recorder->pid = pid;
    /* In both processes: whoever comes first, the group is there when it is needed. */
    setpgid(pid, pid);
    recorder->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return recorder->pidfd < 0 ? -errno : 0;
}

int recorder_start(struct recorder **result, const struct recorder_request *request, char *problem, size_t size) {
    auto_fd input = open_input(request->input ? request->input : "/dev/null", problem, size);
    if (input < 0) {
        return input;
    }
    int status = empty_trace(request->trace, problem, size);
    if (status < 0) {
        return status;
    }
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder) {
        snprintf(problem, size, "out of memory");
        return -ENOMEM;
    }
    recorder->pidfd = -1;
    recorder->said[0] = recorder->said[1] = -1;
    /* The tracer cannot be given a number below 3 for its input, which dup2() would then overwrite. */
    struct child child = {.standard = {input, STDERR_FILENO, STDERR_FILENO}};
    status = start(recorder, &child, request);
    if (status < 0) {
        snprintf(problem, size, "cannot start the tracer: %s", strerrordesc_np(-status));
        recorder_destroy(recorder);
        return status;
    }
    *result = recorder;
    return 0;
}

int recorder_fd(const struct recorder *recorder) {
    return recorder->pidfd;
}

/* ------------------------------------------------------------------------ what it said */

/* The last of a kept output: how many bytes. */
static size_t read_tail(int fd, char *bytes, size_t size) {
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0) {
        return 0;
    }
    off_t begin = info.st_size > (off_t)size ? info.st_size - (off_t)size : 0;
    ssize_t count = pread(fd, bytes, size, begin);
    return count > 0 ? (size_t)count : 0;
}

/* The lines of it, each as text for people. */
static void add_tail(struct text *text, const char *name, int fd) {
    char bytes[SAID_BYTES];
    size_t size = read_tail(fd, bytes, sizeof(bytes));
    if (size == 0) {
        return;
    }
    text_add_string(text, name);
    text_add_string(text, ":\n");
    for (size_t place = 0; place < size;) {
        const char *newline = memchr(bytes + place, '\n', size - place);
        size_t length = newline ? (size_t)(newline - (bytes + place)) : size - place;
        text_add_string(text, "  ");
        printable_add(text, bytes + place, length, false);
        text_add_char(text, '\n');
        place += length + 1;
    }
}

const char *recorder_said(struct recorder *recorder) {
    text_clear(&recorder->text);
    add_tail(&recorder->text, "standard output", recorder->said[0]);
    add_tail(&recorder->text, "standard error", recorder->said[1]);
    return recorder->text.failed || !recorder->text.bytes ? "" : recorder->text.bytes;
}

/* The last diagnostic of the tracer among what was kept, without its prefix; empty if there is none. */
static void last_diagnostic(const struct recorder *recorder, char *reason, size_t size) {
    static const char prefix[] = "renacer-sv: ";
    char bytes[SAID_BYTES + 1];
    reason[0] = 0;
    size_t length = read_tail(recorder->said[1], bytes, SAID_BYTES);
    bytes[length] = 0;
    for (size_t place = 0; place < length; place += strlen(bytes + place) + 1) {
        bytes[place + strcspn(bytes + place, "\n")] = 0;
        if (strncmp(bytes + place, prefix, strlen(prefix)) == 0) {
            snprintf(reason, size, "%s", bytes + place + strlen(prefix));
        }
    }
}

/* ----------------------------------------------------------------------------- the end */

/* The exit status that the trace tells has to be that of the tracer, which ends as the program did. */
static int check_closing(const struct recorder *recorder, const struct trace_closing *closing, char *problem,
                         size_t size) {
    int status = recorder->wait_status;
    int64_t code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (closing->incomplete.bytes) {
        snprintf(problem, size, "the trace is incomplete: %.*s", (int)closing->incomplete.size,
                 closing->incomplete.bytes);
        return -EIO;
    }
    if (closing->lost > 0) {
        snprintf(problem, size, "%lld events were lost", (long long)closing->lost);
        return -EIO;
    }
    if (closing->exit_code != code) {
        snprintf(problem, size, "the tracer ended with %lld and the program with %lld", (long long)code,
                 (long long)closing->exit_code);
        return -EIO;
    }
    return 0;
}

/* 0 if the trace is complete. */
static int check_trace(const struct recorder *recorder, char *problem, size_t size) {
    struct trace_reader *reader = NULL;
    struct trace_item item;
    int status = trace_reader_open(&reader, recorder->trace, problem, size);
    if (status < 0) {
        return -EIO;
    }
    bool closed = false;
    int closing = -EIO;
    while ((status = trace_reader_next(reader, &item, problem, size)) > 0) {
        if (item.kind == TRACE_CLOSING) {
            closed = true;
            closing = check_closing(recorder, &item.closing, problem, size);
        }
    }
    if (status == 0 && (!closed || trace_reader_was_cut(reader))) {
        snprintf(problem, size, "the trace ends before its end");
        closing = -EIO;
    }
    trace_reader_close(reader);
    return status < 0 ? -EIO : closing;
}

static void say_why_no_trace(const struct recorder *recorder, const char *reason, bool is_empty, char *problem,
                             size_t size) {
    char said[REASON_BYTES];
    last_diagnostic(recorder, said, sizeof(said));
    if (said[0]) {
        snprintf(problem, size, "%s", said);
    } else if (!is_empty) {
        snprintf(problem, size, "the trace is not complete: %s", reason);
    } else if (WIFSIGNALED(recorder->wait_status)) {
        snprintf(problem, size, "there is no trace: the tracer was killed by SIG%s",
                 sigabbrev_np(WTERMSIG(recorder->wait_status)));
    } else {
        snprintf(problem, size, "there is no trace: the tracer ended with exit status %d",
                 WEXITSTATUS(recorder->wait_status));
    }
}

int recorder_wait(struct recorder *recorder, int *wait_status, char *problem, size_t size) {
    while (recorder->pid > 0 && waitpid(recorder->pid, &recorder->wait_status, 0) < 0) {
        if (errno != EINTR) {
            snprintf(problem, size, "cannot wait for the tracer: %s", strerrordesc_np(errno));
            return -EIO;
        }
    }
    recorder->pid = 0;
    *wait_status = recorder->wait_status;
    struct stat info;
    bool is_there = stat(recorder->trace, &info) == 0;
    bool is_empty = !is_there || (S_ISREG(info.st_mode) && info.st_size == 0);
    char reason[REASON_BYTES] = "";
    if (!is_empty && check_trace(recorder, reason, sizeof(reason)) == 0) {
        return 0;
    }
    if (is_there && is_empty) {
        unlink(recorder->trace);
    }
    say_why_no_trace(recorder, reason, is_empty, problem, size);
    return -EIO;
}

void recorder_destroy(struct recorder *recorder) {
    if (!recorder) {
        return;
    }
    if (recorder->pid > 0) {
        process_tree_kill(recorder->pid);
        while (waitpid(recorder->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    close_fd(&recorder->pidfd);
    close_fd(&recorder->said[0]);
    close_fd(&recorder->said[1]);
    text_finish(&recorder->text);
    free(recorder->trace);
    free(recorder);
}
