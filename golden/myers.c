/* SPDX-License-Identifier: MIT
 *
 * E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986. A box
 * is a part of both sequences. A search from both its corners finds a point on
 * a shortest path, where the box is divided, until nothing is left to divide. A search that takes too long
 * is broken off, and
 * the box divided at what surely belongs together (include/anchors.h) or, if there
 * is nothing such, at the point that the search has got furthest to.
 */
#include "myers.h"

#include "anchors.h"
#include "cleanup.h"

#include <string.h>

enum {
    NOWHERE = -2,        /* a diagonal that no path has reached: one step further is not a place either */
    EDITS_MAX = 1 << 15, /* of a search from one corner */
    WORK_MIN = 1 << 14,  /* of a search, whatever is left of the budget */
    WORK_SHARE = 8,      /* the part of the budget that one search may take */
    BUDGET_FIXED = 1 << 27,
    BUDGET_EACH = 128,
    FILTER_BITS_EACH = 16,
    ANCHORED_MAX = 3, /* times that a part is divided at anchors: each looks at all of it */
};

/* A side: the elements that occur on both sides; all others are out before anything is searched. */
struct side_view {
    struct sequence sequence;
    uint64_t *edited; /* bits of the whole sequence */
};

/* Paths that begin in one corner: how far those with so many edits have got in `a` on each diagonal. */
struct front {
    int32_t *memory;
    int32_t *reached; /* of diagonal 0; there is one more than `edits_max` on both sides of it */
};

struct search {
    struct side_view a;
    struct side_view b;
    struct front forward;
    struct front backward; /* the same, seen from the end: everything is counted from there */
    int32_t edits_max;
    uint64_t *budget;
    uint64_t work; /* of this search */
    uint64_t limit;
};

struct point {
    int32_t x;
    int32_t y;
};

uint64_t myers_budget(uint64_t length) {
    return BUDGET_FIXED + BUDGET_EACH * length;
}

static void edit(const struct side_view *view, int32_t index) {
    uint32_t place = view->sequence.places ? view->sequence.places[index] : (uint32_t)index;
    view->edited[place / 64] |= UINT64_C(1) << place % 64;
}

static inline bool same(const struct search *search, int32_t a, int32_t b) {
    return sequence_at(&search->a.sequence, a) == sequence_at(&search->b.sequence, b);
}

static int32_t lesser(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* The first diagonal of this round that lies in a box which is `size` wide on that side. Diagonals of a round
 * are all odd or all even. */
static int32_t outermost(int32_t edits, int32_t size) {
    return edits <= size ? edits : size - ((edits - size) & 1);
}

/* How far a path gets on a diagonal with one edit more than its neighbours, before it follows equal elements; NOWHERE
 * if none of them gets into the box. */
static int32_t step(const struct front *front, int32_t diagonal, int32_t width, int32_t height) {
    int32_t down = front->reached[diagonal + 1];
    int32_t right = front->reached[diagonal - 1] + 1;
    if (down - diagonal > height) {
        down = NOWHERE;
    }
    if (right > width) {
        right = NOWHERE;
    }
    int32_t best = down > right ? down : right;
    return best < 0 ? NOWHERE : best;
}

/* Follow equal elements from a place in the box, forwards or from its end backwards. */
static int32_t follow(struct search *search, const struct box *box, bool backward, int32_t x, int32_t y) {
    int32_t width = box->a_end - box->a_start;
    int32_t height = box->b_end - box->b_start;
    int32_t most = lesser(width - x, height - y);
    int32_t count = 0;
    if (backward) {
        while (count < most && same(search, box->a_end - 1 - x - count, box->b_end - 1 - y - count)) {
            count++;
        }
    } else {
        while (count < most && same(search, box->a_start + x + count, box->b_start + y + count)) {
            count++;
        }
    }
    search->work += 1 + (uint64_t)count;
    return x + count;
}

/* One edit more from one corner. 1: the paths from both have met at *point; 0: not yet; -1: it takes too long. */
static int advance(struct search *search, const struct box *box, bool backward, int32_t edits, struct point *point) {
    int32_t width = box->a_end - box->a_start;
    int32_t height = box->b_end - box->b_start;
    int32_t delta = width - height;
    struct front *own = backward ? &search->backward : &search->forward;
    const struct front *other = backward ? &search->forward : &search->backward;
    /* The one that goes first meets those of the round before. They meet in its rounds if the number of edits is odd,
     * and that is as odd as the difference of lengths. */
    bool may_meet = ((delta & 1) == 0) == backward;
    int32_t reach = backward ? edits : edits - 1;
    own->reached[-edits - 1] = NOWHERE;
    own->reached[edits + 1] = NOWHERE;
    int32_t last = outermost(edits, width);
    for (int32_t diagonal = -outermost(edits, height); diagonal <= last; diagonal += 2) {
        int32_t x = edits ? step(own, diagonal, width, height) : 0;
        if (x == NOWHERE) {
            continue;
        }
        x = follow(search, box, backward, x, x - diagonal);
        own->reached[diagonal] = x;
        int32_t opposite = delta - diagonal;
        if (may_meet && opposite >= -reach && opposite <= reach && other->reached[opposite] >= 0 &&
            x + other->reached[opposite] >= width) {
            int32_t y = x - diagonal;
            *point = backward ? (struct point){box->a_end - x, box->b_end - y}
                              : (struct point){box->a_start + x, box->b_start + y};
            return 1;
        }
        if (edits && search->work > search->limit) {
            return -1;
        }
    }
    return 0;
}

/* The place that paths from one corner have got furthest to; the sum of both its parts. */
static int32_t furthest(const struct front *front, int32_t edits, int32_t width, int32_t height, struct point *point) {
    int32_t best = 0;
    for (int32_t diagonal = -lesser(edits, height); diagonal <= lesser(edits, width); diagonal++) {
        int32_t x = front->reached[diagonal];
        int32_t y = x - diagonal;
        if (x >= 0 && x + y > best) {
            best = x + y;
            *point = (struct point){x, y};
        }
    }
    return best;
}

static struct point give_up(const struct search *search, const struct box *box, int32_t edits) {
    int32_t width = box->a_end - box->a_start;
    int32_t height = box->b_end - box->b_start;
    struct point ahead = {0, 0};
    struct point behind = {0, 0};
    int32_t from_start = furthest(&search->forward, edits, width, height, &ahead);
    int32_t from_end = furthest(&search->backward, edits, width, height, &behind);
    return from_start >= from_end ? (struct point){box->a_start + ahead.x, box->b_start + ahead.y}
                                  : (struct point){box->a_end - behind.x, box->b_end - behind.y};
}

/* Where to divide a box in which the first elements differ, and the last ones. False: that took too long, and
 * *point is only a place that can be reached. */
static bool middle(struct search *search, const struct box *box, struct point *point) {
    int32_t edits = 0;
    int met = 0;
    search->work = 0;
    search->limit = WORK_MIN + *search->budget / WORK_SHARE;
    while (met == 0 && edits <= search->edits_max) {
        met = advance(search, box, false, edits, point);
        if (met == 0) {
            met = advance(search, box, true, edits, point);
        }
        edits++;
    }
    *search->budget -= search->work < *search->budget ? search->work : *search->budget;
    if (met != 1) {
        *point = give_up(search, box, edits - 1);
    }
    return met == 1;
}

static void trim(const struct search *search, struct box *box) {
    while (box->a_start < box->a_end && box->b_start < box->b_end && same(search, box->a_start, box->b_start)) {
        box->a_start++;
        box->b_start++;
    }
    while (box->a_start < box->a_end && box->b_start < box->b_end && same(search, box->a_end - 1, box->b_end - 1)) {
        box->a_end--;
        box->b_end--;
    }
}

static void edit_all(struct search *search, const struct box *box) {
    for (int32_t i = box->a_start; i < box->a_end; i++) {
        edit(&search->a, i);
    }
    for (int32_t i = box->b_start; i < box->b_end; i++) {
        edit(&search->b, i);
    }
}

static int64_t size_of(const struct box *box) {
    return (int64_t)(box->a_end - box->a_start) + (box->b_end - box->b_start);
}

static int divide(struct search *search, struct box box, unsigned anchored);

/* Divide the box at its anchors: how many there were, or -ENOMEM. */
static int divide_at_anchors(struct search *search, const struct box *box, unsigned anchored) {
    auto_free struct anchor *anchors = NULL;
    int32_t count = anchors_find(&anchors, &search->a.sequence, &search->b.sequence, box);
    struct box part = *box;
    int status = 0;
    for (int32_t i = 0; i < count && status == 0; i++) {
        part.a_end = anchors[i].a;
        part.b_end = anchors[i].b;
        status = divide(search, part, anchored + 1);
        part = (struct box){part.a_end, box->a_end, part.b_end, box->b_end};
    }
    if (count > 0 && status == 0) {
        status = divide(search, part, anchored + 1);
    }
    return status < 0 ? status : count;
}

/* `anchored`: how often the box has been divided at anchors. 0 or -ENOMEM. */
static int divide(struct search *search, struct box box, unsigned anchored) {
    for (;;) {
        trim(search, &box);
        if (box.a_start == box.a_end || box.b_start == box.b_end) {
            edit_all(search, &box);
            return 0;
        }
        struct point point;
        if (!middle(search, &box, &point) && anchored < ANCHORED_MAX) {
            int count = divide_at_anchors(search, &box, anchored);
            if (count != 0) {
                return count < 0 ? count : 0;
            }
            anchored = ANCHORED_MAX; /* neither are there any in its parts */
        }
        struct box first = {box.a_start, point.x, box.b_start, point.y};
        struct box second = {point.x, box.a_end, point.y, box.b_end};
        if (size_of(&first) == 0 || size_of(&second) == 0) {
            edit_all(search, &box); /* a search always leaves its corner; this would never end if one did not */
            return 0;
        }
        /* The larger one in this loop: the stack is not deeper than the logarithm. */
        bool first_is_less = size_of(&first) < size_of(&second);
        int status = divide(search, first_is_less ? first : second, anchored);
        if (status < 0) {
            return status;
        }
        box = first_is_less ? second : first;
    }
}

/* --------------------------------------------------- what one side alone has */

/* Elements, by two bits of each: what is not in it is not among them. */
struct presence {
    uint64_t *bits;
    uint64_t mask;
};

static int presence_init(struct presence *presence, const uint64_t *elements, size_t length) {
    uint64_t size = 1024;
    while (size < FILTER_BITS_EACH * (uint64_t)length) {
        size *= 2;
    }
    presence->mask = size - 1;
    presence->bits = calloc(size / 64, sizeof(*presence->bits));
    if (!presence->bits) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < length; i++) {
        uint64_t first = elements[i] & presence->mask;
        uint64_t second = elements[i] >> 32 & presence->mask;
        presence->bits[first / 64] |= UINT64_C(1) << first % 64;
        presence->bits[second / 64] |= UINT64_C(1) << second % 64;
    }
    return 0;
}

static bool presence_has(const struct presence *presence, uint64_t item) {
    return myers_has(presence->bits, item & presence->mask) && myers_has(presence->bits, item >> 32 & presence->mask);
}

/* Those of `elements` from `start` on that the other side may have; all others are edited. The number of them. */
static int view_init(struct side_view *view, const uint64_t *elements, size_t start, size_t end,
                     const uint64_t *opposite, size_t opposite_length, uint64_t *edited) {
    struct presence presence = {0};
    uint32_t *places = malloc((end - start + 1) * sizeof(*places));
    *view = (struct side_view){.sequence = {.elements = elements, .places = places}, .edited = edited};
    if (!places || presence_init(&presence, opposite, opposite_length) < 0) {
        return -ENOMEM;
    }
    int32_t count = 0;
    for (size_t i = start; i < end; i++) {
        if (presence_has(&presence, elements[i])) {
            places[count++] = (uint32_t)i;
        } else {
            edited[i / 64] |= UINT64_C(1) << i % 64;
        }
    }
    free(presence.bits);
    return count;
}

static int front_init(struct front *front, int32_t edits_max) {
    int32_t *all = malloc((2 * (size_t)edits_max + 4) * sizeof(*all));
    front->memory = all;
    front->reached = all ? all + edits_max + 2 : NULL;
    return all ? 0 : -ENOMEM;
}

static void search_finish(struct search *search) {
    free((uint32_t *)search->a.sequence.places);
    free((uint32_t *)search->b.sequence.places);
    free(search->forward.memory);
    free(search->backward.memory);
}

int myers_compare(const uint64_t *a, size_t a_length, const uint64_t *b, size_t b_length, uint64_t *deleted,
                  uint64_t *inserted, uint64_t *budget) {
    if (a_length > MYERS_LENGTH_MAX || b_length > MYERS_LENGTH_MAX) {
        return -E2BIG;
    }
    size_t start = 0;
    while (start < a_length && start < b_length && a[start] == b[start]) {
        start++;
    }
    while (a_length > start && b_length > start && a[a_length - 1] == b[b_length - 1]) {
        a_length--;
        b_length--;
    }
    if (start == a_length && start == b_length) {
        return 0;
    }
    size_t length = (a_length - start) + (b_length - start);
    struct search search = {.budget = budget, .edits_max = length < EDITS_MAX ? (int32_t)length : EDITS_MAX};
    int status = front_init(&search.forward, search.edits_max);
    status = status < 0 ? status : front_init(&search.backward, search.edits_max);
    int a_count = status < 0 ? status : view_init(&search.a, a, start, a_length, b + start, b_length - start, deleted);
    int b_count =
        a_count < 0 ? a_count : view_init(&search.b, b, start, b_length, a + start, a_length - start, inserted);
    if (b_count >= 0) {
        status = divide(&search, (struct box){0, a_count, 0, b_count}, 0);
    }
    search_finish(&search);
    return b_count < 0 ? b_count : status;
}
