/* SPDX-License-Identifier: MIT */
#include "spending.h"

#include "name_pattern.h"
#include "printable.h"
#include "spending_pass.h"
#include "text.h"
#include "trace_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES_MAX = 4096, /* different names of calls; there are some five hundred */
    NAMES_BYTES_MAX = 1 << 20,
    PATHS_MAX = 1 << 20, /* different paths */
    PATHS_BYTES_MAX = 1 << 27,
};

/* ---------------------------------------------------------------------- meters */

static enum meter_kind kind_of(const struct budget *budget) {
    if (!budget->enabled) {
        return METER_NONE;
    }
    switch (budget->kind) {
    case BUDGET_CRITICAL_PATH:
        return budget->time == TIME_WALL ? METER_WALL : METER_CHAIN;
    case BUDGET_MEMORY:
        return budget->memory == MEMORY_RSS ? METER_RESIDENT : METER_MEMORY;
    case BUDGET_ANTI_PATTERN:
        return budget->pattern == PATTERN_GOD_PROCESS ? METER_SHARES : METER_LOOPS;
    case BUDGET_SPAN_COUNT:
    case BUDGET_CALLS:
    case BUDGET_REQUIRED:
    case BUDGET_FORBIDDEN:
        return METER_CALLS;
    case BUDGET_INAPPLICABLE:
        break;
    }
    return METER_NONE;
}

static bool is_limited(const struct budget *budget, enum quantity quantity) {
    const struct limit *limit = &budget->limits[quantity];
    return limit->has_max || limit->has_min || limit->increase.is_set;
}

static int set_up_meters(struct pass *pass, struct spending *spendings) {
    pass->meters = calloc(pass->file->count + 1, sizeof(*pass->meters));
    if (!pass->meters) {
        return -ENOMEM;
    }
    pass->count = pass->file->count;
    for (size_t i = 0; i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        const struct budget *budget = &pass->file->budgets[i];
        *meter = (struct meter){.budget = budget, .spending = &spendings[i], .kind = kind_of(budget)};
        bool sums_up = meter->kind == METER_CALLS || meter->kind == METER_CHAIN;
        meter->by_path = sums_up && (budget->path_count || is_limited(budget, QUANTITY_BYTES));
        meter->looks_at_calls = sums_up || meter->kind == METER_LOOPS || meter->kind == METER_SHARES;
        pass->needs.paths |= meter->by_path || budget->path_count;
        pass->needs.memory |= meter->kind == METER_MEMORY;
        pass->needs.programs |= budget->process_pattern != NULL;
        pass->needs.threads |= meter->kind == METER_CHAIN || meter->kind == METER_LOOPS;
        if (meter->kind == METER_CHAIN) {
            meter->slot = pass->chains++;
        } else if (meter->kind == METER_LOOPS) {
            meter->slot = pass->loops++;
        } else if (meter->kind == METER_SHARES) {
            meter->slot = pass->shares++;
        }
    }
    return 0;
}

/* -------------------------------------------------------------------- the calls */

/* "syscall:openat" is how renacer calls spans; a pattern that has that word means them by it. */
static bool is_span_chosen(struct meter *meter, const struct trace_word *name) {
    struct name_pattern *pattern = meter->budget->span_pattern;
    char span[128];
    int matches = pattern ? name_pattern_matches(pattern, name->text) : 1;
    if (matches == 0 && strstr(name_pattern_text(pattern), "syscall:")) {
        snprintf(span, sizeof(span), "syscall:%s", name->text);
        matches = name_pattern_matches(pattern, span);
    }
    meter->gave_up = matches < 0 ? "span_name_pattern" : meter->gave_up;
    return matches > 0;
}

static void prepare_name(const struct pass *pass, struct trace_word *name) {
    struct name_notes *notes = notes_of(name);
    notes->is_prepared = true;
    call_traits_of(&notes->traits, name->text);
    for (size_t i = 0; i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        notes->chosen[i] = meter->kind != METER_NONE && call_names_have(&meter->budget->calls, name->text) &&
                           is_span_chosen(meter, name);
    }
}

/* 0, -ENOMEM, or -EINVAL with a sentence in `problem`. */
static int find_name(struct pass *pass, const struct trace_item *item, const struct trace_bytes *text,
                     struct trace_word **name, char *problem, size_t size) {
    int status = trace_words_find(&pass->names, text->bytes, text->size, name);
    if (status == 0 && !*name) {
        bool too_many = HASH_COUNT(pass->names.table) >= NAMES_MAX;
        snprintf(problem, size, "%s:%llu: %s", pass->path, (unsigned long long)item->line,
                 too_many ? "the trace has more than 4096 different names of calls"
                          : "the names of calls in the trace are longer than 1 MiB together");
        return -EINVAL;
    }
    if (status == 0 && !notes_of(*name)->is_prepared) {
        prepare_name(pass, *name);
    }
    return status;
}

static bool is_meant(const struct budget *budget, const char *path) {
    for (size_t i = 0; i < budget->path_count; i++) {
        if (path_matches(budget->paths[i], path)) {
            return true;
        }
    }
    return false;
}

/* Which budgets the paths of a call are for. */
static int look_at_paths(struct pass *pass, const struct call_paths *paths) {
    int status = 0;
    for (unsigned i = 0; pass->path_sets && i < paths->count && status == 0; i++) {
        struct path_note *note = path_note_of(paths->paths[i]);
        if (!note->is_known) {
            note->is_known = true;
            status = path_sets_find(pass->path_sets, paths->paths[i]->text, &note->set);
        }
    }
    return status;
}

/* Whether the call is on a path of the budget: the first such path, or without any in the budget the first one of the
 * call, which may be NULL. */
static bool choose_path(const struct meter *meter, const struct call_paths *paths, struct trace_word **path) {
    *path = NULL;
    if (!meter->budget->path_count) {
        *path = meter->by_path && paths->count ? paths->paths[0] : NULL;
        return true;
    }
    for (unsigned i = 0; i < paths->count; i++) {
        const struct path_set *set = path_note_of(paths->paths[i])->set;
        if (set ? path_set_has(set, meter->path_slot) : is_meant(meter->budget, paths->paths[i]->text)) {
            *path = paths->paths[i];
            return true;
        }
    }
    return false;
}

/* A call that is being taken. */
struct taken_call {
    const struct trace_item *item;
    struct trace_word *name;
    struct traced_process *process;
    struct traced_thread *thread;
    struct call_paths paths;
    bool failed;
    double amounts[QUANTITIES];
};

/* The call as far as it counts for loops. */
static struct loop_step step_of(const struct taken_call *taken, const struct call_traits *traits) {
    const struct trace_call *call = &taken->item->call;
    struct loop_step step = {.name = taken->name, .descriptor = LOOP_NO_DESCRIPTOR};
    step.waited = call->has_duration && call->duration_ns >= LOOP_PROGRESS_NS;
    if (taken->amounts[QUANTITY_BYTES] >= LOOP_PROGRESS_BYTES || traits->is_nameless) {
        step.name = NULL;
    }
    for (unsigned i = 0; i < call->argument_count; i++) {
        uint64_t number;
        if (traits->roles[i] == ROLE_DESCRIPTOR) {
            step.descriptor = trace_number(call, i, &number) ? (int32_t)(uint32_t)number : LOOP_NO_DESCRIPTOR;
            break;
        }
    }
    return step;
}

static void count_share(struct busy_process *share, uint64_t line) {
    if (share->calls++ == 0) {
        share->first_line = line;
    }
    share->last_line = line;
}

static int meter_call(struct meter *meter, const struct taken_call *taken, const struct loop_step *step) {
    struct trace_word *path;
    uint64_t line = taken->item->line;
    if (!choose_path(meter, &taken->paths, &path)) {
        return 0;
    }
    switch (meter->kind) {
    case METER_CALLS:
        return spender_sums_add(&meter->sums, taken->name, path, taken->amounts, line);
    case METER_CHAIN:
        return taken->thread
                   ? spender_sums_add(&taken->thread->chains[meter->slot], taken->name, path, taken->amounts, line)
                   : 0;
    case METER_LOOPS:
        if (taken->thread) {
            loop_detector_call(&taken->thread->loops[meter->slot], step, line);
        }
        return 0;
    case METER_SHARES:
        count_share(&taken->process->shares[meter->slot], line);
        return 0;
    case METER_NONE:
    case METER_WALL:
    case METER_MEMORY:
    case METER_RESIDENT:
        break;
    }
    return 0;
}

/* A connection that is not there yet: the socket has its peer nevertheless. */
static bool is_on_its_way(const struct trace_call *call, enum call_effect effect) {
    bool says_so = call->error.bytes ? strcmp(call->error.bytes, "EINPROGRESS") == 0
                                     : call->has_result && call->result == -EINPROGRESS;
    return effect == EFFECT_ADDRESS && says_so;
}

static int take_effects(struct pass *pass, const struct taken_call *taken) {
    const struct trace_call *call = &taken->item->call;
    enum call_effect effect = notes_of(taken->name)->traits.effect;
    if (effect == EFFECT_NONE || (taken->failed && !is_on_its_way(call, effect))) {
        return 0;
    }
    int status = pass_take_effect(pass, taken->process, call, effect, &taken->paths);
    if (status == 0 && taken->process->memory) {
        status = memory_space_call(taken->process->memory, call, effect, taken->item->line);
    }
    return status;
}

static int take_call(struct pass *pass, const struct trace_item *item, char *problem, size_t size) {
    const struct trace_call *call = &item->call;
    struct taken_call taken = {.item = item, .failed = call_has_failed(call)};
    int status = find_name(pass, item, &call->name, &taken.name, problem, size);
    status = status < 0 ? status : pass_find_task(pass, call, &taken.process, &taken.thread);
    if (status < 0) {
        return status;
    }
    const struct name_notes *notes = notes_of(taken.name);
    if (pass->needs.paths || notes->traits.effect == EFFECT_EXEC) {
        status = call_paths_find(&taken.paths, call, &notes->traits, &pass->paths, taken.process->files);
        status = status < 0 ? status : look_at_paths(pass, &taken.paths);
    }
    status = status < 0 || taken.failed ? status : unfollowed_take(&pass->unfollowed, call);
    pass->calls++;
    pass->has_files |= taken.paths.says_files;
    pass->has_results |= call->has_result || call->error.bytes || call->result_ref.bytes;
    pass->has_durations |= call->has_duration;
    taken.amounts[QUANTITY_COUNT] = 1;
    taken.amounts[QUANTITY_ERRORS] = taken.failed;
    taken.amounts[QUANTITY_TIME] = call->has_duration ? (double)call->duration_ns : 0;
    bool transfers = notes->traits.transfers && call->has_result && call->result > 0;
    taken.amounts[QUANTITY_BYTES] = transfers ? (double)call->result : 0;
    struct loop_step step = pass->loops ? step_of(&taken, &notes->traits) : (struct loop_step){0};
    for (size_t i = 0; i < pass->count && status == 0; i++) {
        if (pass->meters[i].looks_at_calls && notes->chosen[i] && taken.process->matches[i]) {
            status = meter_call(&pass->meters[i], &taken, &step);
        }
    }
    return status < 0 ? status : take_effects(pass, &taken);
}

/* -------------------------------------------------------------------- the items */

static int take_row(struct pass *pass, const struct trace_item *item, char *problem, size_t size) {
    const struct trace_count *count = &item->count;
    struct trace_word *name;
    int status = find_name(pass, item, &count->name, &name, problem, size);
    if (status < 0) {
        return status;
    }
    if (!pass->has_rows) {
        pass->has_rows = pass->rows_have_errors = pass->rows_have_times = true;
    }
    struct name_notes *notes = notes_of(name);
    notes->has_row = true;
    notes->row_calls += (double)count->calls;
    notes->row_errors += count->errors > 0 ? (double)count->errors : 0;
    notes->row_time += count->time_ns > 0 ? (double)count->time_ns : 0;
    notes->row_line = item->line;
    pass->row_calls += (double)count->calls;
    pass->rows_have_errors &= count->errors >= 0;
    pass->rows_have_times &= count->time_ns >= 0;
    return 0;
}

static int take_head(struct pass *pass, const struct trace_head *head) {
    pass->has_head = true;
    pass->is_golden = head->is_golden;
    pass->in_registers = !head->producer.bytes && !head->is_golden;
    pass->allocations = allocations_create(pass->is_golden, pass->in_registers);
    if (head->time.bytes && !pass->facts->time_source) {
        pass->facts->time_source = strndup(head->time.bytes, head->time.size);
        if (!pass->facts->time_source) {
            return -ENOMEM;
        }
    }
    if (head->filter.bytes && !pass->facts->filter) {
        pass->facts->filter = strndup(head->filter.bytes, head->filter.size);
        if (!pass->facts->filter) {
            return -ENOMEM;
        }
    }
    return pass->allocations ? 0 : -ENOMEM;
}

static int take_closing(struct pass *pass, const struct trace_closing *closing) {
    struct trace_facts *facts = pass->facts;
    pass->has_closing = true;
    facts->has_no_end = closing->total_syscalls >= 0 && closing->exit_code < 0 && !closing->signal.bytes;
    if (closing->signal.bytes && string_set(&facts->signal, "%.*s", (int)closing->signal.size, closing->signal.bytes)) {
        return -ENOMEM;
    }
    pass->wall_time_us = closing->wall_time_us;
    pass->max_rss_kb = closing->max_rss_kb;
    facts->lost = closing->lost > 0 ? (double)closing->lost : 0;
    return 0;
}

static int take(struct pass *pass, const struct trace_item *item, char *problem, size_t size) {
    static const struct trace_head none;
    int status = pass->has_head || item->kind == TRACE_HEAD ? 0 : take_head(pass, &none);
    if (status < 0) {
        return status;
    }
    switch (item->kind) {
    case TRACE_HEAD:
        return take_head(pass, &item->head);
    case TRACE_CALL:
        return take_call(pass, item, problem, size);
    case TRACE_COUNT:
        return take_row(pass, item, problem, size);
    case TRACE_CLOSING:
        return take_closing(pass, &item->closing);
    case TRACE_EVENT:
        break;
    }
    return 0;
}

static void drop(struct pass *pass) {
    unfollowed_finish(&pass->unfollowed);
    pass_drop_tasks(pass);
    for (size_t i = 0; i < pass->count; i++) {
        spender_sums_finish(&pass->meters[i].sums);
    }
    free(pass->meters);
    allocations_destroy(pass->allocations);
    trace_words_finish(&pass->names);
    trace_words_finish(&pass->paths);
    path_sets_destroy(pass->path_sets);
}

/* The budgets that have paths. */
static int set_up_paths(struct pass *pass) {
    size_t slots = 0;
    for (size_t i = 0; i < pass->count; i++) {
        struct meter *meter = &pass->meters[i];
        if (meter->looks_at_calls && meter->budget->path_count) {
            meter->path_slot = slots++;
        }
    }
    pass->path_sets = slots ? path_sets_create(slots) : NULL;
    int status = slots && !pass->path_sets ? -ENOMEM : 0;
    for (size_t i = 0; slots && i < pass->count && status == 0; i++) {
        const struct meter *meter = &pass->meters[i];
        for (size_t k = 0; meter->looks_at_calls && k < meter->budget->path_count && status == 0; k++) {
            status = path_sets_add(pass->path_sets, meter->path_slot, meter->budget->paths[k]);
        }
    }
    return status;
}

static int begin(struct pass *pass, struct spending *spendings) {
    int status = set_up_meters(pass, spendings);
    status = status < 0 ? status : set_up_paths(pass);
    pass->names = (struct trace_words){
        .notes = sizeof(struct name_notes) + pass->count, .words_max = NAMES_MAX, .bytes_max = NAMES_BYTES_MAX};
    pass->paths =
        (struct trace_words){.notes = sizeof(struct path_note), .words_max = PATHS_MAX, .bytes_max = PATHS_BYTES_MAX};
    return status;
}

/* Read the trace once. 0, -errno, or -EAGAIN: not without knowing who has made which task. */
static int read_trace(struct pass *pass, char *problem, size_t size) {
    struct trace_item item;
    int status;
    while ((status = trace_reader_next(pass->reader, &item, problem, size)) > 0) {
        status = take(pass, &item, problem, size);
        if (status == -ENOMEM) {
            snprintf(problem, size, "%s", strerror(ENOMEM));
        }
        if (status < 0) {
            return status;
        }
    }
    return status;
}

/* The file's name as that of the trace. */
static int name_trace(struct trace_facts *facts, const char *path) {
    static const char *const suffixes[] = {".json", ".jsonl"};
    const char *name = basename(path);
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t tail = strlen(suffixes[i]);
        if (size > tail && strcmp(name + size - tail, suffixes[i]) == 0) {
            size -= tail;
            break;
        }
    }
    facts->name = strndup(name, size);
    return facts->name ? 0 : -ENOMEM;
}

int spending_measure(struct spending *spendings, struct trace_facts *facts, const struct budget_file *file,
                     struct trace_reader *reader, const char *path, char *problem, size_t size) {
    *facts = (struct trace_facts){0};
    struct pass pass = {.file = file, .reader = reader, .path = path, .facts = facts};
    int status = name_trace(facts, path);
    status = status < 0 ? status : begin(&pass, spendings);
    status = status < 0 ? status : read_trace(&pass, problem, size);
    if (status == -EAGAIN) {
        drop(&pass);
        pass = (struct pass){.file = file, .reader = reader, .path = path, .facts = facts};
        status = parentage_read(&pass.parentage, reader, problem, size);
        status = status < 0 ? status : begin(&pass, spendings);
        status = status < 0 ? status : read_trace(&pass, problem, size);
    }
    if (status == 0) {
        facts->is_golden = pass.is_golden;
        facts->is_cut = trace_reader_was_cut(reader);
        facts->says_files = pass.has_files;
        facts->unfollowed = unfollowed_count(&pass.unfollowed);
        pass_end_tasks(&pass);
        status = pass_report(&pass);
    }
    if (status == -ENOMEM) {
        snprintf(problem, size, "%s", strerror(ENOMEM));
    }
    drop(&pass);
    parentage_destroy(pass.parentage);
    return status;
}

void spending_finish(struct spending *spendings, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct spending *spending = &spendings[i];
        for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
            free(spending->missing[quantity]);
            for (size_t j = 0; j < spending->spender_count[quantity]; j++) {
                free(spending->spenders[quantity][j].what);
            }
        }
        free(spending->nothing);
        free(spending->whose);
        free(spending->from);
        *spending = (struct spending){0};
    }
}

void trace_facts_finish(struct trace_facts *facts) {
    free(facts->name);
    free(facts->time_source);
    free(facts->filter);
    free(facts->signal);
    *facts = (struct trace_facts){0};
}
