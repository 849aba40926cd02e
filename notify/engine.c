/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include "perf_source.h"

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

static int notify_attach(void **state, pid_t tid, const struct engine_options *options, char *problem, size_t size) {
    char ids[FILTER_BYTES];
    selection_kernel_filter(options->selection, ids, sizeof(ids) - 64);
    struct perf_options perf = {.follow = options->follow,
                                .signals = options->signals,
                                .ids = ids[0] ? ids : NULL,
                                .ring_bytes = ring_bytes((size_t)get_nprocs_conf())};
    struct perf_source *source;
    int status = perf_source_create(&source, tid, &perf, problem, size);
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
