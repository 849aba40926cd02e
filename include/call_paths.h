/* SPDX-License-Identifier: MIT
 *
 * Which paths a call is on: those among its arguments, addresses of sockets
 * included, and those that its descriptors refer to.
 */
#ifndef RENACER_CALL_PATHS_H
#define RENACER_CALL_PATHS_H

#include "call_traits.h"
#include "descriptor_paths.h"
#include "trace_reader.h"
#include "trace_words.h"

#include <stdbool.h>

enum {
    CALL_PATHS_MAX = 2 * TRACE_ARGUMENTS_MAX + 2,
};

struct call_paths {
    struct trace_word *paths[CALL_PATHS_MAX]; /* those that are written in the call first */
    unsigned count;
    bool says_files;           /* the trace says what descriptors refer to (-y) */
    struct trace_word *opened; /* what a descriptor that the call has made, or a socket that has got an address, refers
                                * to; NULL: not known */
};

/* Find the paths of a call, as they are written. `words` keeps them; `descriptors` may be NULL. 0 or -ENOMEM. */
int call_paths_find(struct call_paths *found, const struct trace_call *call, const struct call_traits *traits,
                    struct trace_words *words, const struct descriptor_paths *descriptors);

#endif
