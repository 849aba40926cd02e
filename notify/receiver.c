/* SPDX-License-Identifier: MIT */
#include "receiver.h"

#include "broken_calls.h"
#include "capture.h"
#include "cleanup.h"
#include "clock.h"
#include "eagerness.h"
#include "kick.h"
#include "listener.h"
#include "memory_guard.h"
#include "proc.h"
#include "queue.h"

#include <errno.h>
#include <linux/audit.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

enum {
    QUEUE_BYTES = 1 << 19,
    CHECK_SLOTS = 256,
    CPUS_MAX = CPU_SETSIZE,
    HALF = 50,                              /* percent of a ring */
    PATIENCE_NS = 100000000,                /* a thread that may run gets a CPU within this time */
    KICK_PATIENCE_NS = 100000,              /* a thread that runs comes to look around */
    CANCEL_ROOM = sizeof(struct note) + 64, /* behind each note, so that it can be cancelled whatever the queue holds */
};

/* A notification that is received but has no room in the queue yet. */
struct deferred {
    struct deferred *next;
    uint64_t time; /* when it was received */
    struct seccomp_notif notif;
};

struct receiver {
    struct receivers *all;
    pthread_t thread;
    int cpu;
    bool bound;       /* to its CPU, for now */
    bool closed;      /* no task is left under the filter */
    atomic_uint seen; /* the generation that it has acted on */
    atomic_uint laps; /* how often it has looked at what there is to do */
    /* Of the last kick that was repeated, for whoever kicks: */
    unsigned kicked_lap;
    uint64_t kicked_at;
    struct queue queue;
    struct waker waker;
    atomic_bool starving; /* a note waits for room */
    struct deferred *deferred;
    union listener_notification *incoming;
    unsigned since_look;      /* calls since the rings were looked at */
    _Atomic uint64_t let_run; /* of the calls that are awaited */
    _Atomic uint64_t received;
    _Atomic uint64_t repaired;
    _Atomic uint64_t deferrals;
};

struct receivers {
    struct receivers_options options;
    cpu_set_t cpus; /* where the process may run */
    struct receiver *each;
    unsigned count;   /* one for each CPU */
    unsigned started; /* of them, threads that exist */
    size_t queue_bytes;
    size_t note_bound;
    unsigned calls_per_look; /* at the rings, of each receiver: so few that all of them take no quarter of a ring */
    atomic_uint generation;  /* counts what the receivers have to look at: see kick() */
    atomic_bool parallel;
    atomic_bool stopping;
    /* Threads whose next notification has to wait for the collector, by id modulo
     * the size; one that is overwritten is merely not checked. */
    atomic_int checked_next[CHECK_SLOTS];
    atomic_int executed_next[CHECK_SLOTS]; /* the same: threads that are executing a program */
    /* With ask_after_exec: for each process, by id, a thread of it that was seen to call execve; 0: none. */
    _Atomic pid_t *executing;
    _Atomic uint64_t entered;  /* awaited calls whose entry was taken from the rings */
    _Atomic int64_t forgotten; /* awaited calls that are awaited no more */
    uint64_t last_entered;     /* as of the last look, and */
    uint64_t stalled_at;       /* since when it has been so while an answer waited; 0: it has not */
    atomic_bool urgent;        /* something was queued that the collector should see at once */
    atomic_bool hold;
    atomic_bool disregard;
    uint64_t switches;
    struct broken_calls broken; /* without events */
};

/* ------------------------------------------------------------- one notification */

static void increment(_Atomic uint64_t *counter) {
    /* Only the receiver itself writes. */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Whether thread `tid` belongs to the started process: tgkill(2) with signal 0
 * says ESRCH if it does not, and needs no table that could be out of date. */
static bool is_of_root(const struct receivers *all, pid_t tid) {
    return tid == all->options.root || syscall(SYS_tgkill, all->options.root, tid, 0) == 0 || errno != ESRCH;
}

static enum arch arch_of(const struct seccomp_data *data) {
    return data->arch == AUDIT_ARCH_I386 ? ARCH_I386 : ARCH_X86_64;
}

static void call_collector(struct receivers *all) {
    /* The flag first: a collector that is about to sleep looks at it once more. */
    atomic_store(&all->urgent, true);
    waker_wake(all->options.collector);
}

/* Without events: the thread goes on behind a call that says EINTR. If that was never answered, have it run. */
static void mend_broken(struct receiver *receiver, pid_t tid, const struct repair_frame *frame) {
    struct receivers *all = receiver->all;
    int number = broken_calls_take(&all->broken, tid, frame->ip);
    if (number >= 0 && repair_apply(all->options.memory, tid, frame, number) == 0) {
        increment(&receiver->repaired);
    }
}

/* A sigreturn: mend an interrupted sigreturn at once, and ask the collector
 * about any other call. True if the collector will answer. */
static bool look_at_sigreturn(struct receiver *receiver, struct note *note) {
    const struct memory *memory = receiver->all->options.memory;
    uint64_t sp = note->args[0];
    int resume;
    switch (repair_inspect(memory, note->tid, note->arch, note->number, sp, &note->frame, &resume)) {
    case REPAIR_NONE:
        return false;
    case REPAIR_SIGRETURN:
        if (repair_apply(memory, note->tid, &note->frame, resume) == 0) {
            increment(&receiver->repaired);
        }
        return false;
    case REPAIR_MAYBE:
        if (!receiver->all->options.has_events) {
            mend_broken(receiver, note->tid, &note->frame);
        }
        return receiver->all->options.has_events;
    }
    return false;
}

/* Look for what goes otherwise because of us: at the first call of a program
 * what that is, and whether somebody wants a listener beside ours. */
static void look_for_trouble(struct receivers *all, const struct note *note, const struct syscall_row *row) {
    enum {
        I386_SECCOMP = 354,
        I386_PRCTL = 172,
    };
    atomic_int *slot = &all->executed_next[note->tid % CHECK_SLOTS];
    bool executes = row && row_is_exec(row);
    if (atomic_load_explicit(slot, memory_order_relaxed) == note->tid) {
        troubles_look_at(all->options.troubles, note->tid);
        atomic_store_explicit(slot, 0, memory_order_relaxed);
    }
    if (executes) {
        atomic_store_explicit(slot, note->tid, memory_order_relaxed);
    }
    int64_t number = syscall_native_number(note->arch, note->number);
    bool is_seccomp = number == (note->arch == ARCH_X86_64 ? SYS_seccomp : I386_SECCOMP);
    if (is_seccomp && note->args[0] == SECCOMP_SET_MODE_FILTER && note->args[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
        atomic_fetch_add(&all->options.troubles->listeners, 1);
    }
    bool is_prctl = number == (note->arch == ARCH_X86_64 ? SYS_prctl : I386_PRCTL);
    /* With flags or arguments it is refused anyway. */
    if ((is_seccomp && note->args[0] == SECCOMP_SET_MODE_STRICT && !note->args[1] && !note->args[2]) ||
        (is_prctl && (int)note->args[0] == PR_SET_SECCOMP && note->args[1] == SECCOMP_MODE_STRICT)) {
        atomic_fetch_add(&all->options.troubles->strict, 1);
    }
}

/* Remember that the thread executes a program, which will run under its process's id. */
static void expect_program(struct receivers *all, pid_t tid) {
    pid_t pid = all->options.follow ? proc_process_of(tid) : all->options.root;
    if (pid > 0 && pid < PID_SET_LIMIT) {
        atomic_store(&all->executing[pid], tid);
    }
}

/* Whether a call of this thread may be the first of its program. If another thread than the leader executes it, that
 * one is gone afterwards; until then all of the leader's calls may be the first. */
static bool may_be_first(struct receivers *all, pid_t tid) {
    pid_t caller = tid < PID_SET_LIMIT ? atomic_load_explicit(&all->executing[tid], memory_order_relaxed) : 0;
    if (!caller) {
        return false;
    }
    if (caller == tid || (syscall(SYS_tgkill, tid, caller, 0) < 0 && errno == ESRCH)) {
        atomic_store(&all->executing[tid], 0);
    }
    return true;
}

/* Whether this call has to wait for the collector. A program that must not be
 * read loses its events at exec: before it goes on, the collector has to see
 * that. And what a new descriptor is has to be looked at before the thread can
 * change it, or any thread can close it. A narrow source has to be widened for
 * calls of another architecture. */
static bool needs_check(struct receivers *all, pid_t tid, bool is_foreign, const struct syscall_row *row) {
    const struct capture_options *capture = all->options.capture;
    atomic_int *slot = &all->checked_next[tid % CHECK_SLOTS];
    bool check = atomic_load_explicit(slot, memory_order_relaxed) == tid;
    bool check_next = row && (row_is_exec(row) || capture_needs_result(row, capture));
    if (check || check_next) {
        atomic_store_explicit(slot, check_next ? tid : 0, memory_order_relaxed);
    }
    check = check || (all->options.ask_foreign && is_foreign);
    if (all->executing) {
        check = may_be_first(all, tid) || check;
        if (row && row_is_exec(row)) {
            expect_program(all, tid);
        }
    }
    bool changes = row && capture->detail != DESCRIPTOR_NONE && row_changes_descriptors(row);
    return (check || changes) && all->options.has_events;
}

/* The caller was gone before the answer: what was read may be another's. */
static void cancel_note(struct receiver *receiver, uint64_t id, pid_t tid) {
    struct note *note = queue_reserve(&receiver->queue, sizeof(*note));
    if (note) {
        *note = (struct note){.kind = NOTE_CANCELLED, .tid = tid, .id = id};
        queue_commit(&receiver->queue, sizeof(*note));
    }
}

/* How many of the awaited calls were let run, and are not among the `entered`. */
static int64_t calls_left(const struct receivers *all, uint64_t entered) {
    int64_t left = -(int64_t)entered - atomic_load(&all->forgotten);
    for (unsigned i = 0; i < all->count; i++) {
        left += (int64_t)atomic_load(&all->each[i].let_run);
    }
    return left;
}

/* How much of a ring is wanted by calls that were let run and have not come to the rings: their threads may wait for a
 * CPU, and then come all at once, to one ring at worst. In percent. */
static uint64_t percent_in_flight(const struct receivers *all) {
    if (!all->options.awaited) {
        return 0;
    }
    /* In this order: what happens meanwhile makes the result larger. */
    size_t bytes = perf_source_call_bytes(all->options.rings);
    uint64_t entered = atomic_load(&all->entered);
    size_t in_rings = perf_source_waiting(all->options.rings) / bytes;
    int64_t flying = calls_left(all, entered) - (int64_t)in_rings;
    return flying > 0 ? (uint64_t)flying * bytes * 100 / perf_source_ring_bytes(all->options.rings) : 0;
}

/* Some calls never come: their threads were killed. So those are forgotten that have not come although answers wait for
 * that and nothing else happens. And nobody has counted what ran before us. */
static void forget_calls(struct receivers *all, bool starving) {
    if (!all->options.awaited) {
        return;
    }
    uint64_t entered = atomic_load(&all->entered);
    int64_t left = calls_left(all, entered);
    uint64_t now = starving ? monotonic_now() : 0;
    bool stalled = starving && all->stalled_at && entered == all->last_entered;
    if (left < 0 || (stalled && now - all->stalled_at > PATIENCE_NS)) {
        atomic_fetch_add(&all->forgotten, left);
        stalled = false;
    }
    all->stalled_at = stalled ? all->stalled_at : now;
    all->last_entered = entered;
}

/* Whether the rings have room for the events of the next calls. The collector may be behind although there is room in
 * the queues: a ring can be small. */
static bool rings_have_room(struct receiver *receiver) {
    const struct receivers *all = receiver->all;
    if (!all->options.rings || ++receiver->since_look < all->calls_per_look) {
        return true;
    }
    if (perf_source_fill(all->options.rings) + percent_in_flight(all) >= HALF) {
        return false;
    }
    receiver->since_look = 0;
    return true;
}

/* Whether an event will tell that this call was entered, with its stack. */
static bool is_awaited(const struct receivers *all, const struct note *note) {
    return all->options.awaited && selection_has(all->options.awaited, note->arch, note->number);
}

/* Without events, nobody else tells that the call was broken off by a signal. */
static void keep_broken(struct receivers *all, const struct seccomp_notif *notif) {
    if (!all->options.has_events) {
        broken_calls_add(&all->broken, (pid_t)notif->pid, notif->data.nr, notif->data.instruction_pointer);
    }
}

/* Of a call that is not recorded. */
static void let_run(struct receivers *all, const struct seccomp_notif *notif) {
    if (listener_continue(all->options.listener, notif->id) == -ENOENT) {
        keep_broken(all, notif);
    }
}

/* Read, queue and answer what was received at `time`. False, and nothing done, if there is no room for what
 * it leads to. */
static bool serve(struct receiver *receiver, const struct seccomp_notif *notif, uint64_t time) {
    struct receivers *all = receiver->all;
    int listener = all->options.listener;
    pid_t tid = (pid_t)notif->pid;
    /* Children that are not followed may serve a file system as well. */
    memory_guard_look_at(all->options.supplies, arch_of(&notif->data), notif->data.nr,
                         (const uint64_t *)notif->data.args, all->options.memory, tid);
    bool is_sigreturn = repair_is_sigreturn(arch_of(&notif->data), notif->data.nr);
    bool is_read =
        !atomic_load_explicit(&all->disregard, memory_order_relaxed) && (all->options.follow || is_of_root(all, tid));
    bool is_mended = is_sigreturn && all->options.has_events;
    if (!is_sigreturn && !all->options.has_events) {
        /* It has come again. */
        broken_calls_take(&all->broken, tid, notif->data.instruction_pointer);
    }
    if (!is_read && !is_mended) {
        pid_set_add(all->options.family, tid);
        let_run(all, notif);
        return true;
    }
    struct note *note = NULL;
    if (!atomic_load_explicit(&all->hold, memory_order_relaxed) && rings_have_room(receiver)) {
        note = queue_reserve(&receiver->queue, all->note_bound + CANCEL_ROOM);
    }
    if (!note) {
        return false;
    }
    *note = (struct note){.kind = NOTE_CALL,
                          .arch = (uint8_t)arch_of(&notif->data),
                          .tid = tid,
                          .number = notif->data.nr,
                          .id = notif->id,
                          .time = time};
    memcpy(note->args, notif->data.args, sizeof(note->args));
    /* Its frame stands on the stack: A_TO_FRAME. */
    if (is_sigreturn && repair_stack_pointer(tid, &note->args[0]) < 0) {
        note->args[0] = 0;
    }
    const struct syscall_row *row = is_read ? syscall_row(note->arch, notif->data.nr) : NULL;
    if (row) {
        note->captures_size = (uint32_t)capture_call(row, syscall_layout(note->arch, note->number), note->args,
                                                     all->options.memory, tid, all->options.capture, note + 1);
    }
    if (!all->options.has_events) {
        note->pid = tid == all->options.root ? tid : proc_process_of(tid);
    }
    look_for_trouble(all, note, row);
    if (needs_check(all, tid, syscall_is_foreign(note->arch, note->number), row)) {
        note->kind = NOTE_CHECK;
    }
    if (is_sigreturn && note->args[0] && look_at_sigreturn(receiver, note)) {
        note->kind = NOTE_QUESTION;
    }
    bool waits = note->kind != NOTE_CALL;
    if (waits) {
        unanswered_keep(all->options.unanswered, notif);
    }
    /* What is used before the answer tells whether the caller is gone may be another's, which has got its id since. */
    if ((waits || !all->options.has_events) && !listener_is_waiting(listener, notif->id)) {
        if (!all->options.has_events) {
            /* It never ran, and what was reserved for it is not committed. */
            keep_broken(all, notif);
            return true;
        }
        note->captures_size = 0;
    }
    bool urgent = waits || (row && row_is_exec(row)) || queue_used(&receiver->queue) > all->queue_bytes / 2;
    bool awaited = is_awaited(all, note);
    queue_commit(&receiver->queue, sizeof(*note) + note->captures_size);
    if (awaited) {
        increment(&receiver->let_run);
    }
    if (!waits && listener_continue(listener, notif->id) == -ENOENT) {
        keep_broken(all, notif);
        cancel_note(receiver, notif->id, tid);
        if (awaited) {
            atomic_fetch_sub(&receiver->let_run, 1);
        }
    }
    if (urgent) {
        call_collector(all);
    }
    return true;
}

/* ---------------------------------------------------------- answers that wait */

static void defer(struct receiver *receiver, const struct seccomp_notif *notif, uint64_t time) {
    unanswered_keep(receiver->all->options.unanswered, notif);
    struct deferred *deferred = malloc(sizeof(*deferred));
    if (!deferred) {
        /* Without memory the program goes on unrecorded; the call is missing. */
        listener_continue(receiver->all->options.listener, notif->id);
        return;
    }
    *deferred = (struct deferred){.time = time, .notif = *notif};
    struct deferred **end = &receiver->deferred;
    while (*end) {
        end = &(*end)->next;
    }
    *end = deferred;
    increment(&receiver->deferrals);
}

static void serve_deferred(struct receiver *receiver) {
    while (receiver->deferred && serve(receiver, &receiver->deferred->notif, receiver->deferred->time)) {
        struct deferred *done = receiver->deferred;
        receiver->deferred = done->next;
        free(done);
    }
    atomic_store(&receiver->starving, receiver->deferred != NULL);
    if (receiver->deferred) {
        call_collector(receiver->all);
    }
}

/* Those of `unanswered` are for whoever receives after us. */
static void forget_deferred(struct receiver *receiver) {
    while (receiver->deferred) {
        struct deferred *done = receiver->deferred;
        receiver->deferred = done->next;
        free(done);
    }
}

/* ------------------------------------------------------------------ the thread */

/* RECV returns with EINTR, so that the receiver looks at what has changed. */
static void kick(struct receiver *receiver) {
    waker_wake(&receiver->waker);
    kick_thread(receiver->thread);
}

/* Several receivers are bound to a CPU each, and do not preempt (SCHED_BATCH):
 * a notification wakes all of them, and the one on the caller's CPU, which has
 * just become free, is to take it, not one that interrupts another thread of the
 * program for it. */
static void bind_to_cpu(struct receiver *receiver, bool bound) {
    if (receiver->bound == bound) {
        return;
    }
    static const struct sched_param none;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)receiver->cpu, &one);
    const cpu_set_t *set = bound ? &one : &receiver->all->cpus;
    /* Refused (the CPU went away): it runs where it may. */
    sched_setaffinity(0, sizeof(*set), set);
    int policy = sched_getscheduler(0);
    if (policy == SCHED_OTHER || policy == SCHED_BATCH) {
        sched_setscheduler(0, bound ? SCHED_BATCH : SCHED_OTHER, &none);
    }
    receiver->bound = bound;
}

/* Wait in RECV itself: it keeps the caller's wake-up on its CPU, as a poll
 * through io_uring does not, and saves a system call per notification. */
static void receive_one(struct receiver *receiver) {
    int status = listener_receive(receiver->all->options.listener, receiver->incoming);
    if (status == 0) {
        uint64_t time = monotonic_now();
        increment(&receiver->received);
        if (receiver->deferred || !serve(receiver, &receiver->incoming->notif, time)) {
            defer(receiver, &receiver->incoming->notif, time);
            serve_deferred(receiver);
        }
    } else if (status == -ENOENT && listener_poll(receiver->all->options.listener) == -EPIPE) {
        receiver->closed = true;
    }
    /* -ENOENT otherwise: the caller was interrupted or killed meanwhile. */
}

/* Not needed now, or nothing will come any more: wait for a kick. */
static void park(struct receiver *receiver) {
    waker_prepare(&receiver->waker);
    if (atomic_load(&receiver->seen) == atomic_load(&receiver->all->generation)) {
        waker_wait(&receiver->waker);
    }
    waker_settle(&receiver->waker);
}

/* What was received before there were receivers. */
static void serve_first(struct receiver *receiver) {
    for (size_t i = 0; i < receiver->all->options.first_count; i++) {
        const struct seccomp_notif *notif = &receiver->all->options.first[i];
        uint64_t time = monotonic_now();
        if (!serve(receiver, notif, time)) {
            defer(receiver, notif, time);
        }
    }
}

static void *run_receiver(void *context) {
    struct receiver *receiver = context;
    struct receivers *all = receiver->all;
    /* Until a call is received a signal can interrupt it. */
    eagerness_set();
    pthread_setname_np(pthread_self(), "renacer-recv");
    kick_accept();
    if (receiver == all->each) {
        serve_first(receiver);
    }
    for (;;) {
        atomic_store(&receiver->laps, atomic_load_explicit(&receiver->laps, memory_order_relaxed) + 1);
        atomic_store(&receiver->seen, atomic_load(&all->generation));
        if (atomic_load(&all->stopping)) {
            break;
        }
        if (receiver->deferred) {
            serve_deferred(receiver);
        }
        bool parallel = atomic_load(&all->parallel);
        bind_to_cpu(receiver, parallel);
        if ((parallel || receiver == all->each || receiver->deferred) && !receiver->closed) {
            receive_one(receiver);
        } else {
            park(receiver);
        }
    }
    forget_deferred(receiver);
    return NULL;
}

/* --------------------------------------------------------------------- outside */

static int start_receiver(struct receivers *all) {
    struct receiver *receiver = &all->each[all->started];
    int status = queue_init(&receiver->queue, all->queue_bytes);
    if (status == 0) {
        status = waker_init(&receiver->waker);
    }
    if (status == 0) {
        status = -pthread_create(&receiver->thread, NULL, run_receiver, receiver);
        all->started += status == 0;
    }
    if (status < 0) {
        waker_finish(&receiver->waker);
        queue_finish(&receiver->queue);
    }
    return status;
}

/* Where this process may run. */
static void find_cpus(cpu_set_t *cpus) {
    if (sched_getaffinity(0, sizeof(*cpus), cpus) < 0) {
        CPU_ZERO(cpus);
        CPU_SET(0, cpus);
    }
}

unsigned receivers_max(void) {
    cpu_set_t cpus;
    find_cpus(&cpus);
    return (unsigned)CPU_COUNT(&cpus);
}

int receivers_create(struct receivers **result, const struct receivers_options *options) {
    *result = NULL;
    struct receivers *all = calloc(1, sizeof(*all));
    if (!all) {
        return -ENOMEM;
    }
    all->options = *options;
    all->note_bound = sizeof(struct note) + capture_bound(options->capture);
    all->queue_bytes = QUEUE_BYTES;
    while (all->queue_bytes < 4 * all->note_bound) {
        all->queue_bytes *= 2;
    }
    find_cpus(&all->cpus);
    all->each = calloc((size_t)CPU_COUNT(&all->cpus), sizeof(*all->each));
    /* Memory that is never used is never there. */
    all->executing = options->ask_after_exec ? calloc(PID_SET_LIMIT, sizeof(*all->executing)) : NULL;
    if (!all->each || (options->ask_after_exec && !all->executing)) {
        receivers_destroy(all);
        return -ENOMEM;
    }
    for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
        if (CPU_ISSET((size_t)cpu, &all->cpus)) {
            all->each[all->count] = (struct receiver){.all = all,
                                                      .cpu = cpu,
                                                      .waker = {.fd = -1},
                                                      .incoming = unanswered_slot(options->unanswered, all->count)};
            all->count++;
        }
    }
    if (options->rings) {
        size_t calls = perf_source_ring_bytes(options->rings) / 4 / perf_source_call_bytes(options->rings);
        all->calls_per_look = (unsigned)(calls / all->count);
    }
    listener_set_sync(options->listener, true);
    int status = kick_install();
    if (status == 0) {
        status = start_receiver(all);
    }
    if (status < 0) {
        receivers_destroy(all);
        return status;
    }
    *result = all;
    return 0;
}

/* Something has changed that all of them have to look at. */
static void kick_all(struct receivers *all) {
    atomic_fetch_add(&all->generation, 1);
    for (unsigned i = 0; i < all->started; i++) {
        kick(&all->each[i]);
    }
}

/* Repeat a kick that may have been lost. Not until the receiver has acted on the last one, or has had some time for it:
 * signals that come faster than they can be handled, and are queued on top of that, would keep it from all else. */
static void kick_again(struct receivers *all, struct receiver *receiver) {
    if (!atomic_load(&receiver->starving) && atomic_load(&receiver->seen) == atomic_load(&all->generation)) {
        return;
    }
    unsigned laps = atomic_load(&receiver->laps);
    uint64_t now = monotonic_now();
    if (laps != receiver->kicked_lap || now - receiver->kicked_at > KICK_PATIENCE_NS) {
        receiver->kicked_lap = laps;
        receiver->kicked_at = now;
        kick(receiver);
    }
}

void receivers_set_parallel(struct receivers *all, bool parallel) {
    if (all->count == 1 || atomic_load(&all->parallel) == parallel) {
        return;
    }
    all->switches++;
    listener_set_sync(all->options.listener, !parallel);
    atomic_store(&all->parallel, parallel);
    while (parallel && all->started < all->count) {
        if (start_receiver(all) < 0) {
            break;
        }
    }
    kick_all(all);
}

bool receivers_drain(struct receivers *all, void (*take)(void *context, const struct note *note), void *context) {
    bool starving = false;
    /* An exchange, not a store: notes that were queued before the call that it undoes are seen below. */
    atomic_exchange(&all->urgent, false);
    for (unsigned i = 0; i < all->started; i++) {
        struct receiver *receiver = &all->each[i];
        const struct note *note;
        size_t size;
        while ((note = queue_peek(&receiver->queue, &size))) {
            take(context, note);
            queue_pop(&receiver->queue);
        }
        starving = starving || atomic_load(&receiver->starving);
    }
    forget_calls(all, starving);
    for (unsigned i = 0; i < all->started; i++) {
        kick_again(all, &all->each[i]);
    }
    return starving;
}

void receivers_saw(struct receivers *all, enum arch arch, int64_t number) {
    if (all->options.awaited && selection_has(all->options.awaited, arch, number)) {
        increment(&all->entered);
    }
}

bool receivers_are_urgent(const struct receivers *all) {
    return atomic_load(&all->urgent);
}

void receivers_hold(struct receivers *all, bool hold) {
    if (atomic_exchange(&all->hold, hold) && !hold) {
        kick_all(all);
    }
}

void receivers_disregard(struct receivers *all) {
    atomic_store(&all->disregard, true);
    kick_all(all);
}

void receivers_stop(struct receivers *all) {
    static const struct timespec moment = {.tv_nsec = 200000};
    if (atomic_exchange(&all->stopping, true)) {
        return;
    }
    kick_all(all);
    for (unsigned i = 0; i < all->started; i++) {
        while (pthread_tryjoin_np(all->each[i].thread, NULL) == EBUSY) {
            nanosleep(&moment, NULL);
            kick(&all->each[i]);
        }
    }
}

void receivers_destroy(struct receivers *all) {
    if (!all) {
        return;
    }
    receivers_stop(all);
    for (unsigned i = 0; i < all->started; i++) {
        queue_finish(&all->each[i].queue);
        waker_finish(&all->each[i].waker);
    }
    free((void *)all->executing);
    free(all->each);
    free(all);
}

struct receiver_counts receivers_counts(const struct receivers *all) {
    struct receiver_counts counts = {.switches = all->switches, .threads = all->started};
    for (unsigned i = 0; i < all->started; i++) {
        counts.received += atomic_load(&all->each[i].received);
        counts.repaired += atomic_load(&all->each[i].repaired);
        counts.deferred += atomic_load(&all->each[i].deferrals);
    }
    return counts;
}
