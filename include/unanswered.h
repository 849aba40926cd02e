/* SPDX-License-Identifier: MIT
 *
 * Which notifications were received and may not be answered yet, in memory that
 * outlives the supervisor: a caller whose notification was received waits for
 * its answer as long as anybody holds the listener, and only who knows the id can give it.
 *
 * RECV writes the id there itself: see unanswered_slot(). Nothing has to be
 * taken out when it is answered, for an id is never used again and an answer to
 * one that is answered already does nothing (ENOENT; kernel/seccomp.c).
 */
#ifndef RENACER_UNANSWERED_H
#define RENACER_UNANSWERED_H

#include "listener.h"

#include <stdint.h>
#include <sys/types.h>

struct unanswered;

/* Shared with every process that is forked from now on. 0 or -errno. */
int unanswered_create(struct unanswered **result, unsigned slots);
/* NULL is fine. */
void unanswered_destroy(struct unanswered *unanswered);

/* Where one receiver at a time receives. Before it receives again, the last one has to be answered or kept. */
union listener_notification *unanswered_slot(struct unanswered *unanswered, unsigned slot);

/* Keep the id of a notification that will be answered later; of a sigreturn's all of it, as far as there is room. A
 * thread has one at most. */
void unanswered_keep(struct unanswered *unanswered, const struct seccomp_notif *notif);

/* Let everything run that is not answered, but for the sigreturns: whoever goes on has to decide whether a call is to
 * be mended first. Returns how many calls that were. */
unsigned unanswered_answer(const struct unanswered *unanswered, int listener);

/* The sigreturns that are not answered, in `found`: how many. */
enum {
    UNANSWERED_SIGRETURNS = 256,
};
unsigned unanswered_sigreturns(const struct unanswered *unanswered, int listener,
                               struct seccomp_notif found[UNANSWERED_SIGRETURNS]);

#endif
