/* SPDX-License-Identifier: MIT
 *
 * Which paths the descriptors of a process were opened by, and which addresses
 * its sockets have, from the calls that open, copy and close them.
 */
#ifndef RENACER_DESCRIPTOR_PATHS_H
#define RENACER_DESCRIPTOR_PATHS_H

#include "call_traits.h"
#include "trace_reader.h"
#include "trace_words.h"

#include <stdbool.h>
#include <stddef.h>

/* What is not followed: descriptors that come through a socket or from a process that is not in the trace, tables that
 * clone(CLONE_FILES) shares between processes, and more than DESCRIPTORS_MAX descriptors at a time. */
struct descriptor_paths;

enum {
    DESCRIPTORS_MAX = 1 << 18,
};

/* Of all tables of a trace; zero at first. */
struct descriptor_total {
    size_t count;
    bool is_full; /* there were more than are followed */
};

/* NULL: no memory. */
struct descriptor_paths *descriptor_paths_create(struct descriptor_total *total);
struct descriptor_paths *descriptor_paths_copy(const struct descriptor_paths *paths); /* as fork does */
void descriptor_paths_destroy(struct descriptor_paths *paths);                        /* NULL is fine */

/* NULL: not known. */
struct trace_word *descriptor_paths_find(const struct descriptor_paths *paths, int64_t descriptor);

/* A call that has not failed changes the table; `opened`: the path of what EFFECT_OPEN has opened, the
 * address that a socket has got, or NULL. 0 or -ENOMEM. */
int descriptor_paths_call(struct descriptor_paths *paths, const struct trace_call *call, enum call_effect effect,
                          struct trace_word *opened);

/* Another program is executed. */
void descriptor_paths_exec(struct descriptor_paths *paths);

#endif
