/* SPDX-License-Identifier: MIT
 *
 * A note: what a receiver hands to the collector about one notification.
 */
#ifndef RENACER_NOTE_H
#define RENACER_NOTE_H

#include "repair.h"

#include <stdbool.h>
#include <stdint.h>

enum note_kind {
    NOTE_CALL,      /* the call was read and let run */
    NOTE_QUESTION,  /* a sigreturn that waits: the collector decides about a mend and answers */
    NOTE_CHECK,     /* a call that waits until the collector has taken in all that happened before it, and answers:
                       a thread's first since its exec (does it still have its events?); where descriptors are
                       looked at, one that could change what an earlier result stands for; with a narrow
                       source, one of another architecture */
    NOTE_OUTPUTS,   /* the thread's call has returned, and its output arguments were read */
    NOTE_MAPS,      /* the thread's process runs another program and has made no call of it; the captures are what it
                       has in its memory: see include/program_maps.h */
    NOTE_CANCELLED, /* the caller of an earlier note was gone before the answer: its bytes are not to be trusted */
};

struct note {
    uint8_t kind; /* enum note_kind */
    uint8_t arch; /* enum arch */
    bool more;    /* NOTE_CALL: a NOTE_OUTPUTS follows, unless the thread is killed in the call */
    int32_t tid;
    int32_t pid; /* 0: not looked up; the tracepoints tell it */
    int64_t number;
    uint64_t id;   /* of the notification; of a tracer's note: of the call, the same in its NOTE_OUTPUTS */
    uint64_t time; /* CLOCK_MONOTONIC: directly after it was received */
    uint64_t args[6];
    struct repair_frame frame; /* NOTE_QUESTION */
    uint32_t captures_size;    /* bytes of captures that follow */
};

static inline const void *note_captures(const struct note *note) {
    return note + 1;
}

#endif
