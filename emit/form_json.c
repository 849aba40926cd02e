/* SPDX-License-Identifier: MIT
 *
 * renacer-json-v1, as one document or as JSON Lines.
 */
#include "form.h"
#include "json.h"
#include "redact.h"
#include "version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct document {
    const struct writer_options *options;
    struct output *output;
    struct json_line line;
    struct json_options line_options;
};

static void document_destroy(void *state) {
    struct document *document = state;
    if (!document) {
        return;
    }
    json_line_finish(&document->line);
    free(document);
}

static int document_create(void **state, const struct writer_options *options, struct output *to) {
    const struct output_options *output = &options->output;
    struct document *document = calloc(1, sizeof(*document));
    if (!document) {
        return -ENOMEM;
    }
    document->options = options;
    document->output = to;
    document->line.text.redaction = output->redaction;
    document->line_options = (struct json_options){.timing = output->timing,
                                                   .process = output->follow,
                                                   .stamp = output->stamp != STAMP_NONE || output->relative_stamp,
                                                   .source = output->source,
                                                   .stack = output->stack,
                                                   .sources = output->sources,
                                                   .descriptors = output->descriptors,
                                                   .verbose = output->verbose,
                                                   .redaction = output->redaction,
                                                   .epoch_ns = options->epoch_ns};
    *state = document;
    return 0;
}

static bool is_lines(const struct document *document) {
    return document->options->output.format == FORMAT_JSONL;
}

static bool has_calls(const struct document *document) {
    return !summary_is_all(document->options->output.summary);
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

/* "producer", with which the head of JSON Lines ends. */
static void add_producer(const struct document *document, bool spaced, struct text *text) {
    const struct writer_options *options = document->options;
    const char *time = options->time;
    char members[256];
    snprintf(members, sizeof(members),
             spaced ? "{\"name\": \"renacer-sv\", \"version\": \"%s\", \"engine\": \"%s\", \"time\": %s%s%s"
                    : "{\"name\":\"renacer-sv\",\"version\":\"%s\",\"engine\":\"%s\",\"time\":%s%s%s",
             RENACER_SV_VERSION, options->engine, time ? "\"" : "", time ? time : "null", time ? "\"" : "");
    text_add_string(text, members);
    filter_words_to_json(options->output.asked, spaced, text);
    redaction_to_json(options->output.redaction, spaced, text);
    text_add_char(text, '}');
}

/* The head is written with the first record: without any there may be no program at all. */
static void begin(struct document *document) {
    if (document->output->progress.begun) {
        return;
    }
    document->output->progress.begun = true;
    struct text *head = &document->line.text;
    text_clear(head);
    if (is_lines(document)) {
        text_add_string(head, "{\"version\":\"" FORMAT_VERSION "\",\"format\":\"renacer-json-v1\",\"producer\":");
        add_producer(document, false, head);
        text_add_string(head, "}\n");
    } else {
        text_add_string(head, "{\n  \"version\": \"" FORMAT_VERSION
                              "\",\n  \"format\": \"renacer-json-v1\",\n  \"producer\": ");
        add_producer(document, true, head);
        text_add_string(head, has_calls(document) ? ",\n  \"syscalls\": [" : ",\n");
    }
    if (!head->failed) {
        sink_write(document->output->main, head->bytes, head->length);
    }
}

static void write_call(struct document *document, const struct record *record) {
    document->line_options.thread = document->options->output.follow || record->threaded;
    json_call(&document->line, record, &document->line_options);
    if (record->call.flags & CALL_UNRETURNED) {
        put_item(document, &document->output->tail, true);
    } else {
        put_item(document, document->output->main, document->output->progress.any_call);
        document->output->progress.any_call = true;
    }
}

static void write_event(struct document *document, const struct record *record) {
    json_event(&document->line, record, &document->line_options);
    if (is_lines(document)) {
        put_item(document, document->output->main, false);
    } else {
        put_item(document, &document->output->events, document->output->progress.any_event);
        document->output->progress.any_event = true;
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

static void document_end(void *state, const struct trace_totals *totals) {
    struct document *document = state;
    bool is_document = !is_lines(document);
    begin(document);
    /* The tail's first line brings a comma, which nothing stands before if it is the list's first. */
    sink_append(document->output->main, &document->output->tail,
                is_document && !document->output->progress.any_call ? 1 : 0);
    if (is_document) {
        put_string(document->output->main, has_calls(document) ? "\n  ],\n" : "");
        if (document->options->output.events) {
            put_string(document->output->main, "  \"events\": [");
            sink_append(document->output->main, &document->output->events, 0);
            put_string(document->output->main, "\n  ],\n");
        }
        put_string(document->output->main, "  \"summary\": ");
        json_summary(document->options, totals, document->output->main);
        put_string(document->output->main, "\n}\n");
    } else {
        put_string(document->output->main, "{\"summary\":");
        json_summary(document->options, totals, document->output->main);
        put_string(document->output->main, "}\n");
    }
}

static int document_error(const void *state) {
    const struct document *document = state;
    return document->line.text.failed || document->line.scratch.failed || document->line.redacted.failed ? ENOMEM : 0;
}

const struct form form_json = {.create = document_create,
                               .destroy = document_destroy,
                               .record = document_record,
                               .end = document_end,
                               .error = document_error};
