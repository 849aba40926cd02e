/* SPDX-License-Identifier: MIT */
#include "golden_command.h"

#include "cleanup.h"
#include "diag.h"
#include "nearest.h"
#include "report.h"
#include "trace_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum {
    PROBLEM_BYTES = 1024,
    LOCK_MILLISECONDS = 100, /* between looks at a lock that somebody else has */
};

static void warn(const char *sentence) {
    diag("%s", sentence);
}

/* ------------------------------------------------------------------- what was asked for */

/* Whether the names that were asked for have it; without names all have. */
static bool is_chosen(const struct golden_request *request, const char *name) {
    bool chosen = request->name_count == 0;
    for (size_t i = 0; i < request->name_count; i++) {
        chosen = chosen || strcmp(request->names[i], name) == 0;
    }
    return chosen;
}

static int check_names(const struct manifest *manifest, const struct golden_request *request) {
    for (size_t i = 0; i < request->name_count; i++) {
        const char *name = request->names[i];
        struct nearest nearest = {.word = name};
        for (size_t j = 0; j < manifest->count; j++) {
            nearest_offer(&nearest, manifest->each[j].name);
        }
        if (manifest_find(manifest, name)) {
            continue;
        }
        if (nearest.best) {
            diag("'%s' has no golden trace '%s'; did you mean '%s'?", manifest->path, name, nearest.best);
        } else {
            diag("'%s' has no golden trace '%s'; renacer-sv golden record makes it", manifest->path, name);
        }
        return -ENOENT;
    }
    return 0;
}

static int choose(struct golden_choice *choice, const struct golden_request *request) {
    const struct manifest *manifest = &choice->manifest;
    choice->each = calloc(manifest->count + 1, sizeof(*choice->each));
    int status = choice->each ? 0 : -ENOMEM;
    for (size_t i = 0; request->command && request->command[i] && status == 0; i++) {
        status = strings_add(&choice->command, request->command[i]);
    }
    if (status < 0) {
        diag("out of memory");
        return status;
    }
    for (size_t i = 0; i < manifest->count; i++) {
        if (!is_chosen(request, manifest->each[i].name)) {
            continue;
        }
        bool follows;
        if (!golden_options_are_good(&manifest->each[i], &follows)) {
            diag("they stand in %s:%u", manifest->path, manifest->each[i].line);
            return -EINVAL;
        }
        struct golden *golden = &choice->each[choice->count++];
        *golden = manifest->each[i];
        if (request->command) {
            golden->command = choice->command;
        }
    }
    return 0;
}

int golden_choose(struct golden_choice *choice, const struct golden_request *request) {
    char problem[PROBLEM_BYTES] = "";
    *choice = (struct golden_choice){0};
    int status = manifest_read(&choice->manifest, request->manifest, warn, problem, sizeof(problem));
    if (status < 0) {
        diag("%s", problem);
        return status;
    }
    if (!choice->manifest.is_there) {
        diag("there is no manifest '%s'; renacer-sv golden record makes it, --manifest names another",
             request->manifest);
        return -ENOENT;
    }
    if (choice->manifest.count == 0 && request->verb != GOLDEN_LIST) {
        /* Somebody who relies on us must not take nothing for all. */
        diag("no golden traces in %s: renacer-sv golden record NAME -- PROGRAM makes the first", request->manifest);
        return -ENOENT;
    }
    status = check_names(&choice->manifest, request);
    return status < 0 ? status : choose(choice, request);
}

void golden_choice_finish(struct golden_choice *choice) {
    strings_finish(&choice->command);
    free(choice->each);
    manifest_finish(&choice->manifest);
}

int golden_lock(const char *manifest, struct ending_signals *signals) {
    /* The folder, for the file itself is replaced. */
    auto_free char *copy = strdup(manifest);
    auto_fd folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int status = folder < 0 ? -errno : flock(folder, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    if (status == -EWOULDBLOCK) {
        diag("'%s' is being changed by another renacer-sv golden; waiting", manifest);
    }
    while (status == -EWOULDBLOCK && !ending_signals_came(signals)) {
        poll(NULL, 0, LOCK_MILLISECONDS);
        status = flock(folder, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    }
    if (status < 0) {
        if (!signals->got) {
            diag_errno(-status, "cannot lock the folder of '%s'", manifest);
        }
        return status;
    }
    return steal_fd(&folder);
}

int golden_put(const char *new_trace, const char *trace, const char *manifest, const struct golden *golden,
               char *problem, size_t size) {
    struct staged_file staged_trace;
    struct staged_file staged_manifest = {0};
    int status = file_stage_copy(&staged_trace, trace, new_trace, problem, size);
    if (status == 0 && manifest) {
        status = manifest_stage(&staged_manifest, manifest, golden, problem, size);
    }
    if (status == 0) {
        status = file_commit(&staged_trace, problem, size);
    }
    if (status == 0 && manifest) {
        status = file_commit(&staged_manifest, problem, size);
        if (status < 0) {
            file_take_back(&staged_trace);
        }
    }
    file_stage_finish(&staged_trace);
    file_stage_finish(&staged_manifest);
    return status;
}

char *golden_describe(const char *trace) {
    char problem[PROBLEM_BYTES];
    struct trace_reader *reader = NULL;
    struct trace_item item;
    struct stat info;
    if (stat(trace, &info) < 0 || trace_reader_open(&reader, trace, problem, sizeof(problem)) < 0) {
        return NULL;
    }
    char *result = NULL;
    while (!result && trace_reader_next(reader, &item, problem, sizeof(problem)) > 0) {
        if (item.kind != TRACE_CLOSING) {
            continue;
        }
        const struct trace_closing *closing = &item.closing;
        char end[64];
        if (closing->signal.bytes) {
            snprintf(end, sizeof(end), "killed by %.32s", closing->signal.bytes);
        } else {
            snprintf(end, sizeof(end), "exit status %" PRId64, closing->exit_code);
        }
        if (asprintf(&result, "%" PRId64 " call%s, %lld bytes, %s", closing->total_syscalls,
                     closing->total_syscalls == 1 ? "" : "s", (long long)info.st_size, end) < 0) {
            result = NULL;
            break;
        }
    }
    trace_reader_close(reader);
    return result;
}

/* --------------------------------------------------------------------------- the verbs */

/* As a shell reads it. */
static void print_word(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";
    putchar(' ');
    if (word[0] && !word[strspn(word, plain)]) {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word; word++) {
        if (*word == '\'') {
            fputs("'\\''", stdout);
        } else {
            putchar(*word);
        }
    }
    putchar('\'');
}

static int list(const struct golden_request *request) {
    struct golden_choice choice;
    int status = golden_choose(&choice, request);
    for (size_t i = 0; i < choice.count && status == 0; i++) {
        const struct golden *golden = &choice.each[i];
        auto_free char *trace = manifest_trace_path(&choice.manifest, golden->name);
        printf("%-20s %-8s  %-8s ", golden->name, trace && access(trace, R_OK) == 0 ? "recorded" : "no trace",
               compare_mode_name(golden->mode));
        for (size_t j = 0; j < golden->command.count; j++) {
            print_word(golden->command.each[j]);
        }
        putchar('\n');
    }
    golden_choice_finish(&choice);
    return status < 0 ? GOLDEN_UNUSABLE : GOLDEN_GOOD;
}

static int run_verb(const struct golden_request *request, struct ending_signals *signals) {
    switch (request->verb) {
    case GOLDEN_RECORD:
        return golden_record(request, signals);
    case GOLDEN_VERIFY:
        return golden_verify(request, signals);
    case GOLDEN_UPDATE:
        return golden_update(request, signals);
    default:
        return list(request);
    }
}

int golden_command_run(int argc, char *argv[]) {
    struct golden_request request;
    enum golden_parsed parsed = golden_request_parse(&request, argc, argv);
    int result = parsed == GOLDEN_HELPED ? GOLDEN_GOOD : GOLDEN_UNUSABLE;
    if (parsed == GOLDEN_PARSED) {
        struct ending_signals signals;
        int status = ending_signals_begin(&signals);
        if (status < 0) {
            diag_errno(-status, "cannot wait for signals");
        } else {
            result = run_verb(&request, &signals);
            ending_signals_end(&signals);
        }
    }
    golden_request_finish(&request);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        diag("standard output cannot be written");
        result = GOLDEN_UNUSABLE;
    }
    return result;
}
