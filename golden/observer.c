/* SPDX-License-Identifier: MIT */
#include "observer.h"

#include "cleanup.h"
#include "observer_call.h"
#include "trace_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PEEK = 4096,      /* items in which the start directory shows, if it does */
    RULES_SIZE = 512, /* of the table of rules by name; a power of two */
};

struct observer {
    struct trace_reader *reader;
    struct observer_setup setup;
    struct observations *observations;
    struct process_model *model;
    const struct call_rule *rules[RULES_SIZE];
    struct text path;
    struct text other;
    struct text bytes;
    bool by_registers;
    bool is_golden;
    struct observer_state state;
    struct observer_facts facts;
};

/* ------------------------------------------------------------------ arguments */

static const struct trace_argument *argument(const struct observed_call *o, int index) {
    return index >= 0 && (unsigned)index < o->call->argument_count ? &o->call->arguments[index] : NULL;
}

bool call_number(const struct observed_call *o, int index, uint64_t *number) {
    return index >= 0 && trace_number(o->call, (unsigned)index, number);
}

bool call_descriptor(const struct observed_call *o, int index, int *descriptor) {
    const struct trace_argument *is = argument(o, index);
    uint64_t number;
    if (is && is->text.bytes && strcmp(is->text.bytes, "AT_FDCWD") == 0) {
        *descriptor = HERE;
        return true;
    }
    if (!call_number(o, index, &number)) {
        return false;
    }
    *descriptor = (int)(uint32_t)number;
    return *descriptor >= 0 || *descriptor == HERE;
}

bool call_open_descriptor(const struct observed_call *o, int index, int *descriptor) {
    return call_descriptor(o, index, descriptor) && *descriptor >= 0;
}

static bool is_word_letter(char letter) {
    return isalnum((unsigned char)letter) || letter == '_';
}

bool call_has_flag(const struct observed_call *o, int index, const char *name, uint64_t bits) {
    const struct trace_argument *is = argument(o, index);
    uint64_t number;
    if (!is || !is->text.bytes) {
        return false;
    }
    if (call_number(o, index, &number)) {
        return bits && (number & bits) == bits;
    }
    size_t size = strlen(name);
    const char *text = is->text.bytes;
    for (const char *at = text; (at = strstr(at, name)); at += size) {
        if ((at == text || !is_word_letter(at[-1])) && !is_word_letter(at[size])) {
            return true;
        }
    }
    return false;
}

const struct trace_bytes *call_text(const struct observed_call *o, int index) {
    const struct trace_argument *is = argument(o, index);
    if (!is || !is->content.bytes || (o->by_registers && !is->quoted)) {
        return NULL;
    }
    return &is->content;
}

bool call_result(const struct observed_call *o, uint64_t *result) {
    if (!o->call->has_result || o->call->result < 0) {
        return false;
    }
    *result = (uint64_t)o->call->result;
    return true;
}

/* ---------------------------------------------------------------------- paths */

/* Append a path component by component: "." and "//" are nothing, ".." takes the last one back. */
static void add_components(struct text *path, const char *text, size_t size) {
    size_t at = 0;
    while (at < size) {
        const char *slash = memchr(text + at, '/', size - at);
        size_t length = slash ? (size_t)(slash - text) - at : size - at;
        const char *part = text + at;
        at += length + 1;
        if (length == 0 || (length == 1 && part[0] == '.')) {
            continue;
        }
        if (length == 2 && memcmp(part, "..", 2) == 0 && path->length) {
            const char *last = memrchr(path->bytes, '/', path->length);
            const char *name = last ? last + 1 : path->bytes;
            bool is_root = path->length == 1 && path->bytes[0] == '/';
            if (is_root) {
                continue;
            }
            if (strcmp(name, "..") != 0) {
                size_t left = last ? (size_t)(last - path->bytes) : 0;
                path->length = left || !last ? left : 1;
                path->bytes[path->length] = 0;
                continue;
            }
        }
        if (path->length && path->bytes[path->length - 1] != '/') {
            text_add_char(path, '/');
        }
        text_add(path, part, length);
    }
}

/* Take the start directory away from the front. */
static void make_relative(const char *start_directory, struct text *path) {
    size_t size = start_directory ? strlen(start_directory) : 0;
    if (size < 2 || path->length < size || memcmp(path->bytes, start_directory, size) != 0) {
        return;
    }
    if (path->length == size) {
        text_clear(path);
    } else if (path->bytes[size] == '/') {
        memmove(path->bytes, path->bytes + size + 1, path->length - size);
        path->length -= size + 1;
    }
}

bool call_path_of(const struct observed_call *o, int directory, const char *text, size_t size, struct text *path) {
    text_clear(path);
    text_add(path, "", 0);
    size = strnlen(text, size);
    if (size && text[0] == '/') {
        text_add_char(path, '/');
    } else if (directory == HERE) {
        text_add_string(path, o->process->directory);
    } else {
        const struct open_file *base = process_model_file(o->model, o->process, directory);
        if (!base || base->kind != OPEN_FILE || base->object == NO_OBJECT) {
            return false;
        }
        const char *name = observations_path(o->observations, base->object);
        text_add_string(path, strcmp(name, ".") == 0 ? "" : name);
    }
    add_components(path, text, size);
    make_relative(o->start_directory, path);
    if (!path->failed && path->length == 0) {
        text_add_char(path, '.');
    }
    return !path->failed;
}

bool call_path(const struct observed_call *o, int directory, int index, struct text *path) {
    const struct trace_bytes *text = call_text(o, index);
    int descriptor = HERE;
    if (!text || (directory >= 0 && !call_descriptor(o, directory, &descriptor))) {
        return false;
    }
    return call_path_of(o, descriptor, text->bytes, text->size, path);
}

int call_descriptor_path(const char *path) {
    static const struct {
        const char *path;
        int descriptor;
    } named[] = {{"/dev/stdin", 0}, {"/dev/stdout", 1}, {"/dev/stderr", 2}};
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        if (strcmp(path, named[i].path) == 0) {
            return named[i].descriptor;
        }
    }
    static const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t size = strlen(prefixes[i]);
        if (strncmp(path, prefixes[i], size) == 0) {
            size_t digits = strspn(path + size, "0123456789");
            return digits && digits < 9 && !path[size + digits] ? atoi(path + size) : -1;
        }
    }
    return -1;
}

/* ---------------------------------------------------------------- descriptors */

static bool begins(const struct trace_bytes *text, const char *with) {
    return text->bytes && strncmp(text->bytes, with, strlen(with)) == 0;
}

struct open_file *call_open_file(const struct observed_call *o, int index, int descriptor) {
    struct open_file *known = process_model_file(o->model, o->process, descriptor);
    if (known) {
        return known;
    }
    static const char deleted[] = " (deleted)";
    static const struct trace_bytes nothing;
    const struct trace_argument *is = argument(o, index);
    const struct trace_bytes *text = is ? &is->file : &nothing;
    struct open_file file = {.kind = OPEN_UNKNOWN, .object = NO_OBJECT, .position = POSITION_UNKNOWN};
    int status = 0;
    if (begins(text, "/memfd:") || begins(text, "anon_inode:")) {
        file.kind = OPEN_NOTHING;
    } else if (begins(text, "/")) {
        size_t size = text->size;
        size_t tail = sizeof(deleted) - 1;
        size -= size > tail && memcmp(text->bytes + size - tail, deleted, tail) == 0 ? tail : 0;
        file.kind = OPEN_FILE;
        call_path_of(o, HERE, text->bytes, size, o->other);
        status =
            o->other->failed ? -ENOMEM : observations_file(o->observations, o->other->bytes, MADE_NOT, &file.object);
    } else if (begins(text, "pipe:") || (!text->bytes && o->process->hides_pipes)) {
        file.kind = OPEN_PIPE;
    } else {
        status = observations_find(o->observations, SUBJECT_UNEXPLAINED, "descriptors of unknown origin", &file.object);
    }
    return status < 0 ? NULL : process_model_open(o->model, o->process, descriptor, &file, false);
}

/* ---------------------------------------------------------------------- rules */

static unsigned hash_of(const char *name) {
    unsigned hash = 0;
    while (*name) {
        hash = hash * 31 + (unsigned char)*name++;
    }
    return (hash ^ hash >> 9) & (RULES_SIZE - 1);
}

static void add_rules(struct observer *observer, const struct call_rule *rules, size_t count) {
    for (size_t i = 0; i < count; i++) {
        unsigned slot = hash_of(rules[i].name);
        while (observer->rules[slot]) {
            slot = (slot + 1) & (RULES_SIZE - 1);
        }
        observer->rules[slot] = &rules[i];
    }
}

static const struct call_rule *find_rule(const struct observer *observer, const char *name) {
    unsigned slot = hash_of(name);
    while (observer->rules[slot] && strcmp(observer->rules[slot]->name, name) != 0) {
        slot = (slot + 1) & (RULES_SIZE - 1);
    }
    return observer->rules[slot];
}

/* ---------------------------------------------------------------------- items */

static bool has_failed(const struct trace_call *call) {
    /* A connection that is under way counts as one. */
    bool is_begun = call->error.bytes && strcmp(call->error.bytes, "EINPROGRESS") == 0;
    is_begun |= call->has_result && call->result == -EINPROGRESS;
    return !is_begun && (call->error.bytes || (call->has_result && call->result < 0));
}

static int take_call(struct observer *observer, const struct trace_item *item) {
    const struct trace_call *call = &item->call;
    trace_cost_add(&observer->facts.cost, call);
    struct observed_call o = {
        .call = call,
        .observations = observer->observations,
        .model = observer->model,
        .occasion = {.line = item->line},
        .start_directory = observer->setup.start_directory,
        .by_registers = observer->by_registers && trace_in_registers(call),
        .state = &observer->state,
        .path = &observer->path,
        .other = &observer->other,
        .bytes = &observer->bytes,
    };
    int status = process_model_find(observer->model, call->pid, call->tid, &o.process, &o.occasion.task);
    o.rule = call->name.bytes && status == 0 && !has_failed(call) ? find_rule(observer, call->name.bytes) : NULL;
    if (!o.rule) {
        return status;
    }
    o.occasion.process = o.process->owner;
    status = o.rule->observe(&o);
    if (observer->path.failed || observer->other.failed || observer->bytes.failed) {
        return -ENOMEM; /* to the rules a path without memory is one that was not recorded */
    }
    return status < 0 && status != -ENOENT ? status : 0;
}

/* Signals that say nothing of what the program was told: children (which are seen themselves), and what runtimes send
 * to their own threads, as often as it happens to be. */
static bool counts_as_signal(const char *name) {
    static const char *const internal[] = {"SIGCHLD", "SIGURG", "SIGWINCH", "SIGPROF", "SIGVTALRM"};
    for (size_t i = 0; i < sizeof(internal) / sizeof(internal[0]); i++) {
        if (strcmp(name, internal[i]) == 0) {
            return false;
        }
    }
    return strncmp(name, "SIGRT_", 6) != 0 && strncmp(name, "SIGRTMIN", 8) != 0 && strncmp(name, "SIG_3", 5) != 0;
}

static int take_event(struct observer *observer, const struct trace_item *item) {
    const struct trace_event *event = &item->event;
    const char *kind = event->kind.bytes ? event->kind.bytes : "";
    struct occasion occasion = {.line = item->line};
    observer->facts.has_signals = true;
    if (!event->signal.bytes) {
        return 0;
    }
    if (strcmp(kind, "signal") == 0 && counts_as_signal(event->signal.bytes)) {
        return observations_counted(observer->observations, SUBJECT_SIGNAL, event->signal.bytes, &occasion);
    }
    if (strcmp(kind, "end") == 0 && event->tid == event->pid) {
        return observations_counted(observer->observations, SUBJECT_KILLED, event->signal.bytes, &occasion);
    }
    return 0;
}

static int take_closing(struct observer *observer, const struct trace_item *item) {
    const struct trace_closing *closing = &item->closing;
    struct occasion occasion = {.line = item->line};
    if (closing->exit_code < 0) {
        return 0;
    }
    char how[64];
    observer->facts.has_ended = true;
    if (closing->signal.bytes) {
        snprintf(how, sizeof(how), "killed by %.40s", closing->signal.bytes);
    } else {
        snprintf(how, sizeof(how), "%lld", (long long)closing->exit_code);
    }
    uint32_t object;
    int status = observations_find(observer->observations, SUBJECT_EXIT, "exit status", &object);
    return status < 0 ? status : observations_happened(observer->observations, object, &occasion, how);
}

static int take_head(struct observer *observer, const struct trace_head *head) {
    observer->is_golden = head->is_golden;
    observer->by_registers = !head->producer.bytes && !head->is_golden;
    if (observer->model) {
        return 0;
    }
    observer->model = process_model_create(observer->observations, observer->setup.births, observer->setup.birth_count,
                                           head->is_golden);
    return observer->model ? 0 : -ENOMEM;
}

static int take(struct observer *observer, const struct trace_item *item) {
    static const struct trace_head none;
    int status = observer->model || item->kind == TRACE_HEAD ? 0 : take_head(observer, &none);
    if (status < 0) {
        return status;
    }
    switch (item->kind) {
    case TRACE_HEAD:
        return take_head(observer, &item->head);
    case TRACE_CALL:
        return take_call(observer, item);
    case TRACE_EVENT:
        return take_event(observer, item);
    case TRACE_CLOSING:
        return take_closing(observer, item);
    case TRACE_COUNT:
        return -ENOTSUP;
    }
    return 0;
}

int observer_step(struct observer *observer, char *problem, size_t size) {
    struct trace_item item;
    int status = trace_reader_next(observer->reader, &item, problem, size);
    if (status <= 0) {
        return status;
    }
    status = take(observer, &item);
    if (status == -ENOTSUP) {
        snprintf(problem, size, "a trace of -c counts calls and does not have them; compare it with --mode counts");
        return -EINVAL;
    }
    if (status < 0 && status != -ENOENT) {
        snprintf(problem, size, "%s", strerror(-status));
    }
    return status < 0 ? status : 1;
}

/* ------------------------------------------------------------------ interface */

int observer_create(struct observer **result, struct trace_reader *reader, const struct observer_setup *setup) {
    int status = trace_reader_rewind(reader);
    struct observer *observer = status == 0 ? calloc(1, sizeof(*observer)) : NULL;
    if (!observer) {
        return status < 0 ? status : -ENOMEM;
    }
    observer->reader = reader;
    observer->setup = *setup;
    observer->observations = observations_create(setup->ignore, setup->ignore_count, setup->watcher);
    if (!observer->observations) {
        observer_destroy(observer);
        return -ENOMEM;
    }
    add_rules(observer, file_rules, file_rule_count);
    add_rules(observer, stream_rules, stream_rule_count);
    add_rules(observer, process_rules, process_rule_count);
    *result = observer;
    return 0;
}

int observer_finish(struct observer *observer) {
    process_model_destroy(observer->model);
    observer->model = NULL;
    return observations_finish_contents(observer->observations);
}

void observer_destroy(struct observer *observer) {
    if (!observer) {
        return;
    }
    process_model_destroy(observer->model);
    observations_destroy(observer->observations);
    text_finish(&observer->path);
    text_finish(&observer->other);
    text_finish(&observer->bytes);
    free(observer);
}

struct observations *observer_observations(const struct observer *observer) {
    return observer->observations;
}

const struct observer_facts *observer_facts(const struct observer *observer) {
    return &observer->facts;
}

static int compare_births(const void *left, const void *right) {
    const struct birth *a = left;
    const struct birth *b = right;
    return (a->child > b->child) - (a->child < b->child);
}

static bool is_birth(const char *name) {
    return strcmp(name, "clone") == 0 || strcmp(name, "clone3") == 0 || strcmp(name, "fork") == 0 ||
           strcmp(name, "vfork") == 0;
}

int observer_births(struct trace_reader *reader, struct birth **births, size_t *count, char *problem, size_t size) {
    struct trace_item item;
    size_t room = 16;
    *count = 0;
    *births = malloc(room * sizeof(**births));
    int status = *births ? trace_reader_rewind(reader) : -ENOMEM;
    while (status == 0 && (status = trace_reader_next(reader, &item, problem, size)) > 0) {
        const struct trace_call *call = &item.call;
        status = 0;
        if (item.kind != TRACE_CALL || !call->has_result || call->result <= 0 || !call->name.bytes ||
            !is_birth(call->name.bytes)) {
            continue;
        }
        if (*count == room) {
            room *= 2;
            struct birth *grown = realloc(*births, room * sizeof(*grown));
            if (!grown) {
                status = -ENOMEM;
                break;
            }
            *births = grown;
        }
        (*births)[(*count)++] = (struct birth){call->result, call->pid};
    }
    if (status == -ENOMEM) {
        snprintf(problem, size, "%s", strerror(ENOMEM));
    }
    if (status == 0) {
        qsort(*births, *count, sizeof(**births), compare_births);
    }
    return status;
}

/* The current directory, if this call shows it. */
static const char *shown_directory(const struct trace_call *call) {
    const struct trace_argument *first = &call->arguments[0];
    if (call->argument_count && first->text.bytes && first->file.bytes && strcmp(first->text.bytes, "AT_FDCWD") == 0) {
        return first->file.bytes;
    }
    bool is_getcwd = call->name.bytes && strcmp(call->name.bytes, "getcwd") == 0;
    return is_getcwd && call->argument_count && call->has_result && call->result > 0 ? first->content.bytes : NULL;
}

int observer_start_directory(struct trace_reader *reader, char **directory, char *problem, size_t size) {
    struct trace_item item;
    *directory = NULL;
    int status = trace_reader_rewind(reader);
    for (unsigned i = 0; i < PEEK && status == 0; i++) {
        status = trace_reader_next(reader, &item, problem, size);
        if (status <= 0) {
            break;
        }
        status = 0;
        if (item.kind != TRACE_CALL || !item.call.name.bytes) {
            continue;
        }
        if (strcmp(item.call.name.bytes, "chdir") == 0 || strcmp(item.call.name.bytes, "fchdir") == 0) {
            break;
        }
        const char *shown = shown_directory(&item.call);
        if (shown && shown[0] == '/') {
            *directory = strdup(shown);
            status = *directory ? 0 : -ENOMEM;
            break;
        }
    }
    return status;
}
