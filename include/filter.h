/* SPDX-License-Identifier: MIT
 *
 * The seccomp filter: which calls stop and notify. Made with libseccomp,
 * loaded with seccomp(2), because libseccomp 2.5 cannot ask for a listener
 * together with WAIT_KILLABLE_RECV.
 */
#ifndef RENACER_FILTER_H
#define RENACER_FILTER_H

#include "capture.h"
#include "selection.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

/* What the filter has a call do. */
enum filter_action {
    FILTER_PASS,           /* run on without a stop */
    FILTER_NOTIFY,         /* wait in a notification */
    FILTER_NOTIFY_TO_READ, /* the same if something is there to be read: capture_trigger_of() */
    FILTER_TRACE,          /* stop for the ptracer (PTRACE_EVENT_SECCOMP) */
};

struct filter_options {
    const struct selection *selection;
    const struct capture_options *capture;
    /* Everything that stops does so for the ptracer; there is no listener. */
    bool trace_only;
    /* With it: calls that map code stop too, chosen or not. */
    bool new_code;
    /* Notify every chosen call, not only those that something has to be read for. */
    bool notify_all;
    /* And those that were not chosen: the first call of every program is wanted, whichever it is. */
    bool notify_unchosen;
    /* The one call that passes although its number may be notified: vmsplice
     * with these values in its two unused arguments. The launcher uses it. */
    uint64_t secret[2];
};

/* What a call does: the chosen ones that something has to be read for stop, and
 * those that tracing itself needs. Calls with output arguments stop for the
 * ptracer, which gets hold of them again when they return. */
enum filter_action filter_action(const struct filter_options *options, enum arch arch, int64_t number);

/* Make the program: *program owns a malloc'd `filter` array. 0 or -errno. */
int filter_build(const struct filter_options *options, struct sock_fprog *program);

/* Load it into the calling thread: 0, or with `listens` the listener's
 * descriptor; -errno. Async-signal-safe. */
int filter_load(const struct sock_fprog *program, bool listens);

#endif
