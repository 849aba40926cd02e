/* SPDX-License-Identifier: MIT
 *
 * What a pass over a trace has measured, in the form in which it is judged
 * and told.
 */
#include "cleanup.h"
#include "name_pattern.h"
#include "printable.h"
#include "spending_pass.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char no_calls[] = "the trace was made with -c: it counts calls and does not have them";

static void set(struct spending *spending, enum quantity quantity, double amount) {
    spending->measured[quantity] = true;
    spending->amount[quantity] = amount;
}

/* None of it was measured that is not. */
static int miss(struct spending *spending, const char *reason) {
    int status = 0;
    for (enum quantity quantity = 0; quantity < QUANTITIES && status == 0; quantity++) {
        if (!spending->measured[quantity] && !spending->missing[quantity]) {
            status = string_set(&spending->missing[quantity], "%s", reason);
        }
    }
    return status;
}

static const char *plural(double number) {
    return number == 1 ? "" : "s";
}

static bool has_rows_only(const struct pass *pass) {
    return pass->calls == 0 && pass->has_rows;
}

/* Why what was followed of tasks and paths is not all that there is; NULL: it is. */
static const char *what_is_too_much(const struct pass *pass, const struct meter *meter) {
    bool by_task = meter->kind == METER_CHAIN || meter->kind == METER_LOOPS;
    bool by_process = by_task || meter->kind == METER_SHARES || meter->kind == METER_MEMORY ||
                      meter->budget->process_pattern || meter->budget->path_count;
    if (by_process && pass->too_many_processes) {
        return "the trace has more than 262144 processes";
    }
    if (by_process && pass->parentage && parentage_is_cut(pass->parentage)) {
        return "the trace makes more than 1048576 tasks";
    }
    if (by_task && pass->too_many_threads) {
        return "the trace has more than 16384 threads at a time";
    }
    if ((meter->budget->path_count || meter->budget->process_pattern) && pass->paths.is_full) {
        return "the trace has more than 1048576 different paths, or 128 MiB of them";
    }
    if (meter->budget->path_count && pass->descriptors.is_full && !pass->has_files) {
        return "the trace has more than 262144 descriptors at a time; record with -y";
    }
    return NULL;
}

/* ------------------------------------------------------------------------ calls */

/* The table of the summary in place of calls. */
static int add_rows(const struct pass *pass, struct meter *meter) {
    size_t index = (size_t)(meter - pass->meters);
    int status = 0;
    for (struct trace_word *name = pass->names.table; name && status == 0; name = name->hh.next) {
        const struct name_notes *notes = notes_of(name);
        double amounts[QUANTITIES] = {
            [QUANTITY_COUNT] = notes->row_calls,
            [QUANTITY_ERRORS] = notes->row_errors,
            [QUANTITY_TIME] = notes->row_time,
        };
        if (notes->has_row && notes->chosen[index]) {
            status = spender_sums_add(&meter->sums, name, NULL, amounts, notes->row_line);
        }
    }
    return status;
}

/* What there is of times, errors and bytes: `why` has a reason for each that is not measured. */
static void find_missing(const struct pass *pass, const char *why[QUANTITIES]) {
    bool rows = has_rows_only(pass);
    if (rows ? !pass->rows_have_errors : !pass->has_results) {
        why[QUANTITY_ERRORS] = why[QUANTITY_BYTES] =
            "no call has a result; record with an engine that measures results (notify, ptrace)";
    }
    if (rows) {
        why[QUANTITY_BYTES] = no_calls;
    }
    if (pass->is_golden) {
        why[QUANTITY_TIME] = "golden traces have no times";
    } else if (rows ? !pass->rows_have_times : !pass->has_durations) {
        why[QUANTITY_TIME] = "no call has a duration; record with -T";
    }
}

static int report_calls(const struct pass *pass, struct meter *meter) {
    struct spending *spending = meter->spending;
    const char *why[QUANTITIES] = {[QUANTITY_SCORE] = "calls have no score"};
    find_missing(pass, why);
    if (has_rows_only(pass)) {
        if (meter->budget->path_count || meter->budget->process_pattern) {
            return miss(spending, no_calls);
        }
        int status = add_rows(pass, meter);
        if (status < 0) {
            return status;
        }
    } else if (meter->budget->path_count && pass->calls && !pass->has_results && !pass->has_files) {
        return miss(spending, "no call has a result, and so nothing tells what was opened; record with -y");
    }
    int status = 0;
    for (enum quantity quantity = 0; quantity < QUANTITIES && status == 0; quantity++) {
        bool is_asked = meter->kind == METER_CALLS || quantity == QUANTITY_TIME;
        if (!is_asked || why[quantity]) {
            status = string_set(&spending->missing[quantity], "%s",
                                is_asked ? why[quantity] : "a critical path has no other");
            continue;
        }
        set(spending, quantity, meter->sums.total[quantity]);
        status = spender_sums_report(&meter->sums, quantity, spending);
    }
    return status;
}

static int explain_calls(const struct pass *pass, struct meter *meter) {
    double calls = meter->sums.total[QUANTITY_COUNT];
    if (has_rows_only(pass)) {
        return string_set(&meter->spending->from, "%.0f of %.0f calls that the summary counts", calls, pass->row_calls);
    }
    return string_set(&meter->spending->from, "%.0f of %.0f call%s in the trace", calls, pass->calls,
                      plural(pass->calls));
}

/* "thread 4711", unless the trace does not tell threads apart. */
static int name_thread(struct meter *meter) {
    return meter->has_best && meter->best ? string_set(&meter->spending->whose, "thread %lld", (long long)meter->best)
                                          : 0;
}

static int explain_chain(const struct pass *pass, struct meter *meter) {
    struct spending *spending = meter->spending;
    double calls = meter->sums.total[QUANTITY_COUNT];
    if (has_rows_only(pass)) {
        return string_set(&spending->from, "%.0f calls that the summary counts, of all threads together", calls);
    }
    int status = spending->measured[QUANTITY_TIME] ? name_thread(meter) : 0;
    if (status < 0) {
        return status;
    }
    if (!spending->whose) {
        return string_set(&spending->from, "%.0f call%s of the only thread that is known", calls, plural(calls));
    }
    return string_set(&spending->from, "%.0f call%s of %s, which spent most of %.0f thread%s", calls, plural(calls),
                      spending->whose, pass->threads_seen, plural(pass->threads_seen));
}

/* -------------------------------------------------------------------- summaries */

static int report_closing(const struct pass *pass, struct meter *meter) {
    struct spending *spending = meter->spending;
    bool is_time = meter->kind == METER_WALL;
    enum quantity quantity = is_time ? QUANTITY_TIME : QUANTITY_BYTES;
    const char *name = is_time ? "wall_time_us" : "max_rss_kb";
    int64_t value = is_time ? pass->wall_time_us : pass->max_rss_kb;
    if (pass->is_golden) {
        return miss(spending, is_time ? "golden traces have no times" : "golden traces have no max_rss_kb");
    }
    if (!pass->has_closing) {
        return miss(spending, pass->facts->is_cut ? "the trace ends before its summary" : "the trace has no summary");
    }
    if (value < 0) {
        return miss(spending, is_time ? "the summary has no wall_time_us; record with -T"
                                      : "the summary has no max_rss_kb; record with -T");
    }
    set(spending, quantity, (double)value * (is_time ? 1000 : 1024));
    return string_set(&spending->from, "%s in the summary of the trace", name);
}

/* ----------------------------------------------------------------------- memory */

/* Bytes of 1 MiB and more as such. */
static int describe_block(const struct memory_block *block, char **what) {
    double bytes = block->bytes;
    if (!block->is_single) {
        return string_set(what, "%s", block->call);
    }
    return bytes >= 1 << 20 ? string_set(what, "%s of %.1f MiB", block->call, bytes / (1 << 20))
                            : string_set(what, "%s of %.0f KiB", block->call, bytes / 1024);
}

static int report_memory(const struct pass *pass, struct meter *meter) {
    struct spending *spending = meter->spending;
    if (has_rows_only(pass)) {
        return miss(spending, no_calls);
    }
    if (!pass->has_results) {
        return miss(spending, "no call has a result, and so nothing tells what was mapped");
    }
    if (pass->allocations && allocations_problem(pass->allocations)) {
        return miss(spending, allocations_problem(pass->allocations));
    }
    const struct memory_peak *peak = &meter->peak;
    set(spending, QUANTITY_BYTES, peak->bytes);
    int status = 0;
    double named = 0;
    for (size_t i = 0; i < peak->block_count && status == 0; i++) {
        const struct memory_block *block = &peak->blocks[i];
        struct spender spender = {.count = block->calls,
                                  .spent = block->bytes,
                                  .first_line = block->first_line,
                                  .last_line = block->last_line};
        status = describe_block(block, &spender.what);
        status = status < 0 ? status : spending_add_spender(spending, QUANTITY_BYTES, &spender);
        named += block->bytes;
    }
    spending->spenders_left_out[QUANTITY_BYTES] = peak->bytes - named;
    if (status == 0 && meter->best) {
        status = string_set(&spending->whose, "peak of process %lld", (long long)meter->best);
    }
    if (status < 0) {
        return status;
    }
    return string_set(&spending->from,
                      "%s: what brk, mmap, mremap and mprotect gave without a file, less what was given back%s",
                      spending->whose ? spending->whose : "peak",
                      pass->in_registers ? "; mappings that can be written to are taken to have none" : "");
}

/* ---------------------------------------------------------------- anti-patterns */

/* "read 3, write 4 (loop of 2 calls, 500 times)" */
static char *describe_loop(const struct loop *loop) {
    struct text text = {0};
    for (unsigned i = 0; i < loop->period; i++) {
        text_add_string(&text, i ? ", " : "");
        printable_add(&text, loop->block[i].name->text, loop->block[i].name->size, false);
        if (loop->block[i].descriptor >= 0) {
            text_add_char(&text, ' ');
            text_add_signed(&text, loop->block[i].descriptor);
        }
    }
    text_add_string(&text, " (loop of ");
    text_add_unsigned(&text, loop->period);
    text_add_string(&text, loop->period == 1 ? " call, " : " calls, ");
    text_add_unsigned(&text, loop->times);
    text_add_string(&text, " times)");
    if (text.failed) {
        text_finish(&text);
        return NULL;
    }
    return text.bytes;
}

static int report_loops(const struct pass *pass, struct meter *meter) {
    struct spending *spending = meter->spending;
    const struct loop_detector *loops = &meter->loops;
    if (has_rows_only(pass)) {
        return miss(spending, no_calls);
    }
    set(spending, QUANTITY_SCORE, meter->score);
    double named = 0;
    int status = 0;
    for (size_t i = 0; i < loops->loop_count && status == 0; i++) {
        const struct loop *loop = &loops->loops[i];
        struct spender spender = {.what = describe_loop(loop),
                                  .count = (double)loop->calls,
                                  .spent = (double)loop->calls / (double)loops->calls,
                                  .first_line = loop->first_line,
                                  .last_line = loop->last_line};
        status = spending_add_spender(spending, QUANTITY_SCORE, &spender);
        named += (double)loop->calls;
    }
    double left = (double)loops->in_loops - named;
    spending->spenders_left_out[QUANTITY_SCORE] = left > 0 ? left / (double)loops->calls : 0;
    if (status == 0 && loops->in_loops) {
        status = name_thread(meter);
    }
    if (status < 0) {
        return status;
    }
    if (loops->in_loops == 0) {
        return string_set(&spending->from, "no loop of %d calls or more in %.0f thread%s", LOOP_CALLS_MIN,
                          pass->threads_seen, plural(pass->threads_seen));
    }
    return string_set(&spending->from, "%llu of %llu calls of %s in loops, the longest of %llu calls",
                      (unsigned long long)loops->in_loops, (unsigned long long)loops->calls,
                      spending->whose ? spending->whose : "the only thread that is known",
                      (unsigned long long)loops->longest);
}

/* "process 4711 (/usr/bin/make)" */
static char *describe_process(const struct busy_process *process) {
    struct text text = {0};
    text_add_string(&text, "process");
    if (process->id) {
        text_add_char(&text, ' ');
        text_add_signed(&text, process->id);
    }
    if (process->program) {
        text_add_string(&text, " (");
        printable_add(&text, process->program->text, process->program->size, false);
        text_add_char(&text, ')');
    }
    if (text.failed) {
        text_finish(&text);
        return NULL;
    }
    return text.bytes;
}

static int report_shares(const struct pass *pass, struct meter *meter) {
    struct spending *spending = meter->spending;
    const struct process_shares *shares = &meter->shares;
    if (has_rows_only(pass)) {
        return miss(spending, no_calls);
    }
    set(spending, QUANTITY_SCORE, process_shares_score(shares));
    if (shares->processes < 2) {
        return string_set(&spending->from, "%s: the score is 0 with less than two",
                          shares->processes == 0 ? "no process made calls" : "one process made all calls");
    }
    double named = 0;
    int status = 0;
    for (size_t i = 0; i < shares->count && status == 0; i++) {
        const struct busy_process *process = &shares->busiest[i];
        struct spender spender = {.what = describe_process(process),
                                  .count = process->calls,
                                  .spent = process->calls / shares->calls,
                                  .first_line = process->first_line,
                                  .last_line = process->last_line};
        status = spending_add_spender(spending, QUANTITY_SCORE, &spender);
        named += process->calls;
    }
    spending->spenders_left_out[QUANTITY_SCORE] = (shares->calls - named) / shares->calls;
    const struct busy_process *busiest = &shares->busiest[0];
    status = status < 0 ? status : string_set(&spending->whose, "process %lld", (long long)busiest->id);
    return status < 0 ? status
                      : string_set(&spending->from, "%.0f of %.0f calls of %.0f processes are those of process %lld",
                                   busiest->calls, shares->calls, shares->processes, (long long)busiest->id);
}

/* ------------------------------------------------------------------ all of them */

static int report_meter(const struct pass *pass, struct meter *meter) {
    int status;
    switch (meter->kind) {
    case METER_CALLS:
        status = report_calls(pass, meter);
        return status < 0 ? status : explain_calls(pass, meter);
    case METER_CHAIN:
        status = report_calls(pass, meter);
        return status < 0 ? status : explain_chain(pass, meter);
    case METER_WALL:
    case METER_RESIDENT:
        return report_closing(pass, meter);
    case METER_MEMORY:
        return report_memory(pass, meter);
    case METER_LOOPS:
        return report_loops(pass, meter);
    case METER_SHARES:
        return report_shares(pass, meter);
    case METER_NONE:
        break;
    }
    return 0;
}

static bool has_minimum(const struct budget *budget) {
    bool has_one = false;
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        has_one |= budget->limits[quantity].has_min;
    }
    return has_one;
}

/* "no process of the trace runs a program that matches 'cc1$'" */
static int say_no_process(const struct budget *budget, char **reason) {
    const char *pattern = name_pattern_text(budget->process_pattern);
    struct text text = {0};
    printable_add(&text, pattern, strlen(pattern), false);
    int status = text.failed
                     ? -ENOMEM
                     : string_set(reason, "no process of the trace runs a program that matches '%s'", text.bytes);
    text_finish(&text);
    return status;
}

/* What keeps the budget from being measured, or from being one for this trace. Nothing is missing if it can be. */
static int find_obstacle(const struct pass *pass, struct meter *meter) {
    const struct budget *budget = meter->budget;
    struct spending *spending = meter->spending;
    int is_its_trace = budget->trace_pattern ? name_pattern_matches(budget->trace_pattern, pass->facts->name) : 1;
    spending->applies = is_its_trace != 0;
    if (is_its_trace == 0) {
        return miss(spending, "the trace's name is none that trace_name_pattern matches");
    }
    const char *gave_up = is_its_trace < 0 ? "trace_name_pattern" : meter->gave_up;
    if (gave_up) {
        auto_free char *reason = NULL;
        int status = string_set(&reason, "%s takes too many steps to match: it has to be simpler", gave_up);
        return status < 0 ? status : miss(spending, reason);
    }
    const char *too_much = what_is_too_much(pass, meter);
    if (too_much) {
        return miss(spending, too_much);
    }
    if (!budget->process_pattern || meter->seen_process || has_rows_only(pass)) {
        return 0;
    }
    if (!pass->knows_programs) {
        return miss(spending, "the trace has no execve, and so nothing tells which programs its processes run");
    }
    int status = say_no_process(budget, &spending->nothing);
    /* What has to be there is not: that is measured. */
    if (status == 0 && !has_minimum(budget)) {
        spending->applies = false;
        status = miss(spending, spending->nothing);
    }
    return status;
}

static int finish_meter(const struct pass *pass, struct meter *meter) {
    const struct budget *budget = meter->budget;
    struct spending *spending = meter->spending;
    spending->applies = true;
    int status = meter->kind == METER_NONE ? 0 : find_obstacle(pass, meter);
    if (status == 0 && !spending->missing[QUANTITY_COUNT]) {
        status = report_meter(pass, meter);
    }
    bool has_paths = meter->looks_at_calls && budget->path_count;
    if (status == 0 && has_paths && !spending->nothing && !path_sets_have_met(pass->path_sets, meter->path_slot)) {
        status = string_set(&spending->nothing, "no call is on such a path");
    }
    const char *rest = budget->kind == BUDGET_INAPPLICABLE ? "it does not apply"
                       : budget->enabled                   ? "nothing that this budget is about"
                                                           : "disabled";
    return status < 0 ? status : miss(spending, rest);
}

int pass_report(struct pass *pass) {
    int status = 0;
    for (size_t i = 0; i < pass->count && status == 0; i++) {
        status = finish_meter(pass, &pass->meters[i]);
    }
    return status;
}
