/* SPDX-License-Identifier: MIT
 *
 * What stands for numbers in the lines of a golden trace until it ends
 * (include/namer.h), and how it becomes numbers while the document is written:
 * tasks have theirs by then, and everything else is numbered as it appears.
 */
#ifndef RENACER_MARKS_H
#define RENACER_MARKS_H

#include "sink.h"
#include "task_tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mark {
    /* The number is a task's index. */
    MARK_TASK = 't',   /* its number */
    MARK_MAKER = 'm',  /* "2." in front of the number of what task 2 made; nothing for task 1 */
    MARK_THREAD = 'T', /* ,"tid":2 if there is a second thread in the document, else nothing */
    MARK_JOIN = 'j',   /* at the beginning of a line: task_tree_join() */
    /* The number is a key, each of which gets the next number when it appears. */
    MARK_INODE = 'i',
    MARK_OUTSIDE = 'o', /* a process that is none of the trace's */
    MARK_TEMPORARY = 'n',
    MARK_SEGMENT = 's', /* of shared memory */
    MARK_QUEUE = 'q',
    MARK_SEMAPHORES = 'S',
};

struct marked_number;

enum {
    MARK_KINDS = 128,
};

struct marks {
    const struct task_tree *tree;
    bool has_threads;                          /* for MARK_THREAD */
    bool plain_ids;                            /* tasks are shown by the ids that they had */
    struct marked_number *numbers[MARK_KINDS]; /* those that were given, by letter */
    int error;                                 /* ENOMEM, or 0 */
};

/* The tasks of `tree` are numbered before anything is written. */
void marks_init(struct marks *marks, const struct task_tree *tree);
void marks_finish(struct marks *marks);

/* Write a line, with numbers in place of its marks. */
void marks_write(struct marks *marks, struct sink *sink, const char *line, size_t size);

/* The number of the mark of this kind with which a line begins, and behind it *rest; 0: it begins with none. */
uint64_t mark_at(enum mark mark, const char *line, size_t size, size_t *rest);

#endif
