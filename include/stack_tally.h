/* SPDX-License-Identifier: MIT
 *
 * The tally of whole stacks: a tree whose paths from the root are the stacks that
 * calls were made on, outermost function first, each with the call itself as its
 * leaf. What --folded and --function-time write is made of it.
 *
 * Its memory is bounded: calls for whose stack there is no room are counted
 * together.
 */
#ifndef RENACER_STACK_TALLY_H
#define RENACER_STACK_TALLY_H

#include "call_stack.h"
#include "record.h"
#include "tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STACK_NODES_MOST = 1 << 20, /* of 48 bytes, with their index */
};

/* How functions are told apart. */
enum stack_naming {
    STACKS_BY_LABEL,    /* by how they are written in a folded line */
    STACKS_BY_FUNCTION, /* by name and module; where it was inlined a function is the same */
};

enum stack_part_kind {
    PART_MARK,     /* stands for what is not known, in brackets */
    PART_PROGRAM,  /* the name of a process's program */
    PART_FUNCTION, /* by label: its label */
    PART_CALL,     /* the system call */
};

/* What nodes are of. */
struct stack_part {
    enum stack_part_kind kind;
    const char *name;   /* NULL: a function of which only the module is known */
    const char *module; /* of a function; NULL by label */
};

/* The marks are the first parts, and each of the first two has a node of its own, next to the root. */
enum stack_mark {
    MARK_OTHER,   /* stacks for which there was no room */
    MARK_LOST,    /* what another process had counted, which is gone with it */
    MARK_CUT,     /* outwards of here the stack was not copied */
    MARK_UNKNOWN, /* code that is in no file, or who called this function */
    MARK_COUNT,
};

enum {
    STACK_ROOT, /* a node, as are the next two */
    STACK_OTHER,
    STACK_LOST,
};

/* All are indices of nodes, 0 for none, but for `part`. A node comes behind its parent. */
struct stack_node {
    uint32_t parent;
    uint32_t part;
    uint32_t first_child;
    uint32_t next_sibling;
    uint64_t calls;   /* that were made here, which is at leaves; those that returned */
    uint64_t time_ns; /* of these, in the kernel */
    uint64_t self_ns; /* of the calls whose nearest frame of the user's this is */
};

struct stack_tally;

/* At most `most` nodes, at least 16. 0 or -ENOMEM. */
int stack_tally_create(struct stack_tally **result, enum stack_naming naming, size_t most);
/* NULL is fine. */
void stack_tally_destroy(struct stack_tally *tally);

/* Count a RECORD_CALL. `program`: its process's; NULL: not known, it is named after the module of the outermost
 * frame of the user's then, or of the outermost of all. `stack`: NULL or without frames: nothing is known. `place`: the
 * nearest frame of the user's, NULL: there is none; always the same for a stack that has a number. All names are
 * copied. */
void stack_tally_add(struct stack_tally *tally, const char *program, const struct call_stack *stack,
                     const struct frame *place, const struct record *record);

/* All calls there were, as somebody else has counted them: what this tally has not seen is lost. */
void stack_tally_complete(struct stack_tally *tally, const struct tally_row *total);

/* Calls for whose stack there was no room. */
uint64_t stack_tally_overflow(const struct stack_tally *tally);

/* The nodes: how many. The root is the first. */
size_t stack_tally_nodes(const struct stack_tally *tally, const struct stack_node **nodes);
/* How many parts there are, and one of them, whose strings are valid until the next call is counted. */
size_t stack_tally_part_count(const struct stack_tally *tally);
struct stack_part stack_tally_part(const struct stack_tally *tally, uint32_t number);

/* The node that comes next if all are visited, a parent before its children; 0: that was the last. `leave` is told of
 * each node whose children have all been visited. */
uint32_t stack_node_next(const struct stack_node *nodes, uint32_t at, void (*leave)(void *context, uint32_t node),
                         void *context);

/* Bring the children of every node into the order of the lines of folded stacks. 0 or -ENOMEM. */
int stack_tally_sort(struct stack_tally *tally);

#endif
