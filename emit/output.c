/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "in_order.h"

void output_init(struct output *output, int fd, bool alone, bool hold, const struct sink_watcher *watcher) {
    sink_init(&output->out, fd, alone);
    sink_init_spool(&output->held, watcher);
    sink_init_spool(&output->tail, watcher);
    sink_init_spool(&output->events, watcher);
    output->main = hold ? &output->held : &output->out;
}

void output_finish(struct output *output) {
    sink_finish(&output->out);
    sink_finish(&output->held);
    sink_finish(&output->tail);
    sink_finish(&output->events);
}

void output_commit(struct output *output) {
    unsigned next = 1 - output->last;
    output->states[next] = (struct output_state){.progress = output->progress,
                                                 .main = output->main->end,
                                                 .tail = output->tail.end,
                                                 .events = output->events.end};
    in_order();
    output->last = next;
    in_order();
    /* What follows is done once more by whoever resumes. */
    sink_commit(output->main);
    sink_commit(&output->tail);
    sink_commit(&output->events);
    tally_apply(&output->tally, &output->progress.counted);
    output->progress.counted = (struct tally_change){0};
}

const struct output_progress *output_whole(const struct output *output) {
    return &output->states[output->last].progress;
}

void output_resume(struct output *output, int (*file)(void *context, const struct sink *sink), void *context) {
    struct sink *const sinks[] = {&output->out, &output->held, &output->tail, &output->events};
    const struct output_state *state = &output->states[output->last];
    output->main->whole = state->main;
    output->tail.whole = state->tail;
    output->events.whole = state->events;
    tally_apply(&output->tally, &state->progress.counted);
    for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
        sink_resume(sinks[i], file(context, sinks[i]));
    }
    output->progress = state->progress;
    output->progress.counted = (struct tally_change){0};
}

int output_error(const struct output *output) {
    const struct sink *const sinks[] = {&output->out, &output->held, &output->tail, &output->events};
    int error = 0;
    for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
        error = error ? error : sinks[i]->error;
    }
    return error;
}
