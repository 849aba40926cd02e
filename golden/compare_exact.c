/* SPDX-License-Identifier: MIT */
#include "compare_exact.h"

#include "call_sequences.h"
#include "cleanup.h"
#include "hunks.h"
#include "myers.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* What is to be shown of a side. */
struct wanted_list {
    struct wanted_call *calls;
    size_t count;
    size_t capacity;
};

struct exact {
    struct comparison *comparison;
    struct call_sequences sides[SIDES];
    struct hunks hunks;
    struct wanted_list wanted[SIDES];
    uint64_t budget; /* of work, for all alignments together */
    unsigned context;
    bool events; /* both sides have recorded them */
};

/* ------------------------------------------------------------------- alignment */

static size_t count_bits(const uint64_t *set, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < myers_words(length); i++) {
        count += (size_t)__builtin_popcountll(set[i]);
    }
    return count;
}

/* A number for a sequence of a task, for the hunks to keep. */
static size_t stream_of(size_t task, enum sequence_kind kind) {
    return task * SEQUENCES + kind;
}

static int align(struct exact *exact, size_t task, enum sequence_kind kind) {
    struct alignment alignment;
    const struct call_sequence *sequences[SIDES];
    for (enum side side = 0; side < SIDES; side++) {
        sequences[side] = call_sequences_of(&exact->sides[side], task, kind);
        alignment.elements[side] = sequences[side]->hashes;
        alignment.length[side] = sequences[side]->count;
    }
    auto_free uint64_t *deleted = calloc(myers_words(alignment.length[SIDE_GOLDEN]) + 1, sizeof(*deleted));
    auto_free uint64_t *inserted = calloc(myers_words(alignment.length[SIDE_NEW]) + 1, sizeof(*inserted));
    if (!deleted || !inserted) {
        return -ENOMEM;
    }
    int status =
        myers_compare(alignment.elements[SIDE_GOLDEN], alignment.length[SIDE_GOLDEN], alignment.elements[SIDE_NEW],
                      alignment.length[SIDE_NEW], deleted, inserted, &exact->budget);
    if (status < 0) {
        return status;
    }
    size_t deletions = count_bits(deleted, alignment.length[SIDE_GOLDEN]);
    size_t insertions = count_bits(inserted, alignment.length[SIDE_NEW]);
    exact->comparison->matched += alignment.length[SIDE_GOLDEN] - deletions;
    exact->comparison->divergent += deletions + insertions;
    if (deletions + insertions == 0) {
        return 0;
    }
    alignment.edited[SIDE_GOLDEN] = deleted;
    alignment.edited[SIDE_NEW] = inserted;
    return hunks_add(&exact->hunks, stream_of(task, kind), &alignment, exact->context);
}

static int align_all(struct exact *exact) {
    size_t tasks = 0;
    uint64_t length = 0;
    for (enum side side = 0; side < SIDES; side++) {
        const struct call_sequences *sequences = &exact->sides[side];
        tasks = sequences->task_count > tasks ? sequences->task_count : tasks;
        length += exact->comparison->cost[side].calls;
    }
    exact->budget = myers_budget(length);
    int status = 0;
    for (size_t task = 0; task < tasks && status == 0; task++) {
        status = align(exact, task, SEQUENCE_CALLS);
        if (status == 0 && exact->events) {
            status = align(exact, task, SEQUENCE_EVENTS);
        }
    }
    return status;
}

/* ----------------------------------------------------------------------- texts */

static int want(struct wanted_list *list, const struct hunk *hunk, uint32_t index) {
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity + HUNK_CONTEXT_MAX;
        struct wanted_call *calls = realloc(list->calls, capacity * sizeof(*calls));
        if (!calls) {
            return -ENOMEM;
        }
        list->calls = calls;
        list->capacity = capacity;
    }
    list->calls[list->count++] = (struct wanted_call){
        .task = hunk->stream / SEQUENCES, .kind = (enum sequence_kind)(hunk->stream % SEQUENCES), .index = index};
    return 0;
}

static int want_line(struct exact *exact, const struct hunk *hunk, const struct hunk_line *line) {
    switch (line->kind) {
    case HUNK_CONTEXT:
        return want(&exact->wanted[SIDE_GOLDEN], hunk, line->index[SIDE_GOLDEN]);
    case HUNK_EDITED:
        return want(&exact->wanted[line->side], hunk, line->index[line->side]);
    case HUNK_MOVED: {
        enum side other = line->side == SIDE_GOLDEN ? SIDE_NEW : SIDE_GOLDEN;
        return want(&exact->wanted[other], hunk, line->index[other]);
    }
    default:
        return 0;
    }
}

/* Where a hunk begins: its first element, or what stands before if it has none of that side. */
static int want_start(struct exact *exact, const struct hunk *hunk, enum side side) {
    uint32_t start = hunk->start[side];
    if (hunk->length[side] == 0 && start == 0) {
        return 0;
    }
    return want(&exact->wanted[side], hunk, hunk->length[side] ? start : start - 1);
}

/* Each once, in order. */
static void order(struct wanted_list *list) {
    if (list->count == 0) {
        return;
    }
    qsort(list->calls, list->count, sizeof(*list->calls), call_sequences_order);
    size_t count = 1;
    for (size_t i = 1; i < list->count; i++) {
        if (call_sequences_order(&list->calls[i], &list->calls[count - 1]) != 0) {
            list->calls[count++] = list->calls[i];
        }
    }
    list->count = count;
}

static int fetch(struct exact *exact, struct trace_reader *const readers[SIDES], char *problem, size_t size) {
    int status = 0;
    for (size_t i = 0; i < exact->hunks.count && status == 0; i++) {
        const struct hunk *hunk = &exact->hunks.hunks[i];
        for (enum side side = 0; side < SIDES && status == 0; side++) {
            status = want_start(exact, hunk, side);
        }
        for (size_t line = 0; line < hunk->count && status == 0; line++) {
            status = want_line(exact, hunk, &hunk->lines[line]);
        }
    }
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        struct wanted_list *list = &exact->wanted[side];
        order(list);
        status = call_sequences_fetch(&exact->sides[side], readers[side], list->calls, list->count, problem, size);
    }
    return status;
}

static const struct wanted_call *fetched(const struct exact *exact, enum side side, const struct hunk *hunk,
                                         uint32_t index) {
    static const struct wanted_call nothing;
    const struct wanted_list *list = &exact->wanted[side];
    struct wanted_call key = {
        .task = hunk->stream / SEQUENCES, .kind = (enum sequence_kind)(hunk->stream % SEQUENCES), .index = index};
    const struct wanted_call *found =
        list->count ? bsearch(&key, list->calls, list->count, sizeof(key), call_sequences_order) : NULL;
    return found ? found : &nothing;
}

/* ----------------------------------------------------------------------- hunks */

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

/* What stands for elements that are not shown. */
static void add_folded(const struct exact *exact, const struct hunk *hunk, const struct hunk_line *line,
                       struct text *text) {
    char note[128];
    enum side other = line->side == SIDE_GOLDEN ? SIDE_NEW : SIDE_GOLDEN;
    unsigned long long there = fetched(exact, other, hunk, line->index[other])->line;
    const char *way = line->side == SIDE_GOLDEN ? "to" : "from";
    const char *trace = line->side == SIDE_GOLDEN ? "new" : "golden";
    if (line->kind == HUNK_REPEATS && line->count == 1) {
        snprintf(note, sizeof(note), "... the same, %u more time%s", line->times, plural(line->times));
    } else if (line->kind == HUNK_REPEATS) {
        snprintf(note, sizeof(note), "... the same %u lines, %u more time%s", line->count, line->times,
                 plural(line->times));
    } else if (line->kind == HUNK_MORE) {
        snprintf(note, sizeof(note), "... %u more", line->count);
    } else if (line->count == 1) {
        snprintf(note, sizeof(note), "... moved %s line %llu of the %s trace", way, there, trace);
    } else {
        snprintf(note, sizeof(note), "... and %u more, moved %s line %llu of the %s trace", line->count - 1, way, there,
                 trace);
    }
    text_add_string(text, note);
}

static void add_line(const struct exact *exact, const struct hunk *hunk, const struct hunk_line *line,
                     struct text *text) {
    if (line->kind == HUNK_CONTEXT || line->kind == HUNK_EDITED) {
        const char *shown = fetched(exact, line->side, hunk, line->index[line->side])->text;
        text_add_string(text, shown ? shown : "");
    } else {
        add_folded(exact, hunk, line, text);
    }
}

static void add_range(const struct exact *exact, const struct hunk *hunk, enum side side, struct text *text) {
    uint32_t start = hunk->start[side];
    uint32_t index = hunk->length[side] || !start ? start : start - 1;
    text_add_string(text, side == SIDE_GOLDEN ? " -" : " +");
    text_add_unsigned(text, fetched(exact, side, hunk, index)->line);
    text_add_char(text, ',');
    text_add_unsigned(text, hunk->length[side]);
}

/* As a unified diff has it. */
static void add_hunk(const struct exact *exact, const struct hunk *hunk, const char *subject, struct text *text) {
    text_add_string(text, "@@");
    add_range(exact, hunk, SIDE_GOLDEN, text);
    add_range(exact, hunk, SIDE_NEW, text);
    text_add_string(text, " @@ ");
    text_add_string(text, subject);
    for (size_t i = 0; i < hunk->count; i++) {
        const struct hunk_line *line = &hunk->lines[i];
        char sign = line->side == SIDE_GOLDEN ? '-' : '+';
        text_add_char(text, '\n');
        text_add_char(text, line->kind == HUNK_CONTEXT ? ' ' : sign);
        add_line(exact, hunk, line, text);
    }
}

/* The lines of one side alone, and where the first of them stands. */
static void add_detail(const struct exact *exact, const struct hunk *hunk, enum side side, struct text *text,
                       uint64_t *first) {
    for (size_t i = 0; i < hunk->count; i++) {
        const struct hunk_line *line = &hunk->lines[i];
        if (line->kind == HUNK_CONTEXT || line->side != side) {
            continue;
        }
        if (line->kind == HUNK_EDITED && !*first) {
            *first = fetched(exact, side, hunk, line->index[side])->line;
        }
        if (text->length) {
            text_add_char(text, '\n');
        }
        add_line(exact, hunk, line, text);
    }
}

static int add_difference(struct exact *exact, const struct hunk *hunk) {
    char subject[64];
    struct text texts[SIDES + 1] = {0};
    struct difference difference = {.kind = hunk->kind, .subject = subject};
    bool events = hunk->stream % SEQUENCES == SEQUENCE_EVENTS;
    snprintf(subject, sizeof(subject), "%s of task %zu", events ? "events" : "calls", hunk->stream / SEQUENCES + 1);
    bool failed = false;
    for (enum side side = 0; side < SIDES; side++) {
        add_detail(exact, hunk, side, &texts[side], &difference.line[side]);
        difference.detail[side] = texts[side].length ? texts[side].bytes : NULL;
        failed |= texts[side].failed;
    }
    add_hunk(exact, hunk, subject, &texts[SIDES]);
    difference.hunk = texts[SIDES].bytes;
    failed |= texts[SIDES].failed;
    int status = failed ? -ENOMEM : comparison_add(exact->comparison, &difference);
    for (size_t i = 0; i < SIDES + 1; i++) {
        text_finish(&texts[i]);
    }
    return status;
}

/* ------------------------------------------------------------------- the traces */

/* How the program ended, if both traces say so. */
static int compare_ends(struct exact *exact) {
    const struct call_sequences *golden = &exact->sides[SIDE_GOLDEN];
    const struct call_sequences *new = &exact->sides[SIDE_NEW];
    if (!golden->has_end || !new->has_end) {
        return 0;
    }
    if (golden->exit_code == new->exit_code && strcmp(golden->signal, new->signal) == 0) {
        exact->comparison->matched++;
        return 0;
    }
    char details[SIDES][48];
    struct difference difference = {.kind = DIFFERENCE_CHANGED, .subject = (char[]){"exit status"}};
    for (enum side side = 0; side < SIDES; side++) {
        const struct call_sequences *sequences = &exact->sides[side];
        snprintf(details[side], sizeof(details[side]), "%lld%s%s", (long long)sequences->exit_code,
                 sequences->signal[0] ? ", " : "", sequences->signal);
        difference.detail[side] = details[side];
    }
    exact->comparison->divergent++;
    return comparison_add(exact->comparison, &difference);
}

static int read_side(struct exact *exact, enum side side, struct trace_reader *reader, char *problem, size_t size) {
    struct call_sequences *sequences = &exact->sides[side];
    int status = call_sequences_read(sequences, reader, &exact->comparison->cost[side], problem, size);
    status = status < 0 ? status : comparison_take_end(exact->comparison, side, reader);
    if (status == 0 && sequences->has_counts && exact->comparison->cost[side].calls == 0) {
        snprintf(problem, size, "the %s trace has counts and no calls (-c): only --mode counts can compare it",
                 side == SIDE_GOLDEN ? "golden" : "new");
        status = -EINVAL;
    }
    return status;
}

static int compare(struct exact *exact, struct trace_reader *const readers[SIDES], char *problem, size_t size) {
    int status = 0;
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        status = read_side(exact, side, readers[side], problem, size);
    }
    if (status < 0) {
        return status;
    }
    exact->comparison->half_golden = exact->sides[SIDE_GOLDEN].is_golden != exact->sides[SIDE_NEW].is_golden;
    exact->events = exact->sides[SIDE_GOLDEN].has_events && exact->sides[SIDE_NEW].has_events;
    exact->comparison->signals_seen = exact->events;
    status = align_all(exact);
    if (status == 0) {
        status = fetch(exact, readers, problem, size);
    }
    for (size_t i = 0; i < exact->hunks.count && status == 0; i++) {
        status = add_difference(exact, &exact->hunks.hunks[i]);
    }
    exact->comparison->differences_left_out += exact->hunks.left_out;
    return status < 0 ? status : compare_ends(exact);
}

int compare_exact(struct comparison *comparison, struct trace_reader *const readers[SIDES],
                  const struct exact_options *options, char *problem, size_t size) {
    struct exact exact = {.comparison = comparison, .context = options->context};
    int status = compare(&exact, readers, problem, size);
    for (enum side side = 0; side < SIDES; side++) {
        call_sequences_finish(&exact.sides[side]);
        for (size_t i = 0; i < exact.wanted[side].count; i++) {
            free(exact.wanted[side].calls[i].text);
        }
        free(exact.wanted[side].calls);
    }
    hunks_finish(&exact.hunks);
    return status;
}
