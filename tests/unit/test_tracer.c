/* SPDX-License-Identifier: MIT
 *
 * The tracer on real programs: this one itself, executed with the name of what
 * it is to do, or forked.
 */
#include "tracer_bench.h"

#include "filter.h"
#include "proc.h"
#include "program_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

/* One wait that nothing disturbs by right, one that a handler ends, and one that a stop of the process ends. */
static int run_epolls(void) {
    struct sigaction action = {.sa_handler = on_signal};
    struct epoll_event event;
    int epoll = epoll_create1(0);
    sigaction(SIGUSR1, &action, NULL);
    int wrong = syscall(SYS_epoll_wait, epoll, &event, 1, 150) != 0;
    wrong += syscall(SYS_epoll_wait, epoll, &event, 1, -1) != -1 || errno != EINTR;
    wrong += syscall(SYS_epoll_wait, epoll, &event, 1, -1) != -1 || errno != EINTR;
    return wrong;
}

/* The same of calls that the kernel makes again. */
static int run_sleeps(void) {
    struct sigaction action = {.sa_handler = on_signal};
    struct timespec nap = {.tv_nsec = 150000000};
    sigaction(SIGUSR1, &action, NULL);
    int wrong = syscall(SYS_nanosleep, &nap, NULL) != 0;
    wrong += syscall(SYS_pause) != -1 || errno != EINTR;
    return wrong;
}

static const struct program {
    const char *name;
    int (*run)(void);
} programs[] = {
    {"small", run_small}, {"forks", run_forks},   {"threads", run_threads}, {"waits", run_waits},
    {"stops", run_stops}, {"floods", run_floods}, {"epolls", run_epolls},   {"sleeps", run_sleeps},
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

/* ------------------------------------------------------------- what programs start with */

/* The bytes are struct start_maps and lines, of which the first names this program. */
static void assert_maps(const struct note *note, const void *captures, pid_t pid) {
    assert_int_equal(note->kind, NOTE_MAPS);
    assert_int_equal(note->tid, pid);
    assert_in_range(note->captures_size, sizeof(struct start_maps) + 256, PROGRAM_MAPS_BOUND);
    struct start_maps start;
    memcpy(&start, captures, sizeof(start));
    assert_true(start.stack > 0);
    char line[256] = "";
    memcpy(line, (const char *)captures + sizeof(start), sizeof(line) - 1);
    line[strcspn(line, "\n")] = 0;
    assert_non_null(strstr(line, "unit_tracer"));
}

static void test_an_exec_tells_what_its_program_starts_with(void **state) {
    struct bench *bench = *state;
    bench->options.maps = true;
    choose(bench, small_calls);
    start(bench, "small");
    let_execute(bench);
    drain_to_end(bench);
    next_enter(bench, bench->pid, SYS_execve);
    const struct kept *exec = next(bench, KERNEL_EXEC, bench->pid);
    assert_non_null(exec->event.note);
    assert_int_equal(exec->note.time, exec->event.time);
    assert_maps(&exec->note, exec->captures, bench->pid);
    next_exit(bench, bench->pid, SYS_execve, 0);
    next_enter(bench, bench->pid, SYS_getsid);
}

static void test_notes_alone_tell_it_too(void **state) {
    struct bench *bench = *state;
    bench->capture.outputs = true;
    bench->options.maps = true;
    choose(bench, "trace=readlinkat");
    start_filtered(bench, "small", true);
    let_execute(bench);
    next_note(bench, NOTE_CALL, SYS_execve);
    const struct note *note = next_note(bench, NOTE_MAPS, 0);
    assert_maps(note, note_captures(note), bench->pid);
    next_note(bench, NOTE_CALL, SYS_readlinkat);
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

/* Until the program waits in its call, which it has made `count` times so far. */
static void await_wait(struct bench *bench, int64_t number, unsigned count) {
    unsigned seen;
    do {
        sched_yield();
        drain(bench);
        seen = 0;
        for (unsigned i = 0; i < bench->count; i++) {
            const struct kernel_event *event = &bench->kept[i].event;
            seen += event->kind == KERNEL_ENTER && event->enter.number == number;
        }
    } while (seen < count || state_of(bench->pid, bench->pid) != 'S');
}

static void send_ignored(const struct bench *bench) {
    static const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = 0; i < 5; i++) {
        kill(bench->pid, i % 2 ? SIGWINCH : SIGURG);
        nanosleep(&moment, NULL);
    }
}

static void test_a_wait_ends_once_and_by_right(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=epoll_wait,exit_group");
    start(bench, "epolls");
    let_execute(bench);
    await_wait(bench, SYS_epoll_wait, 1);
    send_ignored(bench);
    await_wait(bench, SYS_epoll_wait, 2);
    send_ignored(bench);
    kill(bench->pid, SIGUSR1);
    await_wait(bench, SYS_epoll_wait, 3);
    kill(bench->pid, SIGSTOP);
    await_stop_signal(bench, SIGSTOP);
    kill(bench->pid, SIGCONT);
    drain_to_end(bench);
    assert_outcome(bench, 0);
    next_exec(bench);
    const struct kept *begin = next_enter(bench, bench->pid, SYS_epoll_wait);
    const struct kept *end = next_exit(bench, bench->pid, SYS_epoll_wait, 0);
    assert_in_range(end->event.time - begin->event.time, 145000000, 10000000000); /* in all, not the last try */
    next_enter(bench, bench->pid, SYS_epoll_wait);
    next_exit(bench, bench->pid, SYS_epoll_wait, -EINTR);
    assert_int_equal(next(bench, KERNEL_SIGNAL, bench->pid)->event.signal.number, SIGUSR1);
    next_enter(bench, bench->pid, SYS_epoll_wait);
    next_exit(bench, bench->pid, SYS_epoll_wait, -EINTR);
    assert_int_equal(next(bench, KERNEL_SIGNAL, bench->pid)->event.signal.number, SIGSTOP);
    next_enter(bench, bench->pid, SYS_exit_group);
    next_end(bench, bench->pid, END_EXITED, 0);
    assert_nothing_more(bench);
}

static void test_calls_that_the_kernel_makes_again_end_once(void **state) {
    struct bench *bench = *state;
    choose(bench, "trace=nanosleep,restart_syscall,pause,exit_group");
    start(bench, "sleeps");
    let_execute(bench);
    await_wait(bench, SYS_nanosleep, 1);
    send_ignored(bench);
    await_wait(bench, SYS_pause, 1);
    send_ignored(bench);
    kill(bench->pid, SIGUSR1);
    drain_to_end(bench);
    assert_outcome(bench, 0);
    next_exec(bench);
    next_enter(bench, bench->pid, SYS_nanosleep);
    next_exit(bench, bench->pid, SYS_nanosleep, 0);
    next_enter(bench, bench->pid, SYS_pause);
    next_exit(bench, bench->pid, SYS_pause, -KERNEL_ERESTARTNOHAND);
    assert_int_equal(next(bench, KERNEL_SIGNAL, bench->pid)->event.signal.number, SIGUSR1);
    next_enter(bench, bench->pid, SYS_exit_group);
    next_end(bench, bench->pid, END_EXITED, 0);
    assert_nothing_more(bench);
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

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_small_program_from_its_execve_to_its_end),
        TEST(test_a_small_program_with_outputs),
        TEST(test_a_filter_changes_nothing_but_the_stops),
        TEST(test_notes_alone),
        TEST(test_an_exec_tells_what_its_program_starts_with),
        TEST(test_notes_alone_tell_it_too),
        TEST(test_children_are_followed_if_that_was_asked_for),
        TEST(test_children_are_let_go_otherwise),
        TEST(test_children_under_a_filter_are_served_in_silence),
        TEST(test_threads_belong_to_their_process),
        TEST(test_a_child_that_is_killed_before_its_execve),
        TEST(test_a_child_that_is_dead_already),
        TEST(test_a_program_that_is_killed_in_a_call),
        TEST(test_a_program_that_is_stopped_goes_on_when_it_is_continued),
        TEST(test_a_wait_ends_once_and_by_right),
        TEST(test_calls_that_the_kernel_makes_again_end_once),
        TEST(test_a_tracer_that_waits_for_room_can_be_destroyed),
        TEST(test_a_program_outlives_its_tracer),
    };
    return argc > 1 ? run_program(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
