/* SPDX-License-Identifier: MIT */
#include "golden_names.h"

#include "kernel_event.h"
#include "marks.h"
#include "process_memory.h"

#include <errno.h>
#include <linux/wait.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct golden_process {
    int32_t pid;
    bool ended;
    bool has_program; /* it is not still what we were before the first execve */
    bool old_is_ours; /* `old` is what we were */
    bool awaits_exec; /* the execve that started its program is still to come */
    uint64_t since;   /* when that program was looked at */
    struct process_memory *memory;
    struct process_memory *old; /* before the last execve; NULL: there was none */
    UT_hash_handle hh;
};

/* -------------------------------------------------------------------- processes */

static void process_free(struct golden_process *process) {
    process_memory_destroy(process->memory);
    process_memory_destroy(process->old);
    free(process);
}

static struct golden_process *find_process(const struct golden_names *names, int32_t pid) {
    struct golden_process *process;
    HASH_FIND_INT(names->processes, &pid, process);
    return process;
}

static void forget_process(struct golden_names *names, struct golden_process *process) {
    if (names->process == process) {
        names->process = NULL;
    }
    HASH_DEL(names->processes, process);
    process_free(process);
}

/* With a copy of the memory of `parent`, or without any. NULL: no memory. */
static struct golden_process *add_process(struct golden_names *names, int32_t pid,
                                          const struct golden_process *parent) {
    struct golden_process *process = calloc(1, sizeof(*process));
    if (!process) {
        return NULL;
    }
    process->pid = pid;
    process->has_program = parent && parent->has_program;
    process->memory = parent ? process_memory_copy(parent->memory) : process_memory_create();
    unsigned before = HASH_COUNT(names->processes);
    if (process->memory) {
        HASH_ADD_INT(names->processes, pid, process);
    }
    if (HASH_COUNT(names->processes) == before) {
        process_free(process);
        return NULL;
    }
    return process;
}

static struct golden_process *get_process(struct golden_names *names, int32_t pid) {
    struct golden_process *process = find_process(names, pid);
    return process ? process : add_process(names, pid, NULL);
}

/* Its memory goes when many others have ended as well, unless something of it is heard until then. */
static void end_process(struct golden_names *names, struct golden_process *process) {
    int32_t *slot = &names->ended[names->ended_next++ % GOLDEN_ENDED_MAX];
    struct golden_process *oldest = *slot ? find_process(names, *slot) : NULL;
    if (oldest && oldest->ended && oldest != process) {
        forget_process(names, oldest);
    }
    process->ended = true;
    *slot = process->pid;
}

/* ---------------------------------------------------------------------- records */

static bool take_start(struct golden_names *names, const struct record *record) {
    names->task = task_tree_start(&names->tree, record->pid, record->tid, record->start.parent_tid);
    if (!names->task || record->pid == record->start.parent_pid) {
        return names->task;
    }
    struct golden_process *former = find_process(names, record->pid);
    if (former) {
        forget_process(names, former);
    }
    return add_process(names, record->pid, find_process(names, record->start.parent_pid));
}

static bool take_maps(struct golden_names *names, const struct record *record) {
    struct start_maps start = {0};
    const char *payload = record_captures(record);
    size_t size = record->maps.size;
    if (size >= sizeof(start)) {
        memcpy(&start, payload, sizeof(start));
        payload += sizeof(start);
        size -= sizeof(start);
    } else {
        size = 0;
    }
    struct process_memory *memory = process_memory_start(start.stack, payload, size);
    if (!memory) {
        return false;
    }
    struct golden_process *process = names->process;
    process_memory_destroy(process->old);
    process->old = process->memory;
    process->memory = memory;
    process->old_is_ours = !process->has_program;
    process->has_program = true;
    process->awaits_exec = true;
    process->since = record->time_ns;
    return true;
}

static bool returns_task(const struct syscall_row *row) {
    static const char *const names[] = {"clone", "clone3", "fork", "vfork"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(row->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The process that a call waited for until it ended, or 0. */
static int64_t waited_for(const struct syscall_row *row, const struct call_record *call) {
    bool has_args = call->flags & CALL_HAS_ARGS;
    if (strcmp(row->name, "wait4") == 0 || strcmp(row->name, "waitpid") == 0) {
        return call->result;
    }
    /* Which one it was stands where nobody looks, unless it was asked for alone. */
    bool is_one = has_args && strcmp(row->name, "waitid") == 0 && (uint32_t)call->args[0] == P_PID;
    return is_one && call->args[3] & WEXITED && !(call->args[3] & WNOWAIT) ? (int64_t)(int32_t)call->args[1] : 0;
}

static bool take_process_call(struct golden_names *names, const struct syscall_row *row, const struct record *record) {
    const struct call_record *call = &record->call;
    if (returns_task(row) && call->result > 0 && call->result <= INT32_MAX) {
        return task_tree_created(&names->tree, names->task, (int32_t)call->result);
    }
    int64_t waited = waited_for(row, call);
    if (waited > 0 && waited <= INT32_MAX) {
        names->join = task_tree_join(&names->tree, (int32_t)waited);
        const struct golden_task *child = task_tree_find(&names->tree, (int32_t)waited);
        bool is_any = call->flags & CALL_HAS_ARGS && (int32_t)call->args[0] == -1 && strcmp(row->name, "waitid") != 0;
        /* Several that run at once end in any order: they are waited for in that of their births. */
        if (is_any && child && child->creator == names->task && golden_has_rule(names->rules, RULE_CHILDREN)) {
            names->place = child->birth;
        }
    }
    return true;
}

/* A signal was delivered. Of several SIGCHLD that wait together the kernel makes one. */
static void take_signal(struct golden_names *names, const struct record *record) {
    bool is_child = record->signal.number == SIGCHLD;
    names->task->handlers = names->task->handlers << 1 | is_child;
    names->is_left_out = is_child && golden_has_rule(names->rules, RULE_CHILDREN);
}

/* A handler has ended: that of the signal that was delivered last and is not done with. */
static void take_handler_end(struct golden_names *names) {
    names->is_left_out = names->task->handlers & 1 && golden_has_rule(names->rules, RULE_CHILDREN);
    names->task->handlers >>= 1;
}

static bool take_call(struct golden_names *names, const struct record *record) {
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    struct golden_process *process = names->process;
    bool succeeded = record->call.flags & CALL_HAS_RESULT && !call_failed(&record->call);
    process->ended = false;
    names->row = row;
    names->is_exec = row && row_is_exec(row);
    if (process->old && names->is_exec && process->awaits_exec && succeeded) {
        process->awaits_exec = false;
        names->is_old = true;
    } else if (process->old && record->call.flags & CALL_UNRETURNED && !(row && row_is_exit(row))) {
        /* A thread that the execve of another one ended. */
        names->is_old = record->time_ns < process->since;
    }
    if (row && (row->types[0] & R_TYPE_MASK) == R_RESTORED) {
        take_handler_end(names);
    }
    /* A tracer makes the kernel interrupt calls even for signals that the program ignores, as SIGCHLD mostly is. */
    names->is_restart = golden_has_rule(names->rules, RULE_CHILDREN) && record->call.flags & CALL_HAS_RESULT &&
                        (record->call.result == -KERNEL_ERESTARTSYS || record->call.result == -KERNEL_ERESTARTNOINTR ||
                         record->call.result == -KERNEL_ERESTARTNOHAND);
    if (row && row->classes & C_MEMORY) {
        process_memory_ask(process->memory, record);
    }
    if (temporary_names_call(&names->temporary, record) < 0) {
        return false;
    }
    return !(row && row->classes & C_PROCESS && succeeded) || take_process_call(names, row, record);
}

/* What the record says about tasks and memory. False: there is no memory. */
static bool take(struct golden_names *names, const struct record *record) {
    if (record->kind == RECORD_START) {
        return take_start(names, record);
    }
    names->task = task_tree_get(&names->tree, record->pid, record->tid);
    int32_t pid = !names->task ? 0 : names->task->pid ? names->task->pid : names->task->tid;
    names->process = names->task ? get_process(names, pid) : NULL;
    if (!names->process) {
        return false;
    }
    switch ((enum record_kind)record->kind) {
    case RECORD_CALL:
        return take_call(names, record);
    case RECORD_MAPS:
        return take_maps(names, record);
    case RECORD_SIGNAL:
        take_signal(names, record);
        return true;
    case RECORD_END:
        names->task->ended = true;
        if (record->tid == pid) {
            end_process(names, names->process);
        }
        return true;
    default:
        return true;
    }
}

struct golden_task *golden_names_take(struct golden_names *names, const struct record *record) {
    names->task = NULL;
    names->process = NULL;
    names->is_old = false;
    names->is_exec = false;
    names->join = 0;
    names->row = NULL;
    names->is_restart = false;
    names->place = 0;
    names->is_left_out = false;
    if (!take(names, record)) {
        names->error = ENOMEM;
        return NULL;
    }
    return names->task;
}

/* ------------------------------------------------------------- what calls mapped */

/* The name of the file that a call maps, as its descriptor was; empty if that is not known. */
static void file_to_text(const struct golden_names *names, const struct record *record, struct text *text) {
    enum {
        DESCRIPTOR = 4, /* which argument of mmap it is */
    };
    const struct capture *capture =
        capture_find(record_captures(record), record->call.captures_size, DESCRIPTOR, CAPTURE_DESCRIPTOR);
    if (!capture) {
        return;
    }
    const char *path = (const char *)capture_bytes(capture);
    size_t length;
    const char *name = mapped_name(path, strnlen(path, capture->size), &length);
    uint64_t temporary = temporary_names_find(&names->temporary, (const uint8_t *)name, length);
    if (temporary && golden_has_rule(names->rules, RULE_TEMPORARY_FILES)) {
        text_add_string(text, "tmp#");
        namer_add_mark(text, MARK_TEMPORARY, temporary);
    } else {
        mapped_name_to_text(name, length, text);
    }
}

static void take_mapping(struct golden_names *names, const struct record *record) {
    struct text file = {0};
    struct text anonymous = {0};
    struct text shared = {0};
    file_to_text(names, record, &file);
    text_add_string(&anonymous, "mmap#");
    namer_add_mark(&anonymous, MARK_MAKER, names->task->index);
    text_add_unsigned(&anonymous, names->task->mappings + 1);
    text_add_string(&shared, "shm#");
    namer_add_mark(&shared, MARK_SEGMENT, (uint32_t)record->call.args[0]);
    if (anonymous.failed || shared.failed || file.failed) {
        names->error = ENOMEM;
    } else {
        struct mapping_names mapping = {
            .file = file.length ? file.bytes : NULL, .anonymous = anonymous.bytes, .shared = shared.bytes};
        int status = process_memory_take(names->process->memory, record, &mapping);
        names->error = status < 0 ? -status : names->error;
        names->task->mappings += status > 0;
    }
    text_finish(&file);
    text_finish(&anonymous);
    text_finish(&shared);
}

static void take_return(void *context, const struct record *record) {
    struct golden_names *names = context;
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    bool succeeded = record->call.flags & CALL_HAS_RESULT && !call_failed(&record->call);
    names->is_old = false;
    if (succeeded && row && (row->types[0] & R_TYPE_MASK) == R_PID) {
        names->task->last_id = record->call.result;
    }
    if (succeeded && row && row->classes & C_MEMORY) {
        take_mapping(names, record);
    }
}

void golden_names_skip(struct golden_names *names, const struct record *record) {
    if (record->kind == RECORD_CALL && names->task) {
        take_return(names, record);
    }
}

/* -------------------------------------------------------------------- the namer */

static bool name_address(void *context, uint64_t address, struct text *text) {
    struct golden_names *names = context;
    struct golden_process *process = names->process;
    if (!golden_has_rule(names->rules, RULE_ADDRESSES) || !process) {
        return false;
    }
    if (names->is_exec && (names->is_old ? process->old_is_ours : !process->has_program)) {
        text_add_string(text, "renacer-sv");
        return true;
    }
    const struct process_memory *memory = names->is_old ? process->old : process->memory;
    const char *area = process_memory_area(memory, address);
    if (area && strcmp(area, "args") == 0 && golden_has_rule(names->rules, RULE_ENVIRONMENT)) {
        /* How far it is into them depends on how large they are. */
        text_add_string(text, area);
        return true;
    }
    return process_memory_name(memory, address, text);
}

static enum named name_id(void *context, int64_t id, struct text *text) {
    struct golden_names *names = context;
    if (!golden_has_rule(names->rules, RULE_IDS) || id > INT32_MAX) {
        return NAMED_NOT;
    }
    const struct golden_task *task = task_tree_find(&names->tree, (int32_t)id);
    if (task) {
        namer_add_mark(text, MARK_TASK, task->index);
        return NAMED_NUMBER;
    }
    text_add_string(text, "outside#");
    namer_add_mark(text, MARK_OUTSIDE, (uint64_t)id);
    return NAMED_TEXT;
}

static bool name_thread(void *context, uint64_t id, struct text *text) {
    const struct golden_names *names = context;
    const struct golden_task *task =
        golden_has_rule(names->rules, RULE_IDS) && id <= INT32_MAX ? task_tree_find(&names->tree, (int32_t)id) : NULL;
    bool is_other = task && task->started && task != names->task && task->pid == names->task->pid;
    if (is_other) {
        namer_add_mark(text, MARK_TASK, task->index);
    }
    return is_other;
}

static bool name_again(void *context, int64_t number, struct text *text) {
    struct golden_names *names = context;
    bool is_again = number > 0 && number == names->task->last_id;
    return is_again && name_id(context, number, text) == NAMED_NUMBER;
}

static bool name_ipc(void *context, int64_t number, struct text *text) {
    static const struct {
        const char *calls; /* how their names begin */
        enum mark mark;
    } kinds[] = {{"shm", MARK_SEGMENT}, {"sem", MARK_SEMAPHORES}, {"msg", MARK_QUEUE}};
    const struct golden_names *names = context;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (number >= 0 && golden_has_rule(names->rules, RULE_IDS) && names->row &&
            strncmp(names->row->name, kinds[i].calls, strlen(kinds[i].calls)) == 0) {
            namer_add_mark(text, (char)kinds[i].mark, (uint64_t)number);
            return true;
        }
    }
    return false;
}

static bool find_part(void *context, const uint8_t *bytes, size_t size, struct named_part *part) {
    return golden_find_part(context, bytes, size, part);
}

/* Whether the argument is how much of the loader's cache is unmapped: all of it, by what is at the address. */
static bool unmaps_cache(const struct golden_names *names, const struct decoded_call *call, unsigned index) {
    enum {
        ADDRESS,
        LENGTH,
    };
    if (index != LENGTH || strcmp(call->name, "munmap") != 0 || !names->process ||
        !golden_has_rule(names->rules, RULE_LOADER_CACHE)) {
        return false;
    }
    const char *area = process_memory_area(names->process->memory, call->values[ADDRESS].number);
    return area && strcmp(area, "ld.so.cache") == 0;
}

static const char *name_argument(void *context, const struct decoded_call *call, unsigned index) {
    const struct golden_names *names = context;
    return unmaps_cache(names, call, index) ? golden_cache_size : golden_instead(names->rules, call, index);
}

static const char *name_result(void *context, enum volatile_result result) {
    const struct golden_names *names = context;
    return result == RESULT_TIME && golden_has_rule(names->rules, RULE_TIMES) ? "time" : NULL;
}

static void add_caller(void *context, const struct record *record, struct text *text) {
    const struct golden_names *names = context;
    const struct golden_task *task = names->task;
    if (!names->follow) {
        namer_add_mark(text, MARK_THREAD, task->index);
        return;
    }
    const struct golden_task *leader = task_tree_find(&names->tree, record->pid);
    text_add_string(text, ",\"pid\":");
    if (leader) {
        namer_add_mark(text, MARK_TASK, leader->index);
    } else {
        text_add_string(text, "null");
    }
    text_add_string(text, ",\"tid\":");
    namer_add_mark(text, MARK_TASK, task->index);
}

void golden_names_init(struct golden_names *names, golden_rules rules, bool follow, int32_t root) {
    *names = (struct golden_names){.rules = rules,
                                   .follow = follow,
                                   .namer = {.context = names,
                                             .address = name_address,
                                             .id = name_id,
                                             .thread = name_thread,
                                             .find = find_part,
                                             .instead = name_argument,
                                             .returned = take_return,
                                             .again = name_again,
                                             .ipc = name_ipc,
                                             .result = name_result,
                                             .caller = add_caller}};
    task_tree_init(&names->tree);
    struct golden_task *first = task_tree_get(&names->tree, root, root);
    if (first) {
        first->started = false;
    } else {
        names->error = ENOMEM;
    }
}

void golden_names_finish(struct golden_names *names) {
    struct golden_process *process;
    struct golden_process *next;
    HASH_ITER(hh, names->processes, process, next) {
        HASH_DEL(names->processes, process);
        process_free(process);
    }
    temporary_names_finish(&names->temporary);
    task_tree_finish(&names->tree);
}
