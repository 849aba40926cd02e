/* SPDX-License-Identifier: MIT */
#include "collector_state.h"
#include "program_maps.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXEC_PATIENCE = 64, /* rounds that an exec is waited for */
};

int collector_create(struct collector **result, const struct collector_options *options,
                     const struct collector_actions *actions) {
    *result = NULL;
    struct collector *collector = calloc(1, sizeof(*collector));
    struct task_table *tasks = task_table_create();
    size_t bound = capture_bound(options->capture);
    uint8_t *scratch = malloc(options->maps && bound < PROGRAM_MAPS_BOUND ? PROGRAM_MAPS_BOUND : bound);
    if (!collector || !tasks || !scratch) {
        free(collector);
        free(scratch);
        task_table_destroy(tasks);
        return -ENOMEM;
    }
    collector->options = *options;
    collector->actions = *actions;
    collector->tasks = tasks;
    collector->scratch = scratch;
    selection_kernel_ids(options->selection, collector->visible);
    *result = collector;
    return 0;
}

void collector_destroy(struct collector *collector) {
    if (!collector) {
        return;
    }
    pending_free_all(&collector->questions);
    task_table_destroy(collector->tasks);
    free(collector->scratch);
    free(collector);
}

const struct collector_counts *collector_counts(const struct collector *collector) {
    return &collector->counts;
}

struct end_record collector_root_end(const struct collector *collector) {
    return fates_end(&collector->fates, collector->options.root);
}

size_t collector_tasks(const struct collector *collector) {
    return task_table_count(collector->tasks);
}

/* Whether the number is that of such a call on either architecture: the exit of
 * a call does not tell which it is. */
static bool may_be(bool (*is_such)(const struct syscall_row *row), int64_t number) {
    for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
        const struct syscall_row *row = syscall_row(arch, (int)number);
        if (row && is_such(row)) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ threads */

static struct task *known_task(struct collector *collector, int32_t tid, int32_t pid) {
    size_t known = task_table_count(collector->tasks);
    struct task *task = task_table_get(collector->tasks, tid);
    if (task && collector->options.midway && task_table_count(collector->tasks) != known) {
        handover_give(collector->options.handover, task);
    }
    /* Whose it is may not be known before its first event: a child that is not followed is of no account until then. */
    if (task && pid && collector_records_process(collector, pid)) {
        task_table_set_own(collector->tasks, task);
    }
    if (task && pid) {
        task->pid = pid;
        if (pid == collector->options.root && tid != pid) {
            collector->threaded = true;
        }
    }
    return task;
}

static struct task *met_task(struct collector *collector, const struct kernel_event *event) {
    struct task *task = known_task(collector, event->tid, event->pid);
    if (task) {
        task->met = true;
    }
    return task;
}

static void keep_interruptions(const struct collector *collector, const struct task *task) {
    if (collector->options.handover) {
        handover_keep(collector->options.handover, task);
    }
}

/* An exit without an entry: `note`, which it takes over, is what is known of the entry, or NULL. */
static void emit_lone_exit(struct collector *collector, const struct task *task, const struct lone_exit *alone) {
    const struct note *note = alone->note ? &alone->note->note : NULL;
    struct record record = collector_call_record(collector, task, note ? note->arch : ARCH_X86_64, alone->number,
                                                 note ? note->time : alone->time);
    if (note) {
        /* Its events were opened again within the call. */
        record.call.number = (int32_t)note->number;
        record.call.flags = CALL_HAS_ARGS;
        memcpy(record.call.args, note->args, sizeof(note->args));
    }
    if (note || alone->result != alone->number) {
        record.call.flags |= CALL_HAS_RESULT;
        record.call.result = alone->result;
    }
    collector_emit_call(collector, &record, note, NULL, NULL);
}

/* The thread lives: what it was answered was an answer. */
static void believe_lone_exit(struct collector *collector, struct task *task) {
    if (task->lone_exit.is) {
        emit_lone_exit(collector, task, &task->lone_exit);
        task_forget_lone_exit(task);
    }
}

/* What follows the return of a call tells that its thread lives: the call is over. */
static void close_if_returned(struct collector *collector, struct task *task) {
    believe_lone_exit(collector, task);
    if (task->in_call && task->call.returned) {
        collector_close_open_call(collector, task, 0);
    }
}

/* Notes that no enter event claimed: their calls ran while the thread had no events, or were never answered. */
static void flush_pending_before(struct collector *collector, struct task *task, uint64_t time, uint32_t flags) {
    while (task->pending.first &&
           (task->pending.first->note.time < time || task->pending.first->note.kind == NOTE_CANCELLED)) {
        struct pending_note *pending = pending_take_first(&task->pending);
        collector_emit_note(collector, task, &pending->note, flags);
        pending_free(pending);
    }
}

/* The note of call `number` that was the last before `time`, owned by the
 * caller, or NULL. Calls of older notes ran while the thread had no events. */
static struct pending_note *claim_note(struct collector *collector, struct task *task, int64_t number, uint64_t time) {
    struct pending_note *claimed = NULL;
    while (task->pending.first && task->pending.first->note.time < time) {
        if (claimed) {
            /* Of one that was never answered the thread has gone: its id is now that of another, which has called
             * execve. */
            collector_emit_note(collector, task, &claimed->note,
                                claimed->note.kind == NOTE_CANCELLED ? CALL_UNRETURNED : 0);
            pending_free(claimed);
        }
        claimed = pending_take_first(&task->pending);
    }
    if (claimed && claimed->note.number != number &&
        !(may_be(row_is_exec, claimed->note.number) && may_be(row_is_exec, number))) {
        collector_emit_note(collector, task, &claimed->note, 0);
        pending_free(claimed);
        claimed = NULL;
    }
    return claimed;
}

int collector_parallelism(struct collector *collector) {
    return overlap_verdict(&collector->overlap);
}

/* Whether the enter event of this call would have been seen. */
static bool is_visible(const struct collector *collector, int64_t number) {
    if (syscall_is_x32(ARCH_X86_64, number)) {
        return true;
    }
    return number < 0 || number >= SELECTION_NUMBERS ? collector->options.selection->all : collector->visible[number];
}

/* -------------------------------------------------------------------- notes */

/* Whether the thread is known by its end, or by nothing else than one call before which it ended. */
static bool is_known_as_dead(const struct task *task) {
    return task->ended || (!task->met && task->pending.first == task->pending.last);
}

static void remove_ended(struct collector *collector, struct task *task) {
    task_forget_interruptions(task);
    keep_interruptions(collector, task);
    if (!task->lingers && !task->pending.first && !task->maps.first) {
        task_table_remove(collector->tasks, task);
    }
}

/* The caller of this notification was gone before the answer. */
static void cancel_note(struct collector *collector, int32_t tid, uint64_t id) {
    struct task *task = task_table_find(collector->tasks, tid);
    struct pending_note *pending = task ? pending_find(&task->pending, id) : NULL;
    if (!pending) {
        return;
    }
    pending->note.captures_size = 0;
    pending->note.kind = NOTE_CANCELLED;
    if (is_known_as_dead(task)) {
        /* Not to be kept for whoever gets its id next. */
        pending_unlink(&task->pending, pending);
        pending_free(pending);
        remove_ended(collector, task);
    }
}

static void add_maps(struct collector *collector, const struct note *note) {
    struct task *task = known_task(collector, note->tid, note->pid);
    struct pending_note *maps = task ? pending_create(note) : NULL;
    if (maps) {
        pending_insert(&task->maps, maps);
    }
}

/* The outputs of a thread's call: it may have been waited for, or its exit is still to come. */
static void add_outputs(struct collector *collector, const struct note *note) {
    struct task *task = task_table_find(collector->tasks, note->tid);
    struct pending_note *outputs = task ? pending_create(note) : NULL;
    if (outputs) {
        pending_insert(&task->outputs, outputs);
    }
    if (task && task->in_call && task->call.returned && !kernel_restarts(task->call.result) && task_has_outputs(task)) {
        collector_close_open_call(collector, task, 0);
    }
}

static void add_question(struct collector *collector, const struct note *note) {
    struct pending_note *question = pending_create(note);
    if (question) {
        pending_insert(&collector->questions, question);
    } else {
        /* Without memory the call must still be answered. */
        collector->actions.answer(collector->actions.context, note->id);
    }
}

/* Without events nothing more will be known of the call; nor of the thread, whose end nobody tells: it is not kept. */
static void emit_at_once(struct collector *collector, const struct note *note) {
    struct task passing = {.tid = note->tid, .pid = note->pid};
    struct task *task = collector->options.births ? known_task(collector, note->tid, note->pid) : &passing;
    const struct syscall_row *row = syscall_row(note->arch, (int)note->number);
    collector->threaded = collector->threaded || (note->pid == collector->options.root && note->tid != note->pid);
    collector->several = collector->several || note->tid != collector->options.root;
    if (task) {
        collector_emit_note(collector, task, note, row && row->types[0] == R_NEVER ? CALL_UNRETURNED : 0);
    }
}

void collector_note(struct collector *collector, const struct note *note) {
    if (note->kind == NOTE_CANCELLED) {
        cancel_note(collector, note->tid, note->id);
        return;
    }
    if (note->kind == NOTE_OUTPUTS) {
        add_outputs(collector, note);
        return;
    }
    if (note->kind == NOTE_MAPS) {
        add_maps(collector, note);
        return;
    }
    if (note->kind != NOTE_CALL) {
        add_question(collector, note);
    }
    if (!collector->options.has_events) {
        emit_at_once(collector, note);
        return;
    }
    const struct syscall_row *row = syscall_row(note->arch, (int)note->number);
    if (row && row_is_exec(row)) {
        collector->exec_patience = EXEC_PATIENCE;
    }
    if (note->arch == ARCH_X86_64 && !is_visible(collector, note->number)) {
        /* It only had to wait: no event will come. */
        return;
    }
    struct task *task = known_task(collector, note->tid, note->pid);
    struct pending_note *pending = task ? pending_create(note) : NULL;
    if (pending) {
        pending_insert(&task->pending, pending);
    }
}

/* --------------------------------------------------------------- questions */

static void answer_question(struct collector *collector, const struct note *note) {
    struct task *task = collector->options.midway ? known_task(collector, note->tid, note->pid)
                                                  : task_table_find(collector->tasks, note->tid);
    if (task) {
        close_if_returned(collector, task);
    }
    int number =
        task && note->kind == NOTE_QUESTION ? task_take_interruption(task, note->frame.ip, note->frame.sp) : -1;
    if (number >= 0) {
        collector->counts.repaired += repair_apply(collector->options.memory, note->tid, &note->frame, number) == 0;
        keep_interruptions(collector, task);
    }
    if (task && collector->options.narrow && syscall_is_foreign(note->arch, note->number) && !task->widened) {
        task->widened = collector->actions.widen(collector->actions.context, task->tid) == 0;
    }
    if (task && task->maps_due) {
        /* It is the first call of the program, and all that came before has been taken in. */
        size_t size = collector->actions.read_maps(collector->actions.context, collector->scratch, task->pid);
        collector_emit_maps(collector, task, note->time, collector->scratch, size);
    }
    if (collector->actions.answer(collector->actions.context, note->id) == -ENOENT) {
        cancel_note(collector, note->tid, note->id);
    }
}

bool collector_settle(struct collector *collector, uint64_t before) {
    while (collector->questions.first && collector->questions.first->note.time < before) {
        struct pending_note *question = pending_take_first(&collector->questions);
        answer_question(collector, &question->note);
        pending_free(question);
    }
    if (collector->exec_patience) {
        collector->exec_patience--;
    }
    return !collector->questions.first;
}

bool collector_expects_exec(const struct collector *collector) {
    return collector->exec_patience > 0;
}

/* --------------------------------------------------------------------- ends */

/* The lowest byte of the argument is what wait(2) will tell. */
static int32_t exit_code(const struct task *task) {
    return (int32_t)(task->call.args[0] & 0xff);
}

static bool is_in_exit(const struct task *task) {
    const struct syscall_row *row = task->in_call ? syscall_row(task->call.arch, (int)task->call.number) : NULL;
    return row && row_is_exit(row);
}

/* The call that has just been entered may end the process. */
static void look_for_exit(struct collector *collector, const struct task *task) {
    if (is_in_exit(task) && strcmp(syscall_row(task->call.arch, (int)task->call.number)->name, "exit_group") == 0) {
        fates_decide(&collector->fates, task->pid, END_EXITED, exit_code(task));
    }
}

/* How this thread has ended. */
static struct end_record end_of(const struct collector *collector, const struct task *task,
                                const struct kernel_event *event) {
    if (event->end.manner != END_UNKNOWN) {
        return (struct end_record){.manner = (uint8_t)event->end.manner, .code = event->end.code};
    }
    struct end_record end = fates_end(&collector->fates, task->pid);
    if (task->dies_for_exec) {
        end = (struct end_record){.manner = END_EXITED};
    } else if (end.manner == END_UNKNOWN && is_in_exit(task)) {
        end = (struct end_record){.manner = END_EXITED, .code = exit_code(task)};
    }
    return end;
}

/* SIGKILL is how the kernel ends a thread, for whatever reason. Fill in the signal
 * that it stands for; false if the process ends by itself, or another thread of it
 * executes a program. */
static bool explain_kill(struct collector *collector, struct task *task, struct signal_record *signal) {
    if (task_table_find_in_exec(collector->tasks, task->pid, task->tid)) {
        task->dies_for_exec = true;
        return false;
    }
    /* Told of the thread that it was meant for, as a ptracer sees it, if that has not ended before. */
    int32_t target = fates_target(&collector->fates, task->pid);
    const struct task *other = target == task->tid ? NULL : task_table_find(collector->tasks, target);
    bool here = !other || other->ended || other->lingers || other->pid != task->pid;
    return fates_kill(&collector->fates, task->pid, here, signal);
}

/* ------------------------------------------------------------------- events */

/* The open call of a thread that makes another: its exit was lost, or nobody sees it. */
static void close_unseen(struct collector *collector, struct task *task) {
    /* An exec to another architecture ends as that one's call, of which a narrow
     * source knows nothing; that the thread runs the new program tells its result. */
    bool succeeded = collector->options.narrow && task->exec_seen;
    collector_close_open_call(collector, task, succeeded ? CALL_HAS_RESULT : 0);
}

/* Whether the thread's last notification before `time` was of a call of another architecture. */
static bool is_foreign_call(const struct task *task, uint64_t time) {
    const struct pending_note *last = NULL;
    for (const struct pending_note *note = task->pending.first; note && note->note.time < time; note = note->next) {
        last = note;
    }
    return last && syscall_is_foreign(last->note.arch, last->note.number);
}

/* A copy of the stack with which the open call was entered; NULL: it is not wanted, or there is no memory. */
static struct stack_sample *keep_stack(const struct collector *collector, const struct task *task,
                                       const struct stack_sample *stack) {
    if (!stack || !collector->options.stacks || !collector_records_process(collector, task->pid) ||
        !selection_has(collector->options.selection, task->call.arch, task->call.number)) {
        return NULL;
    }
    size_t size = stack_sample_size(stack);
    struct stack_sample *copy = malloc(size);
    return copy ? memcpy(copy, stack, size) : NULL;
}

static void take_enter(struct collector *collector, const struct kernel_event *event) {
    struct task *task = met_task(collector, event);
    if (!task || (event->foreign && !is_foreign_call(task, event->time))) {
        return;
    }
    task_revive(task);
    task->reopened = false;
    believe_lone_exit(collector, task);
    if (task->in_call) {
        close_unseen(collector, task);
    }
    struct pending_note *note = claim_note(collector, task, event->enter.number, event->time);
    task->in_call = true;
    task->call = (struct open_call){.arch = note ? note->note.arch : ARCH_X86_64,
                                    .several = collector_has_several(collector),
                                    .number = event->enter.number,
                                    .time = event->time,
                                    .note = note};
    /* The note of a sigreturn knows where its frame is. */
    bool knows_more = note && repair_is_sigreturn(note->note.arch, event->enter.number);
    memcpy(task->call.args, knows_more ? note->note.args : event->enter.args, sizeof(task->call.args));
    task->call.stack = keep_stack(collector, task, event->enter.stack);
    look_for_exit(collector, task);
    if (note) {
        overlap_count(&collector->overlap, collector->tasks, event->tid);
    }
}

/* An exit of a thread that has no open call. */
static void take_exit_alone(struct collector *collector, struct task *task, const struct kernel_event *event) {
    int64_t number = event->exit.number;
    int64_t result = event->exit.result;
    if (result == -KERNEL_ERESTARTSYS) {
        /* Hit before it was received: it never ran. Only calls whose enter would have been seen count. */
        if (event->exit.has_registers && is_visible(collector, number)) {
            collector->counts.interrupted++;
            /* An interrupted sigreturn is mended without being asked for: see REPAIR_SIGRETURN. */
            if (!repair_is_sigreturn(event->exit.is_32_bit ? ARCH_I386 : ARCH_X86_64, number)) {
                task_add_interruption(task, event->exit.ip, event->exit.sp, (int)number, collector->options.narrow);
                keep_interruptions(collector, task);
            }
        }
        /* It may have been received after all, before the kernel knew WAIT_KILLABLE_RECV. */
        pending_free(claim_note(collector, task, number, event->time));
        return;
    }
    if (task->born && result == 0 && may_be(row_is_spawn, number)) {
        return;
    }
    if (task->reopened && result == 0 && may_be(row_is_exec, number)) {
        /* Its record was made when its thread lost its events. */
        task->reopened = false;
        return;
    }
    struct pending_note *note = claim_note(collector, task, number, event->time);
    if (note || number >= 0) {
        task->lone_exit =
            (struct lone_exit){.is = true, .number = number, .result = result, .time = event->time, .note = note};
    }
    /* The kernel gives no other result to a call before which its thread was killed at a ptracer's stop. */
    if (result != -ENOSYS || !collector->options.capture->outputs) {
        believe_lone_exit(collector, task);
    }
}

/* Whether an exit that counts only for calls of another architecture is one of these. */
static bool is_foreign_exit(struct task *task, const struct kernel_event *event) {
    if (task->in_call) {
        bool is_its = syscall_is_foreign(task->call.arch, task->call.number);
        /* The exit of an exec to the native architecture is told twice. */
        task->reopened = is_its && task->exec_seen;
        return is_its;
    }
    return event->exit.result == -KERNEL_ERESTARTSYS && (event->exit.is_32_bit || is_foreign_call(task, event->time));
}

static void take_exit(struct collector *collector, const struct kernel_event *event) {
    struct task *task = met_task(collector, event);
    if (!task || (event->foreign && !is_foreign_exit(task, event))) {
        return;
    }
    task_revive(task);
    close_if_returned(collector, task);
    if (!task->in_call) {
        take_exit_alone(collector, task, event);
    } else {
        if (event->exit.has_registers) {
            /* A call that ran and says EINTR by right: nothing at this place is to be mended. */
            task_take_interruption(task, event->exit.ip, event->exit.sp);
            keep_interruptions(collector, task);
        }
        collector_close_returned(collector, task, event->exit.result, event->time - task->call.time);
        collector_release_maps(collector, task, event->time);
    }
    task->born = false;
}

static void take_fork(struct collector *collector, const struct kernel_event *event) {
    if (collector->options.family) {
        pid_set_add(collector->options.family, event->pid);
    }
    struct task *task = met_task(collector, event);
    if (task) {
        const struct task *parent = task_table_find(collector->tasks, event->fork.parent_tid);
        task_reset(task);
        keep_interruptions(collector, task);
        task->born = true;
        task->widened = parent && parent->widened;
        collector_announce(
            collector, task, event->time,
            (struct start_record){.parent_pid = event->fork.parent_pid, .parent_tid = event->fork.parent_tid});
    }
    if (event->tid == event->pid) {
        fates_forget(&collector->fates, event->pid);
    }
}

/* The call that an exec belongs to may have been made by another thread, which takes over the leader's id:
 * returns the id that it had. */
static int32_t adopt_exec(struct collector *collector, struct task *leader) {
    struct task *caller = task_table_find_in_exec(collector->tasks, leader->pid, leader->tid);
    if (!caller) {
        return leader->tid;
    }
    if (leader->in_call) {
        collector_close_open_call(collector, leader, CALL_UNRETURNED);
    }
    task_move_call(caller, leader);
    /* The process went on under its id: whoever is remembered by that was not born now. */
    leader->announced = leader->announced || caller->announced;
    int32_t former_tid = caller->tid;
    task_table_remove(collector->tasks, caller);
    return former_tid;
}

static void take_exec(struct collector *collector, const struct kernel_event *event) {
    struct task *task = met_task(collector, event);
    if (!task) {
        return;
    }
    task_revive(task);
    task_forget_interruptions(task);
    keep_interruptions(collector, task);
    fates_forget(&collector->fates, event->pid);
    struct record record = collector_plain_record(collector, task, RECORD_EXEC, event->time);
    record.exec.former_tid = task_is_in_exec(task) ? task->tid : adopt_exec(collector, task);
    task->exec_seen = task->in_call;
    task->maps_due =
        collector->options.maps && collector->actions.read_maps && collector_records_process(collector, task->pid);
    collector_emit_plain(collector, &record);
}

static void emit_end(struct collector *collector, const struct task *task, struct end_record how, uint64_t time) {
    struct record record = collector_plain_record(collector, task, RECORD_END, time);
    record.end = how;
    collector_emit_plain(collector, &record);
}

static void take_end(struct collector *collector, const struct kernel_event *event) {
    struct task *task = task_table_find(collector->tasks, event->tid);
    if (!task) {
        return;
    }
    /* A leader whose exec is not known to be over is gone if another thread executes a program now. */
    bool replaced = task_table_find_in_exec(collector->tasks, task->pid, task->tid);
    bool may_live_on = task->exec_seen && !replaced && collector_records_process(collector, task->pid);
    if (may_live_on && collector->actions.reopen(collector->actions.context, task->tid) == 0) {
        /* The thread lives on under a program that it may not read; its exec succeeded. */
        collector->counts.reopened++;
        collector_close_call(collector, task, CALL_HAS_RESULT, 0, 0);
        collector_release_maps(collector, task, event->time);
        task->reopened = true;
        task->widened = false;
        return;
    }
    struct end_record how = end_of(collector, task, event);
    if (task->in_call) {
        collector_close_open_call(collector, task, CALL_UNRETURNED);
    }
    flush_pending_before(collector, task, event->time, CALL_UNRETURNED);
    bool is_leader = task->tid == task->pid;
    task->lingers = is_leader && !task->dies_for_exec && task_table_has_thread(collector->tasks, task->pid);
    if (!task->lingers && !(is_leader && task->dies_for_exec)) {
        emit_end(collector, task, how, event->time);
    }
    struct task *leader = task_table_find(collector->tasks, task->pid);
    task->ended = true;
    if (!is_leader && leader && leader->lingers && !task_table_has_thread(collector->tasks, leader->pid)) {
        /* It ended before its threads; now the process has ended. */
        leader->lingers = false;
        emit_end(collector, leader, how, event->time);
        remove_ended(collector, leader);
    }
    remove_ended(collector, task);
}

static void take_sent_signal(struct collector *collector, const struct kernel_event *event) {
    const struct task *target = task_table_find(collector->tasks, event->signal.target);
    int32_t pid = target ? target->pid : event->signal.target;
    struct signal_record signal = {
        .number = event->signal.number, .code = event->signal.code, .error = event->signal.error, .sender = event->pid};
    fates_send(&collector->fates, pid, event->signal.target, &signal);
}

/* Whether the signal is delivered only because the thread has a ptracer: the kernel discards those without effect
 * where they are sent (sig_ignored() in kernel/signal.c), but leaves them to a ptracer. */
static bool is_of_tracer_alone(const struct collector *collector, const struct kernel_event *event) {
    enum {
        DEFAULT,
        IGNORED,
    };
    uint64_t handler = event->signal.handler;
    int number = event->signal.number;
    bool has_no_default = number == SIGCHLD || number == SIGCONT || number == SIGURG || number == SIGWINCH;
    return collector->options.capture->outputs && (handler == IGNORED || (handler == DEFAULT && has_no_default));
}

static void take_signal(struct collector *collector, const struct kernel_event *event) {
    struct task *task = met_task(collector, event);
    if (!task) {
        return;
    }
    struct record record = collector_plain_record(collector, task, RECORD_SIGNAL, event->time);
    if (event->signal.number == SIGKILL) {
        task_forget_lone_exit(task);
        if (explain_kill(collector, task, &record.signal)) {
            if (record.signal.number != SIGKILL) {
                close_if_returned(collector, task);
            }
            collector_emit_plain(collector, &record);
        }
        return;
    }
    close_if_returned(collector, task);
    if (event->signal.handler > 1) {
        task_decide_interruption(task, !(event->signal.flags & SA_RESTART));
        keep_interruptions(collector, task);
    } else if (event->signal.handler == 0 && signal_is_fatal(event->signal.number)) {
        fates_decide(&collector->fates, task->pid, END_KILLED, event->signal.number);
    }
    if (is_of_tracer_alone(collector, event)) {
        return;
    }
    int32_t sender = event->signal.sender;
    if (!sender) {
        sender = fates_sender(&collector->fates, task->pid, event->signal.number, event->signal.code);
    }
    record.signal = (struct signal_record){
        .number = event->signal.number, .code = event->signal.code, .error = event->signal.error, .sender = sender};
    collector_emit_plain(collector, &record);
}

static void take_mapping(struct collector *collector, const struct kernel_event *event) {
    collector_emit_mapping(collector, met_task(collector, event), event->time, event->mapping);
}

static void tell_successor(const struct collector *collector, const struct kernel_event *event, bool in_call) {
    if (collector->options.handover) {
        handover_set_call(collector->options.handover, event->tid, in_call);
    }
}

void collector_event(struct collector *collector, const struct kernel_event *event) {
    if (event->note) {
        collector_note(collector, event->note);
    }
    struct task *task = collector->options.maps ? task_table_find(collector->tasks, event->tid) : NULL;
    if (task) {
        collector_release_maps(collector, task, event->time);
    }
    switch (event->kind) {
    case KERNEL_ENTER:
        take_enter(collector, event);
        tell_successor(collector, event, true);
        break;
    case KERNEL_EXIT:
        take_exit(collector, event);
        tell_successor(collector, event, false);
        break;
    case KERNEL_FORK:
        take_fork(collector, event);
        tell_successor(collector, event, false);
        break;
    case KERNEL_EXEC:
        take_exec(collector, event);
        break;
    case KERNEL_END:
        take_end(collector, event);
        break;
    case KERNEL_SIGNAL:
        take_signal(collector, event);
        break;
    case KERNEL_SENT:
        take_sent_signal(collector, event);
        break;
    case KERNEL_MAPPING:
        take_mapping(collector, event);
        break;
    case KERNEL_LOST: /* counted where it is read; the rules above cope with what is missing */
    case KERNEL_SWITCH:
        break;
    }
}

static void emit_nothing(void *context, const struct record *record, const void *captures,
                         const struct stack_sample *stack) {
    (void)context;
    (void)record;
    (void)captures;
    (void)stack;
}

void collector_finish(struct collector *collector) {
    collector->counts.left = task_table_count(collector->tasks);
    struct task *task;
    while ((task = task_table_any(collector->tasks))) {
        believe_lone_exit(collector, task);
        if (task->in_call) {
            collector_close_open_call(collector, task, CALL_UNRETURNED);
        }
        flush_pending_before(collector, task, UINT64_MAX, CALL_UNRETURNED);
        task_table_remove(collector->tasks, task);
    }
    /* From here on it is its own successor. */
    collector->options.midway = collector->options.handover;
    collector->options.stacks = false;
    collector->actions.emit = emit_nothing;
}
