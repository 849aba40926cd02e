/* SPDX-License-Identifier: MIT
 *
 * What everything is called in a golden trace: follows the tasks, the memory of
 * processes and the names of temporary files record by record, and is the namer
 * (include/namer.h) of the record that was taken in last.
 */
#ifndef RENACER_GOLDEN_NAMES_H
#define RENACER_GOLDEN_NAMES_H

#include "golden_rules.h"
#include "namer.h"
#include "record.h"
#include "task_tree.h"
#include "temporary_names.h"

#include <stdbool.h>
#include <stdint.h>

struct golden_process;

enum {
    /* Ended processes whose memory is kept: records of their threads can come late. */
    GOLDEN_ENDED_MAX = 64,
};

struct golden_names {
    golden_rules rules;
    bool follow; /* lines name process and thread; else the thread, if there is a second one */
    struct namer namer;
    struct task_tree tree;
    struct temporary_names temporary;
    struct golden_process *processes;
    int32_t ended[GOLDEN_ENDED_MAX]; /* the processes that ended last, as a ring */
    unsigned ended_next;
    int error; /* errno of the first failure, or 0 */
    /* Of the record that was taken in last: */
    struct golden_task *task;
    struct golden_process *process;
    bool is_old; /* the memory that its arguments point to is that before the last execve */
    bool is_exec;
    const struct syscall_row *row; /* of a call; NULL: it has none */
    bool is_restart; /* a call that will be made again; what follows says whether a signal had anything to do with it */
    uint64_t join;   /* task_tree_join() */
    uint64_t place;  /* of a wait for any child among others that follow it directly; 0: it is none */
    bool is_left_out; /* by a rule */
};

/* `root` is the started process. */
void golden_names_init(struct golden_names *names, golden_rules rules, bool follow, int32_t root);
void golden_names_finish(struct golden_names *names);

/* Take in a record that is about to be shown. The task that it is of, or NULL: there is no memory. */
struct golden_task *golden_names_take(struct golden_names *names, const struct record *record);

/* A record that was taken in is not shown. */
void golden_names_skip(struct golden_names *names, const struct record *record);

/* Find the first part of a string that has another name (golden/name_parts.c). */
bool golden_find_part(const struct golden_names *names, const uint8_t *bytes, size_t size, struct named_part *part);

#endif
