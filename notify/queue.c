/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include "align.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Before each entry: its size, or SKIP for "go on at the start of the buffer". */
enum {
    HEADER = 8,
    /* An empty queue is filled from the start again once so much of it was used: the rest of a large one is never
     * touched as long as the consumer follows. Until the consumer steps over that rest, there is only so much room. */
    RESTART = 1 << 23,
};
static const uint64_t SKIP = UINT64_MAX;

int queue_init(struct queue *queue, size_t capacity) {
    *queue = (struct queue){.capacity = capacity};
    queue->bytes = aligned_alloc(64, capacity);
    return queue->bytes ? 0 : -ENOMEM;
}

void queue_place(struct queue *queue, void *bytes, size_t capacity) {
    *queue = (struct queue){.bytes = bytes, .capacity = capacity};
}

void queue_finish(struct queue *queue) {
    free(queue->bytes);
    queue->bytes = NULL;
}

void *queue_reserve(struct queue *queue, size_t size) {
    size_t need = HEADER + padded(size);
    size_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    size_t tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
    size_t free_bytes = queue->capacity - (head - tail);
    size_t offset = head & (queue->capacity - 1);
    size_t to_end = queue->capacity - offset;
    bool restarts = head == tail && offset >= RESTART && offset >= need;
    if (to_end >= need && !restarts) {
        if (free_bytes < need) {
            return NULL;
        }
    } else {
        if (free_bytes < to_end + need) {
            return NULL;
        }
        memcpy(queue->bytes + offset, &SKIP, sizeof(SKIP));
        /* The consumer steps over the rest of the buffer by itself. */
        atomic_store_explicit(&queue->head, head + to_end, memory_order_release);
        offset = 0;
    }
    queue->reserved = need;
    return queue->bytes + offset + HEADER;
}

void queue_commit(struct queue *queue, size_t size) {
    size_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    uint64_t header = size;
    memcpy(queue->bytes + (head & (queue->capacity - 1)), &header, sizeof(header));
    atomic_store_explicit(&queue->head, head + HEADER + padded(size), memory_order_release);
}

void *queue_peek(struct queue *queue, size_t *size) {
    for (;;) {
        size_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
        if (tail == atomic_load_explicit(&queue->head, memory_order_acquire)) {
            return NULL;
        }
        size_t offset = tail & (queue->capacity - 1);
        uint64_t header;
        memcpy(&header, queue->bytes + offset, sizeof(header));
        if (header != SKIP) {
            *size = header;
            return queue->bytes + offset + HEADER;
        }
        atomic_store_explicit(&queue->tail, tail + queue->capacity - offset, memory_order_release);
    }
}

size_t queue_position(const struct queue *queue) {
    size_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    uint64_t size;
    memcpy(&size, queue->bytes + (tail & (queue->capacity - 1)), sizeof(size));
    return tail + HEADER + padded(size);
}

void queue_pop(struct queue *queue) {
    atomic_store_explicit(&queue->tail, queue_position(queue), memory_order_release);
}

void queue_resume(struct queue *queue, size_t position) {
    /* Entries behind it may have been left out, and the rest of the buffer. */
    if (position > atomic_load_explicit(&queue->tail, memory_order_relaxed)) {
        atomic_store_explicit(&queue->tail, position, memory_order_release);
    }
}
