/* SPDX-License-Identifier: MIT
 *
 * A tracer, all that it is created from, and all that it has told. The tests' programs
 * are real; so are the threads that trace them.
 */
#ifndef RENACER_TESTS_TRACER_BENCH_H
#define RENACER_TESTS_TRACER_BENCH_H

#include "tracer.h"

#include "cleanup.h"
#include "filter.h"
#include "record.h"
#include "unit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    EVENTS = 512,
    CAPTURES = 512,
    WORDS = 16,
    PATH = 256,
};

struct kept {
    struct kernel_event event; /* its note is not NULL if there was one */
    struct note note;
    uint8_t captures[CAPTURES]; /* the first of them */
    struct stack_sample stack;  /* if event.enter.stack is not NULL */
    uint64_t words[WORDS];      /* of the stack, the first and */
    uint64_t last_word;
    struct {
        uint64_t start;
        uint64_t length;
        uint64_t offset;
        uint64_t inode;
    } mapping; /* if it is one */
    char path[PATH];
    uint64_t opened; /* the inode of its file; 0: there is none */
};

struct bench {
    struct tracer *tracer;
    struct tracer_options options;
    struct selection selection;
    struct capture_options capture;
    struct pid_set *family;
    struct troubles troubles;
    atomic_bool supplies;
    struct waker collector;
    char problem[256];
    pid_t pid;
    int go; /* closed, the child that was made goes on to its execve; -1: it has been */
    struct kept kept[EVENTS];
    unsigned count;
    unsigned read; /* events that the test has looked at */
};

static inline int set_up(void **state) {
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
                                             .supplies = &bench->supplies,
                                             .family = family,
                                             .troubles = &bench->troubles,
                                             .collector = &bench->collector};
    *state = bench;
    return 0;
}

static inline int tear_down(void **state) {
    struct bench *bench = *state;
    tracer_destroy(bench->tracer);
    waker_finish(&bench->collector);
    free(bench->family);
    free(bench);
    return 0;
}

static inline void choose(struct bench *bench, const char *expression) {
    assert_int_equal(selection_parse(&bench->selection, expression, bench->problem, sizeof(bench->problem)), 0);
}

static inline void create(struct bench *bench) {
    int status = tracer_create(&bench->tracer, &bench->options, bench->problem, sizeof(bench->problem));
    if (status < 0) {
        fail_msg("%s: %s", strerror(-status), bench->problem);
    }
}

static inline void keep(struct bench *bench, const struct kernel_event *event) {
    assert_in_range(bench->count, 0, EVENTS - 1);
    struct kept *kept = &bench->kept[bench->count++];
    kept->event = *event;
    if (event->note) {
        size_t size = event->note->captures_size < CAPTURES ? event->note->captures_size : CAPTURES;
        kept->note = *event->note;
        memcpy(kept->captures, note_captures(event->note), size);
    }
}

static inline void keep_stack(struct kept *kept, const struct stack_sample *stack) {
    const uint8_t *bytes = stack_sample_bytes(stack);
    assert_int_equal(stack->size % 8, 0);
    kept->stack = *stack;
    memcpy(kept->words, bytes, stack->size < sizeof(kept->words) ? stack->size : sizeof(kept->words));
    if (stack->size) {
        memcpy(&kept->last_word, bytes + stack->size - sizeof(kept->last_word), sizeof(kept->last_word));
    }
}

static inline void keep_mapping(struct kept *kept, const struct mapping *mapping) {
    auto_fd file = mapping->file;
    struct stat status;
    kept->mapping.start = mapping->start;
    kept->mapping.length = mapping->length;
    kept->mapping.offset = mapping->offset;
    kept->mapping.inode = mapping->inode;
    snprintf(kept->path, sizeof(kept->path), "%s", mapping->path);
    assert_true(file < 0 || fstat(file, &status) == 0);
    kept->opened = file >= 0 ? status.st_ino : 0;
}

/* Take what is there now. */
static inline void drain(struct bench *bench) {
    struct kernel_event event;
    while (tracer_next(bench->tracer, &event)) {
        keep(bench, &event);
        if (event.kind == KERNEL_ENTER && event.enter.stack) {
            keep_stack(&bench->kept[bench->count - 1], event.enter.stack);
        } else if (event.kind == KERNEL_MAPPING) {
            keep_mapping(&bench->kept[bench->count - 1], event.mapping);
        }
    }
}

/* Take everything, until nothing is traced any more. */
static inline void drain_to_end(struct bench *bench) {
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

static inline const struct kept *next(struct bench *bench, enum kernel_event_kind kind, pid_t tid) {
    assert_true(bench->read < bench->count);
    const struct kept *kept = &bench->kept[bench->read++];
    assert_int_equal(kept->event.kind, kind);
    assert_int_equal(kept->event.tid, tid);
    if (bench->read > 1) {
        assert_true(kept->event.time >= kept[-1].event.time);
    }
    return kept;
}

static inline const struct kept *next_enter(struct bench *bench, pid_t tid, int64_t number) {
    const struct kept *kept = next(bench, KERNEL_ENTER, tid);
    assert_int_equal(kept->event.enter.number, number);
    return kept;
}

static inline const struct kept *next_exit(struct bench *bench, pid_t tid, int64_t number, int64_t result) {
    const struct kept *kept = next(bench, KERNEL_EXIT, tid);
    assert_int_equal(kept->event.exit.number, number);
    assert_int_equal(kept->event.exit.result, result);
    return kept;
}

static inline void next_end(struct bench *bench, pid_t tid, enum end_manner manner, int32_t code) {
    const struct kept *kept = next(bench, KERNEL_END, tid);
    assert_int_equal(kept->event.end.manner, manner);
    assert_int_equal(kept->event.end.code, code);
}

static inline void next_exec(struct bench *bench) {
    const struct kept *kept = next_enter(bench, bench->pid, SYS_execve);
    assert_non_null(kept->event.note);
    next(bench, KERNEL_EXEC, bench->pid);
    next_exit(bench, bench->pid, SYS_execve, 0);
}

static inline void assert_nothing_more(const struct bench *bench) {
    assert_int_equal(bench->read, bench->count);
}

static inline void assert_outcome(const struct bench *bench, int wait_status) {
    const struct engine_outcome *outcome = tracer_outcome(bench->tracer);
    assert_non_null(outcome);
    assert_true(outcome->ended);
    assert_int_equal(outcome->wait_status, wait_status);
    assert_int_equal(tracer_counts(bench->tracer).tracees, 0);
}

/* The capture of an argument begins with this text. */
static inline void assert_captured(const struct kept *kept, unsigned arg, unsigned element, const char *text) {
    const struct capture *capture = capture_find(kept->captures, kept->note.captures_size, arg, element);
    assert_non_null(capture);
    assert_true(capture->size >= strlen(text));
    assert_memory_equal(capture_bytes(capture), text, strlen(text));
}

/* The calls that a thread is in, as proc_pid_syscall(5) has it; -1: none. */
static inline long call_of(pid_t pid, pid_t tid) {
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
static inline char state_of(pid_t pid, pid_t tid) {
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

/* Make the child that will execute a program, under the filter (its instructions NULL: none). */
static inline void make_child(struct bench *bench, const char *name, const struct sock_fprog *filter) {
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

static inline void let_execute(struct bench *bench) {
    close(bench->go);
    bench->go = -1;
}

/* A program that has been seized and has not executed anything yet. */
static inline void start(struct bench *bench, const char *name) {
    static const struct sock_fprog none;
    make_child(bench, name, &none);
    create(bench);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
