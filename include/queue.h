/* SPDX-License-Identifier: MIT
 *
 * A bounded queue of variable-size entries between one producer thread and
 * one consumer thread. Entries are written in place and read in place. It
 * never blocks; who has to wait uses a waker (include/waker.h).
 */
#ifndef RENACER_QUEUE_H
#define RENACER_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue {
    uint8_t *bytes;
    size_t capacity;
    size_t reserved;                  /* producer: what queue_reserve() handed out, with its header */
    _Alignas(64) _Atomic size_t head; /* producer */
    _Alignas(64) _Atomic size_t tail; /* consumer */
};

/* `capacity` in bytes, a power of two. 0 or -ENOMEM. */
int queue_init(struct queue *queue, size_t capacity);
void queue_finish(struct queue *queue);
/* A queue in memory of the caller's, aligned to 64, which may be shared with another process; not to be finished. */
void queue_place(struct queue *queue, void *bytes, size_t capacity);

/* Producer: room for one entry of up to `size` bytes, aligned to 8, or NULL if
 * there is none now. At most a quarter of the capacity is ever refused for good. */
void *queue_reserve(struct queue *queue, size_t size);
/* Producer: the entry is written and is `size` bytes long, not more than reserved. */
void queue_commit(struct queue *queue, size_t size);

/* Consumer: the oldest entry and its size, or NULL if the queue is empty. It
 * stays valid until queue_pop(). */
void *queue_peek(struct queue *queue, size_t *size);
void queue_pop(struct queue *queue);
/* Consumer: the position behind the oldest entry, of which there must be one. Positions count bytes from the first
 * entry on, those that were left out at the end of the buffer as well. */
size_t queue_position(const struct queue *queue);
/* A consumer that goes on for another one: all entries before this position are done with. */
void queue_resume(struct queue *queue, size_t position);

/* Either side: bytes in use. */
static inline size_t queue_used(struct queue *queue) {
    size_t tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
    return atomic_load_explicit(&queue->head, memory_order_acquire) - tail;
}

#endif
