/* SPDX-License-Identifier: MIT
 *
 * What a trace has spent of each budget, and which calls spent it: one pass
 * over the trace for all budgets, in bounded memory.
 */
#ifndef RENACER_SPENDING_H
#define RENACER_SPENDING_H

#include "budgets.h"
#include "trace_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SPENDERS_MAX = 8, /* that are named */
};

/* Calls that spent: of one name and, where paths are known or asked for, on one path. */
struct spender {
    char *what;                     /* escaped for a terminal: "read /etc/passwd", "mmap", "read 3 (loop of 2 calls)" */
    double count;                   /* calls */
    double spent;                   /* in the unit of what is limited */
    uint64_t first_line, last_line; /* of its calls in the trace */
};

struct spending {
    bool applies;              /* false: the trace or its processes are not those that the budget is for */
    bool measured[QUANTITIES]; /* false: nothing in the trace tells (no durations, say) */
    double amount[QUANTITIES];
    char *missing[QUANTITIES]; /* what it would take: "durations: record with -T"; NULL where it was measured */
    char *
        nothing; /* why there was nothing to spend, where amounts are 0: "no call is on such a path"; NULL: no reason */
    char *whose; /* "peak of process 4711", "thread 4712"; NULL: of the whole trace */
    char *from;  /* from which calls it was measured, in a sentence: for --explain */
    /* Most first, by what the budget limits first. */
    struct spender spenders[QUANTITIES][SPENDERS_MAX];
    size_t spender_count[QUANTITIES];
    double spenders_left_out[QUANTITIES]; /* what those that are not named spent */
};

/* Things that hold for the trace as a whole. */
struct trace_facts {
    char *name;        /* of the file without folder and ".json" or ".jsonl" */
    char *time_source; /* producer.time: "kernel", "stop"; NULL: not said */
    char *filter;      /* which calls were asked for: "trace=write; status=failed"; NULL: all, or not said */
    bool is_golden;
    bool says_files;   /* what descriptors refer to (-y) */
    bool is_cut;       /* it ends in the middle */
    bool has_no_end;   /* it is whole, and does not have the end of the program (-p, let go) */
    char *signal;      /* that killed the program; NULL: none, or not said */
    size_t unfollowed; /* children of the program whose calls are not in it: it was recorded without -f */
    double lost;       /* calls known to be lost; 0 if nothing is said */
};

/* Read the trace to its end and fill in spendings[i] for file->budgets[i], which are all zero. `path` names the trace.
 * 0; -EINVAL with a sentence in `problem` if it cannot be used; -errno. spending_finish() and trace_facts_finish() in
 * any case. */
int spending_measure(struct spending *spendings, struct trace_facts *facts, const struct budget_file *file,
                     struct trace_reader *reader, const char *path, char *problem, size_t size);
void spending_finish(struct spending *spendings, size_t count);
void trace_facts_finish(struct trace_facts *facts);

/* ------------------------------------------------------------------ verdicts */

enum verdict_status {
    VERDICT_KEPT,
    VERDICT_VIOLATED,
    VERDICT_WARNING,    /* violated, but fail_on_violation = false */
    VERDICT_UNMEASURED, /* what it limits cannot be told from this trace */
    VERDICT_SKIPPED,    /* disabled, not applicable, or for other traces */
    VERDICTS,
};

struct verdict {
    enum verdict_status status;
    enum quantity quantity; /* what decided: the first that is violated, else the first that is limited */
    bool only_minimum;      /* all that is violated are minima, which a trace that had more might reach */
    bool has_amount;
    double amount; /* measured; the median over several runs for times, the most for all else */
    bool has_limit;
    double limit;
    bool has_golden;
    double golden; /* what the golden trace has spent, where the limit is relative to it */
    unsigned line; /* of the limit, or of the budget, in the file */
    char *reason;  /* "5213 calls, 150 allowed"; what is violated as well stands behind a semicolon */
};

/* Judge one budget from one or more runs of the same program (`runs` pointers to its spending in each), and from that
 * of the golden trace, which may be NULL: then limits relative to it are VERDICT_UNMEASURED. 0 or -ENOMEM. */
int verdict_judge(struct verdict *verdict, const struct budget *budget, const struct spending *const *runs,
                  size_t run_count, const struct spending *golden);
void verdict_finish(struct verdict *verdict);

#endif
