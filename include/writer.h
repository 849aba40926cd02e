/* SPDX-License-Identifier: MIT
 *
 * The trace document: renacer-json-v1 as one document or as JSON Lines, record
 * by record. What it looks like is written in docs/formats.md.
 */
#ifndef RENACER_WRITER_H
#define RENACER_WRITER_H

#include "record.h"

#include <stdbool.h>
#include <stdint.h>

enum format {
    FORMAT_JSON,
    FORMAT_JSONL,
};

/* The version of the format's reference implementation; readers compare it. */
#define FORMAT_VERSION "0.6.2"

struct writer_options {
    enum format format;
    int fd;             /* where it goes */
    bool hold;          /* keep everything until the end: the document goes to a shared standard output */
    bool timing;        /* -T */
    bool follow;        /* -f: every record names its process and thread */
    bool events;        /* --events: signals, execs and ends too */
    const char *engine; /* for "producer" */
    const char *time;   /* what measured the time: "kernel", "stop", or NULL if nothing did */
};

/* What is known when everything has ended. */
struct trace_summary {
    int exit_code;         /* 128 + n for signal n */
    int signal;            /* that ended the program, or 0 */
    uint64_t lost;         /* events known to be lost */
    uint64_t wall_time_us; /* from the start of the program to its end */
    int64_t max_rss_kb;    /* of the program; negative: not measured */
};

struct writer;

/* 0 or -ENOMEM. The strings of the options must outlive the writer. */
int writer_create(struct writer **result, const struct writer_options *options);
void writer_destroy(struct writer *writer);

void writer_record(struct writer *writer, const struct record *record);
void writer_end(struct writer *writer, const struct trace_summary *summary);

/* Hand to the kernel what is buffered, for those who read along. */
void writer_flush(struct writer *writer);

/* errno of the first failed write, or 0. */
int writer_error(const struct writer *writer);

#endif
