/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include "cleanup.h"
#include "form.h"
#include "sink.h"

#include <errno.h>
#include <string.h>

struct writer {
    struct writer_options options;
    struct sink out;  /* to the descriptor */
    struct sink held; /* the document, if it has to wait for the end */
    const struct form *form;
    void *state;
    struct tally *tally; /* NULL: no summary was asked for */
    uint64_t calls;
    uint64_t time_ns;
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

int writer_create(struct writer **result, const struct writer_options *options) {
    *result = NULL;
    struct writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return -ENOMEM;
    }
    writer->options = *options;
    writer->form = form_of(&options->output);
    int status = sink_init(&writer->out, options->fd);
    if (status == 0) {
        status = sink_init_spool(&writer->held);
    }
    if (status == 0 && options->output.summary != SUMMARY_NONE) {
        writer->tally = tally_create();
        status = writer->tally ? 0 : -ENOMEM;
    }
    if (status == 0) {
        status = writer->form->create(&writer->state, &writer->options, options->hold ? &writer->held : &writer->out);
    }
    if (status < 0) {
        writer_destroy(writer);
        return status;
    }
    *result = writer;
    return 0;
}

void writer_destroy(struct writer *writer) {
    if (!writer) {
        return;
    }
    writer->form->destroy(writer->state);
    tally_destroy(writer->tally);
    sink_finish(&writer->out);
    sink_finish(&writer->held);
    free(writer);
}

static void count(struct writer *writer, const struct record *record) {
    writer->calls++;
    if (record->call.flags & CALL_HAS_DURATION) {
        writer->time_ns += record->call.duration_ns;
    }
    if (writer->tally) {
        tally_add(writer->tally, record);
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

void writer_record(struct writer *writer, const struct record *record) {
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
    writer->form->record(writer->state, record);
}

void writer_end(struct writer *writer, const struct trace_summary *summary) {
    struct trace_totals totals = {.summary = summary, .calls = writer->calls, .time_ns = writer->time_ns};
    auto_free struct tally_row *rows = NULL;
    if (writer->tally) {
        int counted = tally_rows(writer->tally, writer->options.output.order, &rows);
        if (counted < 0) {
            writer->out.error = -counted;
        }
        totals.rows = rows;
        totals.row_count = counted < 0 ? 0 : (size_t)counted;
    }
    writer->form->end(writer->state, &totals);
    if (writer->options.hold) {
        sink_append(&writer->out, &writer->held, 0);
    }
    sink_flush(&writer->out);
}

void writer_flush(struct writer *writer) {
    if (!writer->options.hold) {
        sink_flush(&writer->out);
    }
}

int writer_error(const struct writer *writer) {
    if (writer->out.error) {
        return writer->out.error;
    }
    return writer->held.error ? writer->held.error : writer->form->error(writer->state);
}
