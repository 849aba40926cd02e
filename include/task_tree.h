/* SPDX-License-Identifier: MIT
 *
 * The tasks (threads and processes) of a golden trace: who created whom, by
 * which of its calls, and who waited for whom. From that follow their numbers
 * and the order in which a document has them, neither of which depends on how
 * the kernel scheduled them.
 */
#ifndef RENACER_TASK_TREE_H
#define RENACER_TASK_TREE_H

#include "lanes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line that may not stand where it came. */
struct held_line {
    struct held_line *next;
    uint64_t order; /* among others */
    size_t size;
    char bytes[];
};

/* A task: one thread from its birth to its end. A later one of the same id is another task. */
struct golden_task {
    int32_t tid;
    int32_t pid;       /* process; 0: not known */
    uint32_t index;    /* in the order in which they were heard of */
    uint32_t number;   /* after task_tree_number() */
    uint64_t mappings; /* without a file that it made */
    uint64_t joined;   /* the wait that returned it last, as task_tree_join() numbers them; 0: none */
    uint64_t handlers; /* bits, the newest lowest: whether a signal that was delivered is SIGCHLD */
    int64_t last_id;   /* of a process or thread that a call of it returned; 0: none did */
    uint64_t births;   /* tasks that it created */
    uint64_t birth;    /* which of its creator's this one is, from 1; 0: the call that made it was not seen */
    bool started;      /* it was traced */
    bool ended;
    bool written;                /* for whoever walks through the document */
    struct golden_task *creator; /* NULL: the root, or not known */
    struct golden_task *child;   /* the first it created; after task_tree_number() */
    struct golden_task *sibling; /* the next of the same creator */
    struct held_line *held;      /* the last lines of its calls, in order */
    unsigned held_count;
    struct held_line *restart; /* its last call, which is shown only if a signal follows */
    struct lane calls;
    struct lane events;
};

struct task_entry;

struct task_tree {
    struct golden_task **tasks; /* by index */
    size_t count;
    size_t capacity;
    struct task_entry *entries; /* the newest task of each id */
    uint64_t joins;
};

void task_tree_init(struct task_tree *tree);
void task_tree_finish(struct task_tree *tree);

/* The task that has this id, or had it last; NULL: none had. */
struct golden_task *task_tree_find(const struct task_tree *tree, int32_t tid);

/* The same; one that nobody has heard of is new. NULL: no memory. */
struct golden_task *task_tree_get(struct task_tree *tree, int32_t pid, int32_t tid);

/* A task was born. NULL: no memory. */
struct golden_task *task_tree_start(struct task_tree *tree, int32_t pid, int32_t tid, int32_t creator);

/* A call of `creator` returned the id of the task that it created, which may be heard of before or after. It need not
 * be traced. NULL: no memory. */
struct golden_task *task_tree_created(struct task_tree *tree, struct golden_task *creator, int32_t tid);

/* A wait returned a process; what the wait is to be marked with, or 0. If the same one is returned again, only the last
 * wait counts. */
uint64_t task_tree_join(struct task_tree *tree, int32_t pid);

/* The process that a wait so marked returned; NULL if that was not the last one. */
struct golden_task *task_tree_joined(const struct task_tree *tree, uint64_t join);

/* Give every task its number: the root is 1; then, depth first, those that each task created, in the order of the calls
 * that did so. 0 or -ENOMEM. */
int task_tree_number(struct task_tree *tree);

/* The task behind `task` in the order of numbers; NULL behind the last, and the first for NULL. */
struct golden_task *task_tree_next(const struct task_tree *tree, const struct golden_task *task);

#endif
