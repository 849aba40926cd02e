/* SPDX-License-Identifier: MIT
 *
 * The engines on seccomp notifications: notify, with the perf tracepoints beside
 * them, and notify-only, without.
 */
#include "engine.h"

#include "capability.h"
#include "cleanup.h"
#include "clock.h"
#include "diag.h"
#include "mapping_events.h"
#include "memory.h"
#include "memory_guard.h"
#include "perf_source.h"
#include "receive_times.h"
#include "receiver.h"
#include "repair.h"
#include "tracer.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    HOLD_PERCENT = 50,    /* answers are delayed while the rings are fuller */
    RELEASE_PERCENT = 25, /* until they are emptier than this */
};

struct notify {
    const struct engine *engine;
    struct engine_options options;
    struct filter_options filter;
    struct launched launched;
    struct perf_source *perf; /* NULL for notify-only */
    struct unanswered *unanswered;
    struct memory_guard memory;
    bool mapped;                                            /* in the guardian: it sees the rings; */
    struct seccomp_notif sigreturns[UNANSWERED_SIGRETURNS]; /* what waited there when it took over */
    size_t held_fds;                                        /* of perf, already in the guardian's hands */
    struct receivers *receivers;
    struct receive_times *times;     /* NULL: nobody asked for them */
    struct tracer *tracer;           /* reads output arguments; NULL: nobody asked for them */
    struct mapping_events *mappings; /* NULL: nobody asked for them */
    struct event_source *pidfd_source;
    struct event_source *listener_source;
    struct event_source **ring_sources;
    size_t ring_source_count;
    bool hung_up; /* no task is left under the filter */
    bool stopped; /* the program, from the terminal */
    struct engine_outcome outcome;
};

/* ------------------------------------------------------------------ the rings */

/* What tracing needs to see of calls that were not chosen: that they begin. */
static const char *const needed_enters[] = {"execve", "execveat", "exit", "exit_group"};

enum {
    NEEDED = sizeof(needed_enters) / sizeof(needed_enters[0]),
    FEW_CALLS = PERF_CALLS_MAX - NEEDED,
    /* Each event of each CPU is made anew at every fork, for some microseconds; and each takes a descriptor. */
    FEW_EVENTS = 64,
};

/* The calls whose own tracepoints do, if only a few are chosen; 0 if all calls
 * have to be looked at. */
static size_t few_calls(const struct engine_options *options, struct perf_call calls[PERF_CALLS_MAX]) {
    const struct syscall_row *chosen[FEW_CALLS];
    int count = selection_few(options->selection, ARCH_X86_64, chosen, FEW_CALLS);
    size_t used = 0;
    bool is_chosen[NEEDED] = {false};
    for (int i = 0; i < count; i++) {
        if (repair_is_sigreturn(ARCH_X86_64, chosen[i]->number[ARCH_X86_64])) {
            /* It ends as call -1, which has no tracepoint. */
            return 0;
        }
        for (size_t j = 0; j < NEEDED; j++) {
            is_chosen[j] = is_chosen[j] || strcmp(chosen[i]->name, needed_enters[j]) == 0;
        }
        calls[used++] = (struct perf_call){.name = chosen[i]->name, .exit = true};
    }
    for (size_t j = 0; j < NEEDED && count >= 0; j++) {
        if (!is_chosen[j]) {
            calls[used++] = (struct perf_call){.name = needed_enters[j]};
        }
    }
    size_t events = 2; /* signals */
    for (size_t i = 0; i < used; i++) {
        events += calls[i].exit ? 2 : 1;
    }
    events *= (size_t)get_nprocs_conf();
    return events <= FEW_EVENTS ? used : 0;
}

/* The rings and events on the process. 0 or -errno. */
static int open_perf(struct notify *notify, char *problem, size_t size) {
    const struct engine_options *options = &notify->options;
    pid_t tid = notify->launched.tid;
    char ids[SELECTION_FILTER_BYTES];
    struct perf_call calls[PERF_CALLS_MAX];
    selection_kernel_filter(options->selection, ids, sizeof(ids));
    struct perf_options perf = {.signals = options->signals,
                                .switches = notify->times,
                                .ids = ids[0] ? ids : NULL,
                                .call_count = few_calls(options, calls),
                                .stack_bytes = options->stack_bytes,
                                .ring_bytes = options->ring_bytes};
    if (!perf.ring_bytes) {
        perf.ring_bytes = perf_ring_bytes_wanted((size_t)get_nprocs_conf(), options->stack_bytes);
    }
    perf.calls = perf.call_count ? calls : NULL;
    int status = perf_source_create(&notify->perf, tid, &perf, problem, size);
    if (status == -ENOENT && perf.calls) {
        /* A call without a tracepoint of its own. */
        perf.calls = NULL;
        status = perf_source_create(&notify->perf, tid, &perf, problem, size);
    }
    if (status == 0 && perf_source_ring_bytes(notify->perf) < options->ring_bytes) {
        diag("--ring-size: the kernel locks only %zu KiB of memory for each CPU's ring",
             perf_source_ring_bytes(notify->perf) / 1024);
    }
    if (status == 0 && perf_source_stack_bytes(notify->perf) < options->stack_bytes) {
        diag("only %zu bytes of each stack are copied, for rings of %zu KiB have no room for more",
             perf_source_stack_bytes(notify->perf), perf_source_ring_bytes(notify->perf) / 1024);
    }
    return status;
}

/* Descriptors that were opened since go to the guardian as well. */
static void hand_over_fds(struct notify *notify) {
    while (notify->held_fds < perf_source_fds(notify->perf)) {
        guardian_hold(notify->options.guardian, perf_source_fd_list(notify->perf)[notify->held_fds]);
        notify->held_fds++;
    }
}

/* ------------------------------------------------------------------- handlers */

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
    struct notify *notify = context;
    if (!(revents & (POLLHUP | POLLERR))) {
        return EVENT_CONTINUE;
    }
    notify->hung_up = true;
    notify->listener_source = NULL;
    return EVENT_CLOSE;
}

/* The pidfd: the program has ended. */
static enum event_verdict on_program_end(void *context, unsigned revents) {
    (void)revents;
    struct notify *notify = context;
    struct engine_outcome *outcome = &notify->outcome;
    if (notify->tracer) {
        const struct engine_outcome *seen = tracer_outcome(notify->tracer);
        if (!seen) {
            return EVENT_CONTINUE;
        }
        *outcome = *seen;
        notify->pidfd_source = NULL;
        return EVENT_CLOSE;
    }
    if (notify->launched.adopted) {
        outcome->untold = !adoption_wait_status(notify->launched.pidfd, notify->launched.pid, &outcome->wait_status);
        outcome->max_rss_kb = -1;
        outcome->end_ns = monotonic_now();
        outcome->ended = true;
        notify->pidfd_source = NULL;
        return EVENT_CLOSE;
    }
    struct rusage usage = {.ru_maxrss = -1};
    if (wait4(notify->launched.pid, &outcome->wait_status, WNOHANG, &usage) == 0) {
        return EVENT_CONTINUE;
    }
    outcome->max_rss_kb = usage.ru_maxrss;
    outcome->end_ns = monotonic_now();
    outcome->ended = true;
    notify->pidfd_source = NULL;
    return EVENT_CLOSE;
}

/* ---------------------------------------------------------------------- start */

static int watch_rings(struct notify *notify) {
    size_t count = notify->perf ? perf_source_rings(notify->perf) : 0;
    notify->ring_sources = calloc(count + 1, sizeof(struct event_source *));
    if (!notify->ring_sources) {
        return -ENOMEM;
    }
    for (; notify->ring_source_count < count; notify->ring_source_count++) {
        struct event_source **source = &notify->ring_sources[notify->ring_source_count];
        int fd = perf_source_ring_fd(notify->perf, notify->ring_source_count);
        *source = event_loop_add(notify->options.loop, fd, POLLIN, on_ring, source);
    }
    return 0;
}

static int watch(struct notify *notify) {
    struct event_loop *loop = notify->options.loop;
    notify->listener_source = event_loop_add(loop, notify->launched.listener, 0, on_listener_end, notify);
    return notify->listener_source ? watch_rings(notify) : -ENOMEM;
}

static int watch_program(struct notify *notify) {
    notify->pidfd_source = event_loop_add(notify->options.loop, notify->launched.pidfd, POLLIN, on_program_end, notify);
    return notify->pidfd_source ? 0 : -ENOMEM;
}

/* End the process, which has not executed anything. */
static void abandon(struct notify *notify) {
    if (notify->tracer) {
        /* It has to see that, and goes first. */
        kill(notify->launched.pid, SIGKILL);
        tracer_destroy(notify->tracer);
        notify->tracer = NULL;
    }
    launcher_abandon(&notify->launched);
}

static void notify_destroy(void *state) {
    struct notify *notify = state;
    if (!notify) {
        return;
    }
    if (!notify->receivers) {
        abandon(notify);
    }
    tracer_destroy(notify->tracer);
    receivers_destroy(notify->receivers);
    event_loop_remove(notify->options.loop, notify->pidfd_source);
    event_loop_remove(notify->options.loop, notify->listener_source);
    for (size_t i = 0; i < notify->ring_source_count; i++) {
        event_loop_remove(notify->options.loop, notify->ring_sources[i]);
    }
    free(notify->ring_sources);
    perf_source_destroy(notify->perf);
    receive_times_destroy(notify->times);
    launcher_finish(&notify->launched);
    unanswered_destroy(notify->unanswered);
    mapping_events_destroy(notify->mappings);
    free(notify);
}

static int launch(struct notify *notify, char *problem, size_t size) {
    const struct engine_options *options = &notify->options;
    if (options->adoption) {
        return launcher_adopt(options->adoption, &notify->launched);
    }
    notify->filter =
        (struct filter_options){.selection = options->selection,
                                .capture = options->capture,
                                .notify_all = options->lossless || options->stack_bytes || notify->engine->notifies_all,
                                /* A tracer sees programs start without that. */
                                .notify_unchosen = options->maps && !options->capture->outputs};
    if (getrandom(notify->filter.secret, sizeof(notify->filter.secret), 0) < 0) {
        return -errno;
    }
    struct launch_request request = *options->program;
    request.filter = &notify->filter;
    return launcher_start(&request, &notify->launched, problem, size);
}

/* Calls with output arguments stop for a ptracer, which reads these when they have returned. */
static int start_tracer(struct notify *notify, char *problem, size_t size) {
    const struct engine_options *options = &notify->options;
    struct tracer_options tracer = {.selection = options->selection,
                                    .capture = options->capture,
                                    .pids = &notify->launched.pid,
                                    .count = 1,
                                    .follow = options->follow,
                                    .maps = options->maps,
                                    .filtered = true,
                                    .notes_only = true,
                                    .supplies = &notify->launched.state->supplies,
                                    .family = options->family,
                                    .troubles = options->troubles,
                                    .collector = options->collector};
    if (!notify->engine->has_events) {
        snprintf(problem, size, "engine %s does not know when a call has returned: output arguments need ptrace",
                 notify->engine->name);
        return -ENOTSUP;
    }
    return tracer_create(&notify->tracer, &tracer, problem, size);
}

/* execve has it first, execveat second. */
static uint64_t path_of_exec(const struct seccomp_notif *notif) {
    return notif->data.nr == SYS_execveat ? notif->data.args[1] : notif->data.args[0];
}

/* What else the engine needs of the child, where there is one that makes do without:
 * its memory, and its stack pointer for mends. 0 or -errno. */
static int look_at_child(const struct notify *notify, char *problem, size_t size) {
    char probe;
    uint64_t sp;
    pid_t pid = notify->launched.tid;
    const struct launch_state *state = notify->launched.state;
    /* Memory that is certainly there: what we share, or the path that it executes. */
    uint64_t address =
        notify->launched.adopted ? path_of_exec(&state->exec.notif) : (uint64_t)(uintptr_t)&state->exec_error;
    int status = memory_read_exact(&live_memory, pid, address, &probe, 1);
    if (status < 0) {
        snprintf(problem, size, "process_vm_readv is refused");
        return status;
    }
    status = repair_stack_pointer(pid, &sp);
    if (status == -ENOENT || status == -EACCES || status == -EPERM) {
        snprintf(problem, size, "/proc is not there or may not be read");
        return status;
    }
    return 0;
}

static int notify_prepare(void **state, const struct engine *engine, const struct engine_options *options,
                          char *problem, size_t size) {
    *state = NULL;
    struct notify *notify = calloc(1, sizeof(*notify));
    if (!notify) {
        return -ENOMEM;
    }
    notify->engine = engine;
    notify->options = *options;
    notify->launched = LAUNCHED_NONE;
    notify->times = options->profile && engine->time ? receive_times_create() : NULL;
    /* First what can be refused without a child. */
    int status = engine->time ? perf_source_check(problem, size) : 0;
    if (status == 0) {
        status = unanswered_create(&notify->unanswered, receivers_max());
    }
    if (status == 0) {
        status = launch(notify, problem, size);
    }
    if (status == 0) {
        memory_guard_init(&notify->memory, &live_memory, &notify->launched.state->supplies);
    }
    if (status == 0 && engine->time) {
        status = look_at_child(notify, problem, size);
    }
    if (status == 0 && engine->time) {
        status = open_perf(notify, problem, size);
    }
    if (status == 0 && engine->time && options->stack_bytes) {
        notify->mappings = mapping_events_create(&notify->launched.state->supplies);
        status = notify->mappings ? 0 : -ENOMEM;
    }
    if (status == 0) {
        /* What was opened is on our child; a number that comes later could be another user's by then. */
        status = capability_drop();
    }
    notify->held_fds = notify->perf ? perf_source_fds(notify->perf) : 0;
    if (status == 0 && options->capture->outputs) {
        status = start_tracer(notify, problem, size);
    }
    if (status < 0) {
        notify_destroy(notify);
        return status;
    }
    *state = notify;
    return 0;
}

static bool has_stacks(const struct notify *notify) {
    return notify->perf && perf_source_stack_bytes(notify->perf);
}

static int start_receivers(struct notify *notify, const struct seccomp_notif *first, size_t count) {
    const struct engine_options *options = &notify->options;
    struct receivers_options receivers = {.listener = notify->launched.listener,
                                          .root = notify->launched.pid,
                                          .follow = options->follow,
                                          .has_events = notify->engine->has_events,
                                          .ask_after_exec = options->maps,
                                          .ask_foreign = notify->perf && perf_source_is_narrow(notify->perf),
                                          .capture = options->capture,
                                          .memory = &notify->memory.memory,
                                          .supplies = &notify->launched.state->supplies,
                                          .family = options->family,
                                          .troubles = options->troubles,
                                          .first = first,
                                          .first_count = count,
                                          .unanswered = notify->unanswered,
                                          .rings = notify->perf,
                                          .awaited = has_stacks(notify) ? options->selection : NULL,
                                          .collector = options->collector};
    return receivers_create(&notify->receivers, &receivers);
}

static int notify_start(void *state, char *problem, size_t size) {
    struct notify *notify = state;
    int status = notify->launched.adopted ? launcher_renew_exec(&notify->launched, problem, size)
                                          : launcher_release_to_exec(&notify->launched, problem, size);
    if (status == 0) {
        status = watch(notify);
    }
    if (status == 0) {
        status = watch_program(notify);
    }
    if (status == 0 && notify->perf) {
        status = perf_source_enable(notify->perf);
    }
    /* The first receiver lets the exec run: from here on the program is on its way. */
    return status == 0 ? start_receivers(notify, &notify->launched.state->exec.notif, 1) : status;
}

/* ---------------------------------------------------------- in the guardian */

static void notify_guarded(const void *state, struct guardian_duties *duties) {
    const struct notify *notify = state;
    duties->listener = notify->launched.listener;
    if (notify->perf) {
        duties->events = perf_source_fd_list(notify->perf);
        duties->event_count = perf_source_fds(notify->perf);
    }
}

static void notify_settle(void *state) {
    struct notify *notify = state;
    /* For others the kernel counts memory that is mapped twice as locked twice, beyond what they may lock. */
    notify->mapped = notify->perf && capability_has(CAP_IPC_LOCK) && perf_source_map_again(notify->perf) == 0;
}

static void notify_rescue(void *state) {
    struct notify *notify = state;
    int listener = notify->launched.listener;
    listener_continue(listener, notify->launched.state->exec.notif.id);
    unanswered_answer(notify->unanswered, listener);
}

/* Calls are received as before, and above all mended when a signal has hit them; records are made by nobody. */
static int notify_inherit(void *state, struct event_loop *loop) {
    struct notify *notify = state;
    notify->receivers = NULL;
    notify->tracer = NULL;
    notify->mappings = NULL;
    notify->options.loop = loop;
    notify->ring_source_count = 0;
    if (notify->perf && !notify->mapped) {
        return -ENOMEM;
    }
    if (notify->perf) {
        perf_source_inherit(notify->perf);
    }
    int status = watch(notify);
    if (status < 0) {
        return status;
    }
    unsigned count = unanswered_sigreturns(notify->unanswered, notify->launched.listener, notify->sigreturns);
    return start_receivers(notify, notify->sigreturns, count);
}

static void notify_give_up(void *state) {
    struct notify *notify = state;
    unsigned count = unanswered_sigreturns(notify->unanswered, notify->launched.listener, notify->sigreturns);
    for (unsigned i = 0; i < count; i++) {
        listener_continue(notify->launched.listener, notify->sigreturns[i].id);
    }
}

static bool notify_deserted(const void *state) {
    const struct notify *notify = state;
    return notify->hung_up;
}

/* -------------------------------------------------------------------- running */

static pid_t notify_root(const void *state) {
    const struct notify *notify = state;
    return notify->launched.pid;
}

static int notify_exec_error(const void *state) {
    const struct notify *notify = state;
    return notify->launched.state->exec_error;
}

static int notify_layout_error(const void *state) {
    const struct notify *notify = state;
    return notify->launched.state->layout_error;
}

static void notify_signal(void *state, int number) {
    const struct notify *notify = state;
    if (!notify->outcome.ended) {
        syscall(SYS_pidfd_send_signal, notify->launched.pidfd, number, NULL, 0);
    }
}

static bool notify_stopped(void *state) {
    struct notify *notify = state;
    if (notify->tracer) {
        return launcher_stops_job(tracer_stop_signal(notify->tracer));
    }
    siginfo_t info = {0};
    while (!notify->outcome.ended &&
           waitid(P_PID, (id_t)notify->launched.pid, &info, WSTOPPED | WCONTINUED | WNOHANG) == 0 && info.si_pid) {
        notify->stopped = info.si_code == CLD_STOPPED && launcher_stops_job(info.si_status);
        info.si_pid = 0;
    }
    return notify->stopped && !notify->outcome.ended;
}

static bool notify_ended(const void *state) {
    const struct notify *notify = state;
    return notify->outcome.ended && (!notify->options.follow || notify->hung_up) &&
           (!notify->tracer || tracer_ended(notify->tracer));
}

static const struct engine_outcome *notify_outcome(const void *state) {
    const struct notify *notify = state;
    return &notify->outcome;
}

static unsigned notify_tracees(const void *state) {
    const struct notify *notify = state;
    return notify->tracer ? tracer_counts(notify->tracer).tracees : 0;
}

/* Who takes the receivers' notes, when receiving is measured. */
struct taker {
    struct notify *notify;
    void (*take)(void *context, const struct note *note);
    void *context;
};

static void measure_note(void *context, const struct note *note) {
    const struct taker *taker = context;
    struct notify *notify = taker->notify;
    /* The first one was received when there were no events yet. */
    if (note->kind != NOTE_CANCELLED && note->id != notify->launched.state->exec.notif.id) {
        receive_times_note(notify->times, note->tid, note->time);
    }
    taker->take(taker->context, note);
}

static bool notify_drain(void *state, void (*take)(void *context, const struct note *note), void *context) {
    struct notify *notify = state;
    struct taker taker = {.notify = notify, .take = take, .context = context};
    const struct note *note;
    while (notify->tracer && (note = tracer_next_note(notify->tracer))) {
        take(context, note);
    }
    return notify->times ? receivers_drain(notify->receivers, measure_note, &taker)
                         : receivers_drain(notify->receivers, take, context);
}

static bool notify_is_urgent(const void *state) {
    const struct notify *notify = state;
    return receivers_are_urgent(notify->receivers) || (notify->tracer && tracer_is_urgent(notify->tracer));
}

/* Native calls of a widened thread have two entries. */
static void count_entry(struct notify *notify, const struct kernel_event *event) {
    enum arch arch = event->enter.stack->is_32_bit ? ARCH_I386 : ARCH_X86_64;
    if (!event->foreign || syscall_is_foreign(arch, event->enter.number)) {
        receivers_saw(notify->receivers, arch, event->enter.number);
    }
}

static bool notify_next(void *state, uint64_t before, struct kernel_event *event) {
    struct notify *notify = state;
    if (notify->mappings && mapping_events_next(notify->mappings, before, event)) {
        return true;
    }
    while (notify->perf && perf_source_next(notify->perf, before, event)) {
        if (notify->times) {
            receive_times_event(notify->times, event);
        }
        if (event->kind == KERNEL_ENTER && event->enter.stack) {
            count_entry(notify, event);
        }
        if (event->kind == KERNEL_MAPPING && notify->mappings) {
            mapping_events_open(notify->mappings, event);
        }
        if (event->kind != KERNEL_SWITCH) {
            return true;
        }
    }
    return false;
}

/* While the rings are full, answers wait, so that threads that notify cannot fill them further. */
static void notify_throttle(void *state) {
    struct notify *notify = state;
    unsigned fill = perf_source_fill(notify->perf);
    if (fill > HOLD_PERCENT) {
        receivers_hold(notify->receivers, true);
    } else if (fill < RELEASE_PERCENT) {
        receivers_hold(notify->receivers, false);
    }
}

static void notify_release(void *state) {
    struct notify *notify = state;
    if (notify->perf) {
        perf_source_release(notify->perf);
        receivers_hold(notify->receivers, false);
    }
}

static uint64_t notify_lost(const void *state) {
    const struct notify *notify = state;
    return notify->perf ? perf_source_lost(notify->perf) : 0;
}

static uint64_t notify_repaired(const void *state) {
    const struct notify *notify = state;
    return receivers_counts(notify->receivers).repaired;
}

static void notify_disregard(void *state) {
    struct notify *notify = state;
    mapping_events_destroy(notify->mappings);
    notify->mappings = NULL;
    receivers_disregard(notify->receivers);
}

static void notify_stop(void *state) {
    struct notify *notify = state;
    if (notify->receivers) {
        receivers_stop(notify->receivers);
    }
}

static void print_receive_times(struct receive_times *times, FILE *stream) {
    if (!times) {
        fputs(PROFILE_LINE "receive=unmeasured\n", stream);
        return;
    }
    receive_times_finish(times);
    const struct receive_counts *counts = receive_times_counts(times);
    const struct histogram *waits = &counts->waits;
    fprintf(stream,
            PROFILE_LINE "receive=measured receive_count=%" PRIu64 " receive_awake=%" PRIu64
                         " receive_unmeasured=%" PRIu64 " receive_median_ns=%" PRIu64 " receive_p99_ns=%" PRIu64
                         " receive_max_ns=%" PRIu64 "\n",
            waits->count, counts->awake, counts->unmeasured, histogram_percentile(waits, 50),
            histogram_percentile(waits, 99), waits->max);
    uint64_t left = waits->count;
    for (unsigned i = 0; i < HISTOGRAM_POWERS && left; left -= waits->powers[i++]) {
        fprintf(stream, "%sreceive_below_%" PRIu64 "us=%" PRIu64, i ? " " : PROFILE_LINE, UINT64_C(1) << i,
                waits->powers[i]);
    }
    fputs(waits->count ? "\n" : "", stream);
}

static void notify_profile(const void *state, FILE *stream) {
    const struct notify *notify = state;
    struct receiver_counts counts = receivers_counts(notify->receivers);
    fprintf(stream, PROFILE_LINE "notifications=%llu deferred=%llu switches=%llu receivers=%u\n",
            (unsigned long long)counts.received, (unsigned long long)counts.deferred,
            (unsigned long long)counts.switches, counts.threads);
    print_receive_times(notify->times, stream);
}

static int notify_answer(void *state, uint64_t id) {
    const struct notify *notify = state;
    return listener_continue(notify->launched.listener, id);
}

static int notify_reopen(void *state, pid_t tid) {
    struct notify *notify = state;
    int status = perf_source_reopen(notify->perf, tid);
    if (status == 0 && notify->mappings) {
        /* Its program was mapped when there were no events. */
        mapping_events_read(notify->mappings, tid);
    }
    return status;
}

static int notify_widen(void *state, pid_t tid) {
    struct notify *notify = state;
    int status = perf_source_widen(notify->perf, tid);
    hand_over_fds(notify);
    return status;
}

static bool notify_is_narrow(const void *state) {
    const struct notify *notify = state;
    return perf_source_is_narrow(notify->perf);
}

static bool notify_tells_maps(const void *state) {
    const struct notify *notify = state;
    return notify->tracer;
}

static void notify_set_parallel(void *state, bool parallel) {
    struct notify *notify = state;
    receivers_set_parallel(notify->receivers, parallel);
}

/* What both engines do alike. */
#define NOTIFY_FUNCTIONS                                                                                               \
    .prepare = notify_prepare, .start = notify_start, .destroy = notify_destroy, .root = notify_root,                  \
    .exec_error = notify_exec_error, .layout_error = notify_layout_error, .signal = notify_signal,                     \
    .stopped = notify_stopped, .ended = notify_ended, .outcome = notify_outcome, .drain = notify_drain,                \
    .is_urgent = notify_is_urgent, .next = notify_next, .release = notify_release, .lost = notify_lost,                \
    .repaired = notify_repaired, .disregard = notify_disregard, .stop = notify_stop, .tells_maps = notify_tells_maps,  \
    .profile = notify_profile, .answer = notify_answer, .set_parallel = notify_set_parallel,                           \
    .guarded = notify_guarded, .settle = notify_settle, .rescue = notify_rescue, .inherit = notify_inherit,            \
    .give_up = notify_give_up, .deserted = notify_deserted, .adopts = true

const struct engine notify_engine = {
    NOTIFY_FUNCTIONS,        .name = "notify",          .time = "kernel",
    .has_events = true,      .tracees = notify_tracees, .throttle = notify_throttle,
    .reopen = notify_reopen, .widen = notify_widen,     .is_narrow = notify_is_narrow,
};

const struct engine notify_only_engine = {
    NOTIFY_FUNCTIONS,
    .name = "notify-only",
    .notifies_all = true,
};
