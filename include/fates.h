/* SPDX-License-Identifier: MIT
 *
 * How processes end. Nothing tells the exit code or the fatal signal of a
 * process that is not our child; but its exit call does, or the signals that
 * were seen on their way. Whatever comes first decides for all its threads.
 *
 * Memory does not grow: of processes whose ids are equal modulo the size of the
 * table the latest is known.
 */
#ifndef RENACER_FATES_H
#define RENACER_FATES_H

#include "record.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    FATES_MAX = 1024,
    FATES_SENT = 32, /* signals on their way to one process that are remembered */
};

struct fate {
    int32_t pid; /* 0: of none */
    struct end_record end;
};

/* A signal on its way to a process. */
struct sent_signal {
    int32_t pid;    /* that gets it; 0: none */
    int32_t target; /* the thread of it that the kernel was given */
    struct signal_record signal;
};

/* Oldest first, in a ring. */
struct sent_signals {
    struct sent_signal each[FATES_SENT];
    unsigned next; /* where the next one goes */
};

/* Zero-initialised is empty. */
struct fates {
    struct fate fates[FATES_MAX];
    struct sent_signals sent[FATES_MAX];
};

/* The process begins to end so: false if that was decided before. */
bool fates_decide(struct fates *fates, int32_t pid, enum end_manner manner, int32_t code);
/* How the process ends: END_UNKNOWN if nothing decided it. */
struct end_record fates_end(const struct fates *fates, int32_t pid);
/* The id belongs to a new process, or the process executes another program. */
void fates_forget(struct fates *fates, int32_t pid);

/* A signal was sent to a thread of the process, or to its leader if it was for the whole
 * of it; `signal.sender` is who did what caused it. */
void fates_send(struct fates *fates, int32_t pid, int32_t target, const struct signal_record *signal);
/* Signal `number` is delivered to a thread of the process: who sent it by hand, or 0. */
int32_t fates_sender(struct fates *fates, int32_t pid, int32_t number, int32_t code);
/* The thread for which the fatal signal was meant that is on its way to the process; 0 if there is none. */
int32_t fates_target(const struct fates *fates, int32_t pid);
/* The kernel ends a thread of the process with SIGKILL, which may stand for
 * another fatal signal that is never delivered itself (complete_signal() in
 * kernel/signal.c). True, and the signal, if this is what ends the process and it is
 * `here` that it is to be told of: of several threads any may be the first to end. */
bool fates_kill(struct fates *fates, int32_t pid, bool here, struct signal_record *signal);

/* Whether the standard action of a signal ends the process (signal(7)). */
bool signal_is_fatal(int32_t number);

#endif
