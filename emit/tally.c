/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The row of this name; a new one if there is none. */
static struct tally_row *row_named(struct tally *tally, const char *name) {
    for (unsigned i = 0; i < tally->count; i++) {
        if (strcmp(tally->rows[i].name, name) == 0) {
            return &tally->rows[i];
        }
    }
    struct tally_row *row = &tally->rows[tally->count];
    strncpy(row->name, name, sizeof(row->name) - 1);
    tally->count++;
    return row;
}

/* Where the number of this call remembers its row: an index of by_number; -1: it has no such place. */
static int place_of(const struct record *record) {
    bool is_x32 = syscall_is_x32(record->arch, record->call.number);
    int number = is_x32 ? record->call.number & ~X32_BIT : record->call.number;
    int table = is_x32 ? ARCH_COUNT : record->arch;
    return number >= 0 && number < TALLY_NUMBERS ? table * TALLY_NUMBERS + number : -1;
}

/* The row of a call whose number remembers none. */
static struct tally_row *row_of_stranger(struct tally *tally, const char *name) {
    bool known = false;
    for (unsigned i = 0; i < tally->count && !known; i++) {
        known = strcmp(tally->rows[i].name, name) == 0;
    }
    bool too_many = !known && tally->strangers++ >= TALLY_STRANGERS_MAX;
    return row_named(tally, too_many ? "syscall_other" : name);
}

static struct tally_row *row_of(struct tally *tally, const struct record *record) {
    int place = place_of(record);
    if (place >= 0 && tally->by_number[place]) {
        return &tally->rows[tally->by_number[place] - 1];
    }
    char unknown[CALL_NAME_MAX];
    const char *name = call_name(record, unknown);
    if (place < 0) {
        return row_of_stranger(tally, name);
    }
    struct tally_row *row = row_named(tally, name);
    tally->by_number[place] = (uint16_t)(row - tally->rows + 1);
    return row;
}

struct tally_change tally_count(struct tally *tally, const struct record *record) {
    const struct call_record *call = &record->call;
    if (call->flags & CALL_UNRETURNED) {
        return (struct tally_change){0};
    }
    const struct tally_row *row = row_of(tally, record);
    return (struct tally_change){.row = (unsigned)(row - tally->rows) + 1,
                                 .calls = row->calls + 1,
                                 .errors = row->errors + call_failed(call),
                                 .time_ns = row->time_ns + (call->flags & CALL_HAS_DURATION ? call->duration_ns : 0)};
}

void tally_apply(struct tally *tally, const struct tally_change *change) {
    if (change->row) {
        struct tally_row *row = &tally->rows[change->row - 1];
        row->calls = change->calls;
        row->errors = change->errors;
        row->time_ns = change->time_ns;
    }
}

/* Most first, then by name: the same order in every run that counts the same. */
static int compare(uint64_t a, uint64_t b, const struct tally_row *left, const struct tally_row *right) {
    return a != b ? (a < b ? 1 : -1) : strcmp(left->name, right->name);
}

static int compare_calls(const void *a, const void *b) {
    const struct tally_row *left = a;
    const struct tally_row *right = b;
    return compare(left->calls, right->calls, left, right);
}

static int compare_time(const void *a, const void *b) {
    const struct tally_row *left = a;
    const struct tally_row *right = b;
    return compare(left->time_ns, right->time_ns, left, right);
}

static int compare_errors(const void *a, const void *b) {
    const struct tally_row *left = a;
    const struct tally_row *right = b;
    return compare(left->errors, right->errors, left, right);
}

static int compare_names(const void *a, const void *b) {
    return compare(0, 0, a, b);
}

int tally_rows(const struct tally *tally, enum tally_order order, struct tally_row **rows) {
    static int (*const comparisons[])(const void *, const void *) = {
        [TALLY_BY_CALLS] = compare_calls,
        [TALLY_BY_TIME] = compare_time,
        [TALLY_BY_ERRORS] = compare_errors,
        [TALLY_BY_NAME] = compare_names,
    };
    *rows = calloc(tally->count + 1, sizeof(**rows));
    if (!*rows) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (unsigned i = 0; i < tally->count; i++) {
        /* One without calls was made for a call that did not come to be counted. */
        if (tally->rows[i].calls) {
            (*rows)[count++] = tally->rows[i];
        }
    }
    qsort(*rows, count, sizeof(**rows), comparisons[order]);
    return (int)count;
}

struct tally_row tally_total(const struct tally_row *rows, size_t count) {
    struct tally_row total = {.name = "total"};
    for (size_t i = 0; i < count; i++) {
        total.calls += rows[i].calls;
        total.errors += rows[i].errors;
        total.time_ns += rows[i].time_ns;
    }
    return total;
}
