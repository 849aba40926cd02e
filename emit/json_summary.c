/* SPDX-License-Identifier: MIT
 *
 * The summary of a trace in JSON, as a member of a document or on a line of its own.
 */
#include "cleanup.h"
#include "form.h"
#include "json.h"
#include "value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

void json_summary(const struct writer_options *options, const struct trace_totals *totals, struct sink *sink) {
    const struct output_options *output = &options->output;
    const struct trace_summary *summary = totals->summary;
    bool is_document = output->format != FORMAT_JSONL;
    bool measured = options->time != NULL;
    struct summary_text text = {.separator = is_document ? ", " : ",", .colon = is_document ? ": " : ":"};
    auto_free char *bytes = NULL;
    size_t size = 0;
    text.stream = open_memstream(&bytes, &size);
    if (!text.stream) {
        sink->error = ENOMEM;
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
    if (summary->incomplete) {
        struct text reason = {0};
        json_add_quoted(&reason, summary->incomplete, strlen(summary->incomplete));
        fprintf(text.stream, "%s\"incomplete\"%s%s", text.separator, text.colon, reason.bytes);
        text_finish(&reason);
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
    sink_write(sink, bytes, size);
}
