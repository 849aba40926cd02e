/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include "cleanup.h"
#include "json.h"
#include "sink.h"
#include "version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct writer {
    struct writer_options options;
    struct sink out;    /* to the descriptor */
    struct sink body;   /* what comes before the tail, while it is held */
    struct sink tail;   /* calls that never returned come last */
    struct sink events; /* json: a list of its own, behind the calls */
    bool begun;
    bool any_call; /* in the body */
    bool any_event;
    uint64_t calls;
    uint64_t time_ns;
    struct json_line line;
};

int writer_create(struct writer **result, const struct writer_options *options) {
    *result = NULL;
    struct writer *writer = calloc(1, sizeof(*writer));
    if (!writer) {
        return -ENOMEM;
    }
    writer->options = *options;
    int status = sink_init(&writer->out, options->fd);
    if (status == 0) {
        status = sink_init_spool(&writer->body);
    }
    if (status == 0) {
        status = sink_init_spool(&writer->tail);
    }
    if (status == 0) {
        status = sink_init_spool(&writer->events);
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
    json_line_finish(&writer->line);
    sink_finish(&writer->out);
    sink_finish(&writer->body);
    sink_finish(&writer->tail);
    sink_finish(&writer->events);
    free(writer);
}

static struct sink *body_sink(struct writer *writer) {
    return writer->options.hold ? &writer->body : &writer->out;
}

static void put_string(struct sink *sink, const char *string) {
    sink_write(sink, string, strlen(string));
}

/* A line of a list: in a document behind a comma, which the first one of the list does without. */
static void put_item(const struct writer *writer, struct sink *sink, bool comma) {
    if (writer->options.format == FORMAT_JSON) {
        put_string(sink, comma ? ",\n    " : "\n    ");
    }
    sink_write(sink, writer->line.text.bytes, writer->line.text.length);
    if (writer->options.format == FORMAT_JSONL) {
        put_string(sink, "\n");
    }
}

/* The head is written with the first record: without any there may be no program at all. */
static void begin(struct writer *writer) {
    if (writer->begun) {
        return;
    }
    writer->begun = true;
    struct sink *sink = body_sink(writer);
    const char *time = writer->options.time;
    char measured[16];
    if (time) {
        snprintf(measured, sizeof(measured), "\"%s\"", time);
    } else {
        strcpy(measured, "null");
    }
    char head[512];
    if (writer->options.format == FORMAT_JSON) {
        snprintf(head, sizeof(head),
                 "{\n  \"version\": \"%s\",\n  \"format\": \"renacer-json-v1\",\n  \"producer\": "
                 "{\"name\": \"renacer-sv\", \"version\": \"%s\", \"engine\": \"%s\", \"time\": %s},\n"
                 "  \"syscalls\": [",
                 FORMAT_VERSION, RENACER_SV_VERSION, writer->options.engine, measured);
    } else {
        snprintf(head, sizeof(head),
                 "{\"version\":\"%s\",\"format\":\"renacer-json-v1\",\"producer\":{\"name\":\"renacer-sv\","
                 "\"version\":\"%s\",\"engine\":\"%s\",\"time\":%s}}\n",
                 FORMAT_VERSION, RENACER_SV_VERSION, writer->options.engine, measured);
    }
    put_string(sink, head);
}

static void write_call(struct writer *writer, const struct record *record) {
    writer->calls++;
    if (record->call.flags & CALL_HAS_DURATION) {
        writer->time_ns += record->call.duration_ns;
    }
    json_call(&writer->line, record,
              &(struct json_options){.timing = writer->options.timing,
                                     .process = writer->options.follow,
                                     .thread = writer->options.follow || record->threaded});
    if (record->call.flags & CALL_UNRETURNED) {
        put_item(writer, &writer->tail, true);
    } else {
        put_item(writer, body_sink(writer), writer->any_call);
        writer->any_call = true;
    }
}

void writer_record(struct writer *writer, const struct record *record) {
    begin(writer);
    if (record->kind == RECORD_CALL) {
        write_call(writer, record);
    } else if (writer->options.events) {
        json_event(&writer->line, record);
        if (writer->options.format == FORMAT_JSONL) {
            put_item(writer, body_sink(writer), false);
        } else {
            put_item(writer, &writer->events, writer->any_event);
            writer->any_event = true;
        }
    }
}

static void put_summary(struct writer *writer, const struct trace_summary *summary) {
    bool document = writer->options.format == FORMAT_JSON;
    const char *separator = document ? ", " : ",";
    const char *colon = document ? ": " : ":";
    auto_free char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        writer->out.error = ENOMEM;
        return;
    }
    fprintf(stream, "{\"total_syscalls\"%s%llu%s\"exit_code\"%s%d", colon, (unsigned long long)writer->calls, separator,
            colon, summary->exit_code);
    if (summary->signal) {
        struct text name = {0};
        signal_to_text((uint64_t)summary->signal, &name);
        fprintf(stream, "%s\"signal\"%s\"%s\"", separator, colon, name.bytes);
        text_finish(&name);
    }
    fprintf(stream, "%s\"lost\"%s%llu", separator, colon, (unsigned long long)summary->lost);
    if (writer->options.timing) {
        if (writer->options.time) {
            fprintf(stream, "%s\"total_time_us\"%s%llu", separator, colon,
                    (unsigned long long)(writer->time_ns / 1000));
        } else {
            fprintf(stream, "%s\"total_time_us\"%snull", separator, colon);
        }
        fprintf(stream, "%s\"wall_time_us\"%s%llu", separator, colon, (unsigned long long)summary->wall_time_us);
        if (summary->max_rss_kb >= 0) {
            fprintf(stream, "%s\"max_rss_kb\"%s%lld", separator, colon, (long long)summary->max_rss_kb);
        } else {
            fprintf(stream, "%s\"max_rss_kb\"%snull", separator, colon);
        }
    }
    fputc('}', stream);
    fclose(stream);
    sink_write(&writer->out, text, size);
}

void writer_end(struct writer *writer, const struct trace_summary *summary) {
    struct sink *out = &writer->out;
    bool document = writer->options.format == FORMAT_JSON;
    begin(writer);
    if (writer->options.hold) {
        sink_append(out, &writer->body, 0);
    }
    /* The tail's first line brings a comma, which nothing stands before if it is the list's first. */
    sink_append(out, &writer->tail, document && !writer->any_call ? 1 : 0);
    if (document) {
        put_string(out, "\n  ],\n");
        if (writer->options.events) {
            put_string(out, "  \"events\": [");
            sink_append(out, &writer->events, 0);
            put_string(out, "\n  ],\n");
        }
        put_string(out, "  \"summary\": ");
        put_summary(writer, summary);
        put_string(out, "\n}\n");
    } else {
        put_string(out, "{\"summary\":");
        put_summary(writer, summary);
        put_string(out, "}\n");
    }
    sink_flush(out);
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
    return writer->body.error ? writer->body.error : writer->tail.error ? writer->tail.error : writer->events.error;
}
