/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "capture.h"
#include "clock.h"
#include "collector.h"
#include "diag.h"
#include "emitter.h"
#include "engine.h"
#include "guardian.h"
#include "memory.h"
#include "program_maps.h"
#include "registers.h"
#include "shield.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum {
    /* How long what was recorded may stay unwritten, in ns: short while something happens, longer in silence. */
    PATIENCE_LEAST = 10 * 1000 * 1000,
    PATIENCE_MOST = 500 * 1000 * 1000,
    PATIENCE_SOON = 500 * 1000,      /* for what comes at once, but wakes nobody */
    LAST_END_NS = 500 * 1000 * 1000, /* for the last threads' ends, which come a moment after that of the listener */
    EVENTS_PER_LOOK = 1024,          /* events between two looks whether the program has to be slowed down */
};

struct session {
    struct session_options options;
    struct event_loop *loop;
    const struct engine *engine;
    void *engine_state;
    struct collector *collector;
    struct emitter *emitter; /* NULL in the guardian, where nothing is recorded any more */
    struct guardian guardian;
    struct event_source *guardian_source;
    pthread_mutex_t guardian_lock; /* the emitter's thread speaks to it too */
    struct waker waker;
    struct event_source *waker_source;
    struct handover *handover;
    struct pid_set *family; /* everybody who was seen to belong to the program */
    struct troubles troubles;
    struct filter_words asked; /* with what the engine leaves out */
    struct record *first;      /* held back, see release_first() */
    bool running;              /* the program has been executed */
    bool settled;              /* nothing waits for the collector's answer */
    bool active;               /* the last round brought something */
    bool detaching;            /* from processes that were attached to */
    bool said_waiting;         /* that we wait for children that are not recorded */
    bool ending;               /* nothing is recorded any more */
    int64_t patience;
    uint64_t ended_at; /* since when only the ends of threads are waited for; 0: they are not */
    bool fallen_back;  /* to a lesser engine, and that was said */
    uint64_t start_ns;
    uint64_t events;
    uint64_t rounds;
    uint64_t lost;
    uint64_t before;                /* calls that were not the program's yet */
    unsigned guardians;             /* that had to be started because another one had died */
    struct collector_counts counts; /* at the end of the trace */
    uint64_t hidden;                /* threads whose events must not be opened again */
};

/* ------------------------------------------------- what the collector asks for */

static bool exec_failed(const struct session *session) {
    return session->engine->exec_error(session->engine_state) != 0;
}

static void empty_output(const struct session *session) {
    if (session->options.truncate) {
        /* A pipe or device has nothing to empty. */
        int ignored = ftruncate(session->options.fd, 0);
        (void)ignored;
    }
}

/* The first record waits for the second: only then it is known whether the
 * exec has succeeded, and without a program there is no trace. */
static void release_first(struct session *session) {
    if (!session->running && !exec_failed(session)) {
        empty_output(session);
    }
    if (session->first && !exec_failed(session)) {
        emitter_push(session->emitter, session->first, record_captures(session->first), record_stack(session->first));
    }
    free(session->first);
    session->first = NULL;
    session->running = true;
}

static bool is_call_of(const struct session *session, const struct record *record,
                       bool (*is_such)(const struct syscall_row *row)) {
    if (!record || record->kind != RECORD_CALL || record->tid != session->engine->root(session->engine_state)) {
        return false;
    }
    const struct syscall_row *row = syscall_row((enum arch)record->arch, record->call.number);
    return row && is_such(row);
}

static bool is_sigreturn(const struct syscall_row *row) {
    return strcmp(row->name, "rt_sigreturn") == 0;
}

/* A signal has broken off the execve that was waited for, and it comes again: nothing of that is the program's. Engines
 * with events tell nothing of the first one, as it has never run. */
static bool is_before_program(const struct session *session, const struct record *record) {
    const struct selection *selection = session->options.selection;
    bool after_result = session->first && session->first->call.flags & CALL_HAS_RESULT;
    return session->options.adoption && !after_result && is_call_of(session, record, is_sigreturn) &&
           selection_has(selection, ARCH_X86_64, SYS_execve) &&
           (!session->first || is_call_of(session, session->first, row_is_exec));
}

static void emit_record(void *context, const struct record *record, const void *captures,
                        const struct stack_sample *stack) {
    struct session *session = context;
    if (!session->emitter) {
        return;
    }
    if (!session->running && is_before_program(session, record)) {
        session->before += session->first ? 2 : 1;
        free(session->first);
        session->first = NULL;
        return;
    }
    if (session->running || session->first) {
        release_first(session);
        if (!exec_failed(session)) {
            emitter_push(session->emitter, record, captures, stack);
        }
        return;
    }
    session->first = malloc(record_size(record));
    if (session->first) {
        record_store(session->first, record, captures, stack);
    }
}

static int answer_call(void *context, uint64_t id) {
    struct session *session = context;
    return session->engine->answer(session->engine_state, id);
}

static int reopen_events(void *context, pid_t tid) {
    struct session *session = context;
    int status = session->engine->reopen ? session->engine->reopen(session->engine_state, tid) : -ESRCH;
    session->hidden += status == -EACCES || status == -EPERM;
    return status;
}

static int widen_events(void *context, pid_t tid) {
    struct session *session = context;
    return session->engine->widen(session->engine_state, tid);
}

static size_t describe_descriptor(void *context, void *captures, size_t size, pid_t tid, int fd) {
    const struct session *session = context;
    return capture_add_descriptor(captures, size, CAPTURE_RESULT, tid, fd, session->options.capture.detail);
}

static size_t read_maps(void *context, void *to, pid_t pid) {
    (void)context;
    return program_maps_read(pid, to);
}

/* ------------------------------------------------------------------ handlers */

/* The round that follows every wait does the work. */
static enum event_verdict on_ready(void *context, unsigned revents) {
    (void)context;
    (void)revents;
    return EVENT_CONTINUE;
}

/* --------------------------------------------------------------------- start */

/* Get the first engine ready that works. */
static int prepare_engine(struct session *session, char *problem, size_t size) {
    const struct session_options *options = &session->options;
    const struct output_options *output = &options->output;
    struct launch_request program = {.path = options->path,
                                     .argv = options->argv,
                                     .envp = options->envp,
                                     .identity = options->identity,
                                     .closed = options->closed,
                                     .stdout_to_stderr = options->output_is_stdout,
                                     .fixed_addresses = options->fixed_addresses,
                                     .mask = options->mask,
                                     .sigpipe = options->sigpipe,
                                     .sigchld = options->sigchld};
    struct engine_options engine_options = {.program = &program,
                                            .attach = options->attach,
                                            .attach_count = options->attach_count,
                                            .adoption = options->adoption,
                                            .selection = options->selection,
                                            .capture = &session->options.capture,
                                            .follow = output->follow,
                                            .signals = !summary_is_all(output->summary) &&
                                                       (output->events || output->format == FORMAT_TEXT),
                                            .ring_bytes = options->ring_bytes,
                                            .profile = options->profile,
                                            .lossless = options->lossless,
                                            .maps = options->maps,
                                            .stack_bytes = options->stack_bytes,
                                            .family = session->family,
                                            .troubles = &session->troubles,
                                            .loop = session->loop,
                                            .collector = &session->waker,
                                            .guardian = &session->guardian};
    const char *lacks = machine_problem();
    if (lacks) {
        snprintf(problem, size, "%s", lacks);
        return -ENOTSUP;
    }
    const struct engine *const *engine = options->engines ? options->engines : engine_all();
    int status;
    do {
        session->engine = *engine++;
        status = session->engine->prepare(&session->engine_state, session->engine, &engine_options, problem, size);
        if (status < 0 && *engine && !(*engine)->has_events) {
            diag_errno(-status,
                       "engine %s needs more rights than there are (%s), and %s records no results and times, and "
                       "cannot repair calls that a signal interrupts",
                       session->engine->name, problem, (*engine)->name);
            session->fallen_back = true;
        }
    } while (status < 0 && *engine);
    return status;
}

static int create_collector(struct session *session, bool midway) {
    const struct session_options *options = &session->options;
    const struct engine *engine = session->engine;
    struct collector_options collector = {.selection = options->selection,
                                          .root = engine->root(session->engine_state),
                                          /* Attached to several, all count that the engine tells of. */
                                          .follow = options->output.follow || options->attach_count,
                                          /* Without events no end of a thread would be known. */
                                          .births = options->births && engine->has_events,
                                          .maps = options->maps,
                                          .stacks = options->stack_bytes > 0,
                                          .has_events = engine->has_events,
                                          .handover = session->handover,
                                          .midway = midway,
                                          .narrow = engine->is_narrow && engine->is_narrow(session->engine_state),
                                          .memory = &live_memory,
                                          .capture = &options->capture,
                                          .family = session->family};
    struct collector_actions actions = {.context = session,
                                        .emit = emit_record,
                                        .answer = answer_call,
                                        .reopen = reopen_events,
                                        .widen = widen_events,
                                        .read_maps = engine->tells_maps(session->engine_state) ? NULL : read_maps,
                                        .describe = describe_descriptor};
    return collector_create(&session->collector, &collector, &actions);
}

/* A part of the document has got a file of its own. */
static void hold_spool(void *context, struct sink *spool) {
    struct session *session = context;
    pthread_mutex_lock(&session->guardian_lock);
    guardian_hold_spool(&session->guardian, spool);
    pthread_mutex_unlock(&session->guardian_lock);
}

static int create_emitter(struct session *session) {
    const struct session_options *options = &session->options;
    struct writer_options writer = {.output = options->output,
                                    .fd = options->fd,
                                    .hold = options->output_is_stdout && options->output.format != FORMAT_JSONL,
                                    .to_file = options->truncate,
                                    .root = session->engine->root(session->engine_state),
                                    .epoch_ns = realtime_now() - monotonic_now(),
                                    .engine = session->engine->name,
                                    .time = session->engine->time,
                                    .watcher = {hold_spool, session}};
    if (options->unnotified && !session->engine->has_events) {
        session->asked = options->output.asked ? *options->output.asked : (struct filter_words){0};
        session->asked.unnotified = options->unnotified;
        writer.output.asked = &session->asked;
    }
    /* Then it has to be told whose call it is. */
    writer.output.follow = writer.output.follow || options->attach_count > 1;
    size_t payload = capture_bound(&options->capture);
    if (options->maps && payload < PROGRAM_MAPS_BOUND) {
        payload = PROGRAM_MAPS_BOUND;
    }
    if (options->stack_bytes) {
        payload += sizeof(struct stack_sample) + options->stack_bytes;
        payload = payload < MAPPING_BOUND ? MAPPING_BOUND : payload;
    }
    return emitter_create(&session->emitter, &writer, sizeof(struct record) + payload);
}

/* ------------------------------------------------------------------ the guardian */

static void settle_guardian(void *context) {
    struct session *session = context;
    if (session->engine->settle) {
        session->engine->settle(session->engine_state);
    }
}

static void rescue_calls(void *context) {
    struct session *session = context;
    if (session->engine->rescue) {
        session->engine->rescue(session->engine_state);
    }
}

/* All of us but the emitter once more, on what the supervisor has left. */
static int inherit(struct session *session) {
    session->emitter = NULL;
    session->active = true;
    int status = event_loop_create(&session->loop, true);
    if (status == 0) {
        status = waker_init(&session->waker);
    }
    if (status == 0) {
        session->waker_source = event_loop_add(session->loop, session->waker.fd, POLLIN, on_ready, session);
        status = session->waker_source ? create_collector(session, true) : -ENOMEM;
    }
    return status == 0 ? session->engine->inherit(session->engine_state, session->loop) : status;
}

static bool go_on(void *context) {
    struct session *session = context;
    if (inherit(session) < 0) {
        session->engine->give_up(session->engine_state);
        return false;
    }
    while (!session->engine->deserted(session->engine_state)) {
        if (event_loop_run(session->loop, session_patience(session)) < 0) {
            return false;
        }
        session_round(session);
    }
    return true;
}

static void close_output(void *context, const char *reason, unsigned attempt,
                         int (*file)(void *context, const struct sink *sink), void *file_context) {
    struct session *session = context;
    uint64_t now = monotonic_now();
    struct trace_summary summary = {.detached = true,
                                    .incomplete = reason,
                                    .lost = session->engine->lost(session->engine_state),
                                    .end_ns = now,
                                    .wall_time_us = (now - session->start_ns) / 1000,
                                    .max_rss_kb = -1};
    int error = emitter_take_over(session->emitter, &summary, attempt > 0, file, file_context);
    diag("%s: %s", reason,
         error                                   ? "what it had recorded is lost"
         : emitter_has_written(session->emitter) ? "the trace ends there; the program goes on"
                                                 : "nothing had been recorded");
    if (attempt) {
        diag("%u records are left out that could not be written", attempt);
    }
}

static enum event_verdict on_guardian_end(void *context, unsigned revents);

/* Have a guardian that knows all that there is by now. 0 or -errno. */
static int start_guardian(struct session *session) {
    const struct session_options *options = &session->options;
    struct guardian_duties duties = {.context = session,
                                     .listener = -1,
                                     .outputs = {options->fd, STDERR_FILENO, -1},
                                     .settle = settle_guardian,
                                     .rescue = rescue_calls,
                                     .go_on = go_on,
                                     .close_output = close_output};
    if (session->engine->guarded) {
        session->engine->guarded(session->engine_state, &duties);
    }
    struct sink *spools[EMITTER_SPOOLS];
    pthread_mutex_lock(&session->guardian_lock);
    size_t count = emitter_spools(session->emitter, spools);
    int status = guardian_start(&session->guardian, &duties, spools, count);
    pthread_mutex_unlock(&session->guardian_lock);
    if (status == 0) {
        session->guardian_source =
            event_loop_add(session->loop, session->guardian.control, 0, on_guardian_end, session);
    }
    return status;
}

/* It has died: whatever that was of, the program needs another one. */
static enum event_verdict on_guardian_end(void *context, unsigned revents) {
    (void)revents;
    struct session *session = context;
    pthread_mutex_lock(&session->guardian_lock);
    bool dead = guardian_is_dead(&session->guardian);
    pthread_mutex_unlock(&session->guardian_lock);
    if (!dead) {
        return EVENT_CONTINUE;
    }
    session->guardian_source = NULL;
    int status = start_guardian(session);
    if (status < 0) {
        diag_errno(-status,
                   "the helper process has died, and no other can be started: the program will not outlive us");
    }
    session->guardians++;
    return EVENT_CLOSE;
}

/* --------------------------------------------------------------------- start */

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
    session->patience = PATIENCE_LEAST;
    session->settled = true;
    session->running = options->attach_count > 0;
    session->guardian = GUARDIAN_NONE;
    pthread_mutex_init(&session->guardian_lock, NULL);
    session->family = calloc(1, sizeof(*session->family));
    int status = session->family ? waker_init(&session->waker) : -ENOMEM;
    if (status == 0) {
        status = handover_create(&session->handover);
    }
    if (status == 0) {
        session->waker_source = event_loop_add(loop, session->waker.fd, POLLIN, on_ready, session);
        status = session->waker_source ? prepare_engine(session, problem, size) : -ENOMEM;
    }
    if (status == 0) {
        problem[0] = 0;
        if (session->running) {
            empty_output(session);
        }
        status = create_collector(session, false);
    }
    if (status == 0) {
        status = create_emitter(session);
    }
    session->start_ns = monotonic_now();
    if (status == 0) {
        /* The program has not run yet, and its process is another by now. */
        shield_raise();
        status = start_guardian(session);
    }
    if (status == 0) {
        status = emitter_start(session->emitter);
    }
    if (status == 0) {
        status = session->engine->start(session->engine_state, problem, size);
    }
    if (status < 0) {
        session_destroy(session);
        return status;
    }
    *result = session;
    return 0;
}

/* -------------------------------------------------------------------- running */

const char *session_engine(const struct session *session) {
    return session->engine->name;
}

pid_t session_root(const struct session *session) {
    return session->engine->root(session->engine_state);
}

int64_t session_patience(struct session *session) {
    waker_prepare(&session->waker);
    if (!session->settled || session->engine->is_urgent(session->engine_state)) {
        return 0;
    }
    if (session->detaching) {
        return PATIENCE_LEAST;
    }
    bool awaits_ends = session->ended_at && !session->ending;
    if (awaits_ends || (session->engine->has_events && collector_expects_exec(session->collector))) {
        return PATIENCE_SOON;
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

/* Give the collector all events older than `before`. */
static void take_events(struct session *session, uint64_t before) {
    const struct engine *engine = session->engine;
    struct kernel_event event;
    uint64_t count = 0;
    while (engine->next(session->engine_state, before, &event)) {
        collector_event(session->collector, &event);
        if (++count % EVENTS_PER_LOOK == 0 && engine->throttle) {
            engine->throttle(session->engine_state);
        }
    }
    engine->release(session->engine_state);
    session->events += count;
    session->active = session->active || count;
}

/* Why we do not end although the program has. */
static void say_waiting(struct session *session) {
    enum {
        MOMENT = 1000000000, /* ns */
    };
    const struct engine *engine = session->engine;
    const struct engine_outcome *outcome = engine->outcome(session->engine_state);
    if (session->options.output.follow || session->said_waiting || !engine->tracees || !outcome->ended ||
        monotonic_now() - outcome->end_ns < MOMENT) {
        return;
    }
    unsigned tracees = engine->tracees(session->engine_state);
    if (tracees) {
        session->said_waiting = true;
        diag("the program has ended and left %u threads that would fail without us: their calls stop for a tracer; "
             "waiting for them",
             tracees);
    }
}

void session_round(struct session *session) {
    waker_settle(&session->waker);
    session->active = false;
    session->rounds++;
    if (session->detaching && !session_ended(session)) {
        /* The request may have come too early to be heard. */
        session->engine->detach(session->engine_state);
    }
    uint64_t before = monotonic_now();
    bool starving = session->engine->drain(session->engine_state, take_note, session);
    take_events(session, before);
    session->settled = collector_settle(session->collector, before) && !starving;
    int parallel = collector_parallelism(session->collector);
    if (parallel >= 0 && session->engine->set_parallel) {
        session->engine->set_parallel(session->engine_state, parallel);
    }
    if (session->emitter && !session->ending) {
        emitter_nudge(session->emitter);
        say_waiting(session);
    }
}

bool session_ended(struct session *session) {
    const struct engine *engine = session->engine;
    if (!engine->ended(session->engine_state)) {
        return false;
    }
    /* The kernel gives up a thread's filters, and with the last one the listener, before it tells of its end: a moment
     * on Linux 6.16, when all that it had open is closed on most older ones (kernel/exit.c, do_exit()). */
    bool awaits_ends = engine->has_events && session->options.output.follow && !session->detaching &&
                       collector_tasks(session->collector);
    if (awaits_ends && !session->ended_at) {
        session->ended_at = monotonic_now();
    }
    return !awaits_ends || monotonic_now() - session->ended_at > LAST_END_NS;
}

void session_signal(struct session *session, int number) {
    session->engine->signal(session->engine_state, number);
}

void session_detach(struct session *session) {
    session->detaching = true;
    session->engine->detach(session->engine_state);
}

bool session_knows(struct session *session, pid_t pid) {
    /* Its birth may not have been taken in yet. */
    session_round(session);
    return pid == session->engine->root(session->engine_state) || pid_set_has(session->family, pid);
}

bool session_stopped(struct session *session) {
    return session->engine->stopped(session->engine_state);
}

/* ------------------------------------------------------------------------ end */

static void say_what_is_missing(const struct session *session) {
    troubles_say(&session->troubles);
    const struct collector_counts *counts = &session->counts;
    int layout_error = session->engine->layout_error(session->engine_state);
    if (layout_error) {
        diag_errno(layout_error,
                   "the program's addresses are not the same in every run: personality(ADDR_NO_RANDOMIZE) is refused");
    }
    if (session->lost) {
        diag("%llu events were lost: the kernel's rings were full; a larger --ring-size takes more%s",
             (unsigned long long)session->lost,
             session->options.lossless ? "" : ", and --lossless stops at every call instead");
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
    if (counts->reopened && !session->options.lossless) {
        diag("%llu programs were executed that must not be read: of their first calls some are missing; --lossless "
             "stops at all of them",
             (unsigned long long)counts->reopened);
    }
}

/* Somebody who closes the document. */
struct closing {
    struct session *session;
    const struct trace_summary *summary;
    int error;
    atomic_bool done;
};

static void *close_document(void *context) {
    struct closing *closing = context;
    struct session *session = closing->session;
    closing->error = emitter_end(session->emitter, closing->summary);
    atomic_store(&closing->done, true);
    waker_wake(&session->waker);
    return NULL;
}

static bool has_survivors(struct session *session) {
    const struct engine *engine = session->engine;
    return engine->deserted && event_loop_run(session->loop, 0) >= 0 && !engine->deserted(session->engine_state);
}

/* Returns the error of the output, or 0. Whoever reads it may be slow: meanwhile the calls of whoever lives on
 * are mended. */
static int end_output(struct session *session, const struct trace_summary *summary) {
    struct closing closing = {.session = session, .summary = summary};
    pthread_t thread;
    if (!has_survivors(session) || pthread_create(&thread, NULL, close_document, &closing) != 0) {
        return emitter_end(session->emitter, summary);
    }
    while (!atomic_load(&closing.done) && event_loop_run(session->loop, session_patience(session)) >= 0) {
        session_round(session);
    }
    pthread_join(thread, NULL);
    return closing.error;
}

/* How the program has ended, as wait(2) has it; false: that is not known. Where the kernel does not tell, what was seen
 * of its last call and of signals does. */
static bool find_wait_status(const struct session *session, int *status) {
    const struct engine_outcome *outcome = session->engine->outcome(session->engine_state);
    *status = outcome->wait_status;
    if (!outcome->ended || !outcome->untold) {
        return outcome->ended;
    }
    struct end_record end = collector_root_end(session->collector);
    *status = end.manner == END_EXITED ? W_EXITCODE(end.code, 0) : end.code;
    return end.manner != END_UNKNOWN;
}

void session_finish(struct session *session, struct session_result *result) {
    const struct engine *engine = session->engine;
    const struct engine_outcome *outcome = engine->outcome(session->engine_state);
    *result = (struct session_result){.wait_status = outcome->wait_status,
                                      .detached = !outcome->ended,
                                      .exec_error = engine->exec_error(session->engine_state),
                                      .has_stacks = engine->has_events};
    if (!result->exec_error) {
        /* Everything that the program did has been queued and stored by now. */
        session_round(session);
        session_round(session);
        engine->disregard(session->engine_state);
        collector_finish(session->collector);
        session->counts = *collector_counts(session->collector);
        session->ending = true;
        release_first(session);
        session->lost = engine->lost(session->engine_state);
        result->lost = session->lost;
        uint64_t end_ns = outcome->ended ? outcome->end_ns : monotonic_now();
        int status;
        result->detached = !find_wait_status(session, &status);
        result->wait_status = status;
        result->calls = session->counts.calls - session->before;
        struct trace_summary summary = {.detached = result->detached,
                                        .exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                                        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                        .core_dumped = WIFSIGNALED(status) && WCOREDUMP(status),
                                        .lost = session->lost,
                                        .end_ns = end_ns,
                                        .wall_time_us = (end_ns - session->start_ns) / 1000,
                                        .max_rss_kb = outcome->ended ? outcome->max_rss_kb : -1};
        result->write_error = end_output(session, &summary);
        guardian_let_go(&session->guardian);
        if (has_survivors(session)) {
            /* It goes on with what engine->destroy() gives up. */
            guardian_await(&session->guardian);
        }
        say_what_is_missing(session);
    }
    engine->stop(session->engine_state);
}

void session_profile(const struct session *session, FILE *stream) {
    const struct collector_counts *counts = &session->counts;
    const struct engine *engine = session->engine;
    uint64_t repaired = counts->repaired + (engine->repaired ? engine->repaired(session->engine_state) : 0);
    fprintf(stream, PROFILE_LINE "engine=%s loop=%s calls=%llu events=%llu rounds=%llu\n", engine->name,
            event_loop_backend(session->loop), (unsigned long long)counts->calls, (unsigned long long)session->events,
            (unsigned long long)session->rounds);
    fprintf(stream,
            PROFILE_LINE "interrupted=%llu repaired=%llu lost=%llu without_result=%llu reopened=%llu guardians=%u "
                         "tasks_left=%llu\n",
            (unsigned long long)counts->interrupted, (unsigned long long)repaired, (unsigned long long)session->lost,
            (unsigned long long)counts->without_result, (unsigned long long)counts->reopened, session->guardians,
            (unsigned long long)counts->left);
    engine->profile(session->engine_state, stream);
}

void session_destroy(struct session *session) {
    if (!session) {
        return;
    }
    if (session->engine_state) {
        session->engine->stop(session->engine_state);
    }
    shield_lower();
    emitter_destroy(session->emitter);
    collector_destroy(session->collector);
    event_loop_remove(session->loop, session->waker_source);
    free(session->first);
    if (session->engine_state) {
        session->engine->destroy(session->engine_state);
    }
    event_loop_remove(session->loop, session->guardian_source);
    /* Last: now the guardian's copies are the only ones. */
    guardian_finish(&session->guardian);
    pthread_mutex_destroy(&session->guardian_lock);
    handover_destroy(session->handover);
    free(session->family);
    waker_finish(&session->waker);
    free(session);
}
