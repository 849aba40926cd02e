/* SPDX-License-Identifier: MIT
 *
 * Reading a trace that was written before: renacer-json-v1 of renacer 0.6 and
 * of renacer-sv, as one document or as JSON Lines, with lines of a program's
 * output in front, whole or cut off. Item by item, in bounded memory.
 */
#ifndef RENACER_TRACE_READER_H
#define RENACER_TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TRACE_ARGUMENTS_MAX = 8, /* of one call; no call has more than six */
};

/* Bytes of the reader's; a NUL stands behind them. */
struct trace_bytes {
    const char *bytes; /* NULL: not there */
    size_t size;
};

struct trace_argument {
    struct trace_bytes text; /* as the document shows it, the escapes of JSON undone; without the quotation marks
                              * that renacer 0.6 puts around paths */
    struct trace_bytes
        content;             /* of a string or buffer its exact bytes: "args_b64" decoded where that is there, else
                              * `text`. The reader does not know which arguments are strings: the row of the call does */
    bool quoted;             /* it stood in quotation marks: a string in renacer 0.6 */
    bool is_cut;             /* "cut": there were more bytes than `content` has */
    uint64_t full_length;    /* of the bytes that there were; content.size where nothing was cut, or nobody knows */
    struct trace_bytes file; /* "fds": what the descriptor was; NULL where it is not said */
};

struct trace_call {
    struct trace_bytes name; /* "unknown" in renacer 0.6 for calls that it has no name for */
    unsigned argument_count;
    bool has_result;
    int64_t result;
    struct trace_bytes result_ref;  /* of a golden trace: what an address or another volatile result stands for */
    struct trace_bytes error;       /* name of the errno */
    struct trace_bytes result_file; /* "fds": what the result is */
    int64_t pid;                    /* 0: not said */
    int64_t tid;                    /* 0: not said */
    bool has_duration;
    uint64_t duration_ns;
    bool has_time_stamp;
    uint64_t timestamp_ns;
    struct trace_argument arguments[TRACE_ARGUMENTS_MAX]; /* those behind the last one are not set */
};

/* A signal, exec or end, from "events". */
struct trace_event {
    struct trace_bytes kind; /* "signal", "exec", "end" */
    int64_t pid;
    int64_t tid;
    struct trace_bytes signal; /* of a signal, or of an end by one */
    bool has_exit_code;
    int64_t exit_code;
};

struct trace_head {
    struct trace_bytes version;  /* of the format */
    struct trace_bytes producer; /* its name, or NULL: renacer 0.6 does not say */
    struct trace_bytes engine;
    struct trace_bytes time; /* what durations are: "kernel", "stop" */
    bool is_golden;
    struct trace_bytes rules;  /* of a golden trace: names of the rules of normalisation, joined by commas */
    struct trace_bytes filter; /* which calls were asked for, as NAME=VALUE, joined by "; "; NULL: all, as far as the
                                * trace says */
};

/* A member that the document does not have is negative or NULL. */
struct trace_closing {
    int64_t total_syscalls;
    int64_t exit_code;
    struct trace_bytes signal;
    struct trace_bytes incomplete; /* why the trace breaks off */
    int64_t lost;
    int64_t total_time_us;
    int64_t wall_time_us;
    int64_t max_rss_kb;
    bool has_counts; /* "by_call" is there */
};

/* A row of "by_call": a trace with -c has these in place of calls. */
struct trace_count {
    struct trace_bytes name;
    uint64_t calls;
    int64_t errors;  /* negative: not measured */
    int64_t time_ns; /* negative: not measured */
};

enum trace_item_kind {
    TRACE_HEAD, /* once, before all others */
    TRACE_CALL,
    TRACE_EVENT,
    TRACE_COUNT,
    TRACE_CLOSING, /* the summary: once, last; not there if the document was cut off before its end */
};

struct trace_item {
    enum trace_item_kind kind;
    uint64_t line;   /* where it begins in the file, from 1 */
    uint64_t offset; /* the same in bytes, from 0 */
    union {
        struct trace_head head;
        struct trace_call call;
        struct trace_event event;
        struct trace_count count;
        struct trace_closing closing;
    };
};

struct trace_reader;

/* Open the file; "-" is standard input. What cannot be read again from the start (a pipe) is copied to an unlinked
 * temporary file first, so that every trace can be rewound. 0, or -errno with a sentence in `problem`. */
int trace_reader_open(struct trace_reader **result, const char *path, char *problem, size_t size);

/* The next item, valid until the reader is used again: 1. 0 at the end; -EINVAL with a sentence in
 * `problem` that names file, line and column if the file is no such trace; -errno if it cannot be read. */
int trace_reader_next(struct trace_reader *reader, struct trace_item *item, char *problem, size_t size);

/* Begin again with the first item. 0 or -errno. */
int trace_reader_rewind(struct trace_reader *reader);

/* The call at this offset once more, as trace_reader_next() gave it; it does not change what that gives next,
 * but ends the validity of what it gave last. 1, or as above. */
int trace_reader_call_at(struct trace_reader *reader, uint64_t offset, struct trace_item *item, char *problem,
                         size_t size);

/* The head, after trace_reader_next() has given it and until the reader is rewound or closed. */
const struct trace_head *trace_reader_head(const struct trace_reader *reader);

/* After the end: the document was cut off before its own end, and what there was of it has been given; or it says
 * itself that it is incomplete. */
bool trace_reader_was_cut(const struct trace_reader *reader);

/* After the end: how many events were lost while it was recorded, as its summary says. */
uint64_t trace_reader_lost(const struct trace_reader *reader);

/* The lines of other output in front of the document, in it (JSON Lines) and behind it, as far as it was read. Lines
 * without a character do not count. */
uint64_t trace_reader_foreign_lines(const struct trace_reader *reader);

/* NULL is fine. */
void trace_reader_close(struct trace_reader *reader);

#endif
