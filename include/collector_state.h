/* SPDX-License-Identifier: MIT
 *
 * The collector's state, and the making of records, which its parts share:
 * collector.c joins notes and events and follows threads; collector_records.c
 * makes records of what has ended. For nobody else.
 */
#ifndef RENACER_COLLECTOR_STATE_H
#define RENACER_COLLECTOR_STATE_H

#include "collector.h"
#include "fates.h"
#include "overlap.h"
#include "task_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct collector {
    struct collector_options options;
    struct collector_actions actions;
    struct task_table *tasks;
    struct collector_counts counts;
    struct overlap overlap;
    struct pending_list questions; /* sigreturns that wait, oldest first */
    unsigned exec_patience;
    bool visible[SELECTION_NUMBERS]; /* whose events the kernel's filter lets through */
    struct fates fates;
    /* Captures of a call, with those made when it has returned behind them; or the bytes of a RECORD_MAPS. */
    uint8_t *scratch;
    bool threaded; /* the started process had a second thread */
    bool several;  /* without events: another thread than the first was seen */
};

/* Whether calls of this process are recorded. */
bool collector_records_process(const struct collector *collector, int32_t pid);
/* Whether more than one thread is traced at the moment. */
bool collector_has_several(const struct collector *collector);

/* A record of the task, without what belongs to its kind. */
struct record collector_plain_record(const struct collector *collector, const struct task *task, enum record_kind kind,
                                     uint64_t time);
/* Say once that the thread was created, by whom if that is known. The started process was made by us. */
void collector_announce(struct collector *collector, struct task *task, uint64_t time, struct start_record start);
/* A call with what was read of it at its entry and at its return, and its stack; each may be NULL. */
void collector_emit_call(struct collector *collector, struct record *record, const struct note *note,
                         const struct note *outputs, const struct stack_sample *stack);
struct record collector_call_record(const struct collector *collector, const struct task *task, enum arch arch,
                                    int64_t number, uint64_t time);
/* A call that was read, of which no event told more. */
void collector_emit_note(struct collector *collector, const struct task *task, const struct note *note, uint32_t flags);
/* The open call of a task ends: flags say what is known of its end. */
void collector_close_call(struct collector *collector, struct task *task, uint32_t flags, int64_t result,
                          uint64_t duration);
/* The last outputs of the thread are those of its open call, or of one that came later. */
bool task_has_outputs(const struct task *task);
/* The open call has returned: it ends now, or when its outputs have come. One that was broken off ends when it is
 * known for what: of a thread that is killed it has never returned. */
void collector_close_returned(struct collector *collector, struct task *task, int64_t result, uint64_t duration);
/* The open call of a task ends although what should have ended it was not seen: `flags` say what that means for
 * one that has not returned. */
void collector_close_open_call(struct collector *collector, struct task *task, uint32_t flags);

/* Hand over a record that is not of a call, if its process is recorded. */
void collector_emit_plain(struct collector *collector, struct record *record);
/* A RECORD_MAPS of these bytes. */
void collector_emit_maps(struct collector *collector, struct task *task, uint64_t time, const void *bytes, size_t size);
/* A RECORD_MAPPING, if somebody wants it; the mapping's file is taken over. `task` NULL: there was no memory for it. */
void collector_emit_mapping(struct collector *collector, const struct task *task, uint64_t time,
                            const struct mapping *mapping);
/* The task is past the exec to which a NOTE_MAPS belongs, if that is older than `time`. */
void collector_release_maps(struct collector *collector, struct task *task, uint64_t time);

#endif
