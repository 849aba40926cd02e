/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include "perf_source.h"
#include "repair.h"

#include <errno.h>
#include <string.h>
#include <sys/sysinfo.h>

enum {
    RING_BYTES = 1 << 22,       /* of each CPU, */
    RINGS_BYTES_MAX = 1 << 26,  /* but not more than this of all CPUs together, */
    RING_BYTES_LEAST = 1 << 18, /* unless that would leave a CPU without room for some milliseconds */
    FILTER_BYTES = 4096,
};

static size_t ring_bytes(size_t cpus) {
    size_t bytes = RING_BYTES;
    while (bytes > RING_BYTES_LEAST && bytes * cpus > RINGS_BYTES_MAX) {
        bytes /= 2;
    }
    return bytes;
}

/* What tracing needs to see of calls that were not chosen: that they begin. */
static const char *const needed_enters[] = {"execve", "execveat", "exit", "exit_group"};

enum {
    NEEDED = sizeof(needed_enters) / sizeof(needed_enters[0]),
    FEW_CALLS = PERF_CALLS_MAX - NEEDED,
    /* Each event of each CPU is made anew at every fork that is followed, for
     * some microseconds; and each takes a descriptor. */
    FEW_EVENTS_FOLLOWED = 64,
    FEW_EVENTS = 256,
};

/* The calls whose own tracepoints do, if only a few are chosen; 0 if all calls
 * have to be looked at. */
static size_t few_calls(const struct engine_options *options, struct perf_call calls[PERF_CALLS_MAX]) {
    const struct syscall_row *chosen[FEW_CALLS];
    int count = selection_few(options->selection, ARCH_X86_64, chosen, FEW_CALLS);
    size_t used = 0;
    bool is_chosen[NEEDED] = {false};
    for (int i = 0; i < count; i++) {
        if (repair_is_sigreturn(ARCH_X86_64, chosen[i]->number[ARCH_X86_64])) {
            /* It ends as call -1, which has no tracepoint. */
            return 0;
        }
        for (size_t j = 0; j < NEEDED; j++) {
            is_chosen[j] = is_chosen[j] || strcmp(chosen[i]->name, needed_enters[j]) == 0;
        }
        calls[used++] = (struct perf_call){.name = chosen[i]->name, .exit = true};
    }
    for (size_t j = 0; j < NEEDED && count >= 0; j++) {
        if (!is_chosen[j]) {
            calls[used++] = (struct perf_call){.name = needed_enters[j]};
        }
    }
    size_t events = 2; /* signals */
    for (size_t i = 0; i < used; i++) {
        events += calls[i].exit ? 2 : 1;
    }
    events *= (size_t)get_nprocs_conf();
    return events <= (options->follow ? FEW_EVENTS_FOLLOWED : FEW_EVENTS) ? used : 0;
}

static int notify_attach(void **state, pid_t tid, const struct engine_options *options, char *problem, size_t size) {
    char ids[FILTER_BYTES];
    struct perf_call calls[PERF_CALLS_MAX];
    selection_kernel_filter(options->selection, ids, sizeof(ids) - 64);
    struct perf_options perf = {.follow = options->follow,
                                .signals = options->signals,
                                .ids = ids[0] ? ids : NULL,
                                .call_count = few_calls(options, calls),
                                .ring_bytes = ring_bytes((size_t)get_nprocs_conf())};
    perf.calls = perf.call_count ? calls : NULL;
    struct perf_source *source;
    int status = perf_source_create(&source, tid, &perf, problem, size);
    if (status == -ENOENT && perf.calls) {
        /* A call without a tracepoint of its own. */
        perf.calls = NULL;
        status = perf_source_create(&source, tid, &perf, problem, size);
    }
    *state = source;
    return status;
}

static void notify_detach(void *state) {
    perf_source_destroy(state);
}

static int notify_start(void *state) {
    return perf_source_enable(state);
}

static bool notify_next(void *state, uint64_t before, struct kernel_event *event) {
    return perf_source_next(state, before, event);
}

static void notify_release(void *state) {
    perf_source_release(state);
}

static int notify_reopen(void *state, pid_t tid) {
    return perf_source_reopen(state, tid);
}

static bool notify_is_narrow(void *state) {
    return perf_source_is_narrow(state);
}

static int notify_widen(void *state, pid_t tid) {
    return perf_source_widen(state, tid);
}

static uint64_t notify_lost(void *state) {
    return perf_source_lost(state);
}

static unsigned notify_fill(void *state) {
    return perf_source_fill(state);
}

static int notify_wait_fd(void *state, size_t index) {
    return index < perf_source_rings(state) ? perf_source_ring_fd(state, index) : -1;
}

static int notify_held_fd(void *state, size_t index) {
    return index < perf_source_fds(state) ? perf_source_fd(state, index) : -1;
}

static int none_attach(void **state, pid_t tid, const struct engine_options *options, char *problem, size_t size) {
    (void)tid;
    (void)options;
    (void)problem;
    (void)size;
    *state = NULL;
    return 0;
}

static void none_detach(void *state) {
    (void)state;
}

static int none_start(void *state) {
    (void)state;
    return 0;
}

static bool none_next(void *state, uint64_t before, struct kernel_event *event) {
    (void)state;
    (void)before;
    (void)event;
    return false;
}

static int none_reopen(void *state, pid_t tid) {
    (void)state;
    (void)tid;
    return 0;
}

static uint64_t none_lost(void *state) {
    (void)state;
    return 0;
}

static unsigned none_fill(void *state) {
    (void)state;
    return 0;
}

static int none_fd(void *state, size_t index) {
    (void)state;
    (void)index;
    return -1;
}

static const struct engine notify = {
    .name = "notify",
    .time = "kernel",
    .has_events = true,
    .attach = notify_attach,
    .detach = notify_detach,
    .start = notify_start,
    .next = notify_next,
    .release = notify_release,
    .reopen = notify_reopen,
    .is_narrow = notify_is_narrow,
    .widen = notify_widen,
    .lost = notify_lost,
    .fill = notify_fill,
    .wait_fd = notify_wait_fd,
    .held_fd = notify_held_fd,
};

static const struct engine notify_only = {
    .name = "notify-only",
    .notifies_all = true,
    .attach = none_attach,
    .detach = none_detach,
    .start = none_start,
    .next = none_next,
    .release = none_detach,
    .reopen = none_reopen,
    .lost = none_lost,
    .fill = none_fill,
    .wait_fd = none_fd,
    .held_fd = none_fd,
};

const struct engine *const *engine_all(void) {
    static const struct engine *const engines[] = {&notify, &notify_only, NULL};
    return engines;
}

const struct engine *engine_named(const char *name) {
    for (const struct engine *const *engine = engine_all(); *engine; engine++) {
        if (strcmp((*engine)->name, name) == 0) {
            return *engine;
        }
    }
    return NULL;
}
