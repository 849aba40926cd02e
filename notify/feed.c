/* SPDX-License-Identifier: MIT */
#include "feed.h"

#include "align.h"
#include "cleanup.h"

#include <string.h>

enum {
    FEED_BYTES = 1 << 20,
};

int feed_init(struct feed *feed, const struct capture_options *capture, size_t least, size_t tail,
              struct waker *consumer) {
    size_t captures = capture_bound(capture);
    captures = captures < least ? least : captures;
    *feed = (struct feed){.entry_bound = sizeof(struct feed_entry) + padded(captures) + tail, .consumer = consumer};
    size_t capacity = FEED_BYTES;
    while (capacity < 4 * feed->entry_bound + 64) {
        capacity *= 2;
    }
    int status = queue_init(&feed->queue, capacity);
    return status == 0 ? waker_init(&feed->producer) : status;
}

void feed_finish(struct feed *feed) {
    struct kernel_event event;
    while (feed_next(feed, &event)) {
        if (event.kind == KERNEL_MAPPING) {
            int file = event.mapping->file;
            close_fd(&file);
        }
    }
    waker_finish(&feed->producer);
    queue_finish(&feed->queue);
}

struct feed_entry *feed_reserve(struct feed *feed) {
    struct feed_entry *entry;
    while (!(entry = queue_reserve(&feed->queue, feed->entry_bound)) && !atomic_load(&feed->closed)) {
        feed_hurry(feed);
        /* Both before the second look at the queue, which is behind the fence of waker_prepare(). */
        atomic_store(&feed->starving, true);
        waker_prepare(&feed->producer);
        if (queue_used(&feed->queue) > feed->queue.capacity / 2 && !atomic_load(&feed->closed)) {
            waker_wait(&feed->producer);
        }
        waker_settle(&feed->producer);
    }
    if (entry) {
        memset(entry, 0, sizeof(*entry));
    }
    return entry;
}

static size_t captures_size(const struct feed_entry *entry) {
    return entry->has_note ? entry->note.captures_size : 0;
}

void *feed_tail(struct feed_entry *entry) {
    return (uint8_t *)feed_captures(entry) + padded(captures_size(entry));
}

void feed_commit(struct feed *feed, const struct feed_entry *entry) {
    bool half_full = queue_used(&feed->queue) > feed->queue.capacity / 2;
    queue_commit(&feed->queue, sizeof(*entry) + padded(captures_size(entry)) + entry->tail_size);
    if (half_full) {
        feed_hurry(feed);
    }
}

void feed_hurry(struct feed *feed) {
    /* The flag first: a consumer that is about to sleep looks at it once more. */
    atomic_store(&feed->urgent, true);
    waker_wake(feed->consumer);
}

/* A producer that waited has half of the room again. */
static void let_producer_go(struct feed *feed) {
    if (atomic_load_explicit(&feed->starving, memory_order_relaxed) &&
        queue_used(&feed->queue) <= feed->queue.capacity / 2) {
        atomic_store(&feed->starving, false);
        waker_wake(&feed->producer);
    }
}

static struct feed_entry *next_entry(struct feed *feed) {
    size_t size;
    if (feed->taken) {
        /* What was given is done with. */
        queue_pop(&feed->queue);
        feed->taken = false;
    }
    let_producer_go(feed);
    if (atomic_load_explicit(&feed->urgent, memory_order_relaxed)) {
        /* An exchange, not a store: what was put before the hurry that it undoes is seen below. */
        atomic_exchange(&feed->urgent, false);
    }
    struct feed_entry *entry = queue_peek(&feed->queue, &size);
    feed->taken = entry != NULL;
    if (!entry) {
        /* The look at `starving` above may have been made before the queue was seen to be shorter. It has to be
         * repeated behind a fence before the consumer sleeps: either it is seen here, or the producer's
         * second look sees that there is room. Once for all entries, for it costs as much as taking one. */
        atomic_thread_fence(memory_order_seq_cst);
        let_producer_go(feed);
    }
    return entry;
}

bool feed_next(struct feed *feed, struct kernel_event *event) {
    struct feed_entry *entry = next_entry(feed);
    if (!entry) {
        return false;
    }
    *event = entry->event;
    event->note = entry->has_note ? &entry->note : NULL;
    if (entry->tail_size && event->kind == KERNEL_ENTER) {
        event->enter.stack = feed_tail(entry);
    } else if (entry->tail_size && event->kind == KERNEL_MAPPING) {
        event->mapping = feed_tail(entry);
    }
    return true;
}

const struct note *feed_next_note(struct feed *feed) {
    const struct feed_entry *entry = next_entry(feed);
    return entry ? &entry->note : NULL;
}

bool feed_is_urgent(const struct feed *feed) {
    return atomic_load(&feed->urgent);
}

void feed_close(struct feed *feed) {
    atomic_store(&feed->closed, true);
    waker_wake(&feed->producer);
}
