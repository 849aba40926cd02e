/* SPDX-License-Identifier: MIT
 *
 * The processes and threads of a trace, as far as budgets depend on them.
 */
#include "name_pattern.h"
#include "spending_pass.h"
#include "trace_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROCESSES_MAX = 1 << 18, /* of a trace */
    THREADS_MAX = 1 << 14,   /* at a time */
    CHAIN_GROUPS_MAX = 1 << 16,
};

/* ---------------------------------------------------------------------- threads */

/* What a thread has spent is known. */
static void fold_thread(struct pass *pass, struct traced_thread *thread) {
    for (size_t i = 0; i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        if (meter->kind == METER_CHAIN) {
            struct spender_sums *sums = &thread->chains[meter->slot];
            double calls = sums->total[QUANTITY_COUNT];
            double time = sums->total[QUANTITY_TIME];
            if (calls > 0 && (!meter->has_best || time > meter->sums.total[QUANTITY_TIME])) {
                spender_sums_finish(&meter->sums);
                meter->sums = *sums;
                *sums = (struct spender_sums){0};
                meter->has_best = true;
                meter->best = thread->id;
            }
        }
        if (meter->kind == METER_LOOPS) {
            struct loop_detector *loops = &thread->loops[meter->slot];
            loop_detector_end(loops);
            double score = loop_detector_score(loops);
            if (loops->calls && (!meter->has_best || score > meter->score)) {
                meter->loops = *loops;
                meter->score = score;
                meter->has_best = true;
                meter->best = thread->id;
            }
        }
    }
}

static void free_thread(struct pass *pass, struct traced_thread *thread) {
    for (unsigned i = 0; i < pass->chains; i++) {
        spender_sums_finish(&thread->chains[i]);
    }
    free(thread->chains);
    free(thread->loops);
    free(thread);
}

static void drop_threads(struct pass *pass, struct traced_process *process, bool fold) {
    struct traced_thread *thread = process->threads;
    process->threads = process->last_thread = NULL;
    while (thread && pass->threads) {
        struct traced_thread *next = thread->next;
        if (fold) {
            fold_thread(pass, thread);
        }
        HASH_DEL(pass->threads, thread);
        free_thread(pass, thread);
        thread = next;
    }
}

static int add_thread(struct pass *pass, struct traced_process *process, int64_t id, struct traced_thread **result) {
    struct traced_thread *thread = calloc(1, sizeof(*thread));
    struct spender_sums *chains = calloc(pass->chains + 1, sizeof(*chains));
    struct loop_detector *loops = calloc(pass->loops + 1, sizeof(*loops));
    if (!thread || !chains || !loops) {
        free(thread);
        free(chains);
        free(loops);
        return -ENOMEM;
    }
    thread->id = id;
    thread->chains = chains;
    thread->loops = loops;
    for (unsigned i = 0; i < pass->chains; i++) {
        chains[i].all = &pass->chain_groups;
        chains[i].all_max = CHAIN_GROUPS_MAX;
    }
    HASH_ADD(hh, pass->threads, id, sizeof(id), thread);
    if (process->last_thread) {
        process->last_thread->next = thread;
    } else {
        process->threads = thread;
    }
    process->last_thread = thread;
    pass->threads_seen++;
    *result = thread;
    return 0;
}

/* Which thread it is. Without -f a trace says that only from the second thread on: what came before is of the first
 * one, which nobody has made. */
static int thread_id(const struct pass *pass, const struct trace_call *call, int64_t *id) {
    *id = call->tid ? call->tid : call->pid;
    if (call->pid || !call->tid) {
        return 0;
    }
    if (!pass->parentage) {
        return -EAGAIN;
    }
    *id = parentage_is_child(pass->parentage, call->tid) ? call->tid : 0;
    return 0;
}

static int find_thread(struct pass *pass, const struct trace_call *call, struct traced_process *process,
                       struct traced_thread **thread) {
    int64_t id;
    *thread = NULL;
    int status = pass->needs.threads ? thread_id(pass, call, &id) : 0;
    if (status < 0 || !pass->needs.threads) {
        return status;
    }
    HASH_FIND(hh, pass->threads, &id, sizeof(id), *thread);
    if (*thread) {
        return 0;
    }
    /* Calls that never returned stand at the end of a trace, when all else of the thread is known. */
    if (process->has_ended && !call->has_result) {
        return 0;
    }
    if (HASH_COUNT(pass->threads) >= THREADS_MAX) {
        pass->too_many_threads = true;
        return 0;
    }
    return add_thread(pass, process, id, thread);
}

/* --------------------------------------------------------------------- programs */

/* Which budgets the process is one for, by the program that it executes. */
static void match_program(struct pass *pass, struct traced_process *process) {
    for (size_t i = 0; i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        struct name_pattern *pattern = meter->budget->process_pattern;
        int matches = pattern ? 0 : 1;
        if (pattern && process->program) {
            matches = name_pattern_matches(pattern, process->program->text);
        }
        meter->gave_up = matches < 0 ? "process_name_pattern" : meter->gave_up;
        process->matches[i] = matches > 0;
        meter->seen_process |= process->matches[i];
    }
}

static void fold_memory(struct pass *pass, struct traced_process *process) {
    for (size_t i = 0; process->memory && i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        if (meter->kind != METER_MEMORY || !process->matches[i]) {
            continue;
        }
        const struct memory_peak *peak = memory_space_peak(process->memory);
        if (!meter->has_best || peak->bytes > meter->peak.bytes) {
            meter->peak = *peak;
            meter->has_best = true;
            meter->best = peak->process;
        }
    }
}

/* The memory that the process had is not its own any more. */
static void leave_memory(struct pass *pass, struct traced_process *process) {
    fold_memory(pass, process);
    memory_space_drop(process->memory);
    process->memory = NULL;
}

/* -------------------------------------------------------------------- processes */

static struct traced_process *new_process(const struct pass *pass, int64_t id) {
    struct traced_process *process = calloc(1, sizeof(*process) + pass->count);
    struct busy_process *shares = calloc(pass->shares + 1, sizeof(*shares));
    if (!process || !shares) {
        free(process);
        free(shares);
        return NULL;
    }
    process->id = id;
    process->shares = shares;
    return process;
}

/* What the process made as calls counts for who made most. */
static void fold_shares(struct pass *pass, struct traced_process *process) {
    for (size_t i = 0; i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        if (meter->kind == METER_SHARES) {
            struct busy_process *busy = &process->shares[meter->slot];
            busy->id = process->id;
            busy->program = process->program;
            process_shares_add(&meter->shares, busy);
        }
    }
}

static void free_process(struct pass *pass, struct traced_process *process) {
    drop_threads(pass, process, false);
    memory_space_drop(process->memory);
    descriptor_paths_destroy(process->files);
    free(process->shares);
    free(process);
}

/* All that the process has is gone, but for the calls that it has made. */
static void end_process(struct pass *pass, struct traced_process *process) {
    drop_threads(pass, process, true);
    leave_memory(pass, process);
    descriptor_paths_destroy(process->files);
    process->files = NULL;
    process->has_ended = true;
}

static struct traced_process *process_with_id(const struct pass *pass, int64_t id) {
    struct traced_process *process;
    HASH_FIND(hh, pass->processes, &id, sizeof(id), process);
    return process;
}

/* Give a new process what its parent has, or, without one, nothing. */
static int furnish(struct pass *pass, struct traced_process *process, const struct traced_process *parent,
                   bool shares_memory) {
    if (pass->needs.memory && parent && parent->memory) {
        process->memory =
            shares_memory ? memory_space_share(parent->memory) : memory_space_copy(parent->memory, process->id);
    } else if (pass->needs.memory) {
        process->memory = memory_space_create(pass->allocations, process->id);
    }
    if (pass->needs.paths) {
        process->files = parent && parent->files ? descriptor_paths_copy(parent->files)
                                                 : descriptor_paths_create(&pass->descriptors);
    }
    process->program = parent ? parent->program : NULL;
    match_program(pass, process);
    bool failed = (pass->needs.memory && !process->memory) || (pass->needs.paths && !process->files);
    return failed ? -ENOMEM : 0;
}

static int add_process(struct pass *pass, int64_t id, const struct traced_process *parent, bool shares_memory,
                       struct traced_process **result) {
    if (HASH_COUNT(pass->processes) >= PROCESSES_MAX) {
        pass->too_many_processes = true;
        *result = pass->overflow;
        return 0;
    }
    struct traced_process *process = new_process(pass, id);
    int status = process ? furnish(pass, process, parent, shares_memory) : -ENOMEM;
    if (status < 0) {
        if (process) {
            free_process(pass, process);
        }
        return status;
    }
    HASH_ADD(hh, pass->processes, id, sizeof(id), process);
    *result = process;
    return 0;
}

/* Whether it matters who has made a process. */
static bool needs_parents(const struct pass *pass) {
    return pass->needs.memory || pass->needs.paths || pass->needs.programs;
}

/* A process that has made no call yet. */
static int meet_process(struct pass *pass, int64_t id, struct traced_process **process) {
    if (pass->processes && needs_parents(pass) && !pass->parentage) {
        return -EAGAIN;
    }
    int64_t parent_id;
    bool shares = false;
    struct traced_process *parent = NULL;
    if (pass->processes && pass->parentage && parentage_take(pass->parentage, id, &parent_id, &shares)) {
        parent = process_with_id(pass, parent_id);
    }
    int status = add_process(pass, id, parent, shares, process);
    if (status == 0 && *process != pass->overflow) {
        (*process)->is_early = parent != NULL;
    }
    return status;
}

int pass_find_task(struct pass *pass, const struct trace_call *call, struct traced_process **process,
                   struct traced_thread **thread) {
    int status = 0;
    if (!pass->overflow) {
        pass->overflow = new_process(pass, 0);
        if (!pass->overflow) {
            return -ENOMEM;
        }
        match_program(pass, pass->overflow);
    }
    *process = pass->last_process;
    if (!*process || (*process)->id != call->pid) {
        *process = process_with_id(pass, call->pid);
    }
    if (!*process) {
        status = meet_process(pass, call->pid, process);
    }
    if (status < 0) {
        return status;
    }
    pass->last_process = *process != pass->overflow ? *process : NULL;
    return find_thread(pass, call, *process, thread);
}

/* ---------------------------------------------------------------------- effects */

static int take_fork(struct pass *pass, struct traced_process *parent, const struct trace_call *call) {
    int64_t id;
    int64_t parent_id;
    bool shares;
    if (!call->pid || !needs_parents(pass) || !call_makes_task(call, &id)) {
        return 0;
    }
    if (!pass->parentage) {
        return -EAGAIN;
    }
    if (!parentage_is_process(pass->parentage, id)) {
        return 0; /* a thread, or one that makes no call */
    }
    struct traced_process *child = process_with_id(pass, id);
    if (child && child->is_early) {
        child->is_early = false;
        return 0;
    }
    if (!parentage_take(pass->parentage, id, &parent_id, &shares) || child == parent) {
        return 0;
    }
    if (child) {
        /* The number is used again. */
        end_process(pass, child);
        fold_shares(pass, child);
        HASH_DEL(pass->processes, child);
        free_process(pass, child);
    }
    return add_process(pass, id, parent, shares, &child);
}

static int take_exec(struct pass *pass, struct traced_process *process, const struct call_paths *paths) {
    int status = 0;
    if (pass->needs.memory) {
        leave_memory(pass, process);
        process->memory = memory_space_create(pass->allocations, process->id);
        status = process->memory ? 0 : -ENOMEM;
    }
    if (process->files) {
        descriptor_paths_exec(process->files);
    }
    process->program = paths->count ? paths->paths[0] : NULL;
    pass->knows_programs |= process->program != NULL;
    match_program(pass, process);
    return status;
}

/* A call that waits for anything but the end of a child. */
static bool waits_for_stops(const struct trace_call *call, unsigned options) {
    static const char *const flags[] = {"WUNTRACED", "WSTOPPED", "WCONTINUED", "WNOWAIT"};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (call_argument_has(call, options, flags[i], 0)) {
            return true;
        }
    }
    return false;
}

static void take_wait(struct pass *pass, const struct traced_process *waiter, const struct trace_call *call) {
    uint64_t id = 0;
    bool is_waitid = strcmp(call->name.bytes, "waitid") == 0;
    if (is_waitid) {
        bool is_one = call_argument_has(call, 0, "P_PID", 0) && trace_number(call, 1, &id);
        id = is_one && !call_argument_has(call, 3, "WNOHANG", 0) ? id : 0;
    } else if (call->has_result && call->result > 0) {
        id = (uint64_t)call->result;
    }
    if (!id || !call->pid || waits_for_stops(call, is_waitid ? 3 : 2)) {
        return;
    }
    struct traced_process *child = process_with_id(pass, (int64_t)id);
    if (child && child != waiter && !child->is_early) {
        end_process(pass, child);
    }
}

int pass_take_effect(struct pass *pass, struct traced_process *process, const struct trace_call *call,
                     enum call_effect effect, const struct call_paths *paths) {
    if (process == pass->overflow) {
        return 0;
    }
    switch (effect) {
    case EFFECT_FORK:
        return take_fork(pass, process, call);
    case EFFECT_EXEC:
        return take_exec(pass, process, paths);
    case EFFECT_WAIT:
        take_wait(pass, process, call);
        return 0;
    default:
        break;
    }
    return process->files ? descriptor_paths_call(process->files, call, effect, paths->opened) : 0;
}

void pass_end_tasks(struct pass *pass) {
    for (struct traced_process *process = pass->processes; process; process = process->hh.next) {
        end_process(pass, process);
        fold_shares(pass, process);
    }
}

void pass_drop_tasks(struct pass *pass) {
    struct traced_process *process;
    struct traced_process *next;
    HASH_ITER(hh, pass->processes, process, next) {
        HASH_DEL(pass->processes, process);
        free_process(pass, process);
    }
    if (pass->overflow) {
        free_process(pass, pass->overflow);
    }
    pass->overflow = NULL;
    pass->last_process = NULL;
}
