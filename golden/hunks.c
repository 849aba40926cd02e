/* SPDX-License-Identifier: MIT */
#include "hunks.h"

#include "cleanup.h"
#include "myers.h"

#include <string.h>

enum {
    LINES_FIRST = 16,
    LINES_OF_HUNK = 200, /* a longer one ends behind the next edit */
    LINES_OF_RUN = 24,   /* of edited elements of one side */
    PERIOD_MAX = 16,     /* elements of a block whose repetitions are folded */
    REPEATS_MIN = 3,
    FOLDED_MIN = 3, /* elements that folding has to spare */
};

/* A run of elements that one side alone has. */
struct run {
    enum side side;
    size_t start;
    size_t end;
};

struct walk {
    struct hunks *hunks;
    const struct alignment *alignment;
    struct move *moves;    /* in the order of the first sequence */
    struct move *arrivals; /* the same, in that of the second */
    size_t move_count;
    size_t next[SIDES]; /* the move that comes next in either order */
    size_t context;
    size_t stream;
    struct hunk *hunk; /* the open one; NULL: it is only counted, or there is none */
    bool is_open;
    bool has_edits[SIDES]; /* of the open hunk, those that were not moved */
    int status;
};

static void add_line(struct walk *walk, struct hunk_line line) {
    struct hunk *hunk = walk->hunk;
    if (!hunk || walk->status < 0) {
        return;
    }
    if (hunk->count == hunk->capacity) {
        size_t capacity = hunk->capacity ? 2 * hunk->capacity : LINES_FIRST;
        struct hunk_line *lines = realloc(hunk->lines, capacity * sizeof(*lines));
        if (!lines) {
            walk->status = -ENOMEM;
            return;
        }
        hunk->lines = lines;
        hunk->capacity = capacity;
    }
    hunk->lines[hunk->count++] = line;
}

/* ------------------------------------------------------------------------ runs */

/* How many more times the block of `period` elements stands behind itself. */
static size_t repeats(const uint64_t *elements, size_t start, size_t end, size_t period) {
    size_t at = start + period;
    while (at < end && elements[at] == elements[at - period]) {
        at++;
    }
    return (at - start) / period - 1;
}

/* The block at `start` that is best folded; 0: none is. */
static size_t best_period(const uint64_t *elements, size_t start, size_t end, size_t *times) {
    size_t best = 0;
    *times = 0;
    for (size_t period = 1; period <= PERIOD_MAX && start + period < end; period++) {
        size_t found = repeats(elements, start, end, period);
        if (found + 1 >= REPEATS_MIN && found * period >= FOLDED_MIN && found * period > *times * best) {
            best = period;
            *times = found;
        }
    }
    return best;
}

static void add_edited(struct walk *walk, enum side side, size_t index) {
    struct hunk_line line = {.kind = HUNK_EDITED, .side = side};
    line.index[side] = (uint32_t)index;
    add_line(walk, line);
}

/* The lines of a run that was not moved; `room` is how many more of them are shown. */
static void add_run(struct walk *walk, const struct run *run, size_t *room) {
    const uint64_t *elements = walk->alignment->elements[run->side];
    size_t at = run->start;
    walk->has_edits[run->side] = true;
    while (at < run->end && *room) {
        size_t times;
        size_t period = best_period(elements, at, run->end, &times);
        size_t shown = period ? period : 1;
        for (size_t i = 0; i < shown; i++) {
            add_edited(walk, run->side, at++);
            *room -= *room > 0;
        }
        if (period) {
            add_line(walk,
                     (struct hunk_line){
                         .kind = HUNK_REPEATS, .side = run->side, .count = (uint32_t)period, .times = (uint32_t)times});
            at += times * period;
        }
    }
    if (at < run->end) {
        add_line(walk, (struct hunk_line){.kind = HUNK_MORE, .side = run->side, .count = (uint32_t)(run->end - at)});
    }
}

/* The place of a move on its own side. */
static size_t place_of(const struct move *move, enum side side) {
    return side == SIDE_GOLDEN ? move->from : move->to;
}

static void add_moved(struct walk *walk, enum side side, const struct move *move) {
    add_edited(walk, side, place_of(move, side));
    struct hunk_line line = {.kind = HUNK_MOVED, .side = side, .count = move->length};
    line.index[SIDE_GOLDEN] = move->from;
    line.index[SIDE_NEW] = move->to;
    add_line(walk, line);
}

/* All that one side alone has at a place: parts that were moved, and parts that were not. */
static void add_side(struct walk *walk, const struct run *run) {
    const struct move *moves = run->side == SIDE_GOLDEN ? walk->moves : walk->arrivals;
    size_t *next = &walk->next[run->side];
    size_t room = LINES_OF_RUN;
    struct run part = *run;
    while (part.start < run->end) {
        const struct move *move = *next < walk->move_count ? &moves[*next] : NULL;
        bool is_here = move && place_of(move, run->side) < run->end;
        part.end = is_here ? place_of(move, run->side) : run->end;
        if (part.start < part.end) {
            add_run(walk, &part, &room);
        }
        if (!is_here) {
            return;
        }
        if (room) {
            add_moved(walk, run->side, move);
            room--;
        } else {
            add_line(walk, (struct hunk_line){.kind = HUNK_MORE, .side = run->side, .count = move->length});
        }
        part.start = part.end + move->length;
        ++*next;
    }
}

/* ----------------------------------------------------------------------- hunks */

static void add_context(struct walk *walk, size_t golden, size_t new, size_t count) {
    for (size_t i = 0; walk->hunk && i < count; i++) {
        add_line(walk,
                 (struct hunk_line){.kind = HUNK_CONTEXT, .index = {(uint32_t)(golden + i), (uint32_t)(new + i)}});
    }
}

static int open_hunk(struct walk *walk, size_t golden, size_t new) {
    struct hunks *hunks = walk->hunks;
    walk->is_open = true;
    walk->has_edits[SIDE_GOLDEN] = false;
    walk->has_edits[SIDE_NEW] = false;
    walk->hunk = NULL;
    if (hunks->count == DIFFERENCES_MAX || hunks->lines >= HUNK_LINES_MAX) {
        hunks->left_out++;
        return 0;
    }
    if (!hunks->hunks) {
        hunks->hunks = calloc(DIFFERENCES_MAX, sizeof(*hunks->hunks));
        if (!hunks->hunks) {
            return -ENOMEM;
        }
    }
    walk->hunk = &hunks->hunks[hunks->count++];
    *walk->hunk = (struct hunk){.stream = walk->stream, .start = {(uint32_t)golden, (uint32_t) new}};
    return 0;
}

static void close_hunk(struct walk *walk, size_t golden, size_t new) {
    struct hunk *hunk = walk->hunk;
    walk->is_open = false;
    if (!hunk) {
        return;
    }
    hunk->length[SIDE_GOLDEN] = (uint32_t)golden - hunk->start[SIDE_GOLDEN];
    hunk->length[SIDE_NEW] = (uint32_t) new - hunk->start[SIDE_NEW];
    if (walk->has_edits[SIDE_GOLDEN]) {
        hunk->kind = walk->has_edits[SIDE_NEW] ? DIFFERENCE_CHANGED : DIFFERENCE_MISSING;
    } else {
        hunk->kind = walk->has_edits[SIDE_NEW] ? DIFFERENCE_ADDED : DIFFERENCE_MOVED;
    }
    walk->hunks->lines += hunk->count;
    walk->hunk = NULL;
}

static size_t lesser(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t edited_until(const struct alignment *alignment, enum side side, size_t index) {
    while (index < alignment->length[side] && myers_has(alignment->edited[side], index)) {
        index++;
    }
    return index;
}

/* How many elements of both stand at this place. */
static size_t common_length(const struct alignment *alignment, size_t golden, size_t new) {
    size_t length = 0;
    while (golden + length < alignment->length[SIDE_GOLDEN] && new + length < alignment->length[SIDE_NEW] &&
           !myers_has(alignment->edited[SIDE_GOLDEN], golden + length) &&
           !myers_has(alignment->edited[SIDE_NEW], new + length)) {
        length++;
    }
    return length;
}

static int walk_along(struct walk *walk) {
    const struct alignment *alignment = walk->alignment;
    size_t golden = 0;
    size_t new = 0;
    size_t unseen = common_length(alignment, 0, 0); /* of both, in front of here, that no hunk has */
    golden += unseen;
    new += unseen;
    while (walk->status == 0 && (golden < alignment->length[SIDE_GOLDEN] || new < alignment->length[SIDE_NEW])) {
        size_t before = walk->is_open ? unseen : lesser(unseen, walk->context);
        if (!walk->is_open) {
            walk->status = open_hunk(walk, golden - before, new - before);
        }
        add_context(walk, golden - before, new - before, before);
        struct run deleted = {SIDE_GOLDEN, golden, edited_until(alignment, SIDE_GOLDEN, golden)};
        struct run inserted = {SIDE_NEW, new, edited_until(alignment, SIDE_NEW, new)};
        add_side(walk, &deleted);
        add_side(walk, &inserted);
        golden = deleted.end;
        new = inserted.end;
        size_t common = common_length(alignment, golden, new);
        bool is_last = golden + common == alignment->length[SIDE_GOLDEN] && new + common == alignment->length[SIDE_NEW];
        unseen = common;
        if (is_last || common > 2 * walk->context || (walk->hunk && walk->hunk->count >= LINES_OF_HUNK)) {
            size_t behind = lesser(common, walk->context);
            add_context(walk, golden, new, behind);
            close_hunk(walk, golden + behind, new + behind);
            unseen = common - behind;
        }
        golden += common;
        new += common;
    }
    return walk->status;
}

static int by_arrival(const void *a, const void *b) {
    const struct move *first = a;
    const struct move *second = b;
    return (first->to > second->to) - (first->to < second->to);
}

int hunks_add(struct hunks *hunks, size_t stream, const struct alignment *alignment, unsigned context) {
    struct walk walk = {.hunks = hunks, .alignment = alignment, .context = context, .stream = stream};
    auto_free struct move *moves = NULL;
    int status = moves_find(&moves, &walk.move_count, alignment);
    if (status < 0) {
        return status;
    }
    auto_free struct move *arrivals = malloc((walk.move_count + 1) * sizeof(*arrivals));
    if (!arrivals) {
        return -ENOMEM;
    }
    if (walk.move_count) {
        memcpy(arrivals, moves, walk.move_count * sizeof(*arrivals));
        qsort(arrivals, walk.move_count, sizeof(*arrivals), by_arrival);
    }
    walk.moves = moves;
    walk.arrivals = arrivals;
    return walk_along(&walk);
}

void hunks_finish(struct hunks *hunks) {
    for (size_t i = 0; i < hunks->count; i++) {
        free(hunks->hunks[i].lines);
    }
    free(hunks->hunks);
    *hunks = (struct hunks){0};
}
