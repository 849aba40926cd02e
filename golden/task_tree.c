/* SPDX-License-Identifier: MIT */
#include "task_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct task_entry {
    int32_t tid;
    struct golden_task *task;
    UT_hash_handle hh;
};

enum {
    INDEX_BITS = 32, /* of a join's number: the task; above it the wait */
};

void task_tree_init(struct task_tree *tree) {
    *tree = (struct task_tree){0};
}

void task_tree_finish(struct task_tree *tree) {
    struct task_entry *entry;
    struct task_entry *next;
    HASH_ITER(hh, tree->entries, entry, next) {
        HASH_DEL(tree->entries, entry);
        free(entry);
    }
    for (size_t i = 0; i < tree->count; i++) {
        while (tree->tasks[i]->held) {
            struct held_line *line = tree->tasks[i]->held;
            tree->tasks[i]->held = line->next;
            free(line);
        }
        free(tree->tasks[i]->restart);
        lane_finish(&tree->tasks[i]->calls);
        lane_finish(&tree->tasks[i]->events);
        free(tree->tasks[i]);
    }
    free(tree->tasks);
    *tree = (struct task_tree){0};
}

static struct task_entry *find_entry(const struct task_tree *tree, int32_t tid) {
    struct task_entry *entry;
    HASH_FIND_INT(tree->entries, &tid, entry);
    return entry;
}

struct golden_task *task_tree_find(const struct task_tree *tree, int32_t tid) {
    struct task_entry *entry = find_entry(tree, tid);
    return entry ? entry->task : NULL;
}

/* From now on the id is that of `task`. */
static bool set_entry(struct task_tree *tree, struct golden_task *task) {
    struct task_entry *entry = find_entry(tree, task->tid);
    if (!entry) {
        entry = calloc(1, sizeof(*entry));
        if (!entry) {
            return false;
        }
        entry->tid = task->tid;
        HASH_ADD_INT(tree->entries, tid, entry);
        if (!find_entry(tree, task->tid)) {
            free(entry); /* no memory for the table */
            return false;
        }
    }
    entry->task = task;
    return true;
}

static struct golden_task *add_task(struct task_tree *tree, int32_t pid, int32_t tid, struct golden_task *creator) {
    if (tree->count == tree->capacity) {
        size_t capacity = tree->capacity ? 2 * tree->capacity : 16;
        struct golden_task **tasks = realloc(tree->tasks, capacity * sizeof(struct golden_task *));
        if (!tasks) {
            return NULL;
        }
        tree->tasks = tasks;
        tree->capacity = capacity;
    }
    struct golden_task *task = calloc(1, sizeof(*task));
    if (!task) {
        return NULL;
    }
    task->pid = pid;
    task->tid = tid;
    task->creator = creator;
    task->index = (uint32_t)tree->count;
    if (!set_entry(tree, task)) {
        free(task);
        return NULL;
    }
    tree->tasks[tree->count++] = task;
    return task;
}

struct golden_task *task_tree_get(struct task_tree *tree, int32_t pid, int32_t tid) {
    struct golden_task *task = task_tree_find(tree, tid);
    if (!task) {
        task = add_task(tree, pid, tid, NULL);
    }
    if (task) {
        task->started = true;
        task->pid = pid ? pid : task->pid;
    }
    return task;
}

struct golden_task *task_tree_start(struct task_tree *tree, int32_t pid, int32_t tid, int32_t creator) {
    struct golden_task *task = task_tree_find(tree, tid);
    /* The call that created it may have been heard of first. */
    if (!task || task->started) {
        task = add_task(tree, pid, tid, task_tree_find(tree, creator));
    }
    if (task) {
        task->started = true;
        task->pid = pid;
    }
    return task;
}

struct golden_task *task_tree_created(struct task_tree *tree, struct golden_task *creator, int32_t tid) {
    struct golden_task *task = task_tree_find(tree, tid);
    creator->births++;
    bool is_it = task && (task->creator == creator ? !task->birth : !task->ended && task->started);
    if (!is_it) {
        task = add_task(tree, 0, tid, creator);
    }
    if (task && task->creator == creator && !task->birth) {
        task->birth = creator->births;
    }
    return task;
}

uint64_t task_tree_join(struct task_tree *tree, int32_t pid) {
    struct golden_task *task = task_tree_find(tree, pid);
    if (!task || !task->started) {
        return 0;
    }
    task->joined = ++tree->joins << INDEX_BITS | task->index;
    return task->joined;
}

struct golden_task *task_tree_joined(const struct task_tree *tree, uint64_t join) {
    uint32_t index = (uint32_t)join;
    struct golden_task *task = index < tree->count ? tree->tasks[index] : NULL;
    return task && task->joined == join ? task : NULL;
}

/* ---------------------------------------------------------------------- numbers */

/* A task is a child of its creator, and those without one are children of nobody. */
static int compare_births(const void *left, const void *right) {
    const struct golden_task *one = *(struct golden_task *const *)left;
    const struct golden_task *other = *(struct golden_task *const *)right;
    /* Those whose birth was not seen come last, as they were heard of; `- 1` makes 0 the largest. */
    if (one->birth != other->birth) {
        return one->birth - 1 < other->birth - 1 ? -1 : 1;
    }
    return one->index < other->index ? -1 : one->index > other->index;
}

struct golden_task *task_tree_next(const struct task_tree *tree, const struct golden_task *task) {
    if (!task) {
        return tree->count ? tree->tasks[0] : NULL;
    }
    if (task->child) {
        return task->child;
    }
    while (task && !task->sibling) {
        task = task->creator;
    }
    return task ? task->sibling : NULL;
}

int task_tree_number(struct task_tree *tree) {
    if (tree->count == 0) {
        return 0;
    }
    struct golden_task **sorted = malloc(tree->count * sizeof(struct golden_task *));
    if (!sorted) {
        return -ENOMEM;
    }
    memcpy(sorted, tree->tasks, tree->count * sizeof(struct golden_task *));
    qsort(sorted, tree->count, sizeof(struct golden_task *), compare_births);
    /* From the last to the first, each in front of its siblings. The root is the first of those without a creator. */
    struct golden_task *root = tree->tasks[0];
    for (size_t i = tree->count; i > 0; i--) {
        struct golden_task *task = sorted[i - 1];
        struct golden_task **first = task->creator ? &task->creator->child : &root->sibling;
        if (task != root) {
            task->sibling = *first;
            *first = task;
        }
    }
    free(sorted);
    uint32_t number = 0;
    struct golden_task *task = NULL;
    while ((task = task_tree_next(tree, task))) {
        task->number = ++number;
    }
    return 0;
}
