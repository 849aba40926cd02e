/* SPDX-License-Identifier: MIT */
#include "anchors.h"

#include "cleanup.h"

#include <stdbool.h>

enum {
    WINDOW = 4,           /* elements that are taken together: calls repeat, runs of them less so */
    TABLE_SIZE = 1 << 17, /* a power of two */
    SAMPLES = TABLE_SIZE / 4,
    TABLE_MOST = TABLE_SIZE / 4 * 3,
    ABSENT = -1,
    REPEATED = -2,
};

/* Where a window begins in each sequence. */
struct place {
    uint64_t key; /* 0: the slot is free */
    int32_t a;
    int32_t b;
};

struct table {
    struct place *slots;
    size_t count;
    uint64_t sample; /* windows whose key has one of these bits are not looked at: the same ones on both sides */
};

static uint64_t key_at(const struct sequence *sequence, int32_t index) {
    uint64_t key = 1;
    for (int32_t i = 0; i < WINDOW; i++) {
        key = (key ^ sequence_at(sequence, index + i)) * UINT64_C(0x9e3779b97f4a7c15);
        key ^= key >> 32;
    }
    return key ? key : 1;
}

/* The slot of this key, or the free one where it belongs. */
static struct place *slot_of(const struct table *table, uint64_t key) {
    size_t index = key >> 40 & (TABLE_SIZE - 1);
    while (table->slots[index].key && table->slots[index].key != key) {
        index = (index + 1) & (TABLE_SIZE - 1);
    }
    return &table->slots[index];
}

static bool is_sampled(const struct table *table, uint64_t key) {
    return (key & table->sample) == 0;
}

static void enter(struct table *table, const struct sequence *a, const struct sequence *b, const struct box *box) {
    for (int32_t i = box->a_start; i <= box->a_end - WINDOW && table->count < TABLE_MOST; i++) {
        uint64_t key = key_at(a, i);
        if (is_sampled(table, key)) {
            struct place *place = slot_of(table, key);
            table->count += place->key == 0;
            *place = (struct place){.key = key, .a = place->key ? REPEATED : i, .b = ABSENT};
        }
    }
    for (int32_t i = box->b_start; i <= box->b_end - WINDOW; i++) {
        uint64_t key = key_at(b, i);
        struct place *place = is_sampled(table, key) ? slot_of(table, key) : NULL;
        if (place && place->key) {
            place->b = place->b == ABSENT ? i : REPEATED;
        }
    }
}

/* Those that each side has once, in the order of `a`. */
static int32_t collect(const struct table *table, const struct sequence *a, const struct box *box,
                       struct anchor *anchors) {
    int32_t count = 0;
    for (int32_t i = box->a_start; i <= box->a_end - WINDOW; i++) {
        uint64_t key = key_at(a, i);
        if (is_sampled(table, key)) {
            const struct place *place = slot_of(table, key);
            if (place->key && place->a == i && place->b >= 0) {
                anchors[count++] = (struct anchor){place->a, place->b};
            }
        }
    }
    return count;
}

/* Keep the longest part of them that ascends in `b` as well. `ends[n]` is the anchor with which the best part of n + 1
 * ends, `before[i]` the one in front of anchor i. */
static int32_t ascending(struct anchor *anchors, int32_t count, int32_t *ends, int32_t *before) {
    int32_t longest = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t low = 0;
        int32_t high = longest;
        while (low < high) {
            int32_t middle = (low + high) / 2;
            if (anchors[ends[middle]].b < anchors[i].b) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        before[i] = low ? ends[low - 1] : ABSENT;
        ends[low] = i;
        longest = low == longest ? longest + 1 : longest;
    }
    /* From the last one back: each is written where none is needed any more, for it is not behind its own place. */
    int32_t place = longest ? ends[longest - 1] : ABSENT;
    for (int32_t i = longest - 1; i >= 0; i--) {
        ends[i] = place;
        place = before[place];
    }
    for (int32_t i = 0; i < longest; i++) {
        anchors[i] = anchors[ends[i]];
    }
    return longest;
}

int32_t anchors_find(struct anchor **result, const struct sequence *a, const struct sequence *b,
                     const struct box *box) {
    struct table table = {.slots = calloc(TABLE_SIZE, sizeof(*table.slots))};
    auto_free struct place *slots = table.slots;
    auto_free int32_t *numbers = malloc((size_t)2 * TABLE_SIZE * sizeof(*numbers));
    struct anchor *anchors = malloc(TABLE_SIZE * sizeof(*anchors));
    if (!slots || !numbers || !anchors) {
        free(anchors);
        return -ENOMEM;
    }
    int64_t size = (int64_t)box->a_end - box->a_start;
    while (size / (int64_t)(table.sample + 1) > SAMPLES) {
        table.sample = 2 * table.sample + 1;
    }
    enter(&table, a, b, box);
    int32_t count = collect(&table, a, box, anchors);
    *result = anchors;
    return ascending(anchors, count, numbers, numbers + TABLE_SIZE);
}
