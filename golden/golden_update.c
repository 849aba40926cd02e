/* SPDX-License-Identifier: MIT */
#include "golden_command.h"

#include "cleanup.h"
#include "diag.h"
#include "files.h"
#include "report.h"

#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROBLEM_BYTES = 1024,
    ANSWER_BYTES = 64,
};

enum answer {
    ANSWER_YES,
    ANSWER_NO,
    ANSWER_ALL,
    ANSWER_QUIT, /* also a signal, and the end of the input */
};

struct update {
    const struct golden_request *request;
    struct golden_choice *choice;
    struct ending_signals *signals;
    bool all;  /* no more questions */
    bool quit; /* nothing more is changed */
    int result;
};

/* -------------------------------------------------------------------------- asking */

/* A line of the terminal, cut to the room for it: false at its end or after a signal. */
static bool read_answer(struct ending_signals *signals, char *line, size_t size) {
    size_t length = 0;
    for (;;) {
        struct pollfd polled[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = signals->fd, .events = POLLIN}};
        if (poll(polled, 2, -1) < 0 && errno != EINTR) {
            return false;
        }
        if (ending_signals_came(signals)) {
            return false;
        }
        char byte;
        ssize_t count = polled[0].revents ? read(STDIN_FILENO, &byte, 1) : -1;
        if (count == 0 || (count < 0 && polled[0].revents && errno != EINTR && errno != EAGAIN)) {
            return false;
        }
        if (count == 1 && byte == '\n') {
            line[length] = 0;
            return true;
        }
        if (count == 1 && length + 1 < size) {
            line[length++] = byte;
        }
    }
}

static enum answer ask(const struct update *update, const char *trace) {
    for (;;) {
        fflush(stdout);
        fprintf(stderr, "update %s? [y/N/a/q] ", trace);
        fflush(stderr);
        char line[ANSWER_BYTES];
        if (!read_answer(update->signals, line, sizeof(line))) {
            fputc('\n', stderr);
            return ANSWER_QUIT;
        }
        switch (line[0]) {
        case 'y':
        case 'Y':
            return ANSWER_YES;
        case 'n':
        case 'N':
        case 0:
            return ANSWER_NO;
        case 'a':
            return ANSWER_ALL;
        case 'q':
            return ANSWER_QUIT;
        default:
            fputs(
                "y: update it, n: leave it, a: update this and all further ones, q: leave this and all further ones\n",
                stderr);
        }
    }
}

/* ------------------------------------------------------------------------- updating */

/* What has changed, call by call. 0, or -errno with a sentence. */
static int show_changes(const struct update *update, const struct golden_run *run, const char *trace, char *problem,
                        size_t size) {
    printf("%s has changed:\n", run->golden->name);
    struct comparison comparison = {0};
    const struct compare_options options = {.mode = COMPARE_EXACT, .exact.context = COMPARE_CONTEXT_STANDARD};
    const char *const paths[SIDES] = {trace, run->trace};
    int status = compare_paths(&comparison, &options, paths, problem, size);
    if (status == 0) {
        report_text(&comparison, colour_wanted(update->request->report.colour, STDOUT_FILENO), stdout);
    }
    comparison_finish(&comparison);
    return status;
}

static void fail(struct update *update, const char *name, const char *problem) {
    diag("'%s' cannot be updated: %s", name, problem);
    update->result = GOLDEN_UNUSABLE;
}

/* Put the new trace in place, and the new command into the manifest. */
static void accept(struct update *update, const struct golden_run *run, const char *trace) {
    char problem[PROBLEM_BYTES];
    auto_free char *description = golden_describe(run->trace);
    const char *manifest = update->request->command ? update->request->manifest : NULL;
    if (golden_put(run->trace, trace, manifest, run->golden, problem, sizeof(problem)) < 0) {
        fail(update, run->golden->name, problem);
    } else {
        printf("updated %s: %s\n", run->golden->name, description ? description : "");
    }
}

/* Show what is new, and ask. */
static void offer(struct update *update, const struct golden_run *run, const char *trace, bool is_new) {
    char problem[PROBLEM_BYTES];
    if (is_new) {
        auto_free char *description = golden_describe(run->trace);
        printf("%s has no trace yet: %s\n", run->golden->name, description ? description : "");
    } else if (show_changes(update, run, trace, problem, sizeof(problem)) < 0) {
        /* What stands there may be broken: that is what an update is for. */
        printf("the traces cannot be compared: %s\n", problem);
    }
    enum answer answer = update->all ? ANSWER_YES : update->quit ? ANSWER_QUIT : ask(update, trace);
    update->all = update->all || answer == ANSWER_ALL;
    update->quit = update->quit || answer == ANSWER_QUIT;
    if (answer == ANSWER_YES || answer == ANSWER_ALL) {
        accept(update, run, trace);
    } else if (update->result == GOLDEN_GOOD) {
        update->result = GOLDEN_DIFFERENT;
    }
}

static bool is_new_command(const struct update *update, const struct golden_run *run) {
    const struct golden *before = manifest_find(&update->choice->manifest, run->golden->name);
    bool same = before && before->command.count == run->golden->command.count;
    for (size_t i = 0; same && i < before->command.count; i++) {
        same = strcmp(before->command.each[i], run->golden->command.each[i]) == 0;
    }
    return !same;
}

static void update_one(struct update *update, const struct golden_run *run) {
    char problem[PROBLEM_BYTES] = "out of memory";
    const char *name = run->golden->name;
    auto_free char *trace = manifest_trace_path(&update->choice->manifest, name);
    if (run->status < 0 || !trace) {
        fail(update, name, run->problem ? run->problem : problem);
        fputs(run->said ? run->said : "", stderr);
        return;
    }
    bool is_new = access(trace, F_OK) < 0 && errno == ENOENT;
    int same = is_new ? 0 : file_is_same(trace, run->trace, problem, sizeof(problem));
    if (same < 0) {
        fail(update, name, problem);
    } else if (same > 0 && is_new_command(update, run)) {
        /* The same calls by another command: that alone is noted. */
        if (manifest_put(update->request->manifest, run->golden, problem, sizeof(problem)) < 0) {
            fail(update, name, problem);
        } else {
            printf("%s has not changed; its command is another one now\n", name);
        }
    } else if (same > 0) {
        printf("%s has not changed\n", name);
    } else {
        offer(update, run, trace, is_new);
    }
}

static int perform(struct update *update, struct golden_runs *runs) {
    const struct golden_request *request = update->request;
    const struct golden_run_options options = {
        .jobs = request->jobs, .timeout = request->timeout, .progress = isatty(STDERR_FILENO) == 1};
    int status = golden_runs_perform(runs, &options, update->signals);
    if (status < 0 && !update->signals->got) {
        diag_errno(-status, "the programs cannot be run");
    }
    for (size_t i = 0; i < runs->count && status == 0; i++) {
        if (ending_signals_came(update->signals)) {
            status = -EINTR;
        } else if (!update->quit) {
            update_one(update, &runs->each[i]);
        }
    }
    return status < 0 ? GOLDEN_UNUSABLE : update->result;
}

/* What cannot be put in place is said before everything is run. */
static int begin_runs(const struct golden_choice *choice, struct golden_runs *runs) {
    char problem[PROBLEM_BYTES] = "out of memory";
    auto_free char *path = manifest_trace_path(&choice->manifest, "x");
    const char *folder = path ? dirname(path) : NULL;
    int status = folder ? folder_prepare(folder, problem, sizeof(problem)) : -ENOMEM;
    if (status == 0) {
        status = golden_runs_begin(runs, choice->count, problem, sizeof(problem));
    }
    for (size_t i = 0; i < choice->count && status == 0; i++) {
        runs->each[i].golden = &choice->each[i];
    }
    if (status < 0) {
        diag("%s", problem);
    }
    return status;
}

int golden_update(const struct golden_request *request, struct ending_signals *signals) {
    struct golden_choice choice = {0};
    struct golden_runs runs = {0};
    struct update update = {
        .request = request, .choice = &choice, .signals = signals, .all = request->yes, .result = GOLDEN_UNUSABLE};
    if (!request->yes && isatty(STDIN_FILENO) != 1) {
        diag("golden update asks on a terminal, and standard input is none; --yes accepts all changes");
        return GOLDEN_UNUSABLE;
    }
    if (access(request->manifest, F_OK) < 0) {
        /* Says why not, before the folder that is locked. */
        golden_choose(&choice, request);
        golden_choice_finish(&choice);
        return GOLDEN_UNUSABLE;
    }
    auto_fd lock = golden_lock(request->manifest, signals);
    if (lock >= 0 && golden_choose(&choice, request) == 0 && begin_runs(&choice, &runs) == 0) {
        update.result = GOLDEN_GOOD;
        update.result = perform(&update, &runs);
    }
    golden_runs_finish(&runs);
    golden_choice_finish(&choice);
    return update.result;
}
