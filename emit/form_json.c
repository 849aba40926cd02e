/* SPDX-License-Identifier: MIT
 *
 * renacer-json-v1, as one document or as JSON Lines.
 */
#include "cleanup.h"
#include "form.h"
#include "json.h"
#include "version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct document {
    const struct writer_options *options;
    struct sink *sink;
    struct sink tail;   /* calls that never returned come last */
    struct sink events; /* one document: a list of its own, behind the calls */
    bool begun;
    bool any_call; /* written so far */
    bool any_event;
    struct json_line line;
    struct json_options line_options;
};

static void document_destroy(void *state) {
    struct document *document = state;
    if (!document) {
        return;
    }
    json_line_finish(&document->line);
    sink_finish(&document->tail);
    sink_finish(&document->events);
    free(document);
}

static int document_create(void **state, const struct writer_options *options, struct sink *sink) {
    const struct output_options *output = &options->output;
    struct document *document = calloc(1, sizeof(*document));
    if (!document) {
        return -ENOMEM;
    }
    document->options = options;
    document->sink = sink;
    document->line_options = (struct json_options){.timing = output->timing,
                                                   .process = output->follow,
                                                   .stamp = output->stamp != STAMP_NONE || output->relative_stamp,
                                                   .source = output->source,
                                                   .descriptors = output->descriptors,
                                                   .epoch_ns = options->epoch_ns};
    int status = sink_init_spool(&document->tail);
    if (status == 0) {
        status = sink_init_spool(&document->events);
    }
    if (status < 0) {
        document_destroy(document);
        return status;
    }
    *state = document;
    return 0;
}

static bool is_lines(const struct document *document) {
    return document->options->output.format == FORMAT_JSONL;
}

static bool has_calls(const struct document *document) {
    return document->options->output.summary != SUMMARY_ONLY;
}

static void put_string(struct sink *sink, const char *string) {
    sink_write(sink, string, strlen(string));
}

/* A line of a list: in a document behind a comma, which the first one of the list does without. */
static void put_item(const struct document *document, struct sink *sink, bool comma) {
    if (!is_lines(document)) {
        put_string(sink, comma ? ",\n    " : "\n    ");
    }
    sink_write(sink, document->line.text.bytes, document->line.text.length);
    if (is_lines(document)) {
        put_string(sink, "\n");
    }
}

/* The head is written with the first record: without any there may be no program at all. */
static void begin(struct document *document) {
    if (document->begun) {
        return;
    }
    document->begun = true;
    const char *time = document->options->time;
    char measured[16];
    if (time) {
        snprintf(measured, sizeof(measured), "\"%s\"", time);
    } else {
        strcpy(measured, "null");
    }
    char head[512];
    if (is_lines(document)) {
        snprintf(head, sizeof(head),
                 "{\"version\":\"%s\",\"format\":\"renacer-json-v1\",\"producer\":{\"name\":\"renacer-sv\","
                 "\"version\":\"%s\",\"engine\":\"%s\",\"time\":%s}}\n",
                 FORMAT_VERSION, RENACER_SV_VERSION, document->options->engine, measured);
    } else {
        snprintf(head, sizeof(head),
                 "{\n  \"version\": \"%s\",\n  \"format\": \"renacer-json-v1\",\n  \"producer\": "
                 "{\"name\": \"renacer-sv\", \"version\": \"%s\", \"engine\": \"%s\", \"time\": %s},\n"
                 "%s",
                 FORMAT_VERSION, RENACER_SV_VERSION, document->options->engine, measured,
                 has_calls(document) ? "  \"syscalls\": [" : "");
    }
    put_string(document->sink, head);
}

static void write_call(struct document *document, const struct record *record) {
    document->line_options.thread = document->options->output.follow || record->threaded;
    json_call(&document->line, record, &document->line_options);
    if (record->call.flags & CALL_UNRETURNED) {
        put_item(document, &document->tail, true);
    } else {
        put_item(document, document->sink, document->any_call);
        document->any_call = true;
    }
}

static void write_event(struct document *document, const struct record *record) {
    json_event(&document->line, record, &document->line_options);
    if (is_lines(document)) {
        put_item(document, document->sink, false);
    } else {
        put_item(document, &document->events, document->any_event);
        document->any_event = true;
    }
}

static void document_record(void *state, const struct record *record) {
    struct document *document = state;
    begin(document);
    if (record->kind == RECORD_CALL) {
        write_call(document, record);
    } else if (document->options->output.events && record_is_event(record)) {
        write_event(document, record);
    }
}

/* --------------------------------------------------------------------- summary */

/* One line of JSON in the making: a document has spaces in it, JSON Lines have none. */
struct summary_text {
    FILE *stream;
    const char *separator;
    const char *colon;
};

static void put_number(const struct summary_text *text, const char *key, uint64_t number) {
    fprintf(text->stream, "%s\"%s\"%s%llu", text->separator, key, text->colon, (unsigned long long)number);
}

static void put_null(const struct summary_text *text, const char *key) {
    fprintf(text->stream, "%s\"%s\"%snull", text->separator, key, text->colon);
}

static void put_times(const struct summary_text *text, const struct trace_totals *totals, bool measured) {
    if (measured) {
        put_number(text, "total_time_us", totals->time_ns / 1000);
    } else {
        put_null(text, "total_time_us");
    }
    put_number(text, "wall_time_us", totals->summary->wall_time_us);
    if (totals->summary->max_rss_kb >= 0) {
        put_number(text, "max_rss_kb", (uint64_t)totals->summary->max_rss_kb);
    } else {
        put_null(text, "max_rss_kb");
    }
}

/* "by_call": an object with a member for each call, in the order asked for. */
static void put_rows(const struct summary_text *text, const struct trace_totals *totals, bool measured,
                     bool is_document) {
    fprintf(text->stream, "%s\"by_call\"%s{", text->separator, text->colon);
    for (size_t i = 0; i < totals->row_count; i++) {
        const struct tally_row *row = &totals->rows[i];
        fprintf(text->stream, "%s%s\"%s\"%s{\"calls\"%s%llu", i ? "," : "", is_document ? "\n      " : "", row->name,
                text->colon, text->colon, (unsigned long long)row->calls);
        if (measured) {
            put_number(text, "errors", row->errors);
            put_number(text, "time_us", row->time_ns / 1000);
            put_number(text, "time_ns", row->time_ns);
        } else {
            put_null(text, "errors");
            put_null(text, "time_us");
            put_null(text, "time_ns");
        }
        fputc('}', text->stream);
    }
    fputs(is_document && totals->row_count ? "\n    }" : "}", text->stream);
}

static void put_summary(struct document *document, const struct trace_totals *totals) {
    const struct output_options *output = &document->options->output;
    const struct trace_summary *summary = totals->summary;
    bool is_document = !is_lines(document);
    bool measured = document->options->time != NULL;
    struct summary_text text = {.separator = is_document ? ", " : ",", .colon = is_document ? ": " : ":"};
    auto_free char *bytes = NULL;
    size_t size = 0;
    text.stream = open_memstream(&bytes, &size);
    if (!text.stream) {
        document->sink->error = ENOMEM;
        return;
    }
    fprintf(text.stream, "{\"total_syscalls\"%s%llu", text.colon, (unsigned long long)totals->calls);
    if (summary->detached) {
        put_null(&text, "exit_code");
    } else {
        put_number(&text, "exit_code", (uint64_t)summary->exit_code);
    }
    if (summary->signal) {
        struct text name = {0};
        signal_to_text((uint64_t)summary->signal, &name);
        fprintf(text.stream, "%s\"signal\"%s\"%s\"", text.separator, text.colon, name.bytes);
        text_finish(&name);
    }
    put_number(&text, "lost", summary->lost);
    if (output->timing) {
        put_times(&text, totals, measured);
    }
    if (output->summary != SUMMARY_NONE) {
        put_rows(&text, totals, measured, is_document);
    }
    fputc('}', text.stream);
    fclose(text.stream);
    sink_write(document->sink, bytes, size);
}

static void document_end(void *state, const struct trace_totals *totals) {
    struct document *document = state;
    bool is_document = !is_lines(document);
    begin(document);
    /* The tail's first line brings a comma, which nothing stands before if it is the list's first. */
    sink_append(document->sink, &document->tail, is_document && !document->any_call ? 1 : 0);
    if (is_document) {
        put_string(document->sink, has_calls(document) ? "\n  ],\n" : "");
        if (document->options->output.events) {
            put_string(document->sink, "  \"events\": [");
            sink_append(document->sink, &document->events, 0);
            put_string(document->sink, "\n  ],\n");
        }
        put_string(document->sink, "  \"summary\": ");
        put_summary(document, totals);
        put_string(document->sink, "\n}\n");
    } else {
        put_string(document->sink, "{\"summary\":");
        put_summary(document, totals);
        put_string(document->sink, "}\n");
    }
}

static int document_error(const void *state) {
    const struct document *document = state;
    if (document->line.text.failed || document->line.scratch.failed) {
        return ENOMEM;
    }
    return document->tail.error ? document->tail.error : document->events.error;
}

const struct form form_json = {.create = document_create,
                               .destroy = document_destroy,
                               .record = document_record,
                               .end = document_end,
                               .error = document_error};
