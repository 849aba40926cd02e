/* SPDX-License-Identifier: MIT */
#include "container_trace.h"

#include "adoption.h"
#include "agent_log.h"
#include "agent_options.h"
#include "cleanup.h"
#include "container_file.h"
#include "diag.h"
#include "metadata_words.h"
#include "tracing.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

enum {
    PROBLEM_BYTES = 512,
};

struct container_run {
    const struct container *container;
    struct agent_options options;
    struct adoption adoption;
    char name[CONTAINER_FILE_NAME];
    int signals;
    bool told; /* to end before the container does */
};

/* ----------------------------------------------------------------- what is logged */

static struct log_member of_container(const struct container_run *run) {
    return (struct log_member){.name = "container", .text = run->container->id};
}

static struct log_member number(const char *name, int64_t value) {
    return (struct log_member){.name = name, .number = value};
}

static void log_failure(const struct container_run *run, int error, const char *problem) {
    struct log_member members[] = {of_container(run), {.name = "reason", .text = problem}};
    size_t count = sizeof(members) / sizeof(members[0]);
    if (error == -ECANCELED || error == -ECHILD) {
        agent_log(LOG_LEVEL_WARNING, "untraced", members, count, "container %s is not traced: %s", run->container->id,
                  problem);
    } else {
        agent_log(LOG_LEVEL_ERROR, "failed", members, count,
                  "container %s is not traced, and its program does not run: %s%s%s", run->container->id, problem,
                  error && problem[0] ? ": " : "", error ? strerrordesc_np(-error) : "");
    }
}

static void on_start(void *context, struct session *session) {
    const struct container_run *run = context;
    struct log_member members[] = {of_container(run),
                                   number("pid", session_root(session)),
                                   {.name = "file", .text = run->name},
                                   {.name = "engine", .text = session_engine(session)},
                                   {.name = "unnotified", .text = run->options.unnotified}};
    size_t count = sizeof(members) / sizeof(members[0]) - (run->options.unnotified ? 0 : 1);
    agent_log(LOG_LEVEL_INFO, "tracing", members, count, "tracing container %s to %s/%s", run->container->id,
              run->container->where, run->name);
}

static void log_end(const struct container_run *run, const struct session_result *result) {
    int status = result->wait_status;
    struct log_member members[] = {
        of_container(run),
        {.name = "file", .text = run->name},
        number("calls", (int64_t)result->calls),
        number("lost", (int64_t)result->lost),
        number("exit_code", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status))};
    size_t count = sizeof(members) / sizeof(members[0]) - (result->detached ? 1 : 0);
    if (result->write_error) {
        agent_log(LOG_LEVEL_ERROR, "ended", members, count, "the document of container %s is not whole: %s/%s: %s",
                  run->container->id, run->container->where, run->name, strerrordesc_np(result->write_error));
    } else {
        agent_log(LOG_LEVEL_INFO, "ended", members, count, "the trace of container %s %s: %s/%s", run->container->id,
                  run->told ? "ends before the container" : "is whole", run->container->where, run->name);
    }
}

/* --------------------------------------------------------------------- the trace */

/* Told to end: the document ends here, and the container goes on. */
static bool on_signal(void *context, struct session *session) {
    (void)session;
    struct container_run *run = context;
    struct signalfd_siginfo info;
    while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        run->told = true;
    }
    return !run->told;
}

/* The agent's options and the profile's, whose words become the caller's. 0, or -errno with a sentence in `problem`. */
static int read_metadata(struct container_run *run, char ***words, char *problem, size_t size) {
    const struct container *container = run->container;
    const char *metadata = container->metadata ? container->metadata : "";
    char why[PROBLEM_BYTES / 2] = "see the diagnostic before";
    size_t count = 0;
    int status = metadata_split(metadata, words, &count, why, sizeof(why));
    if (status == 0 &&
        agent_options_parse(&run->options, container->argc, container->argv, *words, count) != OPTIONS_RUN) {
        status = -EINVAL;
    }
    if (status < 0) {
        snprintf(problem, size, "its listenerMetadata cannot be used, '%.*s': %s", PROBLEM_BYTES / 4, metadata, why);
    }
    return status;
}

static const char *ending_of(enum format format) {
    static const char *const endings[] = {
        [FORMAT_TEXT] = "txt", [FORMAT_JSON] = "json", [FORMAT_JSONL] = "jsonl", [FORMAT_CSV] = "csv"};
    return endings[format];
}

/* The program waits in its execve: have it run, and recorded. 0, -errno with a sentence in `problem`. */
static int trace(struct container_run *run, char *problem, size_t size) {
    const struct container *container = run->container;
    const struct options *options = &run->options.tracing;
    auto_fd file = container_file_open(container->folder, container->id, ending_of(options->output.format), run->name);
    if (file < 0) {
        snprintf(problem, size, "cannot write to %s/%s", container->where, run->name);
        return file;
    }
    const struct engine *const wanted[] = {options->engine, NULL};
    static const struct engine *const adopting[] = {&notify_engine, &notify_only_engine, NULL};
    struct session_options session = {.adoption = &run->adoption,
                                      .engines = options->engine ? wanted : adopting,
                                      .unnotified = run->options.unnotified,
                                      .fd = file,
                                      .truncate = true};
    tracing_configure(options, &session);
    struct tracing_watch watch = {.context = run, .signals = run->signals, .started = on_start, .signalled = on_signal};
    struct tracing_end end;
    int status = tracing_run(options, &session, &watch, &end, problem, size);
    if (status == 0) {
        /* Whoever reads that it has ended may start the next container of its name at once: its document has to replace
         * this one, and our guardian may still have the file. */
        flock(file, LOCK_UN);
        log_end(run, &end.result);
        status = end.result.write_error ? -end.result.write_error : end.wait_error;
        problem[0] = 0;
    }
    return status;
}

/* With the words of its metadata. */
static int await_and_trace(struct container_run *run, char *problem, size_t size) {
    const struct container *container = run->container;
    int status = adoption_await(&run->adoption, container->listener, run->signals, problem, size);
    if (status < 0) {
        return status;
    }
    if (container->told_pid && container->told_pid != run->adoption.pid) {
        struct log_member members[] = {of_container(run), number("pid", run->adoption.pid),
                                       number("told", container->told_pid)};
        agent_log(LOG_LEVEL_INFO, "pid", members, 3,
                  "the runtime said process %d of container %s, whose program is executed by process %d",
                  container->told_pid, container->id, run->adoption.pid);
    }
    return trace(run, problem, size);
}

/* Its program shall not run, but its runtime has to come to it: crun has the listener itself while it waits for the
 * process that sends it, and would wait for ever if we let go of it now. */
static void decline(struct container_run *run) {
    char problem[PROBLEM_BYTES];
    adoption_await(&run->adoption, run->container->listener, run->signals, problem, sizeof(problem));
}

int container_trace(const struct container *container, int signals) {
    struct container_run run = {.container = container, .adoption = ADOPTION_NONE, .signals = signals};
    char problem[PROBLEM_BYTES] = "";
    struct diagnostic_log diagnostics;
    agent_log_diagnostics(&diagnostics, container->id);
    auto_free char **words = NULL;
    int status = read_metadata(&run, &words, problem, sizeof(problem));
    bool is_declined = status < 0;
    if (!is_declined) {
        status = await_and_trace(&run, problem, sizeof(problem));
    }
    agent_options_finish(&run.options);
    if (status < 0 && problem[0]) {
        log_failure(&run, status == -EINVAL ? 0 : status, problem);
    }
    if (is_declined) {
        decline(&run);
    }
    adoption_finish(&run.adoption);
    return status < 0 ? 1 : 0;
}
