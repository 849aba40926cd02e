/* SPDX-License-Identifier: MIT
 *
 * The agent's log: one JSON object per line on standard error, which a journal
 * or a file collects. {"time":"2026-01-01T00:00:00.000Z","level":"info",
 * "event":"listening","message":"...", members of the event}
 */
#ifndef RENACER_AGENT_LOG_H
#define RENACER_AGENT_LOG_H

#include "diag.h"

#include <stddef.h>
#include <stdint.h>

enum log_level {
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_ERROR,
};

struct log_member {
    const char *name; /* a word of ours: it is not escaped */
    const char *text; /* any bytes; NULL: it is a number */
    int64_t number;
};

/* Write one line by one write(2), short enough (PIPE_BUF) that those of several processes do not mix in a pipe. Bytes
 * that are not UTF-8 are shown in strace's notation; a text that is too long ends with "...", and where members did not
 * fit at all the line has "cut":true. errno is kept. Safe in any thread. */
void agent_log(enum log_level level, const char *event, const struct log_member *members, size_t count,
               const char *message_format, ...) __attribute__((format(printf, 5, 6)));

/* Diagnostics as lines of the log. */
struct diagnostic_log {
    struct diag_target target;
    const char *container; /* NULL: of none */
};

/* From now on what diag() says, here and in processes that are forked from here, is a line of the log: event
 * "diagnostic", level "warning", member "container". `log` and the container's name are borrowed for as long as
 * anybody may say something. */
void agent_log_diagnostics(struct diagnostic_log *log, const char *container);

#endif
