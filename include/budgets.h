/* SPDX-License-Identifier: MIT
 *
 * Budgets: what a program may spend, as people write it down in renacer.toml.
 * docs/budgets.md has the meaning of every key.
 */
#ifndef RENACER_BUDGETS_H
#define RENACER_BUDGETS_H

#include "call_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum budget_kind {
    BUDGET_CRITICAL_PATH, /* [[assertion]] type = "critical_path": QUANTITY_TIME */
    BUDGET_SPAN_COUNT,    /* "span_count": QUANTITY_COUNT */
    BUDGET_MEMORY,        /* "memory_usage": QUANTITY_BYTES */
    BUDGET_ANTI_PATTERN,  /* "anti_pattern": QUANTITY_SCORE */
    BUDGET_CALLS,         /* [[budget]]: any quantity of chosen calls */
    BUDGET_REQUIRED,      /* [[required]]: chosen calls have to be there: QUANTITY_COUNT has a minimum */
    BUDGET_FORBIDDEN,     /* [[forbidden]]: they must not: QUANTITY_COUNT has the maximum 0 unless the file says more */
    BUDGET_INAPPLICABLE,  /* nothing that a trace of system calls could tell: `inapplicable` says why */
};

/* What is measured, and in which unit a double holds it: exactly, up to 2^53. */
enum quantity {
    QUANTITY_COUNT,  /* calls */
    QUANTITY_ERRORS, /* calls that failed */
    QUANTITY_TIME,   /* nanoseconds */
    QUANTITY_BYTES,  /* transferred; of BUDGET_MEMORY: of memory */
    QUANTITY_SCORE,  /* of an anti-pattern: 0 to 1 */
    QUANTITIES,
};

/* By how much more than the golden trace. */
struct increase {
    bool is_set;
    bool is_share; /* `amount` is in per cent of what the golden trace has; else in the unit of the quantity */
    double amount;
};

struct limit {
    bool has_max;
    bool has_min;
    double max; /* inclusive; of QUANTITY_SCORE exclusive: a score that reaches it is a violation */
    double min; /* inclusive */
    struct increase increase;
    unsigned line; /* of the first of its keys in the file; 0: none of them is there */
};

enum memory_mode {
    MEMORY_ALLOCATIONS, /* the most that a process had from brk, mmap and mremap at a time */
    MEMORY_RSS,         /* what the kernel counted as resident */
};

enum time_mode {
    TIME_KERNEL, /* in calls, of the thread that spent most */
    TIME_WALL,   /* from start to end, the observer's own included */
};

enum anti_pattern {
    PATTERN_TIGHT_LOOP,
    PATTERN_GOD_PROCESS,
};

struct name_pattern;

struct budget {
    enum budget_kind kind;
    char *name;
    const char *type; /* the word for the kind in the file: "critical_path", "budget"; a literal */
    unsigned line;    /* where it begins in the file */
    bool enabled;
    bool fails; /* fail_on_violation: else a violation is a warning */
    struct limit limits[QUANTITIES];

    /* Which calls: all three have to hold. */
    struct call_names calls;           /* `calls` */
    char *calls_text;                  /* as the file has it; NULL: all */
    struct name_pattern *span_pattern; /* `span_name_pattern`; NULL: any */
    char **paths; /* `path`, as the file has them: patterns of fnmatch(3), one of which has to match
                   * a path of the call or of a descriptor of it; none: any. One without a wildcard
                   * stands for itself, and one that ends in a slash for all below it. */
    size_t path_count;

    struct name_pattern *process_pattern; /* `process_name_pattern`: of the program's path; NULL: any */
    struct name_pattern *trace_pattern;   /* `trace_name_pattern`: of the trace's name; NULL: any */
    enum memory_mode memory;
    enum time_mode time;
    enum anti_pattern pattern;
    char *inapplicable; /* BUDGET_INAPPLICABLE: why, in words */
};

/* [semantic_equivalence]. A member that the file does not have is NULL, negative or at its default. */
struct equivalence {
    bool is_set;
    unsigned line;
    bool enabled;          /* default true */
    char *golden_dir;      /* python_trace_dir: that of another implementation */
    char *baseline_dir;    /* that of the same program */
    double min_confidence; /* 0 by default */
    bool check_writes;     /* check_write_patterns, true */
    bool check_files;      /* check_file_operations, true */
    bool check_output;     /* check_output_correctness, true */
    bool check_memory;     /* check_memory_allocations, false */
    double speedup_min;    /* expected_speedup_min: how many times the time of the partner in golden_dir */
    double speedup_max;    /* expected_speedup_max */
    double memory_reduction_min;
    /* Lines of the keys whose violation is reported by itself; 0: not there. */
    unsigned confidence_line, speedup_min_line, speedup_max_line, memory_line;
};

/* Something about the file that is said in a line. */
struct budget_note {
    bool is_warning; /* an unknown key, say; else: a key that does not apply to us */
    unsigned line;
    char *text; /* without the place */
};

struct budget_file {
    char *path; /* "-": standard input */
    struct budget *budgets;
    size_t count;
    struct equivalence equivalence;
    bool fail_fast; /* [ci] fail_fast: of several traces none is looked at after one that fails */
    struct budget_note *notes;
    size_t note_count;
};

/* Read a file of budgets. 0; -ENOMEM; -errno or -EINVAL with a sentence in `problem`, which for a mistake in the file
 * begins with file, line and column. The budgets are in the order of the file, and so are the notes, some of which may
 * be there after a mistake as well. budget_file_finish() in any case. */
int budget_file_read(struct budget_file *file, const char *path, char *problem, size_t size);
void budget_file_finish(struct budget_file *file);

/* "calls", "errors", ...: for messages. */
const char *quantity_name(enum quantity quantity);

#endif
