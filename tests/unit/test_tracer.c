/* SPDX-License-Identifier: MIT
 *
 * The tracer on real programs: this one itself, executed with the name of what
 * it is to do, or forked.
 */
#include "tracer.h"

#include "filter.h"
#include "proc.h"
#include "record.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EVENTS = 512,
    CAPTURES = 512,
};

/* ----------------------------------------------------------------------- programs */

static void on_signal(int number) {
    (void)number;
}

/* Calls that no start of a program makes. */
static int run_small(void) {
    struct sigaction action = {.sa_handler = on_signal};
    char link[256];
    sigaction(SIGUSR1, &action, NULL);
    syscall(SYS_getsid, 0);
    syscall(SYS_symlink, "hello", "");
    kill(getpid(), SIGUSR1);
    signal(SIGUSR2, SIG_IGN);
    kill(getpid(), SIGUSR2);
    syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/root", link, sizeof(link));
    return 7;
}

static int run_forks(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        syscall(SYS_getsid, 0);
        syscall(SYS_exit_group, 3);
    }
    waitpid(child, &status, 0);
    syscall(SYS_getsid, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 3 ? 4 : 1;
}

static void *get_session(void *context) {
    syscall(SYS_getsid, 0);
    return context;
}

static int run_threads(void) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, get_session, NULL);
        pthread_join(thread, NULL);
    }
    return 0;
}

static int run_waits(void) {
    while (syscall(SYS_pause) < 0) {
    }
    return 0;
}

static int run_stops(void) {
    syscall(SYS_getsid, 0);
    raise(SIGSTOP);
    syscall(SYS_getsid, 0);
    return 5;
}

static int run_floods(void) {
    static char buffer[4096];
    while (syscall(SYS_pwrite64, -1, buffer, sizeof(buffer), 0) < 0) {
    }
    return 0;
}

static const struct program {
    const char *name;
    int (*run)(void);
} programs[] = {
    {"small", run_small}, {"forks", run_forks}, {"threads", run_threads},
    {"waits", run_waits}, {"stops", run_stops}, {"floods", run_floods},
};

/* What this program does when it is executed for a test. */
static int run_program(const char *name) {
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        if (strcmp(programs[i].name, name) == 0) {
            syscall(SYS_exit_group, programs[i].run());
        }
    }
    return 99;
}

/* ------------------------------------------------------------------------ the test */

struct kept {
    struct kernel_event event; /* its note is not NULL if there was one */
    struct note note;
    uint8_t captures[CAPTURES]; /* the first of them */
};

struct bench {
    struct tracer *tracer;
    struct tracer_options options;
    struct selection selection;
    struct capture_options capture;
    struct pid_set *family;
    struct troubles troubles;
    struct waker collector;
    char problem[256];
    pid_t pid;
    int go; /* closed, the child that was made goes on to its execve; -1: it has been */
    struct kept kept[EVENTS];
    unsigned count;
    unsigned read; /* events that the test has looked at */
};

static int set_up(void **state) {
    struct bench *bench = calloc(1, sizeof(*bench));
    struct pid_set *family = calloc(1, sizeof(*family));
    if (!bench || !family || waker_init(&bench->collector) < 0) {
        free(bench);
        free(family);
        return -1;
    }
    bench->family = family;
    bench->capture = (struct capture_options){.memory = true, .string_limit = 4096};
    bench->go = -1;
    selection_init(&bench->selection);
    bench->options = (struct tracer_options){.selection = &bench->selection,
                                             .capture = &bench->capture,
                                             .pids = &bench->pid,
                                             .count = 1,
                                             .signals = true,
                                             .family = family,
                                             .troubles = &bench->troubles,
                                             .collector = &bench->collector};
    *state = bench;
    return 0;
}

static int tear_down(void **state) {
    struct bench *bench = *state;
    tracer_destroy(bench->tracer);
    waker_finish(&bench->collector);
    free(bench->family);
    free(bench);
    return 0;
}

static void choose(struct bench *bench, const char *expression) {
    assert_int_equal(selection_parse(&bench->selection, expression, bench->problem, sizeof(bench->problem)), 0);
}

/* Make the child that will execute a program, under the filter (its instructions NULL: none). */
static void make_child(struct bench *bench, const char *name, const struct sock_fprog *filter) {
    int go[2];
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    bench->pid = fork();
    assert_true(bench->pid >= 0);
    if (bench->pid == 0) {
        char byte;
        close(go[1]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (read(go[0], &byte, 1) == 0 && (!filter->filter || filter_load(filter, false) == 0)) {
            execl("/proc/self/exe", "test", name, NULL);
        }
        _exit(98);
    }
    close(go[0]);
    bench->go = go[1];
}

static void create(struct bench *bench) {
    int status = tracer_create(&bench->tracer, &bench->options, bench->problem, sizeof(bench->problem));
    if (status < 0) {
        fail_msg("%s: %s", strerror(-status), bench->problem);
    }
}

static void let_execute(struct bench *bench) {
    close(bench->go);
    bench->go = -1;
}

/* A program that has been seized and has not executed anything yet. */
static void start(struct bench *bench, const char *name) {
    static const struct sock_fprog none;
    make_child(bench, name, &none);
    create(bench);
}

static void keep(struct bench *bench, const struct kernel_event *event) {
    assert_in_range(bench->count, 0, EVENTS - 1);
    struct kept *kept = &bench->kept[bench->count++];
    kept->event = *event;
    if (event->note) {
        size_t size = event->note->captures_size < CAPTURES ? event->note->captures_size : CAPTURES;
        kept->note = *event->note;
        memcpy(kept->captures, note_captures(event->note), size);
    }
}

/* Take what is there now. */
static void drain(struct bench *bench) {
    struct kernel_event event;
    while (tracer_next(bench->tracer, &event)) {
        keep(bench, &event);
    }
}

/* Take everything, until nothing is traced any more. */
static void drain_to_end(struct bench *bench) {
    bool ended;
    do {
        waker_prepare(&bench->collector);
        ended = tracer_ended(bench->tracer);
        if (!ended && !tracer_is_urgent(bench->tracer)) {
            waker_wait(&bench->collector);
        }
        waker_settle(&bench->collector);
        drain(bench);
    } while (!ended);
}

/* ----------------------------------------------------------------- what comes out */

static const struct kept *next(struct bench *bench, enum kernel_event_kind kind, pid_t tid) {
    assert_true(bench->read < bench->count);
    const struct kept *kept = &bench->kept[bench->read++];
    assert_int_equal(kept->event.kind, kind);
    assert_int_equal(kept->event.tid, tid);
    if (bench->read > 1) {
        assert_true(kept->event.time >= kept[-1].event.time);
    }
    return kept;
}

static const struct kept *next_enter(struct bench *bench, pid_t tid, int64_t number) {
    const struct kept *kept = next(bench, KERNEL_ENTER, tid);
    assert_int_equal(kept->event.enter.number, number);
    return kept;
}

static const struct kept *next_exit(struct bench *bench, pid_t tid, int64_t number, int64_t result) {
    const struct kept *kept = next(bench, KERNEL_EXIT, tid);
    assert_int_equal(kept->event.exit.number, number);
    assert_int_equal(kept->event.exit.result, result);
    return kept;
}

static void next_end(struct bench *bench, pid_t tid, enum end_manner manner, int32_t code) {
    const struct kept *kept = next(bench, KERNEL_END, tid);
    assert_int_equal(kept->event.end.manner, manner);
    assert_int_equal(kept->event.end.code, code);
}

static void next_exec(struct bench *bench) {
    const struct kept *kept = next_enter(bench, bench->pid, SYS_execve);
    assert_non_null(kept->event.note);
    next(bench, KERNEL_EXEC, bench->pid);
    next_exit(bench, bench->pid, SYS_execve, 0);
}

static void assert_nothing_more(const struct bench *bench) {
    assert_int_equal(bench->read, bench->count);
}

static void assert_outcome(const struct bench *bench, int wait_status) {
    const struct engine_outcome *outcome = tracer_outcome(bench->tracer);
    assert_non_null(outcome);
    assert_true(outcome->ended);
    assert_int_equal(outcome->wait_status, wait_status);
    assert_int_equal(tracer_counts(bench->tracer).tracees, 0);
}

/* The capture of an argument begins with this text. */
static void assert_captured(const struct kept *kept, unsigned arg, unsigned element, const char *text) {
    const struct capture *capture = capture_find(kept->captures, kept->note.captures_size, arg, element);
    assert_non_null(capture);
    assert_true(capture->size >= strlen(text));
    assert_memory_equal(capture_bytes(capture), text, strlen(text));
}

/* ----------------------------------------------------------------- from the start */

static void assert_small(struct bench *bench) {
    pid_t pid = bench->pid;
    const struct kept *kept = next_enter(bench, pid, SYS_execve);
    assert_int_equal(kept->event.pid, pid);
    assert_non_null(kept->event.note);
    assert_int_equal(kept->note.kind, NOTE_CALL);
    assert_true(kept->note.time < kept->event.time);
    assert_captured(kept, 0, 0, "/proc/self/exe");
    next(bench, KERNEL_EXEC, pid);
    next_exit(bench, pid, SYS_execve, 0);
    kept = next_enter(bench, pid, SYS_getsid);
    assert_null(kept->event.note);
    assert_int_equal(kept->event.enter.args[0], 0);
    next_exit(bench, pid, SYS_getsid, getsid(0));
    kept = next_enter(bench, pid, SYS_symlink);
    assert_captured(kept, 0, 0, "hello");
    next_exit(bench, pid, SYS_symlink, -ENOENT);
    kept = next(bench, KERNEL_SIGNAL, pid);
    assert_int_equal(kept->event.signal.number, SIGUSR1);
    assert_int_equal(kept->event.signal.code, SI_USER);
    assert_int_equal(kept->event.signal.sender, pid);
    assert_true(kept->event.signal.handler > 1);
    kept = next_enter(bench, pid, SYS_readlinkat); /* and not SIGUSR2, which is ignored */
    assert_int_equal(kept->note.more, bench->capture.outputs);
    assert_captured(kept, 1, 0, "/proc/self/root");
    kept = next_exit(bench, pid, SYS_readlinkat, 1);
    if (bench->capture.outputs) {
        assert_non_null(kept->event.note);
        assert_int_equal(kept->note.kind, NOTE_OUTPUTS);
        assert_captured(kept, 2, CAPTURE_OUTPUT, "/");
    } else {
        assert_null(kept->event.note);
    }
    kept = next_enter(bench, pid, SYS_exit_group);
    assert_int_equal(kept->event.enter.args[0], 7);
    next_end(bench, pid, END_EXITED, 7);
    assert_nothing_more(bench);
    assert_outcome(bench, 7 << 8);
}

static const char small_calls[] = "trace=execve,getsid,symlink,readlinkat,exit_group";

static void test_a_small_program_from_its_execve_to_its_end(void **state) {
    struct bench *bench = *state;
    choose(bench, small_calls);
    start(bench, "small");
    assert_int_equal(tracer_counts(bench->tracer).tracees, 1);
    assert_int_equal(tracer_counts(bench->tracer).attached, 1);
    assert_null(tracer_outcome(bench->tracer));
    assert_false(tracer_ended(bench->tracer));
    let_execute(bench);
    drain_to_end(bench);
    assert_small(bench);
    assert_true(pid_set_has(bench->family, bench->pid));
}

static void test_a_small_program_with_outputs(void **state) {
    struct bench *bench = *state;
    bench->capture.outputs = true;
    choose(bench, small_calls);
    start(bench, "small");
    let_execute(bench);
    drain_to_end(bench);
    assert_small(bench);
}

/* A child under a filter that stops the chosen calls for its ptracer. */
static void start_filtered(struct bench *bench, const char *name, bool notes_only) {
    struct filter_options options = {.selection = &bench->selection, .capture = &bench->capture, .trace_only = true};
    struct sock_fprog program = {0};
    assert_int_equal(filter_build(&options, &program), 0);
    make_child(bench, name, &program);
    free(program.filter);
    bench->options.filtered = true;
    bench->options.notes_only = notes_only;
    create(bench);
}

static void test_a_filter_changes_nothing_but_the_stops(void **state) {
    struct bench *bench = *state;
    bench->capture.outputs = true;
    choose(bench, small_calls);
    start_filtered(bench, "small", false);
    let_execute(bench);
    drain_to_end(bench);
    assert_small(bench);
    uint64_t with_filter = tracer_counts(bench->tracer).stops;
    tracer_destroy(bench->tracer);
    bench->options.filtered = false;
    start(bench, "small");
    let_execute(bench);
    drain_to_end(bench);
    assert_true(with_filter * 2 < tracer_counts(bench->tracer).stops);
}

static const struct note *next_note(struct bench *bench, enum note_kind kind, int64_t number) {
    const struct note *note;
    bool ended;
    do {
        ended = tracer_ended(bench->tracer);
        note = tracer_next_note(bench->tracer);
        sched_yield();
    } while (!note && !ended);
    assert_non_null(note);
    assert_int_equal(note->kind, kind);
    assert_int_equal(note->number, number);
    assert_int_equal(note->tid, bench->pid);
    return note;
}

static void test_notes_alone(void **state) {
    struct bench *bench = *state;
    bench->capture.outputs = true;
    choose(bench, "trace=getsid,symlink,readlinkat");
    start_filtered(bench, "small", true);
    let_execute(bench);
    next_note(bench, NOTE_CALL, SYS_execve);
    assert_int_equal(next_note(bench, NOTE_CALL, SYS_getsid)->more, false);
    assert_int_equal(next_note(bench, NOTE_CALL, SYS_symlink)->more, false);
    assert_int_equal(next_note(bench, NOTE_CALL, SYS_readlinkat)->more, true);
    const struct note *note = next_note(bench, NOTE_OUTPUTS, SYS_readlinkat);
    assert_non_null(capture_find(note_captures(note), note->captures_size, 2, CAPTURE_OUTPUT));
    while (!tracer_ended(bench->tracer)) {
        sched_yield();
    }
    assert_null(tracer_next_note(bench->tracer));
    assert_outcome(bench, 7 << 8);
}

/* ---------------------------------------------------------------- children, threads */

static void test_children_are_followed_if_that_was_asked_for(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=getsid,exit_group");
    bench->options.follow = true;
    bench->options.signals = false;
    start(bench, "forks");
    let_execute(bench);
    drain_to_end(bench);
    assert_outcome(bench, 4 << 8);
    next_exec(bench);
    const struct kept *kept = &bench->kept[bench->read];
    pid_t child = kept->event.tid;
    assert_int_equal(next(bench, KERNEL_FORK, child)->event.pid, child);
    assert_int_not_equal(child, bench->pid);
    assert_int_equal(kept->event.fork.parent_pid, bench->pid);
    assert_int_equal(kept->event.fork.parent_tid, bench->pid);
    next_enter(bench, child, SYS_getsid);
    next_exit(bench, child, SYS_getsid, getsid(0));
    next_enter(bench, child, SYS_exit_group);
    next_end(bench, child, END_EXITED, 3);
    next_enter(bench, bench->pid, SYS_getsid);
    next_exit(bench, bench->pid, SYS_getsid, getsid(0));
    next_enter(bench, bench->pid, SYS_exit_group);
    next_end(bench, bench->pid, END_EXITED, 4);
    assert_nothing_more(bench);
    assert_true(pid_set_has(bench->family, child));
}

static void test_children_are_let_go_otherwise(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=getsid,exit_group");
    bench->options.signals = false;
    start(bench, "forks");
    let_execute(bench);
    drain_to_end(bench);
    assert_outcome(bench, 4 << 8);
    next_exec(bench);
    next_enter(bench, bench->pid, SYS_getsid);
    next_exit(bench, bench->pid, SYS_getsid, getsid(0));
    next_enter(bench, bench->pid, SYS_exit_group);
    next_end(bench, bench->pid, END_EXITED, 4);
    assert_nothing_more(bench);
}

static void test_children_under_a_filter_are_served_in_silence(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=getsid,exit_group");
    bench->options.signals = false;
    start_filtered(bench, "forks", false);
    let_execute(bench);
    drain_to_end(bench);
    assert_outcome(bench, 4 << 8);
    next_exec(bench);
    next_enter(bench, bench->pid, SYS_getsid);
    next_exit(bench, bench->pid, SYS_getsid, getsid(0));
    next_enter(bench, bench->pid, SYS_exit_group);
    next_end(bench, bench->pid, END_EXITED, 4);
    assert_nothing_more(bench);
}

static void test_threads_belong_to_their_process(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=getsid");
    start(bench, "threads");
    let_execute(bench);
    drain_to_end(bench);
    assert_outcome(bench, 0);
    next_exec(bench);
    unsigned births = 0;
    unsigned calls = 0;
    unsigned ends = 0;
    for (; bench->read < bench->count; bench->read++) {
        const struct kernel_event *event = &bench->kept[bench->read].event;
        bool is_thread = event->tid != bench->pid;
        assert_int_equal(event->pid, bench->pid);
        births += is_thread && event->kind == KERNEL_FORK && event->fork.parent_tid == bench->pid;
        calls += is_thread && event->kind == KERNEL_ENTER && event->enter.number == SYS_getsid;
        ends += is_thread && event->kind == KERNEL_END && event->end.manner == END_EXITED && event->end.code == 0;
    }
    assert_int_equal(births, 3);
    assert_int_equal(calls, 3);
    assert_int_equal(ends, 3);
}

/* ----------------------------------------------------------------- sudden ends, stops */

static void test_a_child_that_is_killed_before_its_execve(void **state) {
    struct bench *bench = *state;
    start(bench, "waits");
    kill(bench->pid, SIGKILL);
    drain_to_end(bench);
    let_execute(bench);
    assert_outcome(bench, SIGKILL);
    assert_int_equal(bench->count, 0); /* it has executed nothing */
}

static void test_a_child_that_is_dead_already(void **state) {
    struct bench *bench = *state;
    static const struct sock_fprog none;
    siginfo_t info;
    make_child(bench, "waits", &none);
    kill(bench->pid, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)bench->pid, &info, WEXITED | WNOWAIT), 0);
    let_execute(bench);
    int status = tracer_create(&bench->tracer, &bench->options, bench->problem, sizeof(bench->problem));
    assert_true(status < 0);
    assert_null(bench->tracer);
    assert_string_not_equal(bench->problem, "");
    assert_int_equal(waitpid(bench->pid, NULL, 0), bench->pid);
}

/* Until the tracer has told of this call of the program. */
static void await_enter(struct bench *bench, int64_t number) {
    bool found = false;
    while (!found) {
        drain(bench);
        for (unsigned i = 0; i < bench->count; i++) {
            const struct kernel_event *event = &bench->kept[i].event;
            found = found || (event->kind == KERNEL_ENTER && event->enter.number == number);
        }
        sched_yield();
    }
}

static void test_a_program_that_is_killed_in_a_call(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=pause");
    start(bench, "waits");
    let_execute(bench);
    await_enter(bench, SYS_pause);
    kill(bench->pid, SIGKILL);
    drain_to_end(bench);
    next_exec(bench);
    next_enter(bench, bench->pid, SYS_pause);
    next_end(bench, bench->pid, END_KILLED, SIGKILL);
    assert_nothing_more(bench);
    assert_outcome(bench, SIGKILL);
}

static void await_stop_signal(const struct bench *bench, int signal) {
    while (tracer_stop_signal(bench->tracer) != signal) {
        sched_yield();
    }
}

static void test_a_program_that_is_stopped_goes_on_when_it_is_continued(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=getsid,exit_group");
    bench->options.signals = false;
    start(bench, "stops");
    let_execute(bench);
    await_stop_signal(bench, SIGSTOP);
    kill(bench->pid, SIGCONT);
    drain_to_end(bench);
    assert_int_equal(tracer_stop_signal(bench->tracer), 0);
    assert_outcome(bench, 5 << 8);
    next_exec(bench);
    for (int i = 0; i < 2; i++) {
        next_enter(bench, bench->pid, SYS_getsid);
        next_exit(bench, bench->pid, SYS_getsid, getsid(0));
    }
    next_enter(bench, bench->pid, SYS_exit_group);
    next_end(bench, bench->pid, END_EXITED, 5);
    assert_nothing_more(bench);
}

/* The calls that a thread is in, as proc_pid_syscall(5) has it; -1: none. */
static long call_of(pid_t pid, pid_t tid) {
    char path[64];
    long number = -1;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%ld", &number) != 1) {
            number = -1; /* it runs */
        }
        fclose(file);
    }
    return number;
}

/* Its state, the letter of proc_pid_stat(5). */
static char state_of(pid_t pid, pid_t tid) {
    char path[64];
    char letter = '?';
    snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
    FILE *file = fopen(path, "re");
    if (file) {
        assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &letter), 1);
        fclose(file);
    }
    return letter;
}

static pid_t tracer_thread(void) {
    pid_t *tids;
    pid_t found = 0;
    ssize_t count = proc_threads(getpid(), &tids);
    for (ssize_t i = 0; i < count; i++) {
        char path[64];
        char name[32] = "";
        snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tids[i]);
        FILE *file = fopen(path, "re");
        if (file && fgets(name, sizeof(name), file) && strcmp(name, "renacer-trace\n") == 0) {
            found = tids[i];
        }
        if (file) {
            fclose(file);
        }
    }
    free(tids);
    return found;
}

static void test_a_tracer_that_waits_for_room_can_be_destroyed(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=pwrite64");
    start(bench, "floods");
    let_execute(bench);
    pid_t thread = tracer_thread();
    assert_true(thread > 0);
    /* It does not poll for anything but room. */
    while (call_of(getpid(), thread) != SYS_poll) {
        sched_yield();
    }
    tracer_destroy(bench->tracer);
    bench->tracer = NULL;
    /* The program was let go, and is our child again. */
    kill(bench->pid, SIGKILL);
    int status;
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_int_equal(status, SIGKILL);
}

static void test_a_program_outlives_its_tracer(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=pause");
    start(bench, "waits");
    let_execute(bench);
    await_enter(bench, SYS_pause);
    tracer_destroy(bench->tracer);
    bench->tracer = NULL;
    assert_int_equal(waitpid(bench->pid, NULL, WNOHANG), 0);
    kill(bench->pid, SIGKILL);
    assert_int_equal(waitpid(bench->pid, NULL, 0), bench->pid);
}

/* ------------------------------------------------------------------------ attaching */

/* A process whose threads wait in different calls, and what they share with the test. */
enum {
    WAITERS = 7,
};

struct shared {
    _Atomic int tids[WAITERS];
    _Atomic uint32_t word;
};

static struct shared *shared;
static int happening[2]; /* a pipe, readable when the threads are to go on */
static int semaphore;

static int wait_in_read(void) {
    char byte;
    return read(happening[0], &byte, 1) == 0;
}

static int wait_in_poll(void) {
    struct pollfd wait = {.fd = happening[0], .events = POLLIN};
    return syscall(SYS_poll, &wait, 1, -1) == 1;
}

static int wait_in_epoll(void) {
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(epoll, EPOLL_CTL_ADD, happening[0], &event);
    return syscall(SYS_epoll_wait, epoll, &event, 1, -1) == 1;
}

static int wait_in_futex(void) {
    /* Awakened, or told that there is no need to wait. */
    return syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 || errno == EAGAIN;
}

static int wait_in_sigtimedwait(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, _NSIG / 8) == SIGUSR1;
}

static int wait_in_semop(void) {
    struct sembuf take = {.sem_op = -1};
    return syscall(SYS_semop, semaphore, &take, 1) == 0;
}

/* The last one is the leader. */
static const struct waiter {
    long number;
    int (*wait)(void);
} waiters[WAITERS] = {
    {SYS_read, wait_in_read},        {SYS_poll, wait_in_poll},   {SYS_futex, wait_in_futex},
    {SYS_epoll_wait, wait_in_epoll}, {SYS_semop, wait_in_semop}, {SYS_rt_sigtimedwait, wait_in_sigtimedwait},
    {SYS_read, wait_in_read},
};

static void *run_waiter(void *context) {
    size_t index = (size_t)(uintptr_t)context;
    atomic_store(&shared->tids[index], gettid());
    return (void *)(uintptr_t)(waiters[index].wait() ? 0 : 1);
}

/* How many waits went wrong. */
static int run_waiters(void) {
    pthread_t threads[WAITERS];
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    close(happening[1]);
    for (size_t i = 0; i < WAITERS - 1; i++) {
        pthread_create(&threads[i], NULL, run_waiter, (void *)(uintptr_t)i);
    }
    int wrong = run_waiter((void *)(uintptr_t)(WAITERS - 1)) != NULL;
    for (size_t i = 0; i < WAITERS - 1; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += result != NULL;
    }
    return wrong;
}

/* Until every thread sleeps in its call; one that was made again by the kernel may be in restart_syscall. */
static void await_waiters(pid_t pid) {
    for (size_t i = 0; i < WAITERS; i++) {
        long number;
        do {
            sched_yield();
            pid_t tid = atomic_load(&shared->tids[i]);
            number = tid && state_of(pid, tid) == 'S' ? call_of(pid, tid) : -1;
        } while (number != waiters[i].number && number != SYS_restart_syscall);
    }
}

static void start_waiters(struct bench *bench) {
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    assert_int_equal(pipe2(happening, O_CLOEXEC), 0);
    semaphore = semget(IPC_PRIVATE, 1, 0600);
    assert_true(semaphore >= 0);
    bench->pid = fork();
    assert_true(bench->pid >= 0);
    if (bench->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(run_waiters());
    }
    await_waiters(bench->pid);
}

/* What all of them wait for happens. */
static void happen(const struct bench *bench) {
    struct sembuf give = {.sem_op = 1};
    atomic_store(&shared->word, 1);
    syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0);
    kill(bench->pid, SIGUSR1);
    assert_int_equal(semop(semaphore, &give, 1), 0);
    close(happening[1]);
}

static void finish_waiters(void) {
    semctl(semaphore, 0, IPC_RMID);
    close(happening[0]);
    munmap(shared, sizeof(*shared));
}

static void attach(struct bench *bench) {
    choose(bench, "trace=read,poll,futex,epoll_wait,semop,rt_sigtimedwait,restart_syscall");
    bench->options.attach = true;
    bench->options.signals = false;
    create(bench);
    assert_int_equal(tracer_counts(bench->tracer).attached, WAITERS);
    assert_int_equal(tracer_counts(bench->tracer).tracees, WAITERS);
}

static unsigned count_events(const struct bench *bench, enum kernel_event_kind kind, pid_t tid) {
    unsigned count = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        count += bench->kept[i].event.kind == kind && bench->kept[i].event.tid == tid;
    }
    return count;
}

/* Until each thread has told that it is in its call again. */
static void await_calls(struct bench *bench) {
    for (size_t i = 0; i < WAITERS; i++) {
        while (count_events(bench, KERNEL_ENTER, shared->tids[i]) == 0) {
            drain(bench);
            sched_yield();
        }
    }
}

static void detach(struct bench *bench) {
    while (!tracer_ended(bench->tracer)) {
        static const struct timespec moment = {.tv_nsec = 1000000};
        tracer_detach(bench->tracer);
        nanosleep(&moment, NULL);
    }
    drain(bench);
}

static void test_a_running_process_is_attached_to_with_all_its_threads(void **state) {
    struct bench *bench = *state;
    start_waiters(bench);
    attach(bench);
    await_calls(bench);
    happen(bench);
    drain_to_end(bench);
    /* Every wait has ended as it should, and was seen to. */
    assert_outcome(bench, 0);
    for (size_t i = 0; i < WAITERS; i++) {
        pid_t tid = shared->tids[i];
        assert_int_equal(count_events(bench, KERNEL_FORK, tid), 1);
        assert_true(count_events(bench, KERNEL_ENTER, tid) >= 1);
        assert_int_equal(count_events(bench, KERNEL_END, tid), 1);
    }
    finish_waiters();
}

static void test_threads_are_let_go_unharmed(void **state) {
    struct bench *bench = *state;
    start_waiters(bench);
    attach(bench);
    await_calls(bench);
    await_waiters(bench->pid);
    detach(bench);
    assert_null(tracer_outcome(bench->tracer));
    assert_int_equal(tracer_counts(bench->tracer).tracees, 0);
    for (size_t i = 0; i < WAITERS; i++) {
        /* Nobody has seen the call end, for it has not. */
        assert_int_equal(count_events(bench, KERNEL_ENTER, shared->tids[i]), 1);
        assert_int_equal(count_events(bench, KERNEL_EXIT, shared->tids[i]), 0);
        assert_int_equal(count_events(bench, KERNEL_END, shared->tids[i]), 0);
    }
    await_waiters(bench->pid);
    happen(bench);
    int status;
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_int_equal(status, 0);
    finish_waiters();
}

static void test_a_process_can_be_attached_to_again_and_again(void **state) {
    struct bench *bench = *state;
    start_waiters(bench);
    for (int i = 0; i < 20; i++) {
        attach(bench);
        await_calls(bench);
        await_waiters(bench->pid);
        detach(bench);
        tracer_destroy(bench->tracer);
        bench->tracer = NULL;
        bench->count = 0;
    }
    await_waiters(bench->pid);
    happen(bench);
    int status;
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_int_equal(status, 0);
    finish_waiters();
}

static pid_t start_sleeper(void) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
        _exit(0);
    }
    return pid;
}

static void test_a_stopped_process_stays_stopped_when_it_is_let_go(void **state) {
    struct bench *bench = *state;
    int status;
    bench->pid = start_sleeper();
    kill(bench->pid, SIGSTOP);
    assert_int_equal(waitpid(bench->pid, &status, WUNTRACED), bench->pid);
    bench->options.attach = true;
    create(bench);
    assert_int_equal(tracer_stop_signal(bench->tracer), SIGSTOP);
    detach(bench);
    while (state_of(bench->pid, bench->pid) != 'T') { /* it is on its way from one stop to the other */
        sched_yield();
    }
    kill(bench->pid, SIGCONT);
    assert_int_equal(waitpid(bench->pid, &status, WCONTINUED), bench->pid);
    assert_true(WIFCONTINUED(status));
    kill(bench->pid, SIGTERM);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_int_equal(status, SIGTERM);
}

/* ------------------------------------------------------------------------- refusals */

/* Attaching to these processes must fail. */
static int refuse(struct bench *bench, const pid_t *pids, size_t count) {
    bench->options.attach = true;
    bench->options.pids = pids;
    bench->options.count = count;
    int status = tracer_create(&bench->tracer, &bench->options, bench->problem, sizeof(bench->problem));
    assert_null(bench->tracer);
    return status;
}

static void assert_says(const struct bench *bench, const char *before, pid_t pid, const char *behind) {
    char part[128];
    snprintf(part, sizeof(part), "%s%d%s", before, pid, behind);
    if (!strstr(bench->problem, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, bench->problem);
    }
}

static pid_t nobody_has(void) {
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return pid;
}

static void test_a_process_that_does_not_exist_is_refused(void **state) {
    struct bench *bench = *state;
    pid_t gone = nobody_has();
    assert_int_equal(refuse(bench, &gone, 1), -ESRCH);
    assert_says(bench, "there is no process ", gone, "");
}

static void test_we_do_not_trace_ourselves(void **state) {
    struct bench *bench = *state;
    pid_t self = getpid();
    assert_int_equal(refuse(bench, &self, 1), -EPERM);
    assert_says(bench, "process ", self, " is renacer-sv itself");
}

static pid_t tracer_of(pid_t pid) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    return proc_number(path, "TracerPid");
}

static void test_who_is_traced_already_is_refused(void **state) {
    struct bench *bench = *state;
    pid_t sleeper = start_sleeper();
    assert_int_equal(ptrace(PTRACE_SEIZE, sleeper, NULL, NULL), 0);
    assert_int_equal(refuse(bench, &sleeper, 1), -EPERM);
    assert_says(bench, "process ", sleeper, " is traced by process ");
    assert_says(bench, "traced by process ", getpid(), " already");
    assert_int_equal(tracer_of(sleeper), getpid());
    kill(sleeper, SIGKILL);
    waitpid(sleeper, NULL, 0);
}

static void test_who_was_seized_before_the_refusal_is_let_go(void **state) {
    struct bench *bench = *state;
    pid_t sleeper = start_sleeper();
    const pid_t pids[] = {sleeper, nobody_has()};
    assert_int_equal(refuse(bench, pids, 2), -ESRCH);
    /* The kernel lets go a moment after the thread could be joined. */
    while (tracer_of(sleeper)) {
        sched_yield();
    }
    assert_int_equal(waitpid(sleeper, NULL, WNOHANG), 0);
    kill(sleeper, SIGKILL);
    int status;
    assert_int_equal(waitpid(sleeper, &status, 0), sleeper);
    assert_int_equal(status, SIGKILL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_small_program_from_its_execve_to_its_end),
        TEST(test_a_small_program_with_outputs),
        TEST(test_a_filter_changes_nothing_but_the_stops),
        TEST(test_notes_alone),
        TEST(test_children_are_followed_if_that_was_asked_for),
        TEST(test_children_are_let_go_otherwise),
        TEST(test_children_under_a_filter_are_served_in_silence),
        TEST(test_threads_belong_to_their_process),
        TEST(test_a_child_that_is_killed_before_its_execve),
        TEST(test_a_child_that_is_dead_already),
        TEST(test_a_program_that_is_killed_in_a_call),
        TEST(test_a_program_that_is_stopped_goes_on_when_it_is_continued),
        TEST(test_a_tracer_that_waits_for_room_can_be_destroyed),
        TEST(test_a_program_outlives_its_tracer),
        TEST(test_a_running_process_is_attached_to_with_all_its_threads),
        TEST(test_threads_are_let_go_unharmed),
        TEST(test_a_process_can_be_attached_to_again_and_again),
        TEST(test_a_stopped_process_stays_stopped_when_it_is_let_go),
        TEST(test_a_process_that_does_not_exist_is_refused),
        TEST(test_we_do_not_trace_ourselves),
        TEST(test_who_is_traced_already_is_refused),
        TEST(test_who_was_seized_before_the_refusal_is_let_go),
    };
    return argc > 1 ? run_program(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
