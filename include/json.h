/* SPDX-License-Identifier: MIT
 *
 * One record as one line of JSON, written member by member as it is decoded.
 */
#ifndef RENACER_JSON_H
#define RENACER_JSON_H

#include "record.h"
#include "source_map.h"
#include "text.h"
#include "value.h"
#include "written_stacks.h"

#include <stdbool.h>

/* Reused from line to line. Zero-initialised is empty. */
struct json_line {
    struct text text;     /* the line, without a newline */
    struct text scratch;  /* a string before it is escaped */
    struct text redacted; /* and its bytes, with marks in place of what is hidden */
    struct written_stacks stacks;
};

struct json_options {
    bool timing;
    bool process;      /* "pid" */
    bool thread;       /* "tid" */
    bool stamp;        /* "timestamp_ns" */
    bool source;       /* "source" */
    bool stack;        /* "stack" */
    bool descriptors;  /* "fds" */
    bool verbose;      /* structures are not abbreviated */
    uint64_t epoch_ns; /* what CLOCK_REALTIME says when CLOCK_MONOTONIC is 0 */
    /* Of a golden trace, or NULL. It says who made a call too, in place of `process` and `thread`; lines have its
     * marks in them. */
    const struct namer *namer;
    struct source_map *sources;  /* knows both of the current record; NULL: nothing is known */
    struct redaction *redaction; /* NULL: nothing is replaced */
};

void json_line_finish(struct json_line *line);

/* Append a string in quotation marks; one that is not UTF-8 in strace's notation. */
void json_add_quoted(struct text *text, const char *bytes, size_t size);

/* Set line->text to the object of a RECORD_CALL. */
void json_call(struct json_line *line, const struct record *record, const struct json_options *options);

/* The same for a record of another kind. */
void json_event(struct json_line *line, const struct record *record, const struct json_options *options);

#endif
