/* SPDX-License-Identifier: MIT */
#include "stack_tally.h"

#include "folded.h"
#include "hash64.h"
#include "name_table.h"
#include "plain_path.h"
#include "text.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A part by numbers of names. */
struct part {
    enum stack_part_kind kind;
    uint32_t name;
    uint32_t module;
};

/* What part was found for a frame. Names are as the frame has them. */
struct memo {
    bool known;
    bool inlined;
    enum stack_part_kind kind;
    uint32_t name;
    uint32_t module;
    uint32_t part;
};

/* Where a stack of a program ends: its calls are below. */
struct stack_memo {
    uint64_t number; /* of struct call_stack; 0: none */
    uint32_t program;
    uint32_t node;
    uint32_t self;
};

enum {
    MEMOS = 4096,
};

struct stack_tally {
    enum stack_naming naming;
    struct name_table names;
    struct part *parts;
    uint32_t part_count;
    uint32_t part_room;
    struct number_index part_index;
    struct stack_node *nodes;
    uint32_t node_count;
    uint32_t node_room;
    uint32_t most;
    struct number_index node_index; /* by parent and part */
    uint64_t overflow;
    struct text label; /* of the frame at hand */
    struct memo memos[MEMOS];
    struct stack_memo stack_memos[MEMOS];
};

/* ----------------------------------------------------------------------- parts */

static int part_numbered(struct stack_tally *tally, const struct part *part, uint32_t *number) {
    uint64_t hash = hash64_mix(part->kind, (uint64_t)part->name << 32 | part->module);
    size_t at = number_index_first(&tally->part_index, hash);
    while (number_index_at(&tally->part_index, &at, hash, number)) {
        const struct part *other = &tally->parts[*number];
        if (other->kind == part->kind && other->name == part->name && other->module == part->module) {
            return 0;
        }
    }
    if (tally->part_count == tally->part_room) {
        uint32_t room = tally->part_room ? 2 * tally->part_room : 64;
        struct part *parts = realloc(tally->parts, room * sizeof(*parts));
        if (!parts) {
            return -ENOMEM;
        }
        tally->parts = parts;
        tally->part_room = room;
    }
    if (number_index_add(&tally->part_index, hash, tally->part_count) < 0) {
        return -ENOMEM;
    }
    tally->parts[tally->part_count] = *part;
    *number = tally->part_count++;
    return 0;
}

static int part_named(struct stack_tally *tally, enum stack_part_kind kind, const char *name, uint32_t *number) {
    struct part part = {.kind = kind, .module = NAME_NONE};
    int status = name_table_add(&tally->names, name, &part.name);
    return status == 0 ? part_numbered(tally, &part, number) : status;
}

/* What a part is made of. A program and a call have a function's name alone. */
struct source {
    enum stack_part_kind kind;
    struct frame frame;
};

/* The part of something that has not been seen of late. */
static int make_part(struct stack_tally *tally, const struct source *source, uint32_t *number) {
    const struct frame *frame = &source->frame;
    if (tally->naming == STACKS_BY_LABEL) {
        text_clear(&tally->label);
        folded_frame_label(frame, &tally->label);
        return tally->label.failed ? -ENOMEM : part_named(tally, source->kind, tally->label.bytes, number);
    }
    struct part part = {.kind = source->kind};
    int status = name_table_add(&tally->names, frame->function, &part.name);
    if (status == 0) {
        status = name_table_add(&tally->names, frame->module, &part.module);
    }
    return status == 0 ? part_numbered(tally, &part, number) : status;
}

static bool is_name(const struct stack_tally *tally, uint32_t number, const char *name) {
    const char *known = name_table_get(&tally->names, number);
    return known && name ? strcmp(known, name) == 0 : !known && !name;
}

/* Whoever finds names has most of them at the same address again: where they stand says which memo it may be, and what
 * stands there whether it is. */
static struct memo *memo_of(struct stack_tally *tally, const struct source *source) {
    uint64_t hash = hash64_mix((uintptr_t)source->frame.function, (uintptr_t)source->frame.module);
    return &tally->memos[(hash + source->kind + source->frame.inlined) % MEMOS];
}

static int part_of(struct stack_tally *tally, const struct source *source, uint32_t *number) {
    struct memo *memo = memo_of(tally, source);
    const struct frame *frame = &source->frame;
    if (memo->known && memo->kind == source->kind && memo->inlined == frame->inlined &&
        is_name(tally, memo->name, frame->function) && is_name(tally, memo->module, frame->module)) {
        *number = memo->part;
        return 0;
    }
    int status = make_part(tally, source, number);
    if (status < 0) {
        return status;
    }
    *memo = (struct memo){.kind = source->kind, .inlined = frame->inlined, .part = *number};
    memo->known = name_table_add(&tally->names, frame->function, &memo->name) == 0 &&
                  name_table_add(&tally->names, frame->module, &memo->module) == 0;
    return 0;
}

static int part_of_name(struct stack_tally *tally, enum stack_part_kind kind, const char *name, uint32_t *number) {
    struct source source = {.kind = kind, .frame = {.function = name}};
    return part_of(tally, &source, number);
}

static int part_of_frame(struct stack_tally *tally, const struct frame *frame, uint32_t *number) {
    if (!frame->function && !frame->module) {
        *number = MARK_UNKNOWN;
        return 0;
    }
    bool by_name = tally->naming == STACKS_BY_LABEL && frame->function;
    struct source source = {
        .kind = PART_FUNCTION,
        .frame = {.function = frame->function, .module = by_name ? NULL : frame->module, .inlined = frame->inlined}};
    return part_of(tally, &source, number);
}

/* ----------------------------------------------------------------------- nodes */

static int add_node(struct stack_tally *tally, uint32_t parent, uint32_t part, uint64_t hash) {
    if (tally->node_count == tally->most) {
        return -ENOMEM;
    }
    if (tally->node_count == tally->node_room) {
        uint32_t room = 2 * tally->node_room < tally->most ? 2 * tally->node_room : tally->most;
        struct stack_node *nodes = realloc(tally->nodes, room * sizeof(*nodes));
        if (!nodes) {
            return -ENOMEM;
        }
        tally->nodes = nodes;
        tally->node_room = room;
    }
    if (number_index_add(&tally->node_index, hash, tally->node_count) < 0) {
        return -ENOMEM;
    }
    tally->nodes[tally->node_count] =
        (struct stack_node){.parent = parent, .part = part, .next_sibling = tally->nodes[parent].first_child};
    tally->nodes[parent].first_child = tally->node_count++;
    return 0;
}

/* Go from *node to its child of this part. 0 or -ENOMEM. */
static int descend(struct stack_tally *tally, uint32_t *node, uint32_t part) {
    uint64_t hash = hash64_mix(*node, part);
    uint32_t number;
    for (size_t at = number_index_first(&tally->node_index, hash);
         number_index_at(&tally->node_index, &at, hash, &number);) {
        if (tally->nodes[number].parent == *node && tally->nodes[number].part == part) {
            *node = number;
            return 0;
        }
    }
    int status = add_node(tally, *node, part, hash);
    *node = status == 0 ? tally->node_count - 1 : STACK_OTHER;
    return status;
}

/* What stands for all that is outwards of the last frame; MARK_COUNT: nothing is. */
static uint32_t mark_of(const struct call_stack *stack) {
    switch (stack->end) {
    case STACK_END_OUTERMOST:
        return MARK_COUNT;
    case STACK_END_CUT:
    case STACK_END_ELSEWHERE:
    case STACK_END_TOO_DEEP:
        return MARK_CUT;
    default:
        break;
    }
    /* Code that is not known says itself that its caller is not known. */
    const struct frame *last = stack->count ? &stack->frames[stack->count - 1] : NULL;
    return last && !last->function && !last->module ? MARK_COUNT : MARK_UNKNOWN;
}

/* A name for a program of which nothing else is known: a thread begins in the C library, not in the program. */
static const char *program_of(const struct call_stack *stack) {
    const char *outermost = NULL;
    for (size_t i = stack->count; i > 0; i--) {
        const struct frame *frame = &stack->frames[i - 1];
        if (frame->module && frame->user) {
            return path_base(frame->module);
        }
        outermost = outermost || !frame->module ? outermost : path_base(frame->module);
    }
    return outermost;
}

/* From the root to the nearest frame. *self becomes the node of `place`, 0 if it has none. 0 or -ENOMEM. */
static int walk_stack(struct stack_tally *tally, const char *program, const struct call_stack *stack,
                      const struct frame *place, uint32_t *node, uint32_t *self) {
    uint32_t part = MARK_UNKNOWN;
    uint32_t place_part = UINT32_MAX;
    int status = place ? part_of_frame(tally, place, &place_part) : 0;
    *node = STACK_ROOT;
    *self = 0;
    if (status == 0 && program) {
        status = part_of_name(tally, PART_PROGRAM, program, &part);
        status = status == 0 ? descend(tally, node, part) : status;
    }
    uint32_t mark = mark_of(stack);
    if (status == 0 && mark != MARK_COUNT) {
        status = descend(tally, node, mark);
    }
    for (size_t i = stack->count; i > 0 && status == 0; i--) {
        status = part_of_frame(tally, &stack->frames[i - 1], &part);
        status = status == 0 ? descend(tally, node, part) : status;
        /* Of a function that recurses the innermost frame is the nearest. */
        *self = status == 0 && part == place_part ? *node : *self;
    }
    return status;
}

/* The same. The place of a stack is the same whenever it comes. */
static int find_stack(struct stack_tally *tally, const char *program, const struct call_stack *stack,
                      const struct frame *place, uint32_t *node, uint32_t *self) {
    struct stack_memo *memo = &tally->stack_memos[stack->number % MEMOS];
    program = program ? program : program_of(stack);
    if (stack->number && memo->number == stack->number && is_name(tally, memo->program, program)) {
        *node = memo->node;
        *self = memo->self;
        return 0;
    }
    int status = walk_stack(tally, program, stack, place, node, self);
    uint32_t name;
    if (status == 0 && name_table_add(&tally->names, program, &name) == 0) {
        *memo = (struct stack_memo){.number = stack->number, .program = name, .node = *node, .self = *self};
    }
    return status;
}

/* From the root to the call. */
static int find_leaf(struct stack_tally *tally, const char *program, const struct call_stack *stack,
                     const struct frame *place, const struct record *record, uint32_t *leaf, uint32_t *self) {
    char unknown[CALL_NAME_MAX];
    uint32_t part = MARK_UNKNOWN;
    int status = find_stack(tally, program, stack, place, leaf, self);
    if (status == 0) {
        status = part_of_name(tally, PART_CALL, call_name(record, unknown), &part);
    }
    return status == 0 ? descend(tally, leaf, part) : status;
}

void stack_tally_add(struct stack_tally *tally, const char *program, const struct call_stack *stack,
                     const struct frame *place, const struct record *record) {
    static const struct call_stack none = {0};
    const struct call_record *call = &record->call;
    uint32_t leaf = STACK_OTHER;
    uint32_t self = 0;
    if (find_leaf(tally, program, stack ? stack : &none, place, record, &leaf, &self) < 0) {
        leaf = STACK_OTHER;
        self = 0;
        tally->overflow++;
    }
    if (call->flags & CALL_UNRETURNED) {
        return;
    }
    uint64_t time_ns = call->flags & CALL_HAS_DURATION ? call->duration_ns : 0;
    tally->nodes[leaf].calls++;
    tally->nodes[leaf].time_ns += time_ns;
    if (self) {
        tally->nodes[self].self_ns += time_ns;
    }
}

void stack_tally_complete(struct stack_tally *tally, const struct tally_row *total) {
    struct stack_node *lost = &tally->nodes[STACK_LOST];
    lost->calls = total->calls;
    lost->time_ns = total->time_ns;
    for (uint32_t i = 0; i < tally->node_count; i++) {
        if (i != STACK_LOST) {
            lost->calls -= tally->nodes[i].calls;
            lost->time_ns -= tally->nodes[i].time_ns;
        }
    }
}

/* --------------------------------------------------------------------- reading */

uint64_t stack_tally_overflow(const struct stack_tally *tally) {
    return tally->overflow;
}

size_t stack_tally_nodes(const struct stack_tally *tally, const struct stack_node **nodes) {
    *nodes = tally->nodes;
    return tally->node_count;
}

size_t stack_tally_part_count(const struct stack_tally *tally) {
    return tally->part_count;
}

struct stack_part stack_tally_part(const struct stack_tally *tally, uint32_t number) {
    const struct part *part = &tally->parts[number];
    return (struct stack_part){.kind = part->kind,
                               .name = name_table_get(&tally->names, part->name),
                               .module = name_table_get(&tally->names, part->module)};
}

uint32_t stack_node_next(const struct stack_node *nodes, uint32_t at, void (*leave)(void *context, uint32_t node),
                         void *context) {
    if (nodes[at].first_child) {
        return nodes[at].first_child;
    }
    for (;; at = nodes[at].parent) {
        leave(context, at);
        if (at == STACK_ROOT || nodes[at].next_sibling) {
            return nodes[at].next_sibling;
        }
    }
}

/* ----------------------------------------------------------------------- order */

/* As whole lines compare: behind its name an inner node has a semicolon, and a leaf the blank before its weight. */
static int compare_nodes(const void *a, const void *b, void *context) {
    const struct stack_tally *tally = context;
    const struct stack_node *left = &tally->nodes[*(const uint32_t *)a];
    const struct stack_node *right = &tally->nodes[*(const uint32_t *)b];
    const char *one = name_table_get(&tally->names, tally->parts[left->part].name);
    const char *other = name_table_get(&tally->names, tally->parts[right->part].name);
    while (*one && *one == *other) {
        one++;
        other++;
    }
    char first = *one ? *one : left->first_child ? ';' : ' ';
    char second = *other ? *other : right->first_child ? ';' : ' ';
    return (unsigned char)first - (unsigned char)second;
}

static size_t children_of(const struct stack_tally *tally, uint32_t node, uint32_t *children) {
    size_t count = 0;
    for (uint32_t child = tally->nodes[node].first_child; child; child = tally->nodes[child].next_sibling) {
        children[count++] = child;
    }
    return count;
}

int stack_tally_sort(struct stack_tally *tally) {
    uint32_t *children = calloc(tally->node_count, sizeof(*children));
    if (!children) {
        return -ENOMEM;
    }
    for (uint32_t node = 0; node < tally->node_count; node++) {
        size_t count = children_of(tally, node, children);
        qsort_r(children, count, sizeof(*children), compare_nodes, tally);
        for (size_t i = count; i > 0; i--) {
            tally->nodes[children[i - 1]].next_sibling = i < count ? children[i] : 0;
            tally->nodes[node].first_child = children[i - 1];
        }
    }
    free(children);
    return 0;
}

/* -------------------------------------------------------------- beginning, end */

static int make_marks(struct stack_tally *tally) {
    static const char *const names[MARK_COUNT] = {
        [MARK_OTHER] = "[other]", [MARK_LOST] = "[lost]", [MARK_CUT] = "[cut]", [MARK_UNKNOWN] = "[unknown]"};
    int status = 0;
    for (unsigned i = 0; i < MARK_COUNT && status == 0; i++) {
        uint32_t number;
        status = part_named(tally, PART_MARK, names[i], &number);
    }
    uint32_t node = STACK_ROOT;
    status = status == 0 ? descend(tally, &node, MARK_OTHER) : status;
    node = STACK_ROOT;
    return status == 0 ? descend(tally, &node, MARK_LOST) : status;
}

int stack_tally_create(struct stack_tally **result, enum stack_naming naming, size_t most) {
    *result = NULL;
    struct stack_tally *tally = calloc(1, sizeof(*tally));
    if (!tally) {
        return -ENOMEM;
    }
    tally->naming = naming;
    tally->most = (uint32_t)most;
    tally->node_room = 16;
    tally->node_count = 1;
    tally->nodes = calloc(tally->node_room, sizeof(*tally->nodes));
    if (!tally->nodes || make_marks(tally) < 0) {
        stack_tally_destroy(tally);
        return -ENOMEM;
    }
    *result = tally;
    return 0;
}

void stack_tally_destroy(struct stack_tally *tally) {
    if (!tally) {
        return;
    }
    name_table_finish(&tally->names);
    number_index_finish(&tally->part_index);
    number_index_finish(&tally->node_index);
    free(tally->parts);
    free(tally->nodes);
    text_finish(&tally->label);
    free(tally);
}
