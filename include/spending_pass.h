/* SPDX-License-Identifier: MIT
 *
 * The inside of the pass over a trace that measures what was spent:
 * spending.c reads it, spending_tasks.c follows its processes and threads,
 * spending_results.c says at the end what it was.
 */
#ifndef RENACER_SPENDING_PASS_H
#define RENACER_SPENDING_PASS_H

#include "allocations.h"
#include "anti_patterns.h"
#include "call_paths.h"
#include "call_traits.h"
#include "parentage.h"
#include "path_sets.h"
#include "spenders.h"
#include "spending.h"
#include "unfollowed.h"

#include <uthash.h>

/* How a budget is measured. */
enum meter_kind {
    METER_NONE,
    METER_CALLS, /* sums over the chosen calls */
    METER_CHAIN, /* the same by thread, of which the longest counts */
    METER_WALL,
    METER_MEMORY,
    METER_RESIDENT,
    METER_LOOPS,
    METER_SHARES,
};

struct meter {
    const struct budget *budget;
    struct spending *spending;
    enum meter_kind kind;
    bool looks_at_calls;
    size_t path_slot;    /* of a budget with paths, in the sets */
    bool by_path;        /* who spends is told by path as well */
    unsigned slot;       /* of METER_CHAIN and METER_LOOPS: its place in a thread; of METER_SHARES: in a process */
    bool seen_process;   /* one that it is for */
    const char *gave_up; /* the key whose regular expression takes too many steps; NULL: none */
    bool has_best;
    int64_t best;             /* thread or process */
    struct spender_sums sums; /* of METER_CHAIN: those of the best thread */
    struct memory_peak peak;
    struct loop_detector loops;
    double score;
    struct process_shares shares;
};

/* What is kept with the name of a call. */
struct name_notes {
    bool is_prepared;
    struct call_traits traits;
    bool has_row; /* in the summary's table */
    double row_calls;
    double row_errors;
    double row_time;
    uint64_t row_line;
    uint8_t chosen[]; /* by meter */
};

static inline struct name_notes *notes_of(struct trace_word *name) {
    return (struct name_notes *)(void *)name->notes;
}

/* What is kept with a path. */
struct path_note {
    bool is_known;
    const struct path_set *set; /* NULL: not kept */
};

static inline struct path_note *path_note_of(struct trace_word *path) {
    return (struct path_note *)(void *)path->notes;
}

struct traced_thread {
    UT_hash_handle hh;
    int64_t id;
    struct traced_thread *next;  /* of the same process */
    struct spender_sums *chains; /* by slot */
    struct loop_detector *loops;
};

struct traced_process {
    UT_hash_handle hh;
    int64_t id;
    struct memory_space *memory;    /* NULL: not followed */
    struct descriptor_paths *files; /* NULL: not followed */
    const struct trace_word *program;
    struct traced_thread *threads; /* in the order in which they were met */
    struct traced_thread *last_thread;
    struct busy_process *shares; /* by slot */
    bool is_early;               /* met before the call that made it had returned */
    bool has_ended;
    uint8_t matches[]; /* by meter: it is one of the processes that the budget is for */
};

/* What has to be followed for the budgets that there are. */
struct pass_needs {
    bool paths;
    bool memory;
    bool programs;
    bool threads;
};

struct pass {
    const struct budget_file *file;
    struct trace_reader *reader;
    const char *path; /* of the trace, for problems */
    struct meter *meters;
    size_t count;
    unsigned chains, loops, shares; /* how many meters are of these kinds */
    struct pass_needs needs;
    struct parentage *parentage; /* NULL: was not needed yet */
    struct unfollowed unfollowed;

    struct trace_words names;
    struct trace_words paths;
    struct path_sets *path_sets; /* NULL: no budget has paths */
    struct allocations *allocations;
    struct descriptor_total descriptors;
    size_t chain_groups;
    struct traced_process *processes;
    struct traced_process *last_process; /* of the last call */
    struct traced_process *overflow;     /* stands for those that are too many */
    struct traced_thread *threads;
    bool too_many_processes;
    bool too_many_threads;
    bool knows_programs; /* at least one that is executed */
    double threads_seen;

    bool is_golden;
    bool in_registers;
    bool has_head;
    bool has_results;
    bool has_durations;
    bool has_files; /* what descriptors refer to */
    bool has_rows;
    bool rows_have_errors;
    bool rows_have_times;
    double calls;
    double row_calls;
    bool has_closing;
    int64_t wall_time_us;
    int64_t max_rss_kb;
    struct trace_facts *facts;
};

/* ---------------------------------------------------------------------- tasks */

/* The process and the thread of a call: 0, -ENOMEM, or -EAGAIN if the pass has to begin again with its parentage
 * known. `*thread` is NULL if threads do not matter or are too many. */
int pass_find_task(struct pass *pass, const struct trace_call *call, struct traced_process **process,
                   struct traced_thread **thread);

/* What a call that has not failed does to processes. 0, -ENOMEM, -EAGAIN. */
int pass_take_effect(struct pass *pass, struct traced_process *process, const struct trace_call *call,
                     enum call_effect effect, const struct call_paths *paths);

/* The trace has ended: what processes and threads have spent is added to the meters. */
void pass_end_tasks(struct pass *pass);
/* Free them. */
void pass_drop_tasks(struct pass *pass);

/* -------------------------------------------------------------------- results */

/* Fill in the spendings and the facts. 0 or -ENOMEM. */
int pass_report(struct pass *pass);

#endif
