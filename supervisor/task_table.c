/* SPDX-License-Identifier: MIT */
#include "task_table.h"

#include <stdlib.h>
#include <string.h>

/* Out of memory must not end the supervisor: uthash then leaves the table as it was. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry {
    struct task task;
    UT_hash_handle hh;
};

struct task_table {
    struct entry *entries;
    size_t own;
    struct entry *last; /* found last: events of one thread come in runs */
};

struct pending_note *pending_create(const struct note *note) {
    struct pending_note *pending = malloc(sizeof(*pending) + note->captures_size);
    if (pending) {
        pending->next = NULL;
        memcpy(&pending->note, note, sizeof(*note) + note->captures_size);
    }
    return pending;
}

void pending_free(struct pending_note *pending) {
    free(pending);
}

void pending_free_all(struct pending_list *list) {
    while (list->first) {
        pending_free(pending_take_first(list));
    }
}

void pending_insert(struct pending_list *list, struct pending_note *pending) {
    struct pending_note **link = &list->first;
    if (list->last && list->last->note.time <= pending->note.time) {
        /* Nearly always: a thread's notes come one after the other. */
        link = &list->last->next;
    } else {
        while (*link && (*link)->note.time <= pending->note.time) {
            link = &(*link)->next;
        }
    }
    pending->next = *link;
    *link = pending;
    if (!pending->next) {
        list->last = pending;
    }
}

struct pending_note *pending_take_first(struct pending_list *list) {
    struct pending_note *first = list->first;
    list->first = first->next;
    if (!list->first) {
        list->last = NULL;
    }
    first->next = NULL;
    return first;
}

struct pending_note *pending_find(const struct pending_list *list, uint64_t id) {
    struct pending_note *pending = list->first;
    while (pending && pending->note.id != id) {
        pending = pending->next;
    }
    return pending;
}

void pending_unlink(struct pending_list *list, struct pending_note *pending) {
    struct pending_note *before = NULL;
    struct pending_note **link = &list->first;
    while (*link != pending) {
        before = *link;
        link = &before->next;
    }
    *link = pending->next;
    if (list->last == pending) {
        list->last = before;
    }
    pending->next = NULL;
}

void task_forget_call(struct task *task) {
    pending_free(task->call.note);
    free(task->call.stack);
    task->call = (struct open_call){0};
    task->in_call = false;
    task->exec_seen = false;
}

void task_forget_lone_exit(struct task *task) {
    pending_free(task->lone_exit.note);
    task->lone_exit = (struct lone_exit){0};
}

void task_reset(struct task *task) {
    task_forget_call(task);
    task_forget_lone_exit(task);
    task_forget_interruptions(task);
    task->born = false;
    task->reopened = false;
    task->ended = false;
    task->dies_for_exec = false;
    task->lingers = false;
    task->widened = false;
    task->announced = false;
    task->maps_due = false;
}

void task_revive(struct task *task) {
    if (task->ended) {
        task_reset(task);
    }
}

void task_move_call(struct task *from, struct task *to) {
    task_forget_call(to);
    to->call = from->call;
    to->in_call = from->in_call;
    from->call = (struct open_call){0};
    from->in_call = false;
}

bool task_is_in_exec(const struct task *task) {
    if (!task->in_call) {
        return false;
    }
    const struct syscall_row *row = syscall_row(task->call.arch, (int)task->call.number);
    return row && row_is_exec(row);
}

void task_add_interruption(struct task *task, uint64_t ip, uint64_t sp, int number, bool undecided) {
    task_take_interruption(task, ip, sp);
    if (task->interruption_count == TASK_INTERRUPTIONS) {
        memmove(task->interruptions, task->interruptions + 1,
                (TASK_INTERRUPTIONS - 1) * sizeof(task->interruptions[0]));
        task->interruption_count--;
    }
    task->interruptions[task->interruption_count++] = (struct interruption){ip, sp, number, undecided};
}

static void remove_interruption(struct task *task, unsigned index) {
    struct interruption *interruption = &task->interruptions[index];
    memmove(interruption, interruption + 1, (task->interruption_count - index - 1) * sizeof(*interruption));
    task->interruption_count--;
}

void task_decide_interruption(struct task *task, bool keep) {
    for (unsigned i = task->interruption_count; i-- > 0;) {
        if (task->interruptions[i].undecided) {
            task->interruptions[i].undecided = false;
            if (!keep) {
                remove_interruption(task, i);
            }
            return;
        }
    }
}

int task_take_interruption(struct task *task, uint64_t ip, uint64_t sp) {
    for (unsigned i = task->interruption_count; i-- > 0;) {
        struct interruption *interruption = &task->interruptions[i];
        if (interruption->ip == ip && interruption->sp == sp) {
            int number = interruption->undecided ? -1 : interruption->number;
            remove_interruption(task, i);
            return number;
        }
    }
    return -1;
}

void task_forget_interruptions(struct task *task) {
    task->interruption_count = 0;
}

struct task_table *task_table_create(void) {
    return calloc(1, sizeof(struct task_table));
}

void task_table_destroy(struct task_table *table) {
    if (!table) {
        return;
    }
    struct task *task;
    while ((task = task_table_any(table))) {
        task_table_remove(table, task);
    }
    free(table);
}

size_t task_table_count(const struct task_table *table) {
    return HASH_COUNT(table->entries);
}

size_t task_table_own(const struct task_table *table) {
    return table->own;
}

void task_table_set_own(struct task_table *table, struct task *task) {
    table->own += !task->own;
    task->own = true;
}

struct task *task_table_find(struct task_table *table, int32_t tid) {
    if (table->last && table->last->task.tid == tid) {
        return &table->last->task;
    }
    struct entry *entry = NULL;
    HASH_FIND(hh, table->entries, &tid, sizeof(tid), entry);
    if (entry) {
        table->last = entry;
    }
    return entry ? &entry->task : NULL;
}

struct task *task_table_get(struct task_table *table, int32_t tid) {
    struct task *task = task_table_find(table, tid);
    if (task) {
        return task;
    }
    struct entry *entry = calloc(1, sizeof(*entry));
    if (!entry) {
        return NULL;
    }
    entry->task.tid = tid;
    HASH_ADD(hh, table->entries, task.tid, sizeof(entry->task.tid), entry);
    if (!entry->hh.tbl) {
        free(entry);
        return NULL;
    }
    table->last = entry;
    return &entry->task;
}

struct task *task_table_find_in_exec(struct task_table *table, int32_t pid, int32_t tid) {
    for (struct entry *entry = table->entries; entry; entry = entry->hh.next) {
        if (entry->task.pid == pid && entry->task.tid != tid && task_is_in_exec(&entry->task)) {
            return &entry->task;
        }
    }
    return NULL;
}

bool task_table_has_thread(struct task_table *table, int32_t pid) {
    for (const struct entry *entry = table->entries; entry; entry = entry->hh.next) {
        if (entry->task.pid == pid && entry->task.tid != pid && entry->task.met && !entry->task.ended) {
            return true;
        }
    }
    return false;
}

struct task *task_table_any(struct task_table *table) {
    return table->entries ? &table->entries->task : NULL;
}

void task_table_remove(struct task_table *table, struct task *task) {
    struct entry *entry = (struct entry *)task;
    if (table->last == entry) {
        table->last = NULL;
    }
    HASH_DEL(table->entries, entry);
    table->own -= task->own;
    pending_free_all(&task->pending);
    pending_free_all(&task->maps);
    pending_free_all(&task->outputs);
    pending_free(task->call.note);
    free(task->call.stack);
    pending_free(task->lone_exit.note);
    free(entry);
}
