/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "capability.h"
#include "capture.h"
#include "cleanup.h"
#include "clock.h"
#include "collector.h"
#include "diag.h"
#include "emitter.h"
#include "engine.h"
#include "guardian.h"
#include "launcher.h"
#include "memory.h"
#include "receiver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum {
    /* How long what was recorded may stay unwritten, in ns: short while something happens, longer in silence. */
    PATIENCE_LEAST = 10 * 1000 * 1000,
    PATIENCE_MOST = 500 * 1000 * 1000,
    PATIENCE_EXEC = 500 * 1000,
    EVENTS_PER_LOOK = 1024, /* events between two looks at the rings' fill */
    HOLD_PERCENT = 50,      /* answers are delayed above this fill */
    RELEASE_PERCENT = 25,
};

struct session {
    struct session_options options;
    struct event_loop *loop;
    const struct engine *engine;
    void *engine_state;
    struct filter_options filter;
    struct launched launched;
    struct guardian guardian;
    struct receivers *receivers;
    struct collector *collector;
    struct emitter *emitter;
    struct waker waker;
    struct event_source *waker_source;
    struct event_source *pidfd_source;
    struct event_source *listener_source;
    struct pid_set *family; /* everybody who was seen to belong to the program */
    struct event_source **ring_sources;
    size_t ring_source_count;
    size_t held_fds;      /* of the engine, already in the guardian's hands */
    struct record *first; /* held back, see release_first() */
    bool running;         /* the program has been executed */
    bool settled;         /* nothing waits for the collector's answer */
    bool active;          /* the last round brought something */
    int64_t patience;
    bool fallen_back; /* to a lesser engine, and that was said */
    bool stopped;     /* the program, from the terminal */
    bool hung_up;     /* no task is left under the filter */
    bool reaped;
    int wait_status;
    struct rusage usage;
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t events;
    uint64_t rounds;
    uint64_t lost;
    uint64_t hidden; /* threads whose events must not be opened again */
};

/* ------------------------------------------------- what the collector asks for */

/* The first record waits for the second: only then it is known whether the
 * exec has succeeded, and without a program there is no trace. */
static void release_first(struct session *session) {
    if (!session->running && !*session->launched.exec_error && session->options.truncate) {
        /* A pipe or device has nothing to empty. */
        int ignored = ftruncate(session->options.fd, 0);
        (void)ignored;
    }
    if (session->first && !*session->launched.exec_error) {
        emitter_push(session->emitter, session->first, record_captures(session->first));
    }
    free(session->first);
    session->first = NULL;
    session->running = true;
}

static void emit_record(void *context, const struct record *record, const void *captures) {
    struct session *session = context;
    if (session->running || session->first) {
        release_first(session);
        if (!*session->launched.exec_error) {
            emitter_push(session->emitter, record, captures);
        }
        return;
    }
    size_t captures_size = record->kind == RECORD_CALL ? record->call.captures_size : 0;
    session->first = malloc(sizeof(*record) + captures_size);
    if (session->first) {
        memcpy(session->first, record, sizeof(*record));
        if (captures_size) {
            memcpy(session->first + 1, captures, captures_size);
        }
    }
}

static void answer_call(void *context, uint64_t id) {
    struct session *session = context;
    listener_continue(session->launched.listener, id);
}

/* Descriptors that the engine has opened since go to the guardian as well. */
static void hand_over_fds(struct session *session) {
    int fd;
    while ((fd = session->engine->held_fd(session->engine_state, session->held_fds)) >= 0) {
        guardian_hold(&session->guardian, fd);
        session->held_fds++;
    }
}

static int reopen_events(void *context, pid_t tid) {
    struct session *session = context;
    int status = session->engine->reopen(session->engine_state, tid);
    session->hidden += status == -EACCES || status == -EPERM;
    hand_over_fds(session);
    return status;
}

static int widen_events(void *context, pid_t tid) {
    struct session *session = context;
    int status = session->engine->widen(session->engine_state, tid);
    hand_over_fds(session);
    return status;
}

static size_t describe_descriptor(void *context, void *captures, size_t size, pid_t tid, int fd) {
    const struct session *session = context;
    return capture_add_descriptor(captures, size, CAPTURE_RESULT, tid, fd, session->options.capture.detail);
}

/* ------------------------------------------------------------------ handlers */

/* The round that follows every wait does the work. */
static enum event_verdict on_ready(void *context, unsigned revents) {
    (void)context;
    (void)revents;
    return EVENT_CONTINUE;
}

/* A ring. It hangs up when the tasks that it was opened for are gone; those whose
 * events were opened again write on, and are looked at when time has passed. */
static enum event_verdict on_ring(void *context, unsigned revents) {
    struct event_source **source = context;
    if (revents & POLLIN || !(revents & (POLLHUP | POLLERR))) {
        return EVENT_CONTINUE;
    }
    *source = NULL;
    return EVENT_CLOSE;
}

/* The listener, of which the receivers take what is readable: here only its end counts. */
static enum event_verdict on_listener_end(void *context, unsigned revents) {
    struct session *session = context;
    if (!(revents & (POLLHUP | POLLERR))) {
        return EVENT_CONTINUE;
    }
    session->hung_up = true;
    session->listener_source = NULL;
    return EVENT_CLOSE;
}

/* The pidfd: the program has ended. */
static enum event_verdict on_program_end(void *context, unsigned revents) {
    (void)revents;
    struct session *session = context;
    pid_t reaped = wait4(session->launched.pid, &session->wait_status, WNOHANG, &session->usage);
    if (reaped == 0) {
        return EVENT_CONTINUE;
    }
    session->end_ns = monotonic_now();
    session->reaped = true;
    session->pidfd_source = NULL;
    return EVENT_CLOSE;
}

/* --------------------------------------------------------------------- start */

static int start_engine(struct session *session, char *problem, size_t size) {
    const struct output_options *output = &session->options.output;
    struct engine_options options = {.selection = session->options.selection,
                                     .follow = output->follow,
                                     .signals = output->summary != SUMMARY_ONLY &&
                                                (output->events || output->format == FORMAT_TEXT)};
    return session->engine->attach(&session->engine_state, session->launched.pid, &options, problem, size);
}

static int launch(struct session *session, char *problem, size_t size) {
    session->filter = (struct filter_options){.selection = session->options.selection,
                                              .capture = &session->options.capture,
                                              .notify_all = session->options.lossless || session->engine->notifies_all};
    if (getrandom(session->filter.secret, sizeof(session->filter.secret), 0) < 0) {
        return -errno;
    }
    struct launch_request request = {.path = session->options.path,
                                     .argv = session->options.argv,
                                     .envp = session->options.envp,
                                     .identity = session->options.identity,
                                     .closed = session->options.closed,
                                     .stdout_to_stderr = session->options.output_is_stdout,
                                     .filter = &session->filter,
                                     .mask = session->options.mask,
                                     .sigpipe = session->options.sigpipe,
                                     .sigchld = session->options.sigchld};
    return launcher_start(&request, &session->launched, problem, size);
}

/* Launch under the first engine that works. */
static int launch_with_engine(struct session *session, char *problem, size_t size) {
    const struct engine *const *engine = session->options.engines ? session->options.engines : engine_all();
    int status;
    do {
        session->engine = *engine++;
        status = launch(session, problem, size);
        if (status < 0) {
            return status;
        }
        status = start_engine(session, problem, size);
        if (status < 0) {
            launcher_abandon(&session->launched);
        }
        if (status < 0 && *engine) {
            diag_errno(-status, "engine %s needs more rights than there are (%s), and %s %s", session->engine->name,
                       problem, (*engine)->name,
                       (*engine)->has_events
                           ? "is taken in its place"
                           : "records no results and times, and cannot repair calls that a signal interrupts");
            session->fallen_back = true;
        }
    } while (status < 0 && *engine);
    return status;
}

static int watch(struct session *session) {
    session->waker_source = event_loop_add(session->loop, session->waker.fd, POLLIN, on_ready, session);
    session->pidfd_source = event_loop_add(session->loop, session->launched.pidfd, POLLIN, on_program_end, session);
    session->listener_source = event_loop_add(session->loop, session->launched.listener, 0, on_listener_end, session);
    if (!session->waker_source || !session->pidfd_source || !session->listener_source) {
        return -ENOMEM;
    }
    size_t count = 0;
    while (session->engine->wait_fd(session->engine_state, count) >= 0) {
        count++;
    }
    session->ring_sources = calloc(count + 1, sizeof(struct event_source *));
    if (!session->ring_sources) {
        return -ENOMEM;
    }
    for (; session->ring_source_count < count; session->ring_source_count++) {
        struct event_source **source = &session->ring_sources[session->ring_source_count];
        int fd = session->engine->wait_fd(session->engine_state, session->ring_source_count);
        *source = event_loop_add(session->loop, fd, POLLIN, on_ring, source);
    }
    return 0;
}

static int start_guardian(struct session *session) {
    size_t count = 0;
    while (session->engine->held_fd(session->engine_state, count) >= 0) {
        count++;
    }
    auto_free int *fds = calloc(count + 1, sizeof(int));
    if (!fds) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        fds[i] = session->engine->held_fd(session->engine_state, i);
    }
    session->held_fds = count;
    return guardian_start(&session->guardian, session->launched.listener, fds, count);
}

static int start_parts(struct session *session) {
    const struct session_options *options = &session->options;
    bool narrow = session->engine->is_narrow && session->engine->is_narrow(session->engine_state);
    struct collector_options collector = {.selection = options->selection,
                                          .root = session->launched.pid,
                                          .follow = options->output.follow,
                                          .has_events = session->engine->has_events,
                                          .narrow = narrow,
                                          .memory = &live_memory,
                                          .capture = &options->capture,
                                          .family = session->family};
    struct collector_actions actions = {.context = session,
                                        .emit = emit_record,
                                        .answer = answer_call,
                                        .reopen = reopen_events,
                                        .widen = widen_events,
                                        .describe = describe_descriptor};
    enum format format = options->output.format;
    struct writer_options writer = {.output = options->output,
                                    .fd = options->fd,
                                    .hold = options->output_is_stdout && format != FORMAT_JSONL,
                                    .to_file = options->truncate,
                                    .root = session->launched.pid,
                                    .epoch_ns = realtime_now() - monotonic_now(),
                                    .engine = session->engine->name,
                                    .time = session->engine->time};
    struct receivers_options receivers = {.listener = session->launched.listener,
                                          .root = session->launched.pid,
                                          .follow = options->output.follow,
                                          .has_events = session->engine->has_events,
                                          .ask_foreign = narrow,
                                          .capture = &options->capture,
                                          .memory = &live_memory,
                                          .family = session->family,
                                          .first = &session->launched.exec.notif,
                                          .collector = &session->waker};
    int status = waker_init(&session->waker);
    if (status == 0) {
        status = start_guardian(session);
    }
    if (status == 0) {
        status = watch(session);
    }
    if (status == 0) {
        status = collector_create(&session->collector, &collector, &actions);
    }
    if (status == 0) {
        status = emitter_create(&session->emitter, &writer, sizeof(struct record) + capture_bound(&options->capture));
    }
    if (status == 0) {
        status = session->engine->start(session->engine_state);
    }
    if (status == 0) {
        session->start_ns = monotonic_now();
        /* The first receiver lets the exec run: from here on the program is on its way. */
        status = receivers_create(&session->receivers, &receivers);
    }
    return status;
}

int session_start(struct session **result, struct event_loop *loop, const struct session_options *options,
                  char *problem, size_t size) {
    *result = NULL;
    struct session *session = calloc(1, sizeof(*session));
    if (!session) {
        return -ENOMEM;
    }
    session->options = *options;
    session->loop = loop;
    session->waker.fd = -1;
    session->guardian.control = -1;
    session->launched = (struct launched){.pid = -1, .pidfd = -1, .listener = -1, .release = -1};
    session->patience = PATIENCE_LEAST;
    session->family = calloc(1, sizeof(*session->family));
    if (!session->family) {
        session_destroy(session);
        return -ENOMEM;
    }
    session->settled = true;
    int status = launch_with_engine(session, problem, size);
    if (status == 0) {
        problem[0] = 0;
        /* What was attached to is our child; a number that comes later could be another user's by then. */
        status = capability_drop();
        if (status == 0) {
            status = launcher_release(&session->launched, problem, size);
        }
        if (status == 0) {
            status = start_parts(session);
        }
        if (status < 0) {
            launcher_abandon(&session->launched);
        }
    }
    if (status < 0) {
        session_destroy(session);
        return status;
    }
    *result = session;
    return 0;
}

/* -------------------------------------------------------------------- running */

int64_t session_patience(struct session *session) {
    waker_prepare(&session->waker);
    if (!session->settled || receivers_are_urgent(session->receivers)) {
        return 0;
    }
    if (session->engine->has_events && collector_expects_exec(session->collector)) {
        return PATIENCE_EXEC;
    }
    if (session->active) {
        session->patience = PATIENCE_LEAST;
    } else if (session->patience < PATIENCE_MOST) {
        session->patience *= 2;
    }
    return session->patience;
}

static void take_note(void *context, const struct note *note) {
    struct session *session = context;
    session->active = true;
    collector_note(session->collector, note);
}

/* Give the collector all events older than `before`; while the rings are full,
 * answers wait, so that threads that notify cannot fill them further. */
static void take_events(struct session *session, uint64_t before) {
    struct kernel_event event;
    uint64_t count = 0;
    while (session->engine->next(session->engine_state, before, &event)) {
        collector_event(session->collector, &event);
        if (++count % EVENTS_PER_LOOK == 0) {
            unsigned fill = session->engine->fill(session->engine_state);
            if (fill > HOLD_PERCENT) {
                receivers_hold(session->receivers, true);
            } else if (fill < RELEASE_PERCENT) {
                receivers_hold(session->receivers, false);
            }
        }
    }
    session->engine->release(session->engine_state);
    receivers_hold(session->receivers, false);
    session->events += count;
    session->active = session->active || count;
}

void session_round(struct session *session) {
    waker_settle(&session->waker);
    session->active = false;
    session->rounds++;
    uint64_t before = monotonic_now();
    bool starving = receivers_drain(session->receivers, take_note, session);
    take_events(session, before);
    session->settled = collector_settle(session->collector, before) && !starving;
    int parallel = collector_parallelism(session->collector);
    if (parallel >= 0) {
        receivers_set_parallel(session->receivers, parallel);
    }
    emitter_nudge(session->emitter);
}

bool session_ended(const struct session *session) {
    return session->reaped && (!session->options.output.follow || session->hung_up);
}

void session_signal(struct session *session, int number) {
    if (!session->reaped) {
        syscall(SYS_pidfd_send_signal, session->launched.pidfd, number, NULL, 0);
    }
}

bool session_knows(struct session *session, pid_t pid) {
    /* Its birth may not have been taken in yet. */
    session_round(session);
    return pid == session->launched.pid || pid_set_has(session->family, pid);
}

bool session_stopped(struct session *session) {
    siginfo_t info = {0};
    while (!session->reaped &&
           waitid(P_PID, (id_t)session->launched.pid, &info, WSTOPPED | WCONTINUED | WNOHANG) == 0 && info.si_pid) {
        int number = info.si_status;
        session->stopped = info.si_code == CLD_STOPPED && (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU);
        info.si_pid = 0;
    }
    return session->stopped && !session->reaped;
}

/* ------------------------------------------------------------------------ end */

static void say_what_is_missing(const struct session *session) {
    const struct collector_counts *counts = collector_counts(session->collector);
    if (session->lost) {
        diag("%llu events were lost: the kernel's rings were full; --lossless stops at every call instead",
             (unsigned long long)session->lost);
    }
    if (!session->engine->has_events && !session->fallen_back) {
        diag("engine %s records no results and times, and cannot repair calls that a signal interrupts",
             session->engine->name);
    } else if (session->engine->has_events && counts->without_result) {
        diag("%llu calls are recorded without result: they ran while the kernel told nothing about their thread",
             (unsigned long long)counts->without_result);
    }
    if (counts->without_args) {
        diag("%llu calls are recorded without arguments: %s", (unsigned long long)counts->without_args,
             session->lost || counts->reopened ? "only their end was seen"
                                               : "a seccomp filter of the program itself answered them");
    }
    if (session->hidden) {
        diag("%llu programs were executed that must not be read, and only root may see their calls: of these most are "
             "missing or have no result",
             (unsigned long long)session->hidden);
    }
    if (counts->reopened && !session->filter.notify_all) {
        diag("%llu programs were executed that must not be read: of their first calls some are missing; --lossless "
             "stops at all of them",
             (unsigned long long)counts->reopened);
    }
}

void session_finish(struct session *session, struct session_result *result) {
    *result = (struct session_result){.wait_status = session->wait_status, .exec_error = *session->launched.exec_error};
    if (!result->exec_error) {
        /* Everything that the program did has been queued and stored by now. */
        session_round(session);
        session_round(session);
        receivers_disregard(session->receivers);
        collector_finish(session->collector);
        release_first(session);
        session->lost = session->engine->lost(session->engine_state);
        int status = session->wait_status;
        struct trace_summary summary = {.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                                        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                        .core_dumped = WIFSIGNALED(status) && WCOREDUMP(status),
                                        .lost = session->lost,
                                        .end_ns = session->end_ns,
                                        .wall_time_us = (session->end_ns - session->start_ns) / 1000,
                                        .max_rss_kb = session->usage.ru_maxrss};
        result->write_error = emitter_end(session->emitter, &summary);
        say_what_is_missing(session);
    }
    receivers_stop(session->receivers);
}

void session_profile(const struct session *session, FILE *stream) {
    const struct collector_counts *counts = collector_counts(session->collector);
    struct receiver_counts received = receivers_counts(session->receivers);
    uint64_t repaired = counts->repaired + received.repaired;
    fprintf(stream, "renacer-sv: profile: engine=%s loop=%s calls=%llu notifications=%llu events=%llu rounds=%llu\n",
            session->engine->name, event_loop_backend(session->loop), (unsigned long long)counts->calls,
            (unsigned long long)received.received, (unsigned long long)session->events,
            (unsigned long long)session->rounds);
    fprintf(stream,
            "renacer-sv: profile: interrupted=%llu repaired=%llu lost=%llu without_result=%llu reopened=%llu "
            "deferred=%llu switches=%llu receivers=%u\n",
            (unsigned long long)counts->interrupted, (unsigned long long)repaired, (unsigned long long)session->lost,
            (unsigned long long)counts->without_result, (unsigned long long)counts->reopened,
            (unsigned long long)received.deferred, (unsigned long long)received.switches, received.threads);
}

void session_destroy(struct session *session) {
    if (!session) {
        return;
    }
    receivers_destroy(session->receivers);
    emitter_destroy(session->emitter);
    collector_destroy(session->collector);
    event_loop_remove(session->loop, session->waker_source);
    event_loop_remove(session->loop, session->pidfd_source);
    event_loop_remove(session->loop, session->listener_source);
    for (size_t i = 0; i < session->ring_source_count; i++) {
        event_loop_remove(session->loop, session->ring_sources[i]);
    }
    free(session->ring_sources);
    free(session->family);
    free(session->first);
    waker_finish(&session->waker);
    if (session->engine) {
        session->engine->detach(session->engine_state);
    }
    launcher_finish(&session->launched);
    /* Last: now the guardian's copies are the only ones. */
    guardian_finish(&session->guardian);
    free(session);
}
