/* SPDX-License-Identifier: MIT
 *
 * The engine on ptrace(2): entries, results and times from stops. It needs no
 * privileges and loses nothing; a call costs two stops.
 */
#include "engine.h"
#include "proc.h"

#include "capability.h"
#include "tracer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ptrace_state {
    struct engine_options options;
    pid_t *attach; /* the processes of options.attach, which may be named by their threads */
    struct filter_options filter;
    struct launched launched;
    struct tracer *tracer;
    atomic_bool supplies; /* a program has memory that it supplies itself */
    bool released;
};

static void ptrace_destroy(void *context) {
    struct ptrace_state *state = context;
    if (!state) {
        return;
    }
    if (!state->released && state->launched.pid > 0) {
        /* First: the tracer has to see it die. */
        kill(state->launched.pid, SIGKILL);
    }
    tracer_destroy(state->tracer);
    if (!state->released) {
        launcher_abandon(&state->launched);
    }
    launcher_finish(&state->launched);
    free(state->attach);
    free(state);
}

/* Only a few calls are chosen: a filter stops those, and the others run at their own speed. But the program cannot
 * live without its tracer then. */
static bool filters(const struct engine_options *options) {
    return !options->attach_count && !options->selection->all && !options->lossless;
}

static int launch(struct ptrace_state *state, char *problem, size_t size) {
    const struct engine_options *options = &state->options;
    state->filter = (struct filter_options){.selection = options->selection,
                                            .capture = options->capture,
                                            .trace_only = true,
                                            .new_code = options->stack_bytes > 0};
    struct launch_request request = *options->program;
    request.filter = filters(options) ? &state->filter : NULL;
    return launcher_start(&request, &state->launched, problem, size);
}

static int start_tracer(struct ptrace_state *state, char *problem, size_t size) {
    const struct engine_options *options = &state->options;
    bool attach = options->attach_count > 0;
    struct tracer_options tracer = {.selection = options->selection,
                                    .capture = options->capture,
                                    .pids = attach ? state->attach : &state->launched.pid,
                                    .count = attach ? options->attach_count : 1,
                                    .attach = attach,
                                    .follow = options->follow,
                                    .maps = options->maps,
                                    .stack_bytes = options->stack_bytes,
                                    .signals = options->signals,
                                    .filtered = filters(options),
                                    .supplies = &state->supplies,
                                    .filter_error = attach ? NULL : &state->launched.state->filter_error,
                                    .family = options->family,
                                    .troubles = options->troubles,
                                    .collector = options->collector};
    return tracer_create(&state->tracer, &tracer, problem, size);
}

static int find_processes(struct ptrace_state *state) {
    size_t count = state->options.attach_count;
    state->attach = calloc(count, sizeof(pid_t));
    for (size_t i = 0; state->attach && i < count; i++) {
        pid_t process = proc_process_of(state->options.attach[i]);
        state->attach[i] = process ? process : state->options.attach[i];
    }
    return state->attach ? 0 : -ENOMEM;
}

static int ptrace_prepare(void **result, const struct engine *engine, const struct engine_options *options,
                          char *problem, size_t size) {
    (void)engine;
    *result = NULL;
    struct ptrace_state *state = calloc(1, sizeof(*state));
    if (!state) {
        return -ENOMEM;
    }
    state->options = *options;
    state->launched = LAUNCHED_NONE;
    int status = capability_drop(); /* of no use here */
    if (status == 0) {
        status = options->attach_count ? find_processes(state) : launch(state, problem, size);
    }
    if (status == 0) {
        status = start_tracer(state, problem, size);
    }
    if (status < 0) {
        ptrace_destroy(state);
        return status;
    }
    *result = state;
    return 0;
}

static int ptrace_start(void *context, char *problem, size_t size) {
    struct ptrace_state *state = context;
    (void)problem;
    (void)size;
    state->released = true;
    if (!state->options.attach_count) {
        launcher_release(&state->launched);
    }
    return 0;
}

static pid_t ptrace_root(const void *context) {
    const struct ptrace_state *state = context;
    return state->attach ? state->attach[0] : state->launched.pid;
}

static int ptrace_exec_error(const void *context) {
    const struct ptrace_state *state = context;
    return state->options.attach_count ? 0 : state->launched.state->exec_error;
}

static int ptrace_layout_error(const void *context) {
    const struct ptrace_state *state = context;
    return state->options.attach_count ? 0 : state->launched.state->layout_error;
}

static void ptrace_signal(void *context, int number) {
    const struct ptrace_state *state = context;
    syscall(SYS_pidfd_send_signal, state->launched.pidfd, number, NULL, 0);
}

static void ptrace_detach(void *context) {
    const struct ptrace_state *state = context;
    tracer_detach(state->tracer);
}

static bool ptrace_stopped(void *context) {
    const struct ptrace_state *state = context;
    return launcher_stops_job(tracer_stop_signal(state->tracer));
}

static bool ptrace_ended(const void *context) {
    const struct ptrace_state *state = context;
    return tracer_ended(state->tracer);
}

static const struct engine_outcome *ptrace_outcome(const void *context) {
    const struct ptrace_state *state = context;
    /* Those that were let go have not ended. */
    static const struct engine_outcome alive;
    const struct engine_outcome *outcome = tracer_outcome(state->tracer);
    return outcome ? outcome : &alive;
}

static unsigned ptrace_tracees(const void *context) {
    const struct ptrace_state *state = context;
    return tracer_counts(state->tracer).tracees;
}

/* Everything comes in one order, as events that carry their notes. */
static bool ptrace_drain(void *context, void (*take)(void *context, const struct note *note), void *taker) {
    (void)context;
    (void)take;
    (void)taker;
    return false;
}

static bool ptrace_is_urgent(const void *context) {
    const struct ptrace_state *state = context;
    return tracer_is_urgent(state->tracer);
}

static bool ptrace_next(void *context, uint64_t before, struct kernel_event *event) {
    const struct ptrace_state *state = context;
    (void)before;
    return tracer_next(state->tracer, event);
}

static void ptrace_nothing(void *context) {
    (void)context;
}

static uint64_t ptrace_lost(const void *context) {
    (void)context;
    return 0;
}

static bool ptrace_tells_maps(const void *context) {
    (void)context;
    return true;
}

static void ptrace_profile(const void *context, FILE *stream) {
    const struct ptrace_state *state = context;
    fprintf(stream, PROFILE_LINE "stops=%llu receive=unmeasured\n",
            (unsigned long long)tracer_counts(state->tracer).stops);
}

const struct engine ptrace_engine = {
    .name = "ptrace",
    .time = "stop",
    .has_events = true,
    .prepare = ptrace_prepare,
    .start = ptrace_start,
    .destroy = ptrace_destroy,
    .root = ptrace_root,
    .exec_error = ptrace_exec_error,
    .layout_error = ptrace_layout_error,
    .signal = ptrace_signal,
    .detach = ptrace_detach,
    .stopped = ptrace_stopped,
    .ended = ptrace_ended,
    .outcome = ptrace_outcome,
    .tracees = ptrace_tracees,
    .drain = ptrace_drain,
    .is_urgent = ptrace_is_urgent,
    .next = ptrace_next,
    .release = ptrace_nothing,
    .lost = ptrace_lost,
    .disregard = ptrace_nothing,
    .stop = ptrace_nothing,
    .tells_maps = ptrace_tells_maps,
    .profile = ptrace_profile,
};
