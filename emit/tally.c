/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Out of memory must not end the supervisor: uthash then leaves the table as it was. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum {
    NUMBERS = 512,       /* numbers below have a place of their own */
    STRANGERS_MAX = 256, /* other numbers that are told apart; a program may invent them without end */
};

struct entry {
    struct tally_row row;
    UT_hash_handle hh;
};

struct tally {
    struct entry *by_name;
    unsigned strangers;
    struct entry *by_number[ARCH_COUNT][NUMBERS]; /* into by_name, as soon as the call was made */
};

struct tally *tally_create(void) {
    return calloc(1, sizeof(struct tally));
}

void tally_destroy(struct tally *tally) {
    if (!tally) {
        return;
    }
    struct entry *entry;
    struct entry *next;
    HASH_ITER(hh, tally->by_name, entry, next) {
        HASH_DEL(tally->by_name, entry);
        free(entry);
    }
    free(tally);
}

static struct entry *entry_named(struct tally *tally, const char *name) {
    struct entry *entry = NULL;
    HASH_FIND_STR(tally->by_name, name, entry);
    if (entry) {
        return entry;
    }
    entry = calloc(1, sizeof(*entry));
    if (!entry) {
        return NULL;
    }
    strncpy(entry->row.name, name, sizeof(entry->row.name) - 1);
    HASH_ADD_STR(tally->by_name, row.name, entry);
    if (!entry->hh.tbl) {
        free(entry);
        return NULL;
    }
    return entry;
}

/* Where this call is counted; NULL without memory. */
static struct entry *entry_of(struct tally *tally, const struct record *record) {
    int number = record->call.number;
    bool has_place = number >= 0 && number < NUMBERS;
    struct entry **place = has_place ? &tally->by_number[record->arch][number] : NULL;
    if (place && *place) {
        return *place;
    }
    char unknown[CALL_NAME_MAX];
    const char *name = call_name(record, unknown);
    if (!has_place) {
        struct entry *known = NULL;
        HASH_FIND_STR(tally->by_name, name, known);
        if (!known && tally->strangers++ >= STRANGERS_MAX) {
            name = "syscall_other";
        }
    }
    struct entry *entry = entry_named(tally, name);
    if (place) {
        *place = entry;
    }
    return entry;
}

void tally_add(struct tally *tally, const struct record *record) {
    const struct call_record *call = &record->call;
    struct entry *entry = call->flags & CALL_UNRETURNED ? NULL : entry_of(tally, record);
    if (!entry) {
        return;
    }
    entry->row.calls++;
    entry->row.errors += call_failed(call);
    if (call->flags & CALL_HAS_DURATION) {
        entry->row.time_ns += call->duration_ns;
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
    unsigned count = HASH_COUNT(tally->by_name);
    *rows = calloc(count + 1, sizeof(**rows));
    if (!*rows) {
        return -ENOMEM;
    }
    struct tally_row *next = *rows;
    for (const struct entry *entry = tally->by_name; entry; entry = entry->hh.next) {
        *next++ = entry->row;
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
