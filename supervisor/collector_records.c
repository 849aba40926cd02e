/* SPDX-License-Identifier: MIT */
#include "cleanup.h"
#include "collector_state.h"

#include <string.h>

bool collector_records_process(const struct collector *collector, int32_t pid) {
    return collector->options.follow || pid == 0 || pid == collector->options.root;
}

static void hand_over(struct collector *collector, struct record *record, const void *payload,
                      const struct stack_sample *stack) {
    record->threaded = collector->threaded;
    collector->actions.emit(collector->actions.context, record, payload, stack);
}

/* Whether more than one thread is traced at the moment. */
bool collector_has_several(const struct collector *collector) {
    return task_table_own(collector->tasks) > 1 || collector->several;
}

struct record collector_plain_record(const struct collector *collector, const struct task *task, enum record_kind kind,
                                     uint64_t time) {
    return (struct record){.kind = (uint8_t)kind,
                           .arch = ARCH_X86_64,
                           .several = collector_has_several(collector),
                           .pid = task->pid,
                           .tid = task->tid,
                           .time_ns = time};
}

/* Say once that the thread was created, by whom if that is known. The started process was made by us. */
void collector_announce(struct collector *collector, struct task *task, uint64_t time, struct start_record start) {
    if (!collector->options.births || task->announced || !collector_records_process(collector, task->pid)) {
        return;
    }
    task->announced = true;
    if (task->tid != collector->options.root) {
        struct record record = collector_plain_record(collector, task, RECORD_START, time);
        record.start = start;
        hand_over(collector, &record, NULL, NULL);
    }
}

static void emit(struct collector *collector, struct record *record, const void *payload,
                 const struct stack_sample *stack) {
    struct task *task = collector->options.births ? task_table_find(collector->tasks, record->tid) : NULL;
    if (task) {
        collector_announce(collector, task, record->time_ns, (struct start_record){0});
    }
    hand_over(collector, record, payload, stack);
}

/* Whether the result of the call is a new descriptor that somebody wants to know more of. */
static bool returns_descriptor(const struct collector *collector, const struct record *record) {
    const struct call_record *call = &record->call;
    const struct syscall_row *row = syscall_row(record->arch, call->number);
    return row && call->flags & CALL_HAS_RESULT && call->result >= 0 &&
           capture_needs_result(row, collector->options.capture) && row_returns_descriptor(row, call->args);
}

/* A call with what was read of it at its entry and at its return, and its stack; each may be NULL. */
void collector_emit_call(struct collector *collector, struct record *record, const struct note *note,
                         const struct note *outputs, const struct stack_sample *stack) {
    if (!collector_records_process(collector, record->pid) ||
        !selection_has(collector->options.selection, record->arch, record->call.number)) {
        return;
    }
    struct call_record *call = &record->call;
    collector->counts.calls++;
    if (!(call->flags & CALL_HAS_ARGS)) {
        collector->counts.without_args++;
    } else if (!(call->flags & (CALL_HAS_RESULT | CALL_UNRETURNED))) {
        collector->counts.without_result++;
    }
    const void *captures = note ? note_captures(note) : NULL;
    call->captures_size = note ? note->captures_size : 0;
    /* Whoever read outputs has looked at the result as well. */
    bool describes = !outputs && returns_descriptor(collector, record);
    if (describes || (outputs && outputs->captures_size)) {
        if (call->captures_size) {
            memcpy(collector->scratch, captures, call->captures_size);
        }
        captures = collector->scratch;
    }
    if (describes) {
        call->captures_size = (uint32_t)collector->actions.describe(
            collector->actions.context, collector->scratch, call->captures_size, record->tid, (int)call->result);
    } else if (outputs && outputs->captures_size) {
        memcpy(collector->scratch + call->captures_size, note_captures(outputs), outputs->captures_size);
        call->captures_size += outputs->captures_size;
    }
    call->stack_size = stack ? (uint32_t)stack_sample_size(stack) : 0;
    emit(collector, record, captures, stack);
}

struct record collector_call_record(const struct collector *collector, const struct task *task, enum arch arch,
                                    int64_t number, uint64_t time) {
    return (struct record){.kind = RECORD_CALL,
                           .arch = (uint8_t)arch,
                           .several = collector_has_several(collector),
                           .pid = task->pid,
                           .tid = task->tid,
                           .time_ns = time,
                           .call = {.number = (int32_t)number}};
}

/* A call that was read, of which no event told more. */
void collector_emit_note(struct collector *collector, const struct task *task, const struct note *note,
                         uint32_t flags) {
    struct record record = collector_call_record(collector, task, note->arch, note->number, note->time);
    record.call.flags = CALL_HAS_ARGS | flags;
    memcpy(record.call.args, note->args, sizeof(note->args));
    collector_emit_call(collector, &record, note, NULL, NULL);
}

/* Whether outputs belong to the open call of the task. */
static bool outputs_wanted(const struct task *task) {
    return task->call.note && task->call.note->note.more;
}

/* What was read at the return of the open call, owned by the caller, or NULL. Older
 * ones are dropped: the exits of their calls were not seen. */
static struct pending_note *take_outputs(struct task *task) {
    uint64_t id = outputs_wanted(task) ? task->call.note->note.id : 0;
    while (id && task->outputs.first && task->outputs.first->note.id <= id) {
        struct pending_note *outputs = pending_take_first(&task->outputs);
        if (outputs->note.id == id) {
            return outputs;
        }
        pending_free(outputs);
    }
    return NULL;
}

/* The open call of a task ends: flags say what is known of its end. */
void collector_close_call(struct collector *collector, struct task *task, uint32_t flags, int64_t result,
                          uint64_t duration) {
    struct record record = collector_call_record(collector, task, task->call.arch, task->call.number, task->call.time);
    record.several = task->call.several;
    record.call.flags = CALL_HAS_ARGS | flags;
    record.call.result = result;
    record.call.duration_ns = duration;
    memcpy(record.call.args, task->call.args, sizeof(task->call.args));
    struct pending_note *outputs = take_outputs(task);
    collector_emit_call(collector, &record, task->call.note ? &task->call.note->note : NULL,
                        outputs ? &outputs->note : NULL, task->call.stack);
    pending_free(outputs);
    task_forget_call(task);
}

/* The last outputs of the thread are those of its open call, or of one that came later. */
bool task_has_outputs(const struct task *task) {
    return task->outputs.last && task->outputs.last->note.id >= task->call.note->note.id;
}

/* The open call has returned: it ends now, or when its outputs have come. One that was broken off ends when it is
 * known for what: of a thread that is killed it has never returned. */
void collector_close_returned(struct collector *collector, struct task *task, int64_t result, uint64_t duration) {
    if (kernel_restarts(result) || (outputs_wanted(task) && !task_has_outputs(task))) {
        task->call.returned = true;
        task->call.result = result;
        task->call.duration = duration;
        return;
    }
    collector_close_call(collector, task, CALL_HAS_RESULT | CALL_HAS_DURATION, result, duration);
}

/* The open call of a task ends although what should have ended it was not seen: `flags` say what that means for
 * one that has not returned. */
void collector_close_open_call(struct collector *collector, struct task *task, uint32_t flags) {
    bool died = flags & CALL_UNRETURNED && kernel_restarts(task->call.result);
    if (task->call.returned && !died) {
        collector_close_call(collector, task, CALL_HAS_RESULT | CALL_HAS_DURATION, task->call.result,
                             task->call.duration);
    } else {
        collector_close_call(collector, task, flags, 0, 0);
    }
}

void collector_emit_plain(struct collector *collector, struct record *record) {
    if (collector_records_process(collector, record->pid)) {
        emit(collector, record, NULL, NULL);
    }
}

void collector_emit_maps(struct collector *collector, struct task *task, uint64_t time, const void *bytes,
                         size_t size) {
    task->maps_due = false;
    if (collector_records_process(collector, task->pid)) {
        struct record record = collector_plain_record(collector, task, RECORD_MAPS, time);
        record.maps.size = (uint32_t)size;
        emit(collector, &record, bytes, NULL);
    }
}

/* The task is past the exec to which a NOTE_MAPS belongs, if that is older than `time`. */
void collector_release_maps(struct collector *collector, struct task *task, uint64_t time) {
    while (task->maps.first && task->maps.first->note.time < time && !task_is_in_exec(task)) {
        struct pending_note *maps = pending_take_first(&task->maps);
        collector_emit_maps(collector, task, maps->note.time, note_captures(&maps->note), maps->note.captures_size);
        pending_free(maps);
    }
}

void collector_emit_mapping(struct collector *collector, const struct task *task, uint64_t time,
                            const struct mapping *mapping) {
    if (!task || !collector->options.stacks || !collector_records_process(collector, task->pid)) {
        int file = mapping->file;
        close_fd(&file);
        return;
    }
    struct record record = collector_plain_record(collector, task, RECORD_MAPPING, time);
    record.maps.size = (uint32_t)mapping_size(mapping);
    emit(collector, &record, mapping, NULL);
}
