/* SPDX-License-Identifier: MIT
 *
 * The engine on ptrace(2): entries, results and times from stops. It needs no
 * privileges and loses nothing; a call costs two stops.
 */
#include "engine.h"

#include "tracer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ptrace_state {
    struct engine_options options;
    struct filter_options filter;
    struct launched launched;
    struct tracer *tracer;
    struct sigaction sigchld; /* as it was */
    bool released;
};

/* Stops of tracees are waited for; signals about them would only wake the session. */
static void silence_stops(struct ptrace_state *state) {
    sigaction(SIGCHLD, NULL, &state->sigchld);
    struct sigaction action = state->sigchld;
    action.sa_flags |= SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
}

static void ptrace_destroy(void *context) {
    struct ptrace_state *state = context;
    if (!state) {
        return;
    }
    if (!state->released && state->launched.pid > 0) {
        kill(state->launched.pid, SIGKILL);
    }
    tracer_destroy(state->tracer);
    if (!state->released) {
        launcher_abandon(&state->launched);
    }
    launcher_finish(&state->launched);
    sigaction(SIGCHLD, &state->sigchld, NULL);
    free(state);
}

/* Only a few calls are chosen: a filter stops those, and the others run at their own speed. */
static bool filters(const struct engine_options *options) {
    return !options->selection->all;
}

static int launch(struct ptrace_state *state, char *problem, size_t size) {
    const struct engine_options *options = &state->options;
    state->filter =
        (struct filter_options){.selection = options->selection, .capture = options->capture, .trace_only = true};
    struct launch_request request = *options->program;
    request.filter = filters(options) ? &state->filter : NULL;
    return launcher_start(&request, &state->launched, problem, size);
}

static int start_tracer(struct ptrace_state *state, char *problem, size_t size) {
    const struct engine_options *options = &state->options;
    struct tracer_options tracer = {.selection = options->selection,
                                    .capture = options->capture,
                                    .pids = &state->launched.pid,
                                    .count = 1,
                                    .follow = options->follow,
                                    .signals = options->signals,
                                    .filtered = filters(options),
                                    .filter_error = &state->launched.state->filter_error,
                                    .family = options->family,
                                    .collector = options->collector};
    return tracer_create(&state->tracer, &tracer, problem, size);
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
    silence_stops(state);
    int status = launch(state, problem, size);
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
    launcher_release(&state->launched);
    return 0;
}

static pid_t ptrace_root(const void *context) {
    const struct ptrace_state *state = context;
    return state->launched.pid;
}

static int ptrace_exec_error(const void *context) {
    const struct ptrace_state *state = context;
    return state->launched.state->exec_error;
}

static void ptrace_signal(void *context, int number) {
    const struct ptrace_state *state = context;
    syscall(SYS_pidfd_send_signal, state->launched.pidfd, number, NULL, 0);
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
    return tracer_outcome(state->tracer);
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

static void ptrace_profile(const void *context, FILE *stream) {
    const struct ptrace_state *state = context;
    fprintf(stream, "stops=%llu", (unsigned long long)tracer_counts(state->tracer).stops);
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
    .signal = ptrace_signal,
    .stopped = ptrace_stopped,
    .ended = ptrace_ended,
    .outcome = ptrace_outcome,
    .drain = ptrace_drain,
    .is_urgent = ptrace_is_urgent,
    .next = ptrace_next,
    .release = ptrace_nothing,
    .lost = ptrace_lost,
    .disregard = ptrace_nothing,
    .stop = ptrace_nothing,
    .profile = ptrace_profile,
};
