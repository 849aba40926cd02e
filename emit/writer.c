/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include "cleanup.h"
#include "diag.h"
#include "form.h"
#include "output.h"
#include "place_tally.h"
#include "programs.h"
#include "redact.h"
#include "stack_tally.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct writer {
    struct writer_options options;
    struct output *output;
    struct output *own; /* its memory, if nobody gave any */
    const struct form *form;
    void *state;
    /* What is counted by place and by stack, in memory of this process; NULL: not asked for. */
    struct place_tally *places;
    struct stack_tally *stacks;
    struct programs *programs;
};

static const struct form *form_of(const struct output_options *output) {
    if (output->summary == SUMMARY_FOLDED) {
        return &form_folded;
    }
    switch (output->format) {
    case FORMAT_TEXT:
        return &form_text;
    case FORMAT_CSV:
        return &form_csv;
    default:
        return output->golden ? &form_golden : &form_json;
    }
}

/* The tallies beside that by call. 0 or -ENOMEM. */
static int create_tallies(struct writer *writer) {
    const struct output_options *output = &writer->options.output;
    int status = output_has_places(output) ? place_tally_create(&writer->places, PLACE_ROWS_MOST) : 0;
    if (status < 0 || !summary_is_of_stacks(output->summary)) {
        return status;
    }
    writer->programs = programs_create();
    bool by_label = output->summary == SUMMARY_FOLDED;
    status = stack_tally_create(&writer->stacks, by_label ? STACKS_BY_LABEL : STACKS_BY_FUNCTION, STACK_NODES_MOST);
    return writer->programs ? status : -ENOMEM;
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
    if (status == 0) {
        status = create_tallies(writer);
    }
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
    struct writer_options resumed = *options;
    /* What was mapped is only known to the process that is gone; a copy may have been made in the midst of a change. */
    resumed.output.sources = NULL;
    int status = create(result, &resumed, output);
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
    place_tally_destroy(writer->places);
    stack_tally_destroy(writer->stacks);
    programs_destroy(writer->programs);
    if (writer->output) {
        output_finish(writer->output);
    }
    free(writer->own);
    free(writer);
}

/* The call is the current record of the source map, if there is one. */
static void count_sources(struct writer *writer, const struct record *record) {
    struct source_map *sources = writer->options.output.sources;
    if (writer->places) {
        place_tally_add(writer->places, sources ? source_map_place(sources) : NULL, record);
    }
    if (writer->stacks) {
        bool is_folded = writer->options.output.summary == SUMMARY_FOLDED;
        /* First, for it tells the place as well. */
        const struct call_stack *stack = sources ? source_map_stack(sources) : NULL;
        stack_tally_add(writer->stacks, programs_of(writer->programs, record), stack,
                        sources && !is_folded ? source_map_place(sources) : NULL, record);
    }
}

static void count(struct writer *writer, const struct record *record) {
    struct output_progress *progress = &writer->output->progress;
    progress->calls++;
    if (record->call.flags & CALL_HAS_DURATION) {
        progress->time_ns += record->call.duration_ns;
    }
    if (writer->options.output.summary != SUMMARY_NONE) {
        progress->counted = tally_count(&writer->output->tally, record);
        count_sources(writer, record);
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
        if (summary_is_all(writer->options.output.summary)) {
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
    if (writer->programs) {
        programs_take(writer->programs, record);
    }
    write_record(writer, record);
    output_commit(writer->output);
}

/* A memory that is full is not the program's fault, and what was found is still worth something. */
static void say_overflow(const struct writer *writer) {
    uint64_t overflow = writer->places   ? place_tally_overflow(writer->places)
                        : writer->stacks ? stack_tally_overflow(writer->stacks)
                                         : 0;
    if (overflow) {
        diag("more %s than there is room for: %" PRIu64 " calls are counted as [other]",
             writer->places ? "places in the source" : "different stacks", overflow);
    }
}

/* The rows of tables: how many; 0, and that is an error of the output, without memory. */
static size_t checked(struct writer *writer, int counted) {
    if (counted < 0) {
        writer->output->out.error = -counted;
    }
    return counted < 0 ? 0 : (size_t)counted;
}

void writer_end(struct writer *writer, const struct trace_summary *summary) {
    struct output *output = writer->output;
    const struct output_options *options = &writer->options.output;
    struct trace_totals totals = {.summary = summary,
                                  .calls = output->progress.calls,
                                  .time_ns = output->progress.time_ns,
                                  .stacks = writer->stacks};
    auto_free struct tally_row *rows = NULL;
    auto_free struct place_row *places = NULL;
    if (options->summary != SUMMARY_NONE) {
        totals.row_count = checked(writer, tally_rows(&output->tally, options->order, &rows));
        totals.rows = rows;
    }
    /* The tally by call outlives the process that made it. */
    struct tally_row total = tally_total(rows, totals.row_count);
    if (writer->places) {
        place_tally_complete(writer->places, &total);
        totals.place_count = checked(writer, place_tally_rows(writer->places, options->order, &places));
        totals.places = places;
    }
    if (writer->stacks) {
        stack_tally_complete(writer->stacks, &total);
    }
    writer->form->end(writer->state, &totals);
    say_overflow(writer);
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
