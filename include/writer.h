/* SPDX-License-Identifier: MIT
 *
 * The trace, record by record, in the form that was asked for. What each form
 * looks like is written in docs/formats.md.
 */
#ifndef RENACER_WRITER_H
#define RENACER_WRITER_H

#include "filter_words.h"
#include "output.h"
#include "record.h"
#include "record_filter.h"
#include "selection.h"
#include "source_map.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* In the order of --format's words in the table of options. */
enum format {
    FORMAT_TEXT,
    FORMAT_JSON,
    FORMAT_JSONL,
    FORMAT_CSV,
};

enum summary {
    SUMMARY_NONE,
    SUMMARY_ONLY,      /* -c: a table in place of the calls */
    SUMMARY_TOO,       /* -C: behind them */
    SUMMARY_FOLDED,    /* --folded: a line for each stack, in place of the calls */
    SUMMARY_FUNCTIONS, /* --function-time: a table of functions, in place of the calls */
};

/* Whether it stands in place of the calls. */
static inline bool summary_is_all(enum summary summary) {
    return summary != SUMMARY_NONE && summary != SUMMARY_TOO;
}

/* Whether it is made of whole stacks. */
static inline bool summary_is_of_stacks(enum summary summary) {
    return summary == SUMMARY_FOLDED || summary == SUMMARY_FUNCTIONS;
}

enum time_stamp {
    STAMP_NONE,
    STAMP_SECONDS, /* -t: local time of day */
    STAMP_MICROSECONDS,
    STAMP_EPOCH, /* -ttt: seconds since 1970, with microseconds */
};

/* The version of the format's reference implementation; readers compare it. */
#define FORMAT_VERSION "0.6.2"

enum {
    RESULT_COLUMN = 40, /* as strace */
};

/* What the user asked for. */
struct output_options {
    enum format format;
    enum summary summary;
    enum tally_order order;
    enum time_stamp stamp;
    bool relative_stamp;    /* -r: time since the record before */
    bool timing;            /* -T */
    bool follow;            /* -f: every record names its process and thread */
    bool events;            /* --events: signals, execs and ends in JSON too; text always has them */
    bool descriptors;       /* -y: what descriptors are, where that was looked at */
    uint32_t result_column; /* -a: where "= " begins at the earliest, in text; RESULT_COLUMN unless said otherwise */
    enum hex_strings hex_strings;       /* -x: in text and CSV */
    bool verbose;                       /* -v: structures are not abbreviated */
    bool source;                        /* -s: where in the source each call was made */
    bool stack;                         /* -k: its whole stack */
    struct source_map *sources;         /* knows both; NULL: not asked for. Must outlive the writer */
    bool quiet_ends;                    /* -qq: text without the ends that are ordinary */
    bool colour;                        /* text with terminal colours */
    bool golden;                        /* --golden: the same document in every run, in JSON */
    unsigned golden_rules;              /* how it becomes that: include/golden_rules.h */
    const struct selection *selection;  /* the calls that are shown, where others are traced too; else NULL */
    const struct record_filter *filter; /* NULL: everything is kept; must outlive the writer */
    const struct filter_words *asked;   /* which calls; NULL: all. JSON says so; must outlive the writer */
    struct redaction *redaction;        /* what is replaced, NULL: nothing; must outlive the writer */
};

/* Whether `sources` is needed for what was asked for. */
static inline bool output_needs_sources(const struct output_options *output) {
    return output->source || output->stack || summary_is_of_stacks(output->summary);
}

/* Whether the table is one of places in the source. */
static inline bool output_has_places(const struct output_options *output) {
    return output->source && (output->summary == SUMMARY_ONLY || output->summary == SUMMARY_TOO);
}

struct writer_options {
    struct output_options output;
    int fd;                      /* where it goes */
    bool hold;                   /* keep everything until the end: the document goes to a shared standard output */
    bool to_file;                /* the trace has a file of its own: lines begin with a bare thread id */
    int32_t root;                /* the started process */
    uint64_t epoch_ns;           /* what CLOCK_REALTIME says when CLOCK_MONOTONIC is 0 */
    const char *engine;          /* for "producer" */
    const char *time;            /* what measured results and times: "kernel", "stop", or NULL if nothing did */
    struct sink_watcher watcher; /* of the files that parts of the document get */
};

/* What is known when everything has ended. */
struct trace_summary {
    bool detached;          /* the program runs on: how it ends is not known */
    int exit_code;          /* 128 + n for signal n */
    int signal;             /* that ended the program, or 0 */
    bool core_dumped;       /* by that signal */
    const char *incomplete; /* why the trace breaks off, in a few words; NULL: it is whole */
    uint64_t lost;          /* events known to be lost */
    uint64_t end_ns;        /* CLOCK_MONOTONIC when the program ended */
    uint64_t wall_time_us;  /* from the start of the program to its end */
    int64_t max_rss_kb;     /* of the program; negative: not measured */
};

struct writer;

/* Begin an output in `output`, which is zeroed and must outlive the writer; NULL: in memory of the writer's own.
 * 0 or -ENOMEM. The strings of the options must outlive the writer. */
int writer_create(struct writer **result, const struct writer_options *options, struct output *output);
/* Go on with the output of a writer whose process is gone; `file` as for output_resume(). Not for golden traces, which
 * have all their records in memory. */
int writer_resume(struct writer **result, const struct writer_options *options, struct output *output,
                  int (*file)(void *context, const struct sink *sink), void *context);
/* NULL is fine. */
void writer_destroy(struct writer *writer);

void writer_record(struct writer *writer, const struct record *record);
void writer_end(struct writer *writer, const struct trace_summary *summary);

/* Hand to the kernel what is buffered, for those who read along. */
void writer_flush(struct writer *writer);

/* errno of the first failed write, or 0. */
int writer_error(const struct writer *writer);

#endif
