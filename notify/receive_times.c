/* SPDX-License-Identifier: MIT */
#include "receive_times.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHAINS = 1024,
    /* Events of a thread that are remembered. A note may come later than events that are younger than it: its caller
     * may be preempted a few times while it is read. */
    MOMENTS = 8,
};

struct moment {
    uint64_t time;
    bool switched_off;
};

struct thread {
    struct thread *next; /* of the chain */
    int32_t tid;
    unsigned moment_count; /* all that there were; the last MOMENTS are kept */
    struct moment moments[MOMENTS];
    uint64_t *waiting; /* times of RECV of which an event may still be to come, oldest first */
    size_t first;
    size_t end;
    size_t room;
};

struct receive_times {
    struct thread *chains[CHAINS];
    uint64_t lost_at; /* when it was last told that events were lost; 0: never */
    struct receive_counts counts;
};

struct receive_times *receive_times_create(void) {
    return calloc(1, sizeof(struct receive_times));
}

static void thread_free(struct thread *thread) {
    free(thread->waiting);
    free(thread);
}

void receive_times_destroy(struct receive_times *times) {
    for (size_t i = 0; times && i < CHAINS; i++) {
        while (times->chains[i]) {
            struct thread *thread = times->chains[i];
            times->chains[i] = thread->next;
            thread_free(thread);
        }
    }
    free(times);
}

/* Where the thread's pointer stands, or would stand. */
static struct thread **find(struct receive_times *times, int32_t tid) {
    struct thread **place = &times->chains[(uint32_t)tid % CHAINS];
    while (*place && (*place)->tid != tid) {
        place = &(*place)->next;
    }
    return place;
}

/* NULL: out of memory. */
static struct thread *get(struct receive_times *times, int32_t tid) {
    struct thread **place = find(times, tid);
    if (!*place) {
        *place = calloc(1, sizeof(**place));
        if (*place) {
            (*place)->tid = tid;
        }
    }
    return *place;
}

/* The thread's last event before `time`, or NULL if that is not known. */
static const struct moment *last_before(const struct thread *thread, uint64_t time) {
    for (unsigned back = 1; back <= MOMENTS && back <= thread->moment_count; back++) {
        const struct moment *moment = &thread->moments[(thread->moment_count - back) % MOMENTS];
        if (moment->time < time) {
            return moment;
        }
    }
    return NULL;
}

/* All events of the thread before `time`, when a notification of it was received, have been told. */
static void measure(struct receive_times *times, const struct thread *thread, uint64_t time) {
    const struct moment *moment = last_before(thread, time);
    if (!moment || times->lost_at > moment->time) {
        times->counts.unmeasured++;
        return;
    }
    times->counts.awake += !moment->switched_off;
    histogram_add(&times->counts.waits, moment->switched_off ? time - moment->time : 0);
}

static void measure_before(struct receive_times *times, struct thread *thread, uint64_t time) {
    while (thread->first < thread->end && thread->waiting[thread->first] <= time) {
        measure(times, thread, thread->waiting[thread->first++]);
    }
}

/* Make room for one more at the end. False: out of memory. */
static bool make_room(struct thread *thread) {
    if (thread->end < thread->room) {
        return true;
    }
    if (thread->first > thread->room / 2) {
        memmove(thread->waiting, thread->waiting + thread->first, (thread->end - thread->first) * sizeof(uint64_t));
        thread->end -= thread->first;
        thread->first = 0;
        return true;
    }
    size_t room = thread->room ? 2 * thread->room : 16;
    uint64_t *larger = reallocarray(thread->waiting, room, sizeof(uint64_t));
    if (larger) {
        thread->waiting = larger;
        thread->room = room;
    }
    return larger;
}

void receive_times_note(struct receive_times *times, int32_t tid, uint64_t time) {
    struct thread *thread = get(times, tid);
    if (!thread || !make_room(thread)) {
        times->counts.unmeasured++;
        return;
    }
    size_t place = thread->end++;
    for (; place > thread->first && thread->waiting[place - 1] > time; place--) {
        thread->waiting[place] = thread->waiting[place - 1];
    }
    thread->waiting[place] = time;
    const struct moment *newest = thread->moment_count ? &thread->moments[(thread->moment_count - 1) % MOMENTS] : NULL;
    if (newest && newest->time >= time) {
        measure_before(times, thread, time);
    }
}

void receive_times_event(struct receive_times *times, const struct kernel_event *event) {
    if (event->kind == KERNEL_LOST) {
        times->lost_at = event->time;
        return;
    }
    struct thread *thread = get(times, event->tid);
    if (!thread) {
        return;
    }
    measure_before(times, thread, event->time);
    thread->moments[thread->moment_count++ % MOMENTS] =
        (struct moment){.time = event->time, .switched_off = event->kind == KERNEL_SWITCH && event->switched_off};
    if (event->kind == KERNEL_END) {
        /* Its id may become another's. */
        struct thread **place = find(times, event->tid);
        times->counts.unmeasured += thread->end - thread->first;
        *place = thread->next;
        thread_free(thread);
    }
}

void receive_times_finish(struct receive_times *times) {
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct thread *thread = times->chains[i]; thread; thread = thread->next) {
            measure_before(times, thread, UINT64_MAX);
        }
    }
}

const struct receive_counts *receive_times_counts(const struct receive_times *times) {
    return &times->counts;
}
