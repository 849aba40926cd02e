/* SPDX-License-Identifier: MIT
 *
 * --folded: a line for each stack, as tools take it that draw flame graphs; the
 * weight behind it is the time in the kernel.
 */
#include "folded.h"

#include "diag.h"
#include "form.h"
#include "plain_path.h"
#include "printable.h"

#include <errno.h>
#include <stdlib.h>

void folded_label(const char *name, struct text *text) {
    size_t start = text->length;
    printable_add(text, name, strlen(name), false);
    for (size_t i = start; i < text->length; i++) {
        if (text->bytes[i] == ';') {
            text->bytes[i] = ':';
        }
    }
    if (text->length == start) {
        text_add_char(text, '?');
    }
}

void folded_frame_label(const struct frame *frame, struct text *text) {
    if (frame->function) {
        folded_label(frame->function, text);
        text_add_string(text, frame->inlined ? "_[i]" : "");
        return;
    }
    text_add_char(text, '[');
    folded_label(path_base(frame->module), text);
    text_add_char(text, ']');
}

/* ------------------------------------------------------------------------ form */

struct folded {
    const struct writer_options *options;
    struct output *output;
    struct text line;
    bool failed;
};

static int folded_create(void **state, const struct writer_options *options, struct output *output) {
    struct folded *folded = calloc(1, sizeof(*folded));
    if (!folded) {
        return -ENOMEM;
    }
    folded->options = options;
    folded->output = output;
    *state = folded;
    return 0;
}

static void folded_destroy(void *state) {
    struct folded *folded = state;
    if (folded) {
        text_finish(&folded->line);
        free(folded);
    }
}

/* Lines are made of the tally alone. */
static void folded_record(void *state, const struct record *record) {
    (void)state;
    (void)record;
}

/* The lines in the making: that of the node at hand is as long as all names on its path. */
struct path {
    const struct stack_tally *stacks;
    const struct stack_node *nodes;
    struct text *line;
};

static const char *name_of(const struct path *path, uint32_t node) {
    return stack_tally_part(path->stacks, path->nodes[node].part).name;
}

static void enter(const struct path *path, uint32_t node) {
    text_add_string(path->line, path->line->length ? ";" : "");
    text_add_string(path->line, name_of(path, node));
}

static void leave(void *context, uint32_t node) {
    struct path *path = context;
    struct text *line = path->line;
    if (node == STACK_ROOT || line->failed) {
        return;
    }
    size_t size = strlen(name_of(path, node)) + (path->nodes[node].parent == STACK_ROOT ? 0 : 1);
    line->length -= size;
    line->bytes[line->length] = 0;
}

/* All with their weight, and back to the path. */
static void write_line(const struct path *path, uint64_t weight, struct sink *sink) {
    struct text *line = path->line;
    size_t length = line->length;
    text_add_char(line, ' ');
    text_add_unsigned(line, weight);
    text_add_char(line, '\n');
    if (!line->failed) {
        sink_write(sink, line->bytes, line->length);
        line->length = length;
        line->bytes[length] = 0;
    }
}

/* A call's node is a stack, even if none has returned. The others that have no children are those for which there may
 * have been no use. */
static bool is_stack(const struct path *path, uint32_t node) {
    return stack_tally_part(path->stacks, path->nodes[node].part).kind == PART_CALL || path->nodes[node].calls;
}

static void folded_end(void *state, const struct trace_totals *totals) {
    struct folded *folded = state;
    if (!folded->options->time) {
        diag("engine %s measures no time, by which --folded weighs stacks: there are none", folded->options->engine);
        return;
    }
    text_clear(&folded->line);
    if (!totals->stacks || stack_tally_sort(totals->stacks) < 0) {
        folded->failed = true;
        return;
    }
    struct path path = {.stacks = totals->stacks, .line = &folded->line};
    stack_tally_nodes(totals->stacks, &path.nodes);
    uint32_t node = STACK_ROOT;
    while ((node = stack_node_next(path.nodes, node, leave, &path))) {
        enter(&path, node);
        if (!path.nodes[node].first_child && is_stack(&path, node)) {
            write_line(&path, path.nodes[node].time_ns, folded->output->main);
        }
    }
}

static int folded_error(const void *state) {
    const struct folded *folded = state;
    return folded->failed || folded->line.failed ? ENOMEM : 0;
}

const struct form form_folded = {.create = folded_create,
                                 .destroy = folded_destroy,
                                 .record = folded_record,
                                 .end = folded_end,
                                 .error = folded_error};
