/* SPDX-License-Identifier: MIT
 *
 * The summary of a trace in JSON, as a member of a document or on a line of its own.
 */
#include "cleanup.h"
#include "form.h"
#include "function_time.h"
#include "json.h"
#include "value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One line of JSON in the making: a document has spaces in it, JSON Lines have none. */
struct summary_text {
    FILE *stream;
    bool is_document;
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

/* What a row has measured of its calls; null if nothing did. */
static void put_measured(const struct summary_text *text, const uint64_t *errors, uint64_t time_ns, bool measured) {
    if (errors && measured) {
        put_number(text, "errors", *errors);
    } else if (errors) {
        put_null(text, "errors");
    }
    if (measured) {
        put_number(text, "time_us", time_ns / 1000);
        put_number(text, "time_ns", time_ns);
    } else {
        put_null(text, "time_us");
        put_null(text, "time_ns");
    }
}

/* A list of rows, each on a line of its own in a document. */
static void begin_rows(const struct summary_text *text, const char *key, char bracket) {
    fprintf(text->stream, "%s\"%s\"%s%c", text->separator, key, text->colon, bracket);
}

static void begin_row(const struct summary_text *text, size_t index) {
    fputs(index ? "," : "", text->stream);
    fputs(text->is_document ? "\n      " : "", text->stream);
}

static void end_rows(const struct summary_text *text, size_t count, char bracket) {
    fputs(text->is_document && count ? "\n    " : "", text->stream);
    fputc(bracket, text->stream);
}

/* "by_call": an object with a member for each call, in the order asked for. */
static void put_rows(const struct summary_text *text, const struct trace_totals *totals, bool measured) {
    begin_rows(text, "by_call", '{');
    for (size_t i = 0; i < totals->row_count; i++) {
        const struct tally_row *row = &totals->rows[i];
        begin_row(text, i);
        fprintf(text->stream, "\"%s\"%s{\"calls\"%s%llu", row->name, text->colon, text->colon,
                (unsigned long long)row->calls);
        put_measured(text, &row->errors, row->time_ns, measured);
        fputc('}', text->stream);
    }
    end_rows(text, totals->row_count, '}');
}

/* A member that begins an object has no separator before it. */
static void put_name(const struct summary_text *text, const char *separator, const char *key, const char *name) {
    fprintf(text->stream, "%s\"%s\"%s", separator, key, text->colon);
    if (!name) {
        fputs("null", text->stream);
        return;
    }
    struct text quoted = {0};
    json_add_quoted(&quoted, name, strlen(name));
    fputs(quoted.failed ? "null" : quoted.bytes, text->stream);
    text_finish(&quoted);
}

/* "by_source": a list of objects, for a place is no name. */
static void put_places(const struct summary_text *text, const struct trace_totals *totals, bool measured) {
    static const char *const marks[] = {[PLACE_OTHERS] = "[other]", [PLACE_LOST] = "[lost]"};
    begin_rows(text, "by_source", '[');
    for (size_t i = 0; i < totals->place_count; i++) {
        const struct place_row *row = &totals->places[i];
        begin_row(text, i);
        fputc('{', text->stream);
        put_name(text, "", "file", row->file);
        if (row->line) {
            put_number(text, "line", row->line);
        } else {
            put_null(text, "line");
        }
        put_name(text, text->separator, "function", row->kind < PLACE_OTHERS ? row->function : marks[row->kind]);
        if (row->module) {
            put_name(text, text->separator, "module", row->module);
        }
        put_number(text, "calls", row->calls);
        put_measured(text, &row->errors, row->time_ns, measured);
        fputc('}', text->stream);
    }
    end_rows(text, totals->place_count, ']');
}

/* Both members of a function, with which an object begins. */
static void put_function(const struct summary_text *text, const struct stack_part *part) {
    put_name(text, "", "function", part->name);
    put_name(text, text->separator, "module", part->module);
}

static void put_callers(const struct summary_text *text, const struct function_row *row) {
    fprintf(text->stream, "%s\"callers\"%s[", text->separator, text->colon);
    for (size_t i = 0; i < row->caller_count; i++) {
        fputs(i ? text->separator : "", text->stream);
        fputc('{', text->stream);
        put_function(text, &row->callers[i].part);
        put_number(text, "calls", row->callers[i].calls);
        fputc('}', text->stream);
    }
    fputc(']', text->stream);
}

/* "functions", of --function-time. 0 or -ENOMEM. */
static int put_functions(const struct summary_text *text, const struct stack_tally *stacks, bool measured) {
    struct function_table table;
    int status = function_table_create(&table, stacks);
    begin_rows(text, "functions", '[');
    for (size_t i = 0; i < table.count; i++) {
        const struct function_row *row = &table.rows[i];
        begin_row(text, i);
        fputc('{', text->stream);
        put_function(text, &row->part);
        put_number(text, "calls", row->calls);
        put_measured(text, NULL, row->time_ns, measured);
        if (measured) {
            put_number(text, "self_time_us", row->self_ns / 1000);
            put_number(text, "self_time_ns", row->self_ns);
        } else {
            put_null(text, "self_time_us");
            put_null(text, "self_time_ns");
        }
        put_callers(text, row);
        fputc('}', text->stream);
    }
    end_rows(text, table.count, ']');
    function_table_finish(&table);
    return status;
}

/* The tables of -c, -C and --function-time. 0 or -ENOMEM. */
static int put_tables(const struct summary_text *text, const struct writer_options *options,
                      const struct trace_totals *totals) {
    const struct output_options *output = &options->output;
    bool measured = options->time != NULL;
    if (output->summary != SUMMARY_NONE) {
        /* Of functions as well: readers tell by it that calls were counted, and not that there were none. */
        put_rows(text, totals, measured);
    }
    if (output_has_places(output)) {
        put_places(text, totals, measured);
    }
    return totals->stacks ? put_functions(text, totals->stacks, measured) : 0;
}

void json_summary(const struct writer_options *options, const struct trace_totals *totals, struct sink *sink) {
    const struct output_options *output = &options->output;
    const struct trace_summary *summary = totals->summary;
    bool is_document = output->format != FORMAT_JSONL;
    struct summary_text text = {
        .is_document = is_document, .separator = is_document ? ", " : ",", .colon = is_document ? ": " : ":"};
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
        put_times(&text, totals, options->time != NULL);
    }
    if (put_tables(&text, options, totals) < 0) {
        sink->error = ENOMEM;
    }
    fputc('}', text.stream);
    fclose(text.stream);
    sink_write(sink, bytes, size);
}
