/* SPDX-License-Identifier: MIT
 *
 * The feed: what the tracer's thread hands to the collector, in the order in
 * which it happened: events with what was read of their calls, or notes alone.
 * It is bounded; when it is full the tracer waits, and the program with it, so
 * that nothing is lost.
 */
#ifndef RENACER_FEED_H
#define RENACER_FEED_H

#include "capture.h"
#include "kernel_event.h"
#include "note.h"
#include "queue.h"
#include "waker.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* One entry; the captures of its note follow it, and then its tail: the stack of a call (struct stack_sample), or a
 * mapping (struct mapping). */
struct feed_entry {
    struct kernel_event event; /* its `note`, `enter.stack` and `mapping` are set by feed_next() */
    bool has_note;
    uint32_t tail_size; /* bytes; 0: it has none */
    struct note note;
};

struct feed {
    struct queue queue;
    size_t entry_bound;
    struct waker producer;
    struct waker *consumer;
    atomic_bool urgent;
    atomic_bool starving; /* the producer waits for room */
    atomic_bool closed;
    bool taken; /* the entry that feed_next() gave last is still in the queue */
};

/* 0 or -errno. An entry has room for capture_bound() bytes of captures, or for
 * `least` if that is more, and for a tail of `tail` bytes. `consumer` is woken when something should be taken at once.
 */
int feed_init(struct feed *feed, const struct capture_options *capture, size_t least, size_t tail,
              struct waker *consumer);
/* Files of mappings that nobody has taken are closed. */
void feed_finish(struct feed *feed);

/* Producer: an entry to be filled, all zero; waits for room. NULL once the feed is closed. */
struct feed_entry *feed_reserve(struct feed *feed);
/* Producer: where its note's captures go. */
static inline void *feed_captures(struct feed_entry *entry) {
    return &entry->note + 1;
}
/* Producer: where its tail goes, once its note is complete. */
void *feed_tail(struct feed_entry *entry);
/* Producer: the entry is complete. */
void feed_commit(struct feed *feed, const struct feed_entry *entry);
/* Producer: the consumer should look soon. */
void feed_hurry(struct feed *feed);

/* Consumer: the next event; false if there is none. It and what it points to are valid until the next call. */
bool feed_next(struct feed *feed, struct kernel_event *event);
/* Consumer: the next entry's note, of a feed that has nothing but notes. As feed_next(). */
const struct note *feed_next_note(struct feed *feed);
/* Consumer: whether something came that should not wait; to be asked between waker_prepare() and waiting. */
bool feed_is_urgent(const struct feed *feed);
/* Consumer: nothing more will be taken; a producer that waits for room goes on. */
void feed_close(struct feed *feed);

#endif
