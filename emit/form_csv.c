/* SPDX-License-Identifier: MIT
 *
 * The trace as comma-separated values, with renacer's header and its unit
 * behind times, quoted as RFC 4180 has it. Lines end in LF, as renacer's do.
 * Calls that never returned come last, as in JSON.
 */
#include "cleanup.h"
#include "form.h"
#include "source_text.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct csv {
    const struct writer_options *options;
    struct output *output;
    struct text line;
    struct text arguments; /* and other fields, before they are quoted */
};

static void csv_destroy(void *state) {
    struct csv *csv = state;
    if (!csv) {
        return;
    }
    text_finish(&csv->line);
    text_finish(&csv->arguments);
    free(csv);
}

static int csv_create(void **state, const struct writer_options *options, struct output *output) {
    struct csv *csv = calloc(1, sizeof(*csv));
    if (!csv) {
        return -ENOMEM;
    }
    csv->options = options;
    csv->arguments.verbose = options->output.verbose;
    csv->arguments.hex = options->output.hex_strings;
    csv->output = output;
    csv->arguments.redaction = options->output.redaction;
    *state = csv;
    return 0;
}

/* Append a field; one that holds a separator or a quotation mark is quoted. */
static void add_field(struct text *line, const char *field) {
    if (!strpbrk(field, ",\"\r\n")) {
        text_add_string(line, field);
        return;
    }
    text_add_char(line, '"');
    for (; *field; field++) {
        if (*field == '"') {
            text_add_char(line, '"');
        }
        text_add_char(line, *field);
    }
    text_add_char(line, '"');
}

static void begin(struct csv *csv) {
    if (csv->output->progress.begun) {
        return;
    }
    csv->output->progress.begun = true;
    const struct output_options *output = &csv->options->output;
    text_clear(&csv->line);
    if (output->summary == SUMMARY_ONLY) {
        text_add_string(&csv->line, output->source ? "source,calls,errors" : "syscall,calls,errors");
        text_add_string(&csv->line, output->timing ? ",total_time\n" : "\n");
    } else {
        text_add_string(&csv->line, "syscall,arguments,result");
        text_add_string(&csv->line, output->timing ? ",duration" : "");
        text_add_string(&csv->line, output->source ? ",source_location\n" : "\n");
    }
    sink_write(csv->output->main, csv->line.bytes, csv->line.length);
}

static void add_microseconds(struct text *line, uint64_t nanoseconds) {
    text_add_unsigned(line, nanoseconds / 1000);
    text_add_string(line, "us");
}

/* The column of -s; empty where nothing is known. */
static void add_place(struct csv *csv) {
    struct source_map *sources = csv->options->output.sources;
    text_clear(&csv->arguments);
    text_add_char(&csv->line, ',');
    if (sources) {
        source_to_field(source_map_place(sources), &csv->arguments);
    }
    add_field(&csv->line, csv->arguments.length ? csv->arguments.bytes : "");
}

static void csv_record(void *state, const struct record *record) {
    struct csv *csv = state;
    begin(csv);
    if (record->kind != RECORD_CALL) {
        return;
    }
    const struct call_record *call = &record->call;
    struct decoded_call decoded;
    decode_call(record, &decoded);
    if (!csv->options->output.descriptors) {
        decoded_call_hide_descriptors(&decoded);
    }
    struct text *line = &csv->line;
    text_clear(line);
    text_add_string(line, decoded.name);
    text_add_char(line, ',');
    text_clear(&csv->arguments);
    arguments_to_text(&decoded, &csv->arguments);
    add_field(line, csv->arguments.length ? csv->arguments.bytes : "");
    text_add_char(line, ',');
    if (call->flags & CALL_HAS_RESULT) {
        text_add_signed(line, call->result);
    }
    if (csv->options->output.timing) {
        text_add_char(line, ',');
        if (call->flags & CALL_HAS_DURATION) {
            add_microseconds(line, call->duration_ns);
        }
    }
    if (csv->options->output.source) {
        add_place(csv);
    }
    text_add_char(line, '\n');
    sink_write(call->flags & CALL_UNRETURNED ? &csv->output->tail : csv->output->main, line->bytes, line->length);
}

static void write_row(struct csv *csv, const char *name, uint64_t calls, uint64_t errors, uint64_t time_ns) {
    struct text *line = &csv->line;
    text_clear(line);
    add_field(line, name);
    text_add_char(line, ',');
    text_add_unsigned(line, calls);
    text_add_char(line, ',');
    if (csv->options->time) {
        text_add_unsigned(line, errors);
    }
    if (csv->options->output.timing) {
        text_add_char(line, ',');
        if (csv->options->time) {
            add_microseconds(line, time_ns);
        }
    }
    text_add_char(line, '\n');
    sink_write(csv->output->main, line->bytes, line->length);
}

/* The rows of -c. */
static void write_rows(struct csv *csv, const struct trace_totals *totals) {
    if (!csv->options->output.source) {
        for (size_t i = 0; i < totals->row_count; i++) {
            const struct tally_row *row = &totals->rows[i];
            write_row(csv, row->name, row->calls, row->errors, row->time_ns);
        }
        return;
    }
    for (size_t i = 0; i < totals->place_count; i++) {
        const struct place_row *row = &totals->places[i];
        text_clear(&csv->arguments);
        text_add_string(&csv->arguments, row->file ? source_field_start(row->file) : "");
        place_to_text(row, &csv->arguments);
        if (!csv->arguments.failed) {
            write_row(csv, csv->arguments.bytes, row->calls, row->errors, row->time_ns);
        }
    }
}

/* A row under a name that no call has, with as many fields as the others. */
static void write_incomplete(struct csv *csv, const char *reason) {
    const struct output_options *output = &csv->options->output;
    struct text *line = &csv->line;
    text_clear(line);
    text_add_string(line, "+++ trace incomplete,");
    add_field(line, reason);
    text_add_string(line, output->summary == SUMMARY_ONLY || !output->source ? "," : ",,");
    text_add_string(line, output->timing ? ",\n" : "\n");
    sink_write(csv->output->main, line->bytes, line->length);
}

static void csv_end(void *state, const struct trace_totals *totals) {
    struct csv *csv = state;
    begin(csv);
    sink_append(csv->output->main, &csv->output->tail, 0);
    if (csv->options->output.summary == SUMMARY_ONLY) {
        write_rows(csv, totals);
    }
    if (totals->summary->incomplete) {
        write_incomplete(csv, totals->summary->incomplete);
    }
}

static int csv_error(const void *state) {
    const struct csv *csv = state;
    return csv->line.failed || csv->arguments.failed ? ENOMEM : 0;
}

const struct form form_csv = {
    .create = csv_create, .destroy = csv_destroy, .record = csv_record, .end = csv_end, .error = csv_error};
