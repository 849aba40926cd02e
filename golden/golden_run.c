/* SPDX-License-Identifier: MIT */
#include "golden_run.h"

#include "cleanup.h"
#include "clock.h"
#include "diag.h"
#include "files.h"
#include "options.h"
#include "recorder.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROBLEM_BYTES = 1024,
    NANOSECONDS = 1000000000,
    NAME_SHOWN = 48, /* characters of a name in the line of progress, which must not wrap */
};

/* --------------------------------------------------------------------------- a run */

int golden_run_fail(struct golden_run *run, int status, const char *sentence) {
    free(run->problem);
    run->problem = strdup(sentence);
    run->status = status;
    return status;
}

static bool is_set(const struct strings *environment, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < environment->count; i++) {
        if (strncmp(environment->each[i], name, length) == 0 && environment->each[i][length] == '=') {
            return true;
        }
    }
    return false;
}

/* What the program finds: the variables that are passed, and those that are set. */
static int make_environment(const struct golden *golden, struct strings *result) {
    int status = strings_add(result, ""); /* makes the vector, also of none */
    for (size_t i = 0; i < golden->pass.count && status == 0; i++) {
        const char *name = golden->pass.each[i];
        const char *value = getenv(name);
        auto_free char *entry = NULL;
        if (!value || is_set(&golden->environment, name)) {
            continue;
        }
        if (asprintf(&entry, "%s=%s", name, value) < 0) {
            entry = NULL;
            return -ENOMEM;
        }
        status = strings_add(result, entry);
    }
    for (size_t i = 0; i < golden->environment.count && status == 0; i++) {
        status = strings_add(result, golden->environment.each[i]);
    }
    return status;
}

/* --golden, and what the manifest says. */
static int make_options(const struct golden *golden, struct strings *result) {
    int status = strings_add(result, "--golden");
    for (size_t i = 0; i < golden->options.count && status == 0; i++) {
        status = strings_add(result, golden->options.each[i]);
    }
    return status;
}

static int start_run(struct golden_run *run, struct recorder **recorder) {
    const struct golden *golden = run->golden;
    char problem[PROBLEM_BYTES] = "out of memory";
    struct strings environment = {0};
    struct strings options = {0};
    int status = make_environment(golden, &environment);
    if (status == 0) {
        status = make_options(golden, &options);
    }
    if (status == 0) {
        struct recorder_request request = {.options = options.each,
                                           .command = golden->command.each,
                                           .environment = environment.each + 1,
                                           .directory = golden->directory,
                                           .input = golden->input,
                                           .trace = run->trace,
                                           .output = RECORDER_KEEP};
        status = recorder_start(recorder, &request, problem, sizeof(problem));
    }
    strings_finish(&environment);
    strings_finish(&options);
    return status < 0 ? golden_run_fail(run, status, problem) : 0;
}

bool golden_options_are_good(const struct golden *golden, bool *follows) {
    *follows = false;
    for (size_t i = 0; i < golden->options.count; i++) {
        if (strcmp(golden->options.each[i], "--golden") == 0) {
            diag("golden trace '%s': --golden is given to the tracer in any case", golden->name);
            return false;
        }
    }
    /* It begins with dashes: an option that wants an argument and has none would take "--" and leave it over. */
    static char program[] = "--program";
    static char end[] = "--";
    static char name[] = "renacer-sv";
    struct strings words = {0};
    auto_free char **argv = calloc(golden->options.count + 5, sizeof(*argv));
    if (!argv || make_options(golden, &words) < 0) {
        diag("out of memory");
        strings_finish(&words);
        return false;
    }
    int argc = 0;
    argv[argc++] = name;
    for (size_t i = 0; i < words.count; i++) {
        argv[argc++] = words.each[i];
    }
    argv[argc++] = end;
    argv[argc++] = program;
    struct options options;
    optind = 0;
    bool good = options_parse(&options, argc, argv) == OPTIONS_RUN;
    if (good && options.file) {
        diag("-o is golden's own: the trace is traces/%s.json beside the manifest", golden->name);
        good = false;
    } else if (good && options.program != argv + argc - 1) {
        diag("'%s' is no option of the tracer; the program is the command", options.program[0]);
        good = false;
    }
    *follows = options.output.follow;
    options_finish(&options);
    strings_finish(&words);
    if (!good) {
        diag("golden trace '%s': these are no options of the tracer for it", golden->name);
    }
    return good;
}

/* ----------------------------------------------------------------------- all of them */

struct slot {
    struct recorder *recorder; /* NULL: free */
    struct golden_run *run;
    uint64_t begin;
    unsigned timeout; /* seconds */
};

struct pool {
    struct golden_runs *runs;
    const struct golden_run_options *options;
    struct slot *slots;
    size_t slot_count;
    size_t next; /* that is to be started */
    size_t ended;
};

static size_t count_jobs(unsigned wanted, size_t count) {
    cpu_set_t set;
    size_t jobs = wanted;
    if (!jobs) {
        jobs = sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
    }
    jobs = jobs < GOLDEN_JOBS_MAX ? jobs : GOLDEN_JOBS_MAX;
    return jobs < count ? jobs : count;
}

static void show_progress(const struct pool *pool, const char *name) {
    if (pool->options->progress) {
        fprintf(stderr, "\r[%zu/%zu] %.*s\033[K", pool->ended, pool->runs->count, NAME_SHOWN, name);
        fflush(stderr);
    }
}

static void hide_progress(const struct pool *pool) {
    if (pool->options->progress) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
}

/* What was asked for now, or when it was recorded. */
static unsigned timeout_of(const struct pool *pool, const struct golden *golden) {
    unsigned said = pool->options->timeout ? pool->options->timeout : golden->timeout;
    return said ? said : GOLDEN_TIMEOUT_STANDARD;
}

static uint64_t end_of(const struct slot *slot) {
    return slot->begin + (uint64_t)slot->timeout * NANOSECONDS;
}

/* Start what there is room for. */
static void fill_slots(struct pool *pool) {
    for (size_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        while (!slot->recorder && pool->next < pool->runs->count) {
            slot->run = &pool->runs->each[pool->next++];
            slot->begin = monotonic_now();
            slot->timeout = timeout_of(pool, slot->run->golden);
            if (slot->run->skip || start_run(slot->run, &slot->recorder) < 0) {
                pool->ended++;
                slot->recorder = NULL;
            }
            show_progress(pool, slot->run->golden->name);
        }
    }
}

/* Whether the tracer's own reason is all that was said. */
static bool says_only(const char *said, const char *problem) {
    static const char before[] = "standard error:\n  renacer-sv: ";
    size_t length = problem ? strlen(problem) : 0;
    return problem && strncmp(said, before, strlen(before)) == 0 &&
           strncmp(said + strlen(before), problem, length) == 0 && strcmp(said + strlen(before) + length, "\n") == 0;
}

static void free_slot(struct pool *pool, struct slot *slot) {
    struct golden_run *run = slot->run;
    run->seconds = (double)(monotonic_now() - slot->begin) / NANOSECONDS;
    const char *said = run->status < 0 ? recorder_said(slot->recorder) : "";
    if (said[0] && !says_only(said, run->problem)) {
        run->said = strdup(said);
    }
    recorder_destroy(slot->recorder);
    slot->recorder = NULL;
    pool->ended++;
    show_progress(pool, run->golden->name);
}

static void end_slot(struct pool *pool, struct slot *slot) {
    char problem[PROBLEM_BYTES] = "";
    struct golden_run *run = slot->run;
    int status = recorder_wait(slot->recorder, &run->wait_status, problem, sizeof(problem));
    if (status < 0) {
        golden_run_fail(run, status, problem);
    }
    free_slot(pool, slot);
}

static void end_late_slot(struct pool *pool, struct slot *slot) {
    char problem[PROBLEM_BYTES];
    snprintf(problem, sizeof(problem), "it did not end in %u second%s, and was killed (--timeout)", slot->timeout,
             slot->timeout == 1 ? "" : "s");
    golden_run_fail(slot->run, -ETIME, problem);
    free_slot(pool, slot);
}

/* Milliseconds until the first one is late; -1: nothing runs. */
static int next_timeout(const struct pool *pool) {
    uint64_t now = monotonic_now();
    uint64_t wait = UINT64_MAX;
    for (size_t i = 0; i < pool->slot_count; i++) {
        if (pool->slots[i].recorder) {
            uint64_t end = end_of(&pool->slots[i]);
            uint64_t left = end > now ? end - now : 0;
            wait = left < wait ? left : wait;
        }
    }
    uint64_t milliseconds = wait / 1000000 + 1;
    return wait == UINT64_MAX ? -1 : milliseconds < INT32_MAX ? (int)milliseconds : INT32_MAX;
}

/* Wait until something has ended: 0, or -EINTR for a signal. */
static int await_slots(struct pool *pool, struct ending_signals *signals) {
    struct pollfd polled[GOLDEN_JOBS_MAX + 1];
    for (size_t i = 0; i < pool->slot_count; i++) {
        const struct recorder *recorder = pool->slots[i].recorder;
        polled[i] = (struct pollfd){.fd = recorder ? recorder_fd(recorder) : -1, .events = POLLIN};
    }
    polled[pool->slot_count] = (struct pollfd){.fd = signals->fd, .events = POLLIN};
    if (poll(polled, pool->slot_count + 1, next_timeout(pool)) < 0 && errno != EINTR) {
        return -errno;
    }
    if (ending_signals_came(signals)) {
        return -EINTR;
    }
    for (size_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->recorder && polled[i].revents) {
            end_slot(pool, slot);
        } else if (slot->recorder && monotonic_now() >= end_of(slot)) {
            end_late_slot(pool, slot);
        }
    }
    return 0;
}

int golden_runs_perform(struct golden_runs *runs, const struct golden_run_options *options,
                        struct ending_signals *signals) {
    struct pool pool = {.runs = runs, .options = options, .slot_count = count_jobs(options->jobs, runs->count)};
    pool.slots = calloc(pool.slot_count + 1, sizeof(*pool.slots));
    int status = pool.slots ? 0 : -ENOMEM;
    while (status == 0 && pool.ended < runs->count) {
        fill_slots(&pool);
        if (pool.ended < runs->count) {
            status = await_slots(&pool, signals);
        }
    }
    for (size_t i = 0; pool.slots && i < pool.slot_count; i++) {
        recorder_destroy(pool.slots[i].recorder);
    }
    hide_progress(&pool);
    free(pool.slots);
    return status;
}

int golden_runs_begin(struct golden_runs *runs, size_t count, char *problem, size_t size) {
    const char *place = getenv("TMPDIR");
    *runs = (struct golden_runs){.each = calloc(count + 1, sizeof(*runs->each))};
    snprintf(problem, size, "out of memory");
    runs->folder =
        runs->each ? folder_make_temporary(place && place[0] ? place : "/tmp", "renacer-golden", problem, size) : NULL;
    if (!runs->folder) {
        int status = runs->each && errno ? -errno : -ENOMEM;
        free(runs->each);
        runs->each = NULL;
        return status;
    }
    runs->count = count;
    for (size_t i = 0; i < count; i++) {
        if (asprintf(&runs->each[i].trace, "%s/%zu.json", runs->folder, i + 1) < 0) {
            runs->each[i].trace = NULL;
            golden_runs_finish(runs);
            return -ENOMEM;
        }
    }
    return 0;
}

void golden_runs_finish(struct golden_runs *runs) {
    for (size_t i = 0; i < runs->count; i++) {
        free(runs->each[i].trace);
        free(runs->each[i].problem);
        free(runs->each[i].said);
    }
    free(runs->each);
    if (runs->folder) {
        folder_remove(runs->folder);
    }
    free(runs->folder);
    *runs = (struct golden_runs){0};
}
