/* SPDX-License-Identifier: MIT */
#include "emitter.h"

#include "diag.h"
#include "queue.h"
#include "waker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Room for a tenth of a second of the fastest calls, so that the rings do not overflow while
     * the emitter waits for a CPU. Memory that is never used is never there. */
    QUEUE_BYTES = 1 << 23,
    /* The emitter sleeps until this much waits, or somebody looks: waking it for each record would cost a
     * system call each. */
    BATCH_BYTES = 1 << 14,
};

struct emitter {
    struct writer *writer;
    pthread_t thread;
    bool running;
    struct queue queue;
    struct waker consumer;
    struct waker producer;
    atomic_bool ending;
    bool reported; /* that writing failed */
};

static void write_waiting(struct emitter *emitter) {
    const struct record *record;
    size_t size;
    while ((record = queue_peek(&emitter->queue, &size))) {
        writer_record(emitter->writer, record);
        queue_pop(&emitter->queue);
        if (queue_used(&emitter->queue) < QUEUE_BYTES / 2) {
            waker_wake(&emitter->producer);
        }
    }
    writer_flush(emitter->writer);
    if (writer_error(emitter->writer) && !emitter->reported) {
        emitter->reported = true;
        diag_errno(writer_error(emitter->writer), "cannot write the trace; the program goes on");
    }
}

static void *run_emitter(void *context) {
    struct emitter *emitter = context;
    pthread_setname_np(pthread_self(), "renacer-emit");
    while (!atomic_load(&emitter->ending)) {
        waker_prepare(&emitter->consumer);
        if (queue_used(&emitter->queue) == 0 && !atomic_load(&emitter->ending)) {
            waker_wait(&emitter->consumer);
        }
        waker_settle(&emitter->consumer);
        write_waiting(emitter);
    }
    write_waiting(emitter);
    return NULL;
}

int emitter_create(struct emitter **result, const struct writer_options *options, size_t record_bound) {
    *result = NULL;
    struct emitter *emitter = calloc(1, sizeof(*emitter));
    if (!emitter) {
        return -ENOMEM;
    }
    emitter->consumer.fd = -1;
    emitter->producer.fd = -1;
    size_t capacity = QUEUE_BYTES;
    while (capacity < 4 * record_bound) {
        capacity *= 2;
    }
    int status = writer_create(&emitter->writer, options);
    if (status == 0) {
        status = queue_init(&emitter->queue, capacity);
    }
    if (status == 0) {
        status = waker_init(&emitter->consumer);
    }
    if (status == 0) {
        status = waker_init(&emitter->producer);
    }
    if (status == 0) {
        status = -pthread_create(&emitter->thread, NULL, run_emitter, emitter);
        emitter->running = status == 0;
    }
    if (status < 0) {
        emitter_destroy(emitter);
        return status;
    }
    *result = emitter;
    return 0;
}

void emitter_push(struct emitter *emitter, const struct record *record, const void *captures) {
    size_t captures_size = record_payload(record);
    size_t size = sizeof(*record) + captures_size;
    uint8_t *to;
    while (!(to = queue_reserve(&emitter->queue, size))) {
        waker_prepare(&emitter->producer);
        waker_wake(&emitter->consumer);
        if ((to = queue_reserve(&emitter->queue, size))) {
            waker_settle(&emitter->producer);
            break;
        }
        waker_wait(&emitter->producer);
        waker_settle(&emitter->producer);
    }
    memcpy(to, record, sizeof(*record));
    if (captures_size) {
        memcpy(to + sizeof(*record), captures, captures_size);
    }
    queue_commit(&emitter->queue, size);
    if (queue_used(&emitter->queue) >= BATCH_BYTES) {
        waker_wake(&emitter->consumer);
    }
}

void emitter_nudge(struct emitter *emitter) {
    if (queue_used(&emitter->queue)) {
        waker_wake(&emitter->consumer);
    }
}

static void stop_thread(struct emitter *emitter) {
    if (emitter->running) {
        atomic_store(&emitter->ending, true);
        waker_wake(&emitter->consumer);
        pthread_join(emitter->thread, NULL);
        emitter->running = false;
    }
}

int emitter_end(struct emitter *emitter, const struct trace_summary *summary) {
    stop_thread(emitter);
    writer_end(emitter->writer, summary);
    int error = writer_error(emitter->writer);
    if (error && !emitter->reported) {
        emitter->reported = true;
        diag_errno(error, "cannot write the trace");
    }
    return error;
}

void emitter_destroy(struct emitter *emitter) {
    if (!emitter) {
        return;
    }
    stop_thread(emitter);
    queue_finish(&emitter->queue);
    waker_finish(&emitter->consumer);
    waker_finish(&emitter->producer);
    writer_destroy(emitter->writer);
    free(emitter);
}
