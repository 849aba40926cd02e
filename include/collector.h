/* SPDX-License-Identifier: MIT
 *
 * The collector: joins what the receivers read (notes) with what the kernel
 * says (events) into records, and keeps the table of tasks. It is pure state:
 * whoever drives it reads the clock, the queues and the rings.
 *
 * Order of one round, so that a note is always known before its call's event:
 *   1. before = CLOCK_MONOTONIC
 *   2. collector_note() for everything in the queues
 *   3. collector_event() for every event older than `before`, in order of time
 *   4. collector_settle(before)
 * A receiver queues its note before it answers, and the kernel writes the
 * enter event after the answer: what step 3 sees, step 2 has brought.
 *
 * Rules, each with a unit test:
 *   - An exit closes the open call of its thread, whatever its number says:
 *     rt_sigreturn exits as -1, an exec from 64 to 32 bit enters as 59 and exits as 11.
 *   - An exit without an open call is a child's first return, an interrupted
 *     call (-ERESTARTSYS, it never ran: no record), or a call that another
 *     filter of the program answered (its arguments are not known; a result
 *     equal to the number is TRAP's or KILL's and means nothing).
 *   - exec by a thread that is not the leader: its open call goes over to the leader's id.
 *   - A narrow source does not see every exit, so that an interruption that is
 *     remembered may be out of date. There the signal that follows decides: it
 *     is remembered only if the handler lacks SA_RESTART.
 *   - Of a thread that is gone before its call is answered nothing is kept for the next one with its id: its note may
 * be younger than its end. With a ptracer, an exit with ENOSYS alone may be that of a call before which its thread was
 *     killed; whether it was tells what the thread does next.
 *   - An end within an exec is not death: the new program must not be read, its
 *     events are opened again and the gap has no results.
 */
#ifndef RENACER_COLLECTOR_H
#define RENACER_COLLECTOR_H

#include "capture.h"
#include "handover.h"
#include "kernel_event.h"
#include "memory.h"
#include "note.h"
#include "pid_set.h"
#include "record.h"
#include "selection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct collector;

struct collector_options {
    const struct selection *selection;
    pid_t root;                  /* the started process */
    bool follow;                 /* record other processes too; without, their calls are mended and nothing else */
    bool has_events;             /* the engine has an event source; without it a note is a record at once */
    bool births;                 /* RECORD_START is wanted */
    bool stacks;                 /* calls have their stacks, and mappings are wanted */
    bool maps;                   /* RECORD_MAPS is wanted */
    struct handover *handover;   /* takes what a successor has to know; NULL: there will be none */
    bool midway;                 /* it is the successor */
    bool narrow;                 /* it sees few calls, and of another architecture only those of widened threads */
    const struct memory *memory; /* for mends */
    const struct capture_options *capture;
    struct pid_set *family; /* takes every process that is seen, or NULL */
};

/* What the collector needs done. `context` is handed through. */
struct collector_actions {
    void *context;
    /* A record; its captures and its stack (NULL: none) are valid during the call. */
    void (*emit)(void *context, const struct record *record, const void *captures, const struct stack_sample *stack);
    /* Let the call of a NOTE_QUESTION or NOTE_CHECK run. 0, or -ENOENT: its caller is gone. */
    int (*answer)(void *context, uint64_t id);
    /* Open the events of a thread again. 0 or -errno (-ESRCH: it is gone). */
    int (*reopen)(void *context, pid_t tid);
    /* See this thread's calls of another architecture. 0 or -errno. */
    int (*widen)(void *context, pid_t tid);
    /* Read what stands in the memory of a process, whose first call of its program waits, into
     * PROGRAM_MAPS_BOUND bytes: how many there are. NULL: NOTE_MAPS tells. */
    size_t (*read_maps)(void *context, void *to, pid_t pid);
    /* Append to captures what descriptor `fd`, which a call has returned, is: capture_add_descriptor(). */
    size_t (*describe)(void *context, void *captures, size_t size, pid_t tid, int fd);
};

struct collector_counts {
    uint64_t calls;          /* records of calls */
    uint64_t repaired;       /* interrupted calls that were made to run after all */
    uint64_t interrupted;    /* calls that a signal hit before they were received */
    uint64_t without_result; /* calls that returned, but whose result nothing measured */
    uint64_t without_args;   /* calls of which only the exit was seen: only their number is known */
    uint64_t reopened;       /* threads whose events were opened again */
    uint64_t left;           /* tasks that were in the table at the end */
};

/* 0 or -ENOMEM. */
int collector_create(struct collector **result, const struct collector_options *options,
                     const struct collector_actions *actions);
void collector_destroy(struct collector *collector);

void collector_note(struct collector *collector, const struct note *note);
void collector_event(struct collector *collector, const struct kernel_event *event);
/* All events older than `before` have been given: answer what waits for a
 * decision. False if something waits for events that are younger. */
bool collector_settle(struct collector *collector, uint64_t before);
/* The trace ends: what is still open never returned. Of what comes afterwards no records are made; but the calls of
 * whoever lives on are mended, also those whose sigreturns wait already (collector_settle()). */
void collector_finish(struct collector *collector);

/* An exec is under way, of which the next events may say that others have to be
 * opened: the driver should look again soon. */
bool collector_expects_exec(const struct collector *collector);

/* Whether several threads were at work at once since the last call: 1 yes, 0 no, -1 too little seen to say. */
int collector_parallelism(struct collector *collector);

/* How the started process ends, as far as its calls and the signals that were seen tell. */
struct end_record collector_root_end(const struct collector *collector);

const struct collector_counts *collector_counts(const struct collector *collector);

/* Tasks in the table, for tests and self-profiling. */
size_t collector_tasks(const struct collector *collector);

#endif
