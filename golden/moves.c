/* SPDX-License-Identifier: MIT */
#include "moves.h"

#include "cleanup.h"
#include "myers.h"

#include <stdbool.h>

enum {
    PLACES_MAX = 1 << 16, /* inserted elements that are looked at */
    SOURCES_MAX = 1 << 18,
    BUCKETS = 1 << 16,
    TRIES_MAX = 16, /* places of one element that are tried */
    MOVES_FIRST = 16,
};

static const uint32_t none = UINT32_MAX; /* no insertion */

/* An inserted element. */
struct insertion {
    uint32_t index;
    uint32_t next; /* of the same bucket */
    bool used;
};

struct search {
    const struct alignment *alignment;
    struct insertion *insertions;
    uint32_t insertion_count;
    uint32_t *buckets;
    struct move *moves;
    size_t count;
    size_t capacity;
};

static uint32_t bucket_of(uint64_t element) {
    return element >> 20 & (BUCKETS - 1);
}

static bool is_edited(const struct alignment *alignment, unsigned side, size_t index) {
    return index < alignment->length[side] && myers_has(alignment->edited[side], index);
}

/* Whether an edited element stands alone. */
static bool is_single(const struct alignment *alignment, unsigned side, size_t index) {
    return !(index && is_edited(alignment, side, index - 1)) && !is_edited(alignment, side, index + 1);
}

static int find_insertions(struct search *search) {
    const struct alignment *alignment = search->alignment;
    search->insertions = malloc(PLACES_MAX * sizeof(*search->insertions));
    search->buckets = malloc(BUCKETS * sizeof(*search->buckets));
    if (!search->insertions || !search->buckets) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < alignment->length[1] && search->insertion_count < PLACES_MAX; i++) {
        if (is_edited(alignment, 1, i)) {
            search->insertions[search->insertion_count++] = (struct insertion){.index = (uint32_t)i};
        }
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        search->buckets[i] = none;
    }
    /* From the last to the first, so that the first is found first. */
    for (uint32_t i = search->insertion_count; i-- > 0;) {
        uint32_t *bucket = &search->buckets[bucket_of(alignment->elements[1][search->insertions[i].index])];
        search->insertions[i].next = *bucket;
        *bucket = i;
    }
    return 0;
}

/* How much of what is deleted from `from` on is what was inserted there. */
static uint32_t common_length(const struct search *search, size_t from, uint32_t place) {
    const struct alignment *alignment = search->alignment;
    uint32_t start = search->insertions[place].index;
    uint32_t length = 0;
    while (is_edited(alignment, 0, from + length) && place + length < search->insertion_count &&
           !search->insertions[place + length].used && search->insertions[place + length].index == start + length &&
           alignment->elements[0][from + length] == alignment->elements[1][start + length]) {
        length++;
    }
    return length;
}

static int add_move(struct search *search, struct move move) {
    if (search->count == search->capacity) {
        size_t capacity = search->capacity ? 2 * search->capacity : MOVES_FIRST;
        struct move *moves = realloc(search->moves, capacity * sizeof(*moves));
        if (!moves) {
            return -ENOMEM;
        }
        search->moves = moves;
        search->capacity = capacity;
    }
    search->moves[search->count++] = move;
    return 0;
}

/* The longest move that begins here; its length is 0 if there is none. Its insertions are used up. */
static struct move longest_from(struct search *search, size_t from) {
    struct move best = {.from = (uint32_t)from};
    uint32_t best_place = none;
    uint32_t place = search->buckets[bucket_of(search->alignment->elements[0][from])];
    for (unsigned i = 0; i < TRIES_MAX && place != none; i++, place = search->insertions[place].next) {
        uint32_t length = common_length(search, from, place);
        if (length > best.length) {
            best.length = length;
            best.to = search->insertions[place].index;
            best_place = place;
        }
    }
    if (best.length == 1 && !(is_single(search->alignment, 0, from) && is_single(search->alignment, 1, best.to))) {
        best.length = 0;
    }
    for (uint32_t i = 0; i < best.length; i++) {
        search->insertions[best_place + i].used = true;
    }
    return best;
}

static int find(struct search *search) {
    int status = find_insertions(search);
    size_t looked_at = 0;
    size_t index = 0;
    while (status == 0 && index < search->alignment->length[0] && looked_at < SOURCES_MAX) {
        if (!is_edited(search->alignment, 0, index)) {
            index++;
            continue;
        }
        struct move move = longest_from(search, index);
        if (move.length) {
            status = add_move(search, move);
        }
        size_t step = move.length ? move.length : 1;
        index += step;
        looked_at += step;
    }
    return status;
}

int moves_find(struct move **result, size_t *count, const struct alignment *alignment) {
    struct search search = {.alignment = alignment};
    int status = find(&search);
    free(search.insertions);
    free(search.buckets);
    if (status < 0) {
        free(search.moves);
        return status;
    }
    *result = search.moves;
    *count = search.count;
    return 0;
}
