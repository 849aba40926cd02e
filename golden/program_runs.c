/* SPDX-License-Identifier: MIT */
#include "program_runs.h"

#include "cleanup.h"
#include "files.h"
#include "recorder.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Wait until the run has ended: 0, or -EINTR if we are told to end first. */
static int wait_for(const struct recorder *recorder, struct ending_signals *signals) {
    struct pollfd wanted[] = {{.fd = recorder_fd(recorder), .events = POLLIN}, {.fd = signals->fd, .events = POLLIN}};
    while (poll(wanted, 2, -1) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return ending_signals_came(signals) ? -EINTR : 0;
}

static int record(char *const *command, bool by_path, const char *trace, int *wait_status,
                  struct ending_signals *signals, char *problem, size_t size) {
    /* Content and signals are for [semantic_equivalence]; the last ones say what descriptors and sockets refer to. */
    static char words[][16] = {"--format",       "json",  "-f", "-T",           "--events",
                               "--string-limit", "65536", "-y", "--decode=full"};
    enum {
        WORDS = sizeof(words) / sizeof(words[0]),
        OF_PATHS = 2,
    };
    char *options[WORDS + 1] = {NULL};
    for (size_t i = 0; i < (by_path ? WORDS : WORDS - OF_PATHS); i++) {
        options[i] = words[i];
    }
    const struct recorder_request request = {
        .options = options, .command = command, .trace = trace, .output = RECORDER_ERROR};
    struct recorder *recorder;
    int status = recorder_start(&recorder, &request, problem, size);
    if (status < 0) {
        return status;
    }
    status = wait_for(recorder, signals);
    if (status == 0) {
        status = recorder_wait(recorder, wait_status, problem, size);
    }
    recorder_destroy(recorder);
    return status;
}

/* The folder of the traces, malloc'd, or NULL with a sentence in `problem`. */
static char *make_folder(const char *keep, char *problem, size_t size) {
    if (!keep) {
        const char *place = getenv("TMPDIR");
        return folder_make_temporary(place && place[0] ? place : "/tmp", "renacer-sv", problem, size);
    }
    return folder_make(keep, problem, size) < 0 ? NULL : strdup(keep);
}

int program_runs_record(struct program_runs *program, char *const *command, bool by_path, unsigned runs,
                        const char *keep, struct ending_signals *signals, char *problem, size_t size) {
    program->is_kept = keep != NULL;
    program->folder = make_folder(keep, problem, size);
    if (!program->folder) {
        return -EIO;
    }
    program->traces = calloc(runs, sizeof(char *));
    program->wait_statuses = calloc(runs, sizeof(*program->wait_statuses));
    int status = program->traces && program->wait_statuses ? 0 : -ENOMEM;
    for (unsigned i = 0; i < runs && status == 0; i++) {
        char *trace;
        if (asprintf(&trace, "%s/%s-%u.json", program->folder, basename(command[0]), i + 1) < 0) {
            return -ENOMEM;
        }
        program->traces[program->count++] = trace;
        status = record(command, by_path, trace, &program->wait_statuses[i], signals, problem, size);
        if (status < 0) {
            /* Nobody shall take a part of a trace for the trace. */
            unlink(trace);
        }
    }
    return status;
}

void program_runs_finish(struct program_runs *program) {
    if (program->folder && !program->is_kept) {
        folder_remove(program->folder);
    }
    for (size_t i = 0; i < program->count; i++) {
        free(program->traces[i]);
    }
    free(program->folder);
    free(program->traces);
    free(program->wait_statuses);
    *program = (struct program_runs){0};
}
