/* SPDX-License-Identifier: MIT */
#include "place_tally.h"

#include "hash64.h"
#include "name_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Its place is told by numbers of names. */
struct counted {
    enum place_kind kind;
    uint32_t file;
    uint32_t line;
    uint32_t function;
    uint32_t module;
    uint64_t calls;
    uint64_t errors;
    uint64_t time_ns;
};

/* Rows that are always there. */
enum {
    ROW_NOT_KNOWN,
    ROW_OTHERS,
    ROW_LOST,
    ROWS_FIXED,
};

struct place_tally {
    struct name_table names;
    struct number_index index; /* of rows, by place */
    struct counted *rows;
    size_t count;
    size_t room;
    size_t most;
};

int place_tally_create(struct place_tally **result, size_t most) {
    *result = NULL;
    struct place_tally *tally = calloc(1, sizeof(*tally));
    if (!tally) {
        return -ENOMEM;
    }
    tally->room = 64;
    tally->most = most;
    tally->rows = calloc(tally->room, sizeof(*tally->rows));
    if (!tally->rows) {
        place_tally_destroy(tally);
        return -ENOMEM;
    }
    tally->count = ROWS_FIXED;
    tally->rows[ROW_NOT_KNOWN].kind = PLACE_NOT_KNOWN;
    tally->rows[ROW_OTHERS].kind = PLACE_OTHERS;
    tally->rows[ROW_LOST].kind = PLACE_LOST;
    *result = tally;
    return 0;
}

void place_tally_destroy(struct place_tally *tally) {
    if (!tally) {
        return;
    }
    name_table_finish(&tally->names);
    number_index_finish(&tally->index);
    free(tally->rows);
    free(tally);
}

static bool is_same(const struct counted *a, const struct counted *b) {
    return a->file == b->file && a->line == b->line && a->function == b->function && a->module == b->module;
}

/* The place by numbers. A line is the same whichever module it was built into. 0 or -ENOMEM. */
static int name_place(struct place_tally *tally, const struct frame *place, struct counted *row) {
    bool in_source = place->file != NULL;
    *row =
        (struct counted){.kind = in_source ? PLACE_IN_SOURCE : PLACE_IN_FUNCTION, .line = in_source ? place->line : 0};
    int status = name_table_add(&tally->names, place->file, &row->file);
    if (status == 0) {
        status = name_table_add(&tally->names, place->function, &row->function);
    }
    if (status == 0) {
        status = name_table_add(&tally->names, in_source ? NULL : place->module, &row->module);
    }
    return status;
}

static int add_row(struct place_tally *tally, const struct counted *row, uint64_t hash) {
    if (tally->count - ROWS_FIXED >= tally->most) {
        return -ENOMEM;
    }
    if (tally->count == tally->room) {
        struct counted *rows = realloc(tally->rows, 2 * tally->room * sizeof(*rows));
        if (!rows) {
            return -ENOMEM;
        }
        tally->rows = rows;
        tally->room *= 2;
    }
    if (number_index_add(&tally->index, hash, (uint32_t)tally->count) < 0) {
        return -ENOMEM;
    }
    tally->rows[tally->count++] = *row;
    return 0;
}

static struct counted *row_of(struct place_tally *tally, const struct frame *place) {
    if (!place) {
        return &tally->rows[ROW_NOT_KNOWN];
    }
    struct counted row;
    if (name_place(tally, place, &row) < 0) {
        return &tally->rows[ROW_OTHERS];
    }
    uint64_t hash =
        hash64_mix(hash64_mix(0, (uint64_t)row.file << 32 | row.line), (uint64_t)row.function << 32 | row.module);
    uint32_t number;
    for (size_t at = number_index_first(&tally->index, hash); number_index_at(&tally->index, &at, hash, &number);) {
        if (is_same(&tally->rows[number], &row)) {
            return &tally->rows[number];
        }
    }
    bool added = add_row(tally, &row, hash) == 0;
    return &tally->rows[added ? tally->count - 1 : ROW_OTHERS];
}

void place_tally_add(struct place_tally *tally, const struct frame *place, const struct record *record) {
    const struct call_record *call = &record->call;
    if (call->flags & CALL_UNRETURNED) {
        return;
    }
    struct counted *row = row_of(tally, place);
    row->calls++;
    row->errors += call_failed(call);
    if (call->flags & CALL_HAS_DURATION) {
        row->time_ns += call->duration_ns;
    }
}

void place_tally_complete(struct place_tally *tally, const struct tally_row *total) {
    struct counted *lost = &tally->rows[ROW_LOST];
    lost->calls = total->calls;
    lost->errors = total->errors;
    lost->time_ns = total->time_ns;
    for (size_t i = 0; i < tally->count; i++) {
        if (i != ROW_LOST) {
            lost->calls -= tally->rows[i].calls;
            lost->errors -= tally->rows[i].errors;
            lost->time_ns -= tally->rows[i].time_ns;
        }
    }
}

uint64_t place_tally_overflow(const struct place_tally *tally) {
    return tally->rows[ROW_OTHERS].calls;
}

/* ----------------------------------------------------------------------- order */

static int compare_places(const void *a, const void *b) {
    const struct place_row *left = a;
    const struct place_row *right = b;
    if (left->kind != right->kind) {
        return left->kind < right->kind ? -1 : 1;
    }
    int order = name_compare(left->file, right->file);
    if (order == 0 && left->line != right->line) {
        order = left->line < right->line ? -1 : 1;
    }
    if (order == 0) {
        order = name_compare(left->function, right->function);
    }
    return order ? order : name_compare(left->module, right->module);
}

/* Most first. */
static int compare(uint64_t a, uint64_t b, const struct place_row *left, const struct place_row *right) {
    return a != b ? (a < b ? 1 : -1) : compare_places(left, right);
}

static int compare_calls(const void *a, const void *b) {
    const struct place_row *left = a;
    const struct place_row *right = b;
    return compare(left->calls, right->calls, left, right);
}

static int compare_time(const void *a, const void *b) {
    const struct place_row *left = a;
    const struct place_row *right = b;
    return compare(left->time_ns, right->time_ns, left, right);
}

static int compare_errors(const void *a, const void *b) {
    const struct place_row *left = a;
    const struct place_row *right = b;
    return compare(left->errors, right->errors, left, right);
}

int place_tally_rows(const struct place_tally *tally, enum tally_order order, struct place_row **rows) {
    static int (*const comparisons[])(const void *, const void *) = {
        [TALLY_BY_CALLS] = compare_calls,
        [TALLY_BY_TIME] = compare_time,
        [TALLY_BY_ERRORS] = compare_errors,
        [TALLY_BY_NAME] = compare_places,
    };
    *rows = calloc(tally->count, sizeof(**rows));
    if (!*rows) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < tally->count; i++) {
        const struct counted *row = &tally->rows[i];
        if (!row->calls) {
            continue;
        }
        bool fixed = i < ROWS_FIXED;
        (*rows)[count++] = (struct place_row){.kind = row->kind,
                                              .file = fixed ? NULL : name_table_get(&tally->names, row->file),
                                              .function = fixed ? NULL : name_table_get(&tally->names, row->function),
                                              .module = fixed ? NULL : name_table_get(&tally->names, row->module),
                                              .line = row->line,
                                              .calls = row->calls,
                                              .errors = row->errors,
                                              .time_ns = row->time_ns};
    }
    qsort(*rows, count, sizeof(**rows), comparisons[order]);
    return (int)count;
}
