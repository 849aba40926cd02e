/* SPDX-License-Identifier: MIT */
#include "tracing.h"

#include "diag.h"
#include "event_loop.h"
#include "source_text.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* What the handler of signals needs. */
struct signal_handler {
    const struct tracing_watch *watch;
    struct session *session;
    bool stops;
};

static enum event_verdict on_signals(void *context, unsigned revents) {
    (void)revents;
    struct signal_handler *handler = context;
    const struct tracing_watch *watch = handler->watch;
    handler->stops = !watch->signalled(watch->context, handler->session) || handler->stops;
    return EVENT_CONTINUE;
}

/* Wait and work until the last traced process has ended. 0 or -errno. */
static int run(struct event_loop *loop, struct signal_handler *handler) {
    const struct tracing_watch *watch = handler->watch;
    struct session *session = handler->session;
    if (watch->signalled && !event_loop_add(loop, watch->signals, POLLIN, on_signals, handler)) {
        return -ENOMEM;
    }
    while (!session_ended(session) && !handler->stops) {
        int error = event_loop_run(loop, session_patience(session));
        session_round(session);
        if (watch->passed) {
            watch->passed(watch->context, session);
        }
        if (error < 0) {
            return error;
        }
    }
    return 0;
}

/* What would make more of -s and -k. Where the engine has no stacks, nothing that the program is built with would. */
static void say_of_sources(const struct options *options, const struct source_map *sources,
                           const struct session_result *result) {
    char hint[512];
    if (!result->has_stacks) {
        diag("engine notify-only sees no stacks, and so no place in the source is known; engines notify and ptrace do");
    } else if (!options->quiet && source_map_hint(sources, hint, sizeof(hint))) {
        /* It may have names of files in it, which are any bytes. */
        struct text text = {0};
        source_name_to_text(hint, &text);
        if (text.bytes) {
            diag("%s", text.bytes);
        }
        text_finish(&text);
    }
}

static void profile_sources(const struct source_map *sources) {
    if (sources) {
        const struct source_map_counts *counts = source_map_counts(sources);
        fprintf(stderr,
                PROFILE_LINE "source_calls=%" PRIu64 " source_unwound=%" PRIu64 " source_placed=%" PRIu64
                             " source_cut=%" PRIu64 "\n",
                counts->calls, counts->unwound, counts->placed, counts->cut);
    }
}

void tracing_configure(const struct options *options, struct session_options *session) {
    session->ring_bytes = options->ring_bytes;
    session->profile = options->profile_self;
    session->lossless = options->lossless;
    /* Threads have the mappings of who created them. */
    session->births = options->output.golden || options->sources.rule;
    session->stack_bytes = options->sources.stack_bytes;
    session->maps = options->output.golden;
    session->fixed_addresses = options->output.golden;
    session->capture = options->capture;
    session->selection = &options->traced;
    session->output = options->output;
}

static void finish(const struct options *options, const struct source_map *sources, struct session *session,
                   struct session_result *result) {
    session_finish(session, result);
    if (sources && !result->exec_error) {
        say_of_sources(options, sources, result);
    }
    if (options->profile_self) {
        session_profile(session, stderr);
        profile_sources(sources);
    }
}

/* With an event loop, and the places that are wanted. */
static int run_session(const struct options *options, const struct session_options *session_options,
                       struct event_loop *loop, const struct tracing_watch *watch, struct tracing_end *end,
                       char *problem, size_t size) {
    struct session *session;
    int status = session_start(&session, loop, session_options, problem, size);
    if (status < 0) {
        return status;
    }
    if (watch->started) {
        watch->started(watch->context, session);
    }
    /* Signals are heeded until the document is closed. */
    struct signal_handler handler = {.watch = watch, .session = session};
    end->wait_error = run(loop, &handler);
    if (end->wait_error < 0) {
        diag_errno(-end->wait_error, "cannot wait for events");
    }
    finish(options, session_options->output.sources, session, &end->result);
    session_destroy(session);
    return 0;
}

int tracing_run(const struct options *options, struct session_options *session, const struct tracing_watch *watch,
                struct tracing_end *end, char *problem, size_t size) {
    *end = (struct tracing_end){0};
    problem[0] = 0;
    struct source_map *sources = NULL;
    struct event_loop *loop = NULL;
    int status = options->sources.rule ? source_map_create(&sources, options->sources.rule) : 0;
    if (status == 0) {
        status = event_loop_create(&loop, getenv("RENACER_SV_POLL") != NULL);
    }
    if (status == 0) {
        session->output.sources = sources;
        status = run_session(options, session, loop, watch, end, problem, size);
    }
    event_loop_destroy(loop);
    source_map_destroy(sources);
    end->start_error = status;
    return status;
}
