/* SPDX-License-Identifier: MIT */
#include "compare_semantic.h"

#include "cleanup.h"
#include "lockstep.h"
#include "notation.h"
#include "observer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Objects of both sides that do not agree, or one that has no counterpart. */
struct finding {
    uint32_t object[SIDES]; /* NO_OBJECT: not there */
    uint64_t line;          /* in the golden trace, else in the new one */
    bool by_length;         /* only the number of bytes says so */
    enum difference_group group;
};

/* Objects that agree as far as lengths tell, and of whose content some was seen on both sides. */
struct partial {
    uint32_t object[SIDES];
    uint64_t line;
    uint64_t length;
    bool same_tasks;             /* each task has written as much as its counterpart */
    enum difference_group group; /* if they differ after all */
};

/* One side of the comparison. */
struct half {
    struct observer_setup setup;
    char *directory;
    struct birth *births;
    struct observer *observer;
    struct observer_facts facts;
    uint32_t *objects; /* those that count, in the order of their names */
    size_t count;
};

struct semantic {
    struct comparison *comparison;
    struct trace_reader *const *readers;
    struct half halves[SIDES];
    struct finding *findings;
    size_t finding_count;
    size_t finding_room;
    struct partial *partials;
    size_t partial_count;
    size_t partial_room;
    double confidence;   /* sum over what matches */
    uint64_t by_content; /* findings that do not rest on lengths alone */
};

/* ------------------------------------------------------------------- first pass */

static int observe_all(struct semantic *semantic, enum side side, char *problem, size_t size) {
    struct half *half = &semantic->halves[side];
    int status = observer_create(&half->observer, semantic->readers[side], &half->setup);
    if (status < 0) {
        snprintf(problem, size, "%s", strerror(-status));
        return status;
    }
    do {
        status = observer_step(half->observer, problem, size);
    } while (status > 0);
    return status;
}

static int first_pass(struct semantic *semantic, enum side side, char *problem, size_t size) {
    struct half *half = &semantic->halves[side];
    int status = observe_all(semantic, side, problem, size);
    if (status == -ENOENT) {
        observer_destroy(half->observer);
        half->observer = NULL;
        status = observer_births(semantic->readers[side], &half->births, &half->setup.birth_count, problem, size);
        half->setup.births = half->births;
        status = status < 0 ? status : observe_all(semantic, side, problem, size);
    }
    if (status < 0) {
        return status;
    }
    half->facts = *observer_facts(half->observer);
    semantic->comparison->cost[side] = half->facts.cost;
    status = comparison_take_end(semantic->comparison, side, semantic->readers[side]);
    status = status < 0 ? status : observer_finish(half->observer);
    if (status < 0) {
        snprintf(problem, size, "%s", strerror(-status));
    }
    return status;
}

/* -------------------------------------------------------------------- matching */

/* Reading what this trace has written itself is nothing new. */
static bool was_read(const struct object *object) {
    return object->is_read && !object->is_code && !object->emptied;
}

static bool counts(const struct semantic *semantic, const struct object *object) {
    const struct half *halves = semantic->halves;
    switch (object->subject) {
    case SUBJECT_SIGNAL:
    case SUBJECT_KILLED:
        return semantic->comparison->signals_seen && !object->ignored;
    case SUBJECT_EXIT:
        return halves[SIDE_GOLDEN].facts.has_ended && halves[SIDE_NEW].facts.has_ended && !object->ignored;
    default:
        return !object->ignored && (object->changed || object->met || was_read(object));
    }
}

static const struct object *object_of(const struct semantic *semantic, enum side side, uint32_t object) {
    return observations_at(observer_observations(semantic->halves[side].observer), object);
}

static int compare_names(const struct object *a, const struct object *b) {
    if (a->subject != b->subject) {
        return a->subject < b->subject ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

static int compare_objects(const void *left, const void *right, void *observations) {
    const struct object *a = observations_at(observations, *(const uint32_t *)left);
    const struct object *b = observations_at(observations, *(const uint32_t *)right);
    int order = compare_names(a, b);
    return order ? order : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* By what was seen of them, for those whose order is chance. */
static int compare_values(const void *left, const void *right, void *observations) {
    const struct object *a = observations_at(observations, *(const uint32_t *)left);
    const struct object *b = observations_at(observations, *(const uint32_t *)right);
    if (a->length != b->length) {
        return a->length < b->length ? -1 : 1;
    }
    if (a->history != b->history) {
        return a->history < b->history ? -1 : 1;
    }
    return memcmp(a->digest, b->digest, sizeof(a->digest));
}

static int sort_half(const struct semantic *semantic, struct half *half) {
    struct observations *observations = observer_observations(half->observer);
    uint32_t count = observations_count(observations);
    half->objects = malloc(((size_t)count + 1) * sizeof(*half->objects));
    if (!half->objects) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (counts(semantic, observations_at(observations, i))) {
            half->objects[half->count++] = i;
        }
    }
    qsort_r(half->objects, half->count, sizeof(*half->objects), compare_objects, observations);
    return 0;
}

/* The array with room for one more, which grows twofold; NULL: no memory, and it is as it was. */
static void *reserve(void *array, size_t count, size_t *room, size_t size) {
    if (count < *room) {
        return array;
    }
    size_t wanted = *room ? *room * 2 : 64;
    void *grown = realloc(array, wanted * size);
    *room = grown ? wanted : *room;
    return grown;
}

static int add_finding(struct semantic *semantic, const uint32_t object[SIDES], uint64_t line, bool by_length,
                       enum difference_group group) {
    struct finding *findings =
        reserve(semantic->findings, semantic->finding_count, &semantic->finding_room, sizeof(*findings));
    if (!findings) {
        return -ENOMEM;
    }
    semantic->findings = findings;
    findings[semantic->finding_count++] =
        (struct finding){{object[SIDE_GOLDEN], object[SIDE_NEW]}, line, by_length, group};
    semantic->by_content += !by_length;
    return 0;
}

static int add_partial(struct semantic *semantic, const uint32_t object[SIDES], uint64_t line, uint64_t length,
                       bool same_tasks, enum difference_group group) {
    struct partial *partials =
        reserve(semantic->partials, semantic->partial_count, &semantic->partial_room, sizeof(*partials));
    if (!partials) {
        return -ENOMEM;
    }
    semantic->partials = partials;
    partials[semantic->partial_count++] =
        (struct partial){{object[SIDE_GOLDEN], object[SIDE_NEW]}, line, length, same_tasks, group};
    return 0;
}

/* Of what a difference is: of bytes, if those that were written to it differ, or of what was done besides. */
static enum difference_group group_of(enum subject subject, bool bytes_differ) {
    switch (subject) {
    case SUBJECT_OUTPUT:
    case SUBJECT_ERROR:
        return DIFFERENCE_OUTPUT;
    case SUBJECT_FILE:
    case SUBJECT_UNNAMED:
        return bytes_differ ? DIFFERENCE_WRITES : DIFFERENCE_FILES;
    case SUBJECT_INPUT:
    case SUBJECT_UNEXPLAINED:
    case SUBJECT_PEER:
    case SUBJECT_LISTENER:
    case SUBJECT_ACCEPTED:
        return bytes_differ ? DIFFERENCE_WRITES : DIFFERENCE_OTHER;
    case SUBJECT_PROGRAM:
    case SUBJECT_SIGNAL:
    case SUBJECT_KILLED:
    case SUBJECT_EXIT:
        break;
    }
    return DIFFERENCE_OTHER;
}

static int add_alone(struct semantic *semantic, enum side side, uint32_t number) {
    uint32_t pair[SIDES] = {NO_OBJECT, NO_OBJECT};
    pair[side] = number;
    const struct object *object = object_of(semantic, side, number);
    return add_finding(semantic, pair, object->line, false, group_of(object->subject, object->length != 0));
}

/* They agree; `content` of the `length` bytes were seen to be equal. */
static void add_match(struct semantic *semantic, uint64_t length, uint64_t content) {
    struct comparison *comparison = semantic->comparison;
    comparison->matched++;
    comparison->content_bytes += content;
    comparison->length_bytes += length - content;
    semantic->confidence += length ? ((double)content + (double)(length - content) / 2) / (double)length : 1.0;
}

static bool same_reading(const struct object *a, const struct object *b) {
    if (was_read(a) != was_read(b)) {
        return false;
    }
    bool both_seen = a->read_seen && !a->read_broken && b->read_seen && !b->read_broken;
    return !both_seen || (a->read_length == b->read_length && a->read_hash == b->read_hash);
}

/* Whether the tasks of both have done the same, each for itself: 0 no; 1 as far as lengths tell; 2 by content. */
static int same_tasks(const struct semantic *semantic, const uint32_t pair[SIDES]) {
    const struct object *a = object_of(semantic, SIDE_GOLDEN, pair[SIDE_GOLDEN]);
    const struct object *b = object_of(semantic, SIDE_NEW, pair[SIDE_NEW]);
    if (!a->several || !b->several || a->length != b->length) {
        return 0;
    }
    struct task_sums left =
        observations_sums(observer_observations(semantic->halves[SIDE_GOLDEN].observer), pair[SIDE_GOLDEN]);
    struct task_sums right =
        observations_sums(observer_observations(semantic->halves[SIDE_NEW].observer), pair[SIDE_NEW]);
    if (!left.has_holes && !right.has_holes && left.by_content == right.by_content) {
        return 2;
    }
    return (left.has_holes || right.has_holes) && left.by_length == right.by_length;
}

static int compare_pair(struct semantic *semantic, const uint32_t pair[SIDES]) {
    const struct object *a = object_of(semantic, SIDE_GOLDEN, pair[SIDE_GOLDEN]);
    const struct object *b = object_of(semantic, SIDE_NEW, pair[SIDE_NEW]);
    bool is_counted = a->subject == SUBJECT_PROGRAM || a->subject == SUBJECT_SIGNAL || a->subject == SUBJECT_KILLED;
    if (is_counted) {
        if (a->length != b->length) {
            return add_finding(semantic, pair, a->line, false, DIFFERENCE_OTHER);
        }
        add_match(semantic, 0, 0);
        return 0;
    }
    bool whole = a->seen == a->length && b->seen == b->length;
    int tasks = same_tasks(semantic, pair);
    bool same_bytes =
        tasks == 2 || (a->length == b->length && (!whole || memcmp(a->digest, b->digest, DIGEST_BYTES) == 0));
    enum difference_group group = group_of(a->subject, !same_bytes);
    if (!same_reading(a, b)) {
        return add_finding(semantic, pair, a->line, false, group);
    }
    if (a->length != b->length || a->history != b->history) {
        if (tasks) {
            add_match(semantic, a->length, tasks == 2 ? a->length : 0);
            return 0;
        }
        return add_finding(semantic, pair, a->line, a->history == b->history && !whole, group);
    }
    if (whole) {
        bool same = memcmp(a->digest, b->digest, sizeof(a->digest)) == 0 || tasks == 2;
        if (!same) {
            return add_finding(semantic, pair, a->line, false, group);
        }
        add_match(semantic, a->length, a->length);
        return 0;
    }
    if (!a->seen || !b->seen) {
        add_match(semantic, a->length, 0);
        return 0;
    }
    return add_partial(semantic, pair, a->line, a->length, tasks != 0, group_of(a->subject, true));
}

/* Whether different tasks have met these. */
static bool have_owners(const struct semantic *semantic, enum side side, const uint32_t *objects, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (object_of(semantic, side, objects[i])->owner != object_of(semantic, side, objects[0])->owner) {
            return true;
        }
    }
    return false;
}

/* Objects of one name: the first with the first, and so on; connections of several tasks come in no order. */
static int compare_runs(struct semantic *semantic, uint32_t *const runs[SIDES], const size_t counts_of[SIDES]) {
    const struct object *first = object_of(semantic, SIDE_GOLDEN, runs[SIDE_GOLDEN][0]);
    bool unordered = (first->subject == SUBJECT_PEER || first->subject == SUBJECT_ACCEPTED) &&
                     have_owners(semantic, SIDE_GOLDEN, runs[SIDE_GOLDEN], counts_of[SIDE_GOLDEN]) &&
                     have_owners(semantic, SIDE_NEW, runs[SIDE_NEW], counts_of[SIDE_NEW]);
    for (enum side side = 0; side < SIDES && unordered; side++) {
        qsort_r(runs[side], counts_of[side], sizeof(uint32_t), compare_values,
                observer_observations(semantic->halves[side].observer));
    }
    int status = 0;
    size_t most = counts_of[SIDE_GOLDEN] > counts_of[SIDE_NEW] ? counts_of[SIDE_GOLDEN] : counts_of[SIDE_NEW];
    for (size_t i = 0; i < most && status == 0; i++) {
        if (i < counts_of[SIDE_GOLDEN] && i < counts_of[SIDE_NEW]) {
            uint32_t pair[SIDES] = {runs[SIDE_GOLDEN][i], runs[SIDE_NEW][i]};
            status = compare_pair(semantic, pair);
        } else {
            enum side side = i < counts_of[SIDE_GOLDEN] ? SIDE_GOLDEN : SIDE_NEW;
            status = add_alone(semantic, side, runs[side][i]);
        }
    }
    return status;
}

/* How many from `at` on have the same name. */
static size_t run_length(const struct semantic *semantic, enum side side, size_t at) {
    const struct half *half = &semantic->halves[side];
    const struct object *first = object_of(semantic, side, half->objects[at]);
    size_t length = 1;
    while (at + length < half->count &&
           compare_names(first, object_of(semantic, side, half->objects[at + length])) == 0) {
        length++;
    }
    return length;
}

static int match(struct semantic *semantic) {
    struct half *halves = semantic->halves;
    size_t at[SIDES] = {0, 0};
    int status = 0;
    while (status == 0 && (at[SIDE_GOLDEN] < halves[SIDE_GOLDEN].count || at[SIDE_NEW] < halves[SIDE_NEW].count)) {
        int order = 0;
        if (at[SIDE_GOLDEN] == halves[SIDE_GOLDEN].count || at[SIDE_NEW] == halves[SIDE_NEW].count) {
            order = at[SIDE_GOLDEN] == halves[SIDE_GOLDEN].count ? 1 : -1;
        } else {
            order = compare_names(object_of(semantic, SIDE_GOLDEN, halves[SIDE_GOLDEN].objects[at[SIDE_GOLDEN]]),
                                  object_of(semantic, SIDE_NEW, halves[SIDE_NEW].objects[at[SIDE_NEW]]));
        }
        if (order) {
            enum side side = order < 0 ? SIDE_GOLDEN : SIDE_NEW;
            status = add_alone(semantic, side, halves[side].objects[at[side]++]);
            continue;
        }
        uint32_t *runs[SIDES];
        size_t lengths[SIDES];
        for (enum side side = 0; side < SIDES; side++) {
            runs[side] = halves[side].objects + at[side];
            lengths[side] = run_length(semantic, side, at[side]);
            at[side] += lengths[side];
        }
        status = compare_runs(semantic, runs, lengths);
    }
    return status;
}

/* Whether both are the same program, with other arguments. */
static bool same_program(const char *left, const char *right) {
    size_t size = strcspn(left, " ");
    return size == strcspn(right, " ") && strncmp(left, right, size) == 0;
}

static const struct object *finding_object(const struct semantic *semantic, const struct finding *finding) {
    enum side side = finding->object[SIDE_GOLDEN] == NO_OBJECT ? SIDE_NEW : SIDE_GOLDEN;
    return object_of(semantic, side, finding->object[side]);
}

static bool is_alone(const struct finding *finding, enum side side) {
    return finding->object[side] != NO_OBJECT && finding->object[!side] == NO_OBJECT;
}

/* The new finding that belongs to a golden one: it is the same program, with arguments that may be the same (`strict`)
 * or with any. */
static struct finding *counterpart(const struct semantic *semantic, struct finding *findings, size_t count,
                                   const struct finding *golden, bool strict) {
    const struct object *wanted = finding_object(semantic, golden);
    for (size_t i = 0; i < count; i++) {
        if (!is_alone(&findings[i], SIDE_NEW)) {
            continue;
        }
        const struct object *other = finding_object(semantic, &findings[i]);
        if (strict ? wanted->length == other->length && notation_compatible(wanted->name, other->name)
                   : same_program(wanted->name, other->name)) {
            return &findings[i];
        }
    }
    return NULL;
}

enum {
    JOINED_MAX = 256, /* programs that are looked through for one with other arguments */
};

/* Among findings about one program: one that only this side executes and one that only the other does, are the same
 * with other arguments, or with arguments of which one side has recorded less. */
static void join_findings(struct semantic *semantic, struct finding *findings, size_t count) {
    for (int strict = 1; strict >= 0; strict--) {
        for (size_t i = 0; i < count; i++) {
            struct finding *golden = &findings[i];
            struct finding *new =
                is_alone(golden, SIDE_GOLDEN)
                    ? counterpart(semantic, findings, count < JOINED_MAX ? count : JOINED_MAX, golden, strict)
                    : NULL;
            if (!new) {
                continue;
            }
            golden->object[SIDE_NEW] = new->object[SIDE_NEW];
            new->object[SIDE_NEW] = NO_OBJECT;
            semantic->by_content--;
            if (strict) {
                golden->object[SIDE_GOLDEN] = NO_OBJECT;
                golden->object[SIDE_NEW] = NO_OBJECT;
                semantic->by_content--;
                add_match(semantic, 0, 0);
            }
        }
    }
}

static bool is_empty(const struct finding *finding) {
    return finding->object[SIDE_GOLDEN] == NO_OBJECT && finding->object[SIDE_NEW] == NO_OBJECT;
}

/* In the order of names those about one program stand together. */
static void join_programs(struct semantic *semantic) {
    struct finding *findings = semantic->findings;
    for (size_t i = 0; i < semantic->finding_count;) {
        const struct object *first = finding_object(semantic, &findings[i]);
        size_t count = 1;
        while (first->subject == SUBJECT_PROGRAM && i + count < semantic->finding_count) {
            const struct object *next = finding_object(semantic, &findings[i + count]);
            if (next->subject != SUBJECT_PROGRAM || !same_program(first->name, next->name)) {
                break;
            }
            count++;
        }
        if (count > 1) {
            join_findings(semantic, findings + i, count);
        }
        i += count;
    }
    size_t kept = 0;
    for (size_t i = 0; i < semantic->finding_count; i++) {
        if (!is_empty(&findings[i])) {
            findings[kept++] = findings[i];
        }
    }
    semantic->finding_count = kept;
}

/* ------------------------------------------------------------------- second pass */

static int compare_findings(const void *left, const void *right) {
    const struct finding *a = left;
    const struct finding *b = right;
    bool a_is_new = a->object[SIDE_GOLDEN] == NO_OBJECT;
    bool b_is_new = b->object[SIDE_GOLDEN] == NO_OBJECT;
    if (a_is_new != b_is_new) {
        return a_is_new ? 1 : -1;
    }
    return (a->line > b->line) - (a->line < b->line);
}

/* What is looked at once more: the findings that are reported, then all partial matches. */
static struct examined *choose(const struct semantic *semantic, struct tale *tales, size_t told) {
    size_t count = told + semantic->partial_count;
    struct examined *examined = calloc(count + 1, sizeof(*examined));
    for (size_t i = 0; examined && i < count; i++) {
        const uint32_t *pair = i < told ? semantic->findings[i].object : semantic->partials[i - told].object;
        examined[i].tale = i < told ? &tales[i] : NULL;
        memcpy(examined[i].object, pair, sizeof(examined[i].object));
    }
    return examined;
}

static void name_subject(const struct tale *tale, struct text *text) {
    static const char *const words[] = {
        [SUBJECT_OUTPUT] = "",
        [SUBJECT_ERROR] = "",
        [SUBJECT_INPUT] = "",
        [SUBJECT_FILE] = "file ",
        [SUBJECT_UNNAMED] = "",
        [SUBJECT_UNEXPLAINED] = "",
        [SUBJECT_PEER] = "connection to ",
        [SUBJECT_LISTENER] = "listening on ",
        [SUBJECT_ACCEPTED] = "connection accepted on ",
        [SUBJECT_PROGRAM] = "program executed: ",
        [SUBJECT_SIGNAL] = "signal received: ",
        [SUBJECT_KILLED] = "process killed by ",
        [SUBJECT_EXIT] = "",
    };
    bool only_read = tale->subject == SUBJECT_FILE && !tale->changed[SIDE_GOLDEN] && !tale->changed[SIDE_NEW];
    bool is_stream =
        tale->subject == SUBJECT_OUTPUT || tale->subject == SUBJECT_ERROR || tale->subject == SUBJECT_INPUT;
    text_add_string(text, is_stream ? "bytes written to " : only_read ? "file read: " : words[tale->subject]);
    if (tale->name) {
        text_add_escaped(text, (const uint8_t *)tale->name, strlen(tale->name), false);
    }
}

/* What a side has of it. */
static void describe(const struct examined *examined, enum side side, struct text *text) {
    const struct tale *tale = examined->tale;
    text_clear(text);
    const struct text *story = &tale->story[side];
    if (tale->subject == SUBJECT_PROGRAM || tale->subject == SUBJECT_SIGNAL || tale->subject == SUBJECT_KILLED) {
        text_add_unsigned(text, tale->length[side]);
        text_add_string(text, tale->length[side] == 1 ? " time" : " times");
        return;
    }
    bool is_read = tale->is_read[side] && tale->subject == SUBJECT_FILE;
    text_add_string(text, is_read ? "read" : "");
    text_add_string(text, is_read && story->length ? ", " : "");
    text_add_string(text, story->length ? story->bytes : is_read ? "" : "nothing written");
    if (examined->differs && examined->object[!side] != NO_OBJECT) {
        text_add_string(text, "; from byte ");
        text_add_unsigned(text, examined->offset);
        text_add_string(text, " on ");
        text_add_string(text, tale->around[side].length ? tale->around[side].bytes : "not seen");
    }
}

static int report(struct semantic *semantic, const struct examined *examined, enum difference_group group) {
    struct text subject = {0};
    struct text details[SIDES] = {{0}, {0}};
    struct difference difference = {.kind = DIFFERENCE_CHANGED, .group = group};
    name_subject(examined->tale, &subject);
    bool failed = subject.failed;
    for (enum side side = 0; side < SIDES; side++) {
        failed |= examined->tale->story[side].failed || examined->tale->around[side].failed;
        difference.line[side] = examined->tale->line[side];
        if (examined->object[side] == NO_OBJECT) {
            difference.kind = side == SIDE_GOLDEN ? DIFFERENCE_ADDED : DIFFERENCE_MISSING;
            continue;
        }
        describe(examined, side, &details[side]);
        difference.detail[side] = details[side].bytes;
        failed |= details[side].failed;
    }
    difference.subject = subject.bytes;
    int status = failed ? -ENOMEM : comparison_add(semantic->comparison, &difference);
    text_finish(&subject);
    for (enum side side = 0; side < SIDES; side++) {
        text_finish(&details[side]);
    }
    return status;
}

/* What the second pass says of the partial matches. Those that differ after all are findings, to be told in a third. */
static int settle_partials(struct semantic *semantic, const struct examined *examined) {
    int status = 0;
    for (size_t i = 0; i < semantic->partial_count && status == 0; i++) {
        const struct partial *partial = &semantic->partials[i];
        if (!examined[i].differs) {
            add_match(semantic, partial->length, examined[i].same);
        } else if (partial->same_tasks) {
            add_match(semantic, partial->length, 0);
        } else {
            status = add_finding(semantic, partial->object, partial->line, false, partial->group);
        }
    }
    semantic->partial_count = 0;
    return status;
}

static void free_first_pass(struct semantic *semantic) {
    for (enum side side = 0; side < SIDES; side++) {
        struct half *half = &semantic->halves[side];
        observer_destroy(half->observer);
        free(half->objects);
        half->observer = NULL;
        half->objects = NULL;
    }
}

/* Go through both traces once more with what is to be examined, and again if that brings new findings. */
static int look_again(struct semantic *semantic, char *problem, size_t size) {
    struct observer_setup setups[SIDES] = {semantic->halves[SIDE_GOLDEN].setup, semantic->halves[SIDE_NEW].setup};
    int status = 0;
    bool again = semantic->finding_count || semantic->partial_count;
    struct tale *tales = calloc(DIFFERENCES_MAX, sizeof(*tales));
    while (status == 0 && again && tales) {
        if (semantic->findings) {
            qsort(semantic->findings, semantic->finding_count, sizeof(*semantic->findings), compare_findings);
        }
        size_t findings = semantic->finding_count;
        size_t told = findings < DIFFERENCES_MAX ? findings : DIFFERENCES_MAX;
        size_t count = told + semantic->partial_count;
        struct examined *examined = choose(semantic, tales, told);
        status = examined ? lockstep_run(semantic->readers, setups, examined, count, problem, size) : -ENOMEM;
        status = status < 0 ? status : settle_partials(semantic, examined + told);
        again = semantic->finding_count != findings;
        for (size_t i = 0; i < told; i++) {
            status = status < 0 || again ? status : report(semantic, &examined[i], semantic->findings[i].group);
            tale_finish(&tales[i]);
            tales[i] = (struct tale){0};
        }
        free(examined);
    }
    status = tales ? status : -ENOMEM;
    free(tales);
    return status;
}

/* ------------------------------------------------------------------- interface */

/* Where the programs were started: what a trace does not say, is as in the other one. */
static int find_directories(struct semantic *semantic, char *problem, size_t size) {
    int status = 0;
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        struct half *half = &semantic->halves[side];
        status = observer_start_directory(semantic->readers[side], &half->directory, problem, size);
    }
    for (enum side side = 0; side < SIDES; side++) {
        const char *own = semantic->halves[side].directory;
        semantic->halves[side].setup.start_directory = own ? own : semantic->halves[!side].directory;
    }
    return status;
}

static void rate(struct semantic *semantic) {
    struct comparison *comparison = semantic->comparison;
    comparison->divergent = semantic->finding_count;
    for (size_t i = 0; i < semantic->finding_count; i++) {
        comparison->divergent_group[semantic->findings[i].group]++;
    }
    comparison->differences_left_out = semantic->finding_count - comparison->difference_count;
    comparison->has_confidence = true;
    if (comparison->divergent) {
        comparison->confidence = semantic->by_content ? 1.0 : 0.5;
    } else {
        comparison->confidence = comparison->matched ? semantic->confidence / (double)comparison->matched : 0.0;
    }
}

int compare_semantic(struct comparison *comparison, struct trace_reader *const readers[SIDES],
                     const struct semantic_options *options, char *problem, size_t size) {
    struct semantic semantic = {.comparison = comparison, .readers = readers};
    comparison->mode = COMPARE_SEMANTIC;
    for (enum side side = 0; side < SIDES; side++) {
        semantic.halves[side].setup.ignore = options->ignore;
        semantic.halves[side].setup.ignore_count = options->ignore_count;
    }
    problem[0] = 0;
    int status = find_directories(&semantic, problem, size);
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        status = first_pass(&semantic, side, problem, size);
    }
    if (status == 0) {
        comparison->signals_seen =
            semantic.halves[SIDE_GOLDEN].facts.has_signals && semantic.halves[SIDE_NEW].facts.has_signals;
    }
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        status = sort_half(&semantic, &semantic.halves[side]);
    }
    status = status < 0 ? status : match(&semantic);
    if (status == 0) {
        join_programs(&semantic);
    }
    free_first_pass(&semantic);
    status = status < 0 ? status : look_again(&semantic, problem, size);
    if (status == 0) {
        rate(&semantic);
    } else if (!problem[0]) {
        snprintf(problem, size, "%s", strerror(-status));
    }
    for (enum side side = 0; side < SIDES; side++) {
        free(semantic.halves[side].directory);
        free(semantic.halves[side].births);
    }
    free(semantic.findings);
    free(semantic.partials);
    return status;
}
