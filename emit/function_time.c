/* SPDX-License-Identifier: MIT */
#include "function_time.h"

#include "cleanup.h"
#include "hash64.h"
#include "name_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One function calls another. */
struct edge {
    uint32_t caller; /* parts */
    uint32_t callee;
    uint32_t active; /* how often it is on the path at hand */
    uint64_t calls;
};

/* Of a part. */
struct counts {
    uint64_t calls;
    uint64_t time_ns;
    uint64_t self_ns;
    uint32_t active; /* as of an edge */
};

/* All calls that were made at a node or below it. */
struct below {
    uint64_t calls;
    uint64_t time_ns;
};

/* The walk through the tree. What is on the path already has been counted for all that is below. */
struct walk {
    const struct stack_tally *stacks;
    const struct stack_node *nodes;
    size_t node_count;
    struct counts *parts; /* by part */
    struct below *below;  /* by node */
    uint32_t *edge_of;    /* by node: edge + 1 from its parent; 0: none */
    struct edge *edges;
    size_t edge_count;
    size_t edge_room;
    struct number_index index; /* of edges */
};

static bool is_function(const struct walk *walk, uint32_t node) {
    enum stack_part_kind kind = stack_tally_part(walk->stacks, walk->nodes[node].part).kind;
    return node != STACK_ROOT && (kind == PART_FUNCTION || kind == PART_MARK);
}

/* Children come behind their parents. */
static void sum_up(struct walk *walk) {
    for (size_t i = walk->node_count; i-- > 0;) {
        const struct stack_node *node = &walk->nodes[i];
        walk->below[i].calls += node->calls;
        walk->below[i].time_ns += node->time_ns;
        if (i != STACK_ROOT) {
            walk->below[node->parent].calls += walk->below[i].calls;
            walk->below[node->parent].time_ns += walk->below[i].time_ns;
        }
    }
}

static struct edge *add_edge(struct walk *walk, uint32_t caller, uint32_t callee, uint64_t hash) {
    if (walk->edge_count == walk->edge_room) {
        size_t room = walk->edge_room ? 2 * walk->edge_room : 64;
        struct edge *edges = realloc(walk->edges, room * sizeof(*edges));
        if (!edges) {
            return NULL;
        }
        walk->edges = edges;
        walk->edge_room = room;
    }
    if (number_index_add(&walk->index, hash, (uint32_t)walk->edge_count) < 0) {
        return NULL;
    }
    struct edge *edge = &walk->edges[walk->edge_count++];
    *edge = (struct edge){.caller = caller, .callee = callee};
    return edge;
}

static struct edge *find_edge(struct walk *walk, uint32_t caller, uint32_t callee) {
    uint64_t hash = hash64_mix(caller, callee);
    uint32_t number;
    for (size_t at = number_index_first(&walk->index, hash); number_index_at(&walk->index, &at, hash, &number);) {
        if (walk->edges[number].caller == caller && walk->edges[number].callee == callee) {
            return &walk->edges[number];
        }
    }
    return add_edge(walk, caller, callee, hash);
}

/* 0 or -ENOMEM. */
static int enter(struct walk *walk, uint32_t node) {
    if (!is_function(walk, node)) {
        return 0;
    }
    struct counts *counts = &walk->parts[walk->nodes[node].part];
    counts->self_ns += walk->nodes[node].self_ns;
    if (counts->active++ == 0) {
        counts->calls += walk->below[node].calls;
        counts->time_ns += walk->below[node].time_ns;
    }
    uint32_t parent = walk->nodes[node].parent;
    if (!is_function(walk, parent)) {
        return 0;
    }
    struct edge *edge = find_edge(walk, walk->nodes[parent].part, walk->nodes[node].part);
    if (!edge) {
        return -ENOMEM;
    }
    if (edge->active++ == 0) {
        edge->calls += walk->below[node].calls;
    }
    walk->edge_of[node] = (uint32_t)(edge - walk->edges) + 1;
    return 0;
}

static void leave(void *context, uint32_t node) {
    struct walk *walk = context;
    if (is_function(walk, node)) {
        walk->parts[walk->nodes[node].part].active--;
    }
    if (walk->edge_of[node]) {
        walk->edges[walk->edge_of[node] - 1].active--;
    }
}

static void walk_finish(struct walk *walk) {
    free(walk->parts);
    free(walk->below);
    free(walk->edge_of);
    free(walk->edges);
    number_index_finish(&walk->index);
}

/* 0 or -ENOMEM. */
static int walk_through(struct walk *walk) {
    walk->node_count = stack_tally_nodes(walk->stacks, &walk->nodes);
    walk->parts = calloc(stack_tally_part_count(walk->stacks), sizeof(*walk->parts));
    walk->below = calloc(walk->node_count, sizeof(*walk->below));
    walk->edge_of = calloc(walk->node_count, sizeof(*walk->edge_of));
    if (!walk->parts || !walk->below || !walk->edge_of) {
        return -ENOMEM;
    }
    sum_up(walk);
    int status = 0;
    uint32_t node = STACK_ROOT;
    while (status == 0 && (node = stack_node_next(walk->nodes, node, leave, walk))) {
        status = enter(walk, node);
    }
    return status;
}

/* ----------------------------------------------------------------------- order */

static int compare_parts(const struct stack_part *a, const struct stack_part *b) {
    int order = name_compare(a->name, b->name);
    return order ? order : name_compare(a->module, b->module);
}

static int compare_callers(const void *a, const void *b) {
    const struct function_caller *left = a;
    const struct function_caller *right = b;
    return left->calls != right->calls ? (left->calls < right->calls ? 1 : -1)
                                       : compare_parts(&left->part, &right->part);
}

static int compare_names(const void *a, const void *b) {
    return compare_parts(&((const struct function_row *)a)->part, &((const struct function_row *)b)->part);
}

static int compare_times(const void *a, const void *b) {
    const struct function_row *left = a;
    const struct function_row *right = b;
    return left->time_ns != right->time_ns ? (left->time_ns < right->time_ns ? 1 : -1) : compare_names(a, b);
}

static int compare_callees(const void *a, const void *b) {
    const struct edge *left = a;
    const struct edge *right = b;
    return left->callee != right->callee ? (left->callee < right->callee ? -1 : 1) : 0;
}

/* ----------------------------------------------------------------------- table */

/* The callers of all functions, each one's together; a row finds its own. Edges are in the order of who is called. */
static void take_callers(struct function_table *table, const struct walk *walk, const uint32_t *row_of) {
    size_t count = 0;
    for (size_t i = 0; i < walk->edge_count;) {
        uint32_t callee = walk->edges[i].callee;
        size_t first = count;
        for (; i < walk->edge_count && walk->edges[i].callee == callee; i++) {
            if (walk->edges[i].calls) {
                table->callers[count++] = (struct function_caller){
                    .part = stack_tally_part(walk->stacks, walk->edges[i].caller), .calls = walk->edges[i].calls};
            }
        }
        if (count > first) {
            struct function_row *row = &table->rows[row_of[callee] - 1];
            qsort(table->callers + first, count - first, sizeof(*table->callers), compare_callers);
            row->callers = table->callers + first;
            row->caller_count = count - first;
        }
    }
}

static void take_rows(struct function_table *table, const struct walk *walk, uint32_t *row_of) {
    for (size_t i = 0; i < stack_tally_part_count(walk->stacks); i++) {
        const struct counts *counts = &walk->parts[i];
        if (counts->calls) {
            table->rows[table->count++] = (struct function_row){.part = stack_tally_part(walk->stacks, (uint32_t)i),
                                                                .calls = counts->calls,
                                                                .time_ns = counts->time_ns,
                                                                .self_ns = counts->self_ns};
            row_of[i] = (uint32_t)table->count;
        }
    }
}

static void sort_rows(struct function_table *table) {
    qsort(table->rows, table->count, sizeof(*table->rows), compare_names);
    for (size_t i = 1; i < table->count; i++) {
        struct function_row *row = &table->rows[i];
        if (row->part.name && name_compare(row->part.name, row[-1].part.name) == 0) {
            row->same_name = true;
            row[-1].same_name = true;
        }
    }
    qsort(table->rows, table->count, sizeof(*table->rows), compare_times);
}

int function_table_create(struct function_table *table, const struct stack_tally *stacks) {
    *table = (struct function_table){0};
    struct walk walk = {.stacks = stacks};
    int status = walk_through(&walk);
    size_t parts = stack_tally_part_count(stacks);
    auto_free uint32_t *row_of = calloc(parts, sizeof(*row_of));
    table->rows = calloc(parts, sizeof(*table->rows));
    table->callers = calloc(walk.edge_count + 1, sizeof(*table->callers));
    if (status < 0 || !row_of || !table->rows || !table->callers) {
        walk_finish(&walk);
        function_table_finish(table);
        return -ENOMEM;
    }
    table->calls = walk.below[STACK_ROOT].calls;
    table->time_ns = walk.below[STACK_ROOT].time_ns;
    if (walk.edge_count) {
        qsort(walk.edges, walk.edge_count, sizeof(*walk.edges), compare_callees);
    }
    take_rows(table, &walk, row_of);
    take_callers(table, &walk, row_of);
    sort_rows(table);
    walk_finish(&walk);
    return 0;
}

void function_table_finish(struct function_table *table) {
    free(table->rows);
    free(table->callers);
    *table = (struct function_table){0};
}
