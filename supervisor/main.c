/* SPDX-License-Identifier: MIT
 *
 * renacer-sv: runs a program and records every system call that it makes.
 * Only this file exits.
 */
#include "agent_command.h"
#include "capability.h"
#include "check_command.h"
#include "cleanup.h"
#include "clock.h"
#include "compare_command.h"
#include "diag.h"
#include "doctor.h"
#include "environment.h"
#include "golden_command.h"
#include "launcher.h"
#include "options.h"
#include "probe.h"
#include "profile_command.h"
#include "session.h"
#include "tracing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum {
    EXIT_OURS = 125,           /* renacer-sv itself failed */
    EXIT_NOT_EXECUTABLE = 126, /* as a shell has it */
    EXIT_NOT_FOUND = 127,
};

/* What was there before we came, for the program to find again. */
struct inherited {
    sigset_t mask;
    struct sigaction sigpipe;
    struct sigaction sigchld;
};

/* What the signal handler needs. */
struct signal_watch {
    int fd;
    const struct options *options;
    uint64_t stop_time; /* when our process group was told to stop, or 0 */
    int stop_signal;    /* by which */
};

/* Descriptors of our own must not become 0, 1 or 2 because those were closed: put
 * /dev/null there. Returns which were closed, a bit each. */
static unsigned fill_standard_descriptors(void) {
    unsigned closed = 0;
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) == fd) {
            closed |= 1U << fd;
        }
    }
    return closed;
}

/* Every signal waits in a signalfd; threads that are made later inherit the mask. */
static int take_over_signals(struct inherited *inherited) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &inherited->mask);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, &inherited->sigpipe);
    /* Ignored, it would reap the program before we could ask how it ended. */
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &standard, &inherited->sigchld);

    static const int watched[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
                                  SIGUSR2, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
        sigaddset(&set, watched[i]);
    }
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* Stop by the signal that stopped the program, for a shell tells by which it was. Returns when SIGCONT has come. */
static void stop_by(int number) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    sigset_t set;
    sigset_t mask;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigaction(number, &standard, &before);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(number, &before, NULL);
}

/* The program's whole process group was told to stop, and the program did: stop
 * as well, so that the shell sees its job stopped; SIGCONT wakes both. A program
 * that stops by itself is not followed: who is to continue it may be another
 * process that needs our answers. */
static void follow_stop(void *context, struct session *session) {
    enum {
        MOMENT = 2000000000, /* ns: how long a program takes to tidy up before it stops */
    };
    struct signal_watch *watch = context;
    if (watch->stop_time && session_stopped(session) && monotonic_now() - watch->stop_time < MOMENT) {
        watch->stop_time = 0;
        stop_by(watch->stop_signal);
    }
}

/* What we are attached to is let go when we are told to end. A signal from the terminal has reached the program
 * already, for it is in our process group; one that a process sent to us is meant for it. What the program sends to its
 * whole group comes here too, and is not passed back. */
static void pass_on(const struct signal_watch *watch, struct session *session, const struct signalfd_siginfo *info) {
    bool from_kernel = info->ssi_code > 0;
    if (watch->options->attach_count) {
        session_detach(session);
        return;
    }
    if (!from_kernel && !session_knows(session, (pid_t)info->ssi_pid)) {
        session_signal(session, (int)info->ssi_signo);
    }
}

static bool on_signal(void *context, struct session *session) {
    struct signal_watch *watch = context;
    struct signalfd_siginfo info;
    while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGTSTP || info.ssi_signo == SIGTTIN || info.ssi_signo == SIGTTOU) {
            watch->stop_time = monotonic_now();
            watch->stop_signal = (int)info.ssi_signo;
        } else if (info.ssi_signo != SIGCHLD) {
            pass_on(watch, session, &info);
        }
    }
    follow_stop(watch, session);
    return true;
}

/* End as the program ended: by the same signal, without a core file of ours. */
static int end_like(int wait_status) {
    if (!WIFSIGNALED(wait_status)) {
        return WEXITSTATUS(wait_status);
    }
    int number = WTERMSIG(wait_status);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return 128 + number;
}

static int exit_status(const struct session_result *result, const struct options *options) {
    if (result->exec_error) {
        diag_errno(result->exec_error, "cannot execute '%s'", options->program[0]);
        return result->exec_error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    }
    if (result->write_error || (options->fail_on_lost && result->lost)) {
        return EXIT_OURS;
    }
    return end_like(result->wait_status);
}

static int open_output(const char *path) {
    /* Emptied only when the program is about to run: a mistake in the command must not cost an old trace. */
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0) {
        diag_errno(errno, "cannot write to '%s'", path);
    }
    return fd;
}

/* The program's path, malloc'd; or NULL with *status, and that was said. */
static char *find_program(const struct options *options, int *status) {
    const char *program = options->program[0];
    char *path = launcher_find(program, status);
    if (!path) {
        diag_errno(errno, "cannot find a program '%s'", program);
        if (options->output.source && program[strspn(program, "0123456789")] == 0) {
            diag("-s is --source and takes no number; the length of strings is --string-limit %s", program);
        }
    }
    return path;
}

static void say_why_not(const struct options *options, int error, const char *problem) {
    if (options->attach_count && problem[0]) {
        diag("cannot attach: %s", problem);
    } else if (options->attach_count) {
        diag_errno(-error, "cannot attach");
    } else {
        diag_errno(-error, "cannot trace '%s'%s%s", options->program[0], problem[0] ? ": " : "", problem);
    }
}

/* -p says what a user who looks on has to know; -q keeps it quiet. */
static void say_attached(const struct options *options, const char *what) {
    for (size_t i = 0; i < options->attach_count && !options->quiet; i++) {
        diag("process %d %s", options->attach[i], what);
    }
}

static void on_start(void *context, struct session *session) {
    const struct signal_watch *watch = context;
    (void)session;
    say_attached(watch->options, "attached");
}

/* Trace under these options, whose part that depends on us is filled in: the exit status. */
static int trace_session(const struct options *options, struct session_options *session_options, int signals) {
    char problem[512];
    struct signal_watch signal_watch = {.fd = signals, .options = options};
    struct tracing_watch watch = {.context = &signal_watch,
                                  .signals = signals,
                                  .started = on_start,
                                  .signalled = on_signal,
                                  .passed = follow_stop};
    struct tracing_end end;
    int error = tracing_run(options, session_options, &watch, &end, problem, sizeof(problem));
    if (error < 0) {
        say_why_not(options, error, problem);
        bool asks = options->engine && error != -ENOTSUP;
        /* Of a process that cannot be attached to the reason has been said. */
        if (asks && !probe_explain_engine(options->engine->name) && !options->attach_count) {
            diag("engine %s: everything that it needs works; renacer-sv doctor has the details", options->engine->name);
        }
        return EXIT_OURS;
    }
    if (end.wait_error < 0) {
        return EXIT_OURS;
    }
    const struct session_result *result = &end.result;
    if (options->attach_count && result->write_error == 0) {
        if (result->detached) {
            say_attached(options, "let go");
        }
        return 0;
    }
    return exit_status(result, options);
}

/* The account of -u; false, and that was said, if the program cannot run as it. */
static bool find_identity(const struct options *options, struct identity *identity) {
    if (!options->user) {
        return true;
    }
    if (geteuid() != 0) {
        diag("-u needs root");
        return false;
    }
    int status = identity_find(identity, options->user);
    if (status == -ENOENT) {
        diag("there is no user '%s'", options->user);
    } else if (status < 0) {
        diag_errno(-status, "cannot look up user '%s'", options->user);
    }
    return status == 0;
}

/* What is to be started, or attached to; valid as long as its parts are. */
struct target {
    char *path;
    char **environment;
    struct identity identity;
};

static void target_finish(struct target *target) {
    free(target->path);
    free(target->environment);
    identity_finish(&target->identity);
}

/* In this environment. 0, or the exit status if there is nothing to start; that was said. */
static int find_target(const struct options *options, char *const *given, struct target *target) {
    if (options->attach_count) {
        return 0;
    }
    int status = EXIT_OURS;
    target->path = find_program(options, &status);
    if (!target->path) {
        return status;
    }
    target->environment = environment_with(given, options->environment, options->environment_count);
    return find_identity(options, &target->identity) && target->environment ? 0 : EXIT_OURS;
}

/* Trace what `target` says: the exit status. */
static int trace_target(const struct options *options, struct target *target, unsigned closed) {
    bool to_stdout = !options->file && options->output.format != FORMAT_TEXT;
    int fd = to_stdout ? STDOUT_FILENO : STDERR_FILENO;
    auto_fd file = options->file ? open_output(options->file) : -1;
    if (options->file && file < 0) {
        return EXIT_OURS;
    }
    struct inherited inherited;
    auto_fd signals = take_over_signals(&inherited);
    if (signals < 0) {
        diag_errno(-signals, "cannot wait for signals");
        return EXIT_OURS;
    }
    const struct engine *const wanted[] = {options->attach_count ? &ptrace_engine : options->engine, NULL};
    /* Without results nothing in a golden trace would have a name, and stacks would have no weight. */
    static const struct engine *const measuring[] = {&notify_engine, &ptrace_engine, NULL};
    bool measures = options->output.golden || summary_is_of_stacks(options->output.summary);
    struct session_options session_options = {.attach = options->attach,
                                              .attach_count = options->attach_count,
                                              .path = target->path,
                                              .argv = options->program,
                                              .envp = target->environment,
                                              .identity = options->user ? &target->identity : NULL,
                                              .closed = closed,
                                              .mask = &inherited.mask,
                                              .sigpipe = &inherited.sigpipe,
                                              .sigchld = &inherited.sigchld,
                                              .engines = wanted[0]  ? wanted
                                                         : measures ? measuring
                                                                    : NULL,
                                              .fd = options->file ? file : fd,
                                              .output_is_stdout = to_stdout,
                                              .truncate = options->file != NULL};
    tracing_configure(options, &session_options);
    session_options.output.colour =
        options->output.format == FORMAT_TEXT && colour_wanted(options->colour, session_options.fd);
    return trace_session(options, &session_options, signals);
}

static int trace(const struct options *options, char *const *given, unsigned closed) {
    bool to_stdout = !options->file && options->output.format != FORMAT_TEXT;
    if (!options->file && closed >> (to_stdout ? STDOUT_FILENO : STDERR_FILENO) & 1) {
        diag("standard %s is closed; use -o FILE", to_stdout ? "output" : "error");
        return EXIT_OURS;
    }
    struct target target = {0};
    int status = find_target(options, given, &target);
    if (status == 0) {
        status = trace_target(options, &target, closed);
    }
    target_finish(&target);
    return status;
}

/* What we do instead of tracing if the first word says so. */
struct verb {
    const char *word;
    int (*run)(int argc, char *argv[]); /* the exit status */
};

static const struct verb verbs[] = {
    {"agent", agent_command_run}, {"check", check_run},           {"compare", compare_run},
    {"doctor", doctor_run},       {"golden", golden_command_run}, {"profile", profile_run},
};

static const struct verb *find_verb(int argc, char *argv[]) {
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[1], verbs[i].word) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

int main(int argc, char *argv[]) {
    struct options options;
    int status = capability_begin();
    if (status < 0) {
        diag_errno(-status, status == -EPERM
                                ? "refuses to run setuid or setgid; see renacer-sv(1) for rights that it can use"
                                : "capabilities cannot be lowered");
        return EXIT_OURS;
    }
    unsigned closed = fill_standard_descriptors();
    const struct verb *verb = find_verb(argc, argv);
    if (verb) {
        return verb->run(argc, argv);
    }
    status = EXIT_OURS;
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_DONE:
        status = fflush(stdout) == 0 ? 0 : EXIT_OURS;
        break;
    case OPTIONS_BAD:
        break;
    case OPTIONS_RUN: {
        auto_free char **given = capability_is_from_file() ? environment_given(argv[argc - 1]) : NULL;
        status = trace(&options, given ? given : environ, closed);
        break;
    }
    }
    options_finish(&options);
    return status;
}
