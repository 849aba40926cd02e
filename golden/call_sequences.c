/* SPDX-License-Identifier: MIT */
#include "call_sequences.h"

#include "cleanup.h"
#include "myers.h"
#include "normaliser.h"
#include "printable.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

enum {
    FIRST_CAPACITY = 8,
    SHOWN_MAX = 400, /* bytes of a call */
};

struct task_calls {
    int64_t number;
    size_t rank; /* in the order of the numbers */
    struct call_sequence sequences[SEQUENCES];
    /* While texts are fetched. */
    uint32_t passed[SEQUENCES]; /* elements */
    size_t next[SEQUENCES];     /* the wanted one that comes next */
    size_t end[SEQUENCES];      /* behind the last */
    UT_hash_handle hh;
};

/* What reads through a trace, and what it does with each text. */
struct pass {
    struct call_sequences *sequences;
    struct trace_reader *reader;
    struct normaliser *normaliser;
    struct text text;
    struct trace_cost *cost;    /* NULL: of the second pass */
    struct wanted_call *wanted; /* of the second pass */
    size_t missing;             /* that were not yet met */
    char *problem;
    size_t problem_size;
};

/* ----------------------------------------------------------------------- hash */

static uint64_t folded_product(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Equal texts have equal numbers; different ones have, but for one in 2^64. */
static uint64_t hash_text(const char *bytes, size_t size) {
    uint64_t hash = folded_product(size + 1, UINT64_C(0x9e3779b97f4a7c15));
    while (size) {
        uint64_t words[2] = {0, 0};
        size_t taken = size < sizeof(words) ? size : sizeof(words);
        memcpy(words, bytes, taken);
        hash = folded_product(words[0] ^ hash ^ UINT64_C(0xa0761d6478bd642f), words[1] ^ UINT64_C(0xe7037ed1a0b428db)) +
               (hash << 23 | hash >> 41);
        bytes += taken;
        size -= taken;
    }
    return folded_product(hash ^ UINT64_C(0x8ebc6af09c88c6e3), UINT64_C(0x589965cc75374cc3));
}

/* ---------------------------------------------------------------------- tasks */

static struct task_calls *task_of(struct call_sequences *sequences, int64_t number) {
    struct task_calls *task;
    HASH_FIND(hh, sequences->known, &number, sizeof(number), task);
    if (!task) {
        task = calloc(1, sizeof(*task));
        if (!task) {
            return NULL;
        }
        task->number = number;
        HASH_ADD(hh, sequences->known, number, sizeof(task->number), task);
        sequences->task_count++;
    }
    return task;
}

static int push(struct call_sequence *sequence, uint64_t hash) {
    if (sequence->count == sequence->capacity) {
        if (sequence->count > MYERS_LENGTH_MAX) {
            return -E2BIG;
        }
        size_t capacity = sequence->capacity ? 2 * sequence->capacity : FIRST_CAPACITY;
        uint64_t *hashes = realloc(sequence->hashes, capacity * sizeof(*hashes));
        if (!hashes) {
            return -ENOMEM;
        }
        sequence->hashes = hashes;
        sequence->capacity = capacity;
    }
    sequence->hashes[sequence->count++] = hash;
    return 0;
}

static int by_number(const void *a, const void *b) {
    int64_t first = (*(struct task_calls *const *)a)->number;
    int64_t second = (*(struct task_calls *const *)b)->number;
    return (first > second) - (first < second);
}

static int order_tasks(struct call_sequences *sequences) {
    sequences->tasks = malloc((sequences->task_count + 1) * sizeof(struct task_calls *));
    if (!sequences->tasks) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (struct task_calls *task = sequences->known; task; task = task->hh.next) {
        sequences->tasks[count++] = task;
    }
    qsort((void *)sequences->tasks, count, sizeof(struct task_calls *), by_number);
    for (size_t i = 0; i < count; i++) {
        sequences->tasks[i]->rank = i;
    }
    return 0;
}

const struct call_sequence *call_sequences_of(const struct call_sequences *sequences, size_t task,
                                              enum sequence_kind kind) {
    static const struct call_sequence none;
    return task < sequences->task_count ? &sequences->tasks[task]->sequences[kind] : &none;
}

void call_sequences_finish(struct call_sequences *sequences) {
    struct task_calls *task;
    struct task_calls *next;
    HASH_ITER(hh, sequences->known, task, next) {
        HASH_DEL(sequences->known, task);
        for (unsigned kind = 0; kind < SEQUENCES; kind++) {
            free(task->sequences[kind].hashes);
        }
        free(task);
    }
    free((void *)sequences->tasks);
    *sequences = (struct call_sequences){0};
}

/* ---------------------------------------------------------------------- passes */

/* Text that is too long says how much is left out, and a number that differs if that does. */
static char *shown_text(const struct text *text) {
    size_t kept = printable_cut(text->bytes, text->length, SHOWN_MAX);
    if (kept == text->length) {
        return strdup(text->bytes);
    }
    struct text shown = {0};
    text_add(&shown, text->bytes, kept);
    text_add_string(&shown, "... ");
    text_add_unsigned(&shown, text->length - kept);
    text_add_string(&shown, " more bytes, checksum ");
    text_add_hex(&shown, hash_text(text->bytes + kept, text->length - kept) >> 32);
    if (shown.failed) {
        text_finish(&shown);
        return NULL;
    }
    return shown.bytes;
}

/* The text of an element, in the first pass or in the second. */
static int take(struct pass *pass, int64_t number, enum sequence_kind kind, uint64_t line) {
    struct task_calls *task = task_of(pass->sequences, number);
    if (!task) {
        return -ENOMEM;
    }
    if (!pass->wanted) {
        return push(&task->sequences[kind], hash_text(pass->text.bytes, pass->text.length));
    }
    uint32_t index = task->passed[kind]++;
    size_t next = task->next[kind];
    if (next < task->end[kind] && pass->wanted[next].index == index) {
        struct wanted_call *wanted = &pass->wanted[next];
        wanted->line = line;
        wanted->text = shown_text(&pass->text);
        task->next[kind]++;
        pass->missing--;
        return wanted->text ? 0 : -ENOMEM;
    }
    return 0;
}

static void keep_end(struct call_sequences *sequences, const struct trace_closing *closing) {
    sequences->has_counts = closing->has_counts;
    sequences->has_end = closing->exit_code >= 0;
    sequences->exit_code = closing->exit_code;
    snprintf(sequences->signal, sizeof(sequences->signal), "%s", closing->signal.bytes ? closing->signal.bytes : "");
}

static int take_item(struct pass *pass, const struct trace_item *item) {
    int64_t task;
    int status;
    switch (item->kind) {
    case TRACE_HEAD:
        normaliser_head(pass->normaliser, &item->head);
        pass->sequences->is_golden = item->head.is_golden;
        return 0;
    case TRACE_CALL:
        if (pass->cost) {
            trace_cost_add(pass->cost, &item->call);
        }
        status = normaliser_call(pass->normaliser, &item->call, &pass->text, &task);
        return status < 0 ? status : take(pass, task, SEQUENCE_CALLS, item->line);
    case TRACE_EVENT:
        pass->sequences->has_events = true;
        status = normaliser_event(pass->normaliser, &item->event, &pass->text, &task);
        return status < 0 ? status : take(pass, task, SEQUENCE_EVENTS, item->line);
    case TRACE_COUNT:
        pass->sequences->has_counts = true;
        return 0;
    case TRACE_CLOSING:
        keep_end(pass->sequences, &item->closing);
        return 0;
    }
    return 0;
}

static int run(struct pass *pass) {
    struct trace_item item;
    int status = trace_reader_rewind(pass->reader);
    if (status == 0) {
        status = normaliser_create(&pass->normaliser);
    }
    while (status == 0 && !(pass->wanted && pass->missing == 0)) {
        int got = trace_reader_next(pass->reader, &item, pass->problem, pass->problem_size);
        if (got <= 0) {
            status = got;
            break;
        }
        status = take_item(pass, &item);
    }
    normaliser_destroy(pass->normaliser);
    text_finish(&pass->text);
    return status;
}

int call_sequences_read(struct call_sequences *sequences, struct trace_reader *reader, struct trace_cost *cost,
                        char *problem, size_t size) {
    struct pass pass = {
        .sequences = sequences, .reader = reader, .cost = cost, .problem = problem, .problem_size = size};
    int status = run(&pass);
    return status < 0 ? status : order_tasks(sequences);
}

int call_sequences_order(const void *a, const void *b) {
    const struct wanted_call *first = a;
    const struct wanted_call *second = b;
    if (first->task != second->task) {
        return first->task < second->task ? -1 : 1;
    }
    if (first->kind != second->kind) {
        return first->kind < second->kind ? -1 : 1;
    }
    return (first->index > second->index) - (first->index < second->index);
}

int call_sequences_fetch(struct call_sequences *sequences, struct trace_reader *reader, struct wanted_call *wanted,
                         size_t count, char *problem, size_t size) {
    if (count == 0) {
        return 0;
    }
    for (size_t i = 0; i < sequences->task_count; i++) {
        struct task_calls *task = sequences->tasks[i];
        memset(task->passed, 0, sizeof(task->passed));
        memset(task->next, 0, sizeof(task->next));
        memset(task->end, 0, sizeof(task->end));
    }
    for (size_t i = count; i-- > 0;) {
        struct task_calls *task = sequences->tasks[wanted[i].task];
        task->next[wanted[i].kind] = i;
        task->end[wanted[i].kind] = task->end[wanted[i].kind] ? task->end[wanted[i].kind] : i + 1;
    }
    struct pass pass = {.sequences = sequences,
                        .reader = reader,
                        .wanted = wanted,
                        .missing = count,
                        .problem = problem,
                        .problem_size = size};
    return run(&pass);
}
