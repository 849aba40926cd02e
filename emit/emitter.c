/* SPDX-License-Identifier: MIT */
#include "emitter.h"

#include "cleanup.h"
#include "diag.h"
#include "output.h"
#include "queue.h"
#include "waker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    /* Room for a tenth of a second of the fastest calls, so that the rings do not overflow while
     * the emitter waits for a CPU. Memory that is never used is never there. */
    QUEUE_BYTES = 1 << 23,
    QUEUE_BYTES_STACKS = 1 << 26, /* the same where each call brings its stack */
    /* The emitter sleeps until this part of the queue waits, or somebody looks: waking it for each record would cost a
     * system call each. */
    BATCH_PART = 512,
};

/* What outlives the process: shared memory, with the queue's bytes behind it. */
struct remains {
    struct queue queue;
    struct output output;
    /* Every record, for a form that has all of them in memory (see needs_journal()); whole when it has been written. */
    struct sink journal;
};

struct emitter {
    struct writer_options options;
    struct writer *writer;
    struct writer *inherited; /* from a process that is gone, in whatever state: not looked at */
    bool shares_output;       /* `writer` writes to that of the remains */
    pthread_t thread;
    bool running;
    struct remains *remains;
    size_t remains_size;
    struct waker consumer;
    struct waker producer;
    atomic_bool ending;
    bool reported; /* that writing failed */
};

/* A golden trace is made of all its records at the end: whoever takes over has to begin with the first. */
static bool needs_journal(const struct emitter *emitter) {
    return emitter->options.output.golden;
}

/* Write the first record of the queue. Killed anywhere in it, whoever takes over finds that it is written and has been
 * taken out, or neither. */
static void write_one(struct emitter *emitter, const struct record *record, size_t size) {
    struct remains *remains = emitter->remains;
    struct output_progress *progress = &remains->output.progress;
    progress->taken = queue_position(&remains->queue);
    if (needs_journal(emitter)) {
        uint64_t header = size;
        sink_write(&remains->journal, (const char *)&header, sizeof(header));
        sink_write(&remains->journal, (const char *)record, size);
        progress->journal = remains->journal.end;
    }
    writer_record(emitter->writer, record);
    if (!emitter->shares_output) {
        output_commit(&remains->output);
    }
    sink_commit(&remains->journal);
    queue_pop(&remains->queue);
}

static void report(struct emitter *emitter, const char *consequence) {
    int error = writer_error(emitter->writer);
    if (error && !emitter->reported) {
        emitter->reported = true;
        diag_errno(error, "cannot write the trace%s", consequence);
    }
}

static void write_waiting(struct emitter *emitter) {
    struct queue *queue = &emitter->remains->queue;
    const struct record *record;
    size_t size;
    while ((record = queue_peek(queue, &size))) {
        write_one(emitter, record, size);
        if (queue_used(queue) < queue->capacity / 2) {
            waker_wake(&emitter->producer);
        }
    }
    writer_flush(emitter->writer);
    report(emitter, "; the program goes on");
}

static void *run_emitter(void *context) {
    struct emitter *emitter = context;
    pthread_setname_np(pthread_self(), "renacer-emit");
    while (!atomic_load(&emitter->ending)) {
        waker_prepare(&emitter->consumer);
        if (queue_used(&emitter->remains->queue) == 0 && !atomic_load(&emitter->ending)) {
            waker_wait(&emitter->consumer);
        }
        waker_settle(&emitter->consumer);
        write_waiting(emitter);
    }
    write_waiting(emitter);
    return NULL;
}

static int make_remains(struct emitter *emitter, size_t record_bound) {
    size_t capacity = output_needs_sources(&emitter->options.output) ? QUEUE_BYTES_STACKS : QUEUE_BYTES;
    while (capacity < 4 * record_bound) {
        capacity *= 2;
    }
    /* As long as its alignment, which is that of the queue. */
    size_t head = sizeof(struct remains);
    size_t size = head + capacity;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    emitter->remains = memory;
    emitter->remains_size = size;
    queue_place(&emitter->remains->queue, (uint8_t *)memory + head, capacity);
    sink_init_spool(&emitter->remains->journal, &emitter->options.watcher);
    return 0;
}

int emitter_create(struct emitter **result, const struct writer_options *options, size_t record_bound) {
    *result = NULL;
    struct emitter *emitter = calloc(1, sizeof(*emitter));
    if (!emitter) {
        return -ENOMEM;
    }
    emitter->options = *options;
    emitter->consumer.fd = -1;
    emitter->producer.fd = -1;
    int status = make_remains(emitter, record_bound);
    if (status == 0) {
        status = writer_create(&emitter->writer, options, &emitter->remains->output);
        emitter->shares_output = true;
    }
    if (status == 0) {
        status = waker_init(&emitter->consumer);
    }
    if (status == 0) {
        status = waker_init(&emitter->producer);
    }
    if (status < 0) {
        emitter_destroy(emitter);
        return status;
    }
    *result = emitter;
    return 0;
}

int emitter_start(struct emitter *emitter) {
    int status = -pthread_create(&emitter->thread, NULL, run_emitter, emitter);
    emitter->running = status == 0;
    return status;
}

void emitter_push(struct emitter *emitter, const struct record *record, const void *captures,
                  const struct stack_sample *stack) {
    struct queue *queue = &emitter->remains->queue;
    size_t size = record_size(record);
    void *to;
    while (!(to = queue_reserve(queue, size))) {
        waker_prepare(&emitter->producer);
        waker_wake(&emitter->consumer);
        if ((to = queue_reserve(queue, size))) {
            waker_settle(&emitter->producer);
            break;
        }
        waker_wait(&emitter->producer);
        waker_settle(&emitter->producer);
    }
    record_store(to, record, captures, stack);
    queue_commit(queue, size);
    if (queue_used(queue) >= queue->capacity / BATCH_PART) {
        waker_wake(&emitter->consumer);
    }
}

void emitter_nudge(struct emitter *emitter) {
    if (queue_used(&emitter->remains->queue)) {
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
    report(emitter, "");
    return writer_error(emitter->writer);
}

size_t emitter_spools(struct emitter *emitter, struct sink *spools[EMITTER_SPOOLS]) {
    struct remains *remains = emitter->remains;
    struct sink *const all[EMITTER_SPOOLS] = {&remains->output.held, &remains->output.tail, &remains->output.events,
                                              &remains->journal};
    size_t count = 0;
    for (size_t i = 0; i < EMITTER_SPOOLS; i++) {
        if (all[i]->fd >= 0) {
            spools[count++] = all[i];
        }
    }
    return count;
}

/* Give the new writer the records that another one had in memory. */
static void replay(struct emitter *emitter) {
    struct sink *journal = &emitter->remains->journal;
    sink_flush(journal);
    uint64_t size;
    off_t offset = 0;
    while (pread(journal->fd, &size, sizeof(size), offset) == (ssize_t)sizeof(size)) {
        auto_free struct record *record = malloc(size);
        if (!record || pread(journal->fd, record, size, offset + (off_t)sizeof(size)) != (ssize_t)size) {
            return;
        }
        writer_record(emitter->writer, record);
        offset += (off_t)(sizeof(size) + size);
    }
}

int emitter_take_over(struct emitter *emitter, const struct trace_summary *summary, bool skip,
                      int (*file)(void *context, const struct sink *sink), void *context) {
    struct remains *remains = emitter->remains;
    struct queue *queue = &remains->queue;
    size_t size;
    bool from_start = needs_journal(emitter);
    const struct output_progress *whole = output_whole(&remains->output);
    emitter->inherited = emitter->writer;
    emitter->writer = NULL;
    emitter->shares_output = !from_start;
    emitter->running = false;
    queue_resume(queue, whole->taken);
    int status = from_start ? writer_create(&emitter->writer, &emitter->options, NULL)
                            : writer_resume(&emitter->writer, &emitter->options, &remains->output, file, context);
    if (status < 0) {
        return -status;
    }
    if (emitter->options.to_file && (from_start || !remains->output.out.written)) {
        /* It died before it had emptied the file, or while it wrote all of it at once. A pipe or device has nothing to
         * empty. */
        int ignored = ftruncate(emitter->options.fd, 0);
        (void)ignored;
        lseek(emitter->options.fd, 0, SEEK_SET);
    }
    if (skip && queue_peek(queue, &size)) {
        queue_pop(queue);
    }
    if (from_start) {
        remains->output.progress = *whole;
        remains->journal.whole = whole->journal;
        sink_resume(&remains->journal, file(context, &remains->journal));
        replay(emitter);
    }
    const struct record *record;
    while ((record = queue_peek(queue, &size))) {
        write_one(emitter, record, size);
    }
    return emitter_end(emitter, summary);
}

bool emitter_has_written(const struct emitter *emitter) {
    return output_whole(&emitter->remains->output)->taken > 0;
}

void emitter_destroy(struct emitter *emitter) {
    if (!emitter) {
        return;
    }
    stop_thread(emitter);
    waker_finish(&emitter->consumer);
    waker_finish(&emitter->producer);
    writer_destroy(emitter->writer);
    writer_destroy(emitter->inherited);
    if (emitter->remains) {
        sink_finish(&emitter->remains->journal);
        munmap(emitter->remains, emitter->remains_size);
    }
    free(emitter);
}
