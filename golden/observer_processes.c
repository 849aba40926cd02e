/* SPDX-License-Identifier: MIT
 *
 * What an observer does with the calls that make, change and end processes.
 */
#include "hash64.h"
#include "observer_call.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static uint64_t hash_path(const char *path) {
    return hash64_bytes(1, path, strlen(path));
}

/* `place`: flags. */
static int observe_clone(const struct observed_call *o) {
    uint64_t child;
    if (!call_result(o, &child) || child == 0 || child > INT64_MAX) {
        return 0;
    }
    return process_model_fork(o->model, o->process, (int64_t)child,
                              call_has_flag(o, o->rule->place, "CLONE_FILES", CLONE_FILES));
}

/* Is it one of those that wait for nothing but the end of a child? */
static bool waits_for_stops(const struct observed_call *o, int options) {
    return call_has_flag(o, options, "WUNTRACED", WUNTRACED) || call_has_flag(o, options, "WSTOPPED", WSTOPPED) ||
           call_has_flag(o, options, "WCONTINUED", WCONTINUED) || call_has_flag(o, options, "WNOWAIT", WNOWAIT);
}

static int observe_end_of(const struct observed_call *o, uint64_t child, int options) {
    struct process *process = child && child <= INT64_MAX ? process_model_with_id(o->model, (int64_t)child) : NULL;
    if (!process || process == o->process || waits_for_stops(o, options)) {
        return 0;
    }
    return process_model_ended(o->model, process, o->process);
}

/* `extra`: options. */
static int observe_wait(const struct observed_call *o) {
    uint64_t child;
    return call_result(o, &child) ? observe_end_of(o, child, o->rule->extra) : 0;
}

/* The same; `place`: which kind of id, `value`: the id. That of another child is not recorded. */
static int observe_waitid(const struct observed_call *o) {
    uint64_t child;
    bool is_known = call_has_flag(o, o->rule->place, "P_PID", 0) && call_number(o, o->rule->value, &child);
    return is_known ? observe_end_of(o, child, o->rule->extra) : 0;
}

/* The script that an interpreter is told to run is its code, whatever it is called. */
static void note_script(const struct observed_call *o, const struct trace_bytes *arguments) {
    for (unsigned i = 1; i < 8; i++) {
        text_clear(o->bytes);
        if (!notation_element(arguments->bytes, arguments->size, i, o->bytes) || o->bytes->failed) {
            return;
        }
        if (!o->bytes->length || o->bytes->bytes[0] == '-') {
            continue;
        }
        if (call_path_of(o, HERE, o->bytes->bytes, o->bytes->length, o->other)) {
            o->process->own_files[1] = hash_path(o->other->bytes);
        }
        return;
    }
}

/* Whether the program that is executed now is still the one that was started: a launcher (env) puts it in its own
 * place, before anything was changed or sent. If the launcher is a script, what it has read and executed to find the
 * program says nothing of the program (version managers, wrappers). */
static bool is_start(const struct observed_call *o) {
    enum {
        LAUNCHES_MAX = 64, /* a chain of more is none */
    };
    struct observer_state *state = o->state;
    if (o->process->number != 0 || state->has_begun) {
        return false;
    }
    if (o->process->read_script && state->launches < LAUNCHES_MAX) {
        state->launches++;
        state->has_executed = false;
        observations_forget_search(o->observations);
    }
    return !state->has_executed;
}

/* `value`: the arguments. */
static int observe_exec(const struct observed_call *o) {
    struct process *process = o->process;
    const struct trace_bytes *arguments = call_text(o, o->rule->value);
    bool starts = is_start(o);
    int status = process_model_exec(o->model, process);
    process->executed = true;
    process->read_script = false;
    process->running = 0;
    memset(process->own_files, 0, sizeof(process->own_files));
    if (status < 0 || !call_path(o, o->rule->directory, o->rule->place, o->path)) {
        return status;
    }
    process->running = interpreters_of_program(o->path->bytes);
    process->own_files[0] = hash_path(o->path->bytes);
    if (arguments && process->running) {
        note_script(o, arguments);
    }
    if (starts) {
        return 0;
    }
    text_add_char(o->path, ' ');
    if (arguments) {
        text_add(o->path, arguments->bytes, arguments->size);
    }
    o->state->has_executed = true;
    return o->path->failed ? -ENOMEM
                           : observations_counted(o->observations, SUBJECT_PROGRAM, o->path->bytes, &o->occasion);
}

static int observe_chdir(const struct observed_call *o) {
    if (!call_path(o, NO_ARGUMENT, o->rule->place, o->path)) {
        return 0;
    }
    return process_model_change_directory(o->process, strcmp(o->path->bytes, ".") == 0 ? "" : o->path->bytes);
}

static int observe_fchdir(const struct observed_call *o) {
    int descriptor;
    if (!call_open_descriptor(o, o->rule->place, &descriptor)) {
        return 0;
    }
    const struct open_file *file = call_open_file(o, o->rule->place, descriptor);
    if (!file || file->kind != OPEN_FILE || file->object == NO_OBJECT) {
        return file ? 0 : -ENOMEM;
    }
    const char *path = observations_path(o->observations, file->object);
    return process_model_change_directory(o->process, strcmp(path, ".") == 0 ? "" : path);
}

static int observe_unshare(const struct observed_call *o) {
    return call_has_flag(o, o->rule->place, "CLONE_FILES", CLONE_FILES) ? process_model_unshare(o->model, o->process)
                                                                        : 0;
}

enum {
    NO = NO_ARGUMENT,
};

const struct call_rule process_rules[] = {
    {"clone", observe_clone, NO, 0, NO, NO, NULL},   {"clone3", observe_clone, NO, 0, NO, NO, NULL},
    {"fork", observe_clone, NO, NO, NO, NO, NULL},   {"vfork", observe_clone, NO, NO, NO, NO, NULL},
    {"wait4", observe_wait, NO, 0, 1, 2, NULL},      {"waitpid", observe_wait, NO, 0, 1, 2, NULL},
    {"waitid", observe_waitid, NO, 0, 1, 3, NULL},   {"execve", observe_exec, NO, 0, 1, NO, NULL},
    {"execveat", observe_exec, 0, 1, 2, NO, NULL},   {"chdir", observe_chdir, NO, 0, NO, NO, NULL},
    {"fchdir", observe_fchdir, NO, 0, NO, NO, NULL}, {"unshare", observe_unshare, NO, 0, NO, NO, NULL},
};
const size_t process_rule_count = sizeof(process_rules) / sizeof(process_rules[0]);
