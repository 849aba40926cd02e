/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include "clock.h"
#include "kick.h"
#include "program_maps.h"
#include "tracer_state.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

enum {
    SPIN_NS = 80000,   /* how long a stop is looked for before it is slept for */
    SPIN_LOOKS = 16,   /* between two looks at the clock */
    SPIN_FAILURES = 4, /* in a row, until it is given up */
    SPIN_REST_LEAST = 64,
    SPIN_REST_MOST = 1 << 14,
};

/* ---------------------------------------------------------------------- thread */

/* Tell the creator how the start went. */
static void report(struct tracer *tracer, int status) {
    pthread_mutex_lock(&tracer->mutex);
    tracer->reported = true;
    tracer->status = status;
    pthread_cond_signal(&tracer->condition);
    pthread_mutex_unlock(&tracer->mutex);
}

/* Those that run have to stop before they can be let go. */
static void interrupt_all(struct tracer *tracer) {
    for (struct tracee *tracee = tracer->tracees; tracee; tracee = tracee_next(tracee)) {
        tracer_interrupt(tracee);
    }
}

/* Of this thread's tracees alone: other sessions have their own tracers. */
static pid_t wait_for_tracee(int *status, int options) {
    return wait4(-1, status, __WALL | __WNOTHREAD | options, NULL);
}

/* Look for a stop until it comes or it takes too long: then 0. */
static pid_t spin_for_stop(int *status) {
    uint64_t limit = monotonic_now() + SPIN_NS;
    pid_t tid = 0;
    while (tid == 0 && monotonic_now() < limit) {
        for (unsigned i = 0; i < SPIN_LOOKS && tid == 0; i++) {
            tid = wait_for_tracee(status, WNOHANG);
        }
    }
    return tid;
}

/* The next tracee that has stopped or ended. To be woken on another CPU takes far
 * longer than most calls (docs/performance.md), so a stop is looked for a while, as long as
 * that helps: not while tracees need all CPUs, nor while they rarely stop. */
static pid_t await_stop(struct tracer *tracer, int *status) {
    struct spin *spin = &tracer->spin;
    if (spin->rest) {
        spin->rest--;
    } else if (spin->computes + spin->calls < spin->cpus) {
        pid_t tid = spin_for_stop(status);
        if (tid != 0) {
            spin->failures = 0;
            spin->next_rest = SPIN_REST_LEAST;
            return tid;
        }
        if (++spin->failures >= SPIN_FAILURES) {
            /* Then one look is enough, until one has helped. */
            spin->rest = spin->next_rest;
            spin->next_rest = spin->rest < SPIN_REST_MOST ? 2 * spin->rest : spin->rest;
        }
    }
    return wait_for_tracee(status, 0);
}

static void count_cpus(struct tracer *tracer) {
    cpu_set_t cpus;
    tracer->spin.next_rest = SPIN_REST_LEAST;
    tracer->spin.cpus = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (unsigned)CPU_COUNT(&cpus) : 1;
}

static void trace(struct tracer *tracer, bool reported) {
    bool interrupted = false;
    while (tracer->tracees && !atomic_load_explicit(&tracer->stopping, memory_order_relaxed)) {
        if (!reported && atomic_load(&tracer->unsettled) == 0) {
            reported = true;
            report(tracer, 0);
            /* What was mapped before all had stopped. */
            tracer_tell_code(tracer);
        }
        if (!interrupted && atomic_load_explicit(&tracer->detaching, memory_order_relaxed)) {
            interrupted = true;
            interrupt_all(tracer);
        }
        int status;
        pid_t tid = await_stop(tracer, &status);
        if (tid > 0) {
            tracer_take_status(tracer, tid, status);
        } else if (tid < 0 && errno == ECHILD) {
            break;
        }
    }
}

static void *run_tracer(void *context) {
    struct tracer *tracer = context;
    pthread_setname_np(pthread_self(), "renacer-trace");
    kick_accept();
    count_cpus(tracer);
    int status = tracer_seize_all(tracer);
    if (status < 0) {
        /* Those that were seized already are let go as if nothing had been. */
        atomic_store(&tracer->detaching, true);
    }
    trace(tracer, status < 0);
    report(tracer, status);
    atomic_store(&tracer->ended, true);
    feed_hurry(&tracer->teller.feed);
    return NULL;
}

/* Stops of tracees are waited for; signals about them would only wake the session. */
static void silence_stops(struct tracer *tracer) {
    sigaction(SIGCHLD, NULL, &tracer->sigchld);
    struct sigaction action = tracer->sigchld;
    action.sa_flags |= SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
}

/* Wait until the thread has reported; every tracee has stopped once by then, unless it takes too long. */
static int await_report(struct tracer *tracer) {
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 1;
    int error = 0;
    pthread_mutex_lock(&tracer->mutex);
    while (!tracer->reported && error == 0) {
        error = pthread_cond_timedwait(&tracer->condition, &tracer->mutex, &limit);
    }
    int status = tracer->reported ? tracer->status : 0;
    pthread_mutex_unlock(&tracer->mutex);
    return status;
}

int tracer_create(struct tracer **result, const struct tracer_options *options, char *problem, size_t size) {
    *result = NULL;
    struct tracer *tracer = calloc(1, sizeof(*tracer));
    if (!tracer) {
        return -ENOMEM;
    }
    tracer->options = *options;
    tracer->root = options->pids[0];
    memory_guard_init(&tracer->memory, &tracee_memory, options->supplies);
    tracer->teller = (struct teller){.feed.producer.fd = -1,
                                     .capture = options->capture,
                                     .memory = &tracer->memory.memory,
                                     .notes_only = options->notes_only,
                                     .maps = options->maps,
                                     .awake = options->attach,
                                     .stack_bytes = options->stack_bytes,
                                     .supplies = options->supplies};
    tracer->all = !options->notes_only;
    silence_stops(tracer);
    pthread_mutex_init(&tracer->mutex, NULL);
    pthread_cond_init(&tracer->condition, NULL);
    size_t least = options->maps ? PROGRAM_MAPS_BOUND : 0;
    int status = feed_init(&tracer->teller.feed, options->capture, least, teller_tail_bound(options->stack_bytes),
                           options->collector);
    if (status == 0 && options->stack_bytes) {
        tracer->teller.seen = mapped_files_create();
        status = tracer->teller.seen ? 0 : -ENOMEM;
    }
    if (status == 0) {
        status = kick_install();
    }
    if (status == 0) {
        struct rusage usage;
        getrusage(RUSAGE_CHILDREN, &usage);
        tracer->children_rss = usage.ru_maxrss;
        status = -pthread_create(&tracer->thread, NULL, run_tracer, tracer);
        tracer->started = status == 0;
    }
    if (status == 0) {
        status = await_report(tracer);
    }
    if (status < 0) {
        snprintf(problem, size, "%s", tracer->problem);
        tracer_destroy(tracer);
        return status;
    }
    *result = tracer;
    return 0;
}

/* --------------------------------------------------------------------- outside */

bool tracer_next(struct tracer *tracer, struct kernel_event *event) {
    return feed_next(&tracer->teller.feed, event);
}

const struct note *tracer_next_note(struct tracer *tracer) {
    return feed_next_note(&tracer->teller.feed);
}

bool tracer_is_urgent(const struct tracer *tracer) {
    return feed_is_urgent(&tracer->teller.feed);
}

bool tracer_ended(const struct tracer *tracer) {
    return atomic_load(&tracer->ended);
}

const struct engine_outcome *tracer_outcome(const struct tracer *tracer) {
    return atomic_load(&tracer->root_ended) ? &tracer->outcome : NULL;
}

int tracer_stop_signal(const struct tracer *tracer) {
    return atomic_load(&tracer->stop_signal);
}

struct tracer_counts tracer_counts(const struct tracer *tracer) {
    return (struct tracer_counts){.stops = atomic_load(&tracer->stops),
                                  .tracees = atomic_load(&tracer->tracee_count),
                                  .attached = tracer->attached};
}

void tracer_detach(struct tracer *tracer) {
    atomic_store(&tracer->detaching, true);
    kick_thread(tracer->thread);
}

void tracer_destroy(struct tracer *tracer) {
    static const struct timespec moment = {.tv_nsec = 200000};
    if (!tracer) {
        return;
    }
    /* Those that we attached to are let go first; what does not stop within a second is left to the kernel. */
    for (unsigned i = 0; tracer->options.attach && tracer->started && !tracer_ended(tracer) && i < 5000; i++) {
        feed_close(&tracer->teller.feed);
        tracer_detach(tracer);
        nanosleep(&moment, NULL);
    }
    atomic_store(&tracer->stopping, true);
    feed_close(&tracer->teller.feed);
    while (tracer->started && pthread_tryjoin_np(tracer->thread, NULL) == EBUSY) {
        kick_thread(tracer->thread);
        nanosleep(&moment, NULL);
    }
    feed_finish(&tracer->teller.feed);
    mapped_files_destroy(tracer->teller.seen);
    while (tracer->tracees) {
        tracee_remove(&tracer->tracees, tracer->tracees);
    }
    sigaction(SIGCHLD, &tracer->sigchld, NULL);
    pthread_mutex_destroy(&tracer->mutex);
    pthread_cond_destroy(&tracer->condition);
    free(tracer);
}
