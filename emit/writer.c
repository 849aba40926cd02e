/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include "cleanup.h"
#include "form.h"
#include "output.h"
#include "redact.h"

#include <errno.h>
#include <string.h>

struct writer {
    struct writer_options options;
    struct output *output;
    struct output *own; /* its memory, if nobody gave any */
    const struct form *form;
    void *state;
};

static const struct form *form_of(const struct output_options *output) {
    switch (output->format) {
    case FORMAT_TEXT:
        return &form_text;
    case FORMAT_CSV:
        return &form_csv;
    default:
        return output->golden ? &form_golden : &form_json;
    }
}

/* A writer whose output is not looked at yet. */
static int create(struct writer **result, const struct writer_options *options, struct output *output) {
    *result = NULL;
    struct writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return -ENOMEM;
    }
    writer->options = *options;
    writer->form = form_of(&options->output);
    writer->own = output ? NULL : calloc(1, sizeof(*output));
    writer->output = output ? output : writer->own;
    int status = writer->output ? writer->form->create(&writer->state, &writer->options, writer->output) : -ENOMEM;
    if (status < 0) {
        writer_destroy(writer);
        return status;
    }
    *result = writer;
    return 0;
}

int writer_create(struct writer **result, const struct writer_options *options, struct output *output) {
    int status = create(result, options, output);
    if (status == 0) {
        output_init((*result)->output, options->fd, options->to_file, options->hold, &options->watcher);
    }
    return status;
}

int writer_resume(struct writer **result, const struct writer_options *options, struct output *output,
                  int (*file)(void *context, const struct sink *sink), void *context) {
    int status = create(result, options, output);
    if (status == 0) {
        output_resume(output, file, context);
    }
    return status;
}

void writer_destroy(struct writer *writer) {
    if (!writer) {
        return;
    }
    writer->form->destroy(writer->state);
    if (writer->output) {
        output_finish(writer->output);
    }
    free(writer->own);
    free(writer);
}

static void count(struct writer *writer, const struct record *record) {
    struct output_progress *progress = &writer->output->progress;
    progress->calls++;
    if (record->call.flags & CALL_HAS_DURATION) {
        progress->time_ns += record->call.duration_ns;
    }
    if (writer->options.output.summary != SUMMARY_NONE) {
        tally_add(&writer->output->tally, record);
    }
}

static bool is_shown(const struct output_options *output, const struct record *record) {
    bool is_call = record->kind == RECORD_CALL;
    if (is_call && output->selection &&
        !selection_has(output->selection, (enum arch)record->arch, record->call.number)) {
        return false;
    }
    return !output->filter || record_filter_keeps(output->filter, record);
}

static void write_record(struct writer *writer, const struct record *record) {
    if (!is_shown(&writer->options.output, record)) {
        if (writer->form->unseen) {
            writer->form->unseen(writer->state, record);
        }
        return;
    }
    if (record->kind == RECORD_CALL) {
        count(writer, record);
        if (writer->options.output.summary == SUMMARY_ONLY) {
            return;
        }
    }
    redaction_begin(writer->options.output.redaction, record);
    writer->form->record(writer->state, record);
}

void writer_record(struct writer *writer, const struct record *record) {
    if (writer->options.output.sources) {
        source_map_take(writer->options.output.sources, record);
    }
    write_record(writer, record);
    output_commit(writer->output);
}

void writer_end(struct writer *writer, const struct trace_summary *summary) {
    struct output *output = writer->output;
    struct trace_totals totals = {
        .summary = summary, .calls = output->progress.calls, .time_ns = output->progress.time_ns};
    auto_free struct tally_row *rows = NULL;
    if (writer->options.output.summary != SUMMARY_NONE) {
        int counted = tally_rows(&output->tally, writer->options.output.order, &rows);
        if (counted < 0) {
            output->out.error = -counted;
        }
        totals.rows = rows;
        totals.row_count = counted < 0 ? 0 : (size_t)counted;
    }
    writer->form->end(writer->state, &totals);
    if (writer->options.hold) {
        sink_append(&output->out, &output->held, 0);
    }
    sink_flush(&output->out);
}

void writer_flush(struct writer *writer) {
    if (!writer->options.hold) {
        sink_flush(&writer->output->out);
    }
}

int writer_error(const struct writer *writer) {
    int error = output_error(writer->output);
    return error ? error : writer->form->error(writer->state);
}
