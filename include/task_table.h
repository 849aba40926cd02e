/* SPDX-License-Identifier: MIT
 *
 * The table of tasks: what the collector knows of each thread.
 */
#ifndef RENACER_TASK_TABLE_H
#define RENACER_TASK_TABLE_H

#include "note.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TASK_INTERRUPTIONS = 32, /* nested handlers that are remembered per thread; the oldest goes first */
};

/* A note that waits for its event; its captures follow it. */
struct pending_note {
    struct pending_note *next;
    struct note note;
};

/* A copy of `note` with its captures, or NULL without memory. */
struct pending_note *pending_create(const struct note *note);
void pending_free(struct pending_note *pending);

/* Notes in the order of time. Zero-initialised is empty. */
struct pending_list {
    struct pending_note *first;
    struct pending_note *last;
};

void pending_free_all(struct pending_list *list);
/* Insert by time: notes of one thread may come from several receivers. */
void pending_insert(struct pending_list *list, struct pending_note *pending);
/* Unlinks and returns the first; the list must not be empty. */
struct pending_note *pending_take_first(struct pending_list *list);
/* The one with this id, or NULL. */
struct pending_note *pending_find(const struct pending_list *list, uint64_t id);
/* Unlink one that is in the list. */
void pending_unlink(struct pending_list *list, struct pending_note *pending);

struct open_call {
    enum arch arch;
    bool several; /* threads were traced when it began */
    int64_t number;
    uint64_t time;
    uint64_t args[6];
    struct pending_note *note;  /* owned; NULL for a call that did not stop */
    struct stack_sample *stack; /* owned; NULL: there is none */
    /* It has returned with this result, and waits for its NOTE_OUTPUTS, or for what broke it off. */
    bool returned;
    int64_t result;
    uint64_t duration;
};

/* An exit without an entry: a filter of the program has answered the call, or its thread was killed while a ptracer
 * held it there. What comes next tells. */
struct lone_exit {
    bool is;
    int64_t number;
    int64_t result;
    uint64_t time;
    struct pending_note *note; /* owned; NULL for a call that did not stop */
};

/* Where an interrupted call would go on: see include/repair.h. */
struct interruption {
    uint64_t ip;
    uint64_t sp;
    int number;
    bool undecided; /* the signal that follows tells whether it is to be mended */
};

struct task {
    int32_t tid;
    int32_t pid; /* 0 until it is told */
    bool met;    /* an event has told of it, not a note alone, whose thread may have been dead already */
    bool in_call;
    bool born;      /* created, and no call of it seen yet: its first exit is its creator's call */
    bool exec_seen; /* the open call is an exec that has succeeded */
    bool reopened;  /* it lost its events in an exec whose exit may still come */
    bool ended;
    bool lingers; /* ended, but its process goes on with other threads: the leader is a zombie until they have ended */
    bool widened; /* its calls of another architecture are seen (narrow sources) */
    bool own;     /* of a process that is recorded: see task_table_own() */
    bool announced;        /* its RECORD_START was made, or it needs none */
    bool maps_due;         /* it runs a program of which no RECORD_MAPS was made, and no NOTE_MAPS will come */
    bool dies_for_exec;    /* another thread of its process executes a program */
    struct open_call call; /* if in_call */
    struct lone_exit lone_exit;
    struct pending_list pending;
    struct pending_list maps;    /* NOTE_MAPS whose programs' first events are still to come */
    struct pending_list outputs; /* NOTE_OUTPUTS whose calls' exits are still to come */
    struct interruption interruptions[TASK_INTERRUPTIONS]; /* newest last */
    unsigned interruption_count;
};

/* Drop the open call without a record. */
void task_forget_call(struct task *task);
/* The same for an exit without an entry. */
void task_forget_lone_exit(struct task *task);
/* The id was used again: drop everything but notes that are still to be claimed. */
void task_reset(struct task *task);
/* An event of a thread that was believed to have ended: the id belongs to a new one. */
void task_revive(struct task *task);
/* The open call becomes that of another task. */
void task_move_call(struct task *from, struct task *to);
bool task_is_in_exec(const struct task *task);

void task_add_interruption(struct task *task, uint64_t ip, uint64_t sp, int number, bool undecided);
/* The signal that interrupted has come: keep the newest interruption that is undecided, or forget it. */
void task_decide_interruption(struct task *task, bool keep);
/* Forget the interruption at this place and return its call number, or -1 if there is none that is decided. */
int task_take_interruption(struct task *task, uint64_t ip, uint64_t sp);
void task_forget_interruptions(struct task *task);

struct task_table;

/* NULL without memory. */
struct task_table *task_table_create(void);
void task_table_destroy(struct task_table *table);
size_t task_table_count(const struct task_table *table);
/* How many of them belong to processes that are recorded. */
size_t task_table_own(const struct task_table *table);
/* The task belongs to such a process. */
void task_table_set_own(struct task_table *table, struct task *task);
/* The task with this id, or NULL. */
struct task *task_table_find(struct task_table *table, int32_t tid);
/* The same, made if it is not there; NULL without memory. */
struct task *task_table_get(struct task_table *table, int32_t tid);
/* A task of process `pid`, other than `tid`, that is in an exec; NULL if there is none. */
struct task *task_table_find_in_exec(struct task_table *table, int32_t pid, int32_t tid);
/* Whether process `pid` has a thread, other than its leader, that was met and has not ended. */
bool task_table_has_thread(struct task_table *table, int32_t pid);
/* Any task, or NULL if the table is empty. */
struct task *task_table_any(struct task_table *table);
void task_table_remove(struct task_table *table, struct task *task);

#endif
