/* SPDX-License-Identifier: MIT
 *
 * A golden trace: renacer-json-v1 that is the same in every run of a program
 * that does the same. Lines wait in a lane for each task until the trace ends
 * and all numbers are known; then the document is written, task by task.
 */
#include "form.h"
#include "golden_names.h"
#include "json.h"
#include "lanes.h"
#include "marks.h"
#include "redact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct golden {
    const struct writer_options *options;
    struct output *output;
    struct golden_names names;
    struct lanes lanes;
    struct json_line line;
    struct json_options line_options;
    struct text piece; /* the line with what stands around it */
    uint64_t left_out; /* calls that a rule leaves out */
    int error;         /* errno, or 0 */
};

static void golden_destroy(void *state) {
    struct golden *golden = state;
    if (!golden) {
        return;
    }
    json_line_finish(&golden->line);
    text_finish(&golden->piece);
    golden_names_finish(&golden->names);
    lanes_finish(&golden->lanes);
    free(golden);
}

static int golden_create(void **state, const struct writer_options *options, struct output *to) {
    const struct output_options *output = &options->output;
    struct golden *golden = calloc(1, sizeof(*golden));
    if (!golden) {
        return -ENOMEM;
    }
    golden->options = options;
    golden->output = to;
    golden->piece.redaction = output->redaction;
    lanes_init(&golden->lanes);
    golden_names_init(&golden->names, output->golden_rules, output->follow, options->root);
    golden->line_options = (struct json_options){.source = output->source,
                                                 .descriptors = output->descriptors,
                                                 .verbose = output->verbose,
                                                 .redaction = output->redaction,
                                                 .namer = &golden->names.namer};
    *state = golden;
    return 0;
}

static bool is_lines(const struct golden *golden) {
    return golden->options->output.format == FORMAT_JSONL;
}

/* ---------------------------------------------------------------------- records */

/* No more waits follow. */
static void release_held(struct golden *golden, struct golden_task *task) {
    while (task->held) {
        struct held_line *line = task->held;
        lane_add(&golden->lanes, &task->calls, line->bytes, line->size);
        task->held = line->next;
        free(line);
    }
    task->held_count = 0;
}

/* golden->piece, to be put where it belongs later. NULL: there is no memory. */
static struct held_line *new_held(struct golden *golden, uint64_t order, struct held_line *next) {
    struct held_line *line = malloc(sizeof(*line) + golden->piece.length);
    if (!line) {
        golden->error = ENOMEM;
        return NULL;
    }
    *line = (struct held_line){.next = next, .order = order, .size = golden->piece.length};
    memcpy(line->bytes, golden->piece.bytes, golden->piece.length);
    return line;
}

/* Keep golden->piece back: others may follow that belong before it. */
static void hold_line(struct golden *golden, struct golden_task *task, uint64_t order) {
    enum {
        HELD_MAX = 256,
    };
    if (task->held_count++ == HELD_MAX) {
        release_held(golden, task);
        task->held_count = 1;
    }
    struct held_line **link = &task->held;
    while (*link && (*link)->order <= order) {
        link = &(*link)->next;
    }
    struct held_line *line = new_held(golden, order, *link);
    if (line) {
        *link = line;
    }
}

/* Make golden->piece of the line; with a wait in front of it, if it was one. False: there is no memory. */
static bool make_piece(struct golden *golden, uint64_t join) {
    text_clear(&golden->piece);
    if (join) {
        namer_add_mark(&golden->piece, MARK_JOIN, join);
    }
    text_add(&golden->piece, golden->line.text.bytes, golden->line.text.length);
    text_add_char(&golden->piece, '\n');
    if (golden->line.text.failed || golden->line.scratch.failed || golden->line.redacted.failed ||
        golden->piece.failed) {
        golden->error = ENOMEM;
        return false;
    }
    return true;
}

/* What the task's last call was interrupted for is known now: whether it is shown. */
static void settle_restart(struct golden *golden, struct golden_task *task, bool is_shown) {
    if (task->restart && is_shown) {
        release_held(golden, task);
        lane_add(&golden->lanes, &task->calls, task->restart->bytes, task->restart->size);
    }
    golden->left_out += task->restart && !is_shown;
    free(task->restart);
    task->restart = NULL;
}

static void keep_call(struct golden *golden, struct golden_task *task) {
    settle_restart(golden, task, false);
    if (!make_piece(golden, golden->names.join)) {
        return;
    }
    if (golden->names.is_restart) {
        task->restart = new_held(golden, 0, NULL);
        return;
    }
    if (golden->names.place) {
        hold_line(golden, task, golden->names.place);
        return;
    }
    release_held(golden, task);
    lane_add(&golden->lanes, &task->calls, golden->piece.bytes, golden->piece.length);
}

static void keep_event(struct golden *golden, struct golden_task *task) {
    if (make_piece(golden, 0)) {
        lane_add(&golden->lanes, &task->events, golden->piece.bytes, golden->piece.length);
    }
}

static void golden_record(void *state, const struct record *record) {
    struct golden *golden = state;
    struct golden_task *task = golden_names_take(&golden->names, record);
    if (!task) {
        return;
    }
    if (record->kind == RECORD_SIGNAL || record->kind == RECORD_END) {
        settle_restart(golden, task, !golden->names.is_left_out);
    }
    if (golden->names.is_left_out) {
        golden_names_skip(&golden->names, record);
        golden->left_out += record->kind == RECORD_CALL;
        return;
    }
    if (record->kind == RECORD_CALL) {
        json_call(&golden->line, record, &golden->line_options);
        keep_call(golden, task);
    } else if (record_is_event(record) && golden->options->output.events) {
        json_event(&golden->line, record, &golden->line_options);
        keep_event(golden, task);
    }
}

static void golden_unseen(void *state, const struct record *record) {
    struct golden *golden = state;
    if (golden_names_take(&golden->names, record)) {
        golden_names_skip(&golden->names, record);
    }
}

/* ---------------------------------------------------------------- the document */

/* A task whose calls are being written. */
struct step {
    struct golden_task *task;
    struct lane_place place;   /* in its calls */
    bool has_ended;            /* all of them are written */
    struct golden_task *child; /* the one that comes next then */
};

/* What is used while the document is written. */
struct walk {
    struct golden *golden;
    struct marks marks;
    struct lane_reader reader;
    bool any; /* line of the list was written */
    struct step *steps;
    size_t depth;
    size_t capacity;
    struct golden_task **order; /* of the tasks in the document */
    size_t count;
};

static void walk_finish(struct walk *walk) {
    marks_finish(&walk->marks);
    lane_reader_finish(&walk->reader);
    free(walk->steps);
    free(walk->order);
}

static void put_string(struct sink *sink, const char *string) {
    sink_write(sink, string, strlen(string));
}

static void put_line(struct walk *walk, const char *line, size_t size) {
    struct sink *sink = walk->golden->output->main;
    bool is_document = !is_lines(walk->golden);
    if (is_document) {
        put_string(sink, walk->any ? ",\n    " : "\n    ");
    }
    walk->any = true;
    marks_write(&walk->marks, sink, line, size);
    if (!is_document) {
        put_string(sink, "\n");
    }
}

static bool begin_task(struct walk *walk, struct golden_task *task) {
    if (walk->depth == walk->capacity) {
        size_t capacity = walk->capacity ? 2 * walk->capacity : 16;
        struct step *steps = realloc(walk->steps, capacity * sizeof(*steps));
        if (!steps) {
            walk->golden->error = ENOMEM;
            return false;
        }
        walk->steps = steps;
        walk->capacity = capacity;
    }
    task->written = true;
    walk->order[walk->count++] = task;
    walk->steps[walk->depth++] = (struct step){.task = task, .child = task->child};
    return true;
}

/* Write the lines of the step's task up to a wait for a process that was not written yet, which is returned; NULL: all
 * are written. */
static struct golden_task *write_lines(struct walk *walk, struct step *step) {
    const char *bytes;
    size_t size;
    while ((size = lane_read(&walk->golden->lanes, &step->task->calls, &step->place, &walk->reader, &bytes)) > 0) {
        while (size) {
            size_t rest;
            uint64_t join = mark_at(MARK_JOIN, bytes, size, &rest);
            struct golden_task *joined = join ? task_tree_joined(&walk->golden->names.tree, join) : NULL;
            if (joined && !joined->written) {
                return joined;
            }
            const char *newline = memchr(bytes, '\n', size);
            size_t length = newline ? (size_t)(newline - bytes) : size;
            put_line(walk, bytes + rest, length - rest);
            length += newline ? 1 : 0;
            step->place.offset += length;
            bytes += length;
            size -= length;
        }
    }
    return NULL;
}

/* The next of the step's children that nobody waits for. */
static struct golden_task *next_child(struct step *step) {
    while (step->child && (step->child->written || step->child->joined)) {
        step->child = step->child->sibling;
    }
    return step->child;
}

/* Write the calls of the task, and of those that belong between and behind them. */
static void write_task(struct walk *walk, struct golden_task *task) {
    bool goes_on = begin_task(walk, task);
    while (goes_on && walk->depth) {
        struct step *step = &walk->steps[walk->depth - 1];
        struct golden_task *next = step->has_ended ? next_child(step) : write_lines(walk, step);
        if (next) {
            goes_on = begin_task(walk, next);
        } else if (step->has_ended) {
            walk->depth--;
        } else {
            step->has_ended = true;
        }
    }
}

static void write_calls(struct walk *walk) {
    struct golden_task *task = NULL;
    while (!walk->golden->error && (task = task_tree_next(&walk->golden->names.tree, task))) {
        /* All but the first have been reached, unless nobody knows who created them. */
        if (!task->written && (!task->joined || !task->creator)) {
            write_task(walk, task);
        }
    }
    while (!walk->golden->error && (task = task_tree_next(&walk->golden->names.tree, task))) {
        if (!task->written) {
            write_task(walk, task);
        }
    }
}

static void write_events(struct walk *walk) {
    for (size_t i = 0; i < walk->count; i++) {
        struct lane_place place = {0};
        const char *bytes;
        size_t size;
        while ((size = lane_read(&walk->golden->lanes, &walk->order[i]->events, &place, &walk->reader, &bytes)) > 0) {
            place.offset += size;
            for (const char *newline; size && (newline = memchr(bytes, '\n', size));) {
                size_t length = (size_t)(newline - bytes);
                put_line(walk, bytes, length);
                bytes = newline + 1;
                size -= length + 1;
            }
        }
    }
}

/* What "golden" has: the names of the rules, and which calls were asked for. */
static void put_head(struct golden *golden, bool spaced) {
    const char *comma = spaced ? ", \"" : ",\"";
    put_string(golden->output->main, spaced ? "{\"rules\": [" : "{\"rules\":[");
    bool is_first = true;
    const char *name;
    for (size_t i = 0; (name = golden_rule_name(i)); i++) {
        if (golden_has_rule(golden->options->output.golden_rules, (enum golden_rule)i)) {
            put_string(golden->output->main, is_first ? "\"" : comma);
            put_string(golden->output->main, name);
            put_string(golden->output->main, "\"");
            is_first = false;
        }
    }
    put_string(golden->output->main, "]");
    text_clear(&golden->piece);
    filter_words_to_json(golden->options->output.asked, spaced, &golden->piece);
    redaction_to_json(golden->options->output.redaction, spaced, &golden->piece);
    text_add_char(&golden->piece, '}');
    if (golden->piece.failed) {
        golden->error = ENOMEM;
        return;
    }
    sink_write(golden->output->main, golden->piece.bytes, golden->piece.length);
}

static void write_document(struct walk *walk, const struct trace_totals *totals) {
    struct golden *golden = walk->golden;
    struct sink *sink = golden->output->main;
    put_string(sink, "{\n  \"version\": \"" FORMAT_VERSION "\",\n  \"format\": \"renacer-json-v1\",\n"
                     "  \"golden\": ");
    put_head(golden, true);
    put_string(sink, ",\n  \"syscalls\": [");
    write_calls(walk);
    put_string(sink, "\n  ],\n");
    if (golden->options->output.events) {
        walk->any = false;
        put_string(sink, "  \"events\": [");
        write_events(walk);
        put_string(sink, "\n  ],\n");
    }
    put_string(sink, "  \"summary\": ");
    json_summary(golden->options, totals, sink);
    put_string(sink, "\n}\n");
}

static void write_lines_document(struct walk *walk, const struct trace_totals *totals) {
    struct golden *golden = walk->golden;
    struct sink *sink = golden->output->main;
    put_string(sink, "{\"version\":\"" FORMAT_VERSION "\",\"format\":\"renacer-json-v1\",\"golden\":");
    put_head(golden, false);
    put_string(sink, "}\n");
    write_calls(walk);
    write_events(walk);
    put_string(sink, "{\"summary\":");
    json_summary(golden->options, totals, sink);
    put_string(sink, "}\n");
}

static void golden_end(void *state, const struct trace_totals *totals) {
    struct golden *golden = state;
    struct task_tree *tree = &golden->names.tree;
    for (size_t i = 0; i < tree->count; i++) {
        settle_restart(golden, tree->tasks[i], true);
        release_held(golden, tree->tasks[i]);
    }
    struct trace_totals shown = *totals;
    shown.calls -= golden->left_out;
    struct walk walk = {.golden = golden, .order = calloc(tree->count + 1, sizeof(struct golden_task *))};
    marks_init(&walk.marks, tree);
    if (!walk.order || task_tree_number(tree) < 0) {
        golden->error = ENOMEM;
        walk_finish(&walk);
        return;
    }
    walk.marks.plain_ids = !golden_has_rule(golden->names.rules, RULE_IDS);
    for (size_t i = 1; i < tree->count; i++) {
        walk.marks.has_threads = walk.marks.has_threads || tree->tasks[i]->started;
    }
    if (is_lines(golden)) {
        write_lines_document(&walk, &shown);
    } else {
        write_document(&walk, &shown);
    }
    golden->error = golden->error ? golden->error : walk.marks.error;
    walk_finish(&walk);
}

static int golden_error(const void *state) {
    const struct golden *golden = state;
    if (golden->error || golden->names.error) {
        return golden->error ? golden->error : golden->names.error;
    }
    return golden->lanes.error;
}

const struct form form_golden = {.create = golden_create,
                                 .destroy = golden_destroy,
                                 .record = golden_record,
                                 .unseen = golden_unseen,
                                 .end = golden_end,
                                 .error = golden_error};
