/* SPDX-License-Identifier: MIT */
#include "output.h"

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
    sink_commit(output->main);
    sink_commit(&output->tail);
    sink_commit(&output->events);
    output->whole = output->progress;
}

void output_resume(struct output *output, int (*file)(void *context, const struct sink *sink), void *context) {
    struct sink *const sinks[] = {&output->out, &output->held, &output->tail, &output->events};
    for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
        sink_resume(sinks[i], file(context, sinks[i]));
    }
    output->progress = output->whole;
}

int output_error(const struct output *output) {
    const struct sink *const sinks[] = {&output->out, &output->held, &output->tail, &output->events};
    int error = 0;
    for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++) {
        error = error ? error : sinks[i]->error;
    }
    return error;
}
