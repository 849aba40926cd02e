/* SPDX-License-Identifier: MIT */
#include "compare_counts.h"

#include "cleanup.h"
#include "nearest.h"
#include "printable.h"
#include "syscall_table.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
    NAMES_MAX = 4096, /* different names of calls; there are some five hundred */
};

/* ---------------------------------------------------------------- tolerances */

static bool is_call(const char *name, struct nearest *nearest) {
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        if (strcmp(row->name, name) == 0) {
            return true;
        }
        nearest_offer(nearest, row->name);
    }
    return strcmp(name, "unknown") == 0 || strncmp(name, "syscall_", strlen("syscall_")) == 0;
}

static int check_name(const char *name, char *problem, size_t size) {
    struct nearest nearest = {.word = name};
    if (is_call(name, &nearest)) {
        return 0;
    }
    snprintf(problem, size, "there is no system call '%s' for --tolerance%s%s%s", name,
             nearest.best ? "; did you mean '" : "", nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
    return -EINVAL;
}

/* One of "10%", "3", "write=2". */
static int parse_tolerance(const char *item, struct tolerance *tolerance, char *problem, size_t size) {
    const char *equals = strchr(item, '=');
    const char *amount = equals ? equals + 1 : item;
    char *end;
    *tolerance = (struct tolerance){.amount = strtod(amount, &end)};
    tolerance->is_share = end > amount && *end == '%';
    bool is_number = end > amount && !end[tolerance->is_share] && amount[strspn(amount, "0123456789.")] == *end;
    if (!is_number || !(tolerance->amount >= 0) || isinf(tolerance->amount)) {
        snprintf(problem, size,
                 "--tolerance takes a number or a share of all calls (3, 10%%) or of one (write=2), not '%s'", item);
        return -EINVAL;
    }
    if (!equals) {
        return 0;
    }
    tolerance->name = strndup(item, (size_t)(equals - item));
    return tolerance->name ? check_name(tolerance->name, problem, size) : -ENOMEM;
}

static int add_tolerance(struct tolerances *tolerances, const struct tolerance *tolerance) {
    struct tolerance *each = reallocarray(tolerances->each, tolerances->count + 1, sizeof(*each));
    if (!each) {
        return -ENOMEM;
    }
    tolerances->each = each;
    tolerances->each[tolerances->count++] = *tolerance;
    return 0;
}

int tolerances_add(struct tolerances *tolerances, const char *list, char *problem, size_t size) {
    auto_free char *copy = strdup(list);
    char *rest = copy;
    char *item;
    int status = copy ? 0 : -ENOMEM;
    while (status == 0 && (item = strsep(&rest, ","))) {
        struct tolerance tolerance;
        status = parse_tolerance(item, &tolerance, problem, size);
        if (status == 0) {
            status = add_tolerance(tolerances, &tolerance);
        }
        if (status < 0) {
            free(tolerance.name);
        }
    }
    return status;
}

void tolerances_finish(struct tolerances *tolerances) {
    for (size_t i = 0; i < tolerances->count; i++) {
        free(tolerances->each[i].name);
    }
    free(tolerances->each);
    *tolerances = (struct tolerances){0};
}

static const struct tolerance *find_tolerance(const struct tolerances *tolerances, const char *name) {
    const struct tolerance *found = NULL;
    for (size_t i = 0; i < tolerances->count; i++) {
        const struct tolerance *each = &tolerances->each[i];
        bool is_better = each->name ? strcmp(each->name, name) == 0 : !found || !found->name;
        found = is_better ? each : found;
    }
    return found;
}

/* ------------------------------------------------------------------- counting */

struct count {
    UT_hash_handle hh;
    uint64_t calls[SIDES];
    uint64_t returned[SIDES]; /* of them, that have a result */
    uint64_t line[SIDES];     /* of the first one */
    char name[];
};

struct counts {
    struct count *table;
    bool by_call[SIDES]; /* read from the rows of a summary */
    bool has_results[SIDES];
};

/* `returned`: how many of the calls have a result. */
static int add_calls(struct counts *counts, enum side side, const struct trace_bytes *name, uint64_t calls,
                     uint64_t returned, uint64_t line, char *problem, size_t size) {
    struct count *count = NULL;
    HASH_FIND(hh, counts->table, name->bytes, name->size, count);
    if (!count) {
        if (HASH_COUNT(counts->table) == NAMES_MAX) {
            snprintf(problem, size, "the trace has more than %d different names of calls", NAMES_MAX);
            return -EINVAL;
        }
        count = calloc(1, sizeof(*count) + name->size + 1);
        if (!count) {
            return -ENOMEM;
        }
        memcpy(count->name, name->bytes, name->size);
        HASH_ADD_KEYPTR(hh, counts->table, count->name, name->size, count);
    }
    count->calls[side] += calls;
    count->returned[side] += returned;
    counts->has_results[side] |= returned > 0;
    if (!count->line[side]) {
        count->line[side] = line;
    }
    return 0;
}

static int add_item(struct counts *counts, enum side side, const struct trace_item *item, struct trace_cost *cost,
                    bool by_call, char *problem, size_t size) {
    if (item->kind == TRACE_CALL && !by_call) {
        trace_cost_add(cost, &item->call);
        return add_calls(counts, side, &item->call.name, 1, item->call.has_result, item->line, problem, size);
    }
    if (item->kind == TRACE_COUNT && by_call) {
        cost->calls += item->count.calls;
        if (item->count.time_ns >= 0) {
            cost->has_time = true;
            cost->time_ns += (uint64_t)item->count.time_ns;
        }
        return add_calls(counts, side, &item->count.name, item->count.calls, item->count.calls, item->line, problem,
                         size);
    }
    return 0;
}

/* Read a side: its calls, or the rows of its summary. */
static int read_items(struct counts *counts, enum side side, struct trace_reader *reader, struct trace_cost *cost,
                      bool by_call, char *problem, size_t size) {
    struct trace_item item;
    int status;
    while ((status = trace_reader_next(reader, &item, problem, size)) > 0) {
        status = add_item(counts, side, &item, cost, by_call, problem, size);
        if (status < 0) {
            return status;
        }
    }
    return status;
}

static int read_side(struct counts *counts, enum side side, struct trace_reader *reader, struct comparison *comparison,
                     char *problem, size_t size) {
    struct trace_cost *cost = &comparison->cost[side];
    int status = read_items(counts, side, reader, cost, false, problem, size);
    if (status == 0 && cost->calls == 0) {
        /* -c: there are rows in place of calls. */
        status = trace_reader_rewind(reader);
        status = status < 0 ? status : read_items(counts, side, reader, cost, true, problem, size);
        counts->by_call[side] = cost->calls > 0;
    }
    return status < 0 ? status : comparison_take_end(comparison, side, reader);
}

/* ------------------------------------------------------------------ comparing */

static bool is_tolerated(const struct tolerances *tolerances, const struct count *count) {
    uint64_t golden = count->calls[SIDE_GOLDEN];
    uint64_t new = count->calls[SIDE_NEW];
    uint64_t apart = golden > new ? golden - new : new - golden;
    const struct tolerance *tolerance = find_tolerance(tolerances, count->name);
    if (!apart || !tolerance) {
        return !apart;
    }
    double allowed = tolerance->is_share ? tolerance->amount / 100 * (double)golden : tolerance->amount;
    return (double)apart <= allowed;
}

/* "12 calls, +50 %" */
static void describe_count(const struct count *count, enum side side, char *text, size_t size) {
    uint64_t calls = count->calls[side];
    int length = snprintf(text, size, "%" PRIu64 " call%s", calls, calls == 1 ? "" : "s");
    uint64_t golden = count->calls[SIDE_GOLDEN];
    if (side == SIDE_NEW && golden && calls) {
        double change = ((double)calls - (double)golden) / (double)golden * 100;
        snprintf(text + length, size - (size_t)length, " (%+.*f %%)", fabs(change) < 10 ? 1 : 0, change);
    }
}

static int add_difference(struct comparison *comparison, const struct count *count) {
    struct text subject = {0};
    char details[SIDES][96];
    struct difference difference = {.kind = DIFFERENCE_CHANGED};
    text_add_string(&subject, "calls of ");
    printable_add(&subject, count->name, strlen(count->name), false);
    difference.subject = subject.bytes;
    for (enum side side = 0; side < SIDES; side++) {
        difference.line[side] = count->line[side];
        if (count->calls[side]) {
            describe_count(count, side, details[side], sizeof(details[side]));
            difference.detail[side] = details[side];
        }
    }
    if (!count->calls[SIDE_NEW]) {
        difference.kind = DIFFERENCE_MISSING;
    } else if (!count->calls[SIDE_GOLDEN]) {
        difference.kind = DIFFERENCE_ADDED;
    }
    int status = subject.failed ? -ENOMEM : comparison_add(comparison, &difference);
    text_finish(&subject);
    return status;
}

/* Most calls of the golden trace first, then by name. */
static int in_order(const struct count *a, const struct count *b) {
    for (enum side side = 0; side < SIDES; side++) {
        if (a->calls[side] != b->calls[side]) {
            return a->calls[side] > b->calls[side] ? -1 : 1;
        }
    }
    return strcmp(a->name, b->name);
}

/* A summary does not count calls that never return, such as exit_group: where one side has nothing but a summary, they
 * do not count on the other either. */
static void leave_out_what_never_returned(struct counts *counts) {
    if (counts->by_call[SIDE_GOLDEN] == counts->by_call[SIDE_NEW]) {
        return;
    }
    enum side side = counts->by_call[SIDE_GOLDEN] ? SIDE_NEW : SIDE_GOLDEN;
    /* Without any result (notify-only) it is not known which of them returned. */
    for (struct count *count = counts->table; count && counts->has_results[side]; count = count->hh.next) {
        count->calls[side] = count->returned[side];
    }
}

int compare_counts(struct comparison *comparison, struct trace_reader *const readers[SIDES],
                   const struct tolerances *tolerances, char *problem, size_t size) {
    struct counts counts = {0};
    int status = 0;
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        status = read_side(&counts, side, readers[side], comparison, problem, size);
    }
    leave_out_what_never_returned(&counts);
    HASH_SORT(counts.table, in_order);
    struct count *count;
    struct count *next;
    HASH_ITER(hh, counts.table, count, next) {
        bool is_made = count->calls[SIDE_GOLDEN] || count->calls[SIDE_NEW];
        bool tolerated = is_tolerated(tolerances, count);
        comparison->matched += is_made && tolerated;
        comparison->divergent += !tolerated;
        if (!tolerated && status == 0) {
            status = add_difference(comparison, count);
        }
        HASH_DEL(counts.table, count);
        free(count);
    }
    return status;
}
